//! Which way energy flowed in a cycle of the mains.
//!
//! In come the sums of a cycle, out go the sign of its active and reactive power and, over a window, what flowed in
//! reverse. A cycle costs a few products per current; the window's scale is applied once
//! per window, and only where the cycles of a window did not all go one way. This file must not know energies or units.
//!
//! A cycle's power is taken without the means of that cycle (with the fixed zeros where the DC of both channels is a
//! signal), and with the same correction for the channels' lag as the window's.

use crate::calibration::{Channel, Dc};
use crate::cycle::Share;
use crate::quantity::Power;
use crate::sample::Sample;
use crate::scaled::{Scaled, signed_product as product};
use crate::sums::Phasor;
use crate::trig;

/// Bits by which the voltage's phasor per frame, and the current's, are cut so that both fit 32 bits: that of a current has 43 with
/// its sign at 16 bits and 1 830 frames.
const fn voltage_cut<S: Sample>() -> u32 {
    2 * S::MAX_BITS - 25
}
const fn current_cut<S: Sample>() -> u32 {
    2 * S::MAX_BITS - 21
}

/// Bits of a mean behind the point: with those of a code one less than a word has.
const fn fine<S: Sample>() -> u32 {
    31 - S::MAX_BITS
}
/// Bits by which a sum of codes is cut to fit 32.
const fn sum_cut<S: Sample>() -> u32 {
    (S::MAX_BITS - 16) / 2
}

/// Bits of a reciprocal length in frames beyond 32.
const RECIPROCAL: u32 = 4;

/// How the products of a current with the voltage are to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// What is to be added, where it is not 0.
    correction: Option<Correction>,
    /// All ones where one of the channels is wired the wrong way round, not both; else 0.
    inverted: i32,
}

/// What a cycle's powers lack.
#[derive(Clone, Copy, Debug)]
struct Correction {
    /// Cosine less 1 and sine of the angle by which the current lags the voltage by what the channels are made of, Q30.
    turn: (i32, i32),
    /// Zeros of both channels in 256ths of a code, where the DC of both is a signal.
    zeros: Option<(i32, i32)>,
}

impl Pair {
    /// `step`: turns (Q32) per frame.
    #[inline(never)]
    pub(crate) fn new(voltage: &Channel, current: &Channel, step: u32) -> Self {
        let lag = voltage.lag(step).wrapping_sub(current.lag(step));
        let zeros = match (voltage.dc, current.dc) {
            (Dc::Signal { zero }, Dc::Signal { zero: other }) => Some((zero, other)),
            _ => None,
        };
        let correction = (lag != 0 || zeros.is_some()).then(|| {
            let cosine = trig::sine((lag as u32).wrapping_add(1 << 30));
            Correction { turn: (cosine.saturating_sub(1 << 30), trig::sine(lag as u32)), zeros }
        });
        Self { correction, inverted: -i32::from(voltage.inverted != current.inverted) }
    }
}

/// What the currents need to know of the voltage in a cycle.
pub(crate) struct CycleVoltage {
    /// 1 over the length in frames, Q36.
    reciprocal: u32,
    length: i64,
    sum: i64,
    mean: i32,
    /// Phasor per frame, cut; what is subtracted has its sign turned.
    cosine: i32,
    sine: i32,
    minus_sine: i32,
}

impl CycleVoltage {
    #[inline(always)]
    pub(crate) fn new<S: Sample>(voltage: &Share, length: u32, reciprocal: u32) -> Self {
        let Phasor { cosine, sine } = voltage.phasor;
        let per_frame = |sum: i64| (times_q32(sum, reciprocal) >> voltage_cut::<S>()) as i32;
        let sum = voltage.moments.sum;
        let sine = per_frame(sine);
        Self {
            reciprocal,
            length: i64::from(length),
            sum,
            mean: mean::<S>(sum, reciprocal) as i32,
            cosine: per_frame(cosine),
            sine,
            minus_sine: sine.wrapping_neg(),
        }
    }

    /// The powers of a current in a cycle: Σ v·i without the means, and the product of the phasors across.
    #[inline(always)]
    fn powers<S: Sample>(&self, current: &Share) -> Powers {
        let active = current.product - product_of_means::<S>(self.mean, current.moments.sum);
        let (cosine, sine) = cut_phasor::<S>(&current.phasor);
        Powers { active, across: product(self.cosine, sine) + product(self.minus_sine, cosine) }
    }

    /// The same with what they lack.
    #[cold]
    #[inline(never)]
    fn corrected<S: Sample>(&self, mut powers: Powers, by: &Correction, current: &Share) -> Powers {
        let (cosine, sine) = cut_phasor::<S>(&current.phasor);
        let along = product(self.cosine, cosine) + product(self.sine, sine);
        let (along, across) = trig::turned((along, powers.across), by.turn);
        powers.active += to_product::<S>(along);
        powers.across += across;
        if let Some((voltage, zero)) = by.zeros {
            let off = |sum: i64, zero: i32| sum - ((i64::from(zero) * (self.length >> 8)) >> 16);
            // Of codes at one end of the range, their zero at the other, it is 2³¹ and what the reciprocal is off.
            let mean =
                mean::<S>(off(self.sum, voltage), self.reciprocal).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
            powers.active += product_of_means::<S>(mean, off(current.moments.sum, zero));
        }
        powers
    }
}

