//! From frames to seconds by the calibrated clock.
//!
//! In come numbers of frames, out go seconds; what is finer than their step is kept, so that the sum of all is that of
//! all frames, cut once. This file must not know what happened in that time.

use crate::quantity::Second;

/// Bits behind the point of what a frame lasts, beyond those of a time and of a length.
const FINER: u32 = 48;

/// Converts frames to time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// What 2⁻¹⁶ frame lasts, in steps of 2⁻⁸⁰ s: right to 2⁻⁴⁸ of itself, 3 ns in a year.
    step: u64,
    /// What is not given yet, in the same steps.
    rest: u64,
    /// Frames that were lost since the last window.
    lost: u64,
}

impl Clock {
    /// `rate`: frames per second in Q32, 2 000 at least.
    pub(super) fn new(rate: u64) -> Self {
        // 2⁹⁶/rate, rounded: below 2⁵³·¹. By digits of 16 bits, as a rate has at most 48.
        let rate = rate.clamp(1_000 << 32, (1 << 48) - 1);
        let (mut step, mut rest) = ((1 << 48) / rate, (1 << 48) % rate);
        for _ in 0..3 {
            rest <<= 16;
            (step, rest) = ((step << 16) + rest / rate, rest % rate);
        }
        Self { step: step + u64::from(2 * rest >= rate), rest: 0, lost: 0 }
    }

    /// Frames were lost: they are time of the next window.
    pub(super) fn lose(&mut self, frames: u64) {
        self.lost = self.lost.saturating_add(frames);
    }

    /// A window of a length in Q16 frames has ended: what it lasted, and the same with the frames that were lost before.
    pub(super) fn end_window(&mut self, length: u64) -> (Second, Second) {
        let duration = self.steps(length);
        let lost = core::mem::take(&mut self.lost);
        (duration, duration.saturating_add(self.frames(lost)))
    }

    /// Time of any number of whole frames; saturates.
    fn frames(&mut self, frames: u64) -> Second {
        if frames == 0 {
            return Second::ZERO;
        }
        // 2⁶⁴ frames in Q16 would not fit: 2⁴⁸ of them are 139 years and more.
        self.steps(frames.min((1 << 48) - 1) << 16)
    }

    #[inline(never)]
    fn steps(&mut self, length: u64) -> Second {
        let exact = u128::from(length) * u128::from(self.step) + u128::from(self.rest);
        self.rest = (exact & ((1 << FINER) - 1)) as u64;
        Second::from_bits(u64::try_from(exact >> FINER).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_time_is_lost(
            rate in (2_000u64 << 32)..(65_000 << 32),
            steps in prop::collection::vec((0u64..1 << 31, 0u64..1 << 40), 1..40),
        ) {
            let mut clock = Clock::new(rate);
            let (mut time, mut frames) = (0u128, 0u128);
            for (length, lost) in steps {
                clock.lose(lost);
                time += u128::from(clock.end_window(length).1.to_bits());
                frames += u128::from(length) + (u128::from(lost) << 16);
                // Each frame lasts 2³²/rate s: exact long division of the whole so far.
                let exact = (frames << 48) / u128::from(rate);
                prop_assert!(time.abs_diff(exact) <= 1 + (exact >> 47), "{} {}", time, exact);
            }
        }
    }

    #[test]
    fn any_number_of_frames_saturates() {
        let mut clock = Clock::new(2_000 << 32);
        assert_eq!(clock.frames(u64::MAX), Second::MAX);
        let mut clock = Clock::new(8_000 << 32);
        let hours: u64 = (0..1_000).map(|_| clock.frames(8_000 * 3_600).to_bits()).sum();
        assert!(hours.abs_diff(3_600_000 << 32) <= 1, "{hours}");
    }
}
