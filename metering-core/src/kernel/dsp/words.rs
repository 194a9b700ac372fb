//! The loops over 24-bit codes.
//!
//! In come addresses and counts from the file above, which has compared them with the slices. This file must not know
//! Rust's types but their layout.
//!
//! A channel is gone through twice, as with 16-bit codes.
#![expect(unsafe_code, reason = "naked functions: all of them is assembler")]

use core::arch::naked_asm;
use core::mem::offset_of;

use crate::reference::Pair;
use crate::sums::{Phasor, Sums};

/// Begins: square in r4 and r5, sum in r8, what saturates on addition to a code below the least or above the largest in r9
/// and r10. Where the extremes lie on one side of zero the Q flag is set from the first.
macro_rules! begin {
    () => {
        "push {{r0-r11, lr}}
        ldrd r4, r5, [r3, #8]
        ldrd r9, r10, [r3, #{extremes}]
        rsb r8, r9, #0
        orr r8, r8, r10
        mov r11, #0x8000000
        and r8, r11, r8, asr #31
        msr apsr_nzcvq, r8
        mov r8, #0
        mvn r11, #0x80000000
        sub r10, r11, r10
        mvn r11, r11
        sub r9, r11, r9"
    };
}

/// Adds a code, `$spare` being free from then on.
macro_rules! one {
    ($code:literal, $spare:literal) => {
        concat!(
            "smlal r4, r5, ",
            $code,
            ", ",
            $code,
            "
            add r8, ",
            $code,
            "
            qadd ",
            $spare,
            ", ",
            $code,
            ", r9
            qadd ",
            $spare,
            ", ",
            $code,
            ", r10
            "
        )
    };
}

/// The second half of the functions below, as with 16-bit codes; entries of two frames in r8 to r11.
#[unsafe(naked)]
unsafe extern "C" fn correlate_32_asm() {
    naked_asm!(
        ".arch armv7e-m",
        begin_correlation!(),
        "ldm r1!, {{r8-r11}}",
        "ldr r3, [r0], #4",
        "smlal r4, r5, r3, r9",
        "smlal r6, r7, r3, r11",
        "subs r2, #1",
        "1:",
        passes!(
            "r12",
            "2",
            "1",
            "24",
            "ldm r1!, {{r8-r11}}
            ldm r0!, {{r3, r12}}
            smlal r4, r5, r3, r8
            smlal r4, r5, r12, r9
            smlal r6, r7, r3, r10
            smlal r6, r7, r12, r11"
        ),
        "bpl 6f",
        "ldm r1, {{r8-r11}}",
        "ldr r3, [r0]",
        "smlal r4, r5, r3, r8",
        "smlal r6, r7, r3, r10",
        end_correlation!(),
    )
}

/// Sum, square and extremes of a channel, and its correlation, as with 16-bit codes.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn channel_32_asm(
    codes: *const i32,
    entries: *const Pair<i32>,
    frames: usize,
    sums: *mut Sums,
    phasor: *mut Phasor,
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        begin!(),
        passes!("r12", "2", "1", "32", concat!("ldm r0!, {{r11, r12}}\n", one!("r11", "lr"), one!("r12", "lr"))),
        "bpl 5f",
        "ldr r11, [r0]",
        one!("r11", "lr"),
        "5:",
        "mrs lr, apsr",
        store!(),
        correlate = sym correlate_32_asm,
        extremes = const offset_of!(Sums, extremes),
    )
}

/// The same, and the product with the voltage in r6 and r7.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn channel_with_32_asm(
    codes: *const i32,
    entries: *const Pair<i32>,
    frames: usize,
    sums: *mut Sums,
    phasor: *mut Phasor,
    others: *const i32,
    product: *mut i64,
) -> u32 {
    naked_asm!(
        ".arch armv7e-m",
        begin!(),
        "ldrd r1, r12, [sp, #56]",
        "ldrd r6, r7, [r12]",
        passes!(
            "r12",
            "2",
            "1",
            "44",
            concat!(
                "ldm r0!, {{r11, r12}}\n ldm r1!, {{r3, lr}}\n smlal r6, r7, r11, r3\n smlal r6, r7, r12, lr\n",
                one!("r11", "lr"),
                one!("r12", "lr")
            )
        ),
        "bpl 5f",
        "ldr r11, [r0]",
        "ldr r3, [r1]",
        "smlal r6, r7, r11, r3",
        one!("r11", "lr"),
        "5: ldr r12, [sp, #60]",
        "strd r6, r7, [r12]",
        "ldr r3, [sp, #12]",
        "mrs lr, apsr",
        store!(),
        correlate = sym correlate_32_asm,
        extremes = const offset_of!(Sums, extremes),
    )
}
