//! What the meter says, as C sees it.
//!
//! Structures of plain integers, their binary point told in words. This file must not know memory.
//!
//! Formats: voltage and current in V and A times 2^32, powers in W, var, VA times 2^24, energies in Ws times 2^16,
//! frequency in Hz times 2^24, angle in degrees times 2^23, time in s times 2^32.

use crate::METERING_CURRENTS;

/// The window was not locked to the mains throughout: values are provisional.
pub const METERING_SETTLING: u32 = 1;
/// A code of a configured channel lay at or beyond its clip codes.
pub const METERING_CLIPPED: u32 = 2;
/// A voltage channel is configured but carries no mains voltage.
pub const METERING_NO_VOLTAGE: u32 = 4;
/// Samples were lost in the window.
pub const METERING_GAP: u32 = 8;
/// A half cycle's callback said that an event was on.
pub const METERING_EVENT: u32 = 16;

/// Pre-warning is on; see `metering_residual_state`.
pub const METERING_STATE_PRE_WARNING: u32 = 1;
/// Alarm is on: the trip output.
pub const METERING_STATE_ALARM: u32 = 2;
/// The sensor gives less than its own noise.
pub const METERING_STATE_SENSOR_SILENT: u32 = 4;
/// The sensor stands at one end of its range.
pub const METERING_STATE_SENSOR_SATURATED: u32 = 8;
/// A self-test runs.
pub const METERING_STATE_SELF_TEST: u32 = 16;

/// Energies of a current, watt-seconds (var-seconds, volt-ampere-seconds) times 2^16; they saturate.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyReading {
    /// Active, towards the load.
    pub forward_active: u64,
    /// Active, from the load.
    pub reverse_active: u64,
    /// Fundamental reactive of a lagging current.
    pub forward_reactive: u64,
    /// Fundamental reactive of a leading current.
    pub reverse_reactive: u64,
    /// Apparent.
    pub apparent: u64,
}

/// Voltage over a window; all 0 where `present` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoltageReading {
    /// True RMS without DC, V times 2^32.
    pub rms: u64,
    /// RMS of the fundamental, V times 2^32.
    pub fundamental: u64,
    /// Mean, V times 2^32.
    pub dc: i64,
    /// Largest magnitude without DC, V times 2^32.
    pub peak: u64,
    /// 1: the channel is configured.
    pub present: u32,
    /// 0.
    pub reserved: u32,
}

/// A current over a window; all 0 where `present` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CurrentReading {
    /// True RMS without DC, A times 2^32.
    pub rms: u64,
    /// RMS of the fundamental, A times 2^32.
    pub fundamental: u64,
    /// Mean, A times 2^32.
    pub dc: i64,
    /// Largest magnitude without DC, A times 2^32.
    pub peak: u64,
    /// Active power P, W times 2^24, positive towards the load.
    pub active: i64,
    /// Fundamental active power P1, W times 2^24.
    pub fundamental_active: i64,
    /// Fundamental reactive power Q1, var times 2^24, positive when the current lags.
    pub reactive: i64,
    /// What went through in this window.
    pub energy: EnergyReading,
    /// arg V1 - arg I1 in degrees times 2^23, positive when the current lags.
    pub phase: i32,
    /// 1: the channel is configured.
    pub present: u8,
    /// 1: there are powers, as a voltage is configured.
    pub has_power: u8,
    /// 1: below the no-load threshold, nothing counts as energy.
    pub no_load: u8,
    /// 0.
    pub reserved: u8,
}

/// Residual current over a window or a cycle; all 0 where `present` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResidualReadingC {
    /// True RMS without smooth DC, A times 2^32.
    pub rms: u64,
    /// RMS without any DC, A times 2^32.
    pub ac: u64,
    /// True RMS with smooth DC, A times 2^32; 0 where `has_total` is 0.
    pub total: u64,
    /// Mean of the pulsation, A times 2^32.
    pub dc: i64,
    /// Largest distance from the level at rest, A times 2^32.
    pub peak: u64,
    /// 1: the channel is configured.
    pub present: u8,
    /// 1: `total` is known.
    pub has_total: u8,
    /// Shape: a `metering_kind`.
    pub kind: u8,
    /// 0.
    pub reserved: [u8; 5],
}

/// Shape of a residual current.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindC {
    /// Below 50 µA, half a code, or twice the channel's noise.
    None = 0,
    /// A sine.
    Sinusoidal = 1,
    /// Pulsating direct current in the positive direction.
    PulsatingPositive = 2,
    /// The same in the negative direction.
    PulsatingNegative = 3,
    /// Anything else.
    Other = 4,
}

/// A window of 10 cycles (50 Hz) or 12 (60 Hz). Windows follow each other without a gap.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Frames from the first one of the stream to the end of the window, lost ones included.
    pub end_frame: u64,
    /// Length in frames times 2^16.
    pub length: u64,
    /// Duration by the calibrated clock, s times 2^32.
    pub duration: u64,
    /// Time since the end of the window before, s times 2^32.
    pub elapsed: u64,
    /// METERING_SETTLING and the like.
    pub flags: u32,
    /// Mains frequency, Hz times 2^24; 0 where it is not known.
    pub frequency: u32,
    /// The voltage.
    pub voltage: VoltageReading,
    /// The currents.
    pub currents: [CurrentReading; METERING_CURRENTS],
    /// The residual current.
    pub residual: ResidualReadingC,
}

/// RMS over one cycle, anew each half cycle (IEC 61000-4-30: Urms(1/2)).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HalfCycleC {
    /// Frames from the first one of the stream to the end of this half cycle.
    pub end_frame: u64,
    /// V times 2^32; 0 where it is not configured.
    pub voltage: u64,
    /// A times 2^32; 0 where a channel is not configured.
    pub currents: [u64; METERING_CURRENTS],
}

/// What changed.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeC {
    /// The current reached the response of the pre-warning.
    PreWarning = 0,
    /// The current reached the response of the alarm: trip.
    Alarm = 1,
    /// The sensor gives less than its own noise: open or shorted.
    SensorSilent = 2,
    /// The sensor stands at one end of its range.
    SensorSaturated = 3,
    /// A self-test ended: `on` tells whether the test current was seen in time.
    SelfTest = 4,
}

/// A change of the residual current's state, and when it was decided.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeC {
    /// Frames from the first one of the stream up to and with the one that decided.
    pub frame: u64,
    /// What changed: a `metering_change`.
    pub change: u8,
    /// 1: it began; 0: it ended.
    pub on: u8,
    /// 0.
    pub reserved: [u8; 6],
}
