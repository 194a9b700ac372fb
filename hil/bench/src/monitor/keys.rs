//! The keys of the terminal, read in a thread of their own.
//!
//! In come the terminal's events, out goes what they mean. This file must not know what is done about it.
//!
//! The thread is there for the end: where a terminal goes away (a window closed, a connection lost), the library that reads
//! it never comes back from its reading. The screen must all the same notice the signal that tells of it, and leave.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Action, Page};

/// How often the thread looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Something to what is shown.
    Does(Action),
    /// Saves the picture.
    Picture,
    /// Saves the samples.
    Samples,
}

/// The keys, until this is dropped.
pub struct Keys {
    events: Receiver<io::Result<Event>>,
    stop: Arc<AtomicBool>,
}

impl Keys {
    /// Begins to listen to the terminal, which must be in raw mode.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn listen() -> Result<Self> {
        let (send, events) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let listen = move || {
            while !told.load(Ordering::Relaxed) {
                let event = match event::poll(LOOK) {
                    Ok(false) => continue,
                    Ok(true) => event::read(),
                    Err(error) => Err(error),
                };
                let is_fault = event.is_err();
                if send.send(event).is_err() || is_fault {
                    return;
                }
            }
        };
        // It is not waited for: it may hang in its reading for good.
        let _thread = std::thread::Builder::new().name("keys".into()).spawn(listen).context("no thread can be had")?;
        Ok(Self { events, stop })
    }

    /// What the next key does; `None` when none came in time, or something else that asks for a new picture.
    ///
    /// # Errors
    /// The terminal gives no more keys.
    pub fn next(&self, patience: Duration) -> Result<Option<Key>> {
        match self.events.recv_timeout(patience) {
            Ok(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => Ok(meaning(key)),
            Ok(Ok(_)) | Err(RecvTimeoutError::Timeout) => Ok(None),
            Ok(Err(error)) => Err(error).context("the terminal gives no keys"),
            Err(RecvTimeoutError::Disconnected) => Err(anyhow!("the terminal gives no keys")),
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn meaning(key: KeyEvent) -> Option<Key> {
    let action = match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Action::Quit,
        KeyCode::Char('q') | KeyCode::Esc => Action::Quit,
        KeyCode::Char('?' | 'h') => Action::Show(Page::Help),
        KeyCode::Char('p' | ' ') => Action::Pause,
        KeyCode::Char('s') => return Some(Key::Picture),
        KeyCode::Char('w') => return Some(Key::Samples),
        KeyCode::Char('+' | '=') => Action::Cycles(1),
        KeyCode::Char('-') => Action::Cycles(-1),
        KeyCode::Up => Action::Channel(-1),
        KeyCode::Down => Action::Channel(1),
        KeyCode::Left | KeyCode::BackTab => Action::Turn(-1),
        KeyCode::Right | KeyCode::Tab => Action::Turn(1),
        KeyCode::Char(digit) => {
            let number = digit.to_digit(10)?.checked_sub(1)?;
            Action::Show(*Page::NUMBERED.get(number as usize)?)
        }
        _ => return None,
    };
    Some(Key::Does(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_what_the_help_says() {
        let of = |code, modifiers| meaning(KeyEvent::new(code, modifiers));
        let plain = |letter| of(KeyCode::Char(letter), KeyModifiers::NONE);
        for leaves in [plain('q'), of(KeyCode::Esc, KeyModifiers::NONE), of(KeyCode::Char('c'), KeyModifiers::CONTROL)]
        {
            assert_eq!(leaves, Some(Key::Does(Action::Quit)));
        }
        assert_eq!(plain('c'), None);
        assert_eq!(plain('1'), Some(Key::Does(Action::Show(Page::Readings))));
        assert_eq!(plain('6'), Some(Key::Does(Action::Show(Page::Events))));
        assert_eq!((plain('0'), plain('7')), (None, None));
        assert_eq!((plain('s'), plain('w')), (Some(Key::Picture), Some(Key::Samples)));
    }
}
