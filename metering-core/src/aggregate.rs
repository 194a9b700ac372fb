//! Values over 150/180 cycles and 10 minutes, and the frequency over 10 s (IEC 61000-4-30).
//!
//! In come the readings of the 10/12-cycle windows, one after the other; out go aggregates: magnitudes as the root of the
//! mean of the squares of the window's values, powers and frequency as their arithmetic mean, each window counting the
//! same, as the norm asks. Sums are exact integers over any interval, so nothing drifts and the order does not matter; the
//! only rounding is that of the final quotient and root (10⁻⁹ of the value). This file must not know samples.
//!
//! **Intervals.** 150/180 cycles are 15 windows, one after the other. Time is counted in frames: the ticks of 10 s and of
//! 10 minutes lie at multiples of that many seconds of the (calibrated) sampling rate, kept as fractions of a frame of
//! 2⁻³², so they do not drift either. A window belongs to the interval in which it begins: the first window that ends at
//! or after a tick is the last of its interval, as the norm has it for the window that overlaps the 10-minute tick.
//! Windows are not started anew at a tick (the norm asks that of class A only), and the count of 15 runs through it.
//!
//! **Frequency over 10 s.** The norm divides a whole number of cycles by their duration. Here it is the sum of the cycles
//! of the interval's windows over the sum of their lengths: 490 to 840 cycles and 10 s, begin and end up to one window
//! (0.2 s) behind the tick instead of within a cycle of it. A phase error of the lock enters only with the difference
//! between the two ends of the interval. Windows of unknown cycles (not locked, no voltage) count neither their cycles nor
//! their length.
//!
//! Runs once per window: about 100 additions and multiplications per current; nothing per sample.

use crate::quantity::{Ampere, Hertz, Power, SampleRate, Volt};
use crate::reading::{Flags, Reading};
use crate::scaled::Scaled;

/// Windows of a 150/180-cycle interval.
const WINDOWS: u32 = 15;
/// Magnitudes above this (2²⁴ V or A, Q32) are taken as this: no range is larger, and 32 767 squares of it still fit a
/// sum. A 10-minute interval has about 3 000 windows.
const MOST: u64 = 1 << 56;

/// Powers of one current channel over one window, or their means over an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    /// Active power in watt, ±5.5·10¹¹ in steps of 60 nW.
    pub active: Power,
    /// Reactive power in var, of whatever definition the windows have; same format.
    pub reactive: Power,
    /// Apparent power in volt-ampere; same format.
    pub apparent: Power,
}

/// What a window gives to its intervals. A quantity that is `None` does not count in the mean of that quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<const CURRENTS: usize> {
    /// Frames from the first sample of the stream to the end of this window, lost ones included.
    pub end_frame: u64,
    /// Length of the window in samples, in steps of 2⁻¹⁶ sample.
    pub length_q16: u64,
    /// Mains cycles in the window (10 or 12); 0 where that is not known because it was not locked: the window does not
    /// count for the frequency over 10 s then.
    pub cycles: u8,
    /// The window must not be judged: it saw a dip, a swell or an interruption, was not locked, lost samples.
    pub flagged: bool,
    /// Mains frequency in hertz.
    pub frequency: Option<Hertz>,
    /// RMS of the voltage in volt, up to 1.6·10⁷.
    pub voltage: Option<Volt>,
    /// RMS of each current in ampere, up to 1.6·10⁷.
    pub currents: [Option<Ampere>; CURRENTS],
    /// Powers of each current against the voltage.
    pub powers: [Option<Powers>; CURRENTS],
}

/// Values over several windows. A quantity is `None` where no window had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate<const CURRENTS: usize> {
    /// Frames from the first sample of the stream to the end of the last window.
    pub end_frame: u64,
    /// The windows' lengths together in samples, in steps of 2⁻¹⁶ sample.
    pub length_q16: u64,
    /// How many windows went in.
    pub windows: u32,
    /// One of the windows was flagged.
    pub flagged: bool,
    /// Mean of the windows' frequencies in hertz.
    pub frequency: Option<Hertz>,
    /// Voltage in volt, RMS of the windows' RMS.
    pub voltage: Option<Volt>,
    /// Currents in ampere, RMS of the windows' RMS.
    pub currents: [Option<Ampere>; CURRENTS],
    /// Means of the windows' powers.
    pub powers: [Option<Powers>; CURRENTS],
}

/// The mains frequency over 10 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenSeconds {
    /// Frames from the first sample of the stream to the end of the last window.
    pub end_frame: u64,
    /// Cycles that were counted.
    pub cycles: u32,
    /// Their duration in samples, in steps of 2⁻¹⁶ sample.
    pub length_q16: u64,
    /// One of the windows was flagged.
    pub flagged: bool,
    /// Cycles over duration in hertz, 0 to 256 Hz in steps of 0.06 µHz, right to 3·10⁻⁹ of itself and to the sample
    /// clock. `None` where no cycle could be counted.
    pub frequency: Option<Hertz>,
}

