//! The loops for processors with the DSP extension (Cortex-M4, M7, M33), feature `dsp`.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives: `check` compares on the emulator. Assembler, because the
//! compiler neither multiplies two pairs at once nor keeps the sums in registers: it takes four times the instructions.
//! This file must not know what the sums are for.
//!
//! Extremes are not searched for in the loop: each code goes through an addition that saturates when it is beyond what
//! was seen before, which leaves a trace in the processor's Q flag. Only then, about twice per window and half-wave, a
//! second loop looks for the extremes.
//!
//! `.arch` says to the assembler what the feature says to the compiler: for Armv8-M it takes no DSP instruction without.
//!
//! Cost, in instructions per frame: 4.0 for a channel of 16-bit codes, 4.8 with a product, of 24-bit codes 8.0 and 9.5; of
//! 16-bit codes half as much again where they do not lie on whole words as the voltage's and the table's entries do.
#![expect(
    unsafe_code,
    reason = "calls of assembler, each given slices whose lengths were compared, and what it calls with them"
)]

#[macro_use]
mod parts;
mod halves;
mod words;

use core::mem::offset_of;
use core::ptr::null;
use core::slice;

use halves::{channel_16_asm, channel_with_16_asm, extremes_16_asm, moments_16_asm};
use words::{channel_32_asm, channel_with_32_asm, moments_32_asm};

use crate::reference::{Entries, Pair};
use crate::sums::{Extremes, Moments, Phasor, Running, Sums};

/// Address of entries as the assembler asks for it. They lie on words: in a [`Table`](crate::reference::Table).
#[inline(always)]
fn address<R: Copy>(entries: Entries<'_, R>) -> *const Pair<R> {
    entries.pairs().as_ptr().wrapping_byte_add(entries.odd())
}

const _: () = assert!(
    offset_of!(Sums, moments) + offset_of!(Moments, sum) == 0
        && offset_of!(Sums, moments) + offset_of!(Moments, square) == 8
        && offset_of!(Sums, product) == 16
        && offset_of!(Sums, extremes) + offset_of!(Extremes, room) == 24
        && offset_of!(Sums, extremes) + offset_of!(Extremes, low) == 28
        && offset_of!(Sums, extremes) + offset_of!(Extremes, high) == 32
        && offset_of!(Running, segment) + size_of::<Phasor>() == offset_of!(Running, sums)
        && offset_of!(Phasor, cosine) == 0
        && offset_of!(Phasor, sine) == 8,
    "the assembler loads sums as a row of registers, and the segment from right before them"
);

/// Address of the sums, from which the segment before them may be reached as well.
#[inline(always)]
fn sums_of(running: &mut Running) -> *mut Sums {
    (&raw mut *running).wrapping_byte_add(offset_of!(Running, sums)).cast()
}

/// Looks for new extremes among the codes that a loop was given, which are some: the assembler hands on their address, their
/// number, and the extremes of the sums that it was given.
#[cold]
unsafe extern "C" fn look_16(codes: *const i16, frames: usize, extremes: &mut Extremes) {
    let mut pairs = [0u32; 2];
    // SAFETY: reads the codes, which are those of the slice that the loop was given, and writes `pairs`.
    unsafe { extremes_16_asm(codes, frames, &raw mut pairs) };
    let [most, least] = pairs.map(|pair| [pair as u16 as i16, (pair >> 16) as u16 as i16].map(i32::from));
    extremes.add(Extremes::new(least[0].min(least[1]), most[0].max(most[1])));
}

/// The same of 24-bit codes.
#[cold]
unsafe extern "C" fn look_32(codes: *const i32, frames: usize, extremes: &mut Extremes) {
    // SAFETY: the codes are those of the slice that the loop was given.
    extremes.add(Extremes::of(unsafe { slice::from_raw_parts(codes, frames) }));
}

/// Makes `$sum`, `$channel` and `$channel_with` of the assembler for one width of codes.
macro_rules! loops {
    ($code:ty, $moments_asm:path, $channel_asm:path, $with_asm:path => $sum:ident, $channel:ident, $channel_with:ident) => {
        /// As [`plain::moments`](super::plain::moments).
        #[inline(always)]
        pub(crate) fn $sum(codes: &[$code], sums: &mut Sums) {
            if !codes.is_empty() {
                // SAFETY: reads `codes`, which are some, and changes `sums`.
                unsafe { $moments_asm(codes.as_ptr(), null(), codes.len(), sums) };
            }
        }

        /// As [`plain::channel`](super::plain::channel).
        #[inline(always)]
        pub(crate) fn $channel(codes: &[$code], entries: Entries<'_, $code>, running: &mut Running) {
            let codes = codes.get(..entries.frames()).unwrap_or(codes);
            if !codes.is_empty() {
                // SAFETY: reads the codes, which are some, and as many entries at most, and changes `running`.
                unsafe { $channel_asm(codes.as_ptr(), address(entries), codes.len(), sums_of(running)) };
            }
        }

        /// As [`plain::channel_with`](super::plain::channel_with).
        #[inline(always)]
        pub(crate) fn $channel_with(
            codes: &[$code],
            others: &[$code],
            entries: Entries<'_, $code>,
            running: &mut Running,
        ) {
            let codes = codes.get(..others.len().min(entries.frames())).unwrap_or(codes);
            if !codes.is_empty() {
                let (first, pairs, second) = (codes.as_ptr(), address(entries), others.as_ptr());
                // SAFETY: reads the codes, which are some, and as many of the others and of the entries, which are not
                // fewer, and changes `running`.
                unsafe { $with_asm(first, pairs, codes.len(), sums_of(running), second) };
            }
        }
    };
}

loops!(i16, moments_16_asm, channel_16_asm, channel_with_16_asm => moments_16, channel_16, channel_with_16);
loops!(i32, moments_32_asm, channel_32_asm, channel_with_32_asm => moments_32, channel_32, channel_with_32);
