//! The virtual board: a thread that runs `hil-board` behind a pseudo-terminal.
//!
//! In comes nothing, out goes the name of the pseudo-terminal. The thread is the same program that runs on a board in
//! the lab, so it must not know that it is not there.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hil_board::Platform;
use hil_link::{ResetCause, samples_frame};
use serialport::{SerialPort, TTYPort};

use super::eeprom::{self, Chip, Eeprom};

/// Most bytes of samples in a request.
const MAX_DATA: usize = 4096;

/// A running virtual board; dropping it stops the thread.
pub struct VirtualBoard {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// The bench's end of the pair, kept open so that the thread's end does not close before the bench has it.
    _keep: TTYPort,
}

impl VirtualBoard {
    /// Starts the thread; returns the name of the port to open.
    pub fn start(eeprom: &Eeprom) -> Result<(Self, String)> {
        let (mut master, slave) = TTYPort::pair().context("no pseudo-terminal can be made")?;
        master.set_timeout(Duration::from_millis(50)).context("the pseudo-terminal cannot be set up")?;
        let name = slave.name().context("the pseudo-terminal has no name")?;
        let stop = Arc::new(AtomicBool::new(false));
        let chip = Some(eeprom::chip(eeprom, stop.clone())?);
        let wire = Wire { port: master, stop: stop.clone(), chip, start: Instant::now() };
        let thread = std::thread::Builder::new().name("virtual board".into()).spawn(move || serve(wire))?;
        Ok((Self { stop, thread: Some(thread), _keep: slave }, name))
    }

    /// Why the board is gone.
    pub fn gone(&mut self) -> Option<String> {
        let ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        ended.then(|| "the virtual board's thread has ended".into())
    }
}

impl Drop for VirtualBoard {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A board that panicked has told so on standard error.
            let _panicked = thread.join();
        }
    }
}

fn serve(wire: Wire) {
    let mut board = Box::new(hil_board::Board::<_, { samples_frame(MAX_DATA) }>::new(wire));
    while matches!(board.poll(), Ok(1..)) {}
}

/// The board's end of the pseudo-terminal.
struct Wire {
    port: TTYPort,
    stop: Arc<AtomicBool>,
    chip: Option<Chip>,
    start: Instant,
}

impl embedded_io::ErrorType for Wire {
    type Error = io::Error;
}

impl embedded_io::Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            match self.port.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                other => return other,
            }
        }
    }
}

impl embedded_io::Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            match self.port.write(buffer) {
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                other => return other,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Platform for Wire {
    const NAME: &'static str = "virtual";
    const FIRMWARE: &'static str = env!("CARGO_PKG_VERSION");
    type Chip = Option<Chip>;

    fn chip(&mut self) -> Option<Chip> {
        self.chip.take()
    }

    fn reset_cause(&self) -> ResetCause {
        ResetCause::PowerOn
    }

    fn microseconds(&mut self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }
}
