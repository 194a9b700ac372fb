//! The decision: which interval brings pre-warning and alarm, and whether the sensor is there.
//!
//! In come the sums of each interval, out go changes of state. This file must not know how a reading is made.

use crate::config::Config;
use crate::quantity::Ampere;
use crate::residual::alarm::{Delays, Response, Seen, frames};
use crate::residual::clock::{Clock, INTERVALS};
use crate::residual::reading::{Change, State};
use crate::residual::settings::Type;
use crate::residual::sliding::{self, Limit, Sliding};
use crate::residual::supervision::Supervision;
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::sums::Extremes;

/// Of the difference between an interval's mean and the middle of the band a 2⁻⁴ᵗʰ part is taken over: a cycle.
const MIDDLE: u32 = 4;

/// Sums of an interval; cut: of codes cut to the band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub(crate) sum: i64,
    pub(crate) square: i64,
    pub(crate) cut_sum: i64,
    cut_square: i64,
    extremes: Extremes,
    pub(crate) frames: u32,
}

impl Default for Interval {
    fn default() -> Self {
        Self { sum: 0, square: 0, cut_sum: 0, cut_square: 0, extremes: Extremes::NONE, frames: 0 }
    }
}

impl Interval {
    pub(crate) fn add(&mut self, (sum, square): (i64, i64), cut: Option<(i64, i64)>, extremes: Extremes, frames: u32) {
        let (cut_sum, cut_square) = cut.unwrap_or((sum, square));
        self.sum += sum;
        self.square += square;
        self.cut_sum += cut_sum;
        self.cut_square += cut_square;
        self.extremes.add(extremes);
        self.frames += frames;
    }

    /// Whether some code lay beyond the band.
    pub(crate) fn is_cut(&self) -> bool {
        self.sum != self.cut_sum
    }
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
    sliding: Sliding,
    limits: Limits,
    alarm: Response,
    pre_warning: Response,
    supervision: Supervision,
    /// Middle of the range: what codes are cut at counts from zero.
    zero: i32,
    /// Middle of the band as a level, and half its width in codes.
    middle: i32,
    half: i32,
    fraction: u32,
    /// Square of 0.75 times the rated current, codes²: an interval with more shows a current by itself.
    flows: u64,
    /// Distance from the band's middle that means ten times the rated current, and the intervals since one reached it.
    high: i32,
    since_high: u8,
    /// Square of the sensor's least noise, in codes² with 16 bits behind the point; 0: not looked at.
    least_noise: Scaled,
    quiet: Quiet,
    clip: (i32, i32),
    /// Frames until something is decided.
    wait: u32,
    before: State,
    outcome: Option<bool>,
}

/// Sums of a cycle, for the noise.
#[derive(Clone, Copy, Debug, Default)]
struct Quiet {
    sum: i64,
    square: i64,
    frames: u32,
}

