//! The loops for processors with the DSP extension (Cortex-M4, M7, M33), feature `dsp`.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives: `check` compares on the emulator. Assembler, because the
//! compiler neither multiplies two pairs at once nor keeps the sums in registers: it takes four times the instructions.
//! This file must not know what the sums are for.
//!
//! Extremes are not searched for in the loop: each code goes through an addition that saturates when it is beyond what
//! was seen before, which leaves a trace in the processor's Q flag. Only then, about once per window and half-wave, a
//! second loop looks for the extremes.
//!
//! `.arch` says to the assembler what the feature says to the compiler: for Armv8-M it takes no DSP instruction without.
//!
//! Cost, in instructions per frame: 2.4 for the sums of 16-bit codes, 3.5 with a product, 2 for the correlation, 3.7 for
//! that of two channels; of 24-bit codes 4.8, 6.5 and 3.5. Alignment of 16-bit codes does not matter.
#![expect(unsafe_code, reason = "calls of assembler; each is given slices whose lengths were compared")]

mod halves;
mod words;

use halves::{correlate_16_asm, correlate_two_16_asm, extremes_16_asm, moments_16_asm, product_16_asm};
use words::{correlate_32_asm, moments_32_asm, product_32_asm};

use crate::reference::{Pair, SEGMENT};
use crate::sums::{Extremes, Moments, Phasor};

/// What saturates on addition to a code above or below the extremes; `None` where they lie on one side of zero.
fn sum_bounds(extremes: &Extremes) -> Option<[i32; 2]> {
    (extremes.low <= 0 && extremes.high >= 0).then(|| [i32::MAX - extremes.high, i32::MIN - extremes.low])
}

#[cold]
#[inline(never)]
fn look_16(codes: &[i16], extremes: &mut Extremes) {
    if codes.is_empty() {
        return;
    }
    let mut pairs = [0u32; 2];
    // SAFETY: reads `codes`, which is not empty, and writes `pairs`.
    unsafe { extremes_16_asm(codes.as_ptr(), codes.len(), &raw mut pairs) };
    let [most, least] = pairs.map(|pair| [pair as u16 as i16, (pair >> 16) as u16 as i16].map(i32::from));
    extremes.add(Extremes::new(least[0].min(least[1]), most[0].max(most[1])));
}

/// As [`plain::moments_16`].
#[inline(always)]
pub(crate) fn moments_16(codes: &[i16], moments: &mut Moments, extremes: &mut Extremes) {
    // SAFETY: reads `codes` and changes `moments`.
    let beyond = unsafe { moments_16_asm(codes.as_ptr(), codes.len(), moments, extremes.room) };
    if beyond != 0 {
        look_16(codes, extremes);
    }
}

/// [`plain::moments_16`] and [`plain::product_16`] at once, over the shorter of both slices.
pub(crate) fn moments_and_product_16(
    codes: &[i16],
    others: &[i16],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    let frames = codes.len().min(others.len());
    let (first, second) = (codes.as_ptr(), others.as_ptr());
    // SAFETY: reads as many codes as both slices have and changes `moments` and `product`.
    let beyond = unsafe { product_16_asm(first, second, frames, moments, product, extremes.room) };
    if beyond != 0 {
        look_16(codes, extremes);
    }
}

/// As [`plain::correlate_16`].
pub(crate) fn correlate_16(codes: &[i16], table: &[Pair<i16>; SEGMENT / 2], at: usize, phasor: &mut Phasor) {
    let frames = codes.len().min(SEGMENT.saturating_sub(at));
    let Some(entries) = table.get(at / 2..) else { return };
    // SAFETY: reads `frames` codes and the entries of `at` to `at + frames`, at most the last one; changes `phasor`.
    unsafe { correlate_16_asm(codes.as_ptr(), entries.as_ptr(), frames | (at & 1) << 16, phasor) };
}

/// As [`plain::correlate_16`] of two channels with as many codes.
pub(crate) fn correlate_two_16(
    [codes, others]: [&[i16]; 2],
    table: &[Pair<i16>; SEGMENT / 2],
    at: usize,
    [phasor, other]: [&mut Phasor; 2],
) {
    let frames = codes.len().min(others.len()).min(SEGMENT.saturating_sub(at));
    let Some(entries) = table.get(at / 2..) else { return };
    let (first, second, odd) = (codes.as_ptr(), others.as_ptr(), (at & 1) << 16);
    // SAFETY: reads `frames` codes of both and the entries of `at` to `at + frames`, at most the last one; changes `phasor`
    // and `other`.
    unsafe { correlate_two_16_asm(first, second, entries.as_ptr(), frames | odd, phasor, other) };
}

/// As [`plain::moments`].
pub(crate) fn moments_32(codes: &[i32], moments: &mut Moments, extremes: &mut Extremes) {
    let bounds = sum_bounds(extremes);
    let known = bounds.unwrap_or_default();
    // SAFETY: reads `codes` and `known` and changes `moments`.
    let beyond = unsafe { moments_32_asm(codes.as_ptr(), codes.len(), moments, &raw const known) };
    if beyond != 0 || bounds.is_none() {
        extremes.add(Extremes::of(codes));
    }
}

/// [`plain::moments`] and [`plain::product`] at once, over the shorter of both slices.
pub(crate) fn moments_and_product_32(
    codes: &[i32],
    others: &[i32],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    let frames = codes.len().min(others.len());
    let bounds = sum_bounds(extremes);
    let known = bounds.unwrap_or_default();
    let (first, second) = (codes.as_ptr(), others.as_ptr());
    // SAFETY: reads as many codes as both slices have and `known`, and changes `moments` and `product`.
    let beyond = unsafe { product_32_asm(first, second, frames, moments, product, &raw const known) };
    if beyond != 0 || bounds.is_none() {
        extremes.add(Extremes::of(codes));
    }
}

/// As [`plain::correlate`] of codes and entries of 32 bits.
pub(crate) fn correlate_32(codes: &[i32], table: &[Pair<i32>; SEGMENT / 2], at: usize, phasor: &mut Phasor) {
    let frames = codes.len().min(SEGMENT.saturating_sub(at));
    let Some(entries) = table.get(at / 2..) else { return };
    // SAFETY: reads `frames` codes and the entries of `at` to `at + frames`, at most the last one; changes `phasor`.
    unsafe { correlate_32_asm(codes.as_ptr(), entries.as_ptr(), frames | (at & 1) << 16, phasor) };
}
