//! The loops for processors with the DSP extension (Cortex-M4, M7, M33), feature `dsp`.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives: `check` compares on the emulator. Assembler, because the
//! compiler neither multiplies two pairs at once nor keeps the sums in registers: it takes four times the instructions.
//! This file must not know what the sums are for.
//!
//! Extremes are not searched for in the loop: each code goes through an addition that saturates when it is beyond what
//! was seen before, which leaves a trace in the processor's Q flag. Only then, about once per window and half-wave, a
//! second loop looks for the extremes.
//!
//! `.arch` says to the assembler what the feature says to the compiler: for Armv8-M it takes no DSP instruction without.
//!
//! Cost, in instructions per frame: 4.0 for a channel of 16-bit codes, 4.8 with a product, of 24-bit codes 8.0 and 9.5; of
//! 16-bit codes half as much again where they do not lie on whole words as the voltage's and the table's entries do.
#![expect(unsafe_code, reason = "calls of assembler; each is given slices whose lengths were compared")]

#[macro_use]
mod parts;
mod halves;
mod words;

use core::ptr::{null, null_mut};

use halves::{channel_16_asm, channel_with_16_asm, extremes_16_asm};
use words::{channel_32_asm, channel_with_32_asm};

use crate::reference::{Entries, Pair};
use crate::sums::{Extremes, Phasor, Sums};

/// Address of entries as the assembler asks for it. They lie on words: in a [`Table`](crate::reference::Table).
#[inline(always)]
fn address<R: Copy>(entries: Entries<'_, R>) -> *const Pair<R> {
    entries.pairs().as_ptr().wrapping_byte_add(entries.odd())
}

/// Whether the Q flag is set in what the assembler gives back.
#[inline(always)]
fn is_beyond(flags: u32) -> bool {
    flags & 1 << 27 != 0
}

#[cold]
#[inline(never)]
fn look_16(codes: &[i16], extremes: &mut Extremes) {
    if codes.is_empty() {
        return;
    }
    let mut pairs = [0u32; 2];
    // SAFETY: reads `codes`, which is not empty, and writes `pairs`.
    unsafe { extremes_16_asm(codes.as_ptr(), codes.len(), &raw mut pairs) };
    let [most, least] = pairs.map(|pair| [pair as u16 as i16, (pair >> 16) as u16 as i16].map(i32::from));
    extremes.add(Extremes::new(least[0].min(least[1]), most[0].max(most[1])));
}

#[cold]
#[inline(never)]
fn look_32(codes: &[i32], extremes: &mut Extremes) {
    extremes.add(Extremes::of(codes));
}

/// Makes `$sum`, `$channel` and `$channel_with` of the assembler for one width of codes and of what looks for new extremes.
macro_rules! loops {
    ($code:ty, $channel_asm:path, $with_asm:path, $look:path => $sum:ident, $channel:ident, $channel_with:ident) => {
        /// As [`plain::moments`](super::plain::moments).
        #[inline(always)]
        pub(crate) fn $sum(codes: &[$code], sums: &mut Sums) {
            if codes.is_empty() {
                return;
            }
            // SAFETY: reads `codes`, which are some, and changes `sums`.
            let flags = unsafe { $channel_asm(codes.as_ptr(), null(), codes.len(), sums, null_mut()) };
            if is_beyond(flags) {
                $look(codes, &mut sums.extremes);
            }
        }

        /// As [`plain::channel`](super::plain::channel).
        #[inline(always)]
        pub(crate) fn $channel(codes: &[$code], entries: Entries<'_, $code>, sums: &mut Sums, phasor: &mut Phasor) {
            let codes = codes.get(..entries.frames()).unwrap_or(codes);
            if codes.is_empty() {
                return;
            }
            // SAFETY: reads the codes, which are some, and as many entries at most, and changes `sums` and `phasor`.
            let flags = unsafe { $channel_asm(codes.as_ptr(), address(entries), codes.len(), sums, phasor) };
            if is_beyond(flags) {
                $look(codes, &mut sums.extremes);
            }
        }

        /// As [`plain::channel_with`](super::plain::channel_with).
        #[inline(always)]
        pub(crate) fn $channel_with(
            codes: &[$code],
            others: &[$code],
            entries: Entries<'_, $code>,
            sums: &mut Sums,
            product: &mut i64,
            phasor: &mut Phasor,
        ) {
            let codes = codes.get(..others.len().min(entries.frames())).unwrap_or(codes);
            if codes.is_empty() {
                return;
            }
            let (first, second, pairs) = (codes.as_ptr(), others.as_ptr(), address(entries));
            // SAFETY: reads the codes, which are some, and as many of the others and of the entries, which are not fewer,
            // and changes `sums`, `product` and `phasor`.
            let flags = unsafe { $with_asm(first, pairs, codes.len(), sums, phasor, second, product) };
            if is_beyond(flags) {
                $look(codes, &mut sums.extremes);
            }
        }
    };
}

loops!(i16, channel_16_asm, channel_with_16_asm, look_16 => moments_16, channel_16, channel_with_16);
loops!(i32, channel_32_asm, channel_with_32_asm, look_32 => moments_32, channel_32, channel_with_32);