/// Powers of a current in a cycle, each in a scale of its own.
struct Powers {
    active: i64,
    /// Of the phasors, cut.
    across: i64,
}

/// Cosine and sine of a current.
#[inline(always)]
fn cut_phasor<S: Sample>(phasor: &Phasor) -> (i32, i32) {
    let cut = |sum: i64| (sum >> current_cut::<S>()) as i32;
    (cut(phasor.cosine), cut(phasor.sine))
}

/// Mean of a sum over a cycle, with bits behind the point: of codes below 2³¹.
#[inline(always)]
fn mean<S: Sample>(sum: i64, reciprocal: u32) -> i64 {
    times_q32(sum << (fine::<S>() - RECIPROCAL), reciprocal)
}

/// Product of two means over a cycle: the mean of one and the sum of the other.
#[inline(always)]
fn product_of_means<S: Sample>(mean: i32, sum: i64) -> i64 {
    product(mean, (sum >> sum_cut::<S>()) as i32) >> (fine::<S>() - sum_cut::<S>())
}

/// Directions of one current over a window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Directions {
    active: Way,
    reactive: Way,
}

/// What is known of one power.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    forward: bool,
    reverse: bool,
    /// Sum over the cycles in reverse, as a magnitude.
    sum: i64,
}

impl Way {
    #[inline(always)]
    fn take(&mut self, cycle: i64, inverted: i32) {
        // A 0 that counts as reverse adds nothing.
        if ((cycle >> 32) as i32 ^ inverted) < 0 {
            self.take_reverse(cycle);
        } else if cycle != 0 {
            self.forward = true;
        }
    }

    /// Mean of what flowed in reverse over a window of `length` Q16 frames; 0 where all of its cycles went one way.
    #[inline(never)]
    fn mean_reverse(&self, length: u64) -> Scaled {
        if !(self.forward && self.reverse) {
            return Scaled::ZERO;
        }
        Scaled::new(self.sum, 0).over(Scaled::new(length as i64, -16))
    }

    #[inline(never)]
    fn take_reverse(&mut self, cycle: i64) {
        self.reverse = true;
        self.sum = self.sum.saturating_add(cycle.saturating_abs());
    }
}

impl Directions {
    /// Takes a whole cycle: its sums of the current and Σ v·i.
    #[inline(always)]
    pub(crate) fn cycle<S: Sample>(&mut self, pair: &Pair, voltage: &CycleVoltage, current: &Share) {
        let mut powers = voltage.powers::<S>(current);
        if let Some(correction) = &pair.correction {
            powers = voltage.corrected::<S>(powers, correction, current);
        }
        self.active.take(powers.active, pair.inverted);
        self.reactive.take(powers.across, pair.inverted);
    }

    /// Mean reverse active and reactive power over a window of `length` Q16 frames; 0 where all of its cycles went one way.
    /// `scale`: volt times ampere per code each.
    pub(crate) fn reverse<S: Sample>(&self, length: u64, scale: impl FnOnce() -> Scaled) -> (Power, Power) {
        let (active, reactive) = (self.active.mean_reverse(length), self.reactive.mean_reverse(length));
        if active.is_zero() && reactive.is_zero() {
            return (Power::ZERO, Power::ZERO);
        }
        let scale = scale();
        let power = |mean: Scaled| Power::from_bits(mean.times(scale).to_bits(24));
        (power(active), power(reactive.times(phasor_unit::<S>())))
    }
}

/// `value · factor / 2³²`.
#[inline(always)]
fn times_q32(value: i64, factor: u32) -> i64 {
    (value >> 32) * i64::from(factor) + (((value as u32 as u64 * u64::from(factor)) >> 32) as i64)
}

/// What a product of cut phasors counts in products of codes: 2/amplitude² and what was cut.
fn phasor_unit<S: Sample>() -> Scaled {
    let amplitude = const { Scaled::constant(S::REFERENCE_AMPLITUDE as i32, 0) };
    let exponent = (voltage_cut::<S>() + current_cut::<S>() - RECIPROCAL) as i32 + 1;
    Scaled::constant(1, exponent).over(amplitude.times(amplitude))
}

/// From a product of cut phasors to a sum of products of codes, by a factor of 27 bits.
fn to_product<S: Sample>(phasors: i64) -> i64 {
    // Bits that are cut before, so that the product fits, and of the factor.
    const CUT: u32 = 25;
    const FINE: u32 = 28;
    let down = const {
        FINE + 2 * S::REFERENCE_AMPLITUDE.ilog2() - (voltage_cut::<S>() + current_cut::<S>() - RECIPROCAL + 1) - CUT
    };
    // 2/amplitude², what was cut and `down` together.
    let factor = const {
        let amplitude = S::REFERENCE_AMPLITUDE as i128;
        ((1i128 << (FINE + 2 * S::REFERENCE_AMPLITUDE.ilog2())) / (amplitude * amplitude)) as i64
    };
    ((phasors >> CUT) * factor) >> down
}
