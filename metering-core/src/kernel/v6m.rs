//! The loops over 16-bit codes for Cortex-M0 and M0+, feature `v6m`.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives: `check` compares on the emulator. Assembler,
//! because there are eight registers to compute in and seven more to add to, which the compiler hardly uses. A product
//! of two pairs is added in halves of 16 bits, which needs no carry. This file must not know what the sums are for.
//!
//! Cost, in instructions per frame: 11 for the sums, 18 with a product, 11 for the correlation.
#![expect(unsafe_code, reason = "calls of assembler; each is given slices whose lengths were compared")]

use core::arch::naked_asm;

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
    let codes = codes.get(..SEGMENT.saturating_sub(at)).unwrap_or(codes);
    let head = (at & 1).min(codes.len());
    plain::correlate(codes.get(..head).unwrap_or_default(), table, at, phasor);
    let codes = codes.get(head..).unwrap_or_default();
    let even = codes.len() & !1;
    let entries = table.get(at.div_ceil(2)..).unwrap_or_default();
    if even > 0 && entries.len() >= even / 2 {
        let mut halves = [0i32; 4];
        let range = codes.as_ptr_range();
        // SAFETY: reads the first `even` codes and half as many pairs of entries, and writes `halves`.
        unsafe { correlate_16_asm(range.start, entries.as_ptr(), range.start.add(even), &raw mut halves) };
        let [lower_cosine, cosine, lower_sine, sine] = halves;
        phasor.cosine += joined(lower_cosine as u32, i64::from(cosine));
        phasor.sine += joined(lower_sine as u32, i64::from(sine));
    }
    if let Some(&last) = codes.get(even) {
        plain::correlate(&[last], table, at + head + even, phasor);
    }
}

/// Two codes in r4 and r5, the least in r6; in r8 the sum, in r9 and r10 halves of the square, in r11 the range.
#[unsafe(naked)]
unsafe extern "C" fn moments_16_asm(codes: *const i16, end: *const i16, found: *mut Found) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "movs r3, #0",
        "mov r8, r3",
        "mov r9, r3",
        "mov r10, r3",
        "ldr r6, [r2, #20]",
        "ldr r3, [r2, #24]",
        "mov r11, r3",
        "1: ldrh r4, [r0]",
        "sxth r4, r4",
        "ldrh r5, [r0, #2]",
        "sxth r5, r5",
        "adds r0, #4",
        "add r8, r4",
        "add r8, r5",
        "subs r7, r4, r6",
        "cmp r7, r11",
        "bhi 3f",
        "2: subs r7, r5, r6",
        "cmp r7, r11",
        "bhi 5f",
        "4: muls r4, r4, r4",
        "muls r5, r5, r5",
        "adds r4, r4, r5",
        "uxth r5, r4",
        "add r9, r5",
        "lsrs r4, r4, #16",
        "add r10, r4",
        "cmp r0, r1",
        "bne 1b",
        "mov r3, r8",
        "str r3, [r2]",
        "mov r3, r9",
        "str r3, [r2, #4]",
        "mov r3, r10",
        "str r3, [r2, #8]",
        "str r6, [r2, #20]",
        "mov r3, r11",
        "str r3, [r2, #24]",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
        // r4 is a new extreme: above, then its distance in r7 is the range; below, then it is the new least.
        "3: cmp r4, r6",
        "bge 6f",
        "subs r7, r6, r4",
        "add r11, r7",
        "movs r6, r4",
        "b 2b",
        "6: mov r11, r7",
        "b 2b",
        "5: cmp r5, r6",
        "bge 7f",
        "subs r7, r6, r5",
        "add r11, r7",
        "movs r6, r5",
        "b 4b",
        "7: mov r11, r7",
        "b 4b",
    )
}

