//! Whether the loops of this processor give what the plain ones give: for the test on the emulator.
//!
//! In come blocks, out goes a verdict. This file must not know how the loops are made.

pub use super::Entry;
use super::{best, correlate_two_16, plain};
use crate::reference::{Pair, SEGMENT};
use crate::sums::{Extremes, Moments, Phasor};

/// What a loop starts from and ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct All {
    moments: [Moments; 2],
    extremes: [Extremes; 2],
    product: i64,
    phasors: [Phasor; 3],
}

impl All {
    /// Sums and extremes as they may stand in the middle of a cycle.
    fn before(seen: [i32; 2]) -> Self {
        let moments = Moments { sum: i64::from(seen[0]) << 3, square: i64::from(seen[1]).pow(2) };
        let known =
            if seen[0] == seen[1] { Extremes::NONE } else { Extremes::new(seen[0].min(seen[1]), seen[0].max(seen[1])) };
        Self {
            moments: [moments; 2],
            extremes: [known; 2],
            product: -moments.sum,
            phasors: [Phasor { cosine: moments.sum, sine: moments.square }; 3],
        }
    }
}

/// Frames of a table.
pub const FRAMES: usize = SEGMENT;

/// Reference entries.
pub type Table<R> = [Pair<R>; SEGMENT / 2];

/// Whether both ways agree on a block of 16-bit codes, `seen` being the extremes before.
pub fn agrees_16(codes: &[i16], others: &[i16], table: &Table<Entry>, at: usize, seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    best::moments_16(codes, &mut a.moments[0], &mut a.extremes[0]);
    plain::moments_16(codes, &mut b.moments[0], &mut b.extremes[0]);
    best::moments_and_product_16(codes, others, &mut a.moments[1], &mut a.product, &mut a.extremes[1]);
    plain::moments_and_product_16(codes, others, &mut b.moments[1], &mut b.product, &mut b.extremes[1]);
    let segments = [codes, others].map(|codes| codes.get(..SEGMENT - at).unwrap_or(codes));
    let [single, pair @ ..] = &mut a.phasors;
    best::correlate_16(segments[0], table, at, single);
    correlate_two_16(segments, table, at, pair.each_mut());
    for (codes, phasor) in [segments[0], segments[0], segments[1]].into_iter().zip(&mut b.phasors) {
        plain::correlate_16(codes, table, at, phasor);
    }
    a == b && agrees_offset(codes, others, table, at)
}

/// Whether the first codes, as an offset-binary ADC gives them, give what they give as 32-bit ones, whose products are
/// wider.
fn agrees_offset(codes: &[i16], others: &[i16], table: &Table<Entry>, at: usize) -> bool {
    let (mut a, mut b) = (All::before([0, 0]), All::before([0, 0]));
    let offset = [codes, others].map(|codes| {
        let mut offset = [0u16; 8];
        for (offset, &code) in offset.iter_mut().zip(codes) {
            *offset = code.cast_unsigned() ^ 0x8000;
        }
        offset
    });
    let wide = offset.map(|codes| codes.map(i32::from));
    plain::moments_and_product(&offset[0], &offset[1], &mut a.moments[0], &mut a.product, &mut a.extremes[0]);
    plain::moments_and_product(&wide[0], &wide[1], &mut b.moments[0], &mut b.product, &mut b.extremes[0]);
    plain::correlate(&offset[0], table, at, &mut a.phasors[0]);
    plain::correlate(&wide[0], table, at, &mut b.phasors[0]);
    a == b
}

/// The same of 32-bit codes.
pub fn agrees_32(codes: &[i32], others: &[i32], table: &Table<i32>, at: usize, seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    best::moments_32(codes, &mut a.moments[0], &mut a.extremes[0]);
    plain::moments(codes, &mut b.moments[0], &mut b.extremes[0]);
    best::moments_and_product_32(codes, others, &mut a.moments[1], &mut a.product, &mut a.extremes[1]);
    plain::moments_and_product(codes, others, &mut b.moments[1], &mut b.product, &mut b.extremes[1]);
    let segment = codes.get(..SEGMENT - at).unwrap_or(codes);
    best::correlate_32(segment, table, at, &mut a.phasors[0]);
    plain::correlate(segment, table, at, &mut b.phasors[0]);
    a == b
}

/// Whether the extremes agree on a block of any 32-bit numbers: they tell of codes beyond 24 bits.
pub fn extremes_agree(codes: &[i32], seen: [i32; 2]) -> bool {
    let (mut a, mut b) = (All::before(seen), All::before(seen));
    best::moments_32(codes, &mut a.moments[0], &mut a.extremes[0]);
    plain::moments(codes, &mut b.moments[0], &mut b.extremes[0]);
    a.extremes == b.extremes
}

/// An entry for [`agrees_16`].
pub fn entry(value: i16) -> Entry {
    Entry::from(value)
}
