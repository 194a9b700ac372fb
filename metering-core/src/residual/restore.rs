//! From the sums of a window or cycle and what its cycles said to a reading in ampere.
//!
//! In come exact sums and levels, out goes a [`ResidualReading`]. Runs once per window, and per cycle where readings of
//! cycles are wanted: about 900 instructions on a Cortex-M4. This file must not know frames.

use crate::calibration::Dc;
use crate::quantity::Signed;
use crate::residual::baseline::fraction;
use crate::residual::cycles::Cycles;
use crate::residual::reading::{Kind, ResidualReading};
use crate::residual::settings::{Coupling, Residual};
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sums::Sums;
use crate::window::Window;

/// The reading of a stretch whose sums are `sums`.
pub(crate) fn read<S: Sample>(residual: &Residual, window: &Window, sums: &Sums, cycles: &Cycles) -> ResidualReading {
    let channel = crate::calibration::Channel { dc: Dc::Offset, ..residual.channel };
    let measured = window.channel::<S>(&channel, sums);
    let fraction = fraction::<S>() as i32;
    let of_cycles = |sum: i64, count: u8, exponent| Scaled::new(sum, exponent).over(Scaled::new(i64::from(count), 0));

    // Means count from the middle of the range, as levels do.
    let mean = measured.dc;
    let rests = 2 * cycles.rests >= cycles.count && cycles.rests > 0;
    let zero = if rests { of_cycles(cycles.levels, cycles.rests, -fraction) } else { mean };
    let dc = mean.minus(zero);
    let taken = of_cycles(cycles.taken.min(i64::MAX as u64) as i64, cycles.count, -2 * fraction);
    let square = |x: Scaled| x.times(x);
    let ac = square(measured.rms).plus(taken).root();
    let rms = square(ac).plus(square(dc)).root();

    let middle = Scaled::new(i64::from(window.middle), 0);
    let total = match (residual.coupling, residual.channel.dc) {
        (Coupling::Direct, Dc::Signal { zero }) => {
            let distance = mean.plus(middle).minus(Scaled::new(i64::from(zero), -8));
            Some(measured.quantity(square(ac).plus(square(distance)).root()))
        }
        _ => None,
    };
    let high = Scaled::new(i64::from(S::saturate(sums.extremes.high).into()), 0).minus(middle).minus(zero);
    let low = zero.plus(middle).minus(Scaled::new(i64::from(S::saturate(sums.extremes.low).into()), 0));
    let peak = if sums.extremes.low > sums.extremes.high { Scaled::ZERO } else { high.max(low).max(Scaled::ZERO) };

    let least = Scaled::new(50, 0).over(Scaled::new(1_000_000, 0)).over(measured.scale.magnitude());
    let least = least.max(measured.noise.times(Scaled::new(2, 0)).magnitude()).max(Scaled::new(1, -1));
    let most = |count: u8| 2 * count > cycles.count;
    let (up, down) = if measured.scale.is_negative() {
        (Kind::PulsatingNegative, Kind::PulsatingPositive)
    } else {
        (Kind::PulsatingPositive, Kind::PulsatingNegative)
    };
    let kind = if least.at_least(rms) {
        Kind::None
    } else if most(cycles.positive) {
        up
    } else if most(cycles.negative) {
        down
    } else if most(cycles.sinusoidal) {
        Kind::Sinusoidal
    } else {
        Kind::Other
    };
    ResidualReading {
        rms: measured.quantity(rms),
        ac: measured.quantity(ac),
        total,
        dc: Signed::from_bits(dc.times(measured.scale).to_bits(32)),
        peak: measured.quantity(peak),
        kind,
    }
}
