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
//! Cost, in instructions per frame: 2.4 for the sums of 16-bit codes, 3.5 with a product, 2 for the correlation; of
//! 24-bit codes 4.8, 6.5 and 3.3. Alignment of 16-bit codes does not matter.
#![expect(unsafe_code, reason = "calls of assembler; each is given slices whose lengths were compared")]

use core::arch::naked_asm;

use crate::reference::{Pair, SEGMENT};
use crate::sums::{Extremes, Moments, Phasor};

/// Square of the largest magnitude that is no new extreme, taken from 2³¹ - 1; `None` where the extremes lie on one side
/// of zero.
#[inline(always)]
fn square_bound(extremes: &Extremes) -> Option<i32> {
    // Of 16-bit codes, or of none: then the larger is the negative one.
    let least = extremes.high.min(extremes.low.wrapping_neg());
    (least >= 0).then(|| i32::MAX - least.wrapping_mul(least))
}

/// What saturates on addition to a code above or below the extremes; `None` where they lie on one side of zero.
fn sum_bounds(extremes: &Extremes) -> Option<[i32; 2]> {
    (extremes.low <= 0 && extremes.high >= 0).then(|| [i32::MAX - extremes.high, i32::MIN - extremes.low])
}

fn look_16(codes: &[i16], extremes: &mut Extremes) {
    if codes.is_empty() {
        return;
    }
    let mut pairs = [0u32; 2];
    // SAFETY: reads `codes`, which is not empty, and writes `pairs`.
    unsafe { extremes_16_asm(codes.as_ptr(), codes.len(), &raw mut pairs) };
    let [most, least] = pairs.map(|pair| [pair as u16 as i16, (pair >> 16) as u16 as i16].map(i32::from));
    extremes.add(Extremes { low: least[0].min(least[1]), high: most[0].max(most[1]) });
}

/// As [`plain::moments_16`].
#[inline(always)]
pub(crate) fn moments_16(codes: &[i16], moments: &mut Moments, extremes: &mut Extremes) {
    let bound = square_bound(extremes);
    // SAFETY: reads `codes` and changes `moments`.
    let beyond = unsafe { moments_16_asm(codes.as_ptr(), codes.len(), moments, bound.unwrap_or(0)) };
    if beyond != 0 || bound.is_none() {
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
    let bound = square_bound(extremes);
    let (first, second) = (codes.as_ptr(), others.as_ptr());
    // SAFETY: reads as many codes as both slices have and changes `moments` and `product`.
    let beyond = unsafe { product_16_asm(first, second, frames, moments, product, bound.unwrap_or(0)) };
    if beyond != 0 || bound.is_none() {
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

/// Eight frames in r8 to r11: square in r4 and r5, sum in r6 against ones in r7, bound in r3.
#[unsafe(naked)]
unsafe extern "C" fn moments_16_asm(codes: *const i16, frames: usize, moments: *mut Moments, bound: i32) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11, lr}}",
        "ldrd r4, r5, [r2, #8]",
        "movs r6, #0",
        "msr apsr_nzcvq, r6",
        "mov r7, #0x10001",
        "cmp r1, #0",
        "beq 5f",
        "lsls r12, r0, #30",
        "bpl 1f",
        // One code up to a whole word.
        "ldrsh r8, [r0], #2",
        "smlalbb r4, r5, r8, r8",
        "smlabb r12, r8, r8, r3",
        "mov r6, r8",
        "subs r1, #1",
        "1: subs r1, #8",
        "blo 3f",
        "2: ldm r0!, {{r8-r11}}",
        "smlald r4, r5, r8, r8",
        "smlad r6, r8, r7, r6",
        "smlabb r12, r8, r8, r3",
        "smlatt r12, r8, r8, r3",
        "smlald r4, r5, r9, r9",
        "smlad r6, r9, r7, r6",
        "smlabb r12, r9, r9, r3",
        "smlatt r12, r9, r9, r3",
        "smlald r4, r5, r10, r10",
        "smlad r6, r10, r7, r6",
        "smlabb r12, r10, r10, r3",
        "smlatt r12, r10, r10, r3",
        "smlald r4, r5, r11, r11",
        "smlad r6, r11, r7, r6",
        "smlabb r12, r11, r11, r3",
        "smlatt r12, r11, r11, r3",
        "subs r1, #8",
        "bhs 2b",
        "3: adds r1, #6",
        "bmi 4f",
        "6: ldr r8, [r0], #4",
        "smlald r4, r5, r8, r8",
        "smlad r6, r8, r7, r6",
        "smlabb r12, r8, r8, r3",
        "smlatt r12, r8, r8, r3",
        "subs r1, #2",
        "bpl 6b",
        "4: lsls r1, r1, #31",
        "beq 5f",
        "ldrsh r8, [r0]",
        "smlalbb r4, r5, r8, r8",
        "smlabb r12, r8, r8, r3",
        "add r6, r8",
        "5: ldrd r8, r9, [r2]",
        "mrs r0, apsr",
        "and r0, #0x8000000",
        "adds r8, r6",
        "adc r9, r9, r6, asr #31",
        "strd r8, r9, [r2]",
        "strd r4, r5, [r2, #8]",
        "pop {{r4-r11, pc}}",
    )
}

