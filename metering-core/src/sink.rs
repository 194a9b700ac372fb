//! Where the meter's results go.
//!
//! In come windows and half cycles as they end, out goes whether an event is on. A closure that takes a reading is a
//! sink for windows; a type of one's own takes more. This file must not know who listens.

#[cfg(feature = "harmonics")]
use crate::config::ChannelName;
#[cfg(feature = "harmonics")]
use crate::harmonics::Spectrum;
use crate::mean_square::MeanSquare;
use crate::reading::Reading;
use crate::residual::{Notice, ResidualCycle};

/// Mean squares over one cycle, given anew each half cycle, without DC as the readings are; their roots are Urms(1/2) of
/// IEC 61000-4-30. [`Detector::follow`](crate::events::Detector::follow) takes the roots that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfCycle<const CURRENTS: usize> {
    /// Frames from the first sample of the stream to the end of this half cycle.
    pub end_frame: u64,
    /// Of the voltage; `None` where it is not configured.
    pub voltage: Option<MeanSquare>,
    /// The same of each current; `None` where the channel is not configured.
    pub currents: [Option<MeanSquare>; CURRENTS],
}

impl<const CURRENTS: usize> HalfCycle<CURRENTS> {
    /// Without values so far.
    pub(crate) const fn new(end_frame: u64) -> Self {
        Self { end_frame, voltage: None, currents: [None; CURRENTS] }
    }
}

/// Takes what the meter has to say.
pub trait Sink<const CURRENTS: usize> {
    /// Whether half cycles are wanted: they cost some 80 instructions per channel each on a Cortex-M4.
    fn half_cycles(&self) -> bool {
        false
    }

    /// A window has ended.
    fn window(&mut self, reading: &Reading<CURRENTS>);

    /// The spectrum that was asked for is complete: 16 frames after the end of its window.
    #[cfg(feature = "harmonics")]
    fn spectrum(&mut self, channel: ChannelName, spectrum: &Spectrum) {
        let _ = (channel, spectrum);
    }

    /// Whether the residual current of each cycle is wanted: it costs some roots each, and the level at rest is looked
    /// for in each cycle instead of in two of a window, whose intervals are told apart even where the current is small.
    fn residual_cycles(&self) -> bool {
        false
    }

    /// The residual current of a cycle that has ended. Called only where [`Sink::residual_cycles`] says so.
    fn residual_cycle(&mut self, cycle: &ResidualCycle) {
        let _ = cycle;
    }

    /// A pre-warning, an alarm or a fault of the residual-current sensor began or ended, or a self-test ended. Called at
    /// the frame that decides, within [`Meter::push`](crate::Meter::push): the place to wire a trip output to a pin.
    fn residual_notice(&mut self, notice: &Notice) {
        let _ = notice;
    }

    /// A half cycle has ended; returns whether an event is on, so that the window is flagged. Called only where
    /// [`Sink::half_cycles`] says so, before the window that ends with it.
    fn half_cycle(&mut self, half_cycle: &HalfCycle<CURRENTS>) -> bool {
        let _ = half_cycle;
        false
    }
}

impl<F: FnMut(&Reading<CURRENTS>), const CURRENTS: usize> Sink<CURRENTS> for F {
    fn window(&mut self, reading: &Reading<CURRENTS>) {
        self(reading);
    }
}
