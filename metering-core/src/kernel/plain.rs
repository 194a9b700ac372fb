//! The loops in plain Rust.
//!
//! In come codes, out go exact sums. Two frames at a time, because two products of 16-bit codes fit 32 bits together,
//! and widening is dear on small processors. This file must not know processors.

use crate::reference::{AMPLITUDE, Entries};
use crate::sample::Sample;
use crate::sums::{Extremes, Moments, Phasor, Running, Sums};

/// Notes a code among the extremes.
#[inline(always)]
pub(super) fn see(code: i32, extremes: &mut Extremes) {
    if code < extremes.low {
        extremes.low = code;
    }
    if code > extremes.high {
        extremes.high = code;
    }
}

/// Σx, Σx² and the extremes of 16-bit codes.
#[inline(never)]
pub(crate) fn moments_16(codes: &[i16], moments: &mut Moments, extremes: &mut Extremes) {
    let (mut sum, mut lower, mut upper) = (0i32, 0u32, 0u32);
    let (mut low, mut high) = (i16::MAX, i16::MIN);
    let (pairs, rest) = codes.as_chunks::<2>();
    for &[a, b] in pairs {
        (low, high) = (low.min(a).min(b), high.max(a).max(b));
        let (a, b) = (i32::from(a), i32::from(b));
        sum = sum.wrapping_add(a + b);
        let both = (a * a) as u32 + (b * b) as u32;
        (lower, upper) = (lower + (both & 0xffff), upper + (both >> 16));
    }
    for &code in rest {
        (low, high) = (low.min(code), high.max(code));
        let code = i32::from(code);
        sum = sum.wrapping_add(code);
        upper += (code * code) as u32 >> 16;
        lower += (code * code) as u32 & 0xffff;
    }
    if !codes.is_empty() {
        extremes.add(Extremes::new(i32::from(low), i32::from(high)));
    }
    moments.sum += i64::from(sum);
    moments.square += joined(upper as i32, lower);
}

/// From sums of upper and lower halves: no carry between them in the loop.
fn joined(upper: i32, lower: u32) -> i64 {
    (i64::from(upper) << 16) + i64::from(lower)
}

/// Σx·y of 16-bit codes, over the shorter of both slices.
#[inline(never)]
pub(crate) fn product_16(codes: &[i16], others: &[i16]) -> i64 {
    let (mut lower, mut upper) = (0u32, 0i32);
    let others = others.get(..codes.len()).unwrap_or(others);
    let codes = codes.get(..others.len()).unwrap_or(codes);
    let ((pairs, rest), (other_pairs, other_rest)) = (codes.as_chunks::<2>(), others.as_chunks::<2>());
    for (&[a, b], &[c, d]) in pairs.iter().zip(other_pairs) {
        // One below the sum, so that twice (-2¹⁵)² fits as well.
        let both = i32::from(a) * i32::from(c) - 1 + i32::from(b) * i32::from(d);
        (lower, upper) = (lower + (both as u32 & 0xffff), upper + (both >> 16));
    }
    let mut product = joined(upper, lower) + pairs.len().min(other_pairs.len()) as i64;
    for (&a, &c) in rest.iter().zip(other_rest) {
        product += i64::from(i32::from(a) * i32::from(c));
    }
    product
}

/// Σx, Σx², the extremes and Σx·y of 16-bit codes.
pub(crate) fn moments_and_product_16(
    codes: &[i16],
    others: &[i16],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    moments_16(codes, moments, extremes);
    *product += product_16(codes, others);
}

