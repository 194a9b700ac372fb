//! Dips, swells and interruptions of the voltage (IEC 61000-4-30, class A method, single phase) and overloads of the
//! currents.
//!
//! In come RMS values of one cycle, refreshed each half cycle; out go notices of what began and what ended, in a queue
//! whose overflow is counted. This file must not know how the values are measured.
//!
//! All comparisons are exact: a threshold that falls between two steps of the value's type is rounded so that the outcome
//! is that of the real number. The cost is per half cycle: two comparisons of 64 bits per watched limit.

use core::fmt;

use fixed::types::U32F32;
use heapless::Deque;

use crate::quantity::{Ampere, Volt};

/// A share in steps of 0.01 %: 0 to 655.35 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// From an integer in units of 0.01 %, 0 to 65 535: 9 000 is 90 %.
    pub const fn from_hundredths(hundredths: u16) -> Self {
        Self(hundredths)
    }

    /// As an integer in units of 0.01 %, 0 to 65 535.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// This share of an integer, rounded down, and whether that lost anything. For integers below 2⁵⁸ and up to 200 %.
    fn of(self, whole: u64) -> (u64, bool) {
        let share = u64::from(self.0);
        let rest = (whole % 10_000) * share;
        ((whole / 10_000) * share + rest / 10_000, !rest.is_multiple_of(10_000))
    }

    fn floor_of(self, whole: u64) -> u64 {
        self.of(whole).0
    }

    fn ceil_of(self, whole: u64) -> u64 {
        let (floor, inexact) = self.of(whole);
        floor + u64::from(inexact)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02} %", self.0 / 100, self.0 % 100)
    }
}

/// When a current counts as overload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overload {
    /// An RMS above this, in ampere, is overload; 1 mA to 10 MA.
    pub threshold: Ampere,
    /// How far below the threshold the RMS has to fall for the overload to end, as a share of the threshold; 0 to 50 %.
    pub hysteresis: Percent,
    /// For how many further half cycles after the first one above the threshold the RMS has to stay above it before an
    /// event begins; 0 to 65 535. One half cycle that is not above starts the count anew.
    pub delay: u16,
}

/// Limits as the user gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<const CURRENTS: usize> {
    /// Nominal voltage Udin, in volt RMS; 1 V to 1 MV. Must be in range even where all voltage events are off.
    pub nominal: Volt,
    /// Below this share of Udin a dip begins; 1 to 99.99 %. `None`: dips are not watched.
    pub dip: Option<Percent>,
    /// Above this share of Udin a swell begins; 100.01 to 200 %. `None`: swells are not watched.
    pub swell: Option<Percent>,
    /// Below this share of Udin an interruption begins; 0.01 % to below the dip threshold, or to 99.99 % where dips are
    /// not watched. `None`: interruptions are not watched.
    pub interruption: Option<Percent>,
    /// By how much of Udin the voltage has to return past a threshold for the event to end; 0 to 10 %, and not so much
    /// that a voltage of Udin does not end the event.
    pub hysteresis: Percent,
    /// Overload of each current. `None`: this current is not watched.
    pub overloads: [Option<Overload>; CURRENTS],
}

impl<const CURRENTS: usize> Settings<CURRENTS> {
    /// The usual settings for a nominal voltage: dip 90 %, swell 110 %, interruption 5 %, hysteresis 2 %, no overload.
    pub const fn new(nominal: Volt) -> Self {
        Self {
            nominal,
            dip: Some(Percent::from_hundredths(9_000)),
            swell: Some(Percent::from_hundredths(11_000)),
            interruption: Some(Percent::from_hundredths(500)),
            hysteresis: Percent::from_hundredths(200),
            overloads: [None; CURRENTS],
        }
    }
}

/// Checked limits, made into thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits<const CURRENTS: usize> {
    dip: Option<Band>,
    swell: Option<Band>,
    interruption: Option<Band>,
    overloads: [Option<Band>; CURRENTS],
}

