//! The intervals of the last cycle, and the RMS without DC over them: what warnings and alarms are judged by.
//!
//! In come sums of intervals, out goes whether the RMS reaches a limit. This file must not know what a limit means.
//!
//! Codes are cut to a band around their mean before they come here, so that a surge of any height counts as a part of a
//! cycle at the band's edge: a single interval can never reach the alarm, and a pulse of 1/8 cycle can.
//!
//! A square is compared in units of 2⁻²⁰ of that of the range, 2¹⁰ codes² at 16 bits and 2²⁶ at 24, so that a cycle of
//! 1 616 frames, the longest there is, fits 32 bits there. Of the running sums only that of the squares is kept: as long as
//! it is small nothing else is asked for.

use crate::residual::clock::{HALF, INTERVALS};
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sums::Moments;

/// Bits behind the point of a limit.
const LIMIT_BITS: u32 = 8;

/// One interval; codes count from the middle of the range.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    /// Sum of the codes as they are.
    pub(crate) sum: i32,
    /// By how much that is more than the sum of the codes cut to the band.
    excess: i32,
    /// Number of frames in the upper 8 bits, at most 101; sum of the squares of the cut codes in the lower 56, below 2⁵³.
    frames_and_square: u64,
}

/// Bits of a slot's square.
const SQUARE_BITS: u32 = 56;

impl Slot {
    /// Without codes beyond the band.
    #[inline(always)]
    fn new(sum: i32, square: i64, frames: u32) -> Self {
        Self { sum, excess: 0, frames_and_square: u64::from(frames) << SQUARE_BITS | square as u64 }
    }

    #[inline(always)]
    fn square(&self) -> u64 {
        self.frames_and_square & ((1 << SQUARE_BITS) - 1)
    }

    pub(crate) fn frames(&self) -> u32 {
        (self.frames_and_square >> SQUARE_BITS) as u32
    }
}

/// Bits that squares of codes of `code_bits` are cut by to be compared: even.
const fn shift(code_bits: u32) -> u32 {
    (2 * code_bits).saturating_sub(22)
}

/// Bits behind the point of a mean of codes.
pub(crate) const fn mean_bits<S: Sample>() -> u32 {
    24 - S::MAX_BITS
}

/// The intervals of the last cycle, the oldest at the present place, and the sum of their squares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring {
    slots: [Slot; INTERVALS],
    /// Of calm cycles.
    halves: [Half; 2],
    at: u32,
    square: u64,
    /// Bits that squares are cut by to be compared.
    shift: u32,
}

/// Half a cycle whose intervals were not told apart.
#[derive(Clone, Copy, Debug, Default)]
struct Half {
    sum: i64,
    square: u64,
    /// 0: the slots hold its intervals.
    frames: u32,
}

impl Half {
    /// Gives each interval an even share.
    #[inline(never)]
    fn divide(&self, slots: &mut [Slot]) {
        // A half has 808 frames at most: 56 bits of squares times 8.
        let (mut sum, mut square, mut frames) = (0, 0, 0);
        for (slot, n) in slots.iter_mut().zip(1..) {
            let up_to = ((self.sum * i64::from(n)) >> 3, (self.square * u64::from(n)) >> 3, (self.frames * n) >> 3);
            *slot = Slot::new((up_to.0 - sum) as i32, (up_to.1 - square) as i64, up_to.2 - frames);
            (sum, square, frames) = up_to;
        }
    }
}

/// The square of an RMS as the ring knows it, below 2²⁸.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(u32);

impl Limit {
    /// For an RMS in codes.
    #[inline(never)]
    pub(crate) fn new(rms: Scaled, code_bits: u32) -> Self {
        let square = rms.times(rms);
        Self(square.to_unsigned_bits(LIMIT_BITS as i32 - shift(code_bits) as i32).min(1 << 28) as u32)
    }
}

/// What the last cycle's intervals are together: n·Σx² - (Σx)² and n.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    spread: u64,
    frames: u64,
}

impl Spread {
    /// Whether the RMS without DC is at least the limit.
    #[inline(never)]
    pub(crate) fn reaches(self, limit: Limit) -> bool {
        // n below 2¹¹: both sides take at most 54 bits.
        self.spread << LIMIT_BITS >= self.frames * self.frames * u64::from(limit.0)
    }
}

