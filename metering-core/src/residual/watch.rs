//! The decision: which interval brings pre-warning and alarm, and whether the sensor is there.
//!
//! In come the sums of each interval, out go changes of state. This file must not know how a reading is made.

use crate::quantity::Ampere;
use crate::residual::alarm::{Delays, Response, Seen, frames};
use crate::residual::baseline::{Baseline, fraction};
use crate::residual::clock::{Clock, INTERVALS};
use crate::residual::quiet::Quiet;
use crate::residual::reading::{Change, State};
use crate::residual::ring::{self, Limit, Ring, Whole, mean_bits};
use crate::residual::settings::{Monitor, Residual, Type};
use crate::residual::supervision::Supervision;
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sums::Extremes;

/// Half the band's width in hundredths of the rated current: an interval at its edge gives the cycle an RMS of a quarter
/// of that, 0.6375, below the response of 0.65; a pulse of 135 degrees at 1.4 times the rated current gives 0.74.
const BAND: i64 = 255;

/// What the codes of the present interval beyond the band are more than they are when cut.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beyond {
    pub(crate) sum: i32,
    pub(crate) square: i64,
    /// Some lie as far from the band's middle as ten times the rated current.
    pub(crate) high: bool,
}

impl Beyond {
    #[inline(never)]
    fn add(&mut self, code: i32, cut: i32) {
        self.sum += code - cut;
        self.square += i64::from(code) * i64::from(code) - i64::from(cut) * i64::from(cut);
    }
}

/// Sums of an interval, codes counting from the middle of the range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub(crate) sum: i32,
    /// By how much that is more than the sum of the codes cut to the band.
    pub(crate) excess: i32,
    /// Of the codes as they are.
    pub(crate) whole_square: i64,
    pub(crate) frames: u32,
    pub(crate) high: bool,
}

/// The first and the last code of a band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Band {
    pub(crate) low: i32,
    pub(crate) high: i32,
}

impl Band {
    /// Whether codes between these lie within.
    #[inline(always)]
    pub(crate) fn holds(self, extremes: Extremes) -> bool {
        extremes.low >= self.low && extremes.high <= self.high
    }
}

/// What a channel's codes are, for the set-up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    pub(crate) bits: u32,
    /// Ampere of one, without its sign.
    pub(crate) per_code: Scaled,
    /// Code of the middle of the range.
    pub(crate) middle: i32,
    /// Level of no current.
    pub(crate) zero: i32,
    /// Frames per second, Q32.
    pub(crate) rate: u64,
}

/// Responses as squares.
#[derive(Clone, Copy, Debug)]
struct Limits {
    alarm: Limit,
    alarm_release: Limit,
    pre_warning: Limit,
    pre_warning_release: Limit,
    /// What a test current must reach: the rated current.
    test: Limit,
}

/// Decides. Codes count from the middle of the range.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    limits: Limits,
    alarm: Response,
    pre_warning: Response,
    supervision: Supervision,
    /// Middle of the band, in codes with [`mean_bits`] bits behind the point, and half the band's width in codes.
    middle: i32,
    half: i32,
    /// Square of 0.75 times the rated current, codes²: an interval with more shows a current by itself.
    flows: u64,
    /// Distance from the band's middle that means ten times the rated current, and the intervals since one reached it.
    high: i32,
    since_high: u8,
    /// The middle follows the mean within a cycle: a 2^-this part of an interval's sum is taken over.
    inertia: u8,
    /// Intervals of the present cycle that were looked at for the sensor's noise.
    quiet: u8,
    /// Whether that is looked at.
    wants_noise: bool,
    /// Square of the sensor's least noise in codes².
    least_noise: Scaled,
    /// Squares of the codes in the intervals that were looked at.
    quiet_square: i64,
    clip: (i32, i32),
    /// Frames until something is decided.
    wait: u32,
    /// No interval needs a closer look as long as the current is small.
    calm: bool,
    before: State,
    outcome: Option<bool>,
}

