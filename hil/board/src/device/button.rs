//! The button: from a level that bounces to presses and holds.
//!
//! In come the level and the time, out go events with the instant at which each was due. This file must not know what a
//! press is for.
//!
//! A level counts when it has stood for 10 ms; holds are counted from the instant at which it came, so bouncing moves no
//! limit. Presses are told at their begin: they act at once, and a hold comes on top.

/// For how long a level stands before it counts, in microseconds.
pub const BOUNCE_US: u64 = 10_000;

/// The first hold, in microseconds.
pub const HOLD_US: u64 = 3_000_000;
/// The second hold, in microseconds.
pub const LONG_HOLD_US: u64 = 6_000_000;

/// What the button did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was pressed.
    Press,
    /// It has been held for 3 s.
    Hold,
    /// It has been held for 6 s.
    LongHold,
    /// It was released.
    Release,
}

/// The button. Time never goes back: an earlier one counts as the last.
#[derive(Clone, Copy, Debug)]
pub struct Button {
    /// The level on the pin, and since when.
    pin: bool,
    pin_us: u64,
    /// The level that counts, and since when: the begin of the press.
    is_pressed: bool,
    pressed_us: u64,
    /// Holds that were told, of this press.
    holds: u8,
}

impl Button {
    /// At power-up; a button that is held then tells no press and no hold until it was released.
    pub const fn new(now_us: u64, pin: bool) -> Self {
        Self { pin, pin_us: now_us, is_pressed: pin, pressed_us: now_us, holds: 2 }
    }

    /// The level on the pin from `now_us` on. Take what is due until then first, see [`next`](Self::next).
    pub fn set(&mut self, now_us: u64, pin: bool) {
        if pin != self.pin {
            (self.pin, self.pin_us) = (pin, now_us);
        }
    }

    /// When the next event is due if the pin stays as it is.
    pub fn due_us(&self) -> Option<u64> {
        self.due().map(|(due, _)| due)
    }

    /// When the next event is due, and whether it is a hold.
    fn due(&self) -> Option<(u64, bool)> {
        let hold = match (self.is_pressed, self.holds) {
            (true, 0) => Some(self.pressed_us.saturating_add(HOLD_US)),
            (true, 1) => Some(self.pressed_us.saturating_add(LONG_HOLD_US)),
            _ => None,
        };
        let change = (self.pin != self.is_pressed).then(|| self.pin_us.saturating_add(BOUNCE_US));
        match (hold, change) {
            // A hold that was over before the release came is one; after it came, none.
            (Some(hold), Some(_)) if hold <= self.pin_us => Some((hold, true)),
            (_, Some(change)) => Some((change, false)),
            (hold, None) => hold.map(|hold| (hold, true)),
        }
    }

    /// Takes the next event that is due by `now_us`, and when it was.
    pub fn next(&mut self, now_us: u64) -> Option<(u64, Event)> {
        let (due, is_hold) = self.due().filter(|&(due, _)| due <= now_us)?;
        let event = if is_hold {
            self.holds += 1;
            if self.holds == 1 { Event::Hold } else { Event::LongHold }
        } else {
            self.is_pressed = self.pin;
            if self.pin {
                (self.pressed_us, self.holds) = (self.pin_us, 0);
                Event::Press
            } else {
                Event::Release
            }
        };
        Some((due, event))
    }
}
