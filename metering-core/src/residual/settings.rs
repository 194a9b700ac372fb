//! What the residual-current stage has to know beforehand: the sensor's coupling, and what counts as a fault.
//!
//! In come plain settings, out goes the name of the first that is wrong. This file must not know how a residual current
//! is read or judged.

use crate::calibration::Channel;
use crate::quantity::Ampere;

/// The residual-current channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residual {
    /// Range, gain, sign, zero, noise and clip codes; phase and delay mean nothing here.
    pub channel: Channel,
    /// How the sensor passes direct current.
    pub coupling: Coupling,
    /// When to warn and to trip; `None`: readings only.
    pub monitor: Option<Monitor>,
}

impl Residual {
    /// A direct-coupled sensor without a monitor.
    pub const fn new(channel: Channel) -> Self {
        Self { channel, coupling: Coupling::Direct, monitor: None }
    }
}

/// How a sensor passes direct current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coupling {
    /// It passes it.
    Direct,
    /// A current transformer: a high-pass of the first order. The direct current is lost; that of a pulsating current
    /// is restored. An offset of the sensor is learnt with a time constant of 256 cycles (64 if readings of cycles are
    /// wanted): until an unknown one is, short-delay and selective may decide before their non-actuating time.
    Transformer {
        /// Corner frequency (-3 dB) in thousandths of a hertz, 500 to 10 000.
        corner_mhz: u16,
    },
}

/// Type of the residual currents that must be detected (IEC 61008-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Sinusoidal alternating currents: the alarm responds at 0.75 times the rated current.
    Ac,
    /// Pulsating direct currents as well, at delay angles of up to 135 degrees and with up to 6 mA of smooth direct
    /// current: the alarm responds at 0.65 times the rated current, measured as RMS without DC.
    A,
}

/// When the alarm may respond at all (IEC 61008-1, table of break and non-actuating times).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characteristic {
    /// As soon as the current is seen. Response delay 0 to 10 ms, so that 40 ms hold at five times the rated current.
    General,
    /// Not for a current that ends within 10 ms. No response delay: 40 ms would not hold.
    ShortDelay,
    /// Type S: not for a current that ends within 130 ms, or within 60 ms when its peak is above ten times the rated
    /// current. Response delay 0 to 15 ms, so that 150 ms hold at five times the rated current.
    Selective,
}

impl Characteristic {
    /// Longest response delay that keeps the norm's break times, in ms.
    pub const fn longest_delay_ms(self) -> u32 {
        match self {
            Self::General => 10,
            Self::ShortDelay => 0,
            Self::Selective => 15,
        }
    }
}

/// When to warn and to trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// Rated residual operating current, 6 mA to 10 A, at most a third and at least 1/1024 of the channel's range,
    /// and at least 8 codes.
    pub rated: Ampere,
    /// Which currents must be detected.
    pub detects: Type,
    /// Response of the pre-warning in percent of the alarm's, 50 to 100.
    pub pre_warning_percent: u8,
    /// By how much the current must fall below a response before it is taken back, in percent of it, 10 to 25.
    pub hysteresis_percent: u8,
    /// When the alarm may respond.
    pub characteristic: Characteristic,
    /// For how long more the current must stay before the alarm, in ms: up to
    /// [`longest_delay_ms`](Characteristic::longest_delay_ms).
    pub response_delay_ms: u32,
    /// The same of the pre-warning, 0 to 10 000 ms.
    pub pre_warning_delay_ms: u32,
    /// For how long the current must stay away before alarm or pre-warning are taken back, 0 to 300 000 ms.
    pub release_delay_ms: u32,
    /// For how long after the start nothing is decided, 0 to 10 000 ms.
    pub start_up_delay_ms: u32,
    /// The alarm stays until it is reset.
    pub latching: bool,
    /// RMS that the channel's own noise never falls below: less for half a second means that the sensor is open or
    /// shorted. Up to the rated current; 0: not looked at.
    pub least_noise: Ampere,
}

impl Monitor {
    /// Type A, general, pre-warning at half the alarm's response, hysteresis 15 %, no delay but 500 ms at the start,
    /// 1 s of release delay, not latching.
    pub const fn new(rated: Ampere) -> Self {
        Self {
            rated,
            detects: Type::A,
            pre_warning_percent: 50,
            hysteresis_percent: 15,
            characteristic: Characteristic::General,
            response_delay_ms: 0,
            pre_warning_delay_ms: 0,
            release_delay_ms: 1_000,
            start_up_delay_ms: 500,
            latching: false,
            least_noise: Ampere::ZERO,
        }
    }

    /// The first setting that is out of its range, for codes of `code_bits`.
    fn fault(&self, range: Ampere, code_bits: u32) -> Option<ResidualFault> {
        let rated = self.rated;
        let codes = |codes: u64| Ampere::from_bits((range.to_bits() >> (code_bits - 1)).saturating_mul(codes));
        let least = Ampere::from_bits((6 << 32) / 1_000);
        let rated_holds =
            rated >= least && rated <= 10 && rated <= range / 3 && rated >= codes(8) && rated >= range / 1_024;
        let faults = [
            (!rated_holds, ResidualFault::Rated),
            (!(50..=100).contains(&self.pre_warning_percent), ResidualFault::PreWarning),
            (!(10..=25).contains(&self.hysteresis_percent), ResidualFault::Hysteresis),
            (self.response_delay_ms > self.characteristic.longest_delay_ms(), ResidualFault::ResponseDelay),
            (self.pre_warning_delay_ms > 10_000, ResidualFault::PreWarningDelay),
            (self.release_delay_ms > 300_000, ResidualFault::ReleaseDelay),
            (self.start_up_delay_ms > 10_000, ResidualFault::StartUpDelay),
            (self.least_noise > rated, ResidualFault::LeastNoise),
        ];
        faults.into_iter().find(|(broken, _)| *broken).map(|(_, fault)| fault)
    }
}