/// Square in r4 and r5, product in r6 and r7, sum in r8 against ones in r9, bound in r10.
#[unsafe(naked)]
unsafe extern "C" fn product_16_asm(
    codes: *const i16,
    others: *const i16,
    frames: usize,
    moments: *mut Moments,
    product: *mut i64,
    bound: i32,
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11, lr}}",
        "ldrd r12, r10, [sp, #36]",
        "ldrd r4, r5, [r3, #8]",
        "ldrd r6, r7, [r12]",
        "mov r8, #0",
        "msr apsr_nzcvq, r8",
        "mov r9, #0x10001",
        "cmp r2, #0",
        "beq 5f",
        "lsls r12, r0, #30",
        "bpl 1f",
        "ldrsh r11, [r0], #2",
        "ldrsh lr, [r1], #2",
        "smlalbb r4, r5, r11, r11",
        "smlalbb r6, r7, r11, lr",
        "smlabb r12, r11, r11, r10",
        "mov r8, r11",
        "subs r2, #1",
        "1: subs r2, #8",
        "blo 3f",
        "2: ldm r0!, {{r11, r12}}",
        "ldr lr, [r1], #4",
        "smlald r4, r5, r11, r11",
        "smlald r6, r7, r11, lr",
        "smlad r8, r11, r9, r8",
        "smlabb lr, r11, r11, r10",
        "smlatt lr, r11, r11, r10",
        "ldr lr, [r1], #4",
        "smlald r4, r5, r12, r12",
        "smlald r6, r7, r12, lr",
        "smlad r8, r12, r9, r8",
        "smlabb lr, r12, r12, r10",
        "smlatt lr, r12, r12, r10",
        "ldm r0!, {{r11, r12}}",
        "ldr lr, [r1], #4",
        "smlald r4, r5, r11, r11",
        "smlald r6, r7, r11, lr",
        "smlad r8, r11, r9, r8",
        "smlabb lr, r11, r11, r10",
        "smlatt lr, r11, r11, r10",
        "ldr lr, [r1], #4",
        "smlald r4, r5, r12, r12",
        "smlald r6, r7, r12, lr",
        "smlad r8, r12, r9, r8",
        "smlabb lr, r12, r12, r10",
        "smlatt lr, r12, r12, r10",
        "subs r2, #8",
        "bhs 2b",
        "3: adds r2, #6",
        "bmi 4f",
        "6: ldr r11, [r0], #4",
        "ldr lr, [r1], #4",
        "smlald r4, r5, r11, r11",
        "smlald r6, r7, r11, lr",
        "smlad r8, r11, r9, r8",
        "smlabb lr, r11, r11, r10",
        "smlatt lr, r11, r11, r10",
        "subs r2, #2",
        "bpl 6b",
        "4: lsls r2, r2, #31",
        "beq 5f",
        "ldrsh r11, [r0]",
        "ldrsh lr, [r1]",
        "smlalbb r4, r5, r11, r11",
        "smlalbb r6, r7, r11, lr",
        "smlabb r12, r11, r11, r10",
        "add r8, r11",
        "5: ldr r12, [sp, #36]",
        "mrs r0, apsr",
        "and r0, #0x8000000",
        "strd r4, r5, [r3, #8]",
        "strd r6, r7, [r12]",
        "ldrd r4, r5, [r3]",
        "adds r4, r8",
        "adc r5, r5, r8, asr #31",
        "strd r4, r5, [r3]",
        "pop {{r4-r11, pc}}",
    )
}

