//! Where zero is: undoes a transformer's high-pass and finds the level at which a pulsating current rests.
//!
//! In come the sums of intervals, out go per cycle what the transformer took from the AC, the level at rest, and the
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

/// Least intervals of a rest.
const REST: u32 = 6;
/// Of the running sum a 2⁻¹¹ᵗʰ part is lost each interval, 128 cycles, so that it stays bounded.
const LEAK: u32 = 11;
/// Of the difference between a cycle's mean and the offset a 2⁻⁶ᵗʰ part is taken over.
const OFFSET: u32 = 6;
/// Bits of the means that the shape is judged by.
const SHAPE_BITS: u32 = 13;

/// cos(2π·(n + 1/2)/16), Q8; the sine is the same table read backwards.
const COSINE: [i32; INTERVALS] = [251, 213, 142, 50, -50, -142, -213, -251, -251, -213, -142, -50, 50, 142, 213, 251];

/// What does not change: levels are in codes with `fraction` bits behind the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) fraction: u32,
    /// 2π·corner/rate, Q31; 0 for a direct-coupled sensor.
    pub(crate) corner: i32,
    /// 6 mA.
    pub(crate) rest: i32,
    /// What noise may do to the mean of an interval.
    pub(crate) noise: i32,
}

/// Intervals in a row at one level.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    low: i32,
    high: i32,
    first: i32,
    last: i32,
    sum: i64,
    length: u32,
}

impl Run {
    fn begin(level: i32) -> Self {
        Self { low: level, high: level, first: level, last: level, sum: i64::from(level), length: 1 }
    }

    /// Takes the level if it lies within the tolerance; else the run begins anew with it.
    fn extend(&mut self, level: i32, tolerance: i32) {
        let (low, high) = (self.low.min(level), self.high.max(level));
        if self.length == 0 || high.saturating_sub(low) > tolerance {
            *self = Self::begin(level);
            return;
        }
        (self.low, self.high, self.last) = (low, high, level);
        self.sum += i64::from(level);
        self.length += 1;
        if self.length == 2 * INTERVALS as u32 {
            (self.sum, self.length) = (self.sum / 2, INTERVALS as u32);
        }
    }
}

/// A rest that was found.
#[derive(Clone, Copy, Debug)]
struct Rest {
    level: i32,
    spread: i32,
    length: u32,
}

/// What a cycle says; levels in codes with [`Scale::fraction`] bits behind the point.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Restored {
    /// The reading of the sensor at which the current rests, as it would stand to the cycle's mean; `None`: no rest.
    pub(crate) rest: Option<i32>,
    /// Square of the RMS that the transformer took from the AC.
    pub(crate) taken: u64,
    /// Shape, none never.
    pub(crate) kind: Kind,
}

/// The stage's state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Baseline {
    scale: Scale,
    /// Mean of the sensor's offset.
    offset: i32,
    /// ω·∫(y - offset).
    restored: i32,
    run: Run,
    best: Option<Rest>,
    /// Two rests at different levels: neither can be told to be zero.
    ambiguous: bool,
    /// Tolerance by the last cycle's peak to peak.
    tolerance: i32,
    /// Sums over the present cycle: of the sensor's means, of the running sum, and of its square.
    means: i64,
    sums: i64,
    squares: u64,
    /// The shape: restored means, cut to few bits; their sum, square and correlation.
    cut: u32,
    shape_sum: i32,
    shape_square: i32,
    cosine: i32,
    sine: i32,
    place: usize,
}

impl Baseline {
    /// `zero`: the code of no current as far as it is known.
    pub(crate) fn new(scale: Scale, zero: i32) -> Self {
        Self {
            scale,
            offset: zero,
            restored: 0,
            run: Run::default(),
            best: None,
            ambiguous: false,
            tolerance: scale.noise,
            means: 0,
            sums: 0,
            squares: 0,
            cut: 0,
            shape_sum: 0,
            shape_square: 0,
            cosine: 0,
            sine: 0,
            place: 0,
        }
    }

    /// Frames were lost: the present cycle says nothing.
    pub(crate) fn restart(&mut self) {
        let tolerance = self.tolerance;
        *self = Self { tolerance, cut: self.cut, ..Self::new(self.scale, self.offset) };
    }

    /// Level of the sensor's offset.
    pub(crate) fn offset(&self) -> i32 {
        self.offset
    }

