//! Where zero is: undoes a transformer's high-pass and finds the level at which a pulsating current rests.
//!
//! In come the intervals of a cycle, out go what the transformer took from the AC, the level at rest, and the
//! shape. This file must not know ampere, nor warnings.
//!
//! The norm says what pulsating direct current is: in each period it stays within 6 mA of zero for at least 150 degrees
//! (IEC 61008-1, definitions). So where the current rests that long, the level at rest is zero, and the mean above it
//! is the direct current that a transformer lost. The high-pass x' = y' + ω·y is undone by a running sum at the rate of
//! the intervals: x = y + ω·∫y.
//!
//! Levels are means of intervals, so that noise and the ringing of a band limit do not hide a rest: six intervals in a
//! row (135 degrees; one of 150 begins and ends within intervals) must lie within the tolerance, and the level is the
//! mean of all but the first and the last of them.

use crate::residual::clock::INTERVALS;
use crate::residual::reading::Kind;
use crate::residual::ring::{Slot, rolled};
use crate::sample::Sample;

/// Least intervals of a rest.
const REST: u32 = 6;
/// Of the running sum a 2⁻⁷ᵗʰ part is lost each cycle, so that it stays bounded.
const LEAK: u32 = 7;
/// Of the difference between a cycle's mean and the offset a 2⁻⁷ᵗʰ part is taken over, or up to twice as much: 2⁻⁷ frames
/// over the power of two that a cycle's frames reach.
const OFFSET: u32 = 7;
/// Bits of the means that the shape is judged by.
const SHAPE_BITS: u32 = 13;

/// cos(2π·(n + 1/2)/16), Q8; the sine is the same table read backwards.
const COSINE: [i32; INTERVALS] = [251, 213, 142, 50, -50, -142, -213, -251, -251, -213, -142, -50, 50, 142, 213, 251];

/// Bits of a level: a mean of codes with so many bits behind the point that it fits 28.
const LEVEL_BITS: u32 = 28;

/// Bits behind the point of a level.
pub(crate) const fn fraction<S: Sample>() -> u32 {
    LEVEL_BITS - S::MAX_BITS
}

/// What does not change; levels are in codes with [`fraction`] bits behind the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// 2π·corner/rate, Q31; 0 for a direct-coupled sensor.
    pub(crate) corner: i32,
    /// 6 mA.
    pub(crate) rest: i32,
    /// What noise may do to the mean of an interval.
    pub(crate) noise: i32,
}

/// Intervals in a row at one level.
#[derive(Clone, Copy, Debug)]
struct Run {
    low: i32,
    high: i32,
    first: i32,
    last: i32,
    /// Four bits less than the levels have.
    sum: i32,
    length: u32,
}

impl Run {
    fn begin(level: i32) -> Self {
        Self { low: level, high: level, first: level, last: level, sum: level >> 4, length: 1 }
    }

    /// Takes the level if it lies within the tolerance.
    #[inline(always)]
    fn extend(&mut self, level: i32, tolerance: i32) -> bool {
        let (low, high) = (self.low.min(level), self.high.max(level));
        let fits = high.saturating_sub(low) <= tolerance;
        if fits {
            (self.low, self.high, self.last) = (low, high, level);
            self.sum = self.sum.saturating_add(level >> 4);
            self.length += 1;
        }
        fits
    }

    /// The sum of all but the first and the last interval, which a pulse may reach into.
    #[inline(always)]
    fn inner(&self) -> i32 {
        self.sum.saturating_sub(self.first >> 4).saturating_sub(self.last >> 4)
    }
}

/// The longest run of a cycle that is a rest: its level, and its intervals, 0 of none.
#[derive(Clone, Copy, Debug, Default)]
struct Rests {
    level: i32,
    length: u32,
    /// Two of them at different levels: neither can be told to be zero.
    ambiguous: bool,
}

impl Rests {
    #[inline(always)]
    fn consider(&mut self, run: &Run, tolerance: i32) {
        if run.length >= REST {
            self.add(run.inner(), run.length, tolerance);
        }
    }

    #[inline(never)]
    fn add(&mut self, inner: i32, length: u32, tolerance: i32) {
        let level = (inner / (length as i32 - 2).max(1)).saturating_mul(16);
        self.ambiguous |= self.length > 0 && level.abs_diff(self.level) > tolerance as u32;
        if self.length <= length {
            (self.level, self.length) = (level, length);
        }
    }

    fn level(&self) -> Option<i32> {
        (self.length > 0 && !self.ambiguous).then_some(self.level)
    }
}