/// Σx·cosine and Σx·sine of 16-bit codes.
#[inline(never)]
pub(crate) fn correlate_16<R: Copy + Into<i32>>(codes: &[i16], entries: Entries<'_, R>, phasor: &mut Phasor) {
    let (mut cosine, mut sine) = (0i64, 0i64);
    let mut codes = codes;
    let odd = entries.odd() == 1;
    let mut entries = entries.pairs().iter();
    if odd && let (Some(entry), Some((&code, later))) = (entries.next(), codes.split_first()) {
        cosine += i64::from(i32::from(code) * entry[1].into());
        sine += i64::from(i32::from(code) * entry[3].into());
        codes = later;
    }
    let (pairs, rest) = codes.as_chunks::<2>();
    let (mut lower, mut upper) = ([0u32; 2], [0i32; 2]);
    for (pair, entry) in pairs.iter().zip(&mut entries) {
        let [a, b] = pair.map(i32::from);
        let [first, second, third, fourth] = entry.map(Into::into);
        let both = [a * first + b * second, a * third + b * fourth];
        for (n, &both) in both.iter().enumerate() {
            lower[n] += both as u32 & 0xffff;
            upper[n] += both >> 16;
        }
    }
    cosine += joined(upper[0], lower[0]);
    sine += joined(upper[1], lower[1]);
    if let (Some(&code), Some(entry)) = (rest.first(), entries.next()) {
        cosine += i64::from(i32::from(code) * entry[0].into());
        sine += i64::from(i32::from(code) * entry[2].into());
    }
    phasor.cosine += cosine;
    phasor.sine += sine;
}

/// Σx, Σx² and the extremes of codes of any width.
#[inline(never)]
pub(crate) fn moments<S: Sample>(codes: &[S], moments: &mut Moments, extremes: &mut Extremes) {
    let mut seen = *extremes;
    let (mut sum, mut square) = (0i32, 0i64);
    for &code in codes {
        see(code.into(), &mut seen);
        sum = sum.wrapping_add(code.into());
        square = square.wrapping_add(wide(code, code));
    }
    *extremes = seen;
    moments.sum = moments.sum.wrapping_add(i64::from(sum));
    moments.square = moments.square.wrapping_add(square);
}

/// Σx·y of codes of any width.
#[inline(never)]
pub(crate) fn product<S: Sample>(codes: &[S], others: &[S]) -> i64 {
    codes.iter().zip(others).fold(0, |sum: i64, (&code, &other)| sum.wrapping_add(wide(code, other)))
}

/// Σx, Σx², the extremes and Σx·y of codes of any width.
pub(crate) fn moments_and_product<S: Sample>(
    codes: &[S],
    others: &[S],
    moments: &mut Moments,
    product: &mut i64,
    extremes: &mut Extremes,
) {
    self::moments(codes, moments, extremes);
    *product = product.wrapping_add(self::product(codes, others));
}

/// Σx·cosine and Σx·sine of codes of any width.
#[inline(never)]
pub(crate) fn correlate<S: Sample, R: Copy + Into<i32>>(codes: &[S], entries: Entries<'_, R>, phasor: &mut Phasor) {
    let (mut cosine, mut sine) = (0i64, 0i64);
    let mut add = |code: S, first: R, second: R| {
        cosine = cosine.wrapping_add(times(code, first.into()));
        sine = sine.wrapping_add(times(code, second.into()));
    };
    let (mut codes, mut pairs) = (codes, entries.pairs());
    if entries.odd() == 1
        && let ([code, later @ ..], [[_, first, _, second], behind @ ..]) = (codes, pairs)
    {
        add(*code, *first, *second);
        (codes, pairs) = (later, behind);
    }
    let (twos, rest) = codes.as_chunks::<2>();
    let mut pairs = pairs.iter();
    for (&[a, b], &[first, later_first, second, later_second]) in twos.iter().zip(&mut pairs) {
        add(a, first, second);
        add(b, later_first, later_second);
    }
    if let (Some(&code), Some(&[first, _, second, _])) = (rest.first(), pairs.next()) {
        add(code, first, second);
    }
    phasor.cosine = phasor.cosine.wrapping_add(cosine);
    phasor.sine = phasor.sine.wrapping_add(sine);
}

