//! Whether the loops of this processor give what the plain ones give: for the test on the emulator.
//!
//! In come blocks, out goes a verdict. This file must not know how the loops are made.

pub use super::Entry;
use super::{best, plain};
use crate::reference::{Pair, SEGMENT};
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
        let extremes = if seen[0] == seen[1] {
            Extremes::NONE
        } else {
            Extremes { low: seen[0].min(seen[1]), high: seen[0].max(seen[1]) }
        };
        let phasor = Phasor { cosine: moments.sum, sine: moments.square };
        Self { sums: [Sums { moments, phasor, extremes }; 3], product: -moments.sum, phasors: [phasor; 2] }
    }
}

/// Reference entries.
pub type Table<R> = [Pair<R>; SEGMENT / 2];

/// Whether both ways agree on a block of 16-bit codes, `seen` being the extremes before.
pub fn agrees_16(codes: &[i16], others: &[i16], table: &Table<Entry>, at: usize, seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    let segment = codes.get(..SEGMENT - at).unwrap_or(codes);
    let others = others.get(..segment.len()).unwrap_or(others);
    best::moments_16(codes, &mut a.sums[0].moments, &mut a.sums[0].extremes);
    plain::moments_16(codes, &mut b.sums[0].moments, &mut b.sums[0].extremes);
    best::alone_16(segment, table, at, &mut a.sums[1], &mut a.phasors[0]);
    plain::alone_16(segment, table, at, &mut b.sums[1], &mut b.phasors[0]);
    best::beside_16(segment, others, table, at, &mut a.sums[2], &mut a.product, &mut a.phasors[1]);
    plain::beside_16(segment, others, table, at, &mut b.sums[2], &mut b.product, &mut b.phasors[1]);
    a == b
}

/// The same of 32-bit codes.
pub fn agrees_32(codes: &[i32], others: &[i32], table: &Table<i32>, at: usize, seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    best::moments_32(codes, &mut a.sums[0].moments, &mut a.sums[0].extremes);
    plain::moments_32(codes, &mut b.sums[0].moments, &mut b.sums[0].extremes);
    best::moments_and_product_32(codes, others, &mut a.sums[1].moments, &mut a.product, &mut a.sums[1].extremes);
    plain::moments_and_product_32(codes, others, &mut b.sums[1].moments, &mut b.product, &mut b.sums[1].extremes);
    let segment = codes.get(..SEGMENT - at).unwrap_or(codes);
    best::correlate_32(segment, table, at, &mut a.phasors[0]);
    plain::correlate(segment, table, at, &mut b.phasors[0]);
    a == b
}

/// An entry for [`agrees_16`].
pub fn entry(value: i16) -> Entry {
    Entry::from(value)
}
