//! The sums of one mains cycle and of a window: all that is kept of the samples.
//!
//! In come codes and references, out go exact 64-bit sums of them: sum, square and product, and the correlations with
//! the reference. Plain additions over frames, so neither block cuts nor the order of work change a bit. This file must
//! not know volts, nor where a cycle begins.
//!
//! Ranges: at 24 bits, 64 kHz and 12 cycles of 42.5 Hz there are 18 071 < 2¹⁵ frames, so a sum stays below 2³⁸, a square
//! or correlation below 2⁶¹·²: no sum can overflow. Cycles are never longer than those of 35 Hz, so that a sum of 16-bit
//! codes stays below 2³⁰: the loops of a Cortex-M4 keep 32 bits of it.

use crate::sample::Sample;

/// Sum and sum of squares of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Moments {
    pub sum: i64,
    pub square: i64,
}

impl Moments {
    /// Takes the part of a code that belongs here.
    #[inline(always)]
    pub(crate) fn part<S: Sample>(&mut self, part: S, code: S) {
        self.sum += i64::from(part.into());
        self.square += part.product(code);
    }

    pub(crate) fn remove(&mut self, other: &Self) {
        self.sum -= other.sum;
        self.square -= other.square;
    }
}

/// Correlation of a channel with the reference: the fundamental's phasor `sine + j·cosine`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Phasor {
    pub cosine: i64,
    pub sine: i64,
}

impl Phasor {
    pub(crate) fn add(&mut self, other: &Self) {
        self.cosine += other.cosine;
        self.sine += other.sine;
    }

    pub(crate) fn remove(&mut self, other: &Self) {
        self.cosine -= other.cosine;
        self.sine -= other.sine;
    }
}

/// The smallest and the largest code.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Extremes {
    /// 2³¹ - 1 less the square of the largest magnitude that is no new extreme, below 0 where any code may be one: what the
    /// loop over 16-bit codes of a Cortex-M4 asks for. Right after [`add`](Self::add); loops that do without leave it.
    pub room: i32,
    pub low: i32,
    pub high: i32,
}

impl PartialEq for Extremes {
    fn eq(&self, other: &Self) -> bool {
        (self.low, self.high) == (other.low, other.high)
    }
}

impl Eq for Extremes {}

impl Extremes {
    /// Of no code.
    pub(crate) const NONE: Self = Self::new(i32::MAX, i32::MIN);

    pub(crate) const fn new(low: i32, high: i32) -> Self {
        // Of 16-bit codes, or of none: then the larger is the negative one.
        let below = low.wrapping_neg();
        let least = if below < high { below } else { high };
        let room = if least < 0 { -1 } else { i32::MAX.wrapping_sub(least.wrapping_mul(least)) };
        Self { room, low, high }
    }

    pub(crate) fn of<S: Sample>(codes: &[S]) -> Self {
        let (mut low, mut high) = (i32::MAX, i32::MIN);
        for &code in codes {
            let code = code.into();
            (low, high) = (low.min(code), high.max(code));
        }
        Self::new(low, high)
    }

    /// Whether codes between them are such as their type may hold.
    pub(crate) fn holds<S: Sample>(self) -> bool {
        self.low >= S::saturate(i32::MIN).into() && self.high <= S::saturate(i32::MAX).into()
    }

    pub(crate) fn add(&mut self, other: Self) {
        *self = Self::new(self.low.min(other.low), self.high.max(other.high));
    }
}

/// Sums of one channel. Up to the extremes' room they lie one behind the other: assembler loads and stores them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Sums {
    pub moments: Moments,
    /// Σ v·i of a current.
    pub product: i64,
    pub extremes: Extremes,
    pub phasor: Phasor,
}

impl Sums {
    pub(crate) const fn new() -> Self {
        Self {
            moments: Moments { sum: 0, square: 0 },
            product: 0,
            extremes: Extremes::NONE,
            phasor: Phasor { cosine: 0, sine: 0 },
        }
    }

    /// Takes all but extremes away.
    #[inline(never)]
    pub(crate) fn remove(&mut self, other: &Self) {
        self.moments.remove(&other.moments);
        self.product -= other.product;
        self.phasor.remove(&other.phasor);
    }

    /// Takes the extremes of `other`, which has none from then on.
    #[inline(never)]
    pub(crate) fn see(&mut self, other: &mut Self) {
        self.extremes.add(core::mem::replace(&mut other.extremes, Extremes::NONE));
    }
}

/// Sums of one channel that the loops add to. The segment lies right before the sums: assembler is given one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Running {
    /// Correlation with the reference's table since the present segment began.
    pub segment: Phasor,
    pub sums: Sums,
}

impl Running {
    pub(crate) const fn new() -> Self {
        Self { segment: Phasor { cosine: 0, sine: 0 }, sums: Sums::new() }
    }
}
