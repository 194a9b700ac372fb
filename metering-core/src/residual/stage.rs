//! The stage's work per interval: sums, mean, level at rest, decision.
//!
//! In come stretches of codes with their sums, out go the restored level per cycle and changes of state. This file must
//! not know how a decision is made or a level found.

use crate::calibration::Dc;
use crate::config::Config;
use crate::residual::baseline::{Baseline, Restored, Scale, fraction};
use crate::residual::clock::Clock;
use crate::residual::reading::{Change, Kind, State};
use crate::residual::ring::Ring;
use crate::residual::settings::Coupling;
use crate::residual::watch::{Beyond, Interval, Watch};
use crate::sample::{Sample, codes};
use crate::scaled::Scaled;
use crate::sums::{Extremes, Moments, Sums};

/// Of so many cycles one is looked at for its rest and shape, two or three in a window: a level at rest does not change
/// from one cycle to the next.
const LOOKED_AT: u8 = 4;

/// What the cycles since the last window said that were looked at.
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
    /// Frames of the present interval, and those that it still wants.
    length: u32,
    left: u32,
    /// The meter's sums of the cycle less what of them belongs to the present interval.
    mark: Moments,
    /// From this sum of squares on the watch wants to see each interval.
    alert: u64,
    /// The band that codes are cut to: beyond it they are looked at one by one.
    band: Extremes,
    /// Sums of the present interval while the meter's are no use: between two cycles.
    carry: Moments,
    beyond: Option<Beyond>,
    ring: Ring,
    /// Code of the middle of the range: 0 for signed codes.
    middle: i32,
    baseline: Baseline,
    watch: Option<Watch>,
    cycles: Cycles,
    last: Cycles,
    /// Cycles since one was looked at.
    passed: u8,
    /// Each cycle is looked at, as readings of cycles are wanted.
    thorough: bool,
}

impl Stage {
    /// `None` where the channel is not configured. `step`: phase per frame of the nominal frequency, Q32.
    pub(crate) fn new<S: Sample, const N: usize>(config: &Config<S, N>, step: u32) -> Option<Self> {
        let settings = config.settings();
        let residual = settings.residual?;
        let (_, middle, _) = codes::<S>(settings.code_bits);
        let fraction = const { fraction::<S>() };
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
        let mut clock = Clock::new(step);
        let noise = Scaled::new((residual.channel.noise.to_bits() >> 1) as i64, -31);
        let scale = Scale {
            corner,
            rest: level(Scaled::new(6, 0).over(Scaled::new(1_000, 0))),
            // Four times what an interval of ten frames leaves of it, and half a code.
            noise: level(noise.times(Scaled::new(5, -2))).saturating_add(1 << (fraction - 1)),
        };
        let zero = match residual.channel.dc {
            Dc::Offset => 0,
            Dc::Signal { zero } => ((i64::from(zero) - (i64::from(middle) << 8)) << fraction >> 8) as i32,
        };
        let length = clock.next();
        Some(Self {
            length,
            left: length,
            mark: Moments::default(),
            alert: if residual.monitor.is_some() { 0 } else { u64::MAX },
            band: Extremes { low: i32::MIN, high: i32::MAX },
            carry: Moments::default(),
            beyond: None,
            watch: Watch::new(config, &clock, middle, zero),
            clock,
            ring: Ring::new(settings.code_bits),
            middle,
            baseline: Baseline::new(scale, zero),
            cycles: Cycles::default(),
            last: Cycles::default(),
            passed: 0,
            thorough: false,
        })
    }

    /// What is on.
    pub(crate) fn state(&self) -> State {
        self.watch.as_ref().map_or(State::empty(), Watch::state)
    }

    /// Frames that the present interval still wants: at least 1.
    pub(crate) fn left(&self) -> usize {
        self.left as usize
    }

    /// Begins a self-test; whether it could: not without a monitor, before anything is decided (start-up, lost frames),
    /// during another test or an alarm.
    pub(crate) fn begin_test(&mut self) -> bool {
        let begins = self.watch.as_mut().is_some_and(Watch::begin_test);
        if begins {
            self.alert = 0;
        }
        begins
    }

