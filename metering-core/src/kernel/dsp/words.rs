//! The loops over 24-bit codes.
//!
//! In come addresses and counts from the file above, which has compared them with the slices. This file must not know
//! Rust's types but their layout. New extremes are looked for there as well.
//!
//! A channel is gone through twice where it is correlated, as with 16-bit codes.
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;

use crate::reference::Pair;
use crate::sums::Sums;

/// Begins: square in r6 and r7, sum in r4, what saturates on addition to a code below the least or above the largest in r5
/// and r10.
macro_rules! begin {
    () => {
        "ldrd r6, r7, [r3, #8]
        ldrd r5, r10, [r3, #28]
        mov r4, #0
        mvn r11, #0x80000000
        sub r10, r11, r10
        mvn r11, r11
        sub r5, r11, r5"
    };
}

/// Adds a code, `$spare` being free from then on.
macro_rules! one {
    ($code:literal, $spare:literal) => {
        concat!(
            "smlal r6, r7, ",
            $code,
            ", ",
            $code,
            "
            add r4, ",
            $code,
            "
            qadd ",
            $spare,
            ", ",
            $code,
            ", r5
            qadd ",
            $spare,
            ", ",
            $code,
            ", r10
            "
        )
    };
}

/// Adds all codes of a channel.
macro_rules! alone {
    () => {
        concat!(
            passes!("r12", "2", "1", "32", concat!("ldm r0!, {{r11, r12}}\n", one!("r11", "lr"), one!("r12", "lr"))),
            "
            bpl 5f
            ldr r11, [r0], #4
            ",
            one!("r11", "lr"),
            "
            5:"
        )
    };
}

/// Stores the square and adds the sum; the flags in lr. Where the extremes lie on one side of zero any code may be beyond.
macro_rules! end {
    () => {
        "strd r6, r7, [r3, #8]
        ldrd r6, r7, [r3]
        mrs lr, apsr
        adds r6, r4
        adc r7, r7, r4, asr #31
        strd r6, r7, [r3]
        orn r10, r10, r5
        orr lr, lr, r10, asr #31"
    };
}

/// The second half of the functions below, as with 16-bit codes; entries of two frames in r8 to r11.
#[unsafe(naked)]
unsafe extern "C" fn correlate_32_asm() {
    naked_asm!(
        ".arch armv7e-m",
        begin_correlation!("2"),
        "ldm r1!, {{r8-r11}}",
        "ldr r12, [r0], #4",
        "smlal r4, r5, r12, r9",
        "smlal r6, r7, r12, r11",
        "subs r2, #1",
        "1:",
        passes!(
            "r12",
            "2",
            "1",
            "24",
            "ldm r1!, {{r8-r11}}
            ldm r0!, {{r12, lr}}
            smlal r4, r5, r12, r8
            smlal r4, r5, lr, r9
            smlal r6, r7, r12, r10
            smlal r6, r7, lr, r11"
        ),
        "bpl 6f",
        "ldm r1, {{r8-r11}}",
        "ldr r12, [r0]",
        "smlal r4, r5, r12, r8",
        "smlal r6, r7, r12, r10",
        end_correlation!(),
    )
}

without_product!(i32, "2", correlate_32_asm, super::look_32 => moments_32_asm, channel_32_asm);

/// As [`channel_32_asm`], and the product with the voltage in r8 and r9.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn channel_with_32_asm(
    codes: *const i32,
    entries: *const Pair<i32>,
    frames: usize,
    sums: *mut Sums,
    others: *const i32,
) {
    naked_asm!(
        ".arch armv7e-m",
        enter!(),
        "ldr r1, [sp, #48]",
        "ldrd r8, r9, [r3, #16]",
        begin!(),
        passes!(
            "r12",
            "2",
            "1",
            "44",
            concat!(
                "ldm r0!, {{r11, r12}}\n ldm r1!, {{r3, lr}}\n smlal r8, r9, r11, r3\n smlal r8, r9, r12, lr\n",
                one!("r11", "lr"),
                one!("r12", "lr")
            )
        ),
        "bpl 5f",
        "ldr r11, [r0], #4",
        "ldr r3, [r1]",
        "smlal r8, r9, r11, r3",
        one!("r11", "lr"),
        "5: ldr r3, [sp, #8]",
        "strd r8, r9, [r3, #16]",
        end!(),
        look!("2", "{correlate}"),
        "b {correlate}",
        correlate = sym correlate_32_asm,
        look = sym super::look_32,
    )
}
