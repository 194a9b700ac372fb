//! The stage's work per interval: sums, mean, level at rest, decision.
//!
//! In come stretches of codes with their sums, out go the restored level per cycle and changes of state. Of a calm cycle
//! only the halves are told apart, see [`calm`](super::calm). This file must not know how a decision is made or a level found.

use crate::calibration::Dc;
use crate::config::Config;
use crate::residual::baseline::{Baseline, Restored, Scale, fraction};
use crate::residual::clock::Clock;
use crate::residual::cycles::Cycles;
use crate::residual::reading::{Change, State};
use crate::residual::ring::Ring;
use crate::residual::settings::Coupling;
use crate::residual::watch::{Band, Beyond, Codes, Interval, Watch};
use crate::sample::{Sample, codes};
use crate::scaled::Scaled;
use crate::sums::{Extremes, Moments, Sums};

/// Of so many cycles one is looked at for its rest and shape, the third and the eighth of ten in a window: a level at rest does
/// not change from one cycle to the next, and where it moves over a window both lie around its middle.
const LOOKED_AT: u8 = 5;

/// The residual-current stage.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// Stands at the end of the present interval, or at the beginning of a calm half cycle.
    pub(super) clock: Clock,
    /// Intervals are not told apart at present: what is said of one below holds for half a cycle.
    pub(super) calm: bool,
    /// Of some intervals of the present cycle only shares are known.
    shared: bool,
    /// Frames of the present interval, and those that it still wants.
    pub(super) length: u32,
    pub(super) left: u32,
    /// The meter's sums up to the present interval.
    pub(super) mark: Moments,
    /// From this sum of squares on the watch wants to see each interval.
    pub(super) alert: u64,
    /// Sum of squares from which on the present half cycle is calm no more.
    pub(super) room: u64,
    /// The band that codes are cut to: beyond it they are looked at one by one.
    band: Band,
    beyond: Option<Beyond>,
    pub(super) ring: Ring,
    /// Code of the middle of the range: 0 for signed codes.
    pub(super) middle: i32,
    baseline: Baseline,
    watch: Option<Watch>,
    /// What the cycles since the last window said that were looked at, and the last of all.
    cycles: Cycles,
    last: Restored,
    /// Cycles since one was looked at, or that a window counts as such when it begins.
    since_look: u8,
    /// Each cycle is looked at, as readings of cycles are wanted.
    thorough: bool,
}

impl Stage {
    /// `None` where the channel is not configured. `step`: phase per frame of the nominal frequency, Q32.
    #[inline(never)]
    pub(crate) fn new<S: Sample, const N: usize>(config: &Config<S, N>, step: u32) -> Option<Self> {
        let settings = config.settings();
        let residual = settings.residual.as_ref()?;
        let (bits, rate) = (settings.code_bits, config.rate());
        let (_, middle, _) = codes::<S>(bits);
        let fraction = const { fraction::<S>() };
        let per_code = residual.channel.per_code(bits).magnitude();
        let corner = match residual.coupling {
            Coupling::Direct => 0,
            // 2π/1000 in Q36: 431 779 416.8.
            Coupling::Transformer { corner_mhz } => {
                let turned = Scaled::new(i64::from(corner_mhz) * 431_779_417, -36);
                turned.over(Scaled::new(rate as i64, -32)).to_bits(31) as i32
            }
        };
        let mut clock = Clock::new(step);
        let noise = Scaled::new((residual.channel.noise.to_bits() >> 1) as i64, -31);
        let scale = Scale {
            corner,
            rest: level(Scaled::new(6, 0).over(Scaled::new(1_000, 0)), per_code, fraction),
            // Four times what an interval of ten frames leaves of it, and half a code.
            noise: level(noise.times(Scaled::new(5, -2)), per_code, fraction).saturating_add(1 << (fraction - 1)),
        };
        let zero = match residual.channel.dc {
            Dc::Offset => 0,
            Dc::Signal { zero } => ((i64::from(zero) - (i64::from(middle) << 8)) << fraction >> 8) as i32,
        };
        let length = clock.next();
        let codes = Codes { bits, per_code, middle, zero, rate };
        Some(Self {
            calm: false,
            shared: false,
            length,
            left: length,
            mark: Moments::default(),
            alert: if residual.monitor.is_some() { 0 } else { u64::MAX },
            room: 0,
            band: Band { low: i32::MIN, high: i32::MAX },
            beyond: None,
            watch: residual.monitor.as_ref().map(|monitor| Watch::new::<S>(residual, monitor, &codes, &clock)),
            clock,
            ring: Ring::new(bits),
            middle,
            baseline: Baseline::new(scale, zero),
            cycles: Cycles::default(),
            last: Restored::default(),
            since_look: 0,
            thorough: false,
        })
    }

