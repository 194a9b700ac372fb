//! The loops over 16-bit codes for Cortex-M0 and M0+, feature `v6m`.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives: `check` compares on the emulator. Assembler,
//! because there are eight registers to compute in and seven more to add to, which the compiler hardly uses. A product
//! of two pairs is added in halves of 16 bits, which needs no carry. This file must not know what the sums are for.
//!
//! Cost, in instructions per frame: 10 for the sums, 16.5 with a product, 10 for the correlation.
#![expect(unsafe_code, reason = "calls of assembler; each is given slices whose lengths were compared")]

mod halves;

use halves::{correlate_16_asm, moments_16_asm, product_16_asm};

pub(crate) use super::narrow::{correlate_32, moments_32, moments_and_product_32};
use super::plain;
use crate::reference::{Pair, SEGMENT};
use crate::sums::{Extremes, Moments, Phasor};

/// What a loop adds up: Σx, Σx² and Σx·y in halves, and the extremes.
#[repr(C)]
#[derive(Default)]
struct Found {
    sum: i32,
    square: [u32; 2],
    product: [i32; 2],
    low: i32,
    range: i32,
}

/// From halves of 16 bits.
fn joined(lower: u32, upper: i64) -> i64 {
    (upper << 16) + i64::from(lower)
}

/// Takes an even number of codes; the extremes begin with the first code where there are none yet.
fn begin(codes: &[i16], extremes: &Extremes) -> (usize, Found) {
    let first = codes.first().copied().map_or(0, i32::from);
    let known = if extremes.low > extremes.high { Extremes { low: first, high: first } } else { *extremes };
    (codes.len() & !1, Found { low: known.low, range: known.high - known.low, ..Found::default() })
}

fn end(found: &Found, moments: &mut Moments, extremes: &mut Extremes) {
    moments.sum += i64::from(found.sum);
    moments.square += joined(found.square[0], i64::from(found.square[1]));
    *extremes = Extremes { low: found.low, high: found.low + found.range };
}

/// As [`plain::moments_16`].
pub(crate) fn moments_16(codes: &[i16], moments: &mut Moments, extremes: &mut Extremes) {
    let (even, mut found) = begin(codes, extremes);
    if even > 0 {
        let range = codes.as_ptr_range();
        // SAFETY: reads the first `even` codes and changes `found`.
        unsafe { moments_16_asm(range.start, range.start.add(even), &raw mut found) };
        end(&found, moments, extremes);
    }
    plain::moments_16(codes.get(even..).unwrap_or_default(), moments, extremes);
}

/// As [`plain::moments_and_product_16`].
pub(crate) fn moments_and_product_16(
    codes: &[i16],
    others: &[i16],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    let frames = codes.len().min(others.len());
    let codes = codes.get(..frames).unwrap_or_default();
    let (even, mut found) = begin(codes, extremes);
    if even > 0 {
        let range = codes.as_ptr_range();
        // SAFETY: reads the first `even` codes of both slices and changes `found`.
        unsafe { product_16_asm(range.start, others.as_ptr(), range.start.add(even), &raw mut found) };
        end(&found, moments, extremes);
        // Each pair was taken one too small.
        *product += joined(found.product[0] as u32, i64::from(found.product[1])) + (even / 2) as i64;
    }
    if let (Some(rest), Some(other)) = (codes.get(even..), others.get(even..frames)) {
        plain::moments_and_product_16(rest, other, moments, product, extremes);
    }
}

/// As [`plain::correlate_16`].
pub(crate) fn correlate_16(codes: &[i16], table: &[Pair<i32>; SEGMENT / 2], at: usize, phasor: &mut Phasor) {
    let mut codes = codes.get(..SEGMENT.saturating_sub(at)).unwrap_or(codes);
    let mut entries = table.get(at / 2..).unwrap_or_default();
    if at & 1 == 1
        && let (Some((&code, later)), Some((pair, others))) = (codes.split_first(), entries.split_first())
    {
        single(code, pair[1], pair[3], phasor);
        (codes, entries) = (later, others);
    }
    let even = codes.len() & !1;
    if even > 0 && entries.len() >= even / 2 {
        let mut halves = [0i32; 4];
        let range = codes.as_ptr_range();
        // SAFETY: reads the first `even` codes and half as many pairs of entries, and writes `halves`.
        unsafe { correlate_16_asm(range.start, entries.as_ptr(), range.start.add(even), &raw mut halves) };
        let [lower_cosine, cosine, lower_sine, sine] = halves;
        phasor.cosine += joined(lower_cosine as u32, i64::from(cosine));
        phasor.sine += joined(lower_sine as u32, i64::from(sine));
    }
    if let (Some(&code), Some(pair)) = (codes.get(even), entries.get(even / 2)) {
        single(code, pair[0], pair[2], phasor);
    }
}

/// One frame.
#[inline(always)]
fn single(code: i16, cosine: i32, sine: i32, phasor: &mut Phasor) {
    phasor.cosine += i64::from(i32::from(code) * cosine);
    phasor.sine += i64::from(i32::from(code) * sine);
}
