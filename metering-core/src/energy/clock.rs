//! From frames to seconds by the calibrated clock.
//!
//! In come numbers of frames, out go seconds; what the division leaves is kept, so that the sum of all is right to one
//! step of 2⁻³² s for ever. This file must not know what happened in that time.

use crate::quantity::Second;

/// Converts frames to time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// What is not given yet: this over the rate, in steps of 2⁻³² s. Below the rate.
    rest: u64,
}

impl Clock {
    /// Time of `length` frames in Q16, fewer than 2³¹, at `rate` frames per second in Q32 (below 65 536).
    pub(crate) fn window(&mut self, length: u64, rate: u64) -> Second {
        let rate = rate.max(1);
        // length·2⁴⁸/rate in two steps of 64 bits: each remainder is below the rate, which is below 65 535·2³².
        let scaled = (length.min((1 << 31) - 1)) << 32;
        let (whole, left) = (scaled / rate, scaled % rate);
        let part = (left << 16).saturating_add(self.rest);
        self.rest = part % rate;
        Second::from_bits((whole << 16).saturating_add(part / rate))
    }

    /// Time of any number of whole frames; saturates.
    pub(crate) fn frames(&mut self, frames: u64, rate: u64) -> Second {
        if frames == 0 {
            return Second::ZERO;
        }
        let rate = u128::from(rate.max(1));
        let steps = (u128::from(frames) << 64) | u128::from(self.rest);
        self.rest = steps.checked_rem(rate).unwrap_or(0) as u64;
        let time = steps.checked_div(rate).unwrap_or(0);
        Second::from_bits(u64::try_from(time).unwrap_or(u64::MAX))
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
            let mut clock = Clock::default();
            let (mut time, mut frames) = (0u128, 0u128);
            for (length, lost) in steps {
                time += u128::from(clock.window(length, rate).to_bits());
                time += u128::from(clock.frames(lost, rate).to_bits());
                frames += u128::from(length) + (u128::from(lost) << 16);
                // Each frame lasts 2³²/rate s: exact long division of the whole so far.
                prop_assert_eq!(time, (frames << 48) / u128::from(rate));
            }
        }
    }

    #[test]
    fn any_number_of_frames_saturates() {
        let mut clock = Clock::default();
        assert_eq!(clock.frames(u64::MAX, 2_000 << 32), Second::MAX);
        assert_eq!(clock.frames(8_000, 8_000 << 32), Second::ONE);
    }
}
