//! The sums of one mains cycle and of a window: all that is kept of the samples.
//!
//! In come codes and references, out go exact 64-bit sums of them: sum, square and product, and the correlations with
//! the reference. Plain additions over frames, so neither block cuts nor the order of work change a bit. This file must
//! not know volts, nor where a cycle begins.
//!
//! Ranges: at 24 bits, 64 kHz and 12 cycles of 42.5 Hz there are 18 071 < 2¹⁵ frames, so a sum stays below 2³⁸, a square
//! or correlation below 2⁶¹·²: no sum can overflow.

use crate::rotor::Rotor;
use crate::sample::Sample;

/// Frames that share one stretch of reference kept on the stack.
pub(crate) const CHUNK: usize = 64;

/// Reference of up to [`CHUNK`] frames.
pub(crate) struct Reference<S: Sample> {
    cosine: [S::Reference; CHUNK],
    sine: [S::Reference; CHUNK],
}

impl<S: Sample> Reference<S> {
    /// Takes `frames` references, turning the rotor on to the frame after them.
    #[inline(always)]
    pub(crate) fn new(rotor: &mut Rotor, frames: usize) -> Self {
        let blank = [S::Reference::default(); CHUNK];
        let mut reference = Self { cosine: blank, sine: blank };
        for (cosine, sine) in reference.cosine.iter_mut().zip(&mut reference.sine).take(frames) {
            (*cosine, *sine) = rotor.reference::<S>();
            rotor.forward();
        }
        reference
    }
}

/// Sum and sum of squares of a channel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    pub(crate) sum: i64,
    pub(crate) square: i64,
}

impl Moments {
    pub(crate) fn bulk<S: Sample>(&mut self, codes: &[S]) {
        for &code in codes {
            self.part(code, code);
        }
    }

    /// Takes the part of a code that belongs here.
    #[inline(always)]
    pub(crate) fn part<S: Sample>(&mut self, part: S, code: S) {
        self.sum += i64::from(part.into());
        self.square += part.product(code);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.sum += other.sum;
        self.square += other.square;
    }

    pub(crate) fn remove(&mut self, other: &Self) {
        self.sum -= other.sum;
        self.square -= other.square;
    }
}

/// Correlation of a channel with the reference: the fundamental's phasor `sine + j·cosine`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Phasor {
    pub(crate) cosine: i64,
    pub(crate) sine: i64,
}

impl Phasor {
    pub(crate) fn bulk<S: Sample>(&mut self, codes: &[S], reference: &Reference<S>) {
        for ((&code, &cosine), &sine) in codes.iter().zip(&reference.cosine).zip(&reference.sine) {
            self.part(code, (cosine, sine));
        }
    }

    #[inline(always)]
    pub(crate) fn part<S: Sample>(&mut self, part: S, (cosine, sine): (S::Reference, S::Reference)) {
        self.cosine += part.correlate(cosine);
        self.sine += part.correlate(sine);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.cosine += other.cosine;
        self.sine += other.sine;
    }

    /// Undoes what the reference's making left in the sums of one cycle: the mean error of its width, and the half step
    /// that the cosine runs behind: c = (c' - s·sin h)/cos h, with h half a step and `chord` = 2·sin h in Q32.
    pub(crate) fn straighten<S: Sample>(&mut self, sum: i64, chord: i32) {
        let sine = S::unbias(self.sine, sum);
        let skewed = S::unbias(self.cosine, sum);
        let half = i64::from(chord) / 2;
        let square = (half * half) >> 32;
        // 1/cos h - 1 = x/2 + 3x²/8 + 5x³/16 with x = sin² h, Q32: the next term is below 10⁻⁸ where h is largest.
        let power = (square * square) >> 32;
        let stretch = square / 2 + 3 * power / 8 + 5 * ((power * square) >> 32) / 16;
        let turned = skewed - times_q32(sine, half);
        *self = Self { cosine: turned + times_q32(turned, stretch), sine };
    }
}

/// `value · factor / 2³²`, factor below 2³².
fn times_q32(value: i64, factor: i64) -> i64 {
    // By halves, so that no 128-bit product is needed.
    (value >> 32) * factor + (((value & 0xffff_ffff) * factor) >> 32)
}

/// Σ v·i, frame by frame.
pub(crate) fn product<S: Sample>(voltage: &[S], current: &[S]) -> i64 {
    voltage.iter().zip(current).map(|(&voltage, &current)| current.product(voltage)).sum()
}

/// The smallest and the largest code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extremes {
    pub(crate) low: i32,
    pub(crate) high: i32,
}

impl Extremes {
    /// Of no code.
    pub(crate) const NONE: Self = Self { low: i32::MAX, high: i32::MIN };

    pub(crate) fn of<S: Sample>(codes: &[S]) -> Self {
        codes
            .iter()
            .map(|&code| code.into())
            .fold(Self::NONE, |extremes, code: i32| Self { low: extremes.low.min(code), high: extremes.high.max(code) })
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }
}
