//! The line, what is sent over it, and the core run directly.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, Write};
use hil_board::store::NoChip;
use hil_board::{Board, Platform};
use hil_link::{
    Client, Config, Digest, Hello, Nominal, PROTOCOL_VERSION, Policy, Request, Response, Status, Window, samples_frame,
};
use metering_core::calibration::Channel;
use metering_core::config::Settings;
use metering_core::quantity::{SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::Residual;
use metering_core::{Block, Meter, Sample, config};

pub const DATA: usize = 1500;
pub const ROOM: usize = samples_frame(DATA);

/// One direction of a line each.
#[derive(Clone, Default)]
pub struct Line {
    pub down: Rc<RefCell<VecDeque<u8>>>,
    pub up: Rc<RefCell<VecDeque<u8>>>,
}

/// The board's end; it counts 100 instructions at each look.
pub struct Port {
    pub line: Line,
    pub instructions: u64,
}

impl ErrorType for Port {
    type Error = Infallible;
}

impl Read for Port {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let mut down = self.line.down.borrow_mut();
        let length = buffer.len().min(down.len());
        buffer.iter_mut().zip(down.drain(..length)).for_each(|(place, byte)| *place = byte);
        Ok(length)
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.line.up.borrow_mut().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Platform for Port {
    const NAME: &'static str = "memory";
    const FIRMWARE: &'static str = "1.2.3";
    type Chip = NoChip;

    fn chip(&mut self) -> NoChip {
        NoChip
    }

    fn clock_hz(&self) -> u32 {
        42
    }

    fn instructions(&mut self) -> u64 {
        self.instructions += 100;
        self.instructions
    }
}

/// Bench and board.
pub struct Setup {
    pub line: Line,
    pub board: Board<Port, ROOM>,
    pub client: Client<{ ROOM + 1 }>,
}

impl Setup {
    pub fn new() -> Self {
        let line = Line::default();
        let board = Board::new(Port { line: line.clone(), instructions: 0 });
        Self { line, board, client: Client::new(65_530, Policy::at(115_200)) }
    }

    /// Sends bytes and lets the board work until the line is empty.
    pub fn carry(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.line.down.borrow_mut().extend(bytes);
        while self.board.poll().unwrap() > 0 {}
        self.line.up.borrow_mut().drain(..).collect()
    }

    pub fn ask(&mut self, request: &Request<'_>) -> Response {
        let bytes = self.client.begin(request, 0).unwrap().to_vec();
        let answer = self.carry(&bytes);
        answer.iter().find_map(|&byte| self.client.receive(byte, 0)).unwrap().unwrap()
    }

    pub fn hello(&mut self) -> Hello {
        match self.ask(&Request::Hello { version: PROTOCOL_VERSION }) {
            Response::Hello(hello) => hello,
            other => panic!("{other:?}"),
        }
    }

    pub fn status(&mut self) -> Status {
        match self.ask(&Request::Status) {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    /// Configures and sends all samples, the blocks as long as `frames` says; the windows that came back.
    pub fn play(&mut self, config: &Config, data: &[u8], mut frames: impl FnMut() -> usize) -> Vec<Window> {
        self.hello();
        assert_eq!(self.ask(&Request::Configure(config.clone())), Response::Configured);
        let mut windows = Vec::new();
        let mut sent = 0;
        let most = config.max_frames(DATA as u32) as usize;
        while sent * config.frame_bytes() < data.len() {
            let rest = &data[sent * config.frame_bytes()..];
            let count = frames().clamp(1, most).min(rest.len() / config.frame_bytes());
            let samples = Request::Samples { first_frame: sent as u64, data: &rest[..count * config.frame_bytes()] };
            match self.ask(&samples) {
                Response::Readings(new) => windows.extend(new),
                other => panic!("{other:?}"),
            }
            sent += count;
        }
        windows
    }
}

pub fn config(adc_bits: u8, voltage: bool, currents: usize, residual: bool) -> Config {
    Config {
        sample_rate: 4000 << 32,
        clock: 0,
        adc_bits,
        nominal: Nominal::Auto,
        voltage: voltage.then_some(hil_link::Channel::new(400 << 32)),
        currents: (1..=currents as u64).map(|number| hil_link::Channel::new((10 * number) << 32)).collect(),
        residual: residual.then_some(hil_link::Residual::new(hil_link::Channel::new(1 << 31))),
        no_load: None,
        events: None,
    }
}

/// A 50.1 Hz sine with a third harmonic per channel, some of them shifted, as codes of `bits` bits.
pub fn codes(channels: usize, frames: usize, bits: u8) -> Vec<Vec<i32>> {
    let peak = f64::from((1i32 << (bits - 1)) - 1);
    let code = |channel: usize, frame: usize| {
        let angle = 2.0 * std::f64::consts::PI * 50.1 / 4000.0 * frame as f64 - 0.2 * channel as f64;
        let value = 0.7 * angle.sin() + 0.1 * (3.0 * angle).sin() + 0.01;
        (value * peak / (1 + channel) as f64) as i32
    };
    (0..channels).map(|channel| (0..frames).map(|frame| code(channel, frame)).collect()).collect()
}

pub fn pack(codes: &[Vec<i32>], code_bytes: usize) -> Vec<u8> {
    let frames = codes[0].len();
    let frame = |frame: usize| codes.iter().map(move |channel| channel[frame]);
    (0..frames).flat_map(frame).flat_map(|code| code.to_le_bytes().into_iter().take(code_bytes)).collect()
}

/// The core, run on all codes at once, in samples as wide as the board takes them.
pub fn directly(config: &Config, codes: &[Vec<i32>]) -> Vec<Window> {
    if config.adc_bits <= 16 { metered(config, codes, |code| code as i16) } else { metered(config, codes, |code| code) }
}

fn metered<S: Sample>(config: &Config, codes: &[Vec<i32>], sample: impl Fn(i32) -> S) -> Vec<Window> {
    let codes: Vec<Vec<S>> = codes.iter().map(|channel| channel.iter().map(|&code| sample(code)).collect()).collect();
    let mut channels = codes.iter().map(Vec::as_slice);
    let mut next = |present: bool| if present { channels.next().unwrap() } else { &[][..] };
    let voltage = next(config.voltage.is_some());
    let currents = core::array::from_fn(|number| next(number < config.currents.len()));
    let residual = next(config.residual.is_some());
    let channel = |wire: &hil_link::Channel| Channel::new(Volt::from_bits(wire.range));
    let settings = Settings::<8> {
        voltage: config.voltage.as_ref().map(channel),
        currents: core::array::from_fn(|number| config.currents.get(number).map(channel)),
        residual: config.residual.as_ref().map(|residual| Residual::new(channel(&residual.channel))),
        ..Settings::new(SampleRate::from_bits(config.sample_rate), config.adc_bits.into())
    };
    let mut meter = Meter::<S, 8>::new(config::Config::new(settings).unwrap());
    let mut windows = Vec::new();
    meter.push(&Block { voltage, currents, residual }, &mut |reading: &Reading<8>| {
        windows.push(Window::from(reading));
    });
    windows
}

pub fn digest(windows: &[Window]) -> u64 {
    let mut digest = Digest::new();
    for window in windows {
        digest.update(window);
    }
    digest.value()
}
