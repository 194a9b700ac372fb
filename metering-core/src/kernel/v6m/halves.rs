//! The loops over 16-bit codes.
//!
//! In come addresses from the file above, which has compared what lies there with the slices. This file must not know Rust's
//! types but their layout.
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;

use super::Found;
use crate::reference::Pair;

/// Two codes in r4 and r5, the least in r6; in r8 the sum, in r9 and r10 halves of the square, in r11 the range. Only an
/// address of two registers loads with the sign: r1 and r3 are the places of both codes.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn moments_16_asm(codes: *const i16, end: *const i16, found: *mut Found) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r2, r4-r7}}",
        "mov r12, r1",
        "movs r1, #2",
        "movs r3, #0",
        "mov r8, r3",
        "mov r9, r3",
        "mov r10, r3",
        "ldr r6, [r2, #20]",
        "ldr r2, [r2, #24]",
        "mov r11, r2",
        "1: ldrsh r4, [r0, r3]",
        "ldrsh r5, [r0, r1]",
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
        "cmp r0, r12",
        "bne 1b",
        "pop {{r2}}",
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

/// As [`moments_16_asm`], r2 and r3 being the places; the other codes in r7 and r3, halves of the product in r12 and lr.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn product_16_asm(
    codes: *const i16,
    others: *const i16,
    end: *const i16,
    found: *mut Found,
) {
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
        "movs r2, #0",
        "movs r3, #2",
        "1: ldrsh r4, [r0, r2]",
        "ldrsh r5, [r0, r3]",
        "adds r0, #4",
        "add r8, r4",
        "add r8, r5",
        "subs r7, r4, r6",
        "cmp r7, r11",
        "bhi 3f",
        "2: subs r7, r5, r6",
        "cmp r7, r11",
        "bhi 5f",
        "4: ldrsh r7, [r1, r2]",
        "muls r7, r4, r7",
        "subs r7, #1",
        "ldrsh r3, [r1, r3]",
        "adds r1, #4",
        "muls r3, r5, r3",
        "adds r7, r7, r3",
        "uxth r3, r7",
        "add r12, r3",
        "asrs r7, r7, #16",
        "add lr, r7",
        "movs r3, #2",
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

/// A pair of codes.
macro_rules! correlate_pair {
    () => {
        "ldm r1!, {{r2, r3}}
        ldrsh r6, [r0, r4]
        ldrsh r7, [r0, r5]
        adds r0, #4
        muls r2, r6, r2
        muls r3, r7, r3
        adds r2, r2, r3
        uxth r3, r2
        add r8, r3
        asrs r2, r2, #16
        add r9, r2
        ldm r1!, {{r2, r3}}
        muls r2, r6, r2
        muls r3, r7, r3
        adds r2, r2, r3
        uxth r3, r2
        add r10, r3
        asrs r2, r2, #16
        add r11, r2"
    };
}

/// Two entries in r2 and r3, two codes in r6 and r7, their places in r4 and r5; halves of the cosine's sum in r8 and r9,
/// of the sine's in r10 and r11. Begins in the middle where the number of pairs is odd.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn correlate_16_asm(
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
        "movs r4, #0",
        "movs r5, #2",
        "mov r8, r4",
        "mov r9, r4",
        "mov r10, r4",
        "mov r11, r4",
        "subs r2, r2, r0",
        "lsls r2, r2, #29",
        "bmi 2f",
        "1:",
        correlate_pair!(),
        "2:",
        correlate_pair!(),
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
