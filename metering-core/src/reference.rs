//! The reference that the fundamental is measured against: a sine and a cosine that turn with the mains.
//!
//! In come the phase of a frame and the step per frame; out go 16-bit cosines and sines of the first [`SEGMENT`] frames
//! as a table, and by what a segment's sums against them are to be turned. So a frame costs no arithmetic for its
//! reference, and the table lives as long as the step hardly changes. This file must not know codes.
//!
//! Precision: what rounding takes from an entry the next one gets, and what that leaves of the table's correlation with
//! the true reference is measured while it is made, and divided out. A step that differs from the table's is made good
//! segment by segment; within one it leaves at most 3·10⁻⁶ rad, with changing sign.

use crate::sample::Sample;
use crate::scaled;
use crate::sums::Phasor;
use crate::trig;

/// Frames of a segment.
pub(crate) const SEGMENT: usize = 64;

/// Amplitude of the table.
pub(crate) const AMPLITUDE: i64 = 32_256;

/// By how much the step may differ from the table's, Q32 of a turn: 0.12 mHz at 8 kHz.
const KEPT: u32 = 64;

/// Entries of two frames: both cosines, both sines.
pub(crate) type Pair<R> = [R; 4];

/// A unit phasor, Q30.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unit {
    pub(crate) cosine: i32,
    pub(crate) sine: i32,
}

impl Unit {
    fn at(phase: u32) -> Self {
        let (cosine, sine) = trig::cosine_and_sine(phase);
        Self { cosine, sine }
    }

    /// Turned on by `other`.
    pub(crate) fn times(self, other: Self) -> Self {
        let (cosine, sine) = turned((self.cosine, self.sine), other);
        Self { cosine: cosine as i32, sine: sine as i32 }
    }

    /// As an entry of the table is.
    pub(crate) fn entry(self) -> Self {
        let scale = |q30: i32| (((q30 + (1 << 14)) >> 15) * AMPLITUDE as i32 + (1 << 14)) >> 15;
        Self { cosine: scale(self.cosine), sine: scale(self.sine) }
    }

    pub(crate) fn backwards(self) -> Self {
        Self { sine: -self.sine, ..self }
    }
}

/// `cosine + j·sine` turned by a unit phasor.
fn turned((cosine, sine): (i32, i32), by: Unit) -> (i64, i64) {
    let product = scaled::signed_product;
    let round = |q30: i64| (q30 + (1 << 29)) >> 30;
    (
        round(product(cosine, by.cosine) - product(sine, by.sine)),
        round(product(sine, by.cosine) + product(cosine, by.sine)),
    )
}

/// The table, and where in it the stream is.
#[derive(Clone, Debug)]
pub(crate) struct Reference<R> {
    pub(crate) table: [Pair<R>; SEGMENT / 2],
    /// The step it was made for, Q32 of a turn.
    step: u32,
    /// One step and one segment of the table.
    frame: Unit,
    segment: Unit,
    /// What the table correlates with the true reference beyond 1, Q30.
    excess: Unit,
    /// The present segment's first frame, and how far one segment is in this cycle.
    now: Unit,
    advance: Unit,
    /// Frames of the present segment that have been taken.
    pub(crate) at: usize,
}

impl<R: Copy + Default + From<i16>> Reference<R> {
    pub(crate) fn new() -> Self {
        let none = Unit { cosine: 0, sine: 0 };
        let table = [[R::default(); 4]; SEGMENT / 2];
        Self { table, step: 0, frame: none, segment: none, excess: none, now: none, advance: none, at: 0 }
    }

    /// Begins a cycle whose first frame is at `phase`, `step` per frame; `known` are the references of the frame before it
    /// and of it where [`end`](Self::end) gave them. Gives both; the segments begin with the frame after it.
    pub(crate) fn begin(&mut self, phase: u32, step: u32, known: Option<(Unit, Unit)>) -> (Unit, Unit) {
        if step.abs_diff(self.step) > KEPT {
            self.make(step);
        }
        let (before, first) = known.unwrap_or_else(|| {
            let first = Unit::at(phase);
            (first.times(self.frame.backwards()), first)
        });
        let off = step.wrapping_sub(self.step) as i32;
        // Below 2¹² in turns, Q32: the angle is its own sine.
        let angle = |turns: i32| (scaled::signed_product(turns, 6_588_397) >> 22) as i32;
        let lean = |unit: Unit, angle: i32| unit.times(Unit { cosine: 1 << 30, sine: angle });
        let middle = angle(off.wrapping_mul(SEGMENT as i32 - 1) / 2 + off);
        self.advance = lean(self.segment, angle(off.wrapping_mul(SEGMENT as i32)));
        let start = lean(first.times(self.frame), middle);
        // Divided by 1 + excess.
        let (cosine, sine) = turned((start.cosine, start.sine), self.excess);
        self.now = Unit { cosine: start.cosine - cosine as i32, sine: start.sine - sine as i32 };
        self.at = 0;
        (before, first)
    }

