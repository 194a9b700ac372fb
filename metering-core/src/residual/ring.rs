//! The intervals of the last cycle, and the RMS without DC over them: what warnings and alarms are judged by.
//!
//! In come sums of intervals, out goes whether the RMS reaches a limit. This file must not know what a limit means.
//!
//! Codes are cut to a band around their mean before they come here, so that a surge of any height counts as a part of a
//! cycle at the band's edge: a single interval can never reach the alarm, and a pulse of 1/8 cycle can.
//!
//! A square is compared in units of 2⁻²⁰ of that of the range, 2¹⁰ codes² at 16 bits and 2²⁶ at 24, so that a cycle of
//! 1 830 frames, the longest there is, fits 32 bits there. Of the running sums only that of the squares is kept: as long as
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
    /// Number of frames in the upper 8 bits, at most 115; sum of the squares of the cut codes in the lower 56, below 2⁵³.
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

/// The slots of half a cycle.
type Eight = [Slot; HALF];

/// The intervals of the last cycle, the oldest at the present place, and the sum of their squares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring {
    slots: [Eight; 2],
    square: u64,
    at: u8,
    /// Bits that squares are cut by to be compared.
    shift: u8,
    /// Whether a half's slots hold a [`Half`] in place of its intervals.
    whole: [bool; 2],
}

/// Half a cycle whose intervals were not told apart.
#[derive(Clone, Copy, Debug)]
struct Half {
    sum: i64,
    square: u64,
    frames: u32,
}

impl Half {
    /// As it was put into slots.
    #[inline(always)]
    fn of([first, second, ..]: &Eight) -> Self {
        let sum = i64::from(first.excess) << 32 | i64::from(first.sum as u32);
        Self { sum, square: first.frames_and_square, frames: second.frames_and_square as u32 }
    }

    /// Puts it into the slots of its intervals, which it needs two of.
    #[inline(always)]
    fn put(self, [first, second, ..]: &mut Eight) {
        *first = Slot { sum: self.sum as i32, excess: (self.sum >> 32) as i32, frames_and_square: self.square };
        second.frames_and_square = self.frames.into();
    }

