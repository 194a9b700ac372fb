//! Numbers of a 31-bit mantissa and a binary exponent, for the few steps a window takes from sums to readings.
//!
//! In come exact integer sums, out go roots, quotients and products that are right to 2⁻³⁰ of themselves whatever their
//! size, and at last a fixed-point quantity, saturated. Integers only, so every core gets the same bits. This file must
//! not know what the numbers mean. A step costs 20 to 60 instructions on a Cortex-M4: for the window rate, not for samples.

/// `mantissa · 2^exponent`; the mantissa is 0 or has a magnitude of 2³⁰ to 2³¹-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    mantissa: i32,
    exponent: i32,
}

impl Scaled {
    pub(crate) const ZERO: Self = Self { mantissa: 0, exponent: 0 };

    /// `value · 2^exponent`, rounded to 31 bits.
    pub(crate) fn new(value: i64, exponent: i32) -> Self {
        let magnitude = value.unsigned_abs();
        let bits = 64 - magnitude.leading_zeros() as i32;
        if bits == 0 {
            return Self::ZERO;
        }
        let shift = bits - 31;
        let mut mantissa = if shift > 0 {
            // Shift and round by the last bit shifted out; a carry into bit 31 is undone below.
            ((magnitude >> shift) + ((magnitude >> (shift - 1)) & 1)) as u32
        } else {
            (magnitude << -shift) as u32
        };
        let carry = mantissa >> 31;
        mantissa >>= carry;
        let signed = if value < 0 { -(mantissa as i32) } else { mantissa as i32 };
        Self { mantissa: signed, exponent: exponent + shift + carry as i32 }
    }

    /// `value · 2^exponent` of a 128-bit integer: exact products of sums come in here.
    pub(crate) fn wide(value: i128, exponent: i32) -> Self {
        let magnitude = value.unsigned_abs();
        // Leave 62 bits: the rounding to 31 follows in `new`, what is cut here lies 2⁻⁶¹ below the value.
        let shift = (66 - magnitude.leading_zeros() as i32).max(0);
        let cut = (magnitude >> shift) as i64;
        Self::new(if value < 0 { -cut } else { cut }, exponent + shift)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub(crate) fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether this is at least `other`.
    pub(crate) fn at_least(self, other: Self) -> bool {
        !self.minus(other).is_negative()
    }

    /// Difference, rounded to 2⁻³⁰ of the larger of both.
    pub(crate) fn minus(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            let mantissa = if self.is_zero() { -other.mantissa } else { self.mantissa };
            return Self { mantissa, exponent: if self.is_zero() { other.exponent } else { self.exponent } };
        }
        let exponent = self.exponent.max(other.exponent);
        let align = |x: Self| (i64::from(x.mantissa) << 31) >> (exponent - x.exponent).min(63);
        Self::new(align(self) - align(other), exponent - 31)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        self.minus(Self { mantissa: -other.mantissa, exponent: other.exponent })
    }

    pub(crate) fn magnitude(self) -> Self {
        Self { mantissa: self.mantissa.abs(), exponent: self.exponent }
    }

    /// The larger of both.
    pub(crate) fn max(self, other: Self) -> Self {
        if self.at_least(other) { self } else { other }
    }

    pub(crate) fn times(self, other: Self) -> Self {
        Self::new(i64::from(self.mantissa) * i64::from(other.mantissa), self.exponent + other.exponent)
    }

    /// Quotient; 0 where the divisor is 0, because every quantity here is 0 where its base is.
    pub(crate) fn over(self, divisor: Self) -> Self {
        match (i64::from(self.mantissa) << 32).checked_div(i64::from(divisor.mantissa)) {
            Some(quotient) => Self::new(quotient, self.exponent - divisor.exponent - 32),
            None => Self::ZERO,
        }
    }

    /// Square root; 0 for what is not positive, because rounding may leave a small negative difference of squares.
    pub(crate) fn root(self) -> Self {
        if self.mantissa <= 0 {
            return Self::ZERO;
        }
        let odd = self.exponent & 1;
        let radicand = (self.mantissa as u64) << (32 + odd);
        Self::new(radicand.isqrt() as i64, (self.exponent - 32 - odd) >> 1)
    }

    /// As an integer in units of `2^-fraction`, rounded to nearest, saturated to 64 bits.
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
            -40..0 => (mantissa + (1 << (-shift - 1))) >> -shift,
            _ => 0,
        }
    }

    /// As an unsigned integer in units of `2^-fraction`: 0 for what is negative, saturated at the top.
    pub(crate) fn to_unsigned_bits(self, fraction: i32) -> u64 {
        match self.exponent + fraction {
            _ if self.mantissa <= 0 => 0,
            34.. => u64::MAX,
            shift @ 0..=33 => (self.mantissa as u64) << shift,
            _ => self.to_bits(fraction) as u64,
        }
    }
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
        fn arithmetic_follows_f64(a: i64, b: i64) {
            let (x, y) = (Scaled::new(a, -20), Scaled::new(b, -7));
            prop_assert!(close(x.times(y), float(x) * float(y)));
            prop_assert!(b == 0 || close(x.over(y), float(x) / float(y)));
            let sum = float(x) + float(y);
            prop_assert!((float(x.plus(y)) - sum).abs() <= float(x).abs().max(float(y).abs()) * 2f64.powi(-29));
            let larger = float(x).abs().max(float(y).abs());
            prop_assert!((float(x.minus(y)) - (float(x) - float(y))).abs() <= larger * 2f64.powi(-29));
            prop_assert!(a <= 0 || close(x.root(), float(x).sqrt()));
        }

        #[test]
        fn fixed_point_is_rounded_and_saturated(a: i64, exponent in -80i32..80) {
            let x = Scaled::new(a, exponent);
            let truth = (float(x) * 65536.0).round();
            let expected = if truth >= 9.2e18 { i64::MAX } else if truth <= -9.2e18 { i64::MIN } else { truth as i64 };
            let got = x.to_bits(16);
            prop_assert!(got.abs_diff(expected) <= 1, "{got} {expected}");
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
