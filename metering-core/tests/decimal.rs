//! Decimals against exact rational arithmetic, and against the registers that round the same quantity.

use metering_core::decimal::{Exact, LEAST, MOST};
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Ratio, Signed, Volt, WattSecond};
use metering_core::registers;
use proptest::prelude::*;

/// `|bits| / (2^fraction · divisor) · 10^decimals` to the nearest, halves up, or cut.
fn exact(bits: impl Into<i128>, fraction: u32, divisor: u128, decimals: i8, is_cut: bool) -> u128 {
    let bits = bits.into().unsigned_abs();
    let tens = 10u128.pow(decimals.unsigned_abs().into());
    let (numerator, denominator) = if decimals < 0 { (bits, tens) } else { (bits * tens, 1) };
    let denominator = denominator * (divisor << fraction);
    if is_cut { numerator / denominator } else { (2 * numerator + denominator) / (2 * denominator) }
}

fn judge(bits: u64, decimals: i8) {
    let is = |shown: Exact, of: i128, fraction, divisor, is_cut| {
        let expected = exact(of, fraction, divisor, decimals, is_cut);
        assert_eq!(u128::from(shown.magnitude(decimals)), expected, "{of:#x} / 2^{fraction}, {decimals}");
        assert_eq!(shown.is_negative(), of < 0);
    };
    let (long, word) = (bits as i64, bits as u32);
    is(Exact::voltage(Volt::from_bits(bits)), bits.into(), 32, 1, false);
    is(Exact::current(Ampere::from_bits(bits)), bits.into(), 32, 1, false);
    is(Exact::mean(Signed::from_bits(long)), long.into(), 32, 1, false);
    is(Exact::power(Power::from_bits(long)), long.into(), 24, 1, false);
    is(Exact::power_factor(Ratio::from_bits(word as i32)), (word as i32).into(), 30, 1, false);
    is(Exact::angle(Degree::from_bits(word as i32)), (word as i32).into(), 23, 1, false);
    is(Exact::frequency(Hertz::from_bits(word)), word.into(), 24, 1, false);
    is(Exact::energy(WattSecond::from_bits(bits)), bits.into(), 16, 3_600, true);
    is(Exact::count(bits), bits.min(1 << 48).into(), 0, 1, true);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn decimals_are_exact(bits: u64, shift in 0u32..64, decimals in LEAST..=MOST) {
        judge(bits >> shift, decimals);
        judge((bits as i64 >> shift) as u64, decimals);
    }

    #[test]
    fn halves_go_away_from_zero(halves in 0u64..3_000, beside in -1i64..=1, decimals in LEAST..=MOST) {
        // The finest step beside each half of a shown unit, where the type holds it.
        for fraction in [16, 23, 24, 30, 32] {
            let half = (u128::from(halves) << fraction) * 10u128.pow(decimals.min(0).unsigned_abs().into())
                / (2 * 10u128.pow(decimals.max(0).unsigned_abs().into()));
            judge(u64::try_from(half).unwrap_or(u64::MAX).saturating_add_signed(beside), decimals);
        }
    }

    /// With the registers' digits the figures are those of the registers.
    #[test]
    fn registers_show_the_same(bits in 0u64..1 << 52, word: u32) {
        let same = |shown: u64, register: i64| assert_eq!(shown, register.unsigned_abs());
        same(Exact::voltage(Volt::from_bits(bits)).magnitude(0), registers::voltage(Volt::from_bits(bits)).into());
        same(Exact::current(Ampere::from_bits(bits)).magnitude(3), registers::current(Ampere::from_bits(bits)).into());
        let power = Power::from_bits(-(bits as i64));
        same(Exact::power(power).magnitude(0), registers::power(power).into());
        let (ratio, angle) = (Ratio::from_bits(word as i32), Degree::from_bits(word as i32));
        same(Exact::power_factor(ratio).magnitude(3), registers::power_factor(ratio).into());
        same(Exact::angle(angle).magnitude(1), registers::power_angle(angle).into());
        let frequency = Hertz::from_bits(word);
        same(Exact::frequency(frequency).magnitude(2), registers::frequency(frequency).into());
        let energy = WattSecond::from_bits(bits);
        assert_eq!(Exact::energy(energy).magnitude(0), registers::energy(energy));
    }
}

#[test]
fn the_ends_are_shown() {
    for decimals in [i8::MIN, LEAST, 0, MOST, i8::MAX] {
        let clamped = decimals.clamp(LEAST, MOST);
        for bits in [0, 1, u64::MAX, i64::MIN as u64, i64::MAX as u64] {
            judge(bits, clamped);
            let power = Exact::power(Power::from_bits(bits as i64));
            assert_eq!(power.magnitude(decimals), power.magnitude(clamped));
        }
    }
}
