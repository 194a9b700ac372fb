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
use crate::scaled::Scaled;
use crate::sums::Phasor;
use crate::trig;

/// Bits by which the voltage's phasor per frame, and the current's, are cut so that their product fits.
const fn voltage_cut<S: Sample>() -> u32 {
    2 * S::MAX_BITS - 25
}
const fn current_cut<S: Sample>() -> u32 {
    2 * S::MAX_BITS - 24
}

/// Bits of a reciprocal length: 2⁵² over the length in Q16, so 32 bits of it cut leave the quotient times 2⁴.
const RECIPROCAL: u32 = 52;
const LEFT: u32 = RECIPROCAL - 16 - 32;

/// How far the current lags the voltage by what the channels are made of, and how the products are to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Cosine less 1 and sine of the lag, Q30; `None` where there is no lag.
    turn: Option<(i32, i32)>,
    /// One of the channels is wired the wrong way round, not both.
    inverted: bool,
    /// Zeros of both channels in 256ths of a code, where the DC of both is a signal.
    zeros: Option<(i32, i32)>,
}

impl Pair {
    /// `step`: turns (Q32) per frame.
    #[inline(never)]
    pub(crate) fn new(voltage: &Channel, current: &Channel, step: u32) -> Self {
        let lag = voltage.lag(step).wrapping_sub(current.lag(step));
        let turn = (lag != 0).then(|| {
            let cosine = trig::sine((lag as u32).wrapping_add(1 << 30));
            (cosine.saturating_sub(1 << 30), trig::sine(lag as u32))
        });
        let zeros = match (voltage.dc, current.dc) {
            (Dc::Signal { zero }, Dc::Signal { zero: other }) => Some((zero, other)),
            _ => None,
        };
        Self { turn, inverted: voltage.inverted != current.inverted, zeros }
    }
}

/// What the currents need to know of the voltage in a cycle.
#[derive(Clone, Copy)]
pub(crate) struct CycleVoltage {
    /// 2⁵² over the length.
    reciprocal: u32,
    length: i64,
    sum: i64,
    /// Phasor per frame, cut.
    cosine: i64,
    sine: i64,
}

impl CycleVoltage {
    #[inline(always)]
    pub(crate) fn new<S: Sample>(voltage: &Share, length: u32, reciprocal: u32) -> Self {
        let Phasor { cosine, sine } = voltage.phasor;
        let per_frame = |sum: i64| times_q32(sum, reciprocal) >> voltage_cut::<S>();
        Self {
            reciprocal,
            length: i64::from(length),
            sum: voltage.moments.sum,
            cosine: per_frame(cosine),
            sine: per_frame(sine),
        }
    }

    /// Product of two sums over the length.
    fn product_of_sums<S: Sample>(&self, voltage: i64, current: i64) -> i64 {
        // Sums of 24-bit codes over two cycles have 35 bits: cut so that the product fits.
        let cut = (S::MAX_BITS - 16) / 2;
        times_q32((voltage >> cut) * (current >> cut), self.reciprocal) >> LEFT << (2 * cut)
    }

    /// Product of the means from fixed zeros, over the cycle; `sum` of the current.
    #[cold]
    #[inline(never)]
    fn product_from_zeros<S: Sample>(&self, (v, i): (i32, i32), sum: i64) -> i64 {
        let off = |sum: i64, zero: i32| sum - ((i64::from(zero) * (self.length >> 8)) >> 16);
        self.product_of_sums::<S>(off(self.sum, v), off(sum, i))
    }
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
    fn take(&mut self, cycle: i64, inverted: bool) {
        if cycle == 0 {
            return;
        }
        if (cycle < 0) == inverted { self.forward = true } else { self.take_reverse(cycle) }
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
        let sum = current.moments.sum;
        let mut active = current.product - voltage.product_of_sums::<S>(voltage.sum, sum);
        if let Some(zeros) = pair.zeros {
            // A copy, so that the other one can stay in registers.
            let voltage = *voltage;
            active += voltage.product_from_zeros::<S>(zeros, sum);
        }
        let (cosine, sine) = (current.phasor.cosine >> current_cut::<S>(), current.phasor.sine >> current_cut::<S>());
        let mut across = voltage.cosine * sine - voltage.sine * cosine;
        if let Some(turn) = pair.turn {
            let along = voltage.sine * sine + voltage.cosine * cosine;
            let (more_along, more_across) = trig::turned((along, across), turn);
            active += to_product::<S>(more_along);
            across += more_across;
        }
        self.active.take(active, pair.inverted);
        self.reactive.take(across, pair.inverted);
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
    let exponent = (voltage_cut::<S>() + current_cut::<S>() - LEFT) as i32 + 1;
    Scaled::constant(1, exponent).over(amplitude.times(amplitude))
}

/// From a product of cut phasors to a sum of products of codes, by a factor of 27 to 29 bits.
fn to_product<S: Sample>(phasors: i64) -> i64 {
    const FINE: u32 = 28;
    let down =
        const { FINE + 2 * S::REFERENCE_AMPLITUDE.ilog2() - (voltage_cut::<S>() + current_cut::<S>() - LEFT + 1) };
    // 2/amplitude², what was cut and `down` together.
    let factor = const {
        let amplitude = S::REFERENCE_AMPLITUDE as i128;
        ((1i128 << (FINE + 2 * S::REFERENCE_AMPLITUDE.ilog2())) / (amplitude * amplitude)) as i64
    };
    ((phasors >> FINE) * factor) >> (down - FINE)
}
