//! Whether the loops of this processor give what the plain ones give: for the test on the emulator.
//!
//! In come blocks, out goes a verdict. This file must not know how the loops are made.

pub use super::Entry;
use super::plain;
pub use crate::reference::Table;
use crate::reference::{Entries, SEGMENT};
use crate::sample::Sample;
use crate::sums::{Extremes, Moments, Phasor, Sums};

/// What a loop starts from and ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct All {
    sums: [Sums; 3],
    product: i64,
    phasors: [Phasor; 2],
}

impl All {
    /// Sums and extremes as they may stand in the middle of a cycle.
    fn before(seen: [i32; 2]) -> Self {
        let moments = Moments { sum: i64::from(seen[0]) << 3, square: i64::from(seen[1]).pow(2) };
        let known =
            if seen[0] == seen[1] { Extremes::NONE } else { Extremes::new(seen[0].min(seen[1]), seen[0].max(seen[1])) };
        let phasor = Phasor { cosine: moments.sum, sine: moments.square };
        Self { sums: [Sums { moments, phasor, extremes: known }; 3], product: -moments.sum, phasors: [phasor; 2] }
    }
}

/// Frames of a table.
pub const FRAMES: usize = SEGMENT;

/// Whether both ways agree on a block of codes, `seen` being the extremes before.
pub fn agrees<S: Sample>(codes: &[S], others: &[S], table: &Table<S::Reference>, at: usize, seen: [i32; 2]) -> bool
where
    S::Reference: Into<i32>,
{
    let Some(entries) = Entries::new(table, at, codes.len().min(SEGMENT.saturating_sub(at))) else { return false };
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    let ([all, alone, with], [first, second]) = (&mut a.sums, &mut a.phasors);
    S::moments(codes, all);
    S::channel(codes, entries, alone, first);
    S::channel_with(codes, others, entries, with, &mut a.product, second);
    let ([all, alone, with], [first, second]) = (&mut b.sums, &mut b.phasors);
    plain::moments(codes, &mut all.moments, &mut all.extremes);
    plain::channel(codes, entries, alone, first);
    plain::channel_with(codes, others, entries, with, &mut b.product, second);
    a == b
}

/// Whether the first codes, as an offset-binary ADC gives them, give what they give as 32-bit ones, whose products are
/// wider.
pub fn offset_agrees(codes: &[i16], others: &[i16], table: &Table<Entry>, at: usize) -> bool {
    let Some(entries) = Entries::new(table, at, codes.len().min(SEGMENT.saturating_sub(at))) else { return false };
    let (mut a, mut b) = (All::before([0, 0]), All::before([0, 0]));
    let offset = [codes, others].map(|codes| {
        let mut offset = [0u16; 8];
        for (offset, &code) in offset.iter_mut().zip(codes) {
            *offset = code.cast_unsigned() ^ 0x8000;
        }
        offset
    });
    let wide = offset.map(|codes| codes.map(i32::from));
    let [first, second] = &offset;
    plain::channel_with(first, second, entries, &mut a.sums[0], &mut a.product, &mut a.phasors[0]);
    let [first, second] = &wide;
    plain::channel_with(first, second, entries, &mut b.sums[0], &mut b.product, &mut b.phasors[0]);
    a == b
}

/// Whether the extremes agree on a block of any 32-bit numbers: they tell of codes beyond 24 bits.
pub fn extremes_agree(codes: &[i32], seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    let ([a, ..], [b, ..]) = (&mut a.sums, &mut b.sums);
    i32::moments(codes, a);
    plain::moments(codes, &mut b.moments, &mut b.extremes);
    a.extremes == b.extremes
}

/// An entry for [`agrees`].
pub fn entry(value: i16) -> Entry {
    Entry::from(value)
}