    /// The reference of the frame at `phase`, and of the one after it, right to 10⁻⁷: a step may differ from the table's.
    pub(crate) fn end(&self, phase: u32) -> (Unit, Unit) {
        let last = Unit::at(phase);
        (last, last.times(self.frame))
    }

    /// Turns the sums of the present segment, against the amplitude that finished phasors have.
    pub(crate) fn turn<S: Sample>(&self, sums: &Phasor) -> Phasor {
        let fit = |sum: i64| ((sum + (1 << (S::SEGMENT_CUT - 1))) >> S::SEGMENT_CUT) as i32;
        let (cosine, sine) = turned((fit(sums.cosine), fit(sums.sine)), self.now);
        let back = S::SEGMENT_CUT + S::REFERENCE_SHIFT;
        Phasor { cosine: cosine << back, sine: sine << back }
    }

    /// The next segment begins.
    pub(crate) fn next(&mut self) {
        self.now = self.now.times(self.advance);
        self.at = 0;
    }

    /// Makes the table: cosine and sine by second differences.
    #[inline(never)]
    fn make(&mut self, step: u32) {
        let chord = trig::chord(step);
        // κ = 2 - 2·cos θ = chord², and sin θ = chord·√(1 - κ/4), Q32.
        let curve = (scaled::signed_product(chord, chord) >> 32) as i32;
        let quarter = i64::from(curve) >> 2;
        let square = (quarter * quarter) >> 32;
        let fall = (quarter >> 1) + (square >> 3) + ((square * quarter) >> 36);
        let sine_step = i64::from(chord) - ((i64::from(chord) * fall) >> 32);
        let amplitude = AMPLITUDE << 16;
        let scale = |q32: i64| ((q32 * amplitude) >> 32) as i32;
        let mut cosine = Wave { value: amplitude as i32, rise: -scale(i64::from(curve) / 2), carry: 0 };
        let mut sine = Wave { value: 0, rise: scale(sine_step), carry: 0 };
        let (mut along, mut across) = (0i64, 0i64);
        for pair in &mut self.table {
            for n in 0..2 {
                let (c, s) = (cosine.value >> 16, sine.value >> 16);
                let ((entry, off), (other, tilt)) = (cosine.next(curve), sine.next(curve));
                pair[n] = R::from(entry);
                pair[n + 2] = R::from(other);
                along += i64::from(off * c) + i64::from(tilt * s);
                across += i64::from(tilt * c) - i64::from(off * s);
            }
        }
        // Over 64 · 2¹⁶ · amplitude², in Q30: the errors are in 2⁻¹⁶.
        let excess = |sum: i64| ((sum << 8) / (AMPLITUDE * AMPLITUDE)) as i32;
        self.excess = Unit { cosine: excess(along), sine: excess(across) };
        self.frame = Unit::at(step);
        self.segment = Unit::at(step.wrapping_mul(SEGMENT as u32));
        self.step = step;
    }
}

/// A sine or cosine on its way through the table, with 16 bits more than an entry has.
struct Wave {
    value: i32,
    rise: i32,
    carry: i32,
}

impl Wave {
    /// The present entry, and by how much it is too large in 2⁻¹⁶; moves on.
    fn next(&mut self, curve: i32) -> (i16, i32) {
        let wanted = self.value + self.carry;
        let entry = (wanted + 0x8000) >> 16;
        self.carry = wanted - (entry << 16);
        let off = (entry << 16) - self.value;
        self.value += self.rise;
        self.rise -= ((scaled::signed_product(self.value, curve) + (1 << 31)) >> 32) as i32;
        (entry as i16, off)
    }
}
