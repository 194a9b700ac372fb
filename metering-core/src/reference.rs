//! The reference that the fundamental is measured against: a sine and a cosine that turn with the mains.
//!
//! In come the phase of a frame and the step per frame; out go 16-bit cosines and sines of [`SEGMENT`] frames as a table,
//! and by what a segment's sums against them are to be turned. So a frame costs no arithmetic for its
//! reference, and the table lives as long as the step hardly changes. This file must not know codes.
//!
//! Precision: what rounding takes from an entry the next one gets, and what that leaves of the table's correlation with
//! the true reference is measured while it is made, and divided out. A step that differs from the table's is made good
//! segment by segment; within one it leaves at most 2.1·10⁻⁶ rad at both ends with opposite signs, which over half a
//! cycle is 7·10⁻⁷ of a phasor.
//!
//! Mains that wander from cycle to cycle would need a table in each. So as long as they do, and segments are half cycles,
//! the step may differ by 2⁻¹⁵ of itself, 1.5 mHz at 50 Hz: the fundamental's own image, which such a table lets through,
//! is taken out as far as segments lie in the table's middle and half cycles are whole frames: up to 3·10⁻⁶ of it are left at
//! 8 kHz, 10⁻⁵ at 2 kHz, and the images of harmonics, 9·10⁻⁶ of the fundamental for a third harmonic of 40 %. All that in
//! such mains alone: once they hold still a new table is made.

use crate::sample::Sample;
use crate::scaled;
use crate::sums::Phasor;
use crate::trig;

/// Frames of the table.
pub(crate) const SEGMENT: usize = 88;
/// Most frames of a segment: half a cycle of 46 Hz at 8 kHz. One entry is left for a segment that begins with an odd frame.
pub(crate) const MOST: u32 = SEGMENT as u32 - 1;

/// Entry where a segment of so many frames begins, so that its middle is near that of the table. As odd as `first`, the
/// number of its first frame in the stream: two frames share a pair of entries, and a block's codes, most of which begin
/// with an even frame, are loaded two by two as well.
pub(crate) const fn first_entry(first: u32, frames: u32) -> u32 {
    ((SEGMENT as u32).saturating_sub(frames) / 2) & !1 | first & 1
}

/// Amplitude of the table.
pub(crate) const AMPLITUDE: i64 = 32_256;

/// By how much the step may differ from the table's, Q32 of a turn: 0.06 mHz at 8 kHz.
const KEPT: u32 = 32;
/// The same part of itself, as a shift, where the mains wander.
const KEPT_WHILE_MOVING: u32 = 15;

/// Entries of two frames: both cosines, both sines.
pub(crate) type Pair<R> = [R; 4];

/// Pairs of entries. A word is what assembler loads of them.
#[derive(Clone, Debug)]
#[repr(C, align(4))]
pub struct Table<R>(pub [Pair<R>; SEGMENT / 2]);

/// Entries of consecutive frames.
#[derive(Clone, Copy, Debug)]
pub struct Entries<'a, R> {
    /// From the pair of the first frame on; at least as many as frames need.
    pairs: &'a [Pair<R>],
    /// The first frame is the second one of its pair: 1.
    odd: usize,
    frames: usize,
}

impl<'a, R> Entries<'a, R> {
    /// Those of `frames` frames from entry `at` on; `None` where the table has fewer.
    #[inline(always)]
    pub(crate) fn new(Table(table): &'a Table<R>, at: usize, frames: usize) -> Option<Self> {
        let left = SEGMENT.checked_sub(at)?;
        let pairs = table.get(at / 2..)?;
        (frames <= left).then_some(Self { pairs, odd: at % 2, frames })
    }

    #[inline(always)]
    pub(crate) fn pairs(&self) -> &'a [Pair<R>] {
        self.pairs
    }

    #[inline(always)]
    pub(crate) fn odd(&self) -> usize {
        self.odd
    }

    #[inline(always)]
    pub(crate) fn frames(&self) -> usize {
        self.frames
    }
}

