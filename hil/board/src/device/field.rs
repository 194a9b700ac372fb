//! The figures of a line or port as the 8311 numbers them, on its console as in its Modbus registers.
//!
//! In comes a snapshot, out go integers in the register units of `metering_core::registers`. This file must not know how
//! they are shown or sent.

use metering_core::energy::Account;
use metering_core::quantity::WattSecond;
use metering_core::registers;

use super::Snapshot;

/// A figure of a channel; the discriminant is its number on the console and its offset among the Modbus registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Active energy of both directions, Wh.
    AbsoluteActiveEnergy = 0,
    /// Active power, W.
    ActivePower = 1,
    /// Voltage, V.
    Voltage = 2,
    /// Current, mA.
    Current = 3,
    /// Frequency, 0.01 Hz.
    Frequency = 4,
    /// Power factor, 0.001.
    PowerFactor = 5,
    /// Phase angle, 0.1 degree.
    PhaseAngle = 6,
    /// Apparent power, VA.
    ApparentPower = 7,
    /// Reactive power, var.
    ReactivePower = 8,
    /// Active energy of both directions since the reset, Wh.
    AbsoluteActiveResettable = 9,
    /// Reactive energy of both directions, varh.
    AbsoluteReactiveEnergy = 10,
    /// Reactive energy of both directions since the reset, varh.
    AbsoluteReactiveResettable = 11,
    /// Time since the reset, s.
    ResetTime = 12,
    /// Active energy towards the load, Wh.
    ForwardActiveEnergy = 13,
    /// Reactive energy of a lagging current, varh.
    ForwardReactiveEnergy = 14,
    /// Active energy towards the load since the reset, Wh.
    ForwardActiveResettable = 15,
    /// Reactive energy of a lagging current since the reset, varh.
    ForwardReactiveResettable = 16,
    /// Active energy from the load, Wh.
    ReverseActiveEnergy = 17,
    /// Reactive energy of a leading current, varh.
    ReverseReactiveEnergy = 18,
    /// Active energy from the load since the reset, Wh.
    ReverseActiveResettable = 19,
    /// Reactive energy of a leading current since the reset, varh.
    ReverseReactiveResettable = 20,
}

impl Field {
    /// All, by their numbers.
    pub const ALL: [Self; 21] = [
        Self::AbsoluteActiveEnergy,
        Self::ActivePower,
        Self::Voltage,
        Self::Current,
        Self::Frequency,
        Self::PowerFactor,
        Self::PhaseAngle,
        Self::ApparentPower,
        Self::ReactivePower,
        Self::AbsoluteActiveResettable,
        Self::AbsoluteReactiveEnergy,
        Self::AbsoluteReactiveResettable,
        Self::ResetTime,
        Self::ForwardActiveEnergy,
        Self::ForwardReactiveEnergy,
        Self::ForwardActiveResettable,
        Self::ForwardReactiveResettable,
        Self::ReverseActiveEnergy,
        Self::ReverseReactiveEnergy,
        Self::ReverseActiveResettable,
        Self::ReverseReactiveResettable,
    ];