impl Watch {
    /// `None` without a monitor. `zero`: level of no current; `middle`: code of the middle of the range.
    pub(crate) fn new<S: Sample, const N: usize>(
        config: &Config<S, N>,
        clock: &Clock,
        middle: i32,
        fraction: u32,
        zero: i32,
    ) -> Option<Self> {
        let settings = config.settings();
        let residual = settings.residual?;
        let monitor = residual.monitor?;
        let (rate, bits) = (config.rate(), settings.code_bits);
        let per_code = residual.channel.per_code(bits).magnitude();
        let ampere = |ampere: Ampere| Scaled::new((ampere.to_bits() >> 1) as i64, -31);
        let rated = ampere(monitor.rated).over(per_code);
        let hundredths = |value: i64| Scaled::new(value, 0).over(Scaled::new(100, 0));
        // The longest interval is that of 40 Hz, the lowest frequency the clock takes.
        let shift = sliding::shift(bits, ((rate >> 32) / (40 * INTERVALS as u64)) as u32 + 2);
        let response = rated.times(hundredths(match monitor.detects {
            Type::Ac => 75,
            Type::A => 65,
        }));
        let square = |value: Scaled| value.times(value);
        let limit = |value: Scaled| Limit::new(square(value), shift);
        let pre = response.times(hundredths(i64::from(monitor.pre_warning_percent)));
        let release = hundredths(100 - i64::from(monitor.hysteresis_percent));
        let whole = |value: Scaled| value.to_bits(0).min(1 << 24).max(1) as i32;
        let (low, high) = residual.channel.clip::<S>(bits);
        // What a sensor shows of ten times the rated current: its range, if that is less.
        let most = Scaled::new(1 << (bits - 1), 0).times(hundredths(95));
        let ten = rated.times(Scaled::new(10, 0));
        Some(Self {
            sliding: Sliding::new(shift),
            limits: Limits {
                alarm: limit(response),
                alarm_release: limit(response.times(release)),
                pre_warning: limit(pre),
                pre_warning_release: limit(pre.times(release)),
                test: limit(rated),
            },
            alarm: Response::new(Delays::of_alarm(&monitor, rate)),
            pre_warning: Response::new(Delays::of_pre_warning(&monitor, rate)),
            supervision: Supervision::new(rate),
            zero: middle,
            middle: zero,
            half: whole(rated.times(hundredths(250))),
            fraction,
            flows: square(rated.times(hundredths(75))).to_unsigned_bits(0),
            high: whole(if ten.at_least(most) { most } else { ten }),
            since_high: u8::MAX,
            least_noise: square(ampere(monitor.least_noise).over(per_code)),
            quiet: Quiet::default(),
            clip: (low - middle, high - middle),
            wait: frames(rate, monitor.start_up_delay_ms).max(clock.cycle()),
            before: State::empty(),
            outcome: None,
        })
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
            self.supervision.begin();
        }
        can
    }

    pub(crate) fn reset(&mut self) {
        self.alarm.reset();
        self.pre_warning.reset();
    }

    /// Frames were lost: nothing is decided before a whole cycle has come.
    pub(crate) fn restart(&mut self, clock: &Clock) {
        self.sliding.clear();
        self.alarm.restart();
        self.pre_warning.restart();
        self.quiet = Quiet::default();
        self.wait = self.wait.max(clock.cycle());
    }

    /// Ends of the band, in codes from the middle of the range.
    fn band(&self) -> (i32, i32) {
        let middle = self.middle >> self.fraction;
        (middle - self.half, middle + self.half)
    }

    /// Sum and square of the codes cut to the band, counted from the middle of the range; `None` where none lies beyond.
    #[inline]
    pub(crate) fn cut<S: Sample>(&self, codes: &[S], extremes: Extremes) -> Option<(i64, i64)> {
        let (low, high) = self.band();
        if extremes.low - self.zero >= low && extremes.high - self.zero <= high {
            return None;
        }
        Some(self.cut_sums(codes, low, high))
    }

    /// A large current flows: rare, so a pass of its own.
    #[cold]
    fn cut_sums<S: Sample>(&self, codes: &[S], low: i32, high: i32) -> (i64, i64) {
        codes.iter().fold((0, 0), |(sum, square), &code| {
            let code = i64::from((code.into() - self.zero).max(low).min(high));
            (sum + code, square + code * code)
        })
    }

    /// An interval has ended. `mean`: of its cut codes, as a level; `shift`: by how much its codes lie beside the current
    /// that flowed in a transformer's primary. Returns whether something changed.
    pub(crate) fn interval(&mut self, interval: &Interval, mean: i32, shift: i32) -> bool {
        let frames = interval.frames;
        self.sliding.push(interval.cut_sum as i32, interval.cut_square as u64, frames);
        let (low, high) = (interval.extremes.low - self.zero, interval.extremes.high - self.zero);
        let middle = self.middle >> self.fraction;
        let is_high = high - middle >= self.high || middle - low >= self.high;
        self.since_high = if is_high { 0 } else { self.since_high.saturating_add(1) };
        self.middle += mean.saturating_sub(self.middle) >> MIDDLE;
        self.quiet.sum += interval.sum;
        self.quiet.square += interval.square;
        self.quiet.frames += frames;
        let end = if low >= self.clip.1 { Some(true) } else { (high <= self.clip.0).then_some(false) };
        let saturates = self.supervision.interval(end).is_some();
        if self.wait > 0 {
            self.wait = self.wait.saturating_sub(frames);
            return saturates;
        }
        self.decide(interval, shift) | saturates
    }

    fn decide(&mut self, interval: &Interval, shift: i32) -> bool {
        let frames = interval.frames;
        let Limits { alarm, alarm_release, pre_warning, pre_warning_release, test } = self.limits;
        if self.supervision.is_testing() {
            let (seen, gone) = (self.sliding.reaches(test), !self.sliding.reaches(pre_warning_release));
            self.outcome = self.supervision.test(frames, seen, gone);
            return self.outcome.is_some() || !self.supervision.is_testing();
        }
        let reached = self.sliding.reaches(pre_warning);
        let below = !reached && !self.sliding.reaches(pre_warning_release);
        let seen = Seen { reached, below, flows: true, high: false, frames };
        let warns = self.pre_warning.interval(seen).is_some();
        // The alarm's response is not below that of the pre-warning.
        let reached = reached && self.sliding.reaches(alarm);
        let seen = Seen {
            reached,
            below: below || !self.sliding.reaches(alarm_release),
            flows: self.alarm.waits() && self.flows(interval, shift),
            high: usize::from(self.since_high) <= INTERVALS + INTERVALS / 2,
            frames,
        };
        self.alarm.interval(seen).is_some() | warns
    }

    /// Whether the codes of an interval by themselves show more than 0.75 times the rated current.
    fn flows(&self, interval: &Interval, shift: i32) -> bool {
        let shift = i64::from(shift >> self.fraction);
        let frames = i64::from(interval.frames);
        // Codes below 2²⁴, shifts below 2²⁷: products below 2⁶².
        // Not the cut ones: what a transformer still owes of a high current lies beyond the band.
        let square = interval.square + shift * (2 * interval.sum + frames * shift);
        square >= self.flows as i64 * frames
    }

    /// A cycle has ended. Returns whether something changed.
    pub(crate) fn cycle(&mut self) -> bool {
        let Quiet { sum, square, frames } = core::mem::take(&mut self.quiet);
        if self.least_noise.is_zero() {
            return false;
        }
        let frames = i128::from(frames);
        let spread = Scaled::wide(frames * i128::from(square) - i128::from(sum) * i128::from(sum), 0);
        let frames = Scaled::wide(frames * frames, 0);
        self.supervision.cycle(!spread.at_least(self.least_noise.times(frames))).is_some()
    }

    /// What changed since the last time.
    pub(crate) fn changes(&mut self) -> impl Iterator<Item = Change> + use<> {
        let now = self.state();
        let differs = core::mem::replace(&mut self.before, now) ^ now;
        let change = move |flag: State, of: fn(bool) -> Change| differs.contains(flag).then(|| of(now.contains(flag)));
        [
            change(State::SENSOR_SILENT, Change::SensorSilent),
            change(State::SENSOR_SATURATED, Change::SensorSaturated),
            change(State::PRE_WARNING, Change::PreWarning),
            change(State::ALARM, Change::Alarm),
            self.outcome.take().map(Change::SelfTest),
        ]
        .into_iter()
        .flatten()
    }
}
