//! Sine, angle and square root as the meter takes them, for the benches that hold them against other crates.
//!
//! In come integers, out go integers with their binary point told. This file must not know how they are made.

use crate::scaled::Scaled;
use crate::trig;

/// Sine in Q30 of a phase, of which 2³² is a turn.
pub fn sine(phase: u32) -> i32 {
    trig::sine(phase)
}

/// Angle of `x + jy`: 2³² is a turn.
pub fn angle(x: i64, y: i64) -> i32 {
    trig::angle(x, y)
}

/// Square root in Q32; 0 of what is negative.
pub fn root(value: i64) -> u64 {
    Scaled::new(value, 0).root().to_unsigned_bits(32)
}
