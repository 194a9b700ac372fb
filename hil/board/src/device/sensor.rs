//! The sensors of a power strip as the 8311 counts them: one line, its feed, and seven outlets.
//!
//! In come a kind and a number, out goes the current of the meter that it is. This file must not know figures.

use hil_link::MAX_CURRENTS;

/// What a line or an outlet is metered by. Both are numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensor {
    /// A line: 1 is the feed, current 0. There is no other.
    Line(usize),
    /// An outlet: 1 to 7 are the currents 1 to 7.
    Port(usize),
}

impl Sensor {
    /// All, lines first.
    pub fn all() -> impl Iterator<Item = Self> {
        core::iter::once(Self::Line(1)).chain((1..MAX_CURRENTS).map(Self::Port))
    }

    /// Number of its current; `None`: there is no such sensor.
    pub fn channel(self) -> Option<usize> {
        match self {
            Self::Line(1) => Some(0),
            Self::Port(number) if (1..MAX_CURRENTS).contains(&number) => Some(number),
            Self::Line(_) | Self::Port(_) => None,
        }
    }
}
