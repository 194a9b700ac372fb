//! `hil monitor`: a terminal screen that watches a board.
//!
//! In come the arguments and keys, out goes a screen, and files where the user asks for them. This file must not know how
//! a board is talked to, what is shown or how it looks:
//!
//! - [`signal`], [`feed`]: what the board meters; [`talk`]: the thread that talks with it, and finds it again;
//! - [`model`]: what is shown, with [`log`] and [`scope`]; [`draw`], [`number`]: how it looks;
//! - [`picture`], [`save`]: files; [`screen`], [`keys`]: the terminal, taken and given back; [`sample`]: a screen for the README.

use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::cli::{Monitor as Arguments, Source};
use feed::Metered;
use keys::{Key, Keys};
use model::{Message, Model};
use screen::Screen;
use signal::Signal;
use talk::{Talk, Target};

pub mod draw;
pub mod feed;
pub mod keys;
pub mod log;
pub mod model;
pub mod number;
pub mod picture;
pub mod sample;
pub mod save;
pub mod scope;
pub mod screen;
pub mod signal;
pub mod talk;

/// Time between two pictures: the eye asks for no more, and a slow terminal must keep up.
const FRAME: Duration = Duration::from_millis(80);

/// Runs the command.
///
/// # Errors
/// There is no terminal, no such signal, or no board at the begin.
pub fn command(arguments: &Arguments) -> Result<()> {
    let (signal, metered) = match arguments.source {
        Source::Bench => Signal::named(arguments).map(|signal| (signal.name, Metered::Played(signal.plan)))?,
        Source::Board => signal::own(arguments)?,
    };
    // Before a board is started, or loses the session it has.
    Screen::check()?;
    let target =
        Target { board: arguments.board.clone(), image: arguments.link.image.clone(), baud: arguments.link.baud };
    let mut model = Model::default();
    // Named before drop order: the terminal is given back first, then the talk ends, however long that takes.
    let talk = Talk::start(target, signal, metered)?;
    match talk.messages().and_then(|messages| messages.recv().ok()) {
        // A board that was never there is a fault of the call.
        Some(Message::Lost(reason)) => bail!(reason),
        Some(message) => model.update(message),
        None => bail!("the talk with the board has ended"),
    }
    let mut screen = Screen::take()?;
    let keys = Keys::listen()?;
    show(&mut screen, &keys, &talk, &mut model, arguments)
}

/// Draws until the user leaves.
fn show(screen: &mut Screen, keys: &Keys, talk: &Talk, model: &mut Model, arguments: &Arguments) -> Result<()> {
    let mut heard = Instant::now();
    while !model.quit && !screen.is_ending() {
        screen.terminal.draw(|frame| draw::draw(frame, model)).context("the terminal cannot be drawn on")?;
        // A key is answered at once; all that the board told meanwhile goes into the next picture.
        match keys.next(FRAME)? {
            Some(Key::Does(action)) => model.act(action),
            Some(Key::Picture) => model.note = Some(save::picture(model, &arguments.out)),
            Some(Key::Samples) => model.note = Some(save::samples(model, &arguments.out)),
            None => {}
        }
        if receive(talk, model)? {
            heard = Instant::now();
        }
        model.silent_s = heard.elapsed().as_secs();
    }
    ensure!(!screen.is_broken(), "a part of the program has failed; what it said stands above");
    Ok(())
}

/// Takes all that the board has told so far; whether that was anything.
fn receive(talk: &Talk, model: &mut Model) -> Result<bool> {
    let messages = talk.messages().context("the talk with the board has ended")?;
    let mut any = false;
    loop {
        match messages.try_recv() {
            Ok(message) => {
                any = true;
                model.update(message);
            }
            Err(TryRecvError::Empty) => return Ok(any),
            Err(TryRecvError::Disconnected) => bail!("the talk with the board has ended"),
        }
    }
}
