//! Sample codes as an ADC gives them, and blocks of them.
//!
//! In come slices of codes, one per channel; out go exact products. This file must not know ranges or windows.

use crate::kernel::{Entry, best, plain};
use crate::reference::{AMPLITUDE, Entries};
use crate::scaled;
use crate::sums::{Running, Sums};

mod sealed {
    pub trait Sealed {}
    impl Sealed for i16 {}
    impl Sealed for u16 {}
    impl Sealed for i32 {}
}

/// A right-aligned sample code: `i16` for signed codes of up to 16 bits, `u16` for offset-binary ones, `i32` for signed
/// ones of up to 24 bits.
///
/// The reference of the fundamental has 16 bits with all of them, so that a product with a 16-bit code fits 32 bits. The
/// middle of an offset-binary code is removed as every offset is.
///
/// Assembler is there for `i16` and `i32` alone. Offset-binary codes of at most 15 bits, as the 12-bit converters of most
/// microcontrollers give them, are `i16` as they are: with one bit more in `code_bits`, twice the range, and the converter's
/// ends as clip codes, for 12 bits `Some((0, 4_095))`. DC then counts from code 0; with `Dc::Signal`, `zero` is the middle,
/// in 256ths of a code. The least voltage that is taken for mains is twice as large. It is not for meters with a monitored
/// residual channel, which would take half the range for a current until the offset is known.
pub trait Sample: sealed::Sealed + Copy + Default + Into<i32> + 'static {
    /// Most bits a code may have.
    const MAX_BITS: u32;
    /// Whether codes count from the lower end of the range.
    const OFFSET_BINARY: bool;
    /// Sine or cosine of the reference, in the width that its products are taken in.
    #[doc(hidden)]
    type Reference: Copy + Default + core::fmt::Debug + From<i16>;
    /// The reference's amplitude in a finished phasor is that of the table times two to this.
    #[doc(hidden)]
    const REFERENCE_SHIFT: u32;
    /// Bits by which a segment's correlation exceeds 31 and the sign.
    #[doc(hidden)]
    const SEGMENT_CUT: u32 = Self::MAX_BITS - 10 + Self::OFFSET_BINARY as u32;
    /// The reference's amplitude in a finished phasor.
    #[doc(hidden)]
    const REFERENCE_AMPLITUDE: i64 = AMPLITUDE << Self::REFERENCE_SHIFT;
    /// Exact product of two codes.
    #[doc(hidden)]
    fn product(self, other: Self) -> i64;
    /// `a·x - b·y`, exact, where `a` and `b` are halves of codes at most and `x` and `y` codes, or references of a
    /// finished phasor's amplitude.
    #[doc(hidden)]
    #[inline(always)]
    fn balance(a: i32, x: i32, b: i32, y: i32) -> i64 {
        scaled::signed_product(a, x) - scaled::signed_product(b, y)
    }
    /// The part `weight` of the code, Q16 and at most 1, rounded.
    #[doc(hidden)]
    #[must_use]
    #[inline(always)]
    fn share(self, weight: u32) -> Self {
        Self::saturate(((scaled::signed_product(self.into(), weight as i32) + 0x8000) >> 16) as i32)
    }
    /// Adds Σx and Σx² and notes the extremes; at most 256 codes.
    #[doc(hidden)]
    fn moments(codes: &[Self], sums: &mut Sums);
    /// The same, and adds to the segment the correlation; of as many codes as there are entries at most.
    #[doc(hidden)]
    fn channel(codes: &[Self], entries: Entries<'_, Self::Reference>, running: &mut Running);
    /// The same, and adds Σx·y.
    #[doc(hidden)]
    fn channel_with(codes: &[Self], others: &[Self], entries: Entries<'_, Self::Reference>, running: &mut Running);
    /// The nearest value of this type.
    #[doc(hidden)]
    fn saturate(value: i32) -> Self;
}

impl Sample for i16 {
    const MAX_BITS: u32 = 16;
    const OFFSET_BINARY: bool = false;
    type Reference = Entry;
    const REFERENCE_SHIFT: u32 = 1;

    #[inline(always)]
    fn product(self, other: i16) -> i64 {
        i64::from(i32::from(self) * i32::from(other))
    }

    /// Below 2³⁰: the parts of both codes make up half a code at most.
    #[inline(always)]
    fn balance(a: i32, x: i32, b: i32, y: i32) -> i64 {
        i64::from(a.wrapping_mul(x).wrapping_sub(b.wrapping_mul(y)))
    }

    #[inline(always)]
    fn share(self, weight: u32) -> i16 {
        // Halves, so that the product fits.
        ((i32::from(self) * (weight >> 1) as i32 + 0x4000) >> 15) as i16
    }

    #[inline(always)]
    fn moments(codes: &[Self], sums: &mut Sums) {
        best::moments_16(codes, sums);
    }

    #[inline(always)]
    fn channel(codes: &[Self], entries: Entries<'_, Entry>, running: &mut Running) {
        best::channel_16(codes, entries, running);
    }

    #[inline(always)]
    fn channel_with(codes: &[Self], others: &[Self], entries: Entries<'_, Entry>, running: &mut Running) {
        best::channel_with_16(codes, others, entries, running);
    }

    fn saturate(value: i32) -> i16 {
        value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }
}

impl Sample for u16 {
    const MAX_BITS: u32 = 16;
    const OFFSET_BINARY: bool = true;
    type Reference = Entry;
    const REFERENCE_SHIFT: u32 = 1;

    #[inline(always)]
    fn product(self, other: u16) -> i64 {
        i64::from(u32::from(self) * u32::from(other))
    }

    #[inline(always)]
    fn moments(codes: &[Self], sums: &mut Sums) {
        plain::moments(codes, &mut sums.moments, &mut sums.extremes);
    }

    #[inline(always)]
    fn channel(codes: &[Self], entries: Entries<'_, Entry>, running: &mut Running) {
        plain::channel(codes, entries, running);
    }

    #[inline(always)]
    fn channel_with(codes: &[Self], others: &[Self], entries: Entries<'_, Entry>, running: &mut Running) {
        plain::channel_with(codes, others, entries, running);
    }

    fn saturate(value: i32) -> u16 {
        value.clamp(0, i32::from(u16::MAX)) as u16
    }
}

impl Sample for i32 {
    const MAX_BITS: u32 = 24;
    const OFFSET_BINARY: bool = false;
    type Reference = i32;
    const REFERENCE_SHIFT: u32 = 8;

    #[inline(always)]
    fn product(self, other: i32) -> i64 {
        i64::from(self) * i64::from(other)
    }

    #[inline(always)]
    fn moments(codes: &[Self], sums: &mut Sums) {
        best::moments_32(codes, sums);
    }

    #[inline(always)]
    fn channel(codes: &[Self], entries: Entries<'_, i32>, running: &mut Running) {
        best::channel_32(codes, entries, running);
    }

    #[inline(always)]
    fn channel_with(codes: &[Self], others: &[Self], entries: Entries<'_, i32>, running: &mut Running) {
        best::channel_with_32(codes, others, entries, running);
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
///
/// With 16-bit codes and the feature `dsp` blocks cost least that have an even number of frames, in slices that begin on whole
/// words.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a, S, const CURRENTS: usize> {
    /// Codes of the voltage.
    pub voltage: &'a [S],
    /// Codes of the currents.
    pub currents: [&'a [S]; CURRENTS],
    /// Codes of the residual current.
    pub residual: &'a [S],
}
