//! The loops over 16-bit codes.
//!
//! In come addresses and counts from the file above, which has compared them with the slices. This file must not know
//! Rust's types but their layout.
//!
//! Coarse sums are of pairs of products, which fit 32 bits, without the lower 16: a pair leaves less than 2¹⁶ out. Only an
//! address of two registers loads a code with its sign: the places of both codes of a pair are kept in registers.
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;

use crate::reference::Pair;
use crate::sums::{Moments, Phasor};

/// The square of a code in r4 to the sums in r9 and r10.
macro_rules! square {
    () => {
        "muls r4, r4, r4
        add r9, r4
        lsrs r4, r4, #16
        add r10, r4"
    };
}

/// The squares of a pair in r4 and r5.
macro_rules! squares {
    () => {
        "muls r4, r4, r4
        muls r5, r5, r5
        adds r4, r4, r5
        add r9, r4
        lsrs r4, r4, #16
        add r10, r4"
    };
}

/// Writes the extremes to r1 and adds the sums to the moments at r0.
macro_rules! end_moments {
    () => {
        concat!(
            "mov r7, r11
            adds r7, r7, r6
            stm r1!, {{r6, r7}}
            ldm r0!, {{r4-r7}}
            subs r0, #16
            mov r1, r8
            asrs r2, r1, #31
            adds r4, r4, r1
            adcs r5, r2
            ",
            add_sum!("r6", "r7", "r10", "r9", "16", "16"),
            "\n stm r0!, {{r4-r7}}"
        )
    };
}

macro_rules! moments_pair {
    ($first:literal, $back:literal, $second:literal, $there:literal) => {
        concat!(
            "ldrsh r4, [r0, r3]
            ldrsh r5, [r0, r1]
            adds r0, #4
            add r8, r4
            add r8, r5
            ",
            see!("r4", $first, $back),
            see!("r5", $second, $there),
            squares!()
        )
    };
}

/// A pair of codes in r4 and r5, their places in r3 and r1, the least code in r6; in r8 the sum, in r9 and r10 that of the
/// squares, in r11 the range. An odd code comes first; the loop of two pairs begins in the middle where their number is odd.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn moments_16_asm(
    codes: *const i16,
    frames: usize,
    moments: *mut Moments,
    extremes: *mut [i32; 2],
) {
    naked_asm!(
        enter_with_frames!(),
        "push {{r2, r3}}",
        "lsls r4, r1, #1",
        "adds r4, r4, r0",
        "mov r12, r4",
        "movs r2, #0",
        "mov r8, r2",
        "mov r9, r2",
        "mov r10, r2",
        begin_extremes!("ldrsh r6, [r0, r2]"),
        "movs r3, #0",
        "lsrs r1, r1, #1",
        "bcc 2f",
        "ldrsh r4, [r0, r3]",
        "adds r0, #2",
        "add r8, r4",
        see!("r4", "11", "21"),
        square!(),
        "2: cmp r0, r12",
        "beq 5f",
        "lsrs r1, r1, #1",
        "movs r1, #2",
        "bcs 4f",
        "3:",
        moments_pair!("12", "22", "13", "23"),
        "4:",
        moments_pair!("14", "24", "15", "25"),
        "cmp r0, r12",
        "bne 3b",
        "5: pop {{r0, r1}}",
        end_moments!(),
        leave!(),
        new_extremes!("r4", "r5"),
    )
}

macro_rules! product_pair {
    ($first:literal, $back:literal, $second:literal, $there:literal) => {
        concat!(
            "ldrsh r4, [r0, r2]
            ldrsh r5, [r0, r3]
            adds r0, #4
            add r8, r4
            add r8, r5
            ",
            see!("r4", $first, $back),
            see!("r5", $second, $there),
            // One less, so that twice (-2¹⁵)² fits as well.
            "ldrsh r7, [r1, r2]
            muls r7, r4, r7
            ldrsh r3, [r1, r3]
            adds r1, #4
            muls r3, r5, r3
            adds r7, r7, r3
            add r12, r7
            subs r7, #1
            asrs r7, r7, #16
            add lr, r7
            movs r3, #2
            ",
            squares!()
        )
    };
}