/// Cosine in r4 and r5, sine in r6 and r7, two pairs of entries in r8 to r11. Bit 16 of `frames`: the first entry is the
/// second of its pair.
#[unsafe(naked)]
unsafe extern "C" fn correlate_16_asm(
    codes: *const i16,
    entries: *const Pair<i16>,
    frames: usize,
    phasor: *mut Phasor,
) {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11}}",
        "ldrd r4, r5, [r3]",
        "ldrd r6, r7, [r3, #8]",
        "lsr r12, r2, #16",
        "uxth r2, r2",
        "cmp r2, #0",
        "beq 5f",
        "cmp r12, #0",
        "beq 1f",
        "ldm r1!, {{r8, r9}}",
        "ldrsh r10, [r0], #2",
        "smlalbt r4, r5, r10, r8",
        "smlalbt r6, r7, r10, r9",
        "subs r2, #1",
        "1: subs r2, #8",
        "blo 3f",
        "2: ldm r1!, {{r8-r11}}",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r8",
        "smlald r6, r7, r12, r9",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r10",
        "smlald r6, r7, r12, r11",
        "ldm r1!, {{r8-r11}}",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r8",
        "smlald r6, r7, r12, r9",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r10",
        "smlald r6, r7, r12, r11",
        "subs r2, #8",
        "bhs 2b",
        "3: adds r2, #6",
        "bmi 4f",
        "6: ldm r1!, {{r8, r9}}",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r8",
        "smlald r6, r7, r12, r9",
        "subs r2, #2",
        "bpl 6b",
        "4: lsls r2, r2, #31",
        "beq 5f",
        "ldm r1, {{r8, r9}}",
        "ldrsh r12, [r0]",
        "smlalbb r4, r5, r12, r8",
        "smlalbb r6, r7, r12, r9",
        "5: strd r4, r5, [r3]",
        "strd r6, r7, [r3, #8]",
        "pop {{r4-r11}}",
        "bx lr",
    )
}

/// Largest codes of both halves of the words in r3, smallest in r4.
#[unsafe(naked)]
unsafe extern "C" fn extremes_16_asm(codes: *const i16, frames: usize, pairs: *mut [u32; 2]) {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r7}}",
        "mov r3, #0x80008000",
        "mvn r4, r3",
        "subs r1, #4",
        "blo 2f",
        "1: ldr r5, [r0], #4",
        "ldr r6, [r0], #4",
        "ssub16 r7, r5, r6",
        "sel r7, r5, r6",
        "sel r5, r6, r5",
        "ssub16 r6, r7, r3",
        "sel r3, r7, r3",
        "ssub16 r6, r4, r5",
        "sel r4, r5, r4",
        "subs r1, #4",
        "bhs 1b",
        "2: adds r1, #4",
        "beq 4f",
        // One code twice.
        "3: ldrh r5, [r0], #2",
        "orr r5, r5, r5, lsl #16",
        "ssub16 r6, r5, r3",
        "sel r3, r5, r3",
        "ssub16 r6, r4, r5",
        "sel r4, r5, r4",
        "subs r1, #1",
        "bne 3b",
        "4: strd r3, r4, [r2]",
        "pop {{r4-r7}}",
        "bx lr",
    )
}

/// Four codes in r9 to r12: square in r4 and r5, sum in r6, bounds in r7 and r8.
#[unsafe(naked)]
unsafe extern "C" fn moments_32_asm(
    codes: *const i32,
    frames: usize,
    moments: *mut Moments,
    bounds: *const [i32; 2],
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11, lr}}",
        "ldrd r7, r8, [r3]",
        "ldrd r4, r5, [r2, #8]",
        "movs r6, #0",
        "msr apsr_nzcvq, r6",
        "subs r1, #4",
        "blo 3f",
        "2: ldm r0!, {{r9-r12}}",
        "smlal r4, r5, r9, r9",
        "add r6, r9",
        "qadd lr, r9, r7",
        "qadd lr, r9, r8",
        "smlal r4, r5, r10, r10",
        "add r6, r10",
        "qadd lr, r10, r7",
        "qadd lr, r10, r8",
        "smlal r4, r5, r11, r11",
        "add r6, r11",
        "qadd lr, r11, r7",
        "qadd lr, r11, r8",
        "smlal r4, r5, r12, r12",
        "add r6, r12",
        "qadd lr, r12, r7",
        "qadd lr, r12, r8",
        "subs r1, #4",
        "bhs 2b",
        "3: adds r1, #4",
        "beq 5f",
        "4: ldr r9, [r0], #4",
        "smlal r4, r5, r9, r9",
        "add r6, r9",
        "qadd lr, r9, r7",
        "qadd lr, r9, r8",
        "subs r1, #1",
        "bne 4b",
        "5: ldrd r8, r9, [r2]",
        "mrs r0, apsr",
        "and r0, #0x8000000",
        "adds r8, r6",
        "adc r9, r9, r6, asr #31",
        "strd r8, r9, [r2]",
        "strd r4, r5, [r2, #8]",
        "pop {{r4-r11, pc}}",
    )
}

