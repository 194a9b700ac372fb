//! Dips, swells and interruptions of the voltage (IEC 61000-4-30, class A method, single phase) and overloads of the
//! currents.
//!
//! In come RMS values of one cycle, refreshed each half cycle; out go notices of what began and what ended, in a queue
//! whose overflow is counted. This file must not know how the values are measured.
//!
//! All comparisons are exact: a threshold that falls between two steps of the value's type is rounded so that the outcome
//! is that of the real number. The cost is per half cycle: two comparisons of 64 bits per watched limit, and a root per
//! channel where a value is not clear of its thresholds.

mod limits;

pub use limits::{LimitError, Limits, Overload, Percent, Settings, ShareField};

use fixed::types::U32F32;
use heapless::Deque;

use crate::mean_square::MeanSquare;
use crate::quantity::{Ampere, Volt};
use crate::sink::HalfCycle;
use limits::Band;

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
    /// No event is on or may be about to begin.
    is_idle: bool,
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
            is_idle: true,
            outbox: Outbox { queue: Deque::new(), lost: 0, active: Active::empty() },
        }
    }

    /// Takes a half cycle as a meter gives it: [`half_cycle`](Self::half_cycle) with its values, those of a channel that
    /// is not configured being 0. No root is taken while nothing is on and all values are clear of their thresholds: then
    /// about 40 instructions on a Cortex-M4, and 12 per current.
    pub fn follow(&mut self, half: &HalfCycle<CURRENTS>) {
        if !self.is_idle || !self.limits.quiet.holds(half) {
            let rms = |square: Option<MeanSquare>| square.map_or(Volt::ZERO, MeanSquare::rms);
            self.half_cycle(half.end_frame, rms(half.voltage), &half.currents.map(rms));
        }
    }

    /// Takes the values of one half cycle.
    ///
    /// `end_frame` is the number of frames from the start of the stream to the end of this half cycle. `voltage` is
    /// Urms(1/2): the RMS of the cycle that ends there, in volt; `currents` are the RMS of the same cycle, in ampere.
    /// Notices of one half cycle come in the order of [`Kind`], overloads by channel.
    pub fn half_cycle(&mut self, end_frame: u64, voltage: Volt, currents: &[Ampere; CURRENTS]) {
        let Self { limits, dip, interruption, swell, overloads, is_idle, outbox } = self;
        let voltages = [
            (Kind::Dip, &limits.dip, dip),
            (Kind::Interruption, &limits.interruption, interruption),
            (Kind::Swell, &limits.swell, swell),
        ];
        *is_idle = true;
        for (kind, band, watch) in voltages {
            outbox.step(kind, band.as_ref(), watch, voltage, end_frame);
            *is_idle &= watch.phase == Phase::Idle;
        }
        for (((channel, band), watch), current) in (0..).zip(&limits.overloads).zip(overloads).zip(currents) {
            outbox.step(Kind::Overload { channel }, band.as_ref(), watch, *current, end_frame);
            *is_idle &= watch.phase == Phase::Idle;
        }
    }

    /// Takes the oldest notice.
    pub fn pop(&mut self) -> Option<Notice> {
        self.outbox.queue.pop_front().map(Waiting::notice)
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

/// What is known of one event so far.
#[derive(Clone, Copy, Debug)]
struct Watch {
    phase: Phase,
    half_cycles: u32,
    begin_frame: u64,
    /// Largest value, complemented where the event is a fall.
    extreme: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Beyond the threshold, not yet for long enough.
    Pending,
    Begun,
}

impl Watch {
    const IDLE: Self = Self { phase: Phase::Idle, half_cycles: 0, begin_frame: 0, extreme: 0 };

    /// Takes a value; whether something is to be told: that the event began, or, where it is idle now, that it ended.
    fn step(&mut self, band: &Band, value: u64, end_frame: u64) -> bool {
        let value = value ^ band.complement();
        if self.phase == Phase::Begun {
            // The value that ends it is none of the event's, but not above its largest either.
            self.lengthen(value);
            let ends = value <= band.end;
            if ends {
                self.phase = Phase::Idle;
            }
            return ends;
        }
        if value <= band.begin {
            self.phase = Phase::Idle;
            return false;
        }
        if self.phase == Phase::Idle {
            *self = Self { phase: Phase::Pending, half_cycles: 0, begin_frame: end_frame, extreme: value };
        } else {
            self.lengthen(value);
        }
        let begins = self.half_cycles >= u32::from(band.delay);
        if begins {
            self.phase = Phase::Begun;
        }
        begins
    }

    fn lengthen(&mut self, value: u64) {
        self.half_cycles = self.half_cycles.saturating_add(1);
        self.extreme = self.extreme.max(value);
    }
}

/// A notice as it waits: the numbers of an [`Event`] side by side, so that they take no more room than need be.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    kind: Kind,
    begins: bool,
    half_cycles: u32,
    begin_frame: u64,
    end_frame: u64,
    extreme: U32F32,
}

impl Waiting {
    fn notice(self) -> Notice {
        let Self { kind, begins, half_cycles, begin_frame, end_frame, extreme } = self;
        let event = Event { kind, begin_frame, end_frame, half_cycles, extreme };
        if begins { Notice::Begun(event) } else { Notice::Ended(event) }
    }
}

/// What the detector says.
#[derive(Clone, Debug)]
struct Outbox<const QUEUE: usize> {
    queue: Deque<Waiting, QUEUE>,
    lost: u32,
    active: Active,
}

impl<const QUEUE: usize> Outbox<QUEUE> {
    fn step(&mut self, kind: Kind, band: Option<&Band>, watch: &mut Watch, value: U32F32, end_frame: u64) {
        let Some(band) = band else { return };
        if !watch.step(band, value.to_bits(), end_frame) {
            return;
        }
        let begins = watch.phase == Phase::Begun;
        self.active.set(Active::of(kind), begins);
        let Watch { half_cycles, begin_frame, extreme, .. } = *watch;
        let extreme = U32F32::from_bits(extreme ^ band.complement());
        if self.queue.push_back(Waiting { kind, begins, half_cycles, begin_frame, end_frame, extreme }).is_err() {
            self.lost = self.lost.saturating_add(1);
        }
    }
}
