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
use super::plain::{self, see};
use crate::reference::{Pair, SEGMENT};
use crate::sums::{Extremes, Moments, Phasor, Sums};

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

/// As [`plain::alone_16`]; nothing where the table has fewer entries from `at` on than there are codes.
pub(crate) fn alone_16(
    codes: &[i16],
    table: &[Pair<i32>; SEGMENT / 2],
    at: usize,
    sums: &mut Sums,
    phasor: &mut Phasor,
) {
    let Some(rest) = head(codes, table, at, |code, _| single(code, sums), phasor) else { return };
    let (even, mut found) = begin(rest.codes, &sums.extremes);
    if even > 0 {
        let range = rest.codes.as_ptr_range();
        // SAFETY: reads the first `even` codes and changes `found`.
        unsafe { moments_16_asm(range.start, range.start.add(even), &raw mut found) };
        end(&found, &mut sums.moments, &mut sums.extremes);
        rest.correlate(even, phasor);
    }
    rest.tail(even, |code, _| single(code, sums), phasor);
}

/// As [`plain::beside_16`]; nothing where there are fewer `others`, or entries from `at` on, than codes.
pub(crate) fn beside_16(
    codes: &[i16],
    others: &[i16],
    table: &[Pair<i32>; SEGMENT / 2],
    at: usize,
    sums: &mut Sums,
    product: &mut i64,
    phasor: &mut Phasor,
) {
    if others.len() < codes.len() {
        return;
    }
    let mut one = |code, from: usize| {
        single(code, sums);
        let other = others.get(from).copied().unwrap_or_default();
        *product += i64::from(i32::from(code) * i32::from(other));
    };
    let Some(rest) = head(codes, table, at, &mut one, phasor) else { return };
    rest.tail(rest.codes.len() & !1, &mut one, phasor);
    let (even, mut found) = begin(rest.codes, &sums.extremes);
    if even > 0 {
        let (range, others) = (rest.codes.as_ptr_range(), others.as_ptr().wrapping_add(rest.from));
        // SAFETY: reads the first `even` codes of both slices, the others being as many, and changes `found`.
        unsafe { product_16_asm(range.start, others, range.start.add(even), &raw mut found) };
        end(&found, &mut sums.moments, &mut sums.extremes);
        // Each pair was taken one too small.
        *product += joined(found.product[0] as u32, i64::from(found.product[1])) + (even / 2) as i64;
        rest.correlate(even, phasor);
    }
}

/// Codes from an even entry on.
struct Rest<'a> {
    codes: &'a [i16],
    entries: &'a [Pair<i32>],
    /// How many came before.
    from: usize,
}

/// Takes the first code by itself where its entry is the second of a pair; `one` gets a code and how many came before.
#[inline(always)]
fn head<'a>(
    codes: &'a [i16],
    table: &'a [Pair<i32>; SEGMENT / 2],
    at: usize,
    one: impl FnOnce(i16, usize),
    phasor: &mut Phasor,
) -> Option<Rest<'a>> {
    let entries = table.get(at / 2..)?;
    if codes.len() + at > SEGMENT {
        return None;
    }
    if at & 1 == 1
        && let (Some((&code, codes)), Some((pair, entries))) = (codes.split_first(), entries.split_first())
    {
        one(code, 0);
        correlate(code, pair[1], pair[3], phasor);
        return Some(Rest { codes, entries, from: 1 });
    }
    Some(Rest { codes, entries, from: 0 })
}

impl Rest<'_> {
    /// The first `even` codes: not 0 of them, and not more than there are or have entries.
    #[inline(always)]
    fn correlate(&self, even: usize, phasor: &mut Phasor) {
        if even > self.codes.len() || even / 2 > self.entries.len() {
            return;
        }
        let (mut halves, codes) = ([0i32; 4], self.codes.as_ptr());
        // SAFETY: reads the first `even` codes and half as many pairs of entries, and writes `halves`.
        unsafe { correlate_16_asm(codes, self.entries.as_ptr(), codes.add(even), &raw mut halves) };
        let [lower_cosine, cosine, lower_sine, sine] = halves;
        phasor.cosine += joined(lower_cosine as u32, i64::from(cosine));
        phasor.sine += joined(lower_sine as u32, i64::from(sine));
    }

    /// Takes the code behind the first `even` ones by itself, where there is one.
    #[inline(always)]
    fn tail(&self, even: usize, one: impl FnOnce(i16, usize), phasor: &mut Phasor) {
        if let (Some(&code), Some(pair)) = (self.codes.get(even), self.entries.get(even / 2)) {
            one(code, self.from + even);
            correlate(code, pair[0], pair[2], phasor);
        }
    }
}

/// Sum, square and extremes of one code.
#[inline(always)]
fn single(code: i16, sums: &mut Sums) {
    let code = i32::from(code);
    see(code, &mut sums.extremes);
    sums.moments.sum += i64::from(code);
    sums.moments.square += i64::from(code * code);
}

/// Correlation of one code.
#[inline(always)]
fn correlate(code: i16, cosine: i32, sine: i32, phasor: &mut Phasor) {
    phasor.cosine += i64::from(i32::from(code) * cosine);
    phasor.sine += i64::from(i32::from(code) * sine);
}
