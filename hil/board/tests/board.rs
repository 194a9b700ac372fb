//! A board between two ends of a line in memory, against the core run directly on the same codes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, Write};
use hil_board::store::NoChip;
use hil_board::{Board, Platform};
use hil_link::compressed::compress;
use hil_link::{
    Client, Config, Digest, Error, Hello, Kind, Next, Nominal, PROTOCOL_VERSION, Policy, Request, Response, Status,
    Window, encode, samples_frame,
};
use metering_core::calibration::Channel;
use metering_core::config::{self, Settings};
use metering_core::quantity::{SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::Residual;
use metering_core::{Block, Meter};
use proptest::prelude::*;

const DATA: usize = 1500;
const ROOM: usize = samples_frame(DATA);

/// One direction of a line each.
#[derive(Clone, Default)]
struct Line {
    down: Rc<RefCell<VecDeque<u8>>>,
    up: Rc<RefCell<VecDeque<u8>>>,
}

/// The board's end; it counts 100 instructions at each look.
struct Port {
    line: Line,
    instructions: u64,
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
struct Setup {
    line: Line,
    board: Board<Port, ROOM>,
    client: Client<{ ROOM + 1 }>,
}

impl Setup {
    fn new() -> Self {
        let line = Line::default();
        let board = Board::new(Port { line: line.clone(), instructions: 0 });
        Self { line, board, client: Client::new(65_530, Policy::at(115_200)) }
    }

    /// Sends bytes and lets the board work until the line is empty.
    fn carry(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.line.down.borrow_mut().extend(bytes);
        while self.board.poll().unwrap() > 0 {}
        self.line.up.borrow_mut().drain(..).collect()
    }

    fn ask(&mut self, request: &Request<'_>) -> Response {
        let bytes = self.client.begin(request, 0).unwrap().to_vec();
        let answer = self.carry(&bytes);
        answer.iter().find_map(|&byte| self.client.receive(byte, 0)).unwrap().unwrap()
    }

    fn hello(&mut self) -> Hello {
        match self.ask(&Request::Hello { version: PROTOCOL_VERSION }) {
            Response::Hello(hello) => hello,
            other => panic!("{other:?}"),
        }
    }

    fn status(&mut self) -> Status {
        match self.ask(&Request::Status) {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    /// Configures and sends all samples, the blocks as long as `frames` says; the windows that came back.
    fn play(&mut self, config: &Config, data: &[u8], mut frames: impl FnMut() -> usize) -> Vec<Window> {
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

fn config(adc_bits: u8, voltage: bool, currents: usize, residual: bool) -> Config {
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
fn codes(channels: usize, frames: usize, bits: u8) -> Vec<Vec<i32>> {
    let peak = f64::from((1i32 << (bits - 1)) - 1);
    let code = |channel: usize, frame: usize| {
        let angle = 2.0 * std::f64::consts::PI * 50.1 / 4000.0 * frame as f64 - 0.2 * channel as f64;
        let value = 0.7 * angle.sin() + 0.1 * (3.0 * angle).sin() + 0.01;
        (value * peak / (1 + channel) as f64) as i32
    };
    (0..channels).map(|channel| (0..frames).map(|frame| code(channel, frame)).collect()).collect()
}

fn pack(codes: &[Vec<i32>], code_bytes: usize) -> Vec<u8> {
    let frames = codes[0].len();
    let frame = |frame: usize| codes.iter().map(move |channel| channel[frame]);
    (0..frames).flat_map(frame).flat_map(|code| code.to_le_bytes().into_iter().take(code_bytes)).collect()
}

/// The core, run on all codes at once.
macro_rules! directly {
    ($sample:ty, $config:expr, $codes:expr) => {{
        let (config, codes): (&Config, &[Vec<i32>]) = ($config, $codes);
        let codes: Vec<Vec<$sample>> =
            codes.iter().map(|channel| channel.iter().map(|&code| code as $sample).collect()).collect();
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
        let mut meter = Meter::<$sample, 8>::new(config::Config::new(settings).unwrap());
        let mut windows = Vec::new();
        meter.push(&Block { voltage, currents, residual }, &mut |reading: &Reading<8>| {
            windows.push(Window::from(reading))
        });
        windows
    }};
}

fn digest(windows: &[Window]) -> u64 {
    let mut digest = Digest::new();
    for window in windows {
        digest.update(window);
    }
    digest.value()
}

#[test]
fn hello_names_the_board() {
    let mut setup = Setup::new();
    let hello = setup.hello();
    assert_eq!((hello.version, &*hello.board, &*hello.firmware), (PROTOCOL_VERSION, "memory", "1.2.3"));
    assert_eq!((hello.max_data, hello.clock_hz), (DATA as u32, 42));
}

#[test]
fn another_version_is_refused() {
    let mut setup = Setup::new();
    let answer = setup.ask(&Request::Hello { version: 9 });
    assert_eq!(answer, Response::Error(Error::Version { board: PROTOCOL_VERSION }));
}

#[test]
fn impossible_configurations_name_their_field() {
    let mut setup = Setup::new();
    setup.hello();
    let good = config(16, true, 1, true);
    let cases: [(&str, Config); 7] = [
        ("sample_rate", Config { sample_rate: 1, ..good.clone() }),
        ("adc_bits", Config { adc_bits: 3, ..good.clone() }),
        ("adc_bits", Config { adc_bits: 25, ..good.clone() }),
        ("voltage", Config { voltage: Some(hil_link::Channel::new(0)), ..good.clone() }),
        (
            "currents",
            Config { currents: [10 << 32, 0].into_iter().map(hil_link::Channel::new).collect(), ..good.clone() },
        ),
        (
            "residual",
            Config { residual: Some(hil_link::Residual::new(hil_link::Channel::new(u64::MAX))), ..good.clone() },
        ),
        ("channels", config(16, false, 0, false)),
    ];
    for (name, wrong) in cases {
        match setup.ask(&Request::Configure(wrong)) {
            Response::Error(Error::Config { field, reason }) => {
                assert_eq!(field, name);
                assert!(!reason.is_empty());
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let samples = Request::Samples { first_frame: 0, data: &[0; 6] };
    assert_eq!(setup.ask(&samples), Response::Error(Error::NotConfigured));
    assert_eq!(setup.ask(&Request::Configure(good)), Response::Configured);
    assert_eq!(setup.ask(&samples), Response::Readings(heapless::Vec::new()));
    setup.hello();
    assert_eq!(setup.ask(&samples), Response::Error(Error::NotConfigured), "a new session starts without a meter");
}

#[test]
fn samples_must_follow_and_fit() {
    let mut setup = Setup::new();
    setup.hello();
    setup.ask(&Request::Configure(config(24, true, 1, false)));
    let data = [0; DATA + 6];
    let mut samples = |first_frame, length: usize| setup.ask(&Request::Samples { first_frame, data: &data[..length] });
    assert_eq!(samples(0, 600), Response::Readings(heapless::Vec::new()));
    assert_eq!(samples(99, 6), Response::Error(Error::Gap { expected: 100 }));
    assert_eq!(samples(101, 6), Response::Error(Error::Gap { expected: 100 }));
    assert_eq!(samples(100, 7), Response::Error(Error::Length));
    assert_eq!(samples(100, 0), Response::Readings(heapless::Vec::new()));
    assert_eq!(samples(100, 6), Response::Readings(heapless::Vec::new()));
    assert_eq!(setup.status().frames, 101);
}

/// The codes of 100 frames, compressed.
fn compressed(config: &Config, codes: &[Vec<i32>], from: usize) -> (u32, Vec<u8>) {
    let slices: Vec<&[i32]> = codes.iter().map(|codes| &codes[from..]).collect();
    let mut data = vec![0; DATA];
    let (frames, bytes) = compress(&slices, config.code_bytes(), 100, &mut data);
    data.truncate(bytes);
    (frames as u32, data)
}

#[test]
fn compressed_samples_must_follow_and_fit_and_be_whole() {
    let mut setup = Setup::new();
    setup.hello();
    let config = config(24, true, 1, false);
    let codes = codes(2, 200, 24);
    let (frames, data) = compressed(&config, &codes, 0);
    let ask = |setup: &mut Setup, first_frame, frames, data: &[u8]| {
        setup.ask(&Request::Compressed { first_frame, frames, data })
    };
    assert_eq!(ask(&mut setup, 0, frames, &data), Response::Error(Error::NotConfigured));
    setup.ask(&Request::Configure(config.clone()));
    assert_eq!(ask(&mut setup, 1, frames, &data), Response::Error(Error::Gap { expected: 0 }));
    assert_eq!(ask(&mut setup, 0, frames - 1, &data), Response::Error(Error::Unknown), "more than it says");
    assert_eq!(ask(&mut setup, 0, frames + 1, &data), Response::Error(Error::Unknown), "less than it says");
    assert_eq!(ask(&mut setup, 0, frames, &data[..data.len() - 1]), Response::Error(Error::Unknown));
    assert_eq!(ask(&mut setup, 0, u32::MAX, &data), Response::Error(Error::Length), "more than half a second");
    assert_eq!(ask(&mut setup, 0, 0, &[]), Response::Error(Error::Unknown), "not even heads");
    assert_eq!(setup.status().frames, 0, "nothing of it was metered");
    assert_eq!(ask(&mut setup, 0, frames, &data), Response::Readings(heapless::Vec::new()));
    assert_eq!(ask(&mut setup, 0, frames, &data), Response::Error(Error::Gap { expected: frames.into() }));
    assert_eq!(setup.status().frames, u64::from(frames));
}

#[test]
fn compressed_samples_give_the_readings_of_the_core() {
    for (bits, voltage, currents, residual) in [(16, true, 1, true), (24, true, 8, true), (20, false, 0, true)] {
        let config = config(bits, voltage, currents, residual);
        let codes = codes(config.channels(), 10_000, bits);
        let expected = if bits <= 16 { directly!(i16, &config, &codes) } else { directly!(i32, &config, &codes) };
        let mut setup = Setup::new();
        setup.hello();
        setup.ask(&Request::Configure(config.clone()));
        let (mut sent, mut windows) = (0, Vec::new());
        while sent < 10_000 {
            let (frames, data) = compressed(&config, &codes, sent);
            match setup.ask(&Request::Compressed { first_frame: sent as u64, frames, data: &data }) {
                Response::Readings(new) => windows.extend(new),
                other => panic!("{other:?}"),
            }
            sent += frames as usize;
        }
        assert_eq!(windows, expected);
        let digest = expected.iter().fold(Digest::new(), |mut digest, window| {
            digest.update(window);
            digest
        });
        assert_eq!(setup.status().digest, digest.value());
    }
}

#[test]
fn too_long_a_request_is_not_executed() {
    let mut setup = Setup::new();
    setup.hello();
    setup.ask(&Request::Configure(config(16, true, 0, false)));
    let mut frame = vec![0; samples_frame(5 * DATA)];
    let samples = Request::Samples { first_frame: 0, data: &[1; 5 * DATA] };
    let length = encode(Kind::Request, 65_532, &samples, &mut frame).unwrap();
    assert!(setup.carry(&frame[..length]).is_empty(), "longer than the board's room: damaged");
    let status = setup.status();
    assert_eq!((status.frames, status.damaged_frames), (0, 1));
}

#[test]
fn readings_are_those_of_the_core() {
    for (bits, voltage, currents, residual) in
        [(16, true, 1, true), (24, true, 1, true), (24, true, 8, true), (12, false, 2, false), (20, false, 0, true)]
    {
        let config = config(bits, voltage, currents, residual);
        let codes = codes(config.channels(), 10_000, bits);
        let expected = if bits <= 16 { directly!(i16, &config, &codes) } else { directly!(i32, &config, &codes) };
        assert!(expected.len() >= 11, "{} windows", expected.len());
        let mut setup = Setup::new();
        let data = pack(&codes, config.code_bytes());
        assert_eq!(setup.play(&config, &data, || usize::MAX), expected, "{bits} bits");
        let status = setup.status();
        assert_eq!((status.frames, status.windows), (10_000, expected.len() as u32));
        assert_eq!(status.digest, digest(&expected));
        assert_eq!(status.damaged_frames, 0);
        assert!(status.metering_instructions >= 100 && status.instructions > status.metering_instructions);
    }
}

#[test]
fn no_request_completes_more_windows_than_an_answer_holds() {
    // The worst case: the lowest rate and ten cycles of the highest frequency, in the longest blocks there may be.
    let mut config = config(16, true, 0, false);
    (config.sample_rate, config.nominal) = (2000 << 32, Nominal::Hz50);
    let code = |frame: usize| ((2.0 * std::f64::consts::PI * 69.0 / 2000.0 * frame as f64).sin() * 30_000.0) as i32;
    let codes = [(0..40_000).map(code).collect::<Vec<_>>()];
    let data = pack(&codes, 2);
    let mut line = Line::default();
    let mut board = Board::<Port, { samples_frame(2002) }>::new(Port { line: line.clone(), instructions: 0 });
    let mut client = Client::<{ samples_frame(2002) + 1 }>::new(0, Policy::at(115_200));
    let mut ask = |request: &Request<'_>| {
        line.down.borrow_mut().extend(client.begin(request, 0).unwrap());
        while board.poll().unwrap() > 0 {}
        let line = &mut line;
        let answer: Vec<u8> = line.up.borrow_mut().drain(..).collect();
        answer.iter().find_map(|&byte| client.receive(byte, 0)).unwrap().unwrap()
    };
    ask(&Request::Hello { version: PROTOCOL_VERSION });
    ask(&Request::Configure(config.clone()));
    let most = config.max_frames(2000) as usize;
    assert_eq!(most, 1000);
    let longer = Request::Samples { first_frame: 0, data: &data[..2002] };
    assert_eq!(ask(&longer), Response::Error(Error::Length), "more than half a second");
    let mut windows = 0;
    for (number, data) in data.chunks(most * 2).enumerate() {
        match ask(&Request::Samples { first_frame: (number * most) as u64, data }) {
            Response::Readings(new) => windows += new.len() as u32,
            other => panic!("{other:?}"),
        }
    }
    assert!(windows > 130, "{windows} windows");
    let Response::Status(status) = ask(&Request::Status) else { panic!("no status") };
    assert_eq!(status.windows, windows, "each window that was counted was also sent");
}

#[test]
fn a_repeated_request_is_executed_once() {
    let mut setup = Setup::new();
    setup.hello();
    setup.ask(&Request::Configure(config(16, true, 0, false)));
    let frame = setup.client.begin(&Request::Samples { first_frame: 0, data: &[0; 200] }, 0).unwrap().to_vec();
    // Sent again it has a zero in front.
    let first = [vec![0], setup.carry(&frame)].concat();
    assert_eq!(setup.carry(&frame), first);
    let Next::Send(again) = setup.client.next(2000) else { panic!("the client waits") };
    let again = again.to_vec();
    let answer = setup.carry(&again);
    assert_eq!(answer, first);
    assert!(answer.iter().find_map(|&byte| setup.client.receive(byte, 0)).is_some());
    assert_eq!(setup.status().frames, 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_cut_into_requests_does_not_matter(cuts in proptest::collection::vec(1usize..260, 1..50)) {
        let config = config(24, true, 1, true);
        let codes = codes(3, 6000, 24);
        let expected = directly!(i32, &config, &codes);
        let mut cuts = cuts.into_iter().cycle();
        let windows = Setup::new().play(&config, &pack(&codes, 3), || cuts.next().unwrap());
        prop_assert_eq!(windows, expected);
    }
}
