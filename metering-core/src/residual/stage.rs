//! The stage's work per interval: sums, mean, level at rest, decision.
//!
//! In come stretches of codes with their sums, out go the restored level per cycle and changes of state. This file must
//! not know how a decision is made or a level found.

use crate::calibration::Dc;
use crate::config::Config;
use crate::residual::baseline::{Baseline, Restored, Scale};
use crate::residual::clock::{Clock, INTERVALS};
use crate::residual::reading::{Change, Kind, State};
use crate::residual::settings::Coupling;
use crate::residual::watch::{Interval, Watch};
use crate::sample::{Sample, codes};
use crate::scaled::Scaled;
use crate::sums::{Extremes, Moments};

/// Bits of a level: a mean of codes with so many bits behind the point that it fits 28.
pub(crate) const LEVEL_BITS: u32 = 28;

/// What the cycles since the last window said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cycles {
    pub(crate) count: u32,
    /// Those of them with a rest, and the sum of its levels.
    pub(crate) rests: u32,
    pub(crate) levels: i64,
    /// Sum of the squares that the transformer took.
    pub(crate) taken: u64,
    /// How many were of each shape.
    pub(crate) sinusoidal: u32,
    pub(crate) positive: u32,
    pub(crate) negative: u32,
}

impl Cycles {
    fn add(&mut self, cycle: &Restored) {
        self.count += 1;
        if let Some(rest) = cycle.rest {
            self.rests += 1;
            self.levels += i64::from(rest);
        }
        self.taken = self.taken.saturating_add(cycle.taken);
        match cycle.kind {
            Kind::Sinusoidal => self.sinusoidal += 1,
            Kind::PulsatingPositive => self.positive += 1,
            Kind::PulsatingNegative => self.negative += 1,
            Kind::None | Kind::Other => {}
        }
    }
}

/// The residual-current stage.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    clock: Clock,
    /// Frames that the present interval still wants.
    left: u32,
    interval: Interval,
    /// 2³¹ over the frames of an interval, for the two lengths there are.
    reciprocals: [(u32, u32); 2],
    /// Bits behind the point of a level.
    fraction: u32,
    /// Code of the middle of the range: 0 for signed codes.
    middle: i32,
    baseline: Baseline,
    watch: Option<Watch>,
    /// Intervals of the present cycle.
    intervals: usize,
    extremes: Extremes,
    cycles: Cycles,
    last: Cycles,
    frames: u64,
}

impl Stage {
    /// `None` where the channel is not configured. `step`: phase per frame of the nominal frequency, Q32.
    pub(crate) fn new<S: Sample, const N: usize>(config: &Config<S, N>, step: u32) -> Option<Self> {
        let settings = config.settings();
        let residual = settings.residual?;
        let (_, middle, _) = codes::<S>(settings.code_bits);
        let fraction = LEVEL_BITS - settings.code_bits;
        let per_code = residual.channel.per_code(settings.code_bits).magnitude();
        let level = |ampere: Scaled| {
            let codes = ampere.over(per_code).to_bits(fraction as i32);
            codes.min(i64::from(i32::MAX)).max(0) as i32
        };
        let corner = match residual.coupling {
            Coupling::Direct => 0,
            // 2π/1000 in Q36: 431 779 416.8.
            Coupling::Transformer { corner_mhz } => {
                let turned = Scaled::new(i64::from(corner_mhz) * 431_779_417, -36);
                turned.over(Scaled::new(config.rate() as i64, -32)).to_bits(31) as i32
            }
        };
        let noise = Scaled::new((residual.channel.noise.to_bits() >> 1) as i64, -31);
        let scale = Scale {
            fraction,
            corner,
            rest: level(Scaled::new(6, 0).over(Scaled::new(1_000, 0))),
            // Four times what an interval of ten frames leaves of it, and half a code.
            noise: level(noise.times(Scaled::new(5, -2))).saturating_add(1 << (fraction - 1)),
        };
        let zero = match residual.channel.dc {
            Dc::Offset => 0,
            Dc::Signal { zero } => ((i64::from(zero) - (i64::from(middle) << 8)) << fraction >> 8) as i32,
        };
        let mut clock = Clock::new(step);
        let left = clock.next();
        Some(Self {
            left,
            watch: Watch::new(config, &clock, middle, fraction, zero),
            clock,
            interval: Interval::default(),
            reciprocals: [(0, 0); 2],
            fraction,
            middle,
            baseline: Baseline::new(scale, zero),
            intervals: 0,
            extremes: Extremes::NONE,
            cycles: Cycles::default(),
            last: Cycles::default(),
            frames: 0,
        })
    }

