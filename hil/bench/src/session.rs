//! The talk with a board: greet, configure, play, ask.
//!
//! In come requests, out go answers or one sentence why there is none. The protocol's rules stand in `hil-link`, the way
//! of a request in `line`. This file must not know what is played or judged.

mod line;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Result, bail};
use hil_link::compressed::compress;
use hil_link::residual::Command;
use hil_link::{
    Block, BoardInfo, CalibrationRequest, CalibrationState, Config, DeviceAnswer, DeviceRequest, EnergyRequest,
    EnergyState, Events, Hello, Notices, PROTOCOL_VERSION, PanelState, Request, Response, SettingsAnswer,
    SettingsRequest, SettingsState, Signal, Status, Window,
};

use crate::board::{Board, Killer, Ports};
use crate::plan::Plan;
use crate::terminal::plain;
use line::Line;

/// How long a port that is gone is waited for: a hand needs as long for a plug.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a session lasts when things go wrong.
#[derive(Clone, Debug)]
pub struct Terms {
    /// A port that is gone is waited for so long in a request, not at all by one that looks for it by itself.
    pub patience: Duration,
    /// Every request fails from when this is set.
    pub stop: Arc<AtomicBool>,
}

impl Default for Terms {
    /// Ten seconds, and nobody stops it.
    fn default() -> Self {
        Self { patience: PATIENCE, stop: Arc::default() }
    }
}

/// A board that has been greeted.
pub struct Session {
    line: Line,
    hello: Hello,
}

impl Session {
    /// Greets the board, on the usual terms.
    ///
    /// # Errors
    /// As of [`Session::on`].
    pub fn start(board: Board) -> Result<Self> {
        Self::on(board, Terms::default())
    }

    /// Greets the board.
    ///
    /// # Errors
    /// It does not answer, or speaks another version of the protocol.
    pub fn on(board: Board, terms: Terms) -> Result<Self> {
        let mut line = Line::new(board, terms);
        match line.ask(&Request::Hello { version: PROTOCOL_VERSION })? {
            Response::Hello(hello) if hello.version == PROTOCOL_VERSION => {
                line.greeted();
                // What is no longer than before fits.
                let fit = |text: &str| plain(text).as_str().try_into().unwrap_or_default();
                let hello = Hello { board: fit(&hello.board), firmware: fit(&hello.firmware), ..hello };
                Ok(Self { line, hello })
            }
            Response::Hello(hello) => bail!(versions(hello.version)),
            Response::Error(hil_link::Error::Version { board }) => bail!(versions(board)),
            other => bail!(unexpected("a greeting", &other)),
        }
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
        self.configure(&plan.config)?;
        let (mut windows, mut from) = (Vec::new(), 0);
        while from < plan.frames() {
            let (frames, new) = self.stretch(plan, from)?;
            windows.extend(new);
            from += frames;
            progress(from);
        }
        Ok(windows)
    }

    /// Most bytes of samples in a request: what the board has room for, and the line takes in a short time.
    fn room(&self) -> usize {
        (self.hello.max_data as usize).min(self.line.data())
    }

