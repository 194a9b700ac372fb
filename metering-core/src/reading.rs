//! What the meter says once per 10/12-cycle window.
//!
//! In come nothing but numbers that the window stage has computed; out goes plain data. This file must not know how the
//! numbers are made.

use crate::quantity::{Ampere, Degree, Hertz, Power, Ratio, Volt};

bitflags::bitflags! {
    /// State of a window. No flag set: locked to the mains, nothing clipped.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Flags: u16 {
        /// The synchroniser was not locked to the mains during the whole window: values are provisional.
        const SETTLING = 1;
        /// A code of a configured channel lay at or beyond the end of the ADC's range.
        const CLIPPED = 1 << 1;
        /// A voltage channel is configured but carries no mains voltage: the window ran on the last frequency for the
        /// first second, on the nominal one after that.
        const NO_VOLTAGE = 1 << 2;
    }
}

/// One 10-cycle (50 Hz) or 12-cycle (60 Hz) window as of IEC 61000-4-30. Windows follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<const CURRENTS: usize> {
    /// Number of frames from the first sample of the stream to the end of this window, rounded up to whole frames.
    pub end_frame: u64,
    /// Length of the window in samples, in steps of 2⁻¹⁶ sample.
    pub length_q16: u64,
    /// State of the window.
    pub flags: Flags,
    /// Mains frequency, from the turn of the voltage's fundamental phasor over the window. `None` without voltage.
    pub frequency: Option<Hertz>,
    /// True RMS of the voltage without its DC, all harmonics included. `None` where the channel is not configured.
    pub voltage: Option<Volt>,
    /// One entry per current channel. `None` where the channel is not configured.
    pub currents: [Option<CurrentReading>; CURRENTS],
    /// True RMS of the residual current without its DC. `None` where the channel is not configured.
    pub residual: Option<Ampere>,
}

/// Readings of one current channel over one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentReading {
    /// True RMS of the current without its DC, all harmonics included.
    pub current: Ampere,
    /// Powers against the voltage. `None` where no voltage is configured.
    pub power: Option<PowerReading>,
}

/// Powers of one current channel against the voltage over one window (IEEE 1459-2010, single phase).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerReading {
    /// Active power P: mean of v·i without the DC of either, in watt, positive towards the load.
    pub active: Power,
    /// Fundamental reactive power Q1 = V1·I1·sin(phase), in var, positive when the current lags.
    pub reactive: Power,
    /// Apparent power S = Vrms·Irms, in volt-ampere.
    pub apparent: Power,
    /// Power factor P/S with the sign of P (IEC); 0 where S is 0.
    pub power_factor: Ratio,
    /// arg V1 - arg I1, positive when the current lags; 0 where either has no fundamental.
    pub phase: Degree,
}
