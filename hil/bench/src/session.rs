//! The talk with a board: greet, configure, play, ask.
//!
//! In come requests, out go answers or one sentence why there is none. The protocol's rules stand in `hil-link`; here
//! are the port and the clock that it was not given. This file must not know what is played or judged.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, bail, ensure};
use hil_link::{
    CalibrationRequest, CalibrationState, Client, Config, DeviceAnswer, DeviceRequest, EnergyRequest, EnergyState,
    Events, Hello, Next, Notices, PROTOCOL_VERSION, Policy, Request, Response, Signal, Status, Window, samples_frame,
};

use hil_link::residual::Command;
use serialport::SerialPort;

use crate::board::{Board, Killer, Ports};
use crate::plan::Plan;
use crate::terminal::plain;

/// Most bytes of samples the bench puts into a request, whatever the board would take.
const MAX_DATA: usize = 4096;

/// A board that has been greeted.
pub struct Session {
    board: Board,
    client: Box<Client<{ samples_frame(MAX_DATA) + 1 }>>,
    start: Instant,
    /// Bytes received, right or wrong.
    received: u64,
    hello: Hello,
    /// Set from outside when the user has had enough.
    stop: Arc<AtomicBool>,
}

impl Session {
    /// Greets the board.
    ///
    /// # Errors
    /// It does not answer, or speaks another version of the protocol.
    pub fn start(board: Board) -> Result<Self> {
        // Another first number each time, so that a late answer to an earlier session is told apart.
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let mut session = Self {
            board,
            client: Box::new(Client::new(seed as u16, Policy::DEFAULT)),
            start: Instant::now(),
            received: 0,
            hello: Hello {
                version: 0,
                board: heapless::String::new(),
                firmware: heapless::String::new(),
                max_data: 0,
                clock_hz: 0,
            },
            stop: Arc::default(),
        };
        match session.ask(&Request::Hello { version: PROTOCOL_VERSION })? {
            Response::Hello(hello) if hello.version == PROTOCOL_VERSION => {
                // What is no longer than before fits.
                let fit = |text: &str| plain(text).as_str().try_into().unwrap_or_default();
                session.hello = Hello { board: fit(&hello.board), firmware: fit(&hello.firmware), ..hello };
            }
            Response::Hello(hello) => bail!(versions(hello.version)),
            Response::Error(hil_link::Error::Version { board }) => bail!(versions(board)),
            other => bail!(unexpected("a greeting", &other)),
        }
        Ok(session)
    }

