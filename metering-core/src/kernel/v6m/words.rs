//! The loops over 24-bit codes.
//!
//! In come addresses and counts from the file above, which has compared them with the slices. This file must not know
//! Rust's types but their layout.
//!
//! A code is 2⁸·h + l, or 2¹⁶·g + m, l and m never negative: the lowest 32 bits of a product are one multiplication of whole
//! codes, the coarse sum has products of parts that fit 32 bits, and what is shifted out of it is counted at each loop.
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;

use crate::reference::Pair;
use crate::sums::{Moments, Phasor};

/// Mixed product and square of a code to r12 and r9, the square of h left in `$upper`.
macro_rules! square {
    ($code:literal, $upper:literal) => {
        concat!(
            "asrs ",
            $upper,
            ", ",
            $code,
            ", #8
            uxtb r7, ",
            $code,
            "
            muls r7, ",
            $upper,
            ", r7
            add r12, r7
            muls ",
            $upper,
            ", ",
            $upper,
            ", ",
            $upper,
            "
            muls ",
            $code,
            ", ",
            $code,
            ", ",
            $code,
            "
            add r9, ",
            $code
        )
    };
}

macro_rules! moments_pair {
    ($first:literal, $back:literal, $second:literal, $there:literal) => {
        concat!(
            "ldm r0!, {{r2, r3}}
            add r8, r2
            add r8, r3
            ",
            see!("r2", $first, $back),
            see!("r3", $second, $there),
            square!("r2", "r4"),
            "\n",
            square!("r3", "r5"),
            "
            adds r4, r4, r5
            lsrs r4, r4, #8
            add r10, r4"
        )
    };
}

/// A pair of codes in r2 and r3, the least code in r6; in r8 the sum, in r9 that of the squares, in r10 that of h² of pairs,
/// less 8 bits, in r12 that of h·l; in r11 the range. x² is 2¹⁶·h² + 2⁹·h·l + l²: a pair leaves less than 2²⁴ + 2¹⁷ out,
/// 256 frames 2³¹·¹. An odd code comes first; the loop of two pairs begins in the middle where their number is odd.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn moments_32_asm(
    codes: *const i32,
    frames: usize,
    moments: *mut Moments,
    extremes: *mut [i32; 2],
) {
    naked_asm!(
        enter_with_frames!(),
        "push {{r2, r3}}",
        "lsls r4, r1, #2",
        "adds r4, r4, r0",
        "mov lr, r4",
        "movs r2, #0",
        "mov r8, r2",
        "mov r9, r2",
        "mov r10, r2",
        "mov r12, r2",
        begin_extremes!("ldr r6, [r0]"),
        "lsrs r1, r1, #1",
        "bcc 2f",
        "ldm r0!, {{r2}}",
        "add r8, r2",
        see!("r2", "11", "21"),
        square!("r2", "r4"),
        "lsrs r4, r4, #8",
        "add r10, r4",
        "2: cmp r0, lr",
        "beq 5f",
        "lsrs r1, r1, #1",
        "bcs 4f",
        "3:",
        moments_pair!("12", "22", "13", "23"),
        "4:",
        moments_pair!("14", "24", "15", "25"),
        "cmp r0, lr",
        "bne 3b",
        "5: pop {{r0, r1}}",
        "mov r7, r11",
        "adds r7, r7, r6",
        "stm r1!, {{r6, r7}}",
        "ldm r0!, {{r4-r7}}",
        "subs r0, #16",
        "mov r1, r8",
        "asrs r2, r1, #31",
        "adds r4, r4, r1",
        "adcs r5, r2",
        "mov r1, r12",
        "lsls r2, r1, #9",
        "asrs r1, r1, #23",
        "adds r6, r6, r2",
        "adcs r7, r1",
        "mov r1, r9",
        "subs r1, r1, r2",
        "mov r9, r1",
        add_sum!("r6", "r7", "r10", "r9", "24", "8"),
        "stm r0!, {{r4-r7}}",
        leave!(),
        new_extremes!("r2", "r3"),
    )
}