impl<const CURRENTS: usize> Limits<CURRENTS> {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that is out of its range, its value and the range.
    pub fn new(settings: &Settings<CURRENTS>) -> Result<Self, LimitError> {
        const { assert!(CURRENTS <= 8, "there is one activity flag for each of up to 8 currents") };
        let Settings { nominal, dip, swell, interruption, hysteresis, overloads } = *settings;
        if !(1..=1_000_000).contains(&nominal) {
            return Err(LimitError::Nominal { value: nominal });
        }
        let check = |field, value: Option<Percent>, least, most| match value {
            Some(Percent(share)) if share < least || share > most => {
                Err(LimitError::Share { field, value: Percent(share), least: Percent(least), most: Percent(most) })
            }
            _ => Ok(()),
        };
        check(ShareField::Dip, dip, 100, 9_999)?;
        check(ShareField::Swell, swell, 10_001, 20_000)?;
        let below = dip.map_or(9_999, |Percent(dip)| dip.saturating_sub(1));
        check(ShareField::Interruption, interruption, 1, below)?;
        let room = |limit: Option<Percent>| limit.map_or(1_000, |Percent(share)| share.abs_diff(10_000));
        let most = room(dip).min(room(swell)).min(room(interruption)).min(1_000);
        check(ShareField::Hysteresis, Some(hysteresis), 0, most)?;

        for (channel, Overload { threshold, hysteresis, .. }) in
            (0..).zip(overloads).filter_map(|(channel, overload)| Some((channel, overload?)))
        {
            if threshold < Overload::LEAST_THRESHOLD || threshold > 10_000_000 {
                return Err(LimitError::OverloadThreshold { channel, value: threshold });
            }
            check(ShareField::OverloadHysteresis { channel }, Some(hysteresis), 0, 5_000)?;
        }
        let nominal = nominal.to_bits();
        // Checked above: no sum exceeds 100 %, no difference lies below it.
        let fall = |Percent(share): Percent| {
            Band::fall(Percent(share).ceil_of(nominal), Percent(share.saturating_add(hysteresis.0)).ceil_of(nominal))
        };
        let rise = |Percent(share): Percent| {
            let end = Percent(share.saturating_sub(hysteresis.0)).floor_of(nominal);
            Band::rise(Percent(share).floor_of(nominal), end, 0)
        };
        Ok(Self {
            dip: dip.map(fall),
            swell: swell.map(rise),
            interruption: interruption.map(fall),
            overloads: overloads.map(|overload| overload.map(Band::overload)),
        })
    }
}

impl Overload {
    const LEAST_THRESHOLD: Ampere = Ampere::from_bits((1 << 32) / 1_000);
}

/// A setting that is a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareField {
    /// [`Settings::dip`].
    Dip,
    /// [`Settings::swell`].
    Swell,
    /// [`Settings::interruption`].
    Interruption,
    /// [`Settings::hysteresis`].
    Hysteresis,
    /// [`Overload::hysteresis`].
    OverloadHysteresis {
        /// Index of the current, from 0.
        channel: u8,
    },
}

/// Why limits were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitError {
    /// The nominal voltage is outside 1 V to 1 MV.
    Nominal {
        /// What was given, in volt.
        value: Volt,
    },
    /// A share is outside its range, which may depend on other shares.
    Share {
        /// Which one.
        field: ShareField,
        /// What was given.
        value: Percent,
        /// Least that is allowed beside the other settings.
        least: Percent,
        /// Most that is allowed beside the other settings.
        most: Percent,
    },
    /// The overload threshold of a current is outside 1 mA to 10 MA.
    OverloadThreshold {
        /// Index of the current, from 0.
        channel: u8,
        /// What was given, in ampere.
        value: Ampere,
    },
}

/// A value with the millionths that are below its point: without the formatter of `fixed`, which firmware need not link.
struct Millionths(U32F32);

impl fmt::Display for Millionths {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.to_bits();
        write!(out, "{}.{:06}", bits >> 32, ((bits & 0xffff_ffff) * 1_000_000) >> 32)
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Nominal { value } => {
                write!(out, "nominal voltage is {} V, allowed are 1 to 1000000 V", Millionths(value))
            }
            Self::Share { field, value, least, most } => {
                match field {
                    ShareField::Dip => out.write_str("dip")?,
                    ShareField::Swell => out.write_str("swell")?,
                    ShareField::Interruption => out.write_str("interruption")?,
                    ShareField::Hysteresis => out.write_str("hysteresis")?,
                    ShareField::OverloadHysteresis { channel } => write!(out, "hysteresis of overload {channel}")?,
                }
                write!(out, " is {value}, allowed are {least} to {most}")
            }
            Self::OverloadThreshold { channel, value } => {
                let value = Millionths(value);
                write!(out, "threshold of overload {channel} is {value} A, allowed are 0.001 to 10000000 A")
            }
        }
    }
}

