//! What the button's presses and holds lead to: pages, prompts and modes.
//!
//! In come events and the time, out go the state and wishes. This file must not know bouncing, lines or colours, and it has
//! no way to the meter or the registers: it can but wish.
//!
//! | state | press | hold 3 s | hold 6 s | left alone |
//! |---|---|---|---|---|
//! | view of a page | next page | ask for maintenance | | 5 s, or as set: normal page |
//! | ask for maintenance | maintenance | | | 3 s: normal page |
//! | maintenance | | ask for firmware | | stays |
//! | ask for firmware | normal page | | ask for factory settings | 6 s: maintenance |
//! | ask for factory settings | resetting | | | 6 s: maintenance |
//! | resetting | | | | when done, and after 1 s: normal page; when it could not be done: not reset |
//! | not reset | maintenance | | | 6 s: maintenance |
//!
//! The time of a prompt runs from its first appearance, whether the button is still held or not: a button that is stuck
//! leads back by itself. A press that answers a prompt begins no hold.

use super::button::Event;
use super::display::Page;

/// For how long a page is shown after the last press, in microseconds, unless [`Modes::set_view_us`] says otherwise.
pub const VIEW_US: u64 = 5_000_000;
/// For how long maintenance is asked for.
pub const ASK_US: u64 = 3_000_000;
/// For how long the prompts within maintenance wait.
pub const ASK_LONG_US: u64 = 6_000_000;
/// For how long the LED at least shows a factory reset, however fast it is.
pub const RESET_US: u64 = 1_000_000;

/// Where the panel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Firmware mode: a page is shown.
    View(Page),
    /// Firmware mode: press to enter maintenance.
    AskMaintenance,
    /// Maintenance mode.
    Maintenance,
    /// Maintenance mode: press to go back to firmware mode.
    AskFirmware,
    /// Maintenance mode: press for factory settings.
    AskFactory,
    /// Maintenance mode: factory settings are being made.
    Resetting,
    /// Maintenance mode: they could not be made.
    NotReset,
}

/// What the panel wants of the device. Neither touches energy or measuring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The settings as they left the factory; [`Modes::reset_done`] tells the end.
    FactoryReset,
}

/// Mode and its time.
#[derive(Clone, Copy, Debug)]
pub struct Modes {
    mode: Mode,
    /// Begin of the mode, or the last press in it.
    since_us: u64,
    /// For how long a page is shown.
    view_us: u64,
    /// The press that goes on has answered a prompt: its hold means nothing.
    is_spent: bool,
    wish: Option<Wish>,
    /// Whether factory settings were made; `None` until that is known.
    is_reset: Option<bool>,
}

impl Modes {
    /// At power-up; with the button held, in maintenance mode.
    pub const fn new(now_us: u64, is_held: bool) -> Self {
        let mode = if is_held { Mode::Maintenance } else { Mode::View(Page::Normal) };
        Self { mode, since_us: now_us, view_us: VIEW_US, is_spent: is_held, wish: None, is_reset: None }
    }

    /// For how long a page is shown after the last press, in microseconds.
    pub const fn set_view_us(&mut self, view_us: u64) {
        self.view_us = view_us;
    }

    /// Where the panel stands.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Since when, or since the last press.
    pub const fn since_us(&self) -> u64 {
        self.since_us
    }

    /// When the mode ends if nothing happens.
    pub fn due_us(&self) -> Option<u64> {
        let wait = match self.mode {
            Mode::View(Page::Normal) | Mode::Maintenance => return None,
            Mode::Resetting if self.is_reset.is_none() => return None,
            Mode::View(_) => self.view_us,
            Mode::AskMaintenance => ASK_US,
            Mode::AskFirmware | Mode::AskFactory | Mode::NotReset => ASK_LONG_US,
            Mode::Resetting => RESET_US,
        };
        Some(self.since_us.saturating_add(wait))
    }

    /// The mode's time is over.
    pub fn expire(&mut self, at_us: u64) {
        match self.mode {
            Mode::Resetting if self.is_reset == Some(false) => self.go(at_us, Mode::NotReset),
            Mode::View(_) | Mode::AskMaintenance | Mode::Resetting => self.go(at_us, Mode::View(Page::Normal)),
            Mode::Maintenance | Mode::AskFirmware | Mode::AskFactory | Mode::NotReset => {
                self.go(at_us, Mode::Maintenance);
            }
        }
        // A hold that lasts on begins nothing anew.
        self.is_spent = true;
    }

    /// The button did something.
    pub fn button(&mut self, at_us: u64, event: Event) {
        match (self.mode, event) {
            (mode, Event::Press) => {
                let (next, is_answer) = match mode {
                    Mode::View(page) => (Mode::View(page.next()), false),
                    Mode::AskMaintenance | Mode::NotReset => (Mode::Maintenance, true),
                    Mode::Maintenance => (Mode::Maintenance, false),
                    Mode::AskFirmware => (Mode::View(Page::Normal), true),
                    Mode::AskFactory => {
                        (self.wish, self.is_reset) = (Some(Wish::FactoryReset), None);
                        (Mode::Resetting, true)
                    }
                    Mode::Resetting => {
                        self.is_spent = true;
                        return;
                    }
                };
                self.is_spent = is_answer;
                self.go(at_us, next);
            }
            (_, Event::Hold | Event::LongHold) if self.is_spent => {}
            (Mode::View(_), Event::Hold) => self.go(at_us, Mode::AskMaintenance),
            (Mode::Maintenance, Event::Hold) => self.go(at_us, Mode::AskFirmware),
            (Mode::AskFirmware, Event::LongHold) => self.go(at_us, Mode::AskFactory),
            (_, Event::Hold | Event::LongHold | Event::Release) => {}
        }
    }

    /// Takes the wish, if there is one.
    pub fn take_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// The factory settings are made, or could not be.
    pub fn reset_done(&mut self, is_made: bool) {
        self.is_reset = Some(is_made);
    }

    fn go(&mut self, at_us: u64, mode: Mode) {
        (self.mode, self.since_us) = (mode, at_us);
    }
}
