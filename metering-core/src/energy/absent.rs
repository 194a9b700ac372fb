//! In place of the tally where the feature `energy` is left out: time alone.
//!
//! The functions are those of the tally. In come lengths of windows and lost frames, out goes time. This file must not know
//! energies.

use super::clock::Clock;
use crate::config::Config;
use crate::reading::Reading;
use crate::sample::Sample;
use crate::totals::Totals;

/// What a meter keeps from window to window so that no time is lost.
#[derive(Clone, Debug)]
pub(crate) struct Tally<const N: usize> {
    clock: Clock,
}

impl<const N: usize> Tally<N> {
    pub(crate) fn new<S: Sample>(config: &Config<S, N>, _: u32) -> Self {
        Self { clock: Clock::new(config.rate()) }
    }

    #[expect(clippy::unused_self, reason = "as the tally's")]
    pub(crate) fn cycle<S: Sample>(&mut self, _: &Totals<N>, _: u32) {}

    pub(crate) fn lose(&mut self, frames: u64) {
        self.clock.lose(frames);
    }

    pub(crate) fn window<S: Sample>(&mut self, _: &Config<S, N>, reading: &mut Reading<N>, _: u32) {
        (reading.duration, reading.elapsed) = self.clock.end_window(reading.length_q16);
    }
}