    /// An interval of `frames` frames with this mean has ended. Returns the sensor's shift: by how much more than the
    /// sensor shows has flown, on the mean.
    pub(crate) fn interval(&mut self, mean: i32, frames: u32) -> i32 {
        let before = self.restored;
        if self.scale.corner != 0 {
            let flown = i64::from(mean.saturating_sub(self.offset)) * i64::from(frames as i32 * self.scale.corner);
            self.restored = (before - (before >> LEAK)).saturating_add((flown >> 31) as i32);
            self.sums += i64::from(self.restored);
            let magnitude = u64::from(self.restored.unsigned_abs() >> 4);
            self.squares += magnitude * magnitude;
        }
        let shift = (before >> 1) + (self.restored >> 1);
        let level = mean.saturating_add(shift);
        self.means += i64::from(mean);
        self.rest(level);
        self.shape(level);
        shift
    }

    fn rest(&mut self, level: i32) {
        self.run.extend(level, self.tolerance);
        let Run { low, high, first, last, sum, length } = self.run;
        if length < REST {
            return;
        }
        let inner = (sum - i64::from(first) - i64::from(last)) / i64::from(length as i32 - 2);
        let rest = Rest { level: inner as i32, spread: high - low, length };
        match self.best {
            Some(best) if length == REST && rest.level.abs_diff(best.level) > self.tolerance as u32 => {
                self.ambiguous = true;
            }
            Some(best) if best.length >= length => {}
            _ => self.best = Some(rest),
        }
    }

    fn shape(&mut self, level: i32) {
        let most = (1 << SHAPE_BITS) - 1;
        let small = (level.saturating_sub(self.offset) >> self.cut).max(-most).min(most);
        let (cosine, sine) = (COSINE[self.place & 15], COSINE[(self.place + 4) & 15]);
        self.place += 1;
        self.shape_sum += small;
        self.shape_square += small * small;
        self.cosine += small * cosine;
        self.sine += small * sine;
    }

    /// A cycle has ended, its codes having lain `peak_to_peak` apart.
    pub(crate) fn cycle(&mut self, peak_to_peak: u32) -> Restored {
        let intervals = INTERVALS as i64;
        let mean = (self.means / intervals) as i32;
        let sum = self.sums / intervals;
        // Both with four bits less: |sum| is below 2³¹.
        let square_of_mean = (sum.unsigned_abs() >> 4) * (sum.unsigned_abs() >> 4);
        let taken = (self.squares / INTERVALS as u64).saturating_sub(square_of_mean) << 8;
        let spread = i64::from(peak_to_peak) << self.scale.fraction;
        self.tolerance = ((spread / 10) as i32).min(self.scale.rest).max(self.scale.noise).max(1);
        let rest = self
            .best
            .filter(|rest| !self.ambiguous && rest.spread <= self.tolerance)
            .map(|rest| saturate(i64::from(rest.level) - sum));
        let kind = self.kind(rest.map(|rest| mean.saturating_sub(rest)));
        self.offset += mean.saturating_sub(self.offset) >> OFFSET;
        (self.best, self.ambiguous, self.means, self.sums, self.squares) = (None, false, 0, 0, 0);
        (self.shape_sum, self.shape_square, self.cosine, self.sine, self.place) = (0, 0, 0, 0, 0);
        // A level may lie as far from the offset as the codes lie apart.
        self.cut = (64 - (spread as u64).leading_zeros()).saturating_sub(SHAPE_BITS);
        Restored { rest, taken, kind }
    }

    /// `mean`: what the current flows above its rest on the mean.
    fn kind(&self, mean: Option<i32>) -> Kind {
        let n = INTERVALS as i64;
        let (sum, square) = (i64::from(self.shape_sum), i64::from(self.shape_square));
        // 16²·variance of the means.
        let variance = n * square - sum * sum;
        // Means of sixteenths of a cycle make a fundamental 0.9936 times as large, which holds for both sides.
        let (cosine, sine) = (i64::from(self.cosine), i64::from(self.sine));
        let fundamental = (cosine * cosine + sine * sine) >> 15;
        if let Some(mean) = mean {
            // A half-wave has a mean of 0.83 times its AC RMS, one of 135 degrees 0.33 times.
            let most = 1 << (SHAPE_BITS + 1);
            let small = i64::from((mean >> self.cut).max(-most).min(most)) * n;
            if 25 * small * small > variance {
                return if mean > 0 { Kind::PulsatingPositive } else { Kind::PulsatingNegative };
            }
        }
        if 100 * fundamental > 97 * variance { Kind::Sinusoidal } else { Kind::Other }
    }
}

fn saturate(level: i64) -> i32 {
    level.max(i64::from(i32::MIN)).min(i64::from(i32::MAX)) as i32
}