impl Watch {
    #[inline(never)]
    pub(crate) fn new<S: Sample>(residual: &Residual, monitor: &Monitor, codes: &Codes, clock: &Clock) -> Self {
        let &Codes { bits, per_code, middle, zero, rate } = codes;
        let ampere = |ampere: Ampere| Scaled::new((ampere.to_bits() >> 1) as i64, -31);
        let rated = ampere(monitor.rated).over(per_code);
        let response = match monitor.detects {
            Type::Ac => part(rated, 75),
            Type::A => part(rated, 65),
        };
        let square = |value: Scaled| value.times(value);
        let limit = |value: Scaled| Limit::new(value, bits);
        let pre = part(response, monitor.pre_warning_percent.into());
        let release = 100 - i64::from(monitor.hysteresis_percent);
        let (low, high) = residual.channel.clip::<S>(bits);
        // What a sensor shows of ten times the rated current: its range, if that is less.
        let most = part(Scaled::new(1 << (bits - 1), 0), 95);
        Self {
            limits: Limits {
                alarm: limit(response),
                alarm_release: limit(part(response, release)),
                pre_warning: limit(pre),
                pre_warning_release: limit(part(pre, release)),
                test: limit(rated),
            },
            alarm: Response::new(Delays::of_alarm(monitor, rate)),
            pre_warning: Response::new(Delays::of_pre_warning(monitor, rate)),
            supervision: Supervision::new(rate),
            middle: (zero >> const { fraction::<S>() }) << const { mean_bits::<S>() },
            half: whole(part(rated, BAND)),
            flows: square(part(rated, 75)).to_unsigned_bits(0),
            high: whole(part(rated, 1_000)).min(whole(most)),
            since_high: u8::MAX,
            inertia: clock.cycle().ilog2() as u8,
            quiet: 0,
            wants_noise: monitor.least_noise > 0,
            least_noise: square(ampere(monitor.least_noise).over(per_code)),
            quiet_square: 0,
            clip: (low - middle, high - middle),
            wait: frames(rate, monitor.start_up_delay_ms).max(clock.cycle()),
            calm: false,
            before: State::empty(),
            outcome: None,
        }
    }

    pub(crate) fn state(&self) -> State {
        let mut state = State::empty();
        state.set(State::PRE_WARNING, self.pre_warning.is_on());
        state.set(State::ALARM, self.alarm.is_on());
        state.set(State::SENSOR_SILENT, self.supervision.is_silent());
        state.set(State::SENSOR_SATURATED, self.supervision.is_saturated());
        state.set(State::SELF_TEST, self.supervision.is_testing());
        state
    }

    pub(crate) fn begin_test(&mut self) -> bool {
        let can = !self.alarm.is_on() && !self.supervision.is_testing() && self.wait == 0;
        if can {
            self.calm = false;
            self.alarm.restart();
            self.pre_warning.restart();
            self.supervision.begin();
        }
        can
    }

    pub(crate) fn reset(&mut self) {
        self.alarm.reset();
        self.pre_warning.reset();
        // The caller knows: no notice. When they come again, there is one.
        self.before.remove(State::ALARM | State::PRE_WARNING);
    }

    /// Frames were lost: nothing is decided before a whole cycle has come.
    pub(crate) fn restart(&mut self, clock: &Clock) {
        self.alarm.restart();
        self.pre_warning.restart();
        self.look_anew();
        self.wait = self.wait.max(clock.cycle());
        self.calm = false;
    }

    /// Looks for the sensor's noise in the intervals from here on.
    fn look_anew(&mut self) {
        (self.quiet, self.quiet_square) = (0, 0);
    }

    /// Whether no interval needs a closer look as long as the current is small.
    pub(crate) fn is_calm(&self) -> bool {
        self.calm
    }

    /// The band where codes count from `zero`.
    pub(crate) fn band<S: Sample>(&self, zero: i32) -> Band {
        let middle = (self.middle >> const { mean_bits::<S>() }) + zero;
        Band { low: middle - self.half, high: middle + self.half }
    }

    /// From which sum of squares over a cycle on each interval is worth a look: from any, unless nothing is on.
    pub(crate) fn alert(&self, ring: &Ring, clock: &Clock) -> u64 {
        if self.calm { ring.least(self.limits.pre_warning, clock.cycle() - 1) } else { 0 }
    }

    /// Notes what the codes lose when cut to the band; the middle of their range is `zero`.
    pub(crate) fn cut<S: Sample>(&self, codes: &[S], zero: i32, beyond: &mut Beyond) {
        let Band { low, high } = self.band::<S>(0);
        let middle = low + self.half;
        for &code in codes {
            let code = S::saturate(code.into()).into() - zero;
            beyond.add(code, code.max(low).min(high));
            beyond.high |= (code - middle).unsigned_abs() >= self.high as u32;
        }
    }

    /// An interval has ended. Returns whether something changed.
    pub(crate) fn interval<S: Sample>(&mut self, interval: &Interval, ring: &Ring, baseline: &Baseline) -> bool {
        self.since_high = if interval.high { 0 } else { self.since_high.saturating_add(1) };
        // An interval's sum takes 31 bits with those behind the point.
        let sum = (interval.sum - interval.excess) << const { mean_bits::<S>() };
        self.middle += (sum - self.middle * interval.frames as i32) >> self.inertia;
        self.wait = self.wait.saturating_sub(interval.frames);
        let changed = self.wait == 0 && self.decide::<S>(interval, ring, baseline);
        self.calm = self.wait == 0
            && self.alarm.is_off()
            && self.pre_warning.is_off()
            && !self.supervision.is_testing()
            && !self.wants_noise;
        if self.calm {
            // The next intervals are not shown.
            self.since_high = u8::MAX;
        }
        changed
    }