    /// What is on.
    pub(crate) fn state(&self) -> State {
        self.watch.as_ref().map_or(State::empty(), Watch::state)
    }

    /// Frames that the present interval still wants: at least 1.
    pub(crate) fn left(&self) -> usize {
        if !self.calm {
            return self.left as usize;
        }
        let (mut clock, mut rest) = (self.clock, self.passed());
        loop {
            let length = clock.next();
            if length > rest {
                return (length - rest) as usize;
            }
            rest -= length;
        }
    }

    /// Begins a self-test; whether it could: not without a monitor, before anything is decided (start-up, lost frames),
    /// during another test or an alarm.
    pub(crate) fn begin_test(&mut self) -> bool {
        let begins = self.watch.as_mut().is_some_and(Watch::begin_test);
        // A calm half cycle is ended first: where it does lies in the stream, not in how frames are handed over.
        if begins && !self.calm {
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

    /// Adds codes to `total`, the meter's sums, interval by interval; stops where
    /// something changes. Returns the codes that are left then: [`Stage::change`] tells what it was.
    #[inline(never)]
    pub(crate) fn stretch<'a, S: Sample>(
        &mut self,
        mut codes: &'a [S],
        total: &mut Sums,
        step: u32,
    ) -> Option<&'a [S]> {
        loop {
            let (now, later) = codes.split_at_checked(codes.len().min(self.left as usize)).unwrap_or_default();
            let Extremes { low, high, .. } = total.extremes;
            Self::sum(now, total);
            let count = now.len() as u32;
            if self.calm {
                let mut begun = total.moments;
                begun.remove(&self.mark);
                if !self.is_calm::<S>(&begun, self.passed() + count, total.extremes) {
                    // What lies behind the first code that is not calm must not be seen before its interval.
                    total.extremes = Extremes::new(low, high);
                    let calm = self.rouse(now, total);
                    codes = codes.get(calm..).unwrap_or_default();
                    continue;
                }
            } else {
                self.note_beyond(now, total.extremes);
            }
            self.left -= count;
            if self.left > 0 {
                return None;
            }
            codes = later;
            let mut whole = total.moments;
            whole.remove(&self.mark);
            self.mark = total.moments;
            if self.end::<S>(&whole, total.extremes, step) {
                return Some(codes);
            }
        }
    }

    /// Adds codes to sums.
    #[inline(always)]
    pub(super) fn sum<S: Sample>(codes: &[S], total: &mut Sums) {
        let before = total.moments;
        S::moments(codes, total);
        if S::MAX_BITS > 16 && !total.extremes.holds::<S>() {
            // Rare: some code is beyond what the type may hold.
            total.moments = before;
            for &code in codes {
                let code = S::saturate(code.into());
                total.moments.part(code, code);
            }
        }
    }

    /// The meter's sums are counted from `mark` on.
    pub(crate) fn begin_window(&mut self, mark: &Moments) {
        self.mark.remove(mark);
        // Not less: windows that are cut short would never see one looked at.
        self.since_look = self.since_look.max(LOOKED_AT / 2);
    }

    #[inline(always)]
    pub(super) fn is_beyond(&self, extremes: Extremes) -> bool {
        !self.band.holds(extremes)
    }

    #[inline(always)]
    fn note_beyond<S: Sample>(&mut self, codes: &[S], extremes: Extremes) {
        if self.is_beyond(extremes) {
            self.cut(codes);
        }
    }

    /// A large current flows: rare, so a pass of its own.
    #[cold]
    #[inline(never)]
    fn cut<S: Sample>(&mut self, codes: &[S]) {
        if let Some(watch) = &self.watch {
            watch.cut(codes, self.middle, self.beyond.get_or_insert_default());
            // The interval has to be looked at.
            self.alert = 0;
        }
    }

    /// The sums of so many codes counted from the middle of the range.
    #[inline(always)]
    pub(super) fn centred<S: Sample>(&self, moments: &Moments, frames: u32) -> Moments {
        Self::counted_from::<S>(self.middle, moments, frames)
    }

    /// The sums of so many codes when they count from `zero`, which is 0 for signed ones.
    #[inline(always)]
    pub(super) fn counted_from<S: Sample>(zero: i32, moments: &Moments, frames: u32) -> Moments {
        if !S::OFFSET_BINARY {
            return *moments;
        }
        let (zero, count) = (i64::from(zero), i64::from(frames));
        let Moments { sum, square } = *moments;
        Moments { sum: sum - count * zero, square: square + zero * (count * zero - 2 * sum) }
    }