/// Square in r4 and r5, product in r6 and r7, sum in r8, bounds in r9 and r10.
#[unsafe(naked)]
unsafe extern "C" fn product_32_asm(
    codes: *const i32,
    others: *const i32,
    frames: usize,
    moments: *mut Moments,
    product: *mut i64,
    bounds: *const [i32; 2],
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r3-r11, lr}}",
        "ldrd r12, lr, [sp, #40]",
        "ldrd r4, r5, [r3, #8]",
        "ldrd r6, r7, [r12]",
        "ldrd r9, r10, [lr]",
        "mov r8, #0",
        "msr apsr_nzcvq, r8",
        "subs r2, #4",
        "blo 3f",
        "2: ldm r0!, {{r3, r11}}",
        "ldm r1!, {{r12, lr}}",
        "smlal r4, r5, r3, r3",
        "smlal r6, r7, r3, r12",
        "add r8, r3",
        "qadd r12, r3, r9",
        "qadd r12, r3, r10",
        "smlal r4, r5, r11, r11",
        "smlal r6, r7, r11, lr",
        "add r8, r11",
        "qadd r12, r11, r9",
        "qadd r12, r11, r10",
        "ldm r0!, {{r3, r11}}",
        "ldm r1!, {{r12, lr}}",
        "smlal r4, r5, r3, r3",
        "smlal r6, r7, r3, r12",
        "add r8, r3",
        "qadd r12, r3, r9",
        "qadd r12, r3, r10",
        "smlal r4, r5, r11, r11",
        "smlal r6, r7, r11, lr",
        "add r8, r11",
        "qadd r12, r11, r9",
        "qadd r12, r11, r10",
        "subs r2, #4",
        "bhs 2b",
        "3: adds r2, #4",
        "beq 5f",
        "4: ldr r11, [r0], #4",
        "ldr lr, [r1], #4",
        "smlal r4, r5, r11, r11",
        "smlal r6, r7, r11, lr",
        "add r8, r11",
        "qadd r12, r11, r9",
        "qadd r12, r11, r10",
        "subs r2, #1",
        "bne 4b",
        "5: ldr r12, [sp, #40]",
        "ldr r3, [sp]",
        "mrs r0, apsr",
        "and r0, #0x8000000",
        "strd r4, r5, [r3, #8]",
        "strd r6, r7, [r12]",
        "ldrd r4, r5, [r3]",
        "adds r4, r8",
        "adc r5, r5, r8, asr #31",
        "strd r4, r5, [r3]",
        "pop {{r3-r11, pc}}",
    )
}

/// As [`correlate_16_asm`], a pair of entries in r8 to r11.
#[unsafe(naked)]
unsafe extern "C" fn correlate_32_asm(
    codes: *const i32,
    entries: *const Pair<i32>,
    frames: usize,
    phasor: *mut Phasor,
) {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11, lr}}",
        "ldrd r4, r5, [r3]",
        "ldrd r6, r7, [r3, #8]",
        "lsr r12, r2, #16",
        "uxth r2, r2",
        "cmp r2, #0",
        "beq 5f",
        "cmp r12, #0",
        "beq 1f",
        "ldm r1!, {{r8-r11}}",
        "ldr lr, [r0], #4",
        "smlal r4, r5, lr, r9",
        "smlal r6, r7, lr, r11",
        "subs r2, #1",
        "1: subs r2, #4",
        "blo 3f",
        "2: ldm r1!, {{r8-r11}}",
        "ldm r0!, {{r12, lr}}",
        "smlal r4, r5, r12, r8",
        "smlal r4, r5, lr, r9",
        "smlal r6, r7, r12, r10",
        "smlal r6, r7, lr, r11",
        "ldm r1!, {{r8-r11}}",
        "ldm r0!, {{r12, lr}}",
        "smlal r4, r5, r12, r8",
        "smlal r4, r5, lr, r9",
        "smlal r6, r7, r12, r10",
        "smlal r6, r7, lr, r11",
        "subs r2, #4",
        "bhs 2b",
        "3: adds r2, #2",
        "bmi 4f",
        "ldm r1!, {{r8-r11}}",
        "ldm r0!, {{r12, lr}}",
        "smlal r4, r5, r12, r8",
        "smlal r4, r5, lr, r9",
        "smlal r6, r7, r12, r10",
        "smlal r6, r7, lr, r11",
        "subs r2, #2",
        "4: lsls r2, r2, #31",
        "beq 5f",
        "ldm r1, {{r8-r11}}",
        "ldr r12, [r0]",
        "smlal r4, r5, r12, r8",
        "smlal r6, r7, r12, r10",
        "5: strd r4, r5, [r3]",
        "strd r6, r7, [r3, #8]",
        "pop {{r4-r11, pc}}",
    )
}