    /// Takes alarm and pre-warning back.
    pub(crate) fn reset(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.reset();
        }
    }

    /// Adds codes inside a cycle of the meter to `total`, its sums of the cycle, interval by interval; stops where
    /// something changes. Returns the codes that are left then: [`Stage::changes`] tells what it was.
    #[inline(never)]
    pub(crate) fn stretch<'a, S: Sample>(
        &mut self,
        mut codes: &'a [S],
        total: &mut Sums,
        step: u32,
    ) -> Option<&'a [S]> {
        while let Some((now, later)) = codes.split_at_checked(self.left as usize) {
            self.sum(now, total);
            codes = later;
            let mark = core::mem::replace(&mut self.mark, total.moments);
            // An interval has at most 101 frames: its sum fits.
            let sum = (total.moments.sum as i32).wrapping_sub(mark.sum as i32);
            if self.end::<S>(sum, total.moments.square - mark.square, step) {
                return Some(codes);
            }
        }
        self.sum(codes, total);
        self.left -= codes.len() as u32;
        None
    }

    #[inline(always)]
    fn sum<S: Sample>(&mut self, codes: &[S], total: &mut Sums) {
        let before = total.moments;
        S::moments(codes, &mut total.moments, &mut total.extremes);
        if S::MAX_BITS > 16 && !total.extremes.holds::<S>() {
            // Rare: some code is beyond what the type may hold.
            total.moments = before;
            for &code in codes {
                let code = S::saturate(code.into());
                total.moments.part(code, code);
            }
        }
        self.note_beyond(codes, total.extremes);
    }

    /// The meter's cycle ends: its sums from here on are no longer those of whole frames.
    pub(crate) fn suspend(&mut self, total: &Moments) {
        self.carry = *total;
        self.carry.remove(&self.mark);
    }

    /// A frame between two cycles.
    #[inline(never)]
    pub(crate) fn frame<S: Sample>(&mut self, code: S, step: u32) -> bool {
        self.note_beyond(&[code], Extremes::of(&[code]));
        self.carry.part(code, code);
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return false;
        }
        let Moments { sum, square } = core::mem::take(&mut self.carry);
        self.end::<S>(sum as i32, square, step)
    }

    /// The meter's next cycle has begun with these sums.
    pub(crate) fn resume(&mut self, total: &Moments) {
        self.mark = *total;
        self.mark.remove(&core::mem::take(&mut self.carry));
    }

    #[inline(always)]
    fn note_beyond<S: Sample>(&mut self, codes: &[S], extremes: Extremes) {
        if extremes.low < self.band.low || extremes.high > self.band.high {
            self.cut(codes);
        }
    }

    /// A large current flows: rare, so a pass of its own.
    #[cold]
    #[inline(never)]
    fn cut<S: Sample>(&mut self, codes: &[S]) {
        if let Some(watch) = &self.watch {
            watch.cut(codes, self.beyond.get_or_insert_default());
            // The interval has to be looked at.
            self.alert = 0;
        }
    }

    /// An interval has ended, with these sums of its codes.
    #[inline(always)]
    fn end<S: Sample>(&mut self, mut sum: i32, mut square: i64, step: u32) -> bool {
        let frames = self.length;
        if S::OFFSET_BINARY {
            let (middle, count) = (i64::from(self.middle), frames as i32);
            square += middle * (i64::from(count) * middle - 2 * i64::from(sum));
            sum -= count * self.middle;
        }
        let ends = self.ring.push(sum, square, frames);
        let mut changed = self.ring.square() >= self.alert && self.look::<S>(sum, square);
        if ends {
            changed |= self.cycle::<S>(step);
        }
        self.length = self.clock.next();
        self.left = self.length;
        changed
    }

    /// Shows the watch an interval that is not a quiet one.
    #[cold]
    #[inline(never)]
    fn look<S: Sample>(&mut self, sum: i32, square: i64) -> bool {
        let beyond = self.beyond.take();
        if let Some(beyond) = beyond {
            self.ring.cut(beyond.sum, beyond.square);
        }
        let Some(watch) = &mut self.watch else { return false };
        let Beyond { sum: excess, high, .. } = beyond.unwrap_or_default();
        let interval = Interval { sum, excess, whole_square: square, frames: self.length, high };
        let changed = watch.interval::<S>(&interval, &self.ring, &self.baseline);
        (self.alert, self.band) = (watch.alert(&self.ring, &self.clock), watch.band::<S>());
        changed
    }

    #[inline(never)]
    fn cycle<S: Sample>(&mut self, step: u32) -> bool {
        self.clock.follow(step);
        let (sum, excess, frames) = self.ring.sums();
        let mut changed = false;
        if let Some(watch) = &mut self.watch {
            changed = watch.cycle::<S>(sum, excess, frames);
            (self.alert, self.band) = (watch.alert(&self.ring, &self.clock), watch.band::<S>());
        }
        self.passed = if self.thorough { 0 } else { (self.passed + 1) % LOOKED_AT };
        if self.passed != 0 {
            self.baseline.pass::<S>(sum, frames);
        } else {
            let restored = self.baseline.cycle::<S>(self.ring.cycle());
            self.last = Cycles::default();
            self.last.add(&restored);
            self.cycles.add(&restored);
        }
        changed
    }

    /// What changed with the last interval.
    pub(crate) fn changes(&mut self) -> impl Iterator<Item = Change> + use<> {
        self.watch.as_mut().map(Watch::changes).into_iter().flatten()
    }

    /// Whether readings of cycles are wanted.
    pub(crate) fn look_at_each(&mut self, each: bool) {
        self.thorough = each;
    }

    /// What the cycles said since the last time; the last one, if there was none since.
    pub(crate) fn window(&mut self) -> Cycles {
        let cycles = core::mem::take(&mut self.cycles);
        if cycles.count == 0 { self.last } else { cycles }
    }

    /// What the last cycle that was looked at said.
    pub(crate) fn last(&self) -> &Cycles {
        &self.last
    }

    /// Frames were lost: the present interval and cycle begin anew, those of the meter as well.
    pub(crate) fn gap(&mut self) {
        self.length = self.clock.next();
        self.left = self.length;
        (self.mark, self.carry, self.beyond) = (Moments::default(), Moments::default(), None);
        self.ring.restart();
        self.baseline.restart();
        if let Some(watch) = &mut self.watch {
            watch.restart(&self.clock);
            self.alert = 0;
        }
    }
}