    /// An interval has ended, with these sums of its codes; `extremes` as far as they are known.
    #[inline(always)]
    fn end<S: Sample>(&mut self, whole: &Moments, extremes: Extremes, step: u32) -> bool {
        let Moments { sum, square } = self.centred::<S>(whole, self.length);
        if self.calm {
            self.clock.pass_half();
            let ends = self.ring.push_half(&Moments { sum, square }, self.length);
            let changed = ends && self.cycle::<S>(extremes, step);
            if !ends && self.watch.as_ref().is_some_and(|watch| !watch.is_calm()) {
                // A self-test has begun.
                (self.calm, self.alert) = (false, 0);
                self.ring.end_halves();
            }
            self.begin();
            return changed;
        }
        // An interval has at most 115 frames: its sum fits.
        let sum = sum as i32;
        let ends = self.ring.push(sum, square, self.length);
        let mut changed = self.ring.square() >= self.alert && self.look::<S>(sum, square);
        if ends {
            changed |= self.cycle::<S>(extremes, step);
        }
        self.begin();
        changed
    }

    /// The next interval begins.
    #[inline(always)]
    fn begin(&mut self) {
        self.length = if self.calm { self.begin_half() } else { self.clock.next() };
        self.left = self.length;
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
        self.attend::<S>();
        changed
    }

    /// Takes over what the watch wants to see from now on.
    #[inline(never)]
    fn attend<S: Sample>(&mut self) {
        if let Some(watch) = &self.watch {
            (self.alert, self.band) = (watch.alert(&self.ring, &self.clock), watch.band::<S>(self.middle));
        }
    }

    /// Sixteen intervals have ended.
    #[inline(never)]
    fn cycle<S: Sample>(&mut self, extremes: Extremes, step: u32) -> bool {
        self.clock.follow(step);
        let was_calm = self.calm;
        let whole = if was_calm { self.ring.sums_of_halves() } else { self.ring.sums() };
        let changed = self.watch.as_mut().is_some_and(|watch| watch.cycle::<S>(&whole, &self.ring));
        self.attend::<S>();
        self.since_look = if self.thorough { 0 } else { (self.since_look + 1) % LOOKED_AT };
        if self.since_look == 0 && !self.shared {
            self.last = self.baseline.cycle::<S>(self.ring.cycle());
            self.cycles.add(&self.last);
        }
        self.baseline.pass::<S>(whole.sum, whole.frames);
        let is_looked_at = self.thorough || self.since_look + 1 == LOOKED_AT;
        // A current that stays as it is has half of the squares more before the next half cycle is over.
        let square = self.ring.square();
        let ahead = square.saturating_add(square / 2);
        self.calm = !is_looked_at && ahead < self.alert && !self.is_beyond(extremes);
        self.shared = self.calm;
        if was_calm && !self.calm {
            self.ring.end_halves();
        }
        changed
    }

    /// What changed with the last interval, one after the other.
    pub(crate) fn change(&mut self) -> Option<Change> {
        self.watch.as_mut().and_then(Watch::change)
    }

    /// Whether readings of cycles are wanted.
    pub(crate) fn look_at_each(&mut self, each: bool) {
        self.thorough = each;
    }

    /// What the cycles said since the last time; the last one, if there was none since.
    pub(crate) fn window(&mut self) -> Cycles {
        let cycles = core::mem::take(&mut self.cycles);
        if cycles.count == 0 { self.last() } else { cycles }
    }

    /// What the last cycle that was looked at said.
    pub(crate) fn last(&self) -> Cycles {
        let mut cycles = Cycles::default();
        cycles.add(&self.last);
        cycles
    }

    /// Frames were lost: the present interval and cycle begin anew; `total`: the meter's sums up to here.
    pub(crate) fn gap(&mut self, total: &Moments) {
        (self.calm, self.shared) = (false, false);
        self.begin();
        (self.mark, self.beyond) = (*total, None);
        self.ring.restart();
        self.baseline.restart();
        if let Some(watch) = &mut self.watch {
            watch.restart(&self.clock);
            self.alert = 0;
        }
    }
}

/// A current as a level.
#[inline(never)]
fn level(ampere: Scaled, per_code: Scaled, fraction: u32) -> i32 {
    ampere.over(per_code).to_bits(fraction as i32).clamp(0, i64::from(i32::MAX)) as i32
}
