//! The RMS without DC over the last cycle, anew each interval: what warnings and alarms are judged by.
//!
//! In come sums of intervals, out goes whether the RMS reaches a limit. This file must not know what a limit means.
//!
//! Codes are cut to a band around their mean before they come here, so that a surge of any height counts as a part of a
//! cycle at the band's edge: a single interval can never reach the alarm, and a pulse of 1/8 cycle can.
//!
//! Ranges: squares are kept with so many bits cut off that an interval's fits 32; the RMS is right to 2⁻¹⁰ of full scale
//! or better.

use crate::residual::clock::INTERVALS;

/// Bits behind the point of a limit.
const LIMIT_BITS: i32 = 8;

/// One interval.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    sum: i32,
    /// Cut by the shift.
    square: u32,
    frames: u32,
}

/// The intervals of the last cycle and their sums.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sliding {
    slots: [Slot; INTERVALS],
    at: usize,
    sum: i64,
    square: u64,
    frames: u32,
    /// Bits cut off squares: even.
    shift: u32,
}

/// The square of an RMS, in cut code² with eight bits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Limit(u64);

impl Limit {
    /// For an RMS whose square in codes is `square`.
    pub(crate) fn new(square: crate::scaled::Scaled, shift: u32) -> Self {
        // At most full scale squared: below 2⁴⁰ when cut.
        Self(square.to_unsigned_bits(LIMIT_BITS - shift as i32).min(1 << 40))
    }
}

/// Bits to cut off the squares of codes of `code_bits`, `frames` of them at most in an interval.
pub(crate) fn shift(code_bits: u32, frames: u32) -> u32 {
    let needed = 2 * (code_bits - 1) + (u32::BITS - frames.leading_zeros());
    needed.saturating_sub(32).next_multiple_of(2)
}

impl Sliding {
    pub(crate) fn new(shift: u32) -> Self {
        Self { slots: [Slot::default(); INTERVALS], at: 0, sum: 0, square: 0, frames: 0, shift }
    }

    /// Frames were lost: begins anew.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.shift);
    }

    /// An interval has ended: it takes the place of the oldest.
    pub(crate) fn push(&mut self, sum: i32, square: u64, frames: u32) {
        let square = (square >> self.shift) as u32;
        let new = Slot { sum, square, frames };
        let Some(slot) = self.slots.get_mut(self.at) else { return };
        let old = core::mem::replace(slot, new);
        self.at = (self.at + 1) % INTERVALS;
        self.sum += i64::from(new.sum) - i64::from(old.sum);
        self.square = self.square + u64::from(new.square) - u64::from(old.square);
        self.frames = self.frames + new.frames - old.frames;
    }

    /// Whether the RMS is at least the limit: n·Σx² - (Σx)² ≥ n²·limit.
    pub(crate) fn reaches(&self, limit: Limit) -> bool {
        let frames = u64::from(self.frames);
        // n² below 2²², the limit below 2⁴⁰.
        let least = frames * frames * limit.0;
        // n below 2¹¹, the square below 2³⁶, the sum below 2³⁴ before the cut: (Σx)² takes at most 54 bits after it.
        let mean = self.frames as u64 * self.square;
        if mean << LIMIT_BITS < least {
            return false;
        }
        let sum = (self.sum >> (self.shift / 2)).unsigned_abs();
        mean.saturating_sub(sum * sum) << LIMIT_BITS >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaled::Scaled;
    use proptest::prelude::*;
    extern crate std;
    use std::vec::Vec;

    proptest! {
        /// Against f64, at full scale and any width: the answer may differ within 0.2 % of full scale only.
        #[test]
        fn the_comparison_follows_f64(bits in 8u32..=24, frames in 2u32..100, size in 0.01f64..1.0, seed: u64,
                                      threshold in 0.01f64..1.0) {
            let cut = shift(bits, frames);
            let full = f64::from(1 << (bits - 1));
            let mut sliding = Sliding::new(cut);
            let (mut all, mut state) = (Vec::new(), seed);
            for _ in 0..INTERVALS {
                let codes: Vec<i64> = (0..frames).map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    ((state >> 40) as f64 / 2f64.powi(23) * size * full - size * full) as i64
                }).collect();
                let square = codes.iter().map(|code| (code * code) as u64).sum();
                sliding.push(codes.iter().sum::<i64>() as i32, square, frames);
                all.extend(codes);
            }
            let n = all.len() as f64;
            let mean = all.iter().sum::<i64>() as f64 / n;
            let rms = (all.iter().map(|&code| (code as f64 - mean).powi(2)).sum::<f64>() / n).sqrt() / full;
            let limit = Limit::new(Scaled::new((threshold * threshold * full * full * 256.0) as i64, -8), cut);
            if (rms - threshold).abs() > 0.002 + 2.0 / full {
                prop_assert_eq!(sliding.reaches(limit), rms > threshold, "{} {}", rms, threshold);
            }
        }
    }

    /// The largest sums of the fastest clock at the lowest frequency fit.
    #[test]
    fn full_scale_at_the_highest_rate_does_not_overflow() {
        let frames = 101;
        let mut sliding = Sliding::new(shift(24, frames));
        for n in 0..3 * INTERVALS as i32 {
            let code: i64 = if n % 2 == 0 { -(1 << 23) } else { (1 << 23) - 1 };
            sliding.push((code * i64::from(frames)) as i32, (code * code) as u64 * u64::from(frames), frames);
        }
        let limit = |part: f64| Limit::new(Scaled::new((part * part * 2f64.powi(46)) as i64, 0), shift(24, frames));
        assert!(sliding.reaches(limit(0.999)) && !sliding.reaches(limit(1.001)));
    }
}