    /// Configures the meter; returns the most frames that a request may carry.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn configure(&mut self, config: &Config) -> Result<usize> {
        match self.line.ask(&Request::Configure(config.clone()))? {
            Response::Configured => {}
            other => bail!(unexpected("the configuration", &other)),
        }
        let most = config.max_frames(self.room() as u32) as usize;
        if most == 0 {
            bail!("the board takes {} bytes of samples, not even one frame", self.hello.max_data);
        }
        Ok(most)
    }

    /// Sends as many frames of a plan from `from` on as a request carries, compressed where that is shorter; returns their
    /// number and the windows that they completed.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn stretch(&mut self, plan: &Plan, from: usize) -> Result<(usize, Vec<Window>)> {
        let config = &plan.config;
        let room = self.room();
        let most = (plan.frames() - from).min(config.max_frames(u32::MAX) as usize);
        let plain = most.min(room / config.frame_bytes().max(1));
        let channels: Vec<&[i32]> = plan.codes.iter().map(|codes| &codes[from..from + most]).collect();
        let mut data = vec![0; room];
        let (frames, bytes) = compress(&channels, config.code_bytes(), most, &mut data);
        if (frames, plain * config.frame_bytes()) <= (plain, bytes) {
            return Ok((plain, self.samples(from as u64, &plan.packed(from, from + plain))?));
        }
        let request = Request::Compressed { first_frame: from as u64, frames: frames as u32, data: &data[..bytes] };
        match self.line.ask(&request)? {
            Response::Readings(windows) => Ok((frames, windows.into_iter().collect())),
            other => bail!(unexpected("compressed samples", &other)),
        }
    }

    /// Sends frames; returns the windows that they completed.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn samples(&mut self, first_frame: u64, data: &[u8]) -> Result<Vec<Window>> {
        match self.line.ask(&Request::Samples { first_frame, data })? {
            Response::Readings(windows) => Ok(windows.into_iter().collect()),
            other => bail!(unexpected("samples", &other)),
        }
    }

    /// Sets the board's own signal.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn set_signal(&mut self, signal: &Signal) -> Result<()> {
        match self.line.ask(&Request::Signal(signal.clone()))? {
            Response::SignalSet => Ok(()),
            other => bail!(unexpected("a signal of its own", &other)),
        }
    }

    /// Lets the board meter frames of its own; returns the windows that they completed.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn run(&mut self, frames: u32) -> Result<Vec<Window>> {
        match self.line.ask(&Request::Run { frames, with_codes: false })? {
            Response::Readings(windows) => Ok(windows.into_iter().collect()),
            other => bail!(unexpected("to meter what it samples", &other)),
        }
    }

    /// The same, and gives the codes.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn sample(&mut self, frames: u32) -> Result<Block> {
        match self.line.ask(&Request::Run { frames, with_codes: true })? {
            Response::Block(block) => Ok(block),
            other => bail!(unexpected("to sample", &other)),
        }
    }

    /// Asks something of the energy registers.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn energy(&mut self, request: EnergyRequest) -> Result<EnergyState> {
        match self.line.ask(&Request::Energy(request))? {
            Response::Energy(state) => Ok(state),
            other => bail!(unexpected("the request for its energy registers", &other)),
        }
    }

    /// Reads or writes the calibration.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn calibration(&mut self, request: CalibrationRequest) -> Result<CalibrationState> {
        match self.line.ask(&Request::Calibration(request))? {
            Response::Calibration(state) => Ok(state),
            other => bail!(unexpected("the request for its calibration", &other)),
        }
    }

    /// Sees or presses the device's front, or asks what the board is.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn device(&mut self, request: DeviceRequest) -> Result<DeviceAnswer> {
        match self.line.ask(&Request::Device(request))? {
            Response::Device(answer) => Ok(answer),
            other => bail!(unexpected("the request for its front", &other)),
        }
    }

    /// Asks something of the device's settings.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn settings(&mut self, request: SettingsRequest<'_>) -> Result<SettingsAnswer> {
        match self.line.ask(&Request::Settings(request))? {
            Response::Settings(answer) => Ok(answer),
            other => bail!(unexpected("the request for its settings", &other)),
        }
    }

    /// The same, of a request that is answered with how they stand.
    ///
    /// # Errors
    /// As of [`Session::settings`].
    pub fn settings_state(&mut self, request: SettingsRequest<'_>) -> Result<SettingsState> {
        match self.settings(request)? {
            SettingsAnswer::State(state) => Ok(state),
            _ => bail!("the board gives no fitting answer to the question how its settings stand"),
        }
    }

    /// Names of the board's ports, if this program started it.
    pub fn ports(&self) -> Option<&Ports> {
        self.line.ports()
    }

    /// What the board is and how it started.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn info(&mut self) -> Result<BoardInfo> {
        match self.device(DeviceRequest::Info)? {
            DeviceAnswer::Info(info) => Ok(info),
            DeviceAnswer::Panel(_) => bail!("the board gives no fitting answer to the question what it is"),
        }
    }

    /// Sees or presses the device's front.
    ///
    /// # Errors
    /// The board refuses or is lost.
    pub fn panel(&mut self, request: DeviceRequest) -> Result<PanelState> {
        match self.device(request)? {
            DeviceAnswer::Panel(state) => Ok(state),
            DeviceAnswer::Info(_) => bail!("the board gives no fitting answer to a look at its panel"),
        }
    }

    /// What kills the board's emulator from another thread, if it has one.
    pub fn killer(&self) -> Option<Killer> {
        self.line.killer()
    }

    /// Asks for the events that the board saw since the last time.
    ///
    /// # Errors
    /// The board is lost.
    pub fn events(&mut self) -> Result<Events> {
        match self.line.ask(&Request::Events)? {
            Response::Events(events) => Ok(events),
            other => bail!(unexpected("the question for events", &other)),
        }
    }

    /// Asks for what the residual-current monitor told since the last time.
    ///
    /// # Errors
    /// The board is lost.
    pub fn notices(&mut self) -> Result<Notices> {
        match self.line.ask(&Request::Residual(Command::Notices))? {
            Response::Residual(notices) => Ok(notices),
            other => bail!(unexpected("the question for notices", &other)),
        }
    }

    /// Asks for the board's counters and digest.
    ///
    /// # Errors
    /// The board is lost.
    pub fn status(&mut self) -> Result<Status> {
        match self.line.ask(&Request::Status)? {
            Response::Status(status) => Ok(status),
            other => bail!(unexpected("the question for its state", &other)),
        }
    }

    /// Requests that had to be sent again so far.
    pub fn resent(&self) -> u32 {
        self.line.client().resent()
    }

    /// Damaged frames received so far.
    pub fn damaged(&self) -> u32 {
        self.line.client().damaged()
    }

    /// Answers that came twice so far.
    pub fn stray(&self) -> u32 {
        self.line.client().stray()
    }
}

fn versions(board: u16) -> String {
    format!(
        "the board speaks version {board} of the protocol, this program version {PROTOCOL_VERSION}: flash a firmware \
             of the same release"
    )
}

fn unexpected(what: &str, response: &Response) -> String {
    match response {
        Response::Error(hil_link::Error::NoHello) => {
            format!("the board has restarted before {what} came, and has forgotten what it was doing")
        }
        Response::Error(error) => format!("the board refuses {what}: {error}"),
        _ => format!("the board gives no fitting answer to {what}"),
    }
}
