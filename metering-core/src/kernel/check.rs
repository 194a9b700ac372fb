//! Whether the loops of this processor give what the plain ones give: for the test on the emulator.
//!
//! In come blocks, out goes a verdict. This file must not know how the loops are made.

pub use super::Entry;
use super::plain;
pub use crate::reference::Table;
use crate::reference::{Entries, SEGMENT};
use crate::sample::Sample;
use crate::sums::{Extremes, Moments, Phasor, Running, Sums};

/// Sums and extremes as they may stand in the middle of a cycle.
fn before(seen: [i32; 2]) -> Running {
    // Of 16-bit codes below 2³⁰.
    let moments = Moments { sum: i64::from(seen[0]) * 32_000, square: i64::from(seen[1]).pow(2) };
    let extremes =
        if seen[0] == seen[1] { Extremes::NONE } else { Extremes::new(seen[0].min(seen[1]), seen[0].max(seen[1])) };
    let phasor = Phasor { cosine: moments.sum, sine: moments.square };
    Running { segment: phasor, sums: Sums { moments, product: -moments.square, extremes, phasor } }
}

/// Frames of a table.
pub const FRAMES: usize = SEGMENT;

/// Whether both ways agree on a block of codes, `seen` being the extremes before.
pub fn agrees<S: Sample>(codes: &[S], others: &[S], table: &Table<S::Reference>, at: usize, seen: [i32; 2]) -> bool
where
    S::Reference: Into<i32>,
{
    let Some(entries) = Entries::new(table, at, codes.len().min(SEGMENT.saturating_sub(at))) else { return false };
    let (mut a, mut b) = ([before(seen); 3], [before(seen); 3]);
    let [all, alone, with] = &mut a;
    S::moments(codes, &mut all.sums);
    S::channel(codes, entries, alone);
    S::channel_with(codes, others, entries, with);
    let [all, alone, with] = &mut b;
    plain::moments(codes, &mut all.sums.moments, &mut all.sums.extremes);
    plain::channel(codes, entries, alone);
    plain::channel_with(codes, others, entries, with);
    a == b
}

/// Whether the first codes, as an offset-binary ADC gives them, give what they give as 32-bit ones, whose products are
/// wider.
pub fn offset_agrees(codes: &[i16], others: &[i16], table: &Table<Entry>, at: usize) -> bool {
    let Some(entries) = Entries::new(table, at, codes.len().min(SEGMENT.saturating_sub(at))) else { return false };
    let (mut a, mut b) = (before([0, 0]), before([0, 0]));
    let offset = [codes, others].map(|codes| {
        let mut offset = [0u16; 8];
        for (offset, &code) in offset.iter_mut().zip(codes) {
            *offset = code.cast_unsigned() ^ 0x8000;
        }
        offset
    });
    let wide = offset.map(|codes| codes.map(i32::from));
    let [first, second] = &offset;
    plain::channel_with(first, second, entries, &mut a);
    let [first, second] = &wide;
    plain::channel_with(first, second, entries, &mut b);
    a == b
}

/// Whether the extremes agree on a block of any 32-bit numbers: they tell of codes beyond 24 bits.
pub fn extremes_agree(codes: &[i32], seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (before(seen).sums, before(seen).sums);
    i32::moments(codes, &mut a);
    plain::moments(codes, &mut b.moments, &mut b.extremes);
    a.extremes == b.extremes
}

/// An entry for [`agrees`].
pub fn entry(value: i16) -> Entry {
    Entry::from(value)
}
