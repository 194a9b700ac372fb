//! Quantities in the register units of the Gude 8311: the integers its Modbus, SNMP and console interfaces show.
//!
//! In come quantities, out go integers. Every conversion is exact arithmetic followed by one rounding to the nearest
//! integer, halves away from zero, so that `-x` gives the negative of what `x` gives; a value beyond the register's type
//! becomes that type's end. Counters are different: they are cut, so that they are never ahead. This file must not know
//! where a register stands or how it is sent.

use crate::quantity::{Ampere, Degree, Hertz, Power, Ratio, Second, Signed, Volt, WattSecond};

/// RMS voltage in V. Range 0 to 2 147 483 647.
pub const fn voltage(voltage: Volt) -> i32 {
    long(nearest(voltage.to_bits(), Volt::FRAC_NBITS, 1), false)
}

/// RMS current in mA. Range 0 to 2 147 483 647 (2.1 MA).
pub const fn current(current: Ampere) -> i32 {
    long(nearest(current.to_bits(), Ampere::FRAC_NBITS, 1_000), false)
}

/// Frequency in 0.01 Hz. Range 0 to 25 600.
pub const fn frequency(frequency: Hertz) -> i32 {
    long(nearest(frequency.to_bits() as u64, Hertz::FRAC_NBITS, 100), false)
}

/// Power factor in 0.001, with its sign. Range -2 000 to 2 000, of which -1 000 to 1 000 is in use.
pub const fn power_factor(ratio: Ratio) -> i32 {
    let bits = ratio.to_bits();
    long(nearest(bits.unsigned_abs() as u64, Ratio::FRAC_NBITS, 1_000), bits < 0)
}

/// Power angle in 0.1 degree, positive when the current lags. Range -2 560 to 2 560, of which -1 800 to 1 800 is in use.
pub const fn power_angle(angle: Degree) -> i32 {
    let bits = angle.to_bits();
    long(nearest(bits.unsigned_abs() as u64, Degree::FRAC_NBITS, 10), bits < 0)
}

/// Active, apparent or reactive power in W, VA or var, with its sign. Range -2 147 483 648 to 2 147 483 647.
pub const fn power(power: Power) -> i32 {
    let bits = power.to_bits();
    long(nearest(bits.unsigned_abs(), Power::FRAC_NBITS, 1), bits < 0)
}

/// Residual current in 0.1 mA. Range 0 to 32 767 (3.2767 A).
pub const fn residual(current: Ampere) -> i16 {
    let tenths = nearest(current.to_bits(), Ampere::FRAC_NBITS, 10_000);
    if tenths > i16::MAX as u64 { i16::MAX } else { tenths as i16 }
}

/// Direct current of a residual current in 0.1 mA, with its sign. Range -32 768 to 32 767.
pub const fn residual_dc(current: Signed) -> i16 {
    let bits = current.to_bits();
    let tenths = long(nearest(bits.unsigned_abs(), Signed::FRAC_NBITS, 10_000), bits < 0);
    if tenths > i16::MAX as i32 {
        i16::MAX
    } else if tenths < i16::MIN as i32 {
        i16::MIN
    } else {
        tenths as i16
    }
}

/// Energy in whole Wh, varh or `VAh`, what is begun not counted. Range 0 to 7.8·10¹⁰.
pub const fn energy(energy: WattSecond) -> u64 {
    (energy.to_bits() >> WattSecond::FRAC_NBITS) / 3_600
}

/// Energy in Wh, varh or `VAh` as an unsigned 32-bit reader sees it (SNMP): the low 32 bits. At 2³² Wh
/// (133 years at 3 680 W) the register goes on from 0; the difference of two readings modulo 2³² stays right.
pub const fn energy_unsigned(energy: WattSecond) -> u32 {
    self::energy(energy) as u32
}

/// Energy in Wh, varh or `VAh` as a signed 32-bit reader sees it (Modbus): the same 32 bits in two's
/// complement. At 2³¹ Wh the register goes on from -2 147 483 648 upwards, at 2³² Wh from 0; the difference of two
/// readings, taken modulo 2³², stays right, and a reader that takes the bits for unsigned sees what SNMP shows.
pub const fn energy_signed(energy: WattSecond) -> i32 {
    self::energy(energy) as i32
}

/// Whole seconds of operation or since a reset. Range 0 to 4 294 967 295 (136 years).
pub const fn seconds(time: Second) -> u32 {
    (time.to_bits() >> Second::FRAC_NBITS) as u32
}

/// `bits · 2^-fraction · factor`, rounded to the nearest, halves up. For fractions of 1 to 32 bits and factors up to
/// 10 000: the whole part's product stays below 2⁵⁵, the fraction's below 2⁴⁶.
const fn nearest(bits: u64, fraction: u32, factor: u64) -> u64 {
    let one = 1 << fraction;
    let (whole, part) = (bits >> fraction, bits & (one - 1));
    whole * factor + ((part * factor + one / 2) >> fraction)
}

/// With its sign into 32 bits, saturated.
const fn long(magnitude: u64, negative: bool) -> i32 {
    if negative {
        if magnitude > i32::MAX as u64 { i32::MIN } else { -(magnitude as i32) }
    } else if magnitude > i32::MAX as u64 {
        i32::MAX
    } else {
        magnitude as i32
    }
}