impl core::error::Error for LimitError {}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The voltage fell below the dip threshold. An interruption is a dip too where both are watched.
    Dip,
    /// The voltage fell below the interruption threshold.
    Interruption,
    /// The voltage rose above the swell threshold.
    Swell,
    /// A current was above its overload threshold for longer than its delay.
    Overload {
        /// Index of the current, from 0.
        channel: u8,
    },
}

/// One event, whole or so far.
///
/// Both frames are ends of half cycles, that is, the moments at which an RMS of one cycle was complete, so both lag what
/// happened alike and `half_cycles` is the time between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// End of the half cycle whose value was the first beyond the threshold, in frames since the start of the stream. An
    /// overload counts from there, not from the end of its delay.
    pub begin_frame: u64,
    /// End of the half cycle whose value ended the event, in frames since the start of the stream; so far: of the half
    /// cycle that the notice was given at.
    pub end_frame: u64,
    /// Half cycles from `begin_frame` to `end_frame`; saturates at 2³²-1 (more than a year).
    pub half_cycles: u32,
    /// The most extreme value, the one that ended the event not included, as volt or ampere: the smallest of a dip (its
    /// residual voltage) or interruption, the largest of a swell or overload.
    pub extreme: U32F32,
}

/// What the queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An event began; this is what is known of it so far.
    Begun(Event),
    /// An event is over.
    Ended(Event),
}

bitflags::bitflags! {
    /// Events that are going on. Any flag of [`Active::VOLTAGE`] makes a window "flagged" as of IEC 61000-4-30.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Active: u16 {
        /// A dip.
        const DIP = 1;
        /// An interruption.
        const INTERRUPTION = 1 << 1;
        /// A swell.
        const SWELL = 1 << 2;
        /// Any event of the voltage.
        const VOLTAGE = 0b111;
        /// Overload of any current. The bit of current n is 8 + n.
        const OVERLOAD = 0xff00;
    }
}

impl Active {
    /// The flag of an event; none for an overload of a channel above 7.
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Dip => Self::DIP,
            Kind::Interruption => Self::INTERRUPTION,
            Kind::Swell => Self::SWELL,
            Kind::Overload { channel: channel @ 0..8 } => Self::from_bits_retain(0x100 << channel),
            Kind::Overload { .. } => Self::empty(),
        }
    }
}

/// Watches one voltage and its currents, once per half cycle. `QUEUE` notices wait until they are taken.
#[derive(Clone, Debug)]
pub struct Detector<const CURRENTS: usize, const QUEUE: usize> {
    limits: Limits<CURRENTS>,
    dip: Watch,
    interruption: Watch,
    swell: Watch,
    overloads: [Watch; CURRENTS],
    outbox: Outbox<QUEUE>,
}

impl<const CURRENTS: usize, const QUEUE: usize> Detector<CURRENTS, QUEUE> {
    /// A detector that has seen nothing yet.
    pub const fn new(limits: Limits<CURRENTS>) -> Self {
        const { assert!(QUEUE > 0, "a queue of no places loses every notice") };
        Self {
            limits,
            dip: Watch::IDLE,
            interruption: Watch::IDLE,
            swell: Watch::IDLE,
            overloads: [Watch::IDLE; CURRENTS],
            outbox: Outbox { queue: Deque::new(), lost: 0, active: Active::empty() },
        }
    }

    /// Takes the values of one half cycle.
    ///
    /// `end_frame` is the number of frames from the start of the stream to the end of this half cycle. `voltage` is
    /// Urms(1/2): the RMS of the cycle that ends there, in volt; `currents` are the RMS of the same cycle, in ampere.
    /// Notices of one half cycle come in the order of [`Kind`], overloads by channel.
    pub fn half_cycle(&mut self, end_frame: u64, voltage: Volt, currents: &[Ampere; CURRENTS]) {
        let Self { limits, dip, interruption, swell, overloads, outbox } = self;
        let voltages = [
            (Kind::Dip, &limits.dip, dip),
            (Kind::Interruption, &limits.interruption, interruption),
            (Kind::Swell, &limits.swell, swell),
        ];
        for (kind, band, watch) in voltages {
            outbox.step(kind, band.as_ref(), watch, voltage, end_frame);
        }
        for (((channel, band), watch), current) in (0..).zip(&limits.overloads).zip(overloads).zip(currents) {
            outbox.step(Kind::Overload { channel }, band.as_ref(), watch, *current, end_frame);
        }
    }

