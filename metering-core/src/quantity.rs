//! The fixed-point types of all quantities: the scale is in the type, so a volt cannot be taken for a milliampere.
//!
//! In comes nothing, out go type names that every other room uses; this file must not know how a quantity is measured.
//! All types are two's complement integers with a binary point (`Ux F y`: x bits before it, y behind). Conversions into
//! them saturate, they never wrap.

use fixed::types::{I2F30, I9F23, I32F32, I40F24, U8F24, U32F32, U48F16};

/// Voltage in volt: 0 to 4.29·10⁹ V in steps of 0.23 nV. Root mean square or full-scale peak.
pub type Volt = U32F32;

/// Current in ampere: 0 to 4.29·10⁹ A in steps of 0.23 nA. Root mean square or full-scale peak.
pub type Ampere = U32F32;

/// Voltage or current with a sign, for means: ±2.14·10⁹ in steps of 0.23·10⁻⁹.
pub type Signed = I32F32;

/// Power in watt, var or volt-ampere: ±5.5·10¹¹ in steps of 60 nW.
pub type Power = I40F24;

/// Power factor, -1 to 1 in steps of 0.93·10⁻⁹.
pub type Ratio = I2F30;

/// Crest factor or total harmonic distortion: 0 to 256 in steps of 60·10⁻⁹; 1 is 100 %.
pub type Factor = U8F24;

/// Angle in degrees, -180 to 180 in steps of 0.12 µ°.
pub type Degree = I9F23;

/// Mains frequency in hertz: 0 to 256 Hz in steps of 0.06 µHz.
pub type Hertz = U8F24;

/// Sampling rate in hertz: 2 000 to 64 000 Hz in steps of 0.23 nHz.
pub type SampleRate = U32F32;

/// Time in seconds: 0 to 136 years in steps of 0.23 ns.
pub type Second = U32F32;

/// Energy in watt-seconds, var-seconds or volt-ampere-seconds: 0 to 2.8·10¹⁴ (890 years at 10 kW) in steps of 15 µWs.
/// 3 600 of them are a watt-hour.
pub type WattSecond = U48F16;
