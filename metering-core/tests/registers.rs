//! Register units against exact rational arithmetic.

use metering_core::quantity::{Ampere, Degree, Hertz, Power, Ratio, Second, Signed, Volt, WattSecond};
use metering_core::registers;
use proptest::prelude::*;

/// `bits / 2^fraction * factor` to the nearest integer, halves away from zero, clamped.
fn exact(bits: impl Into<i128>, fraction: u32, factor: i128, ends: (i128, i128)) -> i128 {
    let (numerator, denominator): (i128, i128) = (bits.into() * factor, 1 << fraction);
    let nearest = (2 * numerator.abs() + denominator) / (2 * denominator);
    (nearest * numerator.signum()).clamp(ends.0, ends.1)
}

const LONG: (i128, i128) = (i32::MIN as i128, i32::MAX as i128);
const SHORT: (i128, i128) = (i16::MIN as i128, i16::MAX as i128);

fn judge(bits: u64) {
    let (volt, ampere, power) = (Volt::from_bits(bits), Ampere::from_bits(bits), Power::from_bits(bits as i64));
    assert_eq!(i128::from(registers::voltage(volt)), exact(bits, 32, 1, LONG));
    assert_eq!(i128::from(registers::current(ampere)), exact(bits, 32, 1_000, LONG));
    assert_eq!(i128::from(registers::residual(ampere)), exact(bits, 32, 10_000, SHORT));
    let mean = Signed::from_bits(bits as i64);
    assert_eq!(i128::from(registers::residual_dc(mean)), exact(bits as i64, 32, 10_000, SHORT));
    assert_eq!(i128::from(registers::power(power)), exact(bits as i64, 24, 1, LONG));
    let word = bits as u32;
    assert_eq!(i128::from(registers::frequency(Hertz::from_bits(word))), exact(word, 24, 100, LONG));
    assert_eq!(i128::from(registers::power_factor(Ratio::from_bits(word as i32))), exact(word as i32, 30, 1_000, LONG));
    assert_eq!(i128::from(registers::power_angle(Degree::from_bits(word as i32))), exact(word as i32, 23, 10, LONG));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn conversions_are_exact(bits: u64, shift in 0u32..64) {
        judge(bits >> shift);
        judge((bits as i64 >> shift) as u64);
    }

    #[test]
    fn halves_go_away_from_zero(halves in -3_000i64..3_000, beside in -1i64..=1) {
        // The finest step beside each half of a unit, and the half itself where the type holds it.
        judge(((halves << 23) + beside) as u64);
        judge(((halves.abs() << 31) + beside) as u64);
        for factor in [10, 100, 1_000, 10_000] {
            for fraction in [23, 24, 30, 32] {
                judge(((halves << fraction) / (2 * factor) + beside) as u64);
            }
        }
    }
}

#[test]
fn readings_as_the_8311_shows_them() {
    assert_eq!(registers::voltage(Volt::from_num(229.5)), 230);
    assert_eq!(registers::voltage(Volt::from_num(229.49)), 229);
    assert_eq!(registers::current(Ampere::from_num(0.0625)), 63, "62.5 mA");
    assert_eq!(registers::current(Ampere::from_num(16)), 16_000);
    assert_eq!(registers::frequency(Hertz::from_num(50.125)), 5_013, "50.125 Hz");
    assert_eq!(registers::frequency(Hertz::from_num(49.99)), 4_999);
    assert_eq!(registers::power_factor(Ratio::from_num(-0.4995)), -499, "the type holds -0.49949999988");
    assert_eq!(registers::power_factor(Ratio::from_num(-0.0625)), -63, "-62.5");
    assert_eq!(registers::power_factor(Ratio::from_num(-1)), -1_000);
    assert_eq!(registers::power_angle(Degree::from_num(-180)), -1_800);
    assert_eq!(registers::power_angle(Degree::from_num(-0.25)), -3, "-2.5");
    assert_eq!(registers::power_angle(Degree::from_num(0.25)), 3);
    assert_eq!(registers::power(Power::from_num(-1_234.5)), -1_235);
    assert_eq!(registers::power(Power::from_num(1_234.5)), 1_235);
    assert_eq!(registers::power(Power::from_num(-0.25)), 0);
    assert_eq!(registers::residual(Ampere::from_num(0.03)), 300);
    assert_eq!(registers::residual(Ampere::from_num(0.006)), 60);
    assert_eq!(registers::residual_dc(Signed::from_num(-0.0125)), -125);
}

#[test]
fn the_ends_of_the_types_saturate() {
    for bits in [0, 1, u64::MAX, i64::MAX as u64, i64::MIN as u64, u32::MAX.into(), 1 << 31, (1 << 31) - 1] {
        judge(bits);
    }
    assert_eq!(registers::voltage(Volt::MAX), i32::MAX);
    assert_eq!(registers::current(Ampere::MAX), i32::MAX);
    assert_eq!(registers::residual(Ampere::from_num(3.2767)), 32_767);
    assert_eq!(registers::residual(Ampere::from_num(3.3)), i16::MAX);
    assert_eq!(registers::power(Power::MIN), i32::MIN);
    assert_eq!(registers::power(Power::MAX), i32::MAX);
    assert_eq!(registers::power(Power::from_num(i32::MIN)), i32::MIN);
    assert_eq!(registers::frequency(Hertz::MAX), 25_600);
    assert_eq!(registers::power_factor(Ratio::MIN), -2_000);
    assert_eq!(registers::power_angle(Degree::MIN), -2_560);
}

#[test]
fn energy_passes_the_ends_of_32_bits_and_goes_on() {
    let watt_hours = |hours: u64| WattSecond::from_num(hours * 3_600);
    let shown =
        |energy| (registers::energy(energy), registers::energy_signed(energy), registers::energy_unsigned(energy));
    let (half, full) = (1u64 << 31, 1u64 << 32);
    assert_eq!(shown(watt_hours(half) - WattSecond::DELTA), (half - 1, i32::MAX, 0x7fff_ffff));
    assert_eq!(shown(watt_hours(half)), (half, i32::MIN, 0x8000_0000));
    assert_eq!(shown(watt_hours(full) - WattSecond::DELTA), (full - 1, -1, u32::MAX));
    assert_eq!(shown(watt_hours(full)), (full, 0, 0));
    assert_eq!(shown(WattSecond::MAX), ((u64::MAX >> 16) / 3_600, 0x3456_789a, 0x3456_789a));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    // A reader that takes differences modulo 2³² sees all that was added, wherever the register stands.
    #[test]
    fn differences_of_energy_are_right_whatever_was_passed(start: u64, added in 0u64..=u32::MAX.into()) {
        let start = start % (1 << 35);
        let energy = |hours: u64| WattSecond::from_bits((hours * 3_600) << 16 | 0xffff);
        let (before, after) = (energy(start), energy(start + added));
        let unsigned = registers::energy_unsigned(after).wrapping_sub(registers::energy_unsigned(before));
        let signed = registers::energy_signed(after).wrapping_sub(registers::energy_signed(before));
        prop_assert_eq!(u64::from(unsigned), added);
        prop_assert_eq!(signed as u32, unsigned);
    }

    #[test]
    fn energy_and_time_are_cut_not_rounded(bits: u64) {
        let hours = registers::energy(WattSecond::from_bits(bits));
        let step = u128::from(hours) * (3_600 << 16);
        prop_assert!(step <= u128::from(bits) && u128::from(bits) - step < 3_600 << 16);
        prop_assert_eq!(u64::from(registers::seconds(Second::from_bits(bits))), bits / (1 << 32));
    }
}