/// What ended with a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<const CURRENTS: usize> {
    /// The 150/180-cycle interval that ended.
    pub cycles: Option<Aggregate<CURRENTS>>,
    /// The 10 s interval that ended.
    pub ten_seconds: Option<TenSeconds>,
    /// The 10-minute interval that ended.
    pub ten_minutes: Option<Aggregate<CURRENTS>>,
}

/// Gathers windows into 150/180 cycles, 10 s and 10 minutes.
///
/// RAM: 0.4 kB and 0.26 kB per current.
#[derive(Clone, Debug)]
pub struct Aggregator<const CURRENTS: usize> {
    /// Frames per second, Q32.
    rate: u64,
    cycles: Sums<CURRENTS>,
    ten_minutes: Sums<CURRENTS>,
    ten_seconds: Count,
    second_ticks: Ticks,
    minute_ticks: Ticks,
}

impl<const CURRENTS: usize> Aggregator<CURRENTS> {
    /// An aggregator that has seen no window; ticks count from frame 0. `rate` is the sampling rate as calibrated.
    pub const fn new(rate: SampleRate) -> Self {
        let rate = rate.to_bits();
        Self {
            rate,
            cycles: Sums::new(),
            ten_minutes: Sums::new(),
            ten_seconds: Count { cycles: 0, length: 0, flagged: false },
            second_ticks: Ticks::new(rate, 10),
            minute_ticks: Ticks::new(rate, 600),
        }
    }

    /// Says that a 10-minute tick of the clock (and so a 10 s tick) lies `frames` after the last window's end
    /// `end_frame`, or at it. The intervals that run end there, however short they are.
    pub const fn align(&mut self, end_frame: u64, frames: u64) {
        let due = (end_frame.saturating_add(frames) as u128) << 32;
        self.minute_ticks.next = due;
        self.second_ticks.next = due;
        // As many 10 s ticks as lie between the two come before it.
        let early = (frames as u128) << 32;
        if let Some(spans) = early.saturating_sub(1).checked_div(self.second_ticks.span) {
            self.second_ticks.next = due.saturating_sub(self.second_ticks.span.saturating_mul(spans));
        }
    }

    /// Takes a reading of the meter, see [`Aggregator::push`]. Reactive is the fundamental Q1.
    pub fn reading(&mut self, reading: &Reading<CURRENTS>) -> Ended<CURRENTS> {
        let locked = !reading.flags.intersects(Flags::SETTLING | Flags::NO_VOLTAGE | Flags::GAP);
        let cycles = reading.frequency.filter(|_| locked).map_or(0, |frequency| {
            let frames = Scaled::new(reading.length_q16 as i64, -16);
            let turns = Scaled::new(i64::from(frequency.to_bits()), -24).times(frames);
            turns.over(Scaled::new(self.rate as i64, -32)).to_bits(0).clamp(0, 12) as u8
        });
        let mut window = Window {
            end_frame: reading.end_frame,
            length_q16: reading.length_q16,
            cycles,
            flagged: !locked || reading.flags.contains(Flags::EVENT),
            frequency: reading.frequency,
            voltage: reading.voltage.map(|voltage| voltage.rms),
            currents: reading.currents.map(|current| current.map(|current| current.rms)),
            powers: [None; CURRENTS],
        };
        for (channel, powers) in window.powers.iter_mut().enumerate() {
            let power = reading.currents.get(channel).copied().flatten().and_then(|current| current.power);
            *powers = power.zip(reading.derived(channel)).map(|(power, derived)| Powers {
                active: power.active,
                reactive: power.reactive,
                apparent: derived.apparent,
            });
        }
        self.push(&window)
    }

    /// Takes the next window; gives what ended with it. About 100 additions and multiplications per current, and as many
    /// roots and quotients as there are quantities where an interval ends.
    pub fn push(&mut self, window: &Window<CURRENTS>) -> Ended<CURRENTS> {
        self.cycles.add(window);
        self.ten_minutes.add(window);
        self.ten_seconds.add(window.cycles, window.length_q16, window.flagged);
        let end = window.end_frame;
        let mut ended = Ended { cycles: None, ten_seconds: None, ten_minutes: None };
        if self.cycles.windows >= WINDOWS {
            ended.cycles = Some(core::mem::replace(&mut self.cycles, Sums::new()).finish(end));
        }
        if self.second_ticks.passed(end) {
            ended.ten_seconds = Some(core::mem::take(&mut self.ten_seconds).finish(end, self.rate));
        }
        if self.minute_ticks.passed(end) {
            ended.ten_minutes = Some(core::mem::replace(&mut self.ten_minutes, Sums::new()).finish(end));
        }
        ended
    }
}

/// Ticks of the clock in frames, Q32.
#[derive(Clone, Copy, Debug)]
struct Ticks {
    next: u128,
    span: u128,
}

impl Ticks {
    const fn new(rate: u64, seconds: u32) -> Self {
        let span = rate as u128 * seconds as u128;
        Self { next: span, span }
    }