/// Cosine and sine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unit {
    pub(crate) cosine: i32,
    pub(crate) sine: i32,
}

impl Unit {
    /// That of a phase, in Q30.
    fn at(phase: u32) -> Self {
        let (cosine, sine) = trig::cosine_and_sine(phase);
        Self { cosine, sine }
    }

    /// That of a phase within a step of 0, as an entry of the table is, right to two of its units.
    pub(crate) fn near_zero(phase: i32) -> Self {
        const LARGE: i32 = AMPLITUDE as i32;
        // 2π in Q11; below 0.26 rad, in Q16.
        let angle = ((phase >> 11) * 12_868 + 0x8000) >> 16;
        let square = (angle * angle) >> 16;
        // x²/2 - x⁴/24 in Q17, and x²/6 in Q16.
        let fall = square - ((((square * square) >> 16) * 5_461) >> 16);
        let sixth = (square * 10_923) >> 16;
        let sine = (angle * LARGE + 0x8000) >> 16;
        Self { cosine: LARGE - ((fall * LARGE + (1 << 16)) >> 17), sine: sine - ((sine * sixth) >> 16) }
    }
}

/// The table, and what it was made for.
#[derive(Clone, Debug)]
pub(crate) struct Reference<R> {
    /// Its phase is 0 between the two frames in the middle: the second half mirrors the first.
    pub(crate) table: Table<R>,
    /// The step it was made for, and that of the last cycle, Q32 of a turn.
    step: u32,
    last: u32,
    /// Phase from its first frame to its middle.
    middle: u32,
    /// What the table correlates with the true reference beyond 1, Q32.
    excess: i32,
    /// What of a phasor's conjugate the present cycle's step lets through, Q32.
    image: i32,
}

/// By what the sums of a segment are to be turned and stretched, Q30: that of cosines, that of sines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    cosines: Unit,
    sines: Unit,
}

impl<R: Copy + Default + From<i16>> Reference<R> {
    pub(crate) fn new() -> Self {
        Self { table: Table([[R::default(); 4]; SEGMENT / 2]), step: 0, last: 0, middle: 0, excess: 0, image: 0 }
    }

    /// A cycle of `step` per frame begins.
    pub(crate) fn follow(&mut self, step: u32) {
        let off = step.abs_diff(self.step);
        let moves = step.abs_diff(core::mem::replace(&mut self.last, step)) > KEPT;
        let are_halves = step >= (1 << 31) / MOST;
        if off > KEPT && !(moves && are_halves && off <= step >> KEPT_WHILE_MOVING) {
            self.make(step);
        }
        // Σ u·sin(2θu) over half a cycle of frames, by their number, is 1/2θ: so much of the conjugate comes through for
        // each radian that the table is off. In turns of a step both ways; below 2⁻¹⁶.
        let off = step.wrapping_sub(self.step) as i32;
        self.image = if off == 0 { 0 } else { (off << 18) / (step >> 13).max(1) as i32 };
    }

    /// For a segment of so many frames, the first one at `phase` and at `entry` of the table, `step` per frame.
    pub(crate) fn rotation(&self, (phase, entry): (u32, usize), step: u32, frames: usize) -> Rotation {
        // The segment's own middle is where it has to fit.
        let off = step.wrapping_sub(self.step) as i32 * (frames as i32 - 1) / 2;
        let middle = self.middle.wrapping_sub(self.step.wrapping_mul(entry as u32));
        let unit = Unit::at(phase.wrapping_add(middle).wrapping_add_signed(off));
        let less = |share: i32| {
            let less = |part: i32| part - (scaled::signed_product(part, share) >> 32) as i32;
            Unit { cosine: less(unit.cosine), sine: less(unit.sine) }
        };
        // Divided by 1 + excess; the conjugate has the same cosine and the other sine.
        Rotation { cosines: less(self.excess + self.image), sines: less(self.excess - self.image) }
    }

