//! What the stage says of the residual current: over a window, over a cycle, and when something changes.
//!
//! Plain data. This file must not know how it is found.

use crate::quantity::{Ampere, Signed};

/// Shape of the residual current.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Below 50 µA, half a code, or twice the channel's noise.
    #[default]
    None,
    /// A sine: the fundamental holds more than 97 % of the AC's power.
    Sinusoidal,
    /// Pulsating direct current in the positive direction: it stays at its lower level for 150 degrees or more.
    PulsatingPositive,
    /// The same in the negative direction.
    PulsatingNegative,
    /// Anything else.
    Other,
}

/// The residual current over a window or a cycle, in ampere.
///
/// Behind a transformer all of it is the current in its primary: the high-pass of the configured corner is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidualReading {
    /// True RMS without smooth DC: AC and the direct current of a pulsation, root of `ac`² + `dc`².
    pub rms: Ampere,
    /// RMS without any DC.
    pub ac: Ampere,
    /// True RMS with smooth DC. `None` where it cannot be known: behind a transformer, or where the channel's DC is
    /// taken for an offset of the sensor.
    pub total: Option<Ampere>,
    /// Mean of the pulsation, signed: what the current flows beside its level at rest. 0 where it does not rest for 150
    /// degrees of a cycle.
    pub dc: Signed,
    /// Largest distance from the level at rest, or from the mean where there is none.
    pub peak: Ampere,
    /// Shape.
    pub kind: Kind,
}

/// The residual current over one mains cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidualCycle {
    /// Frames from the first sample of the stream to the end of the cycle.
    pub end_frame: u64,
    /// The cycle.
    pub reading: ResidualReading,
}

/// Something that began (`true`) or ended (`false`), or how a self-test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The current reached the response of the pre-warning.
    PreWarning(bool),
    /// The current reached the response of the alarm: trip.
    Alarm(bool),
    /// The sensor gives less than its own noise: open or shorted.
    SensorSilent(bool),
    /// The sensor has stood at one end of its range for two cycles.
    SensorSaturated(bool),
    /// The test current was seen (`true`), or not in time.
    SelfTest(bool),
}

/// A change, and when it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Frames from the first sample of the stream up to and with the one that decided.
    pub frame: u64,
    /// What changed.
    pub change: Change,
}

bitflags::bitflags! {
    /// What is on at present.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct State: u8 {
        /// Pre-warning.
        const PRE_WARNING = 1;
        /// Alarm: the trip output.
        const ALARM = 1 << 1;
        /// The sensor gives less than its own noise.
        const SENSOR_SILENT = 1 << 2;
        /// The sensor stands at one end of its range.
        const SENSOR_SATURATED = 1 << 3;
        /// A self-test runs.
        const SELF_TEST = 1 << 4;
    }
}
