//! Whether the voltage of a cycle is mains, and how strong.
//!
//! In come the sums of a cycle, out go yes or no and the strength of the fundamental to compare the next one with. Limits
//! here are wide: what is cut to 31 bits on the way moves them by a part in 10⁸. This file must not know phases.

use crate::reference::AMPLITUDE;
use crate::scaled::{self, product};
use crate::sums::{Moments, Phasor};

/// Square of a phasor's magnitude: `upper · 2^(32 + 2·shift)`, `upper` of 29 to 32 bits, or zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    upper: u32,
    /// By how many bits the larger part of the phasor is longer than 31.
    shift: i32,
}

impl Level {
    pub(crate) const NONE: Self = Self { upper: 0, shift: 0 };

    pub(crate) fn of(phasor: &Phasor) -> Self {
        let size = phasor.sine.unsigned_abs() | phasor.cosine.unsigned_abs();
        // Sums are below 2⁶²: there is a zero for the sign.
        let zeros = scaled::leading_zeros(size);
        let square = |part: i64| {
            let part = scaled::upper(part as u64, zeros - 1) as i32;
            scaled::signed_product(part, part) as u64
        };
        Self { upper: ((square(phasor.sine) + square(phasor.cosine)) >> 32) as u32, shift: 33 - zeros as i32 }
    }

    /// Whether the squares differ by at most a quarter of the larger one, that is, amplitudes by an eighth; none is near to
    /// all.
    #[inline(always)]
    pub(crate) fn is_near(self, other: Self) -> bool {
        let off = self.upper.abs_diff(other.upper);
        let same = self.shift == other.shift;
        same && off <= other.upper >> 2 || self.is_near_at_any_size(other)
    }

    /// The same where the size of either is another, or one is much larger.
    #[cold]
    #[inline(never)]
    fn is_near_at_any_size(self, other: Self) -> bool {
        let further = self.shift - other.shift;
        let mine = u64::from(self.upper) << if further > 0 { 2 } else { 0 };
        let theirs = u64::from(other.upper) << if further < 0 { 2 } else { 0 };
        other.upper == 0 || further.unsigned_abs() < 2 && 4 * mine >= 3 * theirs && 4 * theirs >= 3 * mine
    }

    /// Whether the magnitude is at least `floor`.
    fn reaches(self, floor: i64) -> bool {
        let zeros = scaled::leading_zeros(floor as u64);
        let floor = scaled::upper(floor as u64, zeros);
        // Bits by which it is shorter than the magnitude.
        let shorter = zeros as i32 - (32 - self.shift);
        let floor = floor.checked_shr(shorter as u32).unwrap_or(0);
        shorter >= 0 && u64::from(self.upper) << 32 >= product(floor, floor)
    }
}

/// Mains is a voltage of which the fundamental has a magnitude of `floor` per frame and is at least a quarter of the
/// power. `frames` of the cycle; `step`: turns per frame, Q32; the reference is [`AMPLITUDE`] times 2 to `reference`.
#[inline(never)]
pub(crate) fn is_mains(moments: &Moments, level: Level, frames: u32, step: u32, floor: i64, reference: u32) -> bool {
    if level.upper == 0 || !level.reaches(scaled::times(floor, frames as i32)) {
        return false;
    }
    // n·Σx² - (Σx)², the sums less a code near the mean: n²·variance, in codes². A cycle is one turn of steps, or nearly.
    let centred_by = |about: i32| moments.sum - scaled::signed_product(about, frames as i32);
    let mut about = (scaled::times(moments.sum >> 4, step as i32) >> 28) as i32;
    let mut centred = centred_by(about);
    if centred.unsigned_abs() >> 31 != 0 {
        about = (moments.sum / i64::from(frames.max(1))) as i32;
        centred = centred_by(about);
    }
    let square = moments.square.wrapping_sub(scaled::times(moments.sum + centred, about)).max(0);
    let centred = scaled::signed_product(centred as i32, centred as i32);
    let (square, cut) = shortened(square as u64, 31);
    let (spread, more) = shortened(product(square, frames).saturating_sub(centred as u64 >> cut), 32);
    // 2·magnitude²/amplitude² ≥ spread/4
    let least = product(spread, (AMPLITUDE * AMPLITUDE) as u32);
    let ahead = 35 + 2 * level.shift - (2 * reference + cut + more) as i32;
    match ahead {
        33.. => true,
        0..=32 => u64::from(level.upper) << ahead >= least,
        _ => u64::from(level.upper) >> (-ahead).min(63) >= least,
    }
}

