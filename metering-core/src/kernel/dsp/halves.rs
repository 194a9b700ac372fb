//! The loops over 16-bit codes.
//!
//! In come addresses and counts from the file above, which has compared them with the slices. Moments and correlation of a
//! channel are one call: entering and leaving costs as much as ten frames. This file must not know
//! Rust's types but their layout.
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;

use crate::reference::Pair;
use crate::sums::{Moments, Phasor};

/// Sum and square of r1 codes at r0 into the moments at r2, the bound in r3: eight frames in r8 to r11, square in r4 and
/// r5, sum in r6 against ones in r7. Leaves the flags in r12.
macro_rules! moments {
    () => {
        "ldrd r4, r5, [r2, #8]
        movs r6, #0
        msr apsr_nzcvq, r6
        mov r7, #0x10001
        cmp r1, #0
        beq 5f
        lsls r12, r0, #30
        bpl 1f
        ldrsh r8, [r0], #2
        smlalbb r4, r5, r8, r8
        smlabb r12, r8, r8, r3
        mov r6, r8
        subs r1, #1
        1: subs r1, #8
        blo 3f
        2: ldm r0!, {{r8-r11}}
        smlald r4, r5, r8, r8
        smlad r6, r8, r7, r6
        smlabb r12, r8, r8, r3
        smlatt r12, r8, r8, r3
        smlald r4, r5, r9, r9
        smlad r6, r9, r7, r6
        smlabb r12, r9, r9, r3
        smlatt r12, r9, r9, r3
        smlald r4, r5, r10, r10
        smlad r6, r10, r7, r6
        smlabb r12, r10, r10, r3
        smlatt r12, r10, r10, r3
        smlald r4, r5, r11, r11
        smlad r6, r11, r7, r6
        smlabb r12, r11, r11, r3
        smlatt r12, r11, r11, r3
        subs r1, #8
        bhs 2b
        3: adds r1, #6
        bmi 4f
        6: ldr r8, [r0], #4
        smlald r4, r5, r8, r8
        smlad r6, r8, r7, r6
        smlabb r12, r8, r8, r3
        smlatt r12, r8, r8, r3
        subs r1, #2
        bpl 6b
        4: lsls r1, r1, #31
        beq 5f
        ldrsh r8, [r0]
        smlalbb r4, r5, r8, r8
        smlabb r12, r8, r8, r3
        add r6, r8
        5: ldrd r8, r9, [r2]
        mrs r12, apsr
        adds r8, r6
        adc r9, r9, r6, asr #31
        strd r8, r9, [r2]
        strd r4, r5, [r2, #8]"
    };
}

/// The same of r2 codes at r0 into the moments at r3, and their product with those at r1 into that at r12, the bound in
/// r10: square in r4 and r5, product in r6 and r7, sum in r8 against ones in r9. Leaves the flags in lr.
macro_rules! product {
    () => {
        "ldrd r4, r5, [r3, #8]
        ldrd r6, r7, [r12]
        mov r8, #0
        msr apsr_nzcvq, r8
        mov r9, #0x10001
        cmp r2, #0
        beq 5f
        lsls r12, r0, #30
        bpl 1f
        ldrsh r11, [r0], #2
        ldrsh lr, [r1], #2
        smlalbb r4, r5, r11, r11
        smlalbb r6, r7, r11, lr
        smlabb r12, r11, r11, r10
        mov r8, r11
        subs r2, #1
        1: subs r2, #8
        blo 3f
        2: ldm r0!, {{r11, r12}}
        ldr lr, [r1], #4
        smlald r4, r5, r11, r11
        smlald r6, r7, r11, lr
        smlad r8, r11, r9, r8
        smlabb lr, r11, r11, r10
        smlatt lr, r11, r11, r10
        ldr lr, [r1], #4
        smlald r4, r5, r12, r12
        smlald r6, r7, r12, lr
        smlad r8, r12, r9, r8
        smlabb lr, r12, r12, r10
        smlatt lr, r12, r12, r10
        ldm r0!, {{r11, r12}}
        ldr lr, [r1], #4
        smlald r4, r5, r11, r11
        smlald r6, r7, r11, lr
        smlad r8, r11, r9, r8
        smlabb lr, r11, r11, r10
        smlatt lr, r11, r11, r10
        ldr lr, [r1], #4
        smlald r4, r5, r12, r12
        smlald r6, r7, r12, lr
        smlad r8, r12, r9, r8
        smlabb lr, r12, r12, r10
        smlatt lr, r12, r12, r10
        subs r2, #8
        bhs 2b
        3: adds r2, #6
        bmi 4f
        6: ldr r11, [r0], #4
        ldr lr, [r1], #4
        smlald r4, r5, r11, r11
        smlald r6, r7, r11, lr
        smlad r8, r11, r9, r8
        smlabb lr, r11, r11, r10
        smlatt lr, r11, r11, r10
        subs r2, #2
        bpl 6b
        4: lsls r2, r2, #31
        beq 5f
        ldrsh r11, [r0]
        ldrsh lr, [r1]
        smlalbb r4, r5, r11, r11
        smlalbb r6, r7, r11, lr
        smlabb r12, r11, r11, r10
        add r8, r11
        5: ldr r12, [sp, #52]
        mrs lr, apsr
        strd r4, r5, [r3, #8]
        strd r6, r7, [r12]
        ldrd r4, r5, [r3]
        adds r4, r8
        adc r5, r5, r8, asr #31
        strd r4, r5, [r3]"
    };
}

/// Correlation of r2 codes at r0 with the entries at r1 into the phasor at r3; bit 16 of r2: the first entry is the second
/// of its pair. Cosine in r4 and r5, sine in r6 and r7, two pairs of entries in r8 to r11.
macro_rules! correlate {
    () => {
        "ldrd r4, r5, [r3]
        ldrd r6, r7, [r3, #8]
        lsr r12, r2, #16
        uxth r2, r2
        cmp r2, #0
        beq 5f
        cmp r12, #0
        beq 1f
        ldm r1!, {{r8, r9}}
        ldrsh r10, [r0], #2
        smlalbt r4, r5, r10, r8
        smlalbt r6, r7, r10, r9
        subs r2, #1
        1: subs r2, #8
        blo 3f
        2: ldm r1!, {{r8-r11}}
        ldr r12, [r0], #4
        smlald r4, r5, r12, r8
        smlald r6, r7, r12, r9
        ldr r12, [r0], #4
        smlald r4, r5, r12, r10
        smlald r6, r7, r12, r11
        ldm r1!, {{r8-r11}}
        ldr r12, [r0], #4
        smlald r4, r5, r12, r8
        smlald r6, r7, r12, r9
        ldr r12, [r0], #4
        smlald r4, r5, r12, r10
        smlald r6, r7, r12, r11
        subs r2, #8
        bhs 2b
        3: adds r2, #6
        bmi 4f
        6: ldm r1!, {{r8, r9}}
        ldr r12, [r0], #4
        smlald r4, r5, r12, r8
        smlald r6, r7, r12, r9
        subs r2, #2
        bpl 6b
        4: lsls r2, r2, #31
        beq 5f
        ldm r1, {{r8, r9}}
        ldrsh r12, [r0]
        smlalbb r4, r5, r12, r8
        smlalbb r6, r7, r12, r9
        5: strd r4, r5, [r3]
        strd r6, r7, [r3, #8]"
    };
}

/// Only the moments.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn moments_16_asm(
    codes: *const i16,
    frames: usize,
    moments: *mut Moments,
    bound: i32,
) -> u32 {
    naked_asm!(".arch armv7e-m", "push {{r4-r11, lr}}", moments!(), "and r0, r12, #0x8000000", "pop {{r4-r11, pc}}",)
}

/// Moments and correlation.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn alone_16_asm(
    codes: *const i16,
    entries: *const Pair<i16>,
    frames: usize,
    bound: i32,
    moments: *mut Moments,
    phasor: *mut Phasor,
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r0-r2, r4-r11, lr}}",
        "uxth r1, r2",
        "ldr r2, [sp, #48]",
        moments!(),
        "ldm sp, {{r0-r2}}",
        "str r12, [sp]",
        "ldr r3, [sp, #52]",
        correlate!(),
        "ldr r0, [sp]",
        "and r0, #0x8000000",
        "add sp, #12",
        "pop {{r4-r11, pc}}",
    )
}

/// Moments, product and correlation.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn beside_16_asm(
    codes: *const i16,
    entries: *const Pair<i16>,
    frames: usize,
    others: *const i16,
    moments: *mut Moments,
    product: *mut i64,
    bound: i32,
    phasor: *mut Phasor,
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r0-r2, r4-r11, lr}}",
        "mov r1, r3",
        "uxth r2, r2",
        "ldr r3, [sp, #48]",
        "ldrd r12, r10, [sp, #52]",
        product!(),
        "ldm sp, {{r0-r2}}",
        "str lr, [sp]",
        "ldr r3, [sp, #60]",
        correlate!(),
        "ldr r0, [sp]",
        "and r0, #0x8000000",
        "add sp, #12",
        "pop {{r4-r11, pc}}",
    )
}

/// Largest codes of both halves of the words in r3, smallest in r4.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn extremes_16_asm(codes: *const i16, frames: usize, pairs: *mut [u32; 2]) {
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