/// As [`moments_16_asm`]; the other codes in r2 and r3, halves of the product in r12 and lr.
#[unsafe(naked)]
unsafe extern "C" fn product_16_asm(codes: *const i16, others: *const i16, end: *const i16, found: *mut Found) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r2-r7}}",
        "movs r2, #0",
        "mov r8, r2",
        "mov r9, r2",
        "mov r10, r2",
        "mov r12, r2",
        "mov lr, r2",
        "ldr r6, [r3, #20]",
        "ldr r2, [r3, #24]",
        "mov r11, r2",
        "1: ldrh r4, [r0]",
        "sxth r4, r4",
        "ldrh r5, [r0, #2]",
        "sxth r5, r5",
        "adds r0, #4",
        "ldrh r2, [r1]",
        "sxth r2, r2",
        "ldrh r3, [r1, #2]",
        "sxth r3, r3",
        "adds r1, #4",
        "add r8, r4",
        "add r8, r5",
        "subs r7, r4, r6",
        "cmp r7, r11",
        "bhi 3f",
        "2: subs r7, r5, r6",
        "cmp r7, r11",
        "bhi 5f",
        "4: muls r2, r4, r2",
        "subs r2, #1",
        "muls r3, r5, r3",
        "adds r2, r2, r3",
        "uxth r3, r2",
        "add r12, r3",
        "asrs r2, r2, #16",
        "add lr, r2",
        "muls r4, r4, r4",
        "muls r5, r5, r5",
        "adds r4, r4, r5",
        "uxth r5, r4",
        "add r9, r5",
        "lsrs r4, r4, #16",
        "add r10, r4",
        "ldr r7, [sp]",
        "cmp r0, r7",
        "bne 1b",
        "ldr r2, [sp, #4]",
        "mov r3, r8",
        "str r3, [r2]",
        "mov r3, r9",
        "str r3, [r2, #4]",
        "mov r3, r10",
        "str r3, [r2, #8]",
        "mov r3, r12",
        "str r3, [r2, #12]",
        "mov r3, lr",
        "str r3, [r2, #16]",
        "str r6, [r2, #20]",
        "mov r3, r11",
        "str r3, [r2, #24]",
        "pop {{r2-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
        "3: cmp r4, r6",
        "bge 6f",
        "subs r7, r6, r4",
        "add r11, r7",
        "movs r6, r4",
        "b 2b",
        "6: mov r11, r7",
        "b 2b",
        "5: cmp r5, r6",
        "bge 7f",
        "subs r7, r6, r5",
        "add r11, r7",
        "movs r6, r5",
        "b 4b",
        "7: mov r11, r7",
        "b 4b",
    )
}

/// A pair of entries in r2 to r5, two codes in r6 and r7; halves of the cosine's sum in r8 and r9, of the sine's in r10
/// and r11.
#[unsafe(naked)]
unsafe extern "C" fn correlate_16_asm(
    codes: *const i16,
    entries: *const Pair<i32>,
    end: *const i16,
    halves: *mut [i32; 4],
) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r3-r7}}",
        "mov r12, r2",
        "movs r2, #0",
        "mov r8, r2",
        "mov r9, r2",
        "mov r10, r2",
        "mov r11, r2",
        "1: ldm r1!, {{r2-r5}}",
        "ldrh r6, [r0]",
        "sxth r6, r6",
        "ldrh r7, [r0, #2]",
        "sxth r7, r7",
        "adds r0, #4",
        "muls r2, r6, r2",
        "muls r3, r7, r3",
        "adds r2, r2, r3",
        "muls r4, r6, r4",
        "muls r5, r7, r5",
        "adds r4, r4, r5",
        "uxth r3, r2",
        "add r8, r3",
        "asrs r2, r2, #16",
        "add r9, r2",
        "uxth r5, r4",
        "add r10, r5",
        "asrs r4, r4, #16",
        "add r11, r4",
        "cmp r0, r12",
        "bne 1b",
        "pop {{r3}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "stm r3!, {{r4-r7}}",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
    )
}