/// A value without the bits that it has more than `bits`, 31 or 32, and how many those are.
fn shortened(value: u64, bits: u32) -> (u32, u32) {
    let zeros = scaled::leading_zeros(value);
    if zeros < 64 - bits { (scaled::upper(value, zeros) >> (32 - bits), 64 - bits - zeros) } else { (value as u32, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn magnitude(phasor: &Phasor) -> f64 {
        (phasor.sine as f64).hypot(phasor.cosine as f64)
    }

    /// A part of a phasor of any size up to 2⁶¹.
    fn part() -> impl Strategy<Value = i64> {
        (any::<i64>(), 3u32..62).prop_map(|(part, cut)| part >> cut)
    }

    proptest! {
        #[test]
        fn levels_are_compared_as_f64_compares_them(sine in part(), cosine in part(), by in 0.5f64..2.0) {
            let one = Phasor { cosine, sine };
            let other = Phasor { cosine: (cosine as f64 * by) as i64, sine: (sine as f64 * by) as i64 };
            let (a, b) = (magnitude(&one).powi(2), magnitude(&other).powi(2));
            let margin = (a / b - 0.75).abs().min((b / a - 0.75).abs());
            // What is cut matters where the phasor has few bits, and near the limit.
            prop_assume!(a > 1e12 && b > 1e12 && margin > 1e-5);
            let near = a >= 0.75 * b && b >= 0.75 * a;
            prop_assert_eq!(Level::of(&one).is_near(Level::of(&other)), near, "{} {}", a, b);
        }

        #[test]
        fn mains_is_told_as_f64_tells_it(
            amplitude in 1f64..8_388_607.0,
            dc in -1f64..1.0,
            rest in 0f64..3.0,
            frames in 30u32..1_600,
            late in 0.5f64..2.0,
            floor in 0i64..1 << 44,
        ) {
            // Of a sine, what has no part in the fundamental and a constant, all in 24 bits.
            let n = f64::from(frames);
            let dc = (dc * (8_388_607.0 - amplitude)).round();
            let square = amplitude * amplitude / 2.0 * (1.0 + rest);
            let moments = Moments { sum: (dc * n) as i64, square: ((square + dc * dc) * n).round() as i64 };
            let reference = (AMPLITUDE << 8) as f64;
            let phasor = Phasor { cosine: 0, sine: (amplitude / 2.0 * reference * n) as i64 };
            let step = (2f64.powi(32) / n * late).min(2f64.powi(28)) as u32;
            let is_strong = phasor.sine as f64 / (floor as f64 * n).max(1.0);
            let share = 4.0 / (1.0 + rest);
            prop_assume!((is_strong - 1.0).abs() > 1e-6 && (share - 1.0).abs() > 1e-5 * (1.0 + dc.abs() / amplitude));
            let mains = is_mains(&moments, Level::of(&phasor), frames, step, floor, 8);
            prop_assert_eq!(mains, is_strong > 1.0 && share > 1.0, "{} {}", is_strong, share);
        }

        #[test]
        fn no_sums_are_too_large(sum: i64, square in any::<u64>(), sine: i64, cosine: i64, frames in 0u32..40_000, step: u32) {
            let moments = Moments { sum: sum >> 25, square: (square >> 2) as i64 };
            let level = Level::of(&Phasor { cosine: cosine >> 2, sine: sine >> 2 });
            let _either = is_mains(&moments, level, frames, step >> 4, 1 << 44, 8);
            prop_assert!(level.is_near(level));
        }
    }
}
