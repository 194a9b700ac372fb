//! The loops over 16-bit codes.
//!
//! In come addresses and counts from the file above, which has compared them with the slices. This file must not know
//! Rust's types but their layout. New extremes are looked for there as well.
//!
//! A channel is gone through twice: for sum, square, product with the voltage and extremes, and for the correlation, which a
//! residual current has none of. There are not enough registers for both at once. Codes are loaded word by word: where they
//! do not lie on words as the voltage's do, or as the table's entries do, frames are taken two by two, which costs half as
//! much again.
//!
//! Of the sum the lower 32 bits are added to, and the upper ones are their sign: enough for a window, see
//! [`sums`](crate::sums).
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;

use crate::reference::Pair;
use crate::sums::Sums;

/// Loads sum, square, product and the room that a square has: r4, r6 and r7, r8 and r9, r10; ones in r5.
macro_rules! begin {
    () => {
        "ldm r3, {{r4-r10}}
        mov r5, #0x10001"
    };
}

/// Adds a word of two codes, `$spare` being free from then on.
macro_rules! both {
    ($codes:literal, $spare:literal) => {
        concat!(
            "smlald r6, r7, ",
            $codes,
            ", ",
            $codes,
            "
            smlad r4, ",
            $codes,
            ", r5, r4
            smlabb ",
            $spare,
            ", ",
            $codes,
            ", ",
            $codes,
            ", r10
            smlatt ",
            $spare,
            ", ",
            $codes,
            ", ",
            $codes,
            ", r10
            "
        )
    };
}

/// Adds the code in r11.
macro_rules! one {
    () => {
        "smlalbb r6, r7, r11, r11
        smlabb r12, r11, r11, r10
        add r4, r11"
    };
}

/// Adds all codes of a channel; the first by itself, where it does not begin a word.
macro_rules! alone {
    () => {
        concat!(
            "lsls r11, r0, #30
            bpl 1f
            ldrsh r11, [r0], #2
            ",
            one!(),
            "
            subs r2, #1
            1: ",
            passes!("r11", "4", "2", "36", concat!("ldm r0!, {{r11, r12}}\n", both!("r11", "lr"), both!("r12", "lr"))),
            "
            bcc 4f
            ldr r11, [r0], #4
            ",
            both!("r11", "lr"),
            "
            4: bpl 5f
            ldrsh r11, [r0], #2
            ",
            one!(),
            "
            5:"
        )
    };
}

/// Stores what `begin` loaded; the flags in lr. Where the room is below 0 any code may be beyond.
macro_rules! end {
    () => {
        "asr r5, r4, #31
        stm r3, {{r4-r10}}
        mrs lr, apsr
        orr lr, lr, r10, asr #31"
    };
}

/// The second half of the functions below, reached with what they pushed. Entries of four frames in r8 to r11.
#[unsafe(naked)]
unsafe extern "C" fn correlate_16_asm() {
    naked_asm!(
        ".arch armv7e-m",
        begin_correlation!("1"),
        "ldm r1!, {{r8, r9}}",
        "ldrsh r12, [r0], #2",
        "smlalbt r4, r5, r12, r8",
        "smlalbt r6, r7, r12, r9",
        "subs r2, #1",
        "1: lsls r12, r0, #30",
        "bmi 8f",
        passes!(
            "r12",
            "4",
            "2",
            "24",
            "ldm r0!, {{r12, lr}}
            ldm r1!, {{r8-r11}}
            smlald r4, r5, r12, r8
            smlald r6, r7, r12, r9
            smlald r4, r5, lr, r10
            smlald r6, r7, lr, r11"
        ),
        "bcc 5f",
        "ldm r1!, {{r8, r9}}",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r8",
        "smlald r6, r7, r12, r9",
        "5: bpl 6f",
        "4: ldm r1, {{r8, r9}}",
        "ldrsh r12, [r0]",
        "smlalbb r4, r5, r12, r8",
        "smlalbb r6, r7, r12, r9",
        end_correlation!(),
        "7: ldm r1!, {{r8, r9}}",
        "ldr r12, [r0], #4",
        "smlald r4, r5, r12, r8",
        "smlald r6, r7, r12, r9",
        "8: subs r2, #2",
        "bpl 7b",
        "lsls r2, r2, #31",
        "bmi 4b",
        "b 6b",
    )
}