    /// The one with this number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What it is, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AbsoluteActiveEnergy => "absolute active energy",
            Self::ActivePower => "active power",
            Self::Voltage => "voltage",
            Self::Current => "current",
            Self::Frequency => "frequency",
            Self::PowerFactor => "power factor",
            Self::PhaseAngle => "phase angle",
            Self::ApparentPower => "apparent power",
            Self::ReactivePower => "reactive power",
            Self::AbsoluteActiveResettable => "absolute active energy, resettable",
            Self::AbsoluteReactiveEnergy => "absolute reactive energy",
            Self::AbsoluteReactiveResettable => "absolute reactive energy, resettable",
            Self::ResetTime => "time since the reset",
            Self::ForwardActiveEnergy => "forward active energy",
            Self::ForwardReactiveEnergy => "forward reactive energy",
            Self::ForwardActiveResettable => "forward active energy, resettable",
            Self::ForwardReactiveResettable => "forward reactive energy, resettable",
            Self::ReverseActiveEnergy => "reverse active energy",
            Self::ReverseReactiveEnergy => "reverse reactive energy",
            Self::ReverseActiveResettable => "reverse active energy, resettable",
            Self::ReverseReactiveResettable => "reverse reactive energy, resettable",
        }
    }

    /// Unit of the integer.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ActivePower => "W",
            Self::Voltage => "V",
            Self::Current => "mA",
            Self::Frequency => "0.01Hz",
            Self::PowerFactor => "0.001",
            Self::PhaseAngle => "0.1deg",
            Self::ApparentPower => "VA",
            Self::ReactivePower => "var",
            Self::ResetTime => "s",
            Self::AbsoluteActiveEnergy
            | Self::AbsoluteActiveResettable
            | Self::ForwardActiveEnergy
            | Self::ForwardActiveResettable
            | Self::ReverseActiveEnergy
            | Self::ReverseActiveResettable => "Wh",
            Self::AbsoluteReactiveEnergy
            | Self::AbsoluteReactiveResettable
            | Self::ForwardReactiveEnergy
            | Self::ForwardReactiveResettable
            | Self::ReverseReactiveEnergy
            | Self::ReverseReactiveResettable => "varh",
        }
    }

    /// The figure of current `channel` in [`unit`](Self::unit)s. Range: -2³¹ to 2³¹ - 1 for what is measured (it
    /// saturates), 0 to 7.8·10¹⁰ for energies, of which a reader of 32 bits takes the lower ones.
    ///
    /// `None` where there is no such channel, and for what is measured also where no valid window is there, or the
    /// channel or the voltage is not configured.
    pub fn of(self, snapshot: &Snapshot, channel: usize) -> Option<i64> {
        let account = snapshot.registers().account(channel)?;
        if self == Self::ResetTime {
            return snapshot.registers().since_reset_s(channel).map(i64::from);
        }
        match self.energy(account) {
            // 2⁴⁸ Ws at most.
            Some(energy) => Some(registers::energy(energy) as i64),
            None => self.measured(snapshot, channel).map(i64::from),
        }
    }

    fn measured(self, snapshot: &Snapshot, channel: usize) -> Option<i32> {
        let reading = snapshot.reading()?;
        let current = reading.currents.get(channel)?.as_ref()?;
        Some(match self {
            Self::Voltage => registers::voltage(reading.voltage?.rms),
            Self::Current => registers::current(current.rms),
            Self::Frequency => registers::frequency(reading.frequency?),
            Self::ActivePower => registers::power(current.power?.active),
            Self::ReactivePower => registers::power(current.power?.reactive),
            Self::PhaseAngle => registers::power_angle(current.power?.phase),
            Self::ApparentPower => registers::power(reading.derived(channel)?.apparent),
            Self::PowerFactor => registers::power_factor(reading.derived(channel)?.power_factor),
            _ => return None,
        })
    }

    fn energy(self, account: &Account) -> Option<WattSecond> {
        let (all, since) = (account.continuous, account.resettable());
        Some(match self {
            Self::AbsoluteActiveEnergy => all.absolute_active(),
            Self::AbsoluteActiveResettable => since.absolute_active(),
            Self::AbsoluteReactiveEnergy => all.absolute_reactive(),
            Self::AbsoluteReactiveResettable => since.absolute_reactive(),
            Self::ForwardActiveEnergy => all.forward_active,
            Self::ForwardReactiveEnergy => all.forward_reactive,
            Self::ForwardActiveResettable => since.forward_active,
            Self::ForwardReactiveResettable => since.forward_reactive,
            Self::ReverseActiveEnergy => all.reverse_active,
            Self::ReverseReactiveEnergy => all.reverse_reactive,
            Self::ReverseActiveResettable => since.reverse_active,
            Self::ReverseReactiveResettable => since.reverse_reactive,
            _ => return None,
        })
    }
}
