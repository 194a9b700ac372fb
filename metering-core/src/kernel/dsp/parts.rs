//! What the loops over codes of both widths have in common: their passes, and the way from the sums to the correlation.
//!
//! Texts of assembler, which are put into the loops. This file must not know the width of a code.
//!
//! A loop is called with codes, entries, frames and sums in r0 to r3, of which the last three are pushed with r4 to r11 and
//! lr: 48 bytes, behind which the other codes come first. One more than the address of entries: the first one is the second
//! of its pair. Where nothing is correlated the entries are not looked at.

/// Begins a loop.
macro_rules! enter {
    () => {
        "push {{r1-r11, lr}}"
    };
}

/// Clears the Q flag, by way of r12. Set from the begin it would do no harm: codes would be looked through for nothing. So a
/// loop with a product does not clear it: that of the voltage came before and has left it clear.
macro_rules! clear {
    () => {
        "mov r12, #0
        msr apsr_nzcvq, r12"
    };
}

/// Units of `$frames` frames, as often as r2 has them, four a pass; the first pass is entered where as many units are left of
/// it as do not fill passes. `$shift`: frames of a unit as a shift; `$size`: bytes of code of a unit. Goes on at label 3 with
/// what is left of r2 in the carry flag, two frames, and in the negative one, one frame.
macro_rules! passes {
    ($spare:literal, $frames:literal, $shift:literal, $size:literal, $unit:expr) => {
        concat!(
            "subs r2, #",
            $frames,
            "
            blo 3f
            ubfx ",
            $spare,
            ", r2, #",
            $shift,
            ", #2
            bic r2, #3 * ",
            $frames,
            "
            tbb [pc, ",
            $spare,
            "]
            .byte 2 + 3 * ",
            $size,
            " / 2, 2 + ",
            $size,
            ", 2 + ",
            $size,
            " / 2, 2
            2: .rept 4
            ",
            $unit,
            "
            .endr
            subs r2, #4 * ",
            $frames,
            "
            bpl 2b
            3: lsls r2, r2, #31"
        )
    };
}

/// Goes on at `$on`, unless the flags in lr say that there are extremes among the codes before r0: looks for them, goes on
/// behind with r0 and r3 as they were and the Q flag clear, and all else is gone. `$size` of a code as a shift. Where `$on` is
/// another function it must lie within a megabyte.
macro_rules! look {
    ($size:literal, $on:literal) => {
        concat!(
            "lsls lr, lr, #4
            bpl ",
            $on,
            "
            mov r4, r0
            ldr r1, [sp, #4]
            add r2, r3, #24
            sub r0, r0, r1, lsl #",
            $size,
            "
            bl {look}
            mov r0, r4
            ldr r3, [sp, #8]
            ",
            clear!()
        )
    };
}

/// Begins the correlation of the codes before r0, with the segment before the sums at r3: codes in r0, entries in r1,
/// frames in r2, cosine in r4 and r5, sine in r6 and r7. Goes on at label 1 where the first entry is the first of its pair.
/// `$size` of a code as a shift.
macro_rules! begin_correlation {
    ($size:literal) => {
        concat!(
            "ldrd r1, r2, [sp]
            ldmdb r3, {{r4-r7}}
            sub r0, r0, r2, lsl #",
            $size,
            "
            lsrs r12, r1, #1
            bcc 1f
            subs r1, #1"
        )
    };
}

/// Ends it, at label 6.
macro_rules! end_correlation {
    () => {
        "6: stmdb r3, {{r4-r7}}
        pop {{r1-r11, pc}}"
    };
}

/// Makes the loops without a product, of what the file of a width has as `begin`, `alone` and `end`. `$size` of a code as a
/// shift.
macro_rules! without_product {
    ($code:ty, $size:literal, $correlate:path, $look:path => $moments:ident, $channel:ident) => {
        without_product!(
            /// Sum, square and extremes of a channel; at least one frame.
            $code, $size, $look, "9f", "9: pop {{r1-r11, pc}}", => $moments
        );
        without_product!(
            /// The same, and the channel's correlation, to the segment before the sums.
            $code, $size, $look, "{correlate}", "b {correlate}", correlate = sym $correlate, => $channel
        );
    };
    ($(#[$doc:meta])* $code:ty, $size:literal, $look:path, $on:literal, $last:literal, $($operand:ident = sym $of:path,)? => $name:ident) => {
        $(#[$doc])*
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name(
            codes: *const $code,
            entries: *const Pair<$code>,
            frames: usize,
            sums: *mut Sums,
        ) {
            naked_asm!(
                ".arch armv7e-m",
                enter!(),
                clear!(),
                begin!(),
                alone!(),
                end!(),
                look!($size, $on),
                $last,
                $($operand = sym $of,)?
                look = sym $look,
            )
        }
    };
}