    /// Turns the sums of a segment, against the amplitude that finished phasors have.
    #[inline(always)]
    pub(crate) fn turn<S: Sample>(sums: &Phasor, by: &Rotation) -> Phasor {
        // 31 bits at most, by Q30; of the product the upper 32 bits.
        let fit = |sum: i64| (sum >> S::SEGMENT_CUT) as i32;
        let upper = |product: i64| i64::from((product >> 32) as i32) << (S::SEGMENT_CUT + S::REFERENCE_SHIFT + 2);
        let product = scaled::signed_product;
        let (cosine, sine) = (fit(sums.cosine), fit(sums.sine));
        Phasor {
            cosine: upper(product(cosine, by.cosines.cosine) + product(sine, -by.sines.sine)),
            sine: upper(product(cosine, by.cosines.sine) + product(sine, by.sines.cosine)),
        }
    }

    /// Makes the table: cosine and sine by second differences, from the middle to both ends at once. About 2 300
    /// instructions on a Cortex-M4.
    #[inline(never)]
    fn make(&mut self, step: u32) {
        let chord = trig::chord(step);
        // κ = 2 - 2·cos θ = chord², and cos θ/2 = √(1 - κ/4), Q32.
        let curve = (scaled::signed_product(chord, chord) >> 32) as i32;
        let quarter = curve >> 2;
        let square = (scaled::signed_product(quarter, quarter) >> 32) as i32;
        let fall = (quarter >> 1) + (square >> 3) + (scaled::signed_product(square, quarter) >> 36) as i32;
        let amplitude = (AMPLITUDE << 16) as i32;
        let scale = |q32: i32| (scaled::signed_product(q32, amplitude) >> 32) as i32;
        let half = scale(chord >> 1);
        let mut cosine = Wave { value: amplitude - scale(fall), rise: 0, carry: 0 };
        let mut sine = Wave { value: half, rise: 2 * half, carry: 0 };
        let mut along = 0;
        let (first, second) = self.table.0.split_at_mut(SEGMENT / 4);
        for (before, after) in first.iter_mut().rev().zip(second) {
            let [c0, s0] = [&mut cosine, &mut sine].map(|wave| wave.next(-curve, &mut along));
            let [c1, s1] = [&mut cosine, &mut sine].map(|wave| wave.next(-curve, &mut along));
            *after = [c0, c1, s0, s1].map(R::from);
            *before = [c1, c0, -s1, -s0].map(R::from);
        }
        // Twice the sum over SEGMENT · 2⁷ · amplitude², in Q32.
        let whole = const { ((1 << 58) / (SEGMENT as i64 * AMPLITUDE * AMPLITUDE)) as i32 };
        self.excess = (scaled::signed_product(along, whole) >> 32) as i32;
        // (SEGMENT - 1)/2 steps.
        self.middle = step.wrapping_mul(SEGMENT as u32 / 2).wrapping_sub(step / 2);
        self.step = step;
    }
}

/// A sine or cosine on its way through the table, with 16 bits more than an entry has.
struct Wave {
    value: i32,
    /// From the entry before.
    rise: i32,
    carry: i32,
}