impl Residual {
    /// The first setting beside those of the channel that is out of its range.
    pub(crate) fn fault(&self, code_bits: u32) -> Option<ResidualFault> {
        if let Coupling::Transformer { corner_mhz } = self.coupling
            && !(500..=10_000).contains(&corner_mhz)
        {
            return Some(ResidualFault::Corner);
        }
        self.monitor.as_ref().and_then(|monitor| monitor.fault(self.channel.range, code_bits))
    }
}

/// Which setting of the residual-current stage is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResidualFault {
    /// The transformer's corner is outside 500 to 10 000 mHz.
    Corner,
    /// The rated current is outside 6 mA to 10 A, above a third or below 1/1024 of the range, or
    /// below 8 codes.
    Rated,
    /// The pre-warning is outside 50 to 100 % of the alarm.
    PreWarning,
    /// The hysteresis is outside 10 to 25 %.
    Hysteresis,
    /// The response delay is beyond what the norm's break times leave to the characteristic.
    ResponseDelay,
    /// The delay of the pre-warning is above 10 s.
    PreWarningDelay,
    /// The release delay is above 300 s.
    ReleaseDelay,
    /// The start-up delay is above 10 s.
    StartUpDelay,
    /// The least noise is above the rated current.
    LeastNoise,
    /// The library was built without the feature `residual`.
    LeftOut,
}

impl core::fmt::Display for ResidualFault {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(match self {
            Self::Corner => "corner_mhz, allowed are 500 to 10000 mHz",
            Self::Rated => {
                "rated, allowed are 6 mA to 10 A, at most a third and at least 1/1024 of the range, at least 8 codes"
            }
            Self::PreWarning => "pre_warning_percent, allowed are 50 to 100 percent of the alarm",
            Self::Hysteresis => "hysteresis_percent, allowed are 10 to 25 percent",
            Self::ResponseDelay => {
                "response_delay_ms, allowed are 0 to 10 ms (general), 0 ms (short-delay), 0 to 15 ms (selective)"
            }
            Self::PreWarningDelay => "pre_warning_delay_ms, allowed are 0 to 10000 ms",
            Self::ReleaseDelay => "release_delay_ms, allowed are 0 to 300000 ms",
            Self::StartUpDelay => "start_up_delay_ms, allowed are 0 to 10000 ms",
            Self::LeastNoise => "least_noise, allowed is up to the rated current",
            Self::LeftOut => "left out: metering-core was built without its feature `residual`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(change: impl FnOnce(&mut Residual)) -> Option<ResidualFault> {
        let monitor = Monitor::new(Ampere::from_num(0.03));
        let mut residual = Residual { monitor: Some(monitor), ..Residual::new(Channel::new(Ampere::from_num(1.2))) };
        change(&mut residual);
        residual.fault(16)
    }

    fn monitor(change: impl FnOnce(&mut Monitor)) -> Option<ResidualFault> {
        fault(|residual| change(residual.monitor.as_mut().unwrap()))
    }

    #[test]
    fn each_setting_has_its_own_fault() {
        assert_eq!(fault(|_| ()), None);
        for corner_mhz in [499, 10_001] {
            assert_eq!(fault(|r| r.coupling = Coupling::Transformer { corner_mhz }), Some(ResidualFault::Corner));
        }
        assert_eq!(fault(|r| r.coupling = Coupling::Transformer { corner_mhz: 500 }), None);
        for rated in [0.005, 0.41, 10.1] {
            assert_eq!(monitor(|m| m.rated = Ampere::from_num(rated)), Some(ResidualFault::Rated));
        }
        // 1/1024 of the range at least, and 8 codes: of 10 bits that is more.
        for (range, bits, expected) in [
            (30.7, 16, None),
            (30.8, 16, Some(ResidualFault::Rated)),
            (1.91, 10, None),
            (1.93, 10, Some(ResidualFault::Rated)),
        ] {
            let mut residual = Residual::new(Channel::new(Ampere::from_num(range)));
            residual.monitor = Some(Monitor::new(Ampere::from_num(0.03)));
            assert_eq!(residual.fault(bits), expected, "{range} A, {bits} bits");
        }
        assert_eq!(monitor(|m| m.pre_warning_percent = 101), Some(ResidualFault::PreWarning));
        assert_eq!(monitor(|m| m.pre_warning_percent = 49), Some(ResidualFault::PreWarning));
        assert_eq!(monitor(|m| m.hysteresis_percent = 26), Some(ResidualFault::Hysteresis));
        assert_eq!(monitor(|m| m.hysteresis_percent = 9), Some(ResidualFault::Hysteresis));
        for characteristic in [Characteristic::General, Characteristic::ShortDelay, Characteristic::Selective] {
            let longest = characteristic.longest_delay_ms();
            let with = |delay| monitor(|m| (m.characteristic, m.response_delay_ms) = (characteristic, delay));
            assert_eq!(with(longest), None);
            assert_eq!(with(longest + 1), Some(ResidualFault::ResponseDelay));
        }
        assert_eq!(monitor(|m| m.pre_warning_delay_ms = 10_001), Some(ResidualFault::PreWarningDelay));
        assert_eq!(monitor(|m| m.release_delay_ms = 300_001), Some(ResidualFault::ReleaseDelay));
        assert_eq!(monitor(|m| m.start_up_delay_ms = 10_001), Some(ResidualFault::StartUpDelay));
        assert_eq!(monitor(|m| m.least_noise = Ampere::from_num(0.031)), Some(ResidualFault::LeastNoise));
    }
}