    /// Takes the oldest notice.
    pub fn pop(&mut self) -> Option<Notice> {
        self.outbox.queue.pop_front()
    }

    /// How many notices found the queue full and were dropped, since the start; saturates at 2³²-1.
    pub const fn lost(&self) -> u32 {
        self.outbox.lost
    }

    /// Events going on after the last half cycle. Each event shows here after at least one half cycle, so the union
    /// over the half cycles of a window says whether the window is flagged.
    pub const fn active(&self) -> Active {
        self.outbox.active
    }
}

/// Thresholds of one event, as bits of the value. Falling below is rising above on the complement, so that one machine
/// serves both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Band {
    /// All ones where the event is a fall: every value is complemented by it.
    complement: u64,
    /// Above this the event begins.
    begin: u64,
    /// At or below this it ends; not above `begin`.
    end: u64,
    /// Half cycles it has to last before it counts.
    delay: u32,
}

impl Band {
    const fn rise(begin: u64, end: u64, delay: u32) -> Self {
        Self { complement: 0, begin, end, delay }
    }

    const fn fall(begin: u64, end: u64) -> Self {
        Self { complement: u64::MAX, begin: !begin, end: !end, delay: 0 }
    }

    fn overload(overload: Overload) -> Self {
        let threshold = overload.threshold.to_bits();
        let rest = Percent(10_000_u16.saturating_sub(overload.hysteresis.0));
        Self::rise(threshold, rest.floor_of(threshold), u32::from(overload.delay))
    }
}

/// State of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    Idle,
    /// Beyond the threshold, not yet for long enough.
    Pending(Stretch),
    Begun(Stretch),
}

/// What is known of the event so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    begin_frame: u64,
    half_cycles: u32,
    /// Largest value, complemented where the event is a fall.
    extreme: u64,
}

impl Stretch {
    const fn event(&self, kind: Kind, band: &Band, end_frame: u64) -> Event {
        let extreme = U32F32::from_bits(self.extreme ^ band.complement);
        Event { kind, begin_frame: self.begin_frame, end_frame, half_cycles: self.half_cycles, extreme }
    }
}

impl Watch {
    const IDLE: Self = Self::Idle;

    fn step(&mut self, kind: Kind, band: &Band, value: u64, end_frame: u64) -> Option<Notice> {
        let value = value ^ band.complement;
        let longer = |stretch: Stretch| Stretch {
            half_cycles: stretch.half_cycles.saturating_add(1),
            extreme: stretch.extreme.max(value),
            ..stretch
        };
        let pending = match *self {
            Self::Begun(stretch) if value <= band.end => {
                *self = Self::Idle;
                // The value that ends it is none of the event's, but not above its largest either.
                return Some(Notice::Ended(longer(stretch).event(kind, band, end_frame)));
            }
            Self::Begun(stretch) => {
                *self = Self::Begun(longer(stretch));
                return None;
            }
            Self::Idle | Self::Pending(_) if value <= band.begin => {
                *self = Self::Idle;
                return None;
            }
            Self::Idle => Stretch { begin_frame: end_frame, half_cycles: 0, extreme: value },
            Self::Pending(stretch) => longer(stretch),
        };
        if pending.half_cycles < band.delay {
            *self = Self::Pending(pending);
            return None;
        }
        *self = Self::Begun(pending);
        Some(Notice::Begun(pending.event(kind, band, end_frame)))
    }
}

/// What the detector says.
#[derive(Clone, Debug)]
struct Outbox<const QUEUE: usize> {
    queue: Deque<Notice, QUEUE>,
    lost: u32,
    active: Active,
}

impl<const QUEUE: usize> Outbox<QUEUE> {
    fn step(&mut self, kind: Kind, band: Option<&Band>, watch: &mut Watch, value: U32F32, end_frame: u64) {
        let Some(notice) = band.and_then(|band| watch.step(kind, band, value.to_bits(), end_frame)) else {
            return;
        };
        self.active.set(Active::of(kind), matches!(notice, Notice::Begun(_)));
        if self.queue.push_back(notice).is_err() {
            self.lost = self.lost.saturating_add(1);
        }
    }
}
