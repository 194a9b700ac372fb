//! A reading as it travels: the integer bits of every quantity.
//!
//! In comes a reading of the core, out go integers, and the way back. This file must not know how they are encoded.
//! Format of each quantity: `metering_core::quantity`.

use heapless::Vec;
use metering_core::energy::Energy;
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Second, Signed, Volt};
use metering_core::reading::{CurrentReading, Flags, PowerReading, Reading, VoltageReading};
use metering_core::residual;

use serde::{Deserialize, Serialize};

use crate::MAX_CURRENTS;
use crate::residual::ResidualReading;

/// One 10/12-cycle window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Frames from the first one to the end of the window, rounded up.
    pub end_frame: u64,
    /// Length in samples, 16 bits behind the point.
    pub length_q16: u64,
    /// Bits of `metering_core::reading::Flags`.
    pub flags: u16,
    /// Mains frequency in hertz, 24 bits behind the point; `None` without voltage.
    pub frequency: Option<u32>,
    /// Readings of the voltage; `None` where not configured.
    pub voltage: Option<Voltage>,
    /// Current channels up to the last configured one, so that the same measurement gives the same window whatever the
    /// number of channels the meter was built for.
    pub currents: Vec<Option<Current>, MAX_CURRENTS>,
    /// Readings of the residual current; `None` where not configured.
    pub residual: Option<ResidualReading>,
}

/// The voltage over one window, in volt, 32 bits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voltage {
    /// RMS.
    pub rms: u64,
    /// RMS of the fundamental.
    pub fundamental: u64,
    /// Mean.
    pub dc: i64,
    /// Largest magnitude without DC.
    pub peak: u64,
}

/// One current channel over one window, in ampere, 32 bits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// RMS.
    pub rms: u64,
    /// RMS of the fundamental.
    pub fundamental: u64,
    /// Mean.
    pub dc: i64,
    /// Largest magnitude without DC.
    pub peak: u64,
    /// Below the no-load threshold.
    pub no_load: bool,
    /// Powers; `None` without voltage.
    pub power: Option<Powers>,
}

/// Powers of one current channel over one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Powers {
    /// Active power in watt, 24 bits behind the point.
    pub active: i64,
    /// Fundamental active power in watt, 24 bits behind the point.
    pub fundamental_active: i64,
    /// Fundamental reactive power in var, 24 bits behind the point.
    pub reactive: i64,
    /// Phase angle in degrees, 23 bits behind the point.
    pub phase: i32,
}

impl Window {
    /// The reading that this window carries, without energy and time, which do not travel; `None` when it has more than `N` current channels.
    pub fn reading<const N: usize>(&self) -> Option<Reading<N>> {
        let mut currents = [None; N];
        for (place, current) in currents.get_mut(..self.currents.len())?.iter_mut().zip(&self.currents) {
            *place = current.as_ref().map(CurrentReading::from);
        }
        Some(Reading {
            end_frame: self.end_frame,
            length_q16: self.length_q16,
            duration: Second::ZERO,
            elapsed: Second::ZERO,
            flags: Flags::from_bits_retain(self.flags),
            frequency: self.frequency.map(Hertz::from_bits),
            voltage: self.voltage.as_ref().map(VoltageReading::from),
            currents,
            residual: self.residual.as_ref().map(residual::ResidualReading::from),
        })
    }
}

impl<const N: usize> From<&Reading<N>> for Window {
    fn from(reading: &Reading<N>) -> Self {
        const { assert!(N <= MAX_CURRENTS, "a window has no room for so many current channels") }
        let used = reading.currents.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        Self {
            end_frame: reading.end_frame,
            length_q16: reading.length_q16,
            flags: reading.flags.bits(),
            frequency: reading.frequency.map(Hertz::to_bits),
            voltage: reading.voltage.as_ref().map(Voltage::from),
            currents: reading.currents[..used].iter().map(|channel| channel.as_ref().map(Current::from)).collect(),
            residual: reading.residual.as_ref().map(ResidualReading::from),
        }
    }
}

impl From<&VoltageReading> for Voltage {
    fn from(reading: &VoltageReading) -> Self {
        Self {
            rms: reading.rms.to_bits(),
            fundamental: reading.fundamental.to_bits(),
            dc: reading.dc.to_bits(),
            peak: reading.peak.to_bits(),
        }
    }
}

impl From<&Voltage> for VoltageReading {
    fn from(voltage: &Voltage) -> Self {
        Self {
            rms: Volt::from_bits(voltage.rms),
            fundamental: Volt::from_bits(voltage.fundamental),
            dc: Signed::from_bits(voltage.dc),
            peak: Volt::from_bits(voltage.peak),
        }
    }
}

impl From<&CurrentReading> for Current {
    fn from(reading: &CurrentReading) -> Self {
        Self {
            rms: reading.rms.to_bits(),
            fundamental: reading.fundamental.to_bits(),
            dc: reading.dc.to_bits(),
            peak: reading.peak.to_bits(),
            no_load: reading.no_load,
            power: reading.power.as_ref().map(Powers::from),
        }
    }
}

impl From<&Current> for CurrentReading {
    fn from(current: &Current) -> Self {
        Self {
            rms: Ampere::from_bits(current.rms),
            fundamental: Ampere::from_bits(current.fundamental),
            dc: Signed::from_bits(current.dc),
            peak: Ampere::from_bits(current.peak),
            no_load: current.no_load,
            power: current.power.as_ref().map(PowerReading::from),
            energy: Energy::default(),
        }
    }
}

impl From<&PowerReading> for Powers {
    fn from(reading: &PowerReading) -> Self {
        Self {
            active: reading.active.to_bits(),
            fundamental_active: reading.fundamental_active.to_bits(),
            reactive: reading.reactive.to_bits(),
            phase: reading.phase.to_bits(),
        }
    }
}

impl From<&Powers> for PowerReading {
    fn from(powers: &Powers) -> Self {
        Self {
            active: Power::from_bits(powers.active),
            fundamental_active: Power::from_bits(powers.fundamental_active),
            reactive: Power::from_bits(powers.reactive),
            phase: Degree::from_bits(powers.phase),
        }
    }
}