    fn decide<S: Sample>(&mut self, interval: &Interval, ring: &Ring, baseline: &Baseline) -> bool {
        let frames = interval.frames;
        let Limits { alarm, alarm_release, pre_warning, pre_warning_release, test } = self.limits;
        if self.wants_noise {
            self.quiet += 1;
            self.quiet_square += interval.whole_square;
        }
        let spread = ring.spread();
        if self.supervision.is_testing() {
            let (seen, gone) = (spread.reaches(test), !spread.reaches(pre_warning_release));
            self.outcome = self.supervision.test(frames, seen, gone);
            return self.outcome.is_some() || !self.supervision.is_testing();
        }
        let reached = spread.reaches(pre_warning);
        let below = !reached && !spread.reaches(pre_warning_release);
        let seen = Seen { reached, below, flows: true, high: false, frames };
        let warns = self.pre_warning.interval(seen);
        // The alarm's response is not below that of the pre-warning.
        let reached = reached && spread.reaches(alarm);
        let seen = Seen {
            reached,
            below: below || !spread.reaches(alarm_release),
            flows: self.alarm.waits() && self.flows(interval, baseline.shift::<S>(ring.begun()) >> fraction::<S>()),
            high: usize::from(self.since_high) < INTERVALS,
            frames,
        };
        self.alarm.interval(seen) | warns
    }

    /// Whether the codes of an interval by themselves show more than 0.75 times the rated current; `shift`: by how many
    /// codes they lie beside the current in a transformer's primary.
    fn flows(&self, interval: &Interval, shift: i32) -> bool {
        let shift = i64::from(shift);
        let frames = i64::from(interval.frames);
        // Codes below 2²⁴, shifts below 2²⁷: products below 2⁶².
        // Not the cut ones: what a transformer still owes of a high current lies beyond the band.
        let square = interval.whole_square + shift * (2 * i64::from(interval.sum) + frames * shift);
        square >= self.flows as i64 * frames
    }

    /// A cycle has ended. Returns whether something changed.
    pub(crate) fn cycle<S: Sample>(&mut self, whole: &Whole, ring: &Ring) -> bool {
        let &Whole { sum, excess, frames } = whole;
        if self.calm {
            // The band follows the mean interval by interval only while it may matter. That of the cut codes: a surge
            // must not carry the band away from what flows after it.
            self.middle = ring::mean::<S>(sum - excess, frames);
        }
        let reaches = |clip: i32| i64::from(clip) * i64::from(frames as i32);
        let end = if sum >= reaches(self.clip.1) { Some(true) } else { (sum <= reaches(self.clip.0)).then_some(false) };
        let changed = self.wait == 0 && self.supervision.ends(end);
        if self.quiet > 0 { self.noise(ring) | changed } else { changed }
    }

    /// A cycle has ended, of which the last intervals were looked at for the sensor's noise. Returns whether something
    /// changed.
    #[cold]
    #[inline(never)]
    fn noise(&mut self, ring: &Ring) -> bool {
        let Whole { sum, frames, .. } = ring.last(self.quiet.into());
        let quiet = Quiet { sum, square: self.quiet_square, frames };
        self.look_anew();
        let frames = i64::from(frames);
        let least = self.least_noise.times(Scaled::new(frames * frames, 0));
        self.supervision.noise(!quiet.spread().at_least(least))
    }

    /// What changed since the last time, one after the other.
    pub(crate) fn change(&mut self) -> Option<Change> {
        let now = self.state();
        let mut told = |flag| {
            let differs = (self.before ^ now).contains(flag);
            self.before.set(flag, now.contains(flag));
            differs
        };
        if told(State::SENSOR_SILENT) {
            Some(Change::SensorSilent(now.contains(State::SENSOR_SILENT)))
        } else if told(State::SENSOR_SATURATED) {
            Some(Change::SensorSaturated(now.contains(State::SENSOR_SATURATED)))
        } else if told(State::PRE_WARNING) {
            Some(Change::PreWarning(now.contains(State::PRE_WARNING)))
        } else if told(State::ALARM) {
            Some(Change::Alarm(now.contains(State::ALARM)))
        } else {
            self.outcome.take().map(Change::SelfTest)
        }
    }
}

/// Whole codes of a current.
#[inline(never)]
fn whole(value: Scaled) -> i32 {
    value.to_bits(0).clamp(1, 1 << 24) as i32
}

/// So many hundredths of a value.
#[inline(never)]
fn part(of: Scaled, hundredths: i64) -> Scaled {
    of.times(Scaled::new(hundredths, 0).over(Scaled::new(100, 0)))
}
