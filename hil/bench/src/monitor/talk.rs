//! The talk with the board, in a thread of its own, so that a slow or silent board never holds the screen.
//!
//! In come what to open and a source of samples, out go messages. When the board is lost it is looked for until it is
//! back. This file must not know screens.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hil_link::EnergyRequest;

use super::feed::{Feed, Metered};
use super::model::{Counters, Message, Met};
use crate::board::{Board, Killer};
use crate::session::{Session, Terms};

/// How long to wait before a board that was lost is looked for again.
const PAUSE: Duration = Duration::from_millis(300);

/// How often events and notices are asked for, at most.
const OFTEN: Duration = Duration::from_millis(100);

/// How often registers and counters are asked for, at most.
const SELDOM: Duration = Duration::from_millis(500);

/// How long the end of the talk is waited for.
const LEAVE: Duration = Duration::from_millis(300);

/// Which board.
#[derive(Clone, Debug)]
pub struct Target {
    /// `virtual`, `emulated` or the name of a port.
    pub board: String,
    /// Firmware of an emulated board.
    pub image: PathBuf,
    /// Speed of a real port.
    pub baud: u32,
}

/// A talk that goes on until it is dropped.
pub struct Talk {
    messages: Option<Receiver<Message>>,
    end: End,
    thread: Option<JoinHandle<()>>,
    /// This program started an emulator, which must not outlive it.
    is_emulated: bool,
}

/// What ends a talk.
#[derive(Clone, Default)]
struct End {
    stop: Arc<AtomicBool>,
    /// Ends the emulator that is talked with, so that its answer is not waited for.
    killer: Arc<Mutex<Option<Killer>>>,
}

impl End {
    fn is_near(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Takes what kills the emulator of this session, and gives what killed that of the last one.
    fn replace(&self, killer: Option<Killer>) -> Option<Killer> {
        std::mem::replace(&mut *self.killer.lock().unwrap_or_else(PoisonError::into_inner), killer)
    }
}

impl Talk {
    /// Begins; `signal` is the name of what is metered.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn start(target: Target, signal: String, metered: Metered) -> Result<Self> {
        // Room for some tenths of a second: a screen that is slow holds the talk, not the memory.
        let (send, messages) = sync_channel(256);
        let (end, is_emulated) = (End::default(), target.board == "emulated");
        let told = end.clone();
        let run = move || run(&target, (&signal, &metered), &send, &told);
        let thread = std::thread::Builder::new().name("talk".into()).spawn(run).context("no thread can be had")?;
        Ok(Self { messages: Some(messages), end, thread: Some(thread), is_emulated })
    }

    /// The messages. They end only when the thread has ended, which it does by a fault of the program alone.
    pub fn messages(&self) -> Option<&Receiver<Message>> {
        self.messages.as_ref()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.end.stop.store(true, Ordering::Relaxed);
        // A thread that waits for room is told that nobody listens any more.
        self.messages = None;
        let Some(thread) = self.thread.take() else { return };
        let begun = Instant::now();
        while !thread.is_finished() && begun.elapsed() < LEAVE {
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Some(killer) = self.end.replace(None).filter(|_| !thread.is_finished()) {
            killer.kill();
        }
        // A port that does not open keeps its thread: nobody need wait for that, unless an emulator is about to start.
        if self.is_emulated || thread.is_finished() {
            // What it panicked with has been told on standard error.
            let _panicked = thread.join();
        }
    }
}

fn run(target: &Target, signal: (&str, &Metered), send: &SyncSender<Message>, end: &End) {
    while !end.is_near() {
        let Err(error) = serve(target, signal, send, end) else { return };
        if send.send(Message::Lost(format!("{error:#}"))).is_err() {
            return;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Talks with the board until it is told to stop or nobody listens.
fn serve(target: &Target, (signal, metered): (&str, &Metered), send: &SyncSender<Message>, end: &End) -> Result<()> {
    // The screen tells that a port is gone, and `run` looks for it.
    let terms = Terms { patience: Duration::ZERO, stop: end.stop.clone() };
    let mut session = Session::on(Board::open(&target.board, &target.image, target.baud)?, terms)?;
    let _last = end.replace(session.killer());
    let mut feed = metered.feed();
    let config = feed.begin(&mut session)?;
    let (board, firmware) = (session.hello().board.to_string(), session.hello().firmware.to_string());
    let (events, notices) = (config.events.is_some(), config.residual.is_some());
    let met = Met { board, firmware, signal: signal.to_owned(), config };
    if send.send(Message::Met(Box::new(met))).is_err() {
        return Ok(());
    }
    let (mut often, mut seldom) = (None::<Instant>, None::<Instant>);
    while !end.is_near() {
        let stretch = feed.step(&mut session)?;
        let mut told = vec![Message::Samples(stretch.codes)];
        told.extend(stretch.windows.into_iter().map(|window| Message::Window(Box::new(window))));
        if often.is_none_or(|at| at.elapsed() >= OFTEN) {
            often = Some(Instant::now());
            if events {
                told.push(Message::Events(Box::new(session.events()?)));
            }
            if notices {
                told.push(Message::Notices(Box::new(session.notices()?)));
            }
        }
        if seldom.is_none_or(|at| at.elapsed() >= SELDOM) {
            seldom = Some(Instant::now());
            told.push(Message::Energy(Box::new(session.energy(EnergyRequest::Show)?)));
            told.push(Message::Counters(counters(&mut session, feed.as_ref())?));
        }
        for message in told {
            if send.send(message).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn counters(session: &mut Session, feed: &dyn Feed) -> Result<Counters> {
    Ok(Counters {
        status: session.status()?,
        damaged: session.damaged(),
        resent: session.resent(),
        stray: session.stray(),
        pace: feed.pace(),
    })
}
