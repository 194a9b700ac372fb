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
