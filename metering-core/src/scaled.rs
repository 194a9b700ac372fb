//! Numbers of a 31-bit mantissa and a binary exponent, for the few steps a window takes from sums to readings.
//!
//! In come exact integer sums, out go roots, quotients and products that are right to 2⁻³⁰ of themselves whatever their
//! size, and at last a fixed-point quantity, saturated. Integers only, so every core gets the same bits. This file must
//! not know what the numbers mean. A step costs 20 to 60 instructions on a Cortex-M4: for the window rate, not for samples.

/// `mantissa · 2^exponent`; the mantissa is 0 or has a magnitude of 2³⁰ to 2³¹-1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scaled {
    pub(crate) mantissa: i32,
    pub(crate) exponent: i32,
}

impl Scaled {
    pub(crate) const ZERO: Self = Self { mantissa: 0, exponent: 0 };

    /// `value · 2^exponent`, rounded to 31 bits.
    #[inline(never)]
    pub(crate) fn new(value: i64, exponent: i32) -> Self {
        if value == 0 {
            return Self::ZERO;
        }
        // The upper 31 of 64 bits and the one after them, which rounds; a carry into bit 31 is undone.
        let (upper, zeros) = normalised(value.unsigned_abs());
        let mantissa = (upper >> 1) + (upper & 1);
        let carry = mantissa >> 31;
        let mantissa = (mantissa >> carry) as i32;
        let sign = (value >> 63) as i32;
        Self { mantissa: (mantissa ^ sign) - sign, exponent: exponent + 33 - zeros as i32 + carry as i32 }
    }

    /// `value · 2^exponent` of a constant from 1 to 2³¹ - 1.
    pub(crate) const fn constant(value: i32, exponent: i32) -> Self {
        let shift = value.leading_zeros() as i32 - 1;
        Self { mantissa: value << shift, exponent: exponent - shift }
    }

    /// `value · 2^exponent` of a 128-bit integer: exact products of sums come in here.
    #[cfg(any(feature = "aggregates", feature = "harmonics", test))]
    pub(crate) fn wide(value: i128, exponent: i32) -> Self {
        let magnitude = value.unsigned_abs();
        // Leave 62 bits: the rounding to 31 follows in `new`, what is cut here lies 2⁻⁶¹ below the value.
        let shift = (66 - magnitude.leading_zeros() as i32).max(0);
        let cut = (magnitude >> shift) as i64;
        Self::new(if value < 0 { -cut } else { cut }, exponent + shift)
    }

    /// `value · factor` right to 2⁻²⁸ of itself, of a factor that is not negative.
    pub(crate) fn product(value: u64, factor: Self) -> Self {
        if value == 0 {
            return Self::ZERO;
        }
        let (upper, zeros) = normalised(value);
        // 29 to 31 bits.
        let product = (product(upper, factor.mantissa as u32) >> 32) as u32;
        let short = u32::from(product >> 30 == 0);
        let exponent = factor.exponent + 64 - zeros as i32 - short as i32;
        Self { mantissa: (product << short) as i32, exponent }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub(crate) fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether this is at least `other`.
    #[inline(always)]
    pub(crate) fn at_least(self, other: Self) -> bool {
        let (mine, theirs) = (self.mantissa, other.mantissa);
        if mine == 0 || theirs == 0 || (mine ^ theirs) < 0 || self.exponent == other.exponent {
            return mine >= theirs;
        }
        // Of one sign and of different sizes.
        (self.exponent > other.exponent) == (mine > 0)
    }

    /// Difference, rounded to 2⁻³⁰ of the larger of both.
    #[inline(never)]
    pub(crate) fn minus(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            let mantissa = if self.is_zero() { -other.mantissa } else { self.mantissa };
            return Self { mantissa, exponent: if self.is_zero() { other.exponent } else { self.exponent } };
        }
        let apart = self.exponent - other.exponent;
        let (large, small) = if apart < 0 { (other, self) } else { (self, other) };
        let small = (i64::from(small.mantissa) << 31) >> apart.unsigned_abs().min(63);
        let difference = (i64::from(large.mantissa) << 31) - small;
        Self::new(if apart < 0 { -difference } else { difference }, large.exponent - 31)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        self.minus(Self { mantissa: -other.mantissa, exponent: other.exponent })
    }

    pub(crate) fn magnitude(self) -> Self {
        Self { mantissa: self.mantissa.abs(), exponent: self.exponent }
    }

    /// The larger of both.
    #[inline(never)]
    pub(crate) fn max(self, other: Self) -> Self {
        if self.at_least(other) { self } else { other }
    }

