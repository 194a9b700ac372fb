//! The virtual board: a thread that runs `hil-board` behind three pseudo-terminals.
//!
//! In comes nothing, out go the names of the pseudo-terminals. The thread is the same program that runs on a board in
//! the lab, so it must not know that it is not there.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use hil_board::{Adc, Platform, Port, Received};
use hil_link::{ResetCause, samples_frame};

use super::Ports;
use super::eeprom::{self, Chip, Eeprom};
use super::pty::Pty;
use super::virtual_adc::VirtualAdc;

/// So often the thread looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// A pseudo-terminal has no speed: as fast as it ever is.
pub const BAUD: u32 = 4_000_000;

/// Most bytes of samples in a request.
const MAX_DATA: usize = 4096;

/// A running virtual board; dropping it stops the thread.
pub struct VirtualBoard {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl VirtualBoard {
    /// Starts the thread; returns the names of its ports.
    pub fn start(eeprom: &Eeprom) -> Result<(Self, Ports)> {
        let (link, console, modbus) = (Pty::new()?, Inlet::new()?, Inlet::new()?);
        let [link_name, console_name, modbus_name] =
            [&link, &console.pty, &modbus.pty].map(|pty| pty.name().to_owned());
        let stop = Arc::new(AtomicBool::new(false));
        let chip = Some(eeprom::chip(eeprom, stop.clone())?);
        let adc = VirtualAdc::default();
        let wire = Wire { link, console, modbus, stop: stop.clone(), chip, adc, start: Instant::now() };
        let thread = std::thread::Builder::new().name("virtual board".into()).spawn(move || serve(wire))?;
        let ports = Ports { link: link_name, console: console_name, modbus: modbus_name };
        Ok((Self { stop, thread: Some(thread) }, ports))
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

/// A further port: what has come on it, and when.
struct Inlet {
    pty: Pty,
    bytes: VecDeque<Received>,
}

impl Inlet {
    fn new() -> Result<Self> {
        Ok(Self { pty: Pty::new()?, bytes: VecDeque::new() })
    }

    fn next(&mut self, now_us: u64) -> Option<Received> {
        if self.bytes.is_empty() {
            let mut piece = [0; 64];
            // A terminal that cannot be read has nothing to say.
            let length = self.pty.read(&mut piece).unwrap_or(0);
            self.bytes.extend(piece.iter().take(length).map(|&byte| Received { byte, at_us: now_us }));
        }
        self.bytes.pop_front()
    }
}

/// The board's ends of the pseudo-terminals.
struct Wire {
    link: Pty,
    console: Inlet,
    modbus: Inlet,
    stop: Arc<AtomicBool>,
    chip: Option<Chip>,
    adc: VirtualAdc,
    start: Instant,
}

impl Wire {
    fn inlet(&mut self, port: Port) -> &mut Inlet {
        match port {
            Port::Console => &mut self.console,
            Port::Modbus => &mut self.modbus,
        }
    }
}

impl embedded_io::ErrorType for Wire {
    type Error = io::Error;
}

impl embedded_io::Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(length) = self.read_link(buffer, None)? {
                return Ok(length);
            }
        }
    }
}

impl embedded_io::Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        while !self.stop.load(Ordering::Relaxed) {
            match self.link.write(buffer)? {
                0 => self.link.wait_writable(LOOK)?,
                length => return Ok(length),
            }
        }
        Err(io::ErrorKind::BrokenPipe.into())
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

    fn adc(&mut self) -> Option<&mut dyn Adc> {
        Some(&mut self.adc)
    }

    fn reset_cause(&self) -> ResetCause {
        ResetCause::PowerOn
    }

    fn microseconds(&mut self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    fn read_link(&mut self, buffer: &mut [u8], patience_us: Option<u32>) -> io::Result<Option<usize>> {
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Some(0));
        }
        let most = patience_us.map_or(LOOK, |us| Duration::from_micros(us.into()).min(LOOK));
        let waits = self.console.bytes.is_empty() && self.modbus.bytes.is_empty();
        let most = if waits { most } else { Duration::ZERO };
        Pty::wait_readable(&[&self.link, &self.console.pty, &self.modbus.pty], most)?;
        let length = self.link.read(buffer)?;
        Ok((length > 0).then_some(length))
    }

    fn receive(&mut self, port: Port) -> Option<Received> {
        let now_us = self.microseconds();
        self.inlet(port).next(now_us)
    }

    fn send(&mut self, port: Port, bytes: &[u8]) -> usize {
        // To a terminal that cannot be written there is nothing to say.
        self.inlet(port).pty.write(bytes).unwrap_or(bytes.len())
    }
}