/// Σx, Σx², the extremes and the correlation, of as many codes as there are entries at most.
#[inline(always)]
pub(crate) fn channel<S: Sample, R: Copy + Into<i32>>(codes: &[S], entries: Entries<'_, R>, running: &mut Running) {
    let codes = codes.get(..entries.frames()).unwrap_or(codes);
    moments(codes, &mut running.sums.moments, &mut running.sums.extremes);
    correlate(codes, entries, &mut running.segment);
}

/// The same and Σx·y, over the shorter of both slices.
#[inline(always)]
pub(crate) fn channel_with<S: Sample, R: Copy + Into<i32>>(
    codes: &[S],
    others: &[S],
    entries: Entries<'_, R>,
    running: &mut Running,
) {
    let codes = codes.get(..others.len().min(entries.frames())).unwrap_or(codes);
    let Sums { moments, product, extremes, .. } = &mut running.sums;
    moments_and_product(codes, others, moments, product, extremes);
    correlate(codes, entries, &mut running.segment);
}

/// The processor has no multiplication to 64 bits: products of 16-bit codes are taken in 32.
const NARROW: bool = cfg!(all(target_arch = "arm", not(target_has_atomic = "32")));

/// Product of two codes.
#[inline(always)]
fn wide<S: Sample>(a: S, b: S) -> i64 {
    if NARROW { a.product(b) } else { i64::from(a.into()) * i64::from(b.into()) }
}

/// Product with an entry of the reference.
#[inline(always)]
fn times<S: Sample>(code: S, entry: i32) -> i64 {
    const { assert!(u16::MAX as i64 * (AMPLITUDE + 1) <= i32::MAX as i64, "a product with a 16-bit code has 32 bits") };
    if NARROW && S::MAX_BITS == 16 {
        i64::from(code.into().wrapping_mul(entry))
    } else {
        i64::from(code.into()) * i64::from(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;
    use proptest::prelude::*;

    const FRAMES: usize = crate::reference::SEGMENT;

    /// Sum, square, product, cosine, sine; least and largest.
    type Found = ([i64; 5], [i32; 2]);

    fn found(Running { segment, sums }: &Running) -> Found {
        let Moments { sum, square } = sums.moments;
        ([sum, square, sums.product, segment.cosine, segment.sine], [sums.extremes.low, sums.extremes.high])
    }

    proptest! {
        /// The loops of 16-bit codes and those of any against sums over frames one by one.
        #[test]
        fn loops_give_plain_sums(
            first in prop::array::uniform(any::<i16>()),
            second in prop::array::uniform(any::<i16>()),
            count in 1..=FRAMES,
            table in prop::array::uniform(-32_257..=32_257i16),
            at in 0..FRAMES,
        ) {
            let (first, second, entries): ([i16; FRAMES], [i16; FRAMES], [i16; 2 * FRAMES]) = (first, second, table);
            let mut table = Table([[0i16; 4]; FRAMES / 2]);
            table.0.as_flattened_mut().copy_from_slice(&entries);
            let frames = count.min(FRAMES - at);
            let (mut truth, mut seen) = ([0i64; 5], [i32::MAX, i32::MIN]);
            for (n, (&code, &other)) in first.iter().zip(&second).take(frames).enumerate() {
                let place = at + n;
                let (pair, part) = (table.0[place / 2], place % 2);
                let x = i64::from(code);
                let terms = [1, x, i64::from(other), i64::from(pair[part]), i64::from(pair[2 + part])];
                for (sum, term) in truth.iter_mut().zip(terms) {
                    *sum += x * term;
                }
                seen = [seen[0].min(code.into()), seen[1].max(code.into())];
            }
            let entries = Entries::new(&table, at, frames).expect("there are as many");
            let mut running = Running::new();
            channel_with(&first, &second, entries, &mut running);
            prop_assert_eq!(found(&running), (truth, seen));
            let mut running = Running::new();
            let Running { segment, sums } = &mut running;
            let codes = &first[..frames];
            moments_and_product_16(codes, &second, &mut sums.moments, &mut sums.product, &mut sums.extremes);
            correlate_16(codes, entries, segment);
            prop_assert_eq!(found(&running), (truth, seen));
        }
    }
}
