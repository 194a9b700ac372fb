//! The mean square of a cycle, of which the RMS is the root.
//!
//! In come the sums of a cycle of one channel, out goes their mean square in the channel's unit. The root is taken only
//! by who wants the value: whether it lies beyond a limit is seen without. This file must not know halves or events.

use crate::calibration::{Channel, Dc};
use crate::quantity::Volt;
use crate::sample::Sample;
use crate::scaled::{self, Scaled};
use crate::sums::Moments;

/// Mean square over one cycle, in V² or A², right to 2·10⁻⁶ of itself and, with codes of more than 16 bits, to the square of a
/// code: the length of a locked cycle is one turn of the phase accumulator, and an offset is removed in 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeanSquare {
    /// The exponent in the upper half and the mantissa in the lower one, so that the order is that of integers.
    ordered: i64,
}

impl Default for MeanSquare {
    fn default() -> Self {
        Self::ZERO
    }
}

impl MeanSquare {
    const ZERO: Self = Self { ordered: i64::MIN };
    /// Nothing is beyond: more than any square.
    pub(crate) const ALL: Self = Self { ordered: i64::MAX };

    /// True RMS in V or A; saturates. About 100 instructions on a Cortex-M4.
    pub fn rms(self) -> Volt {
        Volt::from_bits(self.scaled().root().to_unsigned_bits(32))
    }

    fn scaled(self) -> Scaled {
        Scaled { mantissa: self.ordered as i32, exponent: (self.ordered >> 32) as i32 }
    }

    /// 0 for what is not positive.
    fn of(square: Scaled) -> Self {
        if square.mantissa > 0 { Self::positive(square) } else { Self::ZERO }
    }

    #[inline(always)]
    fn positive(square: Scaled) -> Self {
        Self { ordered: i64::from(square.exponent) << 32 | i64::from(square.mantissa as u32) }
    }

    /// Of a value whose RMS is the root of `1 + 2^-20` times `rms`² where `above`, of `1 - 2^-20` times it where not:
    /// beyond what rounding may do to either.
    pub(crate) fn beside(rms: Volt, above: bool) -> Self {
        let rms = Scaled::new((rms.to_bits() >> 1) as i64, -31);
        let square = rms.times(rms);
        let margin = square.times(Scaled::constant(1, -20));
        Self::of(if above { square.plus(margin) } else { square.minus(margin) })
    }
}

/// What turns the sums of one channel into a mean square.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Squarer {
    /// Unit² per code².
    scale: Scaled,
    /// The same over the frames of a cycle.
    factor: Scaled,
    /// What counts as zero, in 24 bits; where DC is none of the signal, that of the last window: a single cycle in which
    /// the amplitude steps has a mean of its own, which is no offset of the sensor.
    zero: i32,
}

/// Bits of a zero behind the point.
const fn finer<S: Sample>() -> u32 {
    24 - S::MAX_BITS
}

impl Squarer {
    pub(crate) fn new<S: Sample>(channel: Option<&Channel>, code_bits: u32) -> Self {
        let scale = channel.map_or(Scaled::ZERO, |channel| {
            let scale = channel.per_code(code_bits);
            scale.times(scale)
        });
        let zero = channel.map_or(0, |channel| if let Dc::Signal { zero } = channel.dc { zero } else { 0 });
        Self { scale, factor: Scaled::ZERO, zero: zero >> (8 - finer::<S>()) }
    }

    /// Takes the mean of a stretch for the offset, where DC is none of the signal. `length` in Q16 frames.
    #[inline(never)]
    pub(crate) fn settle<S: Sample>(&mut self, channel: Option<&Channel>, sum: i64, length: u64) {
        if channel.is_some_and(|channel| channel.dc == Dc::Offset) {
            // A sum has at most 38 bits: below 2⁶³ in 2²⁴ths.
            let length = (length as i64).max(1);
            self.zero = (((sum << (16 + finer::<S>())) + length / 2).div_euclid(length)) as i32;
        }
    }

    /// `per_frame` is 1 over the length in frames of the cycles from here on.
    pub(crate) fn cycles_of(&mut self, per_frame: Scaled) {
        self.factor = self.scale.times(per_frame);
    }

    /// The mean square of a cycle of `length` Q16 frames, as they were added up.
    #[inline(always)]
    pub(crate) fn mean_square<S: Sample>(&self, channel: &Channel, moments: Moments, length: u32) -> MeanSquare {
        let square = square::<S>(moments.sum, moments.square, self, length);
        if channel.noise == Volt::ZERO { square } else { without_noise(square, channel.noise) }
    }
}

/// The square with what the channel's own noise adds. The sums come first, so that they are handed over in registers.
#[inline(never)]
fn square<S: Sample>(sum: i64, square: i64, by: &Squarer, length: u32) -> MeanSquare {
    let zeros = scaled::signed_product(by.zero, length as i32) >> 16;
    // Σ(x - z)² = Σx² - z·(2·Σx - n·z), below 2⁶⁰.
    let twice = (sum << (1 + finer::<S>())) - zeros;
    let spread = square.wrapping_sub(scaled::times(twice, by.zero) >> (2 * finer::<S>()));
    if spread <= 0 { MeanSquare::ZERO } else { MeanSquare::positive(Scaled::product(spread as u64, by.factor)) }
}

#[cold]
#[inline(never)]
fn without_noise(square: MeanSquare, noise: Volt) -> MeanSquare {
    let noise = Scaled::new((noise.to_bits() >> 1) as i64, -31);
    MeanSquare::of(square.scaled().minus(noise.times(noise)))
}