    #[inline(never)]
    pub(crate) fn times(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        let product = product(self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        // 2⁶⁰ to 2⁶²: 30 or 31 bits too many, of which the first rounds.
        let (upper, lower) = ((product >> 32) as u32, product as u32);
        let (double, surplus) =
            if upper >> 29 == 0 { (upper << 3 | lower >> 29, 30) } else { (upper << 2 | lower >> 30, 31) };
        let mantissa = (double >> 1) + (double & 1);
        let carry = mantissa >> 31;
        let mantissa = (mantissa >> carry) as i32;
        let signed = if (self.mantissa < 0) == (other.mantissa < 0) { mantissa } else { -mantissa };
        Self { mantissa: signed, exponent: self.exponent + other.exponent + surplus + carry as i32 }
    }

    /// Quotient, rounded to nearest; 0 where the divisor is 0, because every quantity here is 0 where its base is.
    #[inline(never)]
    pub(crate) fn over(self, divisor: Self) -> Self {
        if self.is_zero() || divisor.is_zero() {
            return Self::ZERO;
        }
        let (upper, lower) = (self.mantissa.unsigned_abs(), divisor.mantissa.unsigned_abs());
        // So that the quotient has 31 bits.
        let shift = if upper >= lower { 30 } else { 31 };
        let numerator = u64::from(upper) << shift;
        // A little below the truth, never above: the remainder says how much.
        let mut quotient = (product(upper, reciprocal(lower)) >> (62 - shift)) as u32;
        let mut rest = numerator.wrapping_sub(product(quotient, lower));
        while rest >= u64::from(lower) {
            (quotient, rest) = (quotient + 1, rest - u64::from(lower));
        }
        quotient += u32::from(2 * rest >= u64::from(lower));
        let carry = quotient >> 31;
        let mantissa = (quotient >> carry) as i32;
        let signed = if (self.mantissa < 0) == (divisor.mantissa < 0) { mantissa } else { -mantissa };
        Self { mantissa: signed, exponent: self.exponent - divisor.exponent - shift + carry as i32 }
    }

    /// Square root; 0 for what is not positive, because rounding may leave a small negative difference of squares.
    #[inline(never)]
    pub(crate) fn root(self) -> Self {
        if self.mantissa <= 0 {
            return Self::ZERO;
        }
        let odd = self.exponent & 1;
        // In 2⁶⁰ to 2⁶²: the root has 31 bits.
        let radicand = (self.mantissa as u64) << (30 + odd);
        let mut root = root_near(self.mantissa as u32, odd == 1);
        let mut rest = radicand.wrapping_sub(product(root, root));
        if rest > 2 * u64::from(root) {
            rest -= 2 * u64::from(root) + 1;
            root += 1;
        }
        // The remainder of a root that lies above its half is above the root.
        root += u32::from(rest > u64::from(root));
        let carry = root >> 31;
        Self { mantissa: (root >> carry) as i32, exponent: ((self.exponent - 30 - odd) >> 1) + carry as i32 }
    }

    /// As an integer in units of `2^-fraction`, rounded to nearest, saturated to 64 bits.
    #[inline(never)]
    pub(crate) fn to_bits(self, fraction: i32) -> i64 {
        let shift = self.exponent + fraction;
        let mantissa = i64::from(self.mantissa);
        match shift {
            33.. if mantissa != 0 => {
                if mantissa < 0 {
                    i64::MIN
                } else {
                    i64::MAX
                }
            }
            0..=32 => mantissa << shift,
            -31..0 => i64::from((self.mantissa >> -shift) + (self.mantissa >> (-shift - 1) & 1)),
            _ => 0,
        }
    }

    /// As an unsigned integer in units of `2^-fraction`: 0 for what is negative, saturated at the top.
    #[inline(never)]
    pub(crate) fn to_unsigned_bits(self, fraction: i32) -> u64 {
        match self.exponent + fraction {
            _ if self.mantissa <= 0 => 0,
            34.. => u64::MAX,
            shift @ 0..=33 => (self.mantissa as u64) << shift,
            _ => self.to_bits(fraction) as u64,
        }
    }
}

/// Exact product.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
pub(crate) fn product(a: u32, b: u32) -> u64 {
    u64::from(a) * u64::from(b)
}

/// Exact product.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
pub(crate) fn signed_product(a: i32, b: i32) -> i64 {
    i64::from(a) * i64::from(b)
}

/// `value · factor`; wraps beyond 64 bits.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
pub(crate) fn times(value: i64, factor: i32) -> i64 {
    value.wrapping_mul(i64::from(factor))
}

/// Leading zeros.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
fn leading_zeros_32(value: u32) -> u32 {
    value.leading_zeros()
}

#[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
use crate::small::leading_zeros_32;
#[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
pub(crate) use crate::small::{product, signed_product, times};

/// Leading zeros of 64 bits.
#[inline(always)]
pub(crate) fn leading_zeros(value: u64) -> u32 {
    match (value >> 32) as u32 {
        0 => 32 + leading_zeros_32(value as u32),
        upper => leading_zeros_32(upper),
    }
}

/// The upper 32 bits of `value` shifted left by up to 63: by halves, as a shift of 64 bits by a variable takes longer.
#[inline(always)]
pub(crate) fn upper(value: u64, shift: u32) -> u32 {
    let (upper, lower) = ((value >> 32) as u32, value as u32);
    if shift < 32 { upper << shift | lower >> 1 >> (31 - shift) } else { lower.wrapping_shl(shift) }
}

/// The upper 32 bits of `value` without its leading zeros, and how many those are.
#[inline(always)]
pub(crate) fn normalised(value: u64) -> (u32, u32) {
    let (upper, lower) = ((value >> 32) as u32, value as u32);
    if upper == 0 {
        let zeros = leading_zeros_32(lower);
        return (lower.wrapping_shl(zeros), zeros + 32);
    }
    let zeros = leading_zeros_32(upper);
    (upper << zeros | lower >> 1 >> (31 - zeros), zeros)
}

/// 2⁶²/`divisor` for a divisor of 31 bits, cut to an integer, or up to 3 less. By Newton's iteration: a
/// processor without division takes hundreds of instructions for one of 64 bits.
#[inline(never)]
pub(crate) fn reciprocal(divisor: u32) -> u32 {
    // With d the divisor in Q31, 0.5 to 1, the line 48/17 - 32/17·d is within 1/17 of 1/d, and each step squares that.
    let mut inverse = 3_031_741_621 - (product(divisor, 4_042_322_161) >> 32) as u32;
    let step = |inverse| product(inverse, (((1 << 62) - product(divisor, inverse)) >> 30) as u32);
    for _ in 0..2 {
        inverse = (step(inverse) >> 31) as u32;
    }
    (step(inverse) >> 30) as u32
}

/// √(`mantissa`·2³⁰), or √(`mantissa`·2³¹) where `odd`, for a mantissa of 31 bits: cut to an integer, or 1 less.
fn root_near(mantissa: u32, odd: bool) -> u32 {
    // The line is within 3 % of 1/√m for m from 1 to 2. Q31.
    let line = 2_732_458_194 - (product(mantissa, 1_257_995_921) >> 31) as u32;
    let (value, mut inverse) =
        if odd { (mantissa << 1, (product(line, 3_037_000_500) >> 32) as u32) } else { (mantissa, line) };
    // Value in Q30, 1 to 4; y ← y·(3 - v·y²)/2, twice: within 2⁻¹⁹.
    for _ in 0..2 {
        let square = (product(inverse, inverse) >> 32) as u32;
        let share = (product(value, square) >> 32) as u32;
        inverse = (product(inverse, (3 << 28) - share) >> 29) as u32;
    }
    let root = (product(value, inverse) >> 31) as u32;
    // What is missing of the square, over twice the root: within 2⁻³⁸.
    let rest = (u64::from(value) << 30).wrapping_sub(product(root, root)) as i64;
    root.wrapping_add_signed((((rest >> 13) * i64::from(inverse)) >> 49) as i32)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "powers of two are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn float(x: Scaled) -> f64 {
        f64::from(x.mantissa) * 2f64.powi(x.exponent)
    }