/// As [`moments_16_asm`], r2 and r3 being the places; the other codes in r7 and r3, the sum of the products in r12 and lr.
/// As many frames as the shorter slice has.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn product_16_asm(
    codes: *const i16,
    frames: usize,
    others: *const i16,
    other_frames: usize,
    moments: *mut Moments,
    product: *mut i64,
    extremes: *mut [i32; 2],
) {
    naked_asm!(
        "cmp r1, r3",
        "bls 1f",
        "movs r1, r3",
        "1:",
        enter_with_frames!(),
        "ldr r3, [sp, #44]",
        "lsls r4, r1, #1",
        "adds r4, r4, r0",
        "push {{r4}}",
        "movs r4, r1",
        "movs r1, r2",
        "movs r2, #0",
        "mov r8, r2",
        "mov r9, r2",
        "mov r10, r2",
        "mov r12, r2",
        "mov lr, r2",
        begin_extremes!("ldrsh r6, [r0, r2]"),
        "lsrs r3, r4, #1",
        "bcc 2f",
        "ldrsh r4, [r0, r2]",
        "adds r0, #2",
        "add r8, r4",
        see!("r4", "11", "21"),
        "ldrsh r7, [r1, r2]",
        "adds r1, #2",
        "muls r7, r4, r7",
        "add r12, r7",
        "asrs r7, r7, #16",
        "add lr, r7",
        square!(),
        "2: ldr r7, [sp]",
        "cmp r0, r7",
        "beq 5f",
        "lsrs r3, r3, #1",
        "movs r3, #2",
        "bcs 4f",
        "3:",
        product_pair!("12", "22", "13", "23"),
        "4:",
        product_pair!("14", "24", "15", "25"),
        "ldr r7, [sp]",
        "cmp r0, r7",
        "bne 3b",
        "5: ldr r0, [sp, #44]",
        "ldm r0!, {{r4, r5}}",
        add_sum!("r4", "r5", "lr", "r12", "16", "16"),
        "subs r0, #8",
        "stm r0!, {{r4, r5}}",
        "ldr r0, [sp, #40]",
        "ldr r1, [sp, #48]",
        end_moments!(),
        "add sp, #4",
        leave!(),
        new_extremes!("r4", "r5"),
    )
}

macro_rules! correlate_one {
    () => {
        "ldrsh r6, [r0, r4]
        adds r0, #2
        muls r2, r6, r2
        add r8, r2
        asrs r2, r2, #16
        add r9, r2
        muls r3, r6, r3
        add r10, r3
        asrs r3, r3, #16
        add r11, r3"
    };
}

macro_rules! correlate_pair {
    () => {
        "ldm r1!, {{r2, r3}}
        ldrsh r6, [r0, r4]
        ldrsh r7, [r0, r5]
        adds r0, #4
        muls r2, r6, r2
        muls r3, r7, r3
        adds r2, r2, r3
        add r8, r2
        asrs r2, r2, #16
        add r9, r2
        ldm r1!, {{r2, r3}}
        muls r2, r6, r2
        muls r3, r7, r3
        adds r2, r2, r3
        add r10, r2
        asrs r2, r2, #16
        add r11, r2"
    };
}

/// Two entries in r2 and r3, two codes in r6 and r7, their places in r4 and r5; the cosine's sum in r8 and r9, the sine's in
/// r10 and r11. A code at an odd entry comes first, a single one last.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn correlate_16_asm(
    codes: *const i16,
    frames: usize,
    entries: *const Pair<i32>,
    at: usize,
    phasor: *mut Phasor,
) {
    naked_asm!(correlation!("1", "2", "movs r5, #2", "r2", "r3", correlate_one, correlate_pair))
}
