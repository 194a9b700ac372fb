//! One order of harmonics: its rotor, and the sums of its three bins.
//!
//! In come the values of frames and, at each cycle begin, a rotor; out go the power and the angle of the bins. This file
//! must not know windows, edges, nor where the values come from.

use crate::trig;

/// 1 in the weights, rotors and their steps.
pub(super) const ONE: i64 = 1 << 30;

/// `a·b + c·d` of Q30 numbers, rounded.
#[inline(always)]
fn products(a: i32, b: i32, c: i32, d: i32) -> i32 {
    ((i64::from(a) * i64::from(b) + i64::from(c) * i64::from(d) + ONE / 2) >> 30) as i32
}

/// A unit phasor that turns by a step per frame; all parts Q30.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turning {
    cosine: i32,
    sine: i32,
    step_cosine: i32,
    step_sine: i32,
}

impl Turning {
    pub(super) fn new(phase: u32, step: u32) -> Self {
        let cosine = |phase: u32| trig::sine(phase.wrapping_add(1 << 30));
        Self { cosine: cosine(phase), sine: trig::sine(phase), step_cosine: cosine(step), step_sine: trig::sine(step) }
    }

    /// A value times cosine and sine.
    #[inline(always)]
    pub(super) fn times(&self, value: i32) -> (i32, i32) {
        (products(value, self.cosine, 0, 0), products(value, self.sine, 0, 0))
    }

    // The magnitude stays within 10⁻⁸ per frame of 1, and `MOST_FRAMES` ends a window: 32 bits suffice.
    #[inline(always)]
    pub(super) fn forward(&mut self) {
        let Self { cosine, sine, step_cosine, step_sine } = *self;
        self.cosine = products(cosine, step_cosine, -sine, step_sine);
        self.sine = products(sine, step_cosine, cosine, step_sine);
    }
}

/// Correlation of one value per frame with a rotor: Σ x·cos and Σ x·sin, Q23.
#[derive(Clone, Copy, Debug)]
struct Correlation {
    cosine: i64,
    sine: i64,
}

/// One order: its rotor, and the correlations of the codes and of the codes times cosine and sine of Θ/N.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) rotor: Turning,
    plain: Correlation,
    by_cosine: Correlation,
    by_sine: Correlation,
}

/// The three values of a frame.
pub(super) type Values = [i32; 3];

impl Order {
    pub(super) const NONE: Self = {
        let none = Correlation { cosine: 0, sine: 0 };
        let rotor = Turning { cosine: 0, sine: 0, step_cosine: 0, step_sine: 0 };
        Self { rotor, plain: none, by_cosine: none, by_sine: none }
    };

    pub(super) fn take(&mut self, frames: &[Values]) {
        let Self { mut rotor, mut plain, mut by_cosine, mut by_sine } = *self;
        for &[code, code_cosine, code_sine] in frames {
            let (cosine, sine) = (i64::from(rotor.cosine >> 7), i64::from(rotor.sine >> 7));
            plain.cosine += i64::from(code) * cosine;
            plain.sine += i64::from(code) * sine;
            by_cosine.cosine += i64::from(code_cosine) * cosine;
            by_cosine.sine += i64::from(code_cosine) * sine;
            by_sine.cosine += i64::from(code_sine) * cosine;
            by_sine.sine += i64::from(code_sine) * sine;
            rotor.forward();
        }
        *self = Self { rotor, plain, by_cosine, by_sine };
    }

    /// The sum of the squared magnitudes of the three bins. Six squares below 2¹²³ each: no overflow.
    pub(super) fn power(&self) -> i128 {
        let square = |a: i64, b: i64| (i128::from(a) + i128::from(b)).pow(2);
        let (c, s) = (self.by_cosine, self.by_sine);
        square(self.plain.cosine, 0)
            + square(self.plain.sine, 0)
            + square(c.cosine, -s.sine)
            + square(c.sine, s.cosine)
            + square(c.cosine, s.sine)
            + square(c.sine, -s.cosine)
    }

    /// The centre bin's angle as a sine, fraction of a turn in Q32.
    pub(super) fn angle(&self) -> i32 {
        trig::angle(self.plain.sine, self.plain.cosine)
    }
}