    fn close(x: Scaled, truth: f64) -> bool {
        (float(x) - truth).abs() <= truth.abs() * 2f64.powi(-29)
    }

    proptest! {
        #[test]
        fn integers_keep_31_bits(x: i64) {
            prop_assert!(close(Scaled::new(x, 0), x as f64));
            prop_assert!(close(Scaled::wide(i128::from(x) * i128::from(x), -3), x as f64 * x as f64 / 8.0));
        }

        #[test]
        fn shifts_by_halves_are_those_of_64_bits(value: u64, less in 0u32..64, shift in 0u32..64) {
            let value = value >> less;
            prop_assert_eq!(leading_zeros(value), value.leading_zeros());
            prop_assert_eq!(upper(value, shift), ((value << shift) >> 32) as u32);
            if value != 0 {
                let zeros = value.leading_zeros();
                prop_assert_eq!(normalised(value), (((value << zeros) >> 32) as u32, zeros));
            }
        }

        #[test]
        fn constants_are_as_any_integer(x in 1..i32::MAX, exponent in -9i32..9) {
            prop_assert_eq!(Scaled::constant(x, exponent), Scaled::new(x.into(), exponent));
        }

        #[test]
        fn arithmetic_follows_f64(a: i64, b: i64) {
            let (x, y) = (Scaled::new(a, -20), Scaled::new(b, -7));
            prop_assert!(close(x.times(y), float(x) * float(y)));
            prop_assert!(b == 0 || close(x.over(y), float(x) / float(y)));
            let sum = float(x) + float(y);
            prop_assert!((float(x.plus(y)) - sum).abs() <= float(x).abs().max(float(y).abs()) * 2f64.powi(-29));
            let factor = x.magnitude();
            let cut = Scaled::product(b.unsigned_abs(), factor);
            let exact = b.unsigned_abs() as f64 * float(factor);
            prop_assert!(cut.mantissa == 0 || cut.mantissa >> 30 == 1);
            prop_assert!((float(cut) - exact).abs() <= exact * 2f64.powi(-28));
            let larger = float(x).abs().max(float(y).abs());
            prop_assert!((float(x.minus(y)) - (float(x) - float(y))).abs() <= larger * 2f64.powi(-29));
            prop_assert!(a <= 0 || close(x.root(), float(x).sqrt()));
        }

        #[test]
        fn fixed_point_is_rounded_and_saturated(a: i64, exponent in -80i32..80) {
            let x = Scaled::new(a, exponent);
            let truth = (float(x) * 65536.0).round();
            // The cast saturates.
            let (got, expected) = (x.to_bits(16), truth as i64);
            prop_assert!(got.abs_diff(expected) <= 1, "{got} {expected}");
        }
    }