without_product!(i16, "1", correlate_16_asm, super::look_16 => moments_16_asm, channel_16_asm);

/// As [`channel_16_asm`], and the product with the voltage. Where only one of both lies on whole words pairs are taken one by
/// one.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn channel_with_16_asm(
    codes: *const i16,
    entries: *const Pair<i16>,
    frames: usize,
    sums: *mut Sums,
    others: *const i16,
) {
    naked_asm!(
        ".arch armv7e-m",
        enter!(),
        "ldr r1, [sp, #48]",
        begin!(),
        "lsls r11, r0, #30",
        "bpl 1f",
        "ldrsh r11, [r0], #2",
        "ldrsh r3, [r1], #2",
        "smlalbb r8, r9, r11, r3",
        one!(),
        "subs r2, #1",
        "1: lsls r11, r1, #30",
        "bmi 8f",
        passes!(
            "r11",
            "4",
            "2",
            "48",
            concat!(
                "ldm r0!, {{r11, r12}}\n ldm r1!, {{r3, lr}}\n smlald r8, r9, r11, r3\n smlald r8, r9, r12, lr\n",
                both!("r11", "lr"),
                both!("r12", "lr")
            )
        ),
        "bcc 4f",
        "ldr r11, [r0], #4",
        "ldr r3, [r1], #4",
        "smlald r8, r9, r11, r3",
        both!("r11", "lr"),
        "4: bpl 5f",
        "6: ldrsh r11, [r0], #2",
        "ldrsh r3, [r1]",
        "smlalbb r8, r9, r11, r3",
        one!(),
        "5: ldr r3, [sp, #8]",
        end!(),
        look!("1", "{correlate}"),
        "b {correlate}",
        "7: ldr r11, [r0], #4",
        "ldr r3, [r1], #4",
        "smlald r8, r9, r11, r3",
        both!("r11", "lr"),
        "8: subs r2, #2",
        "bpl 7b",
        "lsls r2, r2, #31",
        "bmi 6b",
        "b 5b",
        correlate = sym correlate_16_asm,
        look = sym super::look_16,
    )
}

/// Keeps of the words `$large` and `$small` the larger halves in r3 and the smaller ones in r4, `$spare` being free.
macro_rules! keep {
    ($large:literal, $small:literal, $spare:literal) => {
        concat!(
            "ssub16 ",
            $spare,
            ", ",
            $large,
            ", r3
            sel r3, ",
            $large,
            ", r3
            ssub16 ",
            $spare,
            ", r4, ",
            $small,
            "
            sel r4, ",
            $small,
            ", r4
            "
        )
    };
}

/// Divides two words into the larger halves, in `$large`, and the smaller ones, in `$two`.
macro_rules! divide {
    ($one:literal, $two:literal => $large:literal) => {
        concat!(
            "ssub16 ",
            $large,
            ", ",
            $one,
            ", ",
            $two,
            "
            sel ",
            $large,
            ", ",
            $one,
            ", ",
            $two,
            "
            sel ",
            $two,
            ", ",
            $two,
            ", ",
            $one,
            "
            "
        )
    };
}

/// Largest codes of both halves of the words in r3, smallest in r4.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn extremes_16_asm(codes: *const i16, frames: usize, pairs: *mut [u32; 2]) {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11}}",
        "mov r3, #0x80008000",
        "mvn r4, r3",
        "lsls r5, r0, #30",
        "bpl 1f",
        // One code twice: the first where it does not begin a word, or the last.
        "3: ldrh r5, [r0], #2",
        "orr r5, r5, r5, lsl #16",
        keep!("r5", "r5", "r6"),
        "subs r1, #1",
        "ble 4f",
        "1: subs r1, #8",
        "blo 5f",
        "2: ldm r0!, {{r5-r8}}",
        divide!("r5", "r6" => "r9"),
        divide!("r7", "r8" => "r10"),
        keep!("r9", "r6", "r5"),
        keep!("r10", "r8", "r5"),
        "subs r1, #8",
        "bhs 2b",
        "5: adds r1, #8",
        "beq 4f",
        "6: subs r1, #2",
        "blo 3b",
        "ldr r5, [r0], #4",
        keep!("r5", "r5", "r6"),
        "bne 6b",
        "4: strd r3, r4, [r2]",
        "pop {{r4-r11}}",
        "bx lr",
    )
}