    /// Whether the next tick lies at or before this frame; the one after it is next then.
    fn passed(&mut self, frame: u64) -> bool {
        let frame = u128::from(frame) << 32;
        let Some(late) = frame.checked_sub(self.next) else { return false };
        // After lost samples several ticks may have passed: they ended one interval, not several.
        let spans = if late < self.span { 1 } else { late.checked_div(self.span).unwrap_or(0) + 1 };
        self.next = self.next.saturating_add(self.span.saturating_mul(spans));
        true
    }
}

/// Cycles and their duration.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    cycles: u32,
    length: u64,
    flagged: bool,
}

impl Count {
    fn add(&mut self, cycles: u8, length: u64, flagged: bool) {
        self.flagged |= flagged;
        if cycles > 0 {
            self.cycles = self.cycles.saturating_add(u32::from(cycles));
            self.length = self.length.saturating_add(length);
        }
    }

    fn finish(self, end_frame: u64, rate: u64) -> TenSeconds {
        // cycles·rate·2¹⁶/length: 32 + 64 bits.
        let turned = Scaled::wide(i128::from(self.cycles) * i128::from(rate), -32);
        let hertz = turned.over(Scaled::wide(i128::from(self.length), -16));
        TenSeconds {
            end_frame,
            cycles: self.cycles,
            length_q16: self.length,
            flagged: self.flagged,
            frequency: (self.cycles > 0 && self.length > 0).then(|| to_hertz(hertz)),
        }
    }
}

fn to_hertz(hertz: Scaled) -> Hertz {
    Hertz::from_bits(hertz.to_unsigned_bits(24).min(u64::from(u32::MAX)) as u32)
}

/// Sum of values or squares, and how many.
#[derive(Clone, Copy, Debug)]
struct Sum {
    total: i128,
    count: u32,
}

impl Sum {
    const NONE: Self = Self { total: 0, count: 0 };

    fn add(&mut self, value: Option<i128>) {
        if let Some(value) = value {
            self.total = self.total.saturating_add(value);
            self.count = self.count.saturating_add(1);
        }
    }

    fn add_square(&mut self, bits: Option<u64>) {
        self.add(bits.map(|bits| i128::from(bits.min(MOST)).pow(2)));
    }

    /// The mean in the values' own units.
    fn mean(&self) -> Option<Scaled> {
        (self.count > 0).then(|| Scaled::wide(self.total, 0).over(Scaled::new(i64::from(self.count), 0)))
    }

    fn root_mean(&self) -> Option<u64> {
        self.mean().map(|mean| mean.root().to_unsigned_bits(0))
    }

    fn power(&self) -> Option<Power> {
        self.mean().map(|mean| Power::from_bits(mean.to_bits(0)))
    }
}

/// Sums of one current.
#[derive(Clone, Copy, Debug)]
struct Current {
    square: Sum,
    active: Sum,
    reactive: Sum,
    apparent: Sum,
}

/// Sums of an interval.
#[derive(Clone, Debug)]
struct Sums<const N: usize> {
    windows: u32,
    length: u64,
    flagged: bool,
    frequency: Sum,
    voltage: Sum,
    currents: [Current; N],
}

impl<const N: usize> Sums<N> {
    const fn new() -> Self {
        const NONE: Current =
            Current { square: Sum::NONE, active: Sum::NONE, reactive: Sum::NONE, apparent: Sum::NONE };
        Self { windows: 0, length: 0, flagged: false, frequency: Sum::NONE, voltage: Sum::NONE, currents: [NONE; N] }
    }

    fn add(&mut self, window: &Window<N>) {
        self.windows = self.windows.saturating_add(1);
        self.length = self.length.saturating_add(window.length_q16);
        self.flagged |= window.flagged;
        self.frequency.add(window.frequency.map(|hertz| i128::from(hertz.to_bits())));
        self.voltage.add_square(window.voltage.map(Volt::to_bits));
        for ((sums, current), powers) in self.currents.iter_mut().zip(&window.currents).zip(&window.powers) {
            sums.square.add_square(current.map(Ampere::to_bits));
            let power = |of: fn(&Powers) -> Power| powers.as_ref().map(|powers| i128::from(of(powers).to_bits()));
            sums.active.add(power(|powers| powers.active));
            sums.reactive.add(power(|powers| powers.reactive));
            sums.apparent.add(power(|powers| powers.apparent));
        }
    }

    fn finish(&self, end_frame: u64) -> Aggregate<N> {
        let mut out = Aggregate {
            end_frame,
            length_q16: self.length,
            windows: self.windows,
            flagged: self.flagged,
            frequency: self.frequency.mean().map(|mean| to_hertz(mean.times(Scaled::new(1, -24)))),
            voltage: self.voltage.root_mean().map(Volt::from_bits),
            currents: [None; N],
            powers: [None; N],
        };
        for ((sums, current), powers) in self.currents.iter().zip(&mut out.currents).zip(&mut out.powers) {
            *current = sums.square.root_mean().map(Ampere::from_bits);
            let (active, reactive, apparent) = (sums.active.power(), sums.reactive.power(), sums.apparent.power());
            *powers = active.zip(reactive).zip(apparent).map(|((active, reactive), apparent)| Powers {
                active,
                reactive,
                apparent,
            });
        }
        out
    }
}
