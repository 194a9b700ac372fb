//! The status LED: a colour that tells of the host, a pattern that tells of the mode.
//!
//! In come link and mode, out goes light. This file must not know how an LED is driven.

use super::mode::Mode;
pub use hil_link::{Colour, Pattern};

/// Whether a host is on the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// None has spoken.
    #[default]
    Absent,
    /// One is connected, and the meter is not configured.
    Connected,
    /// The meter is configured.
    Configured,
}

/// What the LED does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Led {
    /// Its colour while it is lit.
    pub colour: Colour,
    /// When it is lit.
    pub pattern: Pattern,
}

impl Led {
    /// For a state of the device.
    pub const fn of(link: Link, mode: Mode) -> Self {
        let colour = match link {
            Link::Absent => Colour::Red,
            Link::Connected => Colour::Orange,
            Link::Configured => Colour::Green,
        };
        let pattern = match mode {
            Mode::View(_) => Pattern::Steady,
            Mode::Maintenance | Mode::NotReset => Pattern::Periodic,
            Mode::AskMaintenance | Mode::AskFirmware | Mode::AskFactory => Pattern::Slow,
            Mode::Resetting => Pattern::Fast,
        };
        Self { colour, pattern }
    }

    /// Whether it is lit so long, in microseconds, after its pattern began.
    pub const fn is_lit(self, passed_us: u64) -> bool {
        let (period, lit) = match self.pattern {
            Pattern::Steady => return true,
            Pattern::Periodic => (2_000_000, 1_900_000),
            Pattern::Slow => (1_000_000, 500_000),
            Pattern::Fast => (200_000, 100_000),
        };
        passed_us % period < lit
    }
}
