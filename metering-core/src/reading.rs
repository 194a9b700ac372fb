//! What the meter says once per 10/12-cycle window: the numbers that cannot be derived from others.
//!
//! In come numbers that the window stage has computed; out goes plain data. This file must not know how the numbers are
//! made; what follows from them by definition stands in [`crate::derived`].

use crate::energy::Energy;
use crate::quantity::{Ampere, Degree, Hertz, Power, Second, Signed, Volt};
use crate::residual::ResidualReading;

bitflags::bitflags! {
    /// State of a window. No flag set: locked to the mains, nothing clipped, nothing lost.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Flags: u16 {
        /// The synchroniser was not locked to the mains during the whole window: values are provisional.
        const SETTLING = 1;
        /// A code of a configured channel lay at or beyond its clip codes.
        const CLIPPED = 1 << 1;
        /// A voltage channel is configured but carries no mains voltage: the window ran on the last frequency for the
        /// first second, on the nominal one after that.
        const NO_VOLTAGE = 1 << 2;
        /// Samples were lost in the window: it holds what was seen.
        const GAP = 1 << 3;
        /// A dip, swell or interruption of the voltage fell into the window (IEC 61000-4-30 flagging).
        const EVENT = 1 << 4;
    }
}

/// One 10-cycle (50 Hz) or 12-cycle (60 Hz) window as of IEC 61000-4-30. Windows follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<const CURRENTS: usize> {
    /// Number of frames from the first sample of the stream to the end of this window, rounded up to whole frames; lost
    /// frames count.
    pub end_frame: u64,
    /// Length of the window in samples, in steps of 2⁻¹⁶ sample.
    pub length_q16: u64,
    /// Duration of the window by the calibrated clock. What a step of 2⁻³² s cannot hold goes into the next window.
    pub duration: Second,
    /// Time since the end of the window before: `duration`, and that of the frames lost before it.
    pub elapsed: Second,
    /// State of the window.
    pub flags: Flags,
    /// Mains frequency, from the turn of the voltage's fundamental phasor over the window. `None` without voltage.
    pub frequency: Option<Hertz>,
    /// Readings of the voltage. `None` where the channel is not configured.
    pub voltage: Option<VoltageReading>,
    /// One entry per current channel. `None` where the channel is not configured.
    pub currents: [Option<CurrentReading>; CURRENTS],
    /// Readings of the residual current. `None` where the channel is not configured.
    pub residual: Option<ResidualReading>,
}

/// Readings of the voltage over one window. "Without DC" below means: without the mean of the window, which is taken as
/// an offset of the sensor; on a channel whose DC is a signal it is included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoltageReading {
    /// True RMS without DC, all harmonics included.
    pub rms: Volt,
    /// RMS of the fundamental, V1.
    pub fundamental: Volt,
    /// Mean, less the fixed offset where the DC is a signal.
    pub dc: Signed,
    /// Largest magnitude without DC.
    pub peak: Volt,
}

/// Readings of one current channel over one window; "without DC" as for the voltage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentReading {
    /// True RMS without DC, all harmonics included.
    pub rms: Ampere,
    /// RMS of the fundamental, I1.
    pub fundamental: Ampere,
    /// Mean, less the fixed offset where the DC is a signal.
    pub dc: Signed,
    /// Largest magnitude without DC.
    pub peak: Ampere,
    /// Below the no-load threshold: nothing of it counts as energy.
    pub no_load: bool,
    /// Powers against the voltage. `None` where no voltage is configured.
    pub power: Option<PowerReading>,
    /// What went through in this window; nothing without voltage, below the no-load threshold or where the feature
    /// `energy` is left out.
    pub energy: Energy,
}

/// Powers of one current channel against the voltage over one window (IEEE 1459-2010, single phase).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerReading {
    /// Active power P: mean of v·i without DC, in watt, positive towards the load.
    pub active: Power,
    /// Fundamental active power P1 = V1·I1·cos(phase), in watt.
    pub fundamental_active: Power,
    /// Fundamental reactive power Q1 = V1·I1·sin(phase), in var, positive when the current lags.
    pub reactive: Power,
    /// arg V1 - arg I1, positive when the current lags; 0 where either has no fundamental.
    pub phase: Degree,
}