impl Wave {
    /// The present entry; adds to `along` by how much it is too large in 2⁻⁷, times itself; moves on.
    #[inline(always)]
    fn next(&mut self, bend: i32, along: &mut i32) -> i16 {
        let wanted = self.value + self.carry;
        let entry = (wanted + 0x8000) >> 16;
        self.carry = wanted - (entry << 16);
        // At most 2¹⁵ by 2¹⁵, 88 of them.
        let off = ((entry << 16) - self.value) >> 1;
        *along += (off * (self.value >> 16)) >> 8;
        self.rise += ((scaled::signed_product(self.value, bend) + (1 << 31)) >> 32) as i32;
        self.value += self.rise;
        entry as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::TAU;

    /// A half cycle of a sine against a table of another step, as in mains that wander.
    #[test]
    fn a_step_that_moves_keeps_the_phasor() {
        let step = (50.0 / 8_000.0 * 2f64.powi(32)) as u32;
        for off in [-700, -90, 0, 33, 400, 800] {
            let mut reference = Reference::<i32>::new();
            reference.follow(step);
            let now = step.wrapping_add_signed(off);
            reference.follow(now);
            assert_eq!(reference.step, step, "{off}");
            for angle in [0.0, 0.7, 1.9, 3.0] {
                let phase = 12_345_678;
                let at = |frame: usize| (f64::from(phase) + frame as f64 * f64::from(now)) / 2f64.powi(32) * TAU;
                let (frames, first) = (80, first_entry(0, 80) as usize);
                let mut sums = Phasor::default();
                let (mut cosine, mut sine) = (0.0, 0.0);
                for frame in 0..frames {
                    let code = ((at(frame) + angle).cos() * 8e6).round();
                    let entry = frame + first;
                    let pair = reference.table.0[entry / 2];
                    sums.cosine += code as i64 * i64::from(pair[entry % 2]);
                    sums.sine += code as i64 * i64::from(pair[entry % 2 + 2]);
                    cosine += code * at(frame).cos();
                    sine += code * at(frame).sin();
                }
                let turned = Reference::<i32>::turn::<i32>(&sums, &reference.rotation((phase, first), now, frames));
                let amplitude = i32::REFERENCE_AMPLITUDE as f64;
                let off_by = (turned.cosine as f64 / amplitude - cosine).hypot(turned.sine as f64 / amplitude - sine);
                assert!(off_by / (80.0 * 4e6) < 5e-7, "{off} {angle}: {:e}", off_by / (80.0 * 4e6));
            }
        }
    }

    #[test]
    fn units_near_zero_follow_f64() {
        for phase in (-174_000_000..174_000_000).step_by(104_729) {
            let (sine, cosine) = (f64::from(phase) / 2f64.powi(32) * TAU).sin_cos();
            let unit = Unit::near_zero(phase);
            let off = |entry: i32, truth: f64| (f64::from(entry) - truth * AMPLITUDE as f64).abs();
            assert!(off(unit.cosine, cosine) < 2.0 && off(unit.sine, sine) < 2.0, "{phase} {unit:?} {sine} {cosine}");
        }
    }

    /// A table's correlation with the true reference, over its amplitude, and the largest error of an entry.
    #[test]
    fn the_table_follows_f64() {
        for hertz in [42.5, 50.0, 60.3, 69.0] {
            for rate in [2_000.0, 4_000.0, 8_000.0, 64_000.0] {
                let step = (hertz / rate * 2f64.powi(32)) as u32;
                let mut reference = Reference::<i32>::new();
                reference.make(step);
                let (mut along, mut across) = (0.0, 0.0);
                for (n, pair) in reference.table.0.iter().enumerate() {
                    for part in 0..2 {
                        let place = (2 * n + part) as f64 - (SEGMENT as f64 - 1.0) / 2.0;
                        let (sine, cosine) = (place * f64::from(step) / 2f64.powi(32) * TAU).sin_cos();
                        let (c, s) = (f64::from(pair[part]), f64::from(pair[part + 2]));
                        let amplitude = AMPLITUDE as f64;
                        // What is shifted on of one entry's rounding is at most half, its own as well.
                        assert!((c - cosine * amplitude).abs() < 1.05 && (s - sine * amplitude).abs() < 1.05);
                        along += (c * cosine + s * sine) / amplitude / SEGMENT as f64;
                        across += (s * cosine - c * sine) / amplitude / SEGMENT as f64;
                    }
                }
                let excess = f64::from(reference.excess) / 2f64.powi(32);
                // κ has 32 bits: a sine's amplitude is right to 2⁻³³/κ.
                let right = 2e-9 + 2f64.powi(-33) / (TAU * hertz / rate).powi(2);
                assert!((along - 1.0 - excess).abs() < right, "{hertz} {rate}: {along} {excess:e}");
                assert!(across.abs() < 2e-9, "{hertz} {rate}: {across:e}");
            }
        }
    }
}
