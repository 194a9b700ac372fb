//! Events as they travel: what counts as one, and those that were seen.
//!
//! In come limits and events of the core, out go integers, and the way back. This file must not know how they are
//! encoded or detected. Meaning of each field: `metering_core::events`.

use heapless::Vec;
use metering_core::events::{self, Kind, Percent, Settings};
use metering_core::quantity::{Ampere, Volt};
use serde::{Deserialize, Serialize};

use crate::MAX_CURRENTS;

/// Most events in one answer; more are counted as lost.
pub const MAX_EVENTS: usize = 16;

/// What counts as an event. Shares are in 0.01 %.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLimits {
    /// Udin in volt, 32 bits behind the point.
    pub nominal: u64,
    /// Dip threshold, a share of Udin; `None`: dips are no events.
    pub dip: Option<u16>,
    /// Swell threshold, a share of Udin.
    pub swell: Option<u16>,
    /// Interruption threshold, a share of Udin.
    pub interruption: Option<u16>,
    /// Hysteresis of all three, a share of Udin.
    pub hysteresis: u16,
    /// Overload of each current, from the first on.
    pub overloads: Vec<Option<Overload>, MAX_CURRENTS>,
}

/// When a current is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overload {
    /// RMS in ampere, 32 bits behind the point.
    pub threshold: u64,
    /// A share of the threshold.
    pub hysteresis: u16,
    /// Half cycles.
    pub delay: u16,
}

/// Kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// Voltage below the dip threshold.
    Dip,
    /// Voltage below the interruption threshold.
    Interruption,
    /// Voltage above the swell threshold.
    Swell,
    /// Current of this channel above its threshold.
    Overload(u8),
}

/// An event that began or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// It has ended; otherwise it has just begun.
    pub ended: bool,
    /// What it is.
    pub kind: EventKind,
    /// Frame of the half cycle that began it.
    pub begin_frame: u64,
    /// Frame of the half cycle that ended it, or of the last one so far.
    pub end_frame: u64,
    /// Duration in half cycles.
    pub half_cycles: u32,
    /// Lowest voltage of a dip or interruption, highest of a swell, highest current: 32 bits behind the point.
    pub extreme: u64,
}

/// Answer to the question for events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// Oldest first; each is given once.
    pub events: Vec<Event, MAX_EVENTS>,
    /// Events that found no room since `Configure`.
    pub lost: u32,
}

impl From<&EventLimits> for Settings<MAX_CURRENTS> {
    fn from(limits: &EventLimits) -> Self {
        let mut overloads = [None; MAX_CURRENTS];
        for (place, overload) in overloads.iter_mut().zip(&limits.overloads) {
            *place = overload.map(|overload| events::Overload {
                threshold: Ampere::from_bits(overload.threshold),
                hysteresis: Percent::from_hundredths(overload.hysteresis),
                delay: overload.delay,
            });
        }
        Self {
            nominal: Volt::from_bits(limits.nominal),
            dip: limits.dip.map(Percent::from_hundredths),
            swell: limits.swell.map(Percent::from_hundredths),
            interruption: limits.interruption.map(Percent::from_hundredths),
            hysteresis: Percent::from_hundredths(limits.hysteresis),
            overloads,
        }
    }
}

impl From<&events::Notice> for Event {
    fn from(notice: &events::Notice) -> Self {
        let (ended, event) = match notice {
            events::Notice::Begun(event) => (false, event),
            events::Notice::Ended(event) => (true, event),
        };
        Self {
            ended,
            kind: match event.kind {
                Kind::Dip => EventKind::Dip,
                Kind::Interruption => EventKind::Interruption,
                Kind::Swell => EventKind::Swell,
                Kind::Overload { channel } => EventKind::Overload(channel),
            },
            begin_frame: event.begin_frame,
            end_frame: event.end_frame,
            half_cycles: event.half_cycles,
            extreme: event.extreme.to_bits(),
        }
    }
}
