//! Power times time.
//!
//! In come mean powers and a duration, out go energies in whole steps; what is finer is kept for the next call, so that
//! the sum of all energies is the exact sum of power times time, cut once. This file must not know windows or channels.

use super::Energy;
use crate::quantity::{Power, Second, WattSecond};

/// Mean powers of one channel over a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Active power, watt: forward less reverse.
    pub active: Power,
    /// Of it what flowed in reverse, watt, not negative: the sum over cycles with negative power.
    pub reverse_active: Power,
    /// Fundamental reactive power, var: forward less reverse.
    pub reactive: Power,
    /// Of it what flowed in reverse, var, not negative.
    pub reverse_reactive: Power,
    /// Apparent power, volt-ampere.
    pub apparent: Power,
}

/// Bits of power times time that an energy has no room for: 2⁻²⁴ W · 2⁻³² s against 2⁻¹⁶ Ws.
const FINER: u32 = Power::FRAC_NBITS + Second::FRAC_NBITS - WattSecond::FRAC_NBITS;

/// Turns powers into energies, keeping what is finer than their step.
///
/// ```
/// use metering_core::energy::{Flow, Integrator};
/// use metering_core::quantity::{Power, Second, WattSecond};
///
/// let mut integrator = Integrator::default();
/// let flow = Flow { active: Power::const_from_int(1), ..Flow::default() };
/// // 1 W over 1/3 s is no whole number of steps; three of them are one watt-second all the same, but for the last
/// // step of what the third of a second itself was cut by.
/// let third = Second::from_num(1) / 3;
/// let sum: WattSecond = (0..3).map(|_| integrator.add(&flow, third).forward_active).sum();
/// assert_eq!(sum, WattSecond::ONE - WattSecond::DELTA);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integrator {
    /// In steps of 2⁻⁵⁶ Ws, in the order of [`Energy`].
    rest: [u64; 5],
}

impl Integrator {
    /// The energy of `flow` over `duration`. Forward less reverse is exactly power times time; where the reverse part
    /// is not within the power's reach it is made so. Saturates. About 150 instructions on a Cortex-M4.
    pub fn add(&mut self, flow: &Flow, duration: Second) -> Energy {
        let (forward_active, reverse_active) = parts(flow.active, flow.reverse_active);
        let (forward_reactive, reverse_reactive) = parts(flow.reactive, flow.reverse_reactive);
        let [a, b, c, d, e] = &mut self.rest;
        Energy {
            forward_active: energy(a, forward_active, duration),
            reverse_active: energy(b, reverse_active, duration),
            forward_reactive: energy(c, forward_reactive, duration),
            reverse_reactive: energy(d, reverse_reactive, duration),
            apparent: energy(e, flow.apparent.max(Power::ZERO).to_bits().unsigned_abs(), duration),
        }
    }
}

/// Forward and reverse part of a power, neither negative, their difference being the power.
#[inline(never)]
fn parts(net: Power, reverse: Power) -> (u64, u64) {
    let net = net.to_bits();
    // A reverse part has at most 63 bits, and so has what is lacking to it: both parts fit 64.
    let lacking = if net < 0 { net.unsigned_abs() } else { 0 };
    let reverse = reverse.max(Power::ZERO).to_bits().unsigned_abs().max(lacking);
    (reverse.wrapping_add_signed(net), reverse)
}

#[inline(never)]
fn energy(rest: &mut u64, power: u64, duration: Second) -> WattSecond {
    if power == 0 {
        return WattSecond::ZERO;
    }
    // Whole seconds and the part of one; a window has the latter alone. No carry is lost: `rest` has 40 bits.
    let (seconds, part) = (duration.to_bits() >> 32, duration.to_bits() & 0xffff_ffff);
    let lower = (power & 0xffff_ffff) * part + (*rest & 0xffff_ffff);
    let upper = (power >> 32) * part + (lower >> 32) + (*rest >> 32);
    let upper = u128::from(power) * u128::from(seconds) + u128::from(upper);
    *rest = (upper as u64 & ((1 << (FINER - 32)) - 1)) << 32 | (lower & 0xffff_ffff);
    WattSecond::from_bits(u64::try_from(upper >> (FINER - 32)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_sum_is_exact(
            steps in prop::collection::vec((-1i64 << 50..1 << 50, 0i64..1 << 50, any::<u32>()), 1..50)
        ) {
            let mut integrator = Integrator::default();
            let (mut forward, mut reverse) = (0i128, 0i128);
            let (mut net, mut back) = (0i128, 0i128);
            for (power, reversed, time) in steps {
                let flow = Flow {
                    active: Power::from_bits(power),
                    reverse_active: Power::from_bits(reversed),
                    ..Flow::default()
                };
                let energy = integrator.add(&flow, Second::from_bits(time.into()));
                forward += i128::from(energy.forward_active.to_bits());
                reverse += i128::from(energy.reverse_active.to_bits());
                net += i128::from(power) * i128::from(time);
                back += i128::from(reversed.max(-power)) * i128::from(time);
                prop_assert_eq!(reverse, back >> FINER);
                prop_assert_eq!(forward, (net + back) >> FINER);
            }
        }
    }

    #[test]
    fn the_ends_saturate() {
        for power in [Power::MAX, Power::MIN] {
            let flow = Flow {
                active: power,
                reverse_active: power,
                reactive: power,
                reverse_reactive: Power::MAX,
                apparent: power,
            };
            let energy = Integrator::default().add(&flow, Second::MAX);
            assert_eq!(energy.absolute_active(), WattSecond::MAX);
            assert_eq!(energy.reverse_reactive, WattSecond::MAX);
            assert_eq!(energy.apparent, if power > 0 { WattSecond::MAX } else { WattSecond::ZERO });
        }
    }
}
