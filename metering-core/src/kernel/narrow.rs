//! The loops over 24-bit codes for processors whose multiplication gives 32 bits (Cortex-M0, M0+).
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives. Each code is 4096·h + l, so that all products
//! and their sums over some frames fit 32 bits; a 64-bit product would take some forty instructions. This file must not
//! know what the sums are for. With the feature `v6m` assembler takes its place.

use super::plain::see;
use crate::reference::{Entries, Pair};
use crate::sums::{Extremes, Moments, Phasor};

/// Upper and lower part of a code.
#[inline(always)]
fn split(code: i32) -> (i32, i32) {
    (code >> 12, code & 0xfff)
}

/// Σ of products from the sums of upper, mixed and lower ones.
fn joined(upper: i32, mixed: i64, lower: u32) -> i64 {
    (i64::from(upper) << 24) + (mixed << 12) + i64::from(lower)
}

/// As [`plain::moments`](super::plain::moments).
#[inline(never)]
pub(crate) fn moments_32(codes: &[i32], moments: &mut Moments, extremes: &mut Extremes) {
    let mut seen = *extremes;
    let (mut sum, mut upper, mut mixed, mut lower) = (0i32, 0i32, 0i32, 0u32);
    for &code in codes {
        see(code, &mut seen);
        let (h, l) = split(code);
        sum = sum.wrapping_add(code);
        upper = upper.wrapping_add(h.wrapping_mul(h));
        mixed = mixed.wrapping_add(h.wrapping_mul(l));
        lower = lower.wrapping_add((l * l) as u32);
    }
    *extremes = seen;
    moments.sum = moments.sum.wrapping_add(i64::from(sum));
    moments.square = moments.square.wrapping_add(joined(upper, 2 * i64::from(mixed), lower));
}

/// As [`plain::moments_and_product`](super::plain::moments_and_product).
pub(crate) fn moments_and_product_32(
    codes: &[i32],
    others: &[i32],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    moments_32(codes, moments, extremes);
    // Mixed products of 128 frames fit 32 bits.
    for (codes, others) in codes.chunks(128).zip(others.chunks(128)) {
        *product = product.wrapping_add(products(codes, others));
    }
}

#[inline(never)]
fn products(codes: &[i32], others: &[i32]) -> i64 {
    let (mut upper, mut mixed, mut lower) = (0i32, 0i32, 0u32);
    for (&code, &other) in codes.iter().zip(others) {
        let ((h, l), (g, k)) = (split(code), split(other));
        upper = upper.wrapping_add(h.wrapping_mul(g));
        mixed = mixed.wrapping_add(h.wrapping_mul(k)).wrapping_add(l.wrapping_mul(g));
        lower = lower.wrapping_add((l * k) as u32);
    }
    joined(upper, i64::from(mixed), lower)
}

/// As [`plain::correlate`](super::plain::correlate).
pub(crate) fn correlate_32(codes: &[i32], entries: Entries<'_, i32>, phasor: &mut Phasor) {
    let mut at = entries.odd();
    // Lower parts of 16 frames fit 32 bits.
    for codes in codes.chunks(16) {
        let (mut codes, mut sums) = (codes, [0i32; 4]);
        if at % 2 == 1
            && let (Some((&code, later)), Some(&[_, cosine, _, sine])) =
                (codes.split_first(), entries.pairs().get(at / 2))
        {
            add(&mut sums, code, cosine, sine);
            (codes, at) = (later, at + 1);
        }
        let from = entries.pairs().get(at / 2..).unwrap_or_default();
        at += codes.len();
        pairs(codes, from, &mut sums);
        let [cosine, sine, lower_cosine, lower_sine] = sums.map(i64::from);
        phasor.cosine = phasor.cosine.wrapping_add((cosine << 12) + lower_cosine);
        phasor.sine = phasor.sine.wrapping_add((sine << 12) + lower_sine);
    }
}

#[inline(always)]
fn add(sums: &mut [i32; 4], code: i32, cosine: i32, sine: i32) {
    let (h, l) = split(code);
    sums[0] = sums[0].wrapping_add(h.wrapping_mul(cosine));
    sums[1] = sums[1].wrapping_add(h.wrapping_mul(sine));
    sums[2] = sums[2].wrapping_add(l.wrapping_mul(cosine));
    sums[3] = sums[3].wrapping_add(l.wrapping_mul(sine));
}

#[inline(never)]
fn pairs(codes: &[i32], entries: &[Pair<i32>], sums: &mut [i32; 4]) {
    let (pairs, rest) = codes.as_chunks::<2>();
    let mut entries = entries.iter();
    let mut found = *sums;
    for (&[a, b], entry) in pairs.iter().zip(&mut entries) {
        add(&mut found, a, entry[0], entry[2]);
        add(&mut found, b, entry[1], entry[3]);
    }
    if let (Some(&code), Some(entry)) = (rest.first(), entries.next()) {
        add(&mut found, code, entry[0], entry[2]);
    }
    *sums = found;
}