    /// Every request fails from when this is set.
    pub fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    /// What the board said of itself.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Plays a plan from its first frame to its last; `progress` is told the frames sent. Returns the windows.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn play(&mut self, plan: &Plan, progress: &mut dyn FnMut(usize)) -> Result<Vec<Window>> {
        let most = self.configure(&plan.config)?;
        let mut windows = Vec::new();
        for from in (0..plan.frames()).step_by(most) {
            let to = (from + most).min(plan.frames());
            windows.extend(self.samples(from as u64, &plan.packed(from, to))?);
            progress(to);
        }
        Ok(windows)
    }

    /// Configures the meter; returns the most frames that a request may carry.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn configure(&mut self, config: &Config) -> Result<usize> {
        match self.ask(&Request::Configure(config.clone()))? {
            Response::Configured => {}
            other => bail!(unexpected("the configuration", &other)),
        }
        let most = config.max_frames(self.hello.max_data.min(self.line_data())) as usize;
        if most == 0 {
            bail!("the board takes {} bytes of samples, not even one frame", self.hello.max_data);
        }
        Ok(most)
    }

    /// Sends frames; returns the windows that they completed.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn samples(&mut self, first_frame: u64, data: &[u8]) -> Result<Vec<Window>> {
        match self.ask(&Request::Samples { first_frame, data })? {
            Response::Readings(windows) => Ok(windows.into_iter().collect()),
            other => bail!(unexpected("samples", &other)),
        }
    }

    /// Sets the board's own signal.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn set_signal(&mut self, signal: &Signal) -> Result<()> {
        match self.ask(&Request::Signal(signal.clone()))? {
            Response::SignalSet => Ok(()),
            other => bail!(unexpected("a signal of its own", &other)),
        }
    }

    /// Lets the board meter frames of its own signal; returns the windows that they completed.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn run(&mut self, frames: u32) -> Result<Vec<Window>> {
        match self.ask(&Request::Run { frames, with_codes: false })? {
            Response::Readings(windows) => Ok(windows.into_iter().collect()),
            other => bail!(unexpected("to meter its own signal", &other)),
        }
    }

    /// Asks something of the energy registers.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn energy(&mut self, request: EnergyRequest) -> Result<EnergyState> {
        match self.ask(&Request::Energy(request))? {
            Response::Energy(state) => Ok(state),
            other => bail!(unexpected("the request for its energy registers", &other)),
        }
    }

    /// Reads or writes the calibration.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn calibration(&mut self, request: CalibrationRequest) -> Result<CalibrationState> {
        match self.ask(&Request::Calibration(request))? {
            Response::Calibration(state) => Ok(state),
            other => bail!(unexpected("the request for its calibration", &other)),
        }
    }

    /// Sees or presses the device's front, or asks what the board is.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn device(&mut self, request: DeviceRequest) -> Result<DeviceAnswer> {
        match self.ask(&Request::Device(request))? {
            Response::Device(answer) => Ok(answer),
            other => bail!(unexpected("the request for its front", &other)),
        }
    }

    /// Names of the board's ports, if this program started it.
    pub fn ports(&self) -> Option<&Ports> {
        self.board.ports()
    }

    /// What kills the board's emulator from another thread, if it has one.
    pub fn killer(&self) -> Option<Killer> {
        self.board.killer()
    }

    /// Asks for the events that the board saw since the last time.
    ///
    /// # Errors
    /// The board is lost.
    pub fn events(&mut self) -> Result<Events> {
        match self.ask(&Request::Events)? {
            Response::Events(events) => Ok(events),
            other => bail!(unexpected("the question for events", &other)),
        }
    }

    /// Asks for what the residual-current monitor told since the last time.
    ///
    /// # Errors
    /// The board is lost.
    pub fn notices(&mut self) -> Result<Notices> {
        match self.ask(&Request::Residual(Command::Notices))? {
            Response::Residual(notices) => Ok(notices),
            other => bail!(unexpected("the question for notices", &other)),
        }
    }

    /// Asks for the board's counters and digest.
    ///
    /// # Errors
    /// The board is lost.
    pub fn status(&mut self) -> Result<Status> {
        match self.ask(&Request::Status)? {
            Response::Status(status) => Ok(status),
            other => bail!(unexpected("the question for its state", &other)),
        }
    }

    /// Requests that had to be sent again so far.
    pub fn resent(&self) -> u32 {
        self.client.resent()
    }

    /// Damaged frames received so far.
    pub fn damaged(&self) -> u32 {
        self.client.damaged()
    }

    /// Answers that came twice so far.
    pub fn stray(&self) -> u32 {
        self.client.stray()
    }

    /// Most bytes of samples in a request: the line must carry them well within the time after which the client would
    /// send them again.
    fn line_data(&self) -> u32 {
        // Ten bits on the line make a byte.
        let per_second = self.board.port.baud_rate().map_or(u32::MAX, |baud| baud / 10);
        (per_second / 2).min(MAX_DATA as u32)
    }

    fn ask(&mut self, request: &Request<'_>) -> Result<Response> {
        ensure!(!self.stop.load(Ordering::Relaxed), "interrupted");
        let now = self.now();
        let bytes = self.client.begin(request, now).map_err(|error| anyhow!("{error}"))?;
        let sent = send(&mut *self.board.port, bytes);
        sent.map_err(|error| self.lost(&error))?;
        let mut buffer = [0; 512];
        loop {
            let now = self.start.elapsed().as_millis() as u64;
            match self.client.next(now) {
                Next::Wait(_) | Next::Idle => {}
                Next::Send(bytes) => {
                    let sent = send(&mut *self.board.port, bytes);
                    sent.map_err(|error| self.lost(&error))?;
                }
                Next::GaveUp => bail!(self.silent()),
            }
            let count = match self.board.port.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => 0,
                Err(error) => return Err(self.lost(&error)),
            };
            self.received += count as u64;
            for &byte in &buffer[..count] {
                if let Some(answer) = self.client.receive(byte) {
                    return answer.map_err(|error| anyhow!("{error}: another version of the protocol?"));
                }
            }
            if count == 0
                && let Some(gone) = self.board.gone()
            {
                bail!("the board is lost: {gone}");
            }
        }
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    fn lost(&mut self, error: &io::Error) -> anyhow::Error {
        // The emulator's end closes a moment before its process can be seen to have ended.
        std::thread::sleep(std::time::Duration::from_millis(100));
        let why = self.board.gone().unwrap_or_else(|| format!("its port says: {error}"));
        anyhow!("the board is lost: {why}")
    }

    fn silent(&self) -> String {
        let baud = self.board.port.baud_rate().unwrap_or(0);
        if self.received == 0 {
            format!("the board does not answer (nothing received at {baud} baud): is it powered and is this its port?")
        } else if self.hello.version == 0 {
            format!(
                "the board does not answer: {} bytes received at {baud} baud, none of them an answer; does the \
                 baud rate fit (--baud), and is this its port?",
                self.received
            )
        } else {
            "the board is lost: it has stopped answering".into()
        }
    }
}

/// Writes all bytes, however slow the line; gives up when not one is taken for four seconds.
fn send(port: &mut dyn SerialPort, mut bytes: &[u8]) -> io::Result<()> {
    let mut moved = Instant::now();
    while !bytes.is_empty() {
        match port.write(bytes) {
            Ok(count @ 1..) => (bytes, moved) = (&bytes[count..], Instant::now()),
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::TimedOut && moved.elapsed().as_secs() < 4 => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn versions(board: u16) -> String {
    format!(
        "the board speaks version {board} of the protocol, this program version {PROTOCOL_VERSION}: flash a firmware \
             of the same release"
    )
}

fn unexpected(what: &str, response: &Response) -> String {
    match response {
        Response::Error(error) => format!("the board refuses {what}: {error}"),
        _ => format!("the board gives no fitting answer to {what}"),
    }
}
