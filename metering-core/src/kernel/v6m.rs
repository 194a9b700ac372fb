//! The loops for Cortex-M0 and M0+, feature `v6m`.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives: `check` compares on the emulator. Assembler,
//! because there are eight registers to compute in and six more to add to, which the compiler hardly uses, and because
//! it keeps carries out of the loops. This file must not know what the sums are for.
//!
//! Cost, in instructions per frame: 9 for the sums of 16-bit codes, 14.8 with a product, 9 for the correlation; of 24-bit
//! codes 13.5, 25.5 and 13.
#![expect(unsafe_code, reason = "calls of assembler; each is given slices and their lengths")]

#[macro_use]
mod parts;
mod halves;
mod words;

use core::mem::offset_of;

use halves::{correlate_16_asm, moments_16_asm, product_16_asm};
use words::{PRODUCTS, correlate_32_asm, moments_32_asm, product_32_asm};

use crate::reference::{Entries, SEGMENT};
use crate::sums::{Extremes, Moments, Phasor};

/// Address of the least and the largest code, which lie side by side.
#[inline(always)]
fn ends(extremes: &mut Extremes) -> *mut [i32; 2] {
    const { assert!(offset_of!(Extremes, low) + 4 == offset_of!(Extremes, high)) };
    (&raw mut *extremes).wrapping_byte_add(offset_of!(Extremes, low)).cast()
}

/// As [`plain::moments_16`](super::plain::moments_16).
#[inline(always)]
pub(crate) fn moments_16(codes: &[i16], moments: &mut Moments, extremes: &mut Extremes) {
    // SAFETY: reads the codes.
    unsafe { moments_16_asm(codes.as_ptr(), codes.len(), moments, ends(extremes)) };
}

/// As [`plain::moments_and_product_16`](super::plain::moments_and_product_16).
#[inline(always)]
pub(crate) fn moments_and_product_16(
    codes: &[i16],
    others: &[i16],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    let (first, second) = (codes.as_ptr(), others.as_ptr());
    // SAFETY: reads as many codes of both slices as the shorter one has.
    unsafe { product_16_asm(first, codes.len(), second, others.len(), moments, product, ends(extremes)) };
}

/// As [`plain::correlate_16`](super::plain::correlate_16).
#[inline(always)]
pub(crate) fn correlate_16(codes: &[i16], entries: Entries<'_, i32>, phasor: &mut Phasor) {
    let frames = codes.len().min(entries.frames());
    // SAFETY: reads as many codes and entries as there are of both.
    unsafe { correlate_16_asm(codes.as_ptr(), frames, entries.pairs().as_ptr(), entries.odd(), phasor) };
}

/// As [`plain::moments`](super::plain::moments).
#[inline(always)]
pub(crate) fn moments_32(codes: &[i32], moments: &mut Moments, extremes: &mut Extremes) {
    // SAFETY: reads the codes.
    unsafe { moments_32_asm(codes.as_ptr(), codes.len(), moments, ends(extremes)) };
}

/// As [`plain::moments_and_product`](super::plain::moments_and_product).
#[inline(always)]
pub(crate) fn moments_and_product_32(
    codes: &[i32],
    others: &[i32],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    moments_32(codes, moments, extremes);
    for (codes, others) in codes.chunks(PRODUCTS).zip(others.chunks(PRODUCTS)) {
        let frames = codes.len().min(others.len());
        // SAFETY: reads so many codes of both slices.
        unsafe { product_32_asm(codes.as_ptr(), others.as_ptr(), frames, product) };
    }
}

/// As [`plain::correlate`](super::plain::correlate).
#[inline(always)]
pub(crate) fn correlate_32(codes: &[i32], entries: Entries<'_, i32>, phasor: &mut Phasor) {
    const { assert!(SEGMENT <= 256, "the assembler's coarse sums hold no more frames") };
    let frames = codes.len().min(entries.frames());
    // SAFETY: reads as many codes and entries as there are of both.
    unsafe { correlate_32_asm(codes.as_ptr(), frames, entries.pairs().as_ptr(), entries.odd(), phasor) };
}
