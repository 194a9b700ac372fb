//! The front panel: button, display and LED as one.
//!
//! In come the button's level, the time, the link's state and a snapshot; out go two lines, the LED and wishes. This file
//! must not know pins, drivers or where time comes from.
//!
//! What happens depends on when the level changed, not on how often the panel is told the time: each limit is taken at its
//! own instant, in order. Told at least every 10 ms, the panel is within 20 ms of each of its limits.

use core::fmt::{self, Display, Formatter};

use heapless::String;

use super::Snapshot;
use super::button::Button;
use super::display::{COLUMNS, Lower, Upper};
use super::led::{Led, Link};
use super::mode::{Mode, Modes, Wish};

/// So fast moves a line that is too long, in microseconds a character.
const SCROLL_US: u64 = 500_000;

/// A line of the display.
pub type Line = String<COLUMNS>;

/// The panel. Time may begin anywhere; one that goes back counts as the last.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    button: Button,
    modes: Modes,
    now_us: u64,
}

impl Panel {
    /// At power-up; with the button held, in maintenance mode.
    pub const fn new(now_us: u64, is_held: bool) -> Self {
        Self { button: Button::new(now_us, is_held), modes: Modes::new(now_us, is_held), now_us }
    }

    /// For how long a page is shown after the last press, in microseconds; [`VIEW_US`](super::mode::VIEW_US) from the start.
    pub const fn set_view_us(&mut self, view_us: u64) {
        self.modes.set_view_us(view_us);
    }

    /// Takes all that was due until now, then the level of the button from now on.
    pub fn step(&mut self, now_us: u64, is_pressed: bool) {
        self.now_us = self.now_us.max(now_us);
        loop {
            let due = |at: Option<u64>| at.filter(|&at| at <= self.now_us);
            match (due(self.button.due_us()), due(self.modes.due_us())) {
                // A press in the instant at which a prompt ends comes too late.
                (button, Some(at)) if button.is_none_or(|button| at <= button) => self.modes.expire(at),
                (Some(_), _) => {
                    let Some((at, event)) = self.button.next(self.now_us) else { break };
                    self.modes.button(at, event);
                }
                _ => break,
            }
        }
        self.button.set(self.now_us, is_pressed);
    }

    /// Takes the wish, if there is one.
    pub fn take_wish(&mut self) -> Option<Wish> {
        self.modes.take_wish()
    }

    /// The factory settings that were wished for are made, or could not be.
    pub fn reset_done(&mut self, is_made: bool) {
        self.modes.reset_done(is_made);
    }

    /// Where the panel stands.
    pub const fn mode(&self) -> Mode {
        self.modes.mode()
    }

    /// What the LED does.
    pub const fn led(&self, link: Link) -> Led {
        Led::of(link, self.mode())
    }

    /// Whether the LED is lit now.
    pub const fn is_lit(&self, link: Link) -> bool {
        self.led(link).is_lit(self.now_us.saturating_sub(self.modes.since_us()))
    }

    /// Both lines of the display, each of 16 characters.
    pub fn lines(&self, snapshot: &Snapshot) -> [Line; 2] {
        let passed_us = self.now_us.saturating_sub(self.modes.since_us());
        let prompt = |lower| [line(&Text(PROMPT, 0)), line(&Text(lower, passed_us))];
        match self.mode() {
            Mode::View(page) => [line(&Upper(page, snapshot)), line(&Lower(page, snapshot))],
            Mode::AskMaintenance => prompt("jump to BOOTLOADER"),
            Mode::Maintenance => [line(&Text("MAINTENANCE", 0)), line(&Text("hold 3 s to exit", 0))],
            Mode::AskFirmware => prompt("jump to FIRMWARE"),
            Mode::AskFactory => prompt("FABSETTINGS"),
            Mode::Resetting => [line(&Text("FABSETTINGS", 0)), line(&Text("resetting ...", 0))],
            Mode::NotReset => [line(&Text("FABSETTINGS", 0)), line(&Text("NOT KEPT: EEPROM", 0))],
        }
    }
}

/// Upper line of every prompt: with the lower one it is `Press again to jump to BOOTLOADER`.
const PROMPT: &str = "Press again to";

/// A text, from its begin to its end and then standing: one that is too long moves to the left.
struct Text(&'static str, u64);

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let &Self(text, passed_us) = self;
        let from = (passed_us / SCROLL_US).min(text.len().saturating_sub(COLUMNS) as u64) as usize;
        write!(f, "{:<COLUMNS$.COLUMNS$}", text.get(from..).unwrap_or_default())
    }
}

fn line(text: &dyn Display) -> Line {
    let mut line = Line::new();
    // What were longer than a line would be cut; a test says that nothing is.
    let _whole = fmt::write(&mut line, format_args!("{text}"));
    line
}
