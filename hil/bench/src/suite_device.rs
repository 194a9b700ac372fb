//! The suite `device`: what the users of the device see and press, over the link.
//!
//! In comes how to start a board, out go points for the report. This file must not know how a point does its work.
//!
//! - `pages`: each page of the display against the windows and registers that the link gives.
//! - `button`: each limit of the button, on the panel's own time.
//! - `untouched`: readings and registers of a board at whose button a hand is, against the core on this machine.
//! - `flood`: the same, while the device's other serial ports are flooded.

mod button;
mod flood;
mod pages;
mod untouched;

use anyhow::Result;
use hil_link::{DeviceRequest, PanelState};

use crate::board::Board;
use crate::cases::Starter;
use crate::report::PointResult;
use crate::session::Session;

/// Name of the suite.
pub const SUITE: &str = "device";

/// What it is about, for `hil list`.
pub const TITLE: &str = "front panel that shows what was measured and touches none of it";

/// A point of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The pages of the display.
    Pages,
    /// The limits of the button.
    Button,
    /// What pressing must not touch.
    Untouched,
    /// What floods of the further ports must not touch.
    Flood,
}

impl Case {
    /// All, in the order they are played.
    pub const ALL: [Self; 4] = [Self::Pages, Self::Button, Self::Untouched, Self::Flood];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Button => "button",
            Self::Untouched => "untouched",
            Self::Flood => "flood",
        }
    }

    /// Why it is not played with a board, if it is not.
    pub fn hindrance(self, starter: &Starter<'_>) -> Option<&'static str> {
        let counts = self != Self::Button;
        (counts && !starter.restarts()).then_some(
            "it resets energy registers and counts from power-up, so it takes a board that this program starts",
        )
    }

    /// Plays it; the device's front is left as it is after a start.
    ///
    /// # Errors
    /// A board cannot be started, or is lost.
    pub fn play(self, starter: &Starter<'_>) -> Result<PointResult> {
        let board = Board::open(starter.board, starter.image, starter.baud)?;
        let mut hand = Hand { session: Session::start(board)? };
        let point = match self {
            Self::Pages => pages::play(&mut hand),
            Self::Button => button::play(&mut hand),
            Self::Untouched => untouched::play(&mut hand),
            Self::Flood => flood::play(&mut hand),
        }?;
        hand.restart()?;
        Ok(point)
    }
}

/// A hand at the button of a board, and an eye on its panel.
struct Hand {
    session: Session,
}

impl Hand {
    /// Holds the button so for a time of the panel.
    fn hold(&mut self, pressed: bool, pass_ms: u32) -> Result<PanelState> {
        self.panel(DeviceRequest::Button { pressed, pass_ms })
    }

    /// Presses and releases.
    fn tap(&mut self) -> Result<PanelState> {
        self.hold(true, 100)?;
        self.hold(false, 100)
    }

    fn panel(&mut self, request: DeviceRequest) -> Result<PanelState> {
        self.session.panel(request)
    }

    /// Firmware mode, the normal view, whatever was before.
    fn restart(&mut self) -> Result<()> {
        self.session.device(DeviceRequest::Restart { held: false }).map(drop)
    }
}
