//! What the loops over codes of both widths have in common: their passes, and the way from the sums to the correlation.
//!
//! Texts of assembler, which are put into the loops. This file must not know the width of a code.
//!
//! A loop is called with codes, entries, frames and sums in r0 to r3, which are pushed with r4 to r11 and lr: 52 bytes, behind
//! which the phasor comes first. One more than the address of entries: the first one is the second of its pair; none: there
//! is no correlation.

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

/// Stores the square in r4 and r5 and the sum in r8 to r3 on, and goes on with the correlation.
macro_rules! store {
    () => {
        "strd r4, r5, [r3, #8]
        ldrd r4, r5, [r3]
        adds r4, r8
        adc r5, r5, r8, asr #31
        strd r4, r5, [r3]
        b {correlate}"
    };
}

/// Begins the correlation: codes in r0, entries in r1, frames in r2, cosine in r4 and r5, sine in r6 and r7. Leaves at label 9
/// where there are no entries; goes on at label 1 where the first one is the first of its pair.
macro_rules! begin_correlation {
    () => {
        "ldm sp, {{r0-r2}}
        ldr r3, [sp, #52]
        lsrs r12, r1, #1
        beq 9f
        ldm r3, {{r4-r7}}
        bcc 1f
        subs r1, #1"
    };
}

/// Ends it, at label 6, and returns lr.
macro_rules! end_correlation {
    () => {
        "6: ldr r3, [sp, #52]
        stm r3, {{r4-r7}}
        9: str lr, [sp]
        pop {{r0-r11, pc}}"
    };
}
