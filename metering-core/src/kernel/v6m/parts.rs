//! What the loops have in common: keeping the caller's registers, extremes, and sums of 64 bits out of two of 32.
//!
//! Texts of assembler, which are put into the loops. This file must not know what a loop reads.
//!
//! A sum of 64 bits is kept as two of 32, neither of which needs a carry: the exact one, which wraps, so that its value is
//! known to a multiple of 2³²; and a coarse one, which says to which. The coarse one leaves so much out that it must not
//! make up 2³² over all frames of a call.

/// Keeps r4 to r11 of the caller, and below them the registers named: 36 bytes without these.
macro_rules! enter {
    () => {
        "push {{r4-r7, lr}}
        mov r4, r8
        mov r5, r9
        mov r6, r10
        mov r7, r11
        push {{r4-r7}}"
    };
}

/// The same where r1 frames are at least one; without any it returns.
macro_rules! enter_with_frames {
    () => {
        concat!("cmp r1, #0\n bne 1f\n bx lr\n 1:", enter!())
    };
}

/// Returns from what [`enter!`] began.
macro_rules! leave {
    () => {
        "pop {{r4-r7}}
        mov r8, r4
        mov r9, r5
        mov r10, r6
        mov r11, r7
        pop {{r4-r7, pc}}"
    };
}

/// Loads the extremes from r3 on: the least into r6, the range into r11. Where there are none yet, both are the first code.
macro_rules! begin_extremes {
    ($first:literal) => {
        concat!(
            "ldm r3!, {{r6, r7}}
            cmp r6, r7
            ble 99f
            ",
            $first,
            "
            movs r7, r6
            99: subs r7, r7, r6
            mov r11, r7"
        )
    };
}

/// Whether a code is within the extremes: leaves at label `$new` for [`new_extreme!`], which comes back to `$back`.
macro_rules! see {
    ($code:literal, $new:literal, $back:literal) => {
        concat!("subs r7, ", $code, ", r6\n cmp r7, r11\n bhi ", $new, "f\n", $back, ":")
    };
}

/// A code beyond the extremes. Above, its distance in r7 is the range; below, it is the new least.
macro_rules! new_extreme {
    ($code:literal, $new:literal, $back:literal) => {
        concat!(
            $new,
            ": cmp ",
            $code,
            ", r6
            bge 99f
            subs r7, r6, ",
            $code,
            "
            add r11, r7
            movs r6, ",
            $code,
            "
            b ",
            $back,
            "b
            99: mov r11, r7
            b ",
            $back,
            "b"
        )
    };
}

/// The new extremes of a loop of two pairs, and of the single code before it.
macro_rules! new_extremes {
    ($first:literal, $second:literal) => {
        concat!(
            new_extreme!($first, "11", "21"),
            "\n",
            new_extreme!($first, "12", "22"),
            "\n",
            new_extreme!($second, "13", "23"),
            "\n",
            new_extreme!($first, "14", "24"),
            "\n",
            new_extreme!($second, "15", "25")
        )
    };
}

/// Adds a sum to the 64 bits in two lower registers: `$coarse` times two to `$up`, and what is missing to `$exact`. What is
/// missing is never negative, or with `signed` as often as not. Needs r1 to r3.
macro_rules! add_sum {
    ($low:literal, $high:literal, $coarse:literal, $exact:literal, $up:literal, $down:literal) => {
        add_sum!($low, $high, $coarse, $exact, $up, $down, "movs r1, #0")
    };
    ($low:literal, $high:literal, $coarse:literal, $exact:literal, $up:literal, $down:literal, signed) => {
        add_sum!($low, $high, $coarse, $exact, $up, $down, "asrs r1, r3, #31")
    };
    ($low:literal, $high:literal, $coarse:literal, $exact:literal, $up:literal, $down:literal, $upper:literal) => {
        concat!(
            "mov r1, ",
            $coarse,
            "\n lsls r2, r1, #",
            $up,
            "\n asrs r1, r1, #",
            $down,
            "\n adds ",
            $low,
            ", r2\n adcs ",
            $high,
            ", r1\n mov r3, ",
            $exact,
            "\n subs r3, r3, r2\n ",
            $upper,
            "\n adds ",
            $low,
            ", r3\n adcs ",
            $high,
            ", r1"
        )
    };
}

/// A whole correlation: from r0 on r1 codes of two to `$size` bytes, from r2 on the table, in r3 the entry to begin with,
/// the phasor on the stack. A code at an odd entry comes first, then pairs of two to `$pair_size` bytes, two a pass, then a
/// single code. `$one` adds a code with the entries in `$cosine` and `$sine`, `$pair` a pair; the cosine's sum is in r8 and
/// r9, the sine's in r10 and r11. The end of the codes is in lr, that of the pairs in r12; `$places` goes before all.
macro_rules! correlation {
    ($size:literal, $pair_size:literal, $places:literal, $cosine:literal, $sine:literal, $one:ident, $pair:ident $(, $signed:ident)?) => {
        concat!(
            enter_with_frames!(),
            "\n lsls r4, r1, #",
            $size,
            "
            adds r4, r4, r0
            mov lr, r4
            lsrs r1, r3, #1
            lsls r1, r1, #4
            adds r1, r1, r2
            movs r4, #0
            mov r8, r4
            mov r9, r4
            mov r10, r4
            mov r11, r4
            ",
            $places,
            "
            lsls r3, r3, #31
            beq 1f
            ldr ",
            $cosine,
            ", [r1, #4]
            ldr ",
            $sine,
            ", [r1, #12]
            adds r1, #16
            ",
            $one!(),
            "
            1: mov r2, lr
            subs r2, r2, r0
            lsrs r3, r2, #",
            $pair_size,
            "
            lsls r2, r3, #",
            $pair_size,
            "
            adds r2, r2, r0
            mov r12, r2
            cmp r0, r12
            beq 4f
            lsls r3, r3, #31
            bne 3f
            2:",
            $pair!(),
            "\n 3:",
            $pair!(),
            "
            cmp r0, r12
            bne 2b
            4: cmp r0, lr
            beq 5f
            ldr ",
            $cosine,
            ", [r1]
            ldr ",
            $sine,
            ", [r1, #8]
            ",
            $one!(),
            "
            5: ldr r0, [sp, #36]
            ldm r0!, {{r4-r7}}
            ",
            add_sum!("r4", "r5", "r9", "r8", "16", "16" $(, $signed)?),
            "\n",
            add_sum!("r6", "r7", "r11", "r10", "16", "16" $(, $signed)?),
            "
            subs r0, #16
            stm r0!, {{r4-r7}}
            ",
            leave!()
        )
    };
}
