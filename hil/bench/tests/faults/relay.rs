//! A bad cable: a relay between two pseudo-terminals, in real time, with the faults that `hil-link`'s own test simulates.
//!
//! In come bytes of the bench and of a virtual board, out they go as far as the cable lets them through, at its speed. The
//! bench's end has a name of its own, which is there again after it was unplugged. This file must not know what is said.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hil::board::Board;
use rustix::fs::{Mode, OFlags};
use rustix::termios::{Action, tcflow};
use serialport::{SerialPort, TTYPort};

use crate::injector::{Done, Fault, Injector};

/// How long nothing is done between two looks at the ports.
const TURN: Duration = Duration::from_micros(250);

/// Microseconds between two failures of a port that flaps: time enough to open it.
const FLAP: u64 = 200_000;

/// Something that is done to the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// After so many microseconds and for as many nothing comes through.
    Cut(u64, u64),
    /// The same, but the bench's port is gone as well.
    Unplug(u64, u64),
    /// For as many microseconds nothing comes through, and the bench's port fails again and again and is there again at once.
    Flap(u64),
    /// The bench's port takes no byte from now on.
    Deafen,
    /// The board starts anew.
    Restart,
}

/// What the cable tells of itself.
#[derive(Default)]
pub struct Told {
    /// What the frames suffered.
    pub hits: Vec<Done>,
    /// Nothing is under way.
    pub is_quiet: bool,
    /// Bytes that have come from the board.
    pub carried: usize,
    /// When what was last ordered was over, or was done if it lasts; `None` from its command on until then.
    pub back_at: Option<Instant>,
}

impl Told {
    /// How often each of [`Fault::ALL`] was done.
    pub fn counts(&self) -> [usize; Fault::ALL.len()] {
        Fault::ALL.map(|fault| self.hits.iter().filter(|done| done.fault == fault).count())
    }
}

/// The cable with a virtual board at its other end; ends with the test.
pub struct Relay {
    pub name: PathBuf,
    told: Arc<Mutex<Told>>,
    /// `None` ends the cable.
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Lays the cable; the bench's end is called `name`.
    pub fn start(name: PathBuf, seed: u64) -> Self {
        let (commands, orders) = channel();
        let told = Arc::<Mutex<Told>>::default();
        let mut cable = Cable {
            plug: Some(Plug::new(&name)),
            name: name.clone(),
            board: board(),
            down: Lane::new(seed),
            up: Lane::new(!seed),
            told: told.clone(),
            planned: None,
            back_at: None,
            flaps: None,
        };
        let thread = std::thread::spawn(move || cable.run(&orders));
        Self { name, told, commands: Some(commands), thread: Some(thread) }
    }

    pub fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.told)
    }

    pub fn command(&self, command: Command) {
        self.told().back_at = None;
        self.commands.as_ref().expect("the cable is there").send(command).expect("the cable listens");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.commands = None;
        // What it panicked with has been told on standard error.
        let _panicked = self.thread.take().map(JoinHandle::join);
    }
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

fn board() -> Board {
    Board::open("virtual", Path::new(""), 0).expect("a virtual board")
}

/// The bench's end of the cable.
struct Plug {
    ours: TTYPort,
    /// Kept open, so that the cable may read before the bench has opened it, and locked it.
    theirs: OwnedFd,
}

impl Plug {
    fn new(name: &Path) -> Self {
        let (mut ours, pair) = TTYPort::pair().expect("a pseudo-terminal");
        ours.set_timeout(Duration::ZERO).expect("a timeout");
        let device = pair.name().expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = rustix::fs::open(&device, flags, Mode::empty()).expect("its other end");
        symlink(device, name).expect("a link");
        Self { ours, theirs }
    }

    fn deafen(&self) {
        tcflow(&self.theirs, Action::OOff).expect("a terminal stops");
    }
}

/// One direction: its faults, and the frame that has come in part.
struct Lane {
    injector: Injector,
    part: Vec<u8>,
}

impl Lane {
    fn new(seed: u64) -> Self {
        Self { injector: Injector::new(seed), part: Vec::new() }
    }

