//! The residual current as it travels: settings, readings and what changed.
//!
//! In come settings and readings of the core, out go integers, and the way back. This file must not know how they are
//! encoded. Meaning of each field: `metering_core::residual`.

use heapless::Vec;
use metering_core::quantity::{Ampere, Signed};
use metering_core::residual as core;
use serde::{Deserialize, Serialize};

use crate::message::Channel;

/// Most notices in one answer; more are counted as lost.
pub const MAX_NOTICES: usize = 16;

/// The residual-current channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residual {
    /// Range, gain, sign, zero, noise, clip codes.
    pub channel: Channel,
    /// Corner of the transformer in thousandths of a hertz; `None`: the sensor passes direct current.
    pub corner_mhz: Option<u16>,
    /// When to warn and to trip; `None`: readings only.
    pub monitor: Option<Monitor>,
}

impl Residual {
    /// A direct-coupled sensor without a monitor.
    pub const fn new(channel: Channel) -> Self {
        Self { channel, corner_mhz: None, monitor: None }
    }
}

/// Type of the residual currents that must be detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    /// Sinusoidal alternating currents.
    Ac,
    /// Pulsating direct currents as well.
    A,
}

/// When the alarm may respond at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Characteristic {
    /// At once.
    General,
    /// After 10 ms.
    ShortDelay,
    /// Type S.
    Selective,
}

/// When to warn and to trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitor {
    /// Rated residual operating current in ampere, 32 bits behind the point.
    pub rated: u64,
    /// Which currents must be detected.
    pub detects: Type,
    /// Response of the pre-warning in percent of the alarm's.
    pub pre_warning_percent: u8,
    /// Hysteresis of both in percent.
    pub hysteresis_percent: u8,
    /// When the alarm may respond.
    pub characteristic: Characteristic,
    /// Response delay of the alarm in ms.
    pub response_delay_ms: u32,
    /// Response delay of the pre-warning in ms.
    pub pre_warning_delay_ms: u32,
    /// Release delay of both in ms.
    pub release_delay_ms: u32,
    /// Start-up delay in ms.
    pub start_up_delay_ms: u32,
    /// The alarm stays until it is reset.
    pub latching: bool,
    /// Least RMS of the sensor's own noise in ampere, 32 bits behind the point; 0: not looked at.
    pub least_noise: u64,
}

impl Monitor {
    /// As `metering_core::residual::Monitor::new`.
    pub fn new(rated: u64) -> Self {
        let core::Monitor {
            pre_warning_percent,
            hysteresis_percent,
            response_delay_ms,
            pre_warning_delay_ms,
            release_delay_ms,
            start_up_delay_ms,
            latching,
            ..
        } = core::Monitor::new(Ampere::from_bits(rated));
        Self {
            rated,
            detects: Type::A,
            pre_warning_percent,
            hysteresis_percent,
            characteristic: Characteristic::General,
            response_delay_ms,
            pre_warning_delay_ms,
            release_delay_ms,
            start_up_delay_ms,
            latching,
            least_noise: 0,
        }
    }
}

impl From<&Monitor> for core::Monitor {
    fn from(wire: &Monitor) -> Self {
        Self {
            rated: Ampere::from_bits(wire.rated),
            detects: match wire.detects {
                Type::Ac => core::Type::Ac,
                Type::A => core::Type::A,
            },
            pre_warning_percent: wire.pre_warning_percent,
            hysteresis_percent: wire.hysteresis_percent,
            characteristic: match wire.characteristic {
                Characteristic::General => core::Characteristic::General,
                Characteristic::ShortDelay => core::Characteristic::ShortDelay,
                Characteristic::Selective => core::Characteristic::Selective,
            },
            response_delay_ms: wire.response_delay_ms,
            pre_warning_delay_ms: wire.pre_warning_delay_ms,
            release_delay_ms: wire.release_delay_ms,
            start_up_delay_ms: wire.start_up_delay_ms,
            latching: wire.latching,
            least_noise: Ampere::from_bits(wire.least_noise),
        }
    }
}