impl Ring {
    pub(crate) fn new(code_bits: u32) -> Self {
        let (slots, halves) = ([Slot::default(); INTERVALS], [Half::default(); 2]);
        Self { slots, halves, at: 0, square: 0, shift: shift(code_bits) }
    }

    /// Frames were lost: begins anew.
    pub(crate) fn restart(&mut self) {
        (self.slots, self.at, self.square) = ([Slot::default(); INTERVALS], 0, 0);
    }

    /// An interval without codes beyond the band has ended: it takes the place of the oldest. Whether a cycle ends with it.
    #[inline(always)]
    pub(crate) fn push(&mut self, sum: i32, square: i64, frames: u32) -> bool {
        let at = self.at;
        let Some(slot) = self.slots.get_mut(at as usize) else { return false };
        let old = core::mem::replace(slot, Slot::new(sum, square, frames));
        // Wrapping: each difference takes away what was added a cycle ago.
        self.square = self.square.wrapping_add((square as u64).wrapping_sub(old.square()));
        let ends = at == INTERVALS as u32 - 1;
        self.at = if ends { 0 } else { at + 1 };
        ends
    }

    /// From the cycle on that begins now, only halves are told apart.
    pub(crate) fn begin_halves(&mut self) {
        let (slots, _) = self.slots.split_at(HALF);
        let first = slots.iter().map(Slot::square).sum();
        self.halves = [first, self.square.wrapping_sub(first)].map(|square| Half { square, ..Half::default() });
    }

    /// Half a cycle has ended. Whether a cycle ends with it.
    #[inline(always)]
    pub(crate) fn push_half(&mut self, whole: &Moments, frames: u32) -> bool {
        let ends = self.at != 0;
        let [first, second] = &mut self.halves;
        let half = if ends { second } else { first };
        let square = whole.square as u64;
        self.square = self.square.wrapping_add(square.wrapping_sub(half.square));
        *half = Half { sum: whole.sum, square, frames };
        self.at = if ends { 0 } else { HALF as u32 };
        ends
    }

    /// From now on intervals are told apart: those of each half get an eighth of its sums.
    pub(crate) fn end_halves(&mut self) {
        for (half, slots) in self.halves.iter().zip(self.slots.chunks_exact_mut(HALF)) {
            if half.frames > 0 {
                half.divide(slots);
            }
        }
    }

    /// The last interval had codes beyond the band: by how much its sum and square are more than those of the cut ones.
    pub(crate) fn cut(&mut self, sum: i32, square: i64) {
        let last = if self.at == 0 { INTERVALS - 1 } else { self.at as usize - 1 };
        let Some(slot) = self.slots.get_mut(last) else { return };
        slot.excess = sum;
        // May add to a square: where the band does not hold the middle of the range, codes are cut away from it.
        slot.frames_and_square = slot.frames_and_square.wrapping_sub(square as u64);
        self.square = self.square.wrapping_sub(square as u64);
    }

    /// Sum of the squares of the cut codes over the last cycle.
    #[inline(always)]
    pub(crate) fn square(&self) -> u64 {
        self.square
    }

    /// The least sum of squares over `frames` frames that reaches a limit: what is below need not be looked at.
    pub(crate) fn least(&self, limit: Limit, frames: u32) -> u64 {
        // 11 and 28 bits, 57 with the shift.
        ((u64::from(frames) * u64::from(limit.0)) >> LIMIT_BITS) << self.shift
    }

    /// The intervals of the cycle that has just ended, the oldest first.
    pub(crate) fn cycle(&self) -> &[Slot; INTERVALS] {
        &self.slots
    }

    /// The intervals of the present cycle up to the last one; all of them where it ends the cycle.
    pub(crate) fn begun(&self) -> &[Slot] {
        let begun = if self.at == 0 { INTERVALS } else { self.at as usize };
        self.slots.get(..begun).unwrap_or_default()
    }

    /// The same as [`Ring::sums`] of a cycle that was calm to its end.
    pub(crate) fn sums_of_halves(&self) -> (i64, i64, u32) {
        let [first, second] = &self.halves;
        (first.sum + second.sum, 0, first.frames + second.frames)
    }

    /// Of the last cycle: sum of the codes, by how much that is more than the sum of the cut ones, and frames.
    pub(crate) fn sums(&self) -> (i64, i64, u32) {
        self.slots.iter().fold((0, 0, 0), |(sum, excess, frames), slot| {
            (sum + i64::from(slot.sum), excess + i64::from(slot.excess), frames + slot.frames())
        })
    }