    proptest! {
        #[test]
        fn quotients_and_roots_are_the_nearest(a in 1u32 << 30..1 << 31, b in 1u32 << 30..1 << 31, exponent in -9i32..9) {
            let quotient = Scaled::new(i64::from(a), exponent).over(Scaled::new(i64::from(b), 0));
            let (numerator, shift) = if a >= b { (u128::from(a) << 30, 30) } else { (u128::from(a) << 31, 31) };
            let nearest = (2 * numerator + u128::from(b)) / (2 * u128::from(b));
            prop_assert_eq!(quotient, Scaled::new(nearest as i64, exponent - shift));
            let root = Scaled::new(i64::from(a), exponent).root();
            // In quarters, so that the half is an integer: (2r - 1)² ≤ 4·radicand < (2r + 1)².
            let r = u128::from(root.mantissa.unsigned_abs());
            let radicand = u128::from(a) << (2 + 30 + (exponent & 1));
            let carried = root.mantissa == 1 << 30 && root.exponent != (exponent - 30 - (exponent & 1)) >> 1;
            prop_assert!(carried || (2 * r - 1).pow(2) <= radicand && radicand <= (2 * r + 1).pow(2), "{a} {root:?}");
            prop_assert_eq!(root.exponent - i32::from(carried), (exponent - 30 - (exponent & 1)) >> 1);
        }
    }

    proptest! {
        #[test]
        fn products_are_exact(a: u32, b: u32, c: i32, d: i32, e: i64) {
            prop_assert_eq!(u128::from(product(a, b)), u128::from(a) * u128::from(b));
            prop_assert_eq!(i128::from(signed_product(c, d)), i128::from(c) * i128::from(d));
            prop_assert_eq!(times(e, c), e.wrapping_mul(i64::from(c)));
        }
    }

    #[test]
    fn the_ends_of_the_integers_survive() {
        assert_eq!(float(Scaled::new(i64::MIN, 0)), -(2f64.powi(63)));
        assert_eq!(float(Scaled::wide(i128::MIN, 0)), -(2f64.powi(127)));
        assert!(close(Scaled::wide(i128::MAX, 0), 2f64.powi(127)));
        assert_eq!(Scaled::new(5, 0).over(Scaled::ZERO), Scaled::ZERO);
        assert_eq!(Scaled::new(-5, 0).root(), Scaled::ZERO);
        assert_eq!(Scaled::new(3, 63).to_unsigned_bits(0), u64::MAX);
        assert_eq!(Scaled::new(3, 61).to_unsigned_bits(0), 3 << 61);
        assert_eq!(Scaled::new(-3, 61).to_unsigned_bits(0), 0);
    }
}