macro_rules! product_pair {
    () => {
        "ldm r0!, {{r2, r3}}
        ldm r1!, {{r4, r5}}
        asrs r6, r2, #9
        uxth r7, r4
        muls r6, r7, r6
        asrs r7, r4, #16
        muls r7, r2, r7
        muls r4, r2, r4
        add r8, r4
        asrs r2, r3, #9
        uxth r4, r5
        muls r2, r4, r2
        adds r6, r6, r2
        asrs r6, r6, #7
        adds r6, r6, r7
        subs r6, #1
        asrs r7, r5, #16
        muls r7, r3, r7
        adds r6, r6, r7
        asrs r6, r6, #7
        add r9, r6
        muls r5, r3, r5
        add r8, r5"
    };
}

/// Frames that [`product_32_asm`] may take.
pub(super) const PRODUCTS: usize = 96;

/// A pair of codes in r2 and r3, of the others in r4 and r5; in r8 and r9 the sum. x·y is 2¹⁶·x·g + x·m; of x·m the lower 9
/// bits of x are left out, less than 2²⁵. A pair without its lower 23 bits, and one less so that twice (-2²³)² fits as well,
/// leaves less than 2²⁶ + 2²³ + 2¹⁷ out, 96 frames 2³¹·⁸.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn product_32_asm(
    codes: *const i32,
    others: *const i32,
    frames: usize,
    product: *mut i64,
) {
    naked_asm!(
        enter!(),
        "push {{r3}}",
        "lsls r4, r2, #2",
        "adds r4, r4, r0",
        "mov r12, r4",
        "movs r4, #0",
        "mov r8, r4",
        "mov r9, r4",
        "lsrs r2, r2, #1",
        "mov r10, r2",
        "bcc 2f",
        "ldm r0!, {{r2}}",
        "ldm r1!, {{r4}}",
        "asrs r6, r2, #9",
        "uxth r7, r4",
        "muls r6, r7, r6",
        "asrs r6, r6, #7",
        "asrs r7, r4, #16",
        "muls r7, r2, r7",
        "adds r6, r6, r7",
        "asrs r6, r6, #7",
        "add r9, r6",
        "muls r4, r2, r4",
        "add r8, r4",
        "2: cmp r0, r12",
        "beq 5f",
        "mov r2, r10",
        "lsrs r2, r2, #1",
        "bcs 4f",
        "3:",
        product_pair!(),
        "4:",
        product_pair!(),
        "cmp r0, r12",
        "bne 3b",
        "5: pop {{r0}}",
        "ldm r0!, {{r4, r5}}",
        add_sum!("r4", "r5", "r9", "r8", "23", "9"),
        "subs r0, #8",
        "stm r0!, {{r4, r5}}",
        leave!(),
    )
}

macro_rules! correlate_one {
    () => {
        "ldm r0!, {{r2}}
        asrs r6, r2, #8
        movs r7, r6
        muls r6, r4, r6
        asrs r6, r6, #8
        add r9, r6
        muls r4, r2, r4
        add r8, r4
        muls r7, r5, r7
        asrs r7, r7, #8
        add r11, r7
        muls r5, r2, r5
        add r10, r5"
    };
}

/// Two codes in r2 and r3 with two entries.
macro_rules! correlate_half {
    ($coarse:literal, $exact:literal) => {
        concat!(
            "ldm r1!, {{r4, r5}}
            asrs r6, r2, #8
            muls r6, r4, r6
            asrs r7, r3, #8
            muls r7, r5, r7
            adds r6, r6, r7
            asrs r6, r6, #8
            add ",
            $coarse,
            ", r6
            muls r4, r2, r4
            add ",
            $exact,
            ", r4
            muls r5, r3, r5
            add ",
            $exact,
            ", r5"
        )
    };
}

macro_rules! correlate_pair {
    () => {
        concat!("ldm r0!, {{r2, r3}}\n", correlate_half!("r9", "r8"), "\n", correlate_half!("r11", "r10"))
    };
}

/// Two codes in r2 and r3, two entries in r4 and r5; the cosine's sum in r8 and r9, the sine's in r10 and r11. Of x·c the
/// lower 8 bits of x are left out, less than 2²³ of either sign, and of a pair 16 bits: 256 frames leave out less than 2³¹.
/// A code at an odd entry comes first, a single one last.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn correlate_32_asm(
    codes: *const i32,
    frames: usize,
    entries: *const Pair<i32>,
    at: usize,
    phasor: *mut Phasor,
) {
    naked_asm!(correlation!("2", "3", "", "r4", "r5", correlate_one, correlate_pair, signed))
}