    /// Gives each of its intervals an even share.
    #[inline(never)]
    fn divide(slots: &mut Eight) {
        let Self { sum, square, frames } = Self::of(slots);
        // What is left over is dealt out as it adds up to eighths.
        let left = [sum as u32, square as u32, frames].map(|all| all & 7);
        let (sum, square, frames) = ((sum >> 3) as i32, square >> 3, frames >> 3);
        let mut over = [0; 3];
        for slot in rolled(slots) {
            let mut more = [0; 3];
            for ((over, left), more) in over.iter_mut().zip(left).zip(&mut more) {
                *more = (*over + left) >> 3;
                *over = (*over + left) & 7;
            }
            *slot = Slot::new(sum + more[0] as i32, (square + u64::from(more[1])) as i64, frames + more[2]);
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

/// What the last cycle's intervals are together: n·Σx² - (Σx)² as a limit counts, and n², n being below 2¹¹.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    spread: u64,
    frames: u32,
}

impl Spread {
    /// Whether the RMS without DC is at least the limit.
    pub(crate) fn reaches(self, limit: Limit) -> bool {
        // Both sides take at most 54 bits.
        self.spread >= u64::from(self.frames) * u64::from(limit.0)
    }
}

impl Ring {
    pub(crate) fn new(code_bits: u32) -> Self {
        Self { slots: Default::default(), square: 0, at: 0, shift: shift(code_bits) as u8, whole: [false; 2] }
    }

    /// Frames were lost: begins anew.
    pub(crate) fn restart(&mut self) {
        *self = Self { slots: Default::default(), square: 0, at: 0, whole: [false; 2], ..*self };
    }

    /// An interval without codes beyond the band has ended: it takes the place of the oldest. Whether a cycle ends with it.
    #[inline(always)]
    pub(crate) fn push(&mut self, sum: i32, square: i64, frames: u32) -> bool {
        let at = self.at;
        let Some(slot) = self.slots.as_flattened_mut().get_mut(usize::from(at)) else { return false };
        let old = core::mem::replace(slot, Slot::new(sum, square, frames));
        // Wrapping: each difference takes away what was added a cycle ago.
        self.square = self.square.wrapping_add((square as u64).wrapping_sub(old.square()));
        let ends = at == INTERVALS as u8 - 1;
        self.at = if ends { 0 } else { at + 1 };
        ends
    }

    /// Half a cycle has ended whose intervals were not told apart. Whether a cycle ends with it.
    #[inline(always)]
    pub(crate) fn push_half(&mut self, all: &Moments, frames: u32) -> bool {
        let ends = self.at != 0;
        let half = Half { sum: all.sum, square: all.square as u64, frames };
        let ([first, second], [first_is_whole, second_is_whole]) = (&mut self.slots, &mut self.whole);
        // A first half is whole where its second one is.
        let other = if ends || *second_is_whole {
            Half::of(if ends { first } else { second }).square
        } else {
            square_of(second)
        };
        self.square = half.square + other;
        half.put(if ends { second } else { first });
        *(if ends { second_is_whole } else { first_is_whole }) = true;
        self.at = if ends { 0 } else { HALF as u8 };
        ends
    }

    /// From now on intervals are told apart: those of each half get an eighth of its sums.
    #[inline(never)]
    pub(crate) fn end_halves(&mut self) {
        for (slots, is_whole) in self.slots.iter_mut().zip(&mut self.whole) {
            if core::mem::take(is_whole) {
                Half::divide(slots);
            }
        }
    }

    /// The last interval had codes beyond the band: by how much its sum and square are more than those of the cut ones.
    pub(crate) fn cut(&mut self, sum: i32, square: i64) {
        let last = usize::from(self.at).wrapping_sub(1) % INTERVALS;
        let Some(slot) = self.slots.as_flattened_mut().get_mut(last) else { return };
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
    pub(crate) fn cycle(&self) -> &[Slot] {
        self.slots.as_flattened()
    }

    /// The intervals of the present cycle up to the last one; all of them where it ends the cycle.
    pub(crate) fn begun(&self) -> &[Slot] {
        let begun = if self.at == 0 { INTERVALS } else { self.at.into() };
        self.cycle().get(..begun).unwrap_or_default()
    }

    /// Sums of the last cycle, which was calm to its end.
    pub(crate) fn sums_of_halves(&self) -> Whole {
        let [first, second] = self.slots.each_ref().map(Half::of);
        Whole { sum: first.sum + second.sum, excess: 0, frames: first.frames + second.frames }
    }

    /// Sums of the last cycle.
    pub(crate) fn sums(&self) -> Whole {
        Whole::of(self.cycle())
    }

    /// Sums of the last intervals of the cycle that has just ended.
    pub(crate) fn last(&self, intervals: usize) -> Whole {
        Whole::of(self.cycle().get(INTERVALS.saturating_sub(intervals)..).unwrap_or_default())
    }

    /// The last cycle as a whole, of cut codes.
    pub(crate) fn spread(&self) -> Spread {
        let Whole { sum, excess, frames } = self.sums();
        let square = self.square >> self.shift;
        let sum = ((sum - excess) >> (self.shift / 2)).unsigned_abs();
        let spread = (u64::from(frames) * square).saturating_sub(sum * sum);
        Spread { spread: spread << LIMIT_BITS, frames: frames * frames }
    }
}

/// Intervals together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Whole {
    /// Sum of the codes as they are.
    pub(crate) sum: i64,
    /// By how much that is more than the sum of the cut ones.
    pub(crate) excess: i64,
    pub(crate) frames: u32,
}

impl Whole {
    /// Of intervals that were told apart.
    #[inline(never)]
    pub(crate) fn of(slots: &[Slot]) -> Self {
        rolled(slots).fold(Self::default(), |Self { sum, excess, frames }, slot| Self {
            sum: sum + i64::from(slot.sum),
            excess: excess + i64::from(slot.excess),
            frames: frames + slot.frames(),
        })
    }
}

/// Sum of squares of intervals that were told apart.
#[cold]
#[inline(never)]
fn square_of(slots: &Eight) -> u64 {
    rolled(slots).map(Slot::square).sum()
}

/// The same items, in a loop that the compiler does not write out eight or sixteen times: it cannot see how many there are.
/// For loops that run seldom or whose rounds are long.
pub(crate) fn rolled<I: IntoIterator>(items: I) -> impl Iterator<Item = I::Item> {
    core::hint::black_box(items.into_iter()).map(core::hint::black_box)
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