    /// Frames that the present interval still wants: at least 1.
    pub(crate) fn left(&self) -> usize {
        self.left as usize
    }

    /// Frames from the first sample of the stream to the end of the last interval.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// What is on.
    pub(crate) fn state(&self) -> State {
        self.watch.as_ref().map_or(State::empty(), Watch::state)
    }

    /// Begins a self-test; whether it could: not without a monitor, during another test or an alarm.
    pub(crate) fn begin_test(&mut self) -> bool {
        self.watch.as_mut().is_some_and(Watch::begin_test)
    }

    /// Takes alarm and pre-warning back.
    pub(crate) fn reset(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.reset();
        }
    }

    /// Codes of the present interval, at most [`Stage::left`] of them, with their sums. Whether something changed: then
    /// [`Stage::changes`] tells what.
    #[inline]
    pub(crate) fn take<S: Sample>(&mut self, codes: &[S], moments: &Moments, extremes: Extremes, step: u32) -> bool {
        let frames = codes.len() as u32;
        let (mut sum, mut square) = (moments.sum, moments.square);
        if self.middle != 0 {
            let (middle, count) = (i64::from(self.middle), i64::from(frames));
            square += middle * (count * middle - 2 * sum);
            sum -= count * middle;
        }
        let cut = self.watch.as_ref().and_then(|watch| watch.cut(codes, extremes));
        self.interval.add((sum, square), cut, extremes, frames);
        self.extremes.add(extremes);
        self.left = self.left.saturating_sub(frames);
        self.left == 0 && self.end(step)
    }

    /// An interval has ended.
    #[inline(never)]
    fn end(&mut self, step: u32) -> bool {
        let interval = core::mem::take(&mut self.interval);
        self.frames = self.frames.saturating_add(u64::from(interval.frames));
        let mean = self.mean(interval.sum, interval.frames);
        let shift = self.baseline.interval(mean, interval.frames);
        let mut changed = false;
        if let Some(watch) = &mut self.watch {
            let cut = if interval.is_cut() {
                mean_of(interval.cut_sum, interval.frames, &self.reciprocals, self.fraction)
            } else {
                mean
            };
            changed = watch.interval(&interval, cut, shift.saturating_sub(self.baseline.offset()));
        }
        self.intervals += 1;
        if self.intervals == INTERVALS {
            changed |= self.cycle(step);
        }
        self.left = self.clock.next();
        changed
    }

    fn cycle(&mut self, step: u32) -> bool {
        let extremes = core::mem::replace(&mut self.extremes, Extremes::NONE);
        let restored = self.baseline.cycle(extremes.high.abs_diff(extremes.low));
        self.last = Cycles::default();
        self.last.add(&restored);
        self.cycles.add(&restored);
        self.intervals = 0;
        self.clock.follow(step);
        self.watch.as_mut().is_some_and(|watch| watch.cycle())
    }

    /// Mean of codes as a level.
    fn mean(&mut self, sum: i64, frames: u32) -> i32 {
        let place = &mut self.reciprocals[(frames & 1) as usize];
        if place.0 != frames {
            *place = (frames, (1 << 31) / frames.max(1));
        }
        mean_of(sum, frames, &self.reciprocals, self.fraction)
    }

    /// What changed with the last interval.
    pub(crate) fn changes(&mut self) -> impl Iterator<Item = Change> + use<> {
        self.watch.as_mut().map(Watch::changes).into_iter().flatten()
    }

    /// What the cycles said since the last time, and the last of them.
    pub(crate) fn window(&mut self) -> Cycles {
        core::mem::take(&mut self.cycles)
    }

    /// What the last cycle said.
    pub(crate) fn last(&self) -> &Cycles {
        &self.last
    }

    /// Frames were lost: the present interval and cycle begin anew.
    pub(crate) fn gap(&mut self, frames: u64) {
        self.frames = self.frames.saturating_add(u64::from(self.interval.frames)).saturating_add(frames);
        (self.interval, self.intervals, self.extremes) = (Interval::default(), 0, Extremes::NONE);
        self.left = self.clock.next();
        self.baseline.restart();
        if let Some(watch) = &mut self.watch {
            watch.restart(&self.clock);
        }
    }
}

/// Mean of `frames` codes whose reciprocal is known, with `fraction` bits behind the point.
fn mean_of(sum: i64, frames: u32, reciprocals: &[(u32, u32); 2], fraction: u32) -> i32 {
    let (_, reciprocal) = reciprocals[(frames & 1) as usize];
    ((sum as i32 as i64 * i64::from(reciprocal)) >> (31 - fraction)) as i32
}