/// Shape of the residual current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Too small to tell.
    None,
    /// A sine.
    Sinusoidal,
    /// Pulsating direct current, positive.
    PulsatingPositive,
    /// Pulsating direct current, negative.
    PulsatingNegative,
    /// Anything else.
    Other,
}

/// The residual current over a window, in ampere, 32 bits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResidualReading {
    /// True RMS without smooth DC.
    pub rms: u64,
    /// RMS without any DC.
    pub ac: u64,
    /// True RMS with smooth DC, where it is known.
    pub total: Option<u64>,
    /// Mean of the pulsation.
    pub dc: i64,
    /// Largest distance from the level at rest.
    pub peak: u64,
    /// Shape.
    pub kind: Kind,
}

impl From<&core::ResidualReading> for ResidualReading {
    fn from(reading: &core::ResidualReading) -> Self {
        Self {
            rms: reading.rms.to_bits(),
            ac: reading.ac.to_bits(),
            total: reading.total.map(Ampere::to_bits),
            dc: reading.dc.to_bits(),
            peak: reading.peak.to_bits(),
            kind: match reading.kind {
                core::Kind::None => Kind::None,
                core::Kind::Sinusoidal => Kind::Sinusoidal,
                core::Kind::PulsatingPositive => Kind::PulsatingPositive,
                core::Kind::PulsatingNegative => Kind::PulsatingNegative,
                core::Kind::Other => Kind::Other,
            },
        }
    }
}

impl From<&ResidualReading> for core::ResidualReading {
    fn from(wire: &ResidualReading) -> Self {
        Self {
            rms: Ampere::from_bits(wire.rms),
            ac: Ampere::from_bits(wire.ac),
            total: wire.total.map(Ampere::from_bits),
            dc: Signed::from_bits(wire.dc),
            peak: Ampere::from_bits(wire.peak),
            kind: match wire.kind {
                Kind::None => core::Kind::None,
                Kind::Sinusoidal => core::Kind::Sinusoidal,
                Kind::PulsatingPositive => core::Kind::PulsatingPositive,
                Kind::PulsatingNegative => core::Kind::PulsatingNegative,
                Kind::Other => core::Kind::Other,
            },
        }
    }
}

/// What the bench may ask of the monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// The notices since the last time.
    Notices,
    /// Begin a self-test.
    Test,
    /// Take alarm and pre-warning back.
    Reset,
}

/// Something that began (`true`) or ended (`false`), or the outcome of a self-test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Pre-warning.
    PreWarning(bool),
    /// Alarm.
    Alarm(bool),
    /// The sensor gives less than its own noise.
    SensorSilent(bool),
    /// The sensor stands at one end of its range.
    SensorSaturated(bool),
    /// The test current was seen or not.
    SelfTest(bool),
}

/// A change, and the number of frames since `Configure` that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Frames.
    pub frame: u64,
    /// What changed.
    pub change: Change,
}

impl From<&core::Notice> for Notice {
    fn from(notice: &core::Notice) -> Self {
        Self {
            frame: notice.frame,
            change: match notice.change {
                core::Change::PreWarning(on) => Change::PreWarning(on),
                core::Change::Alarm(on) => Change::Alarm(on),
                core::Change::SensorSilent(on) => Change::SensorSilent(on),
                core::Change::SensorSaturated(on) => Change::SensorSaturated(on),
                core::Change::SelfTest(seen) => Change::SelfTest(seen),
            },
        }
    }
}

/// Answer to a [`Command`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// Oldest first; each is given once, and only to [`Command::Notices`].
    pub notices: Vec<Notice, MAX_NOTICES>,
    /// Notices that found no room since `Configure`.
    pub lost: u32,
    /// Bits of `metering_core::residual::State`.
    pub state: u8,
}