    /// Puts bytes on the line, frame by frame; a zero before a frame belongs to it.
    fn take(&mut self, bytes: &[u8], now: u64, hits: &mut Vec<Done>) {
        for &byte in bytes {
            self.part.push(byte);
            if byte == 0 && self.part.len() > 1 {
                hits.extend(self.injector.send(&self.part, now));
                self.part.clear();
            }
        }
    }
}

struct Cable {
    plug: Option<Plug>,
    name: PathBuf,
    board: Board,
    down: Lane,
    up: Lane,
    told: Arc<Mutex<Told>>,
    /// What is done next, and when.
    planned: Option<(u64, Command)>,
    /// When what was cut is back.
    back_at: Option<u64>,
    /// When a port that flaps fails next, and when it is right again.
    flaps: Option<(u64, u64)>,
}

impl Cable {
    fn run(&mut self, orders: &Receiver<Command>) {
        let start = Instant::now();
        loop {
            let now = start.elapsed().as_micros() as u64;
            match orders.try_recv() {
                Ok(command @ (Command::Cut(after, _) | Command::Unplug(after, _))) => {
                    self.planned = Some((now + after, command));
                }
                Ok(Command::Restart) => self.board = board(),
                Ok(Command::Flap(lasts)) => {
                    self.silence(now, now + lasts);
                    self.flaps = Some((now, now + lasts));
                }
                Ok(Command::Deafen) => {
                    self.plug.iter().for_each(Plug::deafen);
                    lock(&self.told).back_at = Some(Instant::now());
                }
                Err(std::sync::mpsc::TryRecvError::Empty) => {}
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
            }
            self.cut(now);
            self.flap(now);
            self.carry(now);
            lock(&self.told).is_quiet = self.down.injector.quiet() && self.up.injector.quiet();
            std::thread::sleep(TURN);
        }
    }

    /// Nothing comes through between these times.
    fn silence(&mut self, from: u64, to: u64) {
        for lane in [&mut self.down, &mut self.up] {
            lane.injector.cut(from, to);
            lane.part.clear();
        }
    }

    /// Begins and ends what was ordered.
    fn cut(&mut self, now: u64) {
        if let Some((at, command)) = self.planned.filter(|(at, _)| *at <= now) {
            self.planned = None;
            let (Command::Cut(_, lasts) | Command::Unplug(_, lasts)) = command else { return };
            self.silence(at, at + lasts);
            self.back_at = Some(at + lasts);
            if matches!(command, Command::Unplug(..)) {
                self.plug = None;
                std::fs::remove_file(&self.name).expect("the link was there");
            }
        }
        if self.back_at.is_some_and(|at| at <= now) {
            self.back_at = None;
            if self.plug.is_none() {
                self.plug = Some(Plug::new(&self.name));
            }
            lock(&self.told).back_at = Some(Instant::now());
        }
    }

    /// Breaks a port that flaps, and puts another in its place.
    fn flap(&mut self, now: u64) {
        let Some((_, until)) = self.flaps.filter(|(at, _)| *at <= now) else { return };
        self.flaps = Some((now + FLAP, until)).filter(|_| now < until);
        std::fs::remove_file(&self.name).expect("the link was there");
        self.plug = Some(Plug::new(&self.name));
        if self.flaps.is_none() {
            lock(&self.told).back_at = Some(Instant::now());
        }
    }

    /// Takes what has come and gives what is through.
    fn carry(&mut self, now: u64) {
        let mut buffer = [0; 8_192];
        let mut hits = Vec::new();
        // Nothing has come, or nobody has opened the other end.
        let count = self.plug.as_mut().map_or(0, |plug| plug.ours.read(&mut buffer).unwrap_or(0));
        self.down.take(&buffer[..count], now, &mut hits);
        let count = self.board.read(&mut buffer, Duration::ZERO).unwrap_or(0);
        lock(&self.told).carried += count;
        self.up.take(&buffer[..count], now, &mut hits);
        lock(&self.told).hits.append(&mut hits);
        while let Some(bytes) = self.down.injector.arrive(now) {
            self.board.write_all(&bytes).expect("the board takes bytes");
        }
        while let Some(bytes) = self.up.injector.arrive(now) {
            if let Some(plug) = &mut self.plug {
                // The bench may have closed its end.
                let _unread = plug.ours.write_all(&bytes);
            }
        }
    }
}
