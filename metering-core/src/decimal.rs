//! Quantities as decimals with as many digits as there is room for: what a display shows.
//!
//! In come quantities, out go integers in a power of ten of the unit. Each is exact arithmetic with one rounding from the
//! quantity itself, never from a figure that was rounded before: so a display of any width, a console and the registers of
//! [`crate::registers`] agree to the last digit that each can show. This file must not know fields, units or prefixes.

use crate::quantity::{Ampere, Degree, Hertz, Power, Ratio, Signed, Volt, WattSecond};

/// Most digits behind the point that are given.
pub const MOST: i8 = 4;
/// Most digits before the point that are left away.
pub const LEAST: i8 = -12;

/// A quantity before its one rounding: sign and `bits / (2^fraction · divisor)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    negative: bool,
    bits: u64,
    fraction: u32,
    divisor: u64,
    /// What is begun does not count.
    is_counter: bool,
}

impl Exact {
    /// RMS voltage in V.
    pub const fn voltage(voltage: Volt) -> Self {
        Self::value(voltage.to_bits(), Volt::FRAC_NBITS, false)
    }

    /// RMS current in A, of a line or residual.
    pub const fn current(current: Ampere) -> Self {
        Self::value(current.to_bits(), Ampere::FRAC_NBITS, false)
    }

    /// A mean of voltage or current in V or A, with its sign.
    pub const fn mean(mean: Signed) -> Self {
        Self::value(mean.to_bits().unsigned_abs(), Signed::FRAC_NBITS, mean.to_bits() < 0)
    }

    /// Power in W, var or VA, with its sign.
    pub const fn power(power: Power) -> Self {
        Self::value(power.to_bits().unsigned_abs(), Power::FRAC_NBITS, power.to_bits() < 0)
    }

    /// Power factor, with its sign.
    pub const fn power_factor(ratio: Ratio) -> Self {
        Self::value(ratio.to_bits().unsigned_abs() as u64, Ratio::FRAC_NBITS, ratio.to_bits() < 0)
    }

    /// Angle in degrees, with its sign.
    pub const fn angle(angle: Degree) -> Self {
        Self::value(angle.to_bits().unsigned_abs() as u64, Degree::FRAC_NBITS, angle.to_bits() < 0)
    }

    /// Frequency in Hz.
    pub const fn frequency(frequency: Hertz) -> Self {
        Self::value(frequency.to_bits() as u64, Hertz::FRAC_NBITS, false)
    }

    /// Energy in Wh, varh or `VAh`: a counter, so it is cut where others are rounded.
    pub const fn energy(energy: WattSecond) -> Self {
        Self {
            negative: false,
            bits: energy.to_bits(),
            fraction: WattSecond::FRAC_NBITS,
            divisor: 3_600,
            is_counter: true,
        }
    }

    /// A counter in whole units. Range 0 to 2⁴⁸, beyond that it stays there.
    pub const fn count(count: u64) -> Self {
        let most = 1 << 48;
        let count = if count > most { most } else { count };
        Self { negative: false, bits: count << 1, fraction: 1, divisor: 1, is_counter: true }
    }

    const fn value(bits: u64, fraction: u32, negative: bool) -> Self {
        Self { negative, bits, fraction, divisor: 1, is_counter: false }
    }

    /// The magnitude in units of `10^-decimals`, rounded to the nearest, halves away from zero; counters are cut.
    /// `decimals` beyond [`LEAST`] and [`MOST`] counts as these.
    ///
    /// ```
    /// use metering_core::decimal::Exact;
    /// use metering_core::quantity::{Volt, WattSecond};
    ///
    /// let voltage = Exact::voltage(Volt::const_from_int(1_225));
    /// assert_eq!([1, 0, -1, -2, -3].map(|decimals| voltage.magnitude(decimals)), [12_250, 1_225, 123, 12, 1]);
    /// assert_eq!(Exact::energy(WattSecond::const_from_int(7_199)).magnitude(0), 1);
    /// ```
    pub const fn magnitude(self, decimals: i8) -> u64 {
        let decimals = if decimals > MOST {
            MOST
        } else if decimals < LEAST {
            LEAST
        } else {
            decimals
        };
        let (factor, divisor) =
            if decimals < 0 { (1, self.divisor * tens(-decimals)) } else { (tens(decimals), self.divisor) };
        // Whole part and what is behind the point: below 2⁴⁸ · 10⁴ and 2³² · 10⁴, whatever the quantity.
        let mask = (1 << self.fraction) - 1;
        let behind = (self.bits & mask) * factor;
        let whole = (self.bits >> self.fraction) * factor + (behind >> self.fraction);
        let (quotient, rest) = (whole / divisor, whole % divisor);
        // Half a unit or more is left. As rest and divisor are whole, what is behind the doubled point's place is not
        // asked for.
        let is_up = 2 * rest + ((2 * (behind & mask)) >> self.fraction) >= divisor;
        quotient + (is_up && !self.is_counter) as u64
    }

    /// Whether the quantity is below zero; a negative one whose magnitude is rounded to 0 is shown without a sign.
    pub const fn is_negative(self) -> bool {
        self.negative
    }
}

const fn tens(power: i8) -> u64 {
    10u64.pow(power.unsigned_abs() as u32)
}