/// What a cycle says; levels in codes with [`fraction`] bits behind the point.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Restored {
    /// Square of the RMS that the transformer took from the AC.
    pub(crate) taken: u64,
    /// The reading of the sensor at which the current rests, as it would stand to the cycle's mean.
    pub(crate) rest: i32,
    /// Whether it rests.
    pub(crate) rests: bool,
    /// Shape, none only before the first cycle.
    pub(crate) kind: Kind,
}

/// The stage's state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Baseline {
    scale: Scale,
    /// Level of the sensor's offset.
    offset: i32,
    /// ω·∫(y - offset).
    restored: i32,
}

/// The shape of a cycle: sum, square and correlation of its levels, cut to few bits.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    sum: i32,
    square: i32,
    cosine: i32,
    sine: i32,
}

impl Baseline {
    /// `zero`: the level of no current as far as it is known.
    pub(crate) fn new(scale: Scale, zero: i32) -> Self {
        Self { scale, offset: zero, restored: 0 }
    }

    /// Frames were lost: the running sum begins anew.
    pub(crate) fn restart(&mut self) {
        *self = Self::new(self.scale, self.offset);
    }

    /// By how much more current has flown than the codes of the last of these intervals show, as a level.
    pub(crate) fn shift<S: Sample>(&self, begun: &[Slot]) -> i32 {
        let (mut restored, mut shift) = (self.restored, 0);
        for slot in rolled(begun) {
            let before = restored;
            restored = before.saturating_add(self.flown::<S>(slot.sum.into(), slot.frames()));
            // The mean meanwhile.
            shift = (before >> 1) + (restored >> 1);
        }
        shift.saturating_sub(self.offset)
    }

    /// A cycle has ended; sum of its codes, and its frames.
    #[inline(always)]
    pub(crate) fn pass<S: Sample>(&mut self, sum: i64, frames: u32) {
        let restored = self.restored.saturating_add(self.flown::<S>(sum, frames));
        self.restored = restored - (restored >> LEAK);
        // 39 bits, of which 23 remain.
        let beside = (sum << const { fraction::<S>() }) - i64::from(self.offset) * i64::from(frames);
        self.offset += (beside >> (frames.max(1).ilog2() + OFFSET)) as i32;
    }

    /// What so many frames with this sum of their codes add to the running sum: at most a cycle, below 2³⁰.
    fn flown<S: Sample>(&self, sum: i64, frames: u32) -> i32 {
        self.of_codes::<S>(sum).wrapping_sub(self.of_offset(frames))
    }

    /// What codes with this sum add to the running sum: over a cycle at most 2π/4 times 28 bits, less that of the offset.
    #[inline(always)]
    fn of_codes<S: Sample>(&self, sum: i64) -> i32 {
        // The corner in Q31 times a sum of 35 bits: below 2⁶².
        ((sum * i64::from(self.scale.corner)) >> const { 31 - fraction::<S>() }) as i32
    }

    /// What the offset adds in so many frames.
    #[inline(never)]
    fn of_offset(&self, frames: u32) -> i32 {
        ((i64::from(self.offset) * (i64::from(self.scale.corner) * i64::from(frames))) >> 31) as i32
    }

    /// What a cycle says that has ended and is not passed yet.
    pub(crate) fn cycle<S: Sample>(&self, slots: &[Slot]) -> Restored {
        let mut levels = [0; INTERVALS];
        let known = self.restore::<S>(slots, &mut levels);
        let spread = known.high - known.low;
        let tolerance = (spread / 10).min(self.scale.rest).max(self.scale.noise).max(1);
        // A level may lie as far from the offset as the codes lie apart.
        let cut = (32 - spread.leading_zeros()).saturating_sub(SHAPE_BITS);
        let (rests, shape) = self.look(&levels, known.middle, tolerance, cut);
        let mean = known.means >> 4;
        // With four bits less: |sum| is below 2³¹.
        let root_of_mean = u64::from(known.restored.unsigned_abs() >> 4);
        let taken = (known.squares >> 4).saturating_sub(root_of_mean * root_of_mean) << 8;
        let rest = rests.level().map(|level| level.saturating_sub(known.restored));
        let kind = shape.kind(rest.map(|rest| mean.saturating_sub(rest) >> cut));
        Restored { taken, rest: rest.unwrap_or_default(), rests: rest.is_some(), kind }
    }
}

/// What is known of the levels of a cycle.
struct Known {
    /// Sum of the means of the intervals, and the ends of their range, which is below 2²⁹.
    means: i32,
    low: i32,
    high: i32,
    /// Mean of the levels, which are as far from each other as the current is, not from zero.
    middle: i32,
    /// Mean of the running sum, and the sum of its squares, less eight bits.
    restored: i32,
    squares: u64,
}