    /// The last cycle as a whole, of cut codes.
    pub(crate) fn spread(&self) -> Spread {
        let (sum, excess, frames) = self.sums();
        let square = self.square >> self.shift;
        let sum = ((sum - excess) >> (self.shift / 2)).unsigned_abs();
        let frames = u64::from(frames);
        Spread { spread: (frames * square).saturating_sub(sum * sum), frames }
    }
}

/// Mean of codes whose sum over a cycle is `sum`, with [`mean_bits`] bits behind the point.
pub(crate) fn mean<S: Sample>(sum: i64, frames: u32) -> i32 {
    // The sum takes 11 bits more than a code: 22 when cut, which leaves 8 to be divided with.
    let cut = const { S::MAX_BITS - 11 };
    let mean = (((sum >> cut) as i32) << 8) / (frames as i32).max(1);
    mean << (cut + const { mean_bits::<S>() } - 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    extern crate std;
    use std::vec::Vec;

    /// A cycle of noise of `size` full scales around `offset`; whether its RMS reaches `threshold`, and the RMS.
    fn compare(bits: u32, frames: u32, size: f64, offset: f64, threshold: f64, seed: u64) -> (bool, f64) {
        let full = f64::from(1 << (bits - 1));
        let (mut ring, mut all, mut state) = (Ring::new(bits), Vec::new(), seed);
        for _ in 0..INTERVALS {
            let codes: Vec<i64> = (0..frames)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let noise = (state >> 40) as f64 / 2f64.powi(23) - 1.0;
                    ((noise * size + offset).clamp(-1.0, 0.999_999) * full) as i64
                })
                .collect();
            let square = codes.iter().map(|code| code * code).sum();
            ring.push(codes.iter().sum::<i64>() as i32, square, frames);
            all.extend(codes);
        }
        let n = all.len() as f64;
        let mean = all.iter().sum::<i64>() as f64 / n;
        let rms = (all.iter().map(|&code| (code as f64 - mean).powi(2)).sum::<f64>() / n).sqrt() / full;
        let limit = Limit::new(Scaled::new((threshold * full * 65_536.0) as i64, -16), bits);
        (ring.spread().reaches(limit), rms)
    }

    proptest! {
        /// Against f64: the answer may differ within what the roundings mean.
        #[test]
        fn the_comparison_follows_f64(frames in 2u32..=101, size in 0.001f64..1.0, offset in -0.5f64..0.5,
                                      part in 0.5f64..1.5, seed: u64) {
            let threshold = part * size / 3f64.sqrt();
            for (reaches, rms) in [12, 16, 18, 24].map(|bits| compare(bits, frames, size, offset, threshold, seed)) {
                // A unit of the square over a cycle, and one of the sum times twice the mean, by twice the RMS.
                let unit = 2f64.powi(-20);
                let rounding = (4.0 * unit + 2.0 * offset.abs() * 4.0 * unit.sqrt()) / (16.0 * f64::from(frames)) / (2.0 * rms);
                if (rms - threshold).abs() > 0.002 * rms + 4.0 * rounding {
                    prop_assert_eq!(reaches, rms > threshold, "{} {}", rms, threshold);
                }
            }
        }
    }

    /// Cutting takes from a square, or adds to it; either way the ring is empty a cycle of nothing later.
    #[test]
    fn what_is_cut_leaves_with_its_interval() {
        let mut ring = Ring::new(16);
        for square in [900_000, -900_000] {
            ring.push(3_000, 1_000_000, 10);
            ring.cut(1_000, square);
            assert_eq!(ring.square(), (1_000_000 - square) as u64);
            for _ in 0..INTERVALS {
                ring.push(0, 0, 10);
            }
            assert_eq!(ring.square(), 0);
        }
    }

    /// The largest sums of the fastest clock at the lowest frequency fit.
    #[test]
    fn full_scale_at_the_highest_rate_does_not_overflow() {
        let mut ring = Ring::new(24);
        for n in 0..3 * INTERVALS {
            let code: i64 = if n % 2 == 0 { -(1 << 23) } else { (1 << 23) - 1 };
            ring.push((code * 101) as i32, code * code * 101, 101);
        }
        let limit = |part: f64| Limit::new(Scaled::new((part * 2f64.powi(46)) as i64, -23), 24);
        let spread = ring.spread();
        assert!(spread.reaches(limit(0.999)) && !spread.reaches(limit(1.001)));
    }
}
