//! Sample codes as an ADC gives them, and blocks of them.
//!
//! In come slices of codes, one per channel; out go exact products. This file must not know ranges or windows.

mod sealed {
    pub trait Sealed {}
    impl Sealed for i16 {}
    impl Sealed for u16 {}
    impl Sealed for i32 {}
}

/// A right-aligned sample code: `i16` for signed codes of up to 16 bits, `u16` for offset-binary ones, `i32` for signed
/// ones of up to 24 bits.
///
/// The width also decides how fine the reference of the fundamental is: 16 bits with `i16` and `u16`, so that each
/// product fits 32 bits; 24 bits with `i32`. The middle of an offset-binary code is removed as every offset is.
pub trait Sample: sealed::Sealed + Copy + Default + Into<i32> + 'static {
    /// Most bits a code may have.
    const MAX_BITS: u32;
    /// Whether codes count from the lower end of the range.
    const OFFSET_BINARY: bool;
    /// Sine or cosine of the reference, in the width that goes with the code.
    #[doc(hidden)]
    type Reference: Copy + Default;
    /// Amplitude of the reference rotor's 32-bit state.
    #[doc(hidden)]
    const ROTOR_AMPLITUDE: i64;
    /// The reference's amplitude after [`Sample::unbias`], as a power of two times this integer.
    #[doc(hidden)]
    const REFERENCE_AMPLITUDE: i64;
    /// Takes a reference out of the rotor's state.
    #[doc(hidden)]
    fn reference(state: i32) -> Self::Reference;
    /// Exact product of two codes.
    #[doc(hidden)]
    fn product(self, other: Self) -> i64;
    /// Exact product of a code and a reference.
    #[doc(hidden)]
    fn correlate(self, reference: Self::Reference) -> i64;
    /// A sum of `correlate` without the mean error of `reference`, given the sum of the codes.
    #[doc(hidden)]
    fn unbias(correlation: i64, sum: i64) -> i64;
    /// The nearest value of this type.
    #[doc(hidden)]
    fn saturate(value: i32) -> Self;
}

impl Sample for i16 {
    const MAX_BITS: u32 = 16;
    const OFFSET_BINARY: bool = false;
    type Reference = i16;
    // A little below 2³¹, so that the state stays inside 32 bits whatever the rounding does.
    const ROTOR_AMPLITUDE: i64 = (1 << 31) - (1 << 25);
    const REFERENCE_AMPLITUDE: i64 = Self::ROTOR_AMPLITUDE >> 15;

    #[inline(always)]
    fn reference(state: i32) -> i16 {
        (state >> 16) as i16
    }

    #[inline(always)]
    fn product(self, other: i16) -> i64 {
        i64::from(i32::from(self) * i32::from(other))
    }

    #[inline(always)]
    fn correlate(self, reference: i16) -> i64 {
        i64::from(i32::from(self) * i32::from(reference))
    }

    // Cutting the state to its upper half takes 1/2 unit off each reference on the mean: twice the sum gets it back.
    fn unbias(correlation: i64, sum: i64) -> i64 {
        2 * correlation + sum
    }

    fn saturate(value: i32) -> i16 {
        value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }
}

impl Sample for u16 {
    const MAX_BITS: u32 = 16;
    const OFFSET_BINARY: bool = true;
    type Reference = i16;
    const ROTOR_AMPLITUDE: i64 = i16::ROTOR_AMPLITUDE;
    const REFERENCE_AMPLITUDE: i64 = i16::REFERENCE_AMPLITUDE;

    #[inline(always)]
    fn reference(state: i32) -> i16 {
        i16::reference(state)
    }

    #[inline(always)]
    fn product(self, other: u16) -> i64 {
        i64::from(u32::from(self) * u32::from(other))
    }

    #[inline(always)]
    fn correlate(self, reference: i16) -> i64 {
        // 65 535·32 767 is below 2³¹.
        i64::from(i32::from(self) * i32::from(reference))
    }

    fn unbias(correlation: i64, sum: i64) -> i64 {
        i16::unbias(correlation, sum)
    }

    fn saturate(value: i32) -> u16 {
        value.clamp(0, i32::from(u16::MAX)) as u16
    }
}

impl Sample for i32 {
    const MAX_BITS: u32 = 24;
    const OFFSET_BINARY: bool = false;
    type Reference = i32;
    const ROTOR_AMPLITUDE: i64 = 1 << 23;
    const REFERENCE_AMPLITUDE: i64 = Self::ROTOR_AMPLITUDE;

    #[inline(always)]
    fn reference(state: i32) -> i32 {
        state
    }

    #[inline(always)]
    fn product(self, other: i32) -> i64 {
        i64::from(self) * i64::from(other)
    }

    #[inline(always)]
    fn correlate(self, reference: i32) -> i64 {
        i64::from(self) * i64::from(reference)
    }

    fn unbias(correlation: i64, _sum: i64) -> i64 {
        correlation
    }

    fn saturate(value: i32) -> i32 {
        value.clamp(-(1 << 23), (1 << 23) - 1)
    }
}

/// Smallest, middle and largest code of an ADC of `bits` bits.
pub(crate) fn codes<S: Sample>(bits: u32) -> (i32, i32, i32) {
    let full = 1i32 << (bits - 1);
    if S::OFFSET_BINARY { (0, full, 2 * full - 1) } else { (-full, 0, full - 1) }
}

/// Samples of all channels over the same stretch of time, one slice per channel, as a DMA block leaves them.
///
/// The slice of a channel that is not configured is not read and may be empty. Where the slices of configured channels
/// differ in length the shortest one counts: frames beyond it are not taken.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a, S, const CURRENTS: usize> {
    /// Codes of the voltage.
    pub voltage: &'a [S],
    /// Codes of the currents.
    pub currents: [&'a [S]; CURRENTS],
    /// Codes of the residual current.
    pub residual: &'a [S],
}