impl Baseline {
    /// Level of each interval: its mean, and what the transformer took.
    #[inline(always)]
    fn restore<S: Sample>(&self, slots: &[Slot], levels: &mut [i32; INTERVALS]) -> Known {
        // Of an interval of so many frames.
        let (mut frames, mut per_frame, mut of_offset) = (0, 0, 0);
        let mut known = Known { means: 0, low: i32::MAX, high: i32::MIN, middle: 0, restored: 0, squares: 0 };
        let mut restored = self.restored;
        for (level, slot) in levels.iter_mut().zip(slots) {
            if frames != slot.frames() {
                frames = slot.frames();
                (per_frame, of_offset) = (reciprocal(frames), self.of_offset(frames));
            }
            let mean = mean::<S>(slot.sum, per_frame);
            // A level takes 28 bits with its sign.
            known.means += mean;
            (known.low, known.high) = (known.low.min(mean), known.high.max(mean));
            let before = restored;
            restored = before.saturating_add(self.of_codes::<S>(slot.sum.into()).wrapping_sub(of_offset));
            *level = mean.saturating_add((before >> 1) + (restored >> 1));
            known.middle = known.middle.saturating_add(*level >> 4);
            let small = restored >> 4;
            // Sixteen of a 16th part: the mean.
            known.restored = known.restored.saturating_add(small);
            known.squares += (i64::from(small) * i64::from(small)) as u64;
        }
        known
    }

    /// The rests of a cycle, and its shape of levels that are cut by so many bits. It is taken for a circle that begins
    /// where the current is farthest from its mean: there it does not rest.
    fn look(&self, levels: &[i32; INTERVALS], mean: i32, tolerance: i32, cut: u32) -> (Rests, Shape) {
        let (mut farthest, mut begin) = (0, 0);
        for (place, level) in rolled(levels).enumerate() {
            let distance = level.saturating_sub(mean).unsigned_abs();
            if distance > farthest {
                (farthest, begin) = (distance, place);
            }
        }
        // Of no level yet.
        let mut run = Run { sum: 0, length: 0, ..Run::begin(levels[begin & (INTERVALS - 1)]) };
        let (mut rests, mut shape) = (Rests::default(), Shape::default());
        for place in begin..begin + INTERVALS {
            let level = levels[place & (INTERVALS - 1)];
            shape.add(level.saturating_sub(self.offset) >> cut, place);
            if !run.extend(level, tolerance) {
                rests.consider(&run, tolerance);
                run = Run::begin(level);
            }
        }
        rests.consider(&run, tolerance);
        (rests, shape)
    }
}

impl Shape {
    #[inline(always)]
    fn add(&mut self, level: i32, place: usize) {
        let most = 1 << SHAPE_BITS;
        let small = level.max(-most).min(most - 1);
        self.sum += small;
        self.square += small * small;
        self.cosine += small * COSINE[place & 15];
        self.sine += small * COSINE[(place + 4) & 15];
    }

    /// `mean`: what the current flows above its rest on the mean, cut as the levels were.
    fn kind(&self, mean: Option<i32>) -> Kind {
        let n = INTERVALS as i64;
        let (sum, square) = (i64::from(self.sum), i64::from(self.square));
        // 16²·variance of the levels.
        let variance = n * square - sum * sum;
        // Means of sixteenths of a cycle make a fundamental 0.9936 times as large, which holds for both sides.
        let (cosine, sine) = (i64::from(self.cosine), i64::from(self.sine));
        let fundamental = (cosine * cosine + sine * sine) >> 15;
        if let Some(mean) = mean {
            // A half-wave has a mean of 0.83 times its AC RMS, one of 135 degrees 0.33 times.
            let most = 1 << (SHAPE_BITS + 1);
            let small = i64::from(mean.max(-most).min(most)) * n;
            if 25 * small * small > variance {
                return if mean > 0 { Kind::PulsatingPositive } else { Kind::PulsatingNegative };
            }
        }
        if 100 * fundamental > 97 * variance { Kind::Sinusoidal } else { Kind::Other }
    }
}

/// 2³⁰ over the frames of an interval.
#[inline(never)]
fn reciprocal(frames: u32) -> i32 {
    ((1 << 30) / frames.max(1)) as i32
}

/// Mean of the codes of an interval, as a level.
#[inline(always)]
fn mean<S: Sample>(sum: i32, reciprocal: i32) -> i32 {
    ((i64::from(sum) * i64::from(reciprocal)) >> const { 30 - fraction::<S>() }) as i32
}
