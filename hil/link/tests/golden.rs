//! The wire format, byte by byte. The expected bytes were computed by a separate program from the text of PROTOCOL.md
//! (zlib's CRC-32, COBS and LEB128 by hand): a test that fails here means that old benches no longer understand new
//! boards, and asks for a new protocol version.

use heapless::{String, Vec};
use hil_link::residual::{self, Change, Command};
use hil_link::signal::{MAX_BLOCK, MAX_CHANNELS, MAX_TONES};
use hil_link::window::{Current, Powers, Voltage};
use hil_link::{
    ANSWER_MAX, Block, BoardInfo, Calibration, CalibrationRequest, CalibrationState, Channel, Colour, Config,
    Correction, Decoder, DeviceAnswer, DeviceRequest, Digest, Energies, EnergyChannel, EnergyRequest, EnergyState,
    Error, Event, EventKind, EventLimits, Events, Hello, Kind, LineVerdict, Memory, Monitor, NoLoad, Nominal, Notice,
    Notices, Overload, PROTOCOL_VERSION, PanelMode, PanelState, Pattern, Request, ResetCause, Residual,
    ResidualReading, Response, SaveWhen, SettingsAnswer, SettingsRequest, SettingsState, Signal, Status, Tone,
    Waveform, Window, encode, samples_frame,
};
use metering_core::energy::Energy;
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Second, Signed, Volt};
use metering_core::reading::{CurrentReading, Flags, PowerReading, Reading, VoltageReading};
use metering_core::residual as core;

fn text<const N: usize>(text: &str) -> String<N> {
    String::try_from(text).unwrap()
}

/// A reading with a value of each kind: 230 V, 50 Hz, 1 A on the second of three channels, -115 W, 199 var.
fn reading() -> Reading<3> {
    let power = PowerReading {
        active: Power::from_num(-115),
        fundamental_active: Power::from_num(-114),
        reactive: Power::from_num(199),
        phase: Degree::from_num(60),
    };
    let voltage = VoltageReading {
        rms: Volt::from_num(230),
        fundamental: Volt::from_num(229),
        dc: Signed::from_num(-0.5),
        peak: Volt::from_num(325),
    };
    let current = CurrentReading {
        rms: Ampere::from_num(1),
        fundamental: Ampere::from_num(0.75),
        dc: Signed::from_num(0.25),
        peak: Ampere::from_num(2),
        no_load: true,
        power: Some(power),
        energy: Energy::default(),
    };
    Reading {
        end_frame: 1600,
        length_q16: 1600 << 16,
        duration: Second::ZERO,
        elapsed: Second::ZERO,
        flags: Flags::SETTLING,
        frequency: Some(Hertz::from_num(50)),
        voltage: Some(voltage),
        currents: [None, Some(current), None],
        residual: Some(core::ResidualReading {
            rms: Ampere::from_num(0.5),
            ac: Ampere::from_num(0.25),
            total: None,
            dc: Signed::from_num(-0.25),
            peak: Ampere::from_num(1),
            kind: core::Kind::PulsatingNegative,
        }),
    }
}

fn config() -> Config {
    let second = Channel {
        gain_ppm: -3,
        inverted: true,
        phase: 1500,
        delay: -64,
        zero: Some(100),
        noise: 5,
        clip: Some((-2000, 2000)),
        ..Channel::new(16 << 32)
    };
    Config {
        sample_rate: 8000 << 32,
        clock: -25,
        adc_bits: 24,
        nominal: Nominal::Auto,
        voltage: Some(Channel::new(325 << 32)),
        currents: Vec::from_slice(&[Channel::new(10 << 32), second]).unwrap(),
        residual: Some(Residual {
            corner_mhz: Some(1000),
            monitor: Some(Monitor { latching: true, ..Monitor::new(1 << 27) }),
            ..Residual::new(Channel::new(1 << 31))
        }),
        no_load: Some(NoLoad { power: 1 << 24, current: 1 << 28, hysteresis: 20 }),
        events: Some(EventLimits {
            nominal: 230 << 32,
            dip: Some(9000),
            swell: None,
            interruption: Some(500),
            hysteresis: 200,
            overloads: Vec::from_slice(&[None, Some(Overload { threshold: 16 << 32, hysteresis: 500, delay: 3 })])
                .unwrap(),
        }),
    }
}

fn energy() -> EnergyState {
    let continuous = Energies {
        forward_active: 300 << 16,
        reverse_active: 1,
        forward_reactive: 2,
        reverse_reactive: 3,
        apparent: 400 << 16,
    };
    let at_reset = Energies { forward_active: 200 << 16, ..Energies::default() };
    let channel = EnergyChannel { continuous, at_reset, reset_at: 5 << 32 };
    EnergyState {
        operation: 7 << 32,
        channels: Vec::from_slice(&[EnergyChannel::default(), channel]).unwrap(),
        memory: Memory::Restored,
        saved: Some(300),
        pending: true,
        saves: 4,
        faults: 1,
    }
}

fn bytes(hex: &str) -> std::vec::Vec<u8> {
    hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn request(seq: u16, request: &Request<'_>, hex: &str) {
    let mut buffer = [0; 256];
    let length = encode(Kind::Request, seq, request, &mut buffer).unwrap();
    assert_eq!(buffer[..length], bytes(hex), "{request:?}");
    let mut decoder = Decoder::<256>::new();
    let (taken, frame) = decoder.push_slice(&buffer[..length]);
    let frame = frame.unwrap().unwrap();
    assert_eq!((taken, frame.kind, frame.seq), (length, Kind::Request, seq));
    assert_eq!(&postcard::from_bytes::<Request<'_>>(frame.message).unwrap(), request);
}

fn response(seq: u16, response: &Response, hex: &str) {
    let mut buffer = [0; 256];
    let length = encode(Kind::Response, seq, response, &mut buffer).unwrap();
    assert_eq!(buffer[..length], bytes(hex), "{response:?}");
    let mut decoder = Decoder::<256>::new();
    let frame = decoder.push_slice(&buffer[..length]).1.unwrap().unwrap();
    assert_eq!((frame.kind, frame.seq), (Kind::Response, seq));
    assert_eq!(&postcard::from_bytes::<Response>(frame.message).unwrap(), response);
}

#[test]
fn requests() {
    assert_eq!(PROTOCOL_VERSION, 3);
    request(0x0102, &Request::Hello { version: 3 }, "04 01 02 01 06 03 ab 2d 80 c9 00");
    request(
        3,
        &Request::Configure(config()),
        "03 01 03 0b 01 80 80 80 80 80 e8 07 31 18 08 01 80 80 80 80 d0 28 01 01 01 01 01 01 08 02 80 80 80 \
         80 a0 01 01 01 01 01 01 01 1b 80 80 80 80 80 02 05 01 b8 17 7f 01 c8 01 05 01 9f 1f a0 1f 01 80 80 \
         80 80 08 01 01 01 01 01 01 0c 01 e8 07 01 80 80 80 40 01 32 0f 01 01 06 e8 07 f4 03 01 16 01 80 80 \
         80 10 80 80 80 80 01 14 01 80 80 80 80 e0 1c 01 a8 46 07 01 f4 03 c8 01 02 0f 01 80 80 80 80 80 02 \
         f4 03 03 75 6a b2 eb 00",
    );
    let data = [1, 0, 0x80, 0xff, 0xff, 0x7f];
    request(
        4,
        &Request::Samples { first_frame: 300, data: &data },
        "03 01 04 06 02 ac 02 06 01 09 80 ff ff 7f 56 f7 77 3d 00",
    );
    let data = [0x21, 0xe0, 0, 5, 0, 1, 0x7f, 0xff, 0xfc, 0, 1, 0, 0, 0];
    request(
        4,
        &Request::Compressed { first_frame: 300, frames: 4, data: &data },
        "03 01 04 08 0b ac 02 04 0e 21 e0 02 05 05 01 7f ff fc 02 01 01 01 02 d4 03 d1 a0 00",
    );
    request(5, &Request::Status, "03 01 05 06 03 28 2b 3a 06 00");
    request(6, &Request::Events, "03 01 06 03 04 d2 03 18 9a 00");
    request(7, &Request::Residual(Command::Test), "03 01 07 07 05 01 c7 22 e5 6c 00");
    request(7, &Request::Energy(EnergyRequest::Show), "03 01 07 02 06 05 92 41 cf 30 00");
    request(7, &Request::Energy(EnergyRequest::Reset { channel: Some(3) }), "03 01 07 09 06 01 01 03 62 b1 a5 82 00");
    request(7, &Request::Energy(EnergyRequest::Reset { channel: None }), "03 01 07 03 06 01 05 e5 e3 28 d5 00");
    request(7, &Request::Energy(EnergyRequest::Save), "03 01 07 07 06 02 be 20 c1 de 00");
    let when = SaveWhen { interval_s: 300, energy_wh: 100, on_interruption: true };
    request(7, &Request::Energy(EnergyRequest::When(when)), "03 01 07 0b 06 03 ac 02 64 01 df 7c e1 18 00");
}

#[test]
fn responses() {
    let hello =
        Hello { version: 3, board: text("mps2-an386"), firmware: text("0.1.0"), max_data: 2048, clock_hz: 25_000_000 };
    response(
        0x0102,
        &Response::Hello(hello),
        "04 02 02 01 1d 03 0a 6d 70 73 32 2d 61 6e 33 38 36 05 30 2e 31 2e 30 80 10 c0 f0 f5 0b 6b 8c 0c cb 00",
    );
    response(3, &Response::Configured, "03 02 03 06 01 58 99 0c fe 00");
    response(4, &Response::Readings(Vec::new()), "03 02 04 02 02 05 a8 51 b6 01 00");
    response(
        4,
        &Response::Readings(Vec::from_slice(&[Window::from(&reading())]).unwrap()),
        "03 02 04 29 02 01 c0 0c 80 80 80 32 01 01 80 80 80 90 03 01 80 80 80 80 e0 1c 80 80 80 80 d0 1c ff \
         ff ff ff 0f 80 80 80 80 d0 28 02 37 01 80 80 80 80 10 80 80 80 80 0c 80 80 80 80 08 80 80 80 80 20 \
         01 01 ff ff ff af 0e ff ff ff 9f 0e 80 80 80 f0 18 80 80 80 e0 03 01 80 80 80 80 08 80 80 80 80 04 \
         10 ff ff ff ff 07 80 80 80 80 10 03 a6 81 94 bc 00",
    );
    let event = Event {
        ended: true,
        kind: EventKind::Overload(2),
        begin_frame: 1600,
        end_frame: 3200,
        half_cycles: 20,
        extreme: 17 << 32,
    };
    response(
        6,
        &Response::Events(Events { events: Vec::from_slice(&[event]).unwrap(), lost: 5 }),
        "03 02 06 16 05 01 01 03 02 c0 0c 80 19 14 80 80 80 80 90 02 05 24 8e b8 96 00",
    );
    let notice = Notice { frame: 6000, change: Change::Alarm(true) };
    response(
        7,
        &Response::Residual(Notices { notices: Vec::from_slice(&[notice]).unwrap(), lost: 3, state: 2 }),
        "03 02 07 0d 06 01 f0 2e 01 01 03 02 a6 a6 11 a6 00",
    );
    response(
        7,
        &Response::Energy(energy()),
        "03 02 07 08 07 80 80 80 80 70 02 01 01 01 01 01 01 01 01 01 01 10 80 80 b0 09 01 02 03 80 80 \
         c0 0c 80 80 a0 06 01 01 01 11 80 80 80 80 50 02 01 ac 02 01 04 01 2d fb e3 cd 00",
    );
    let status = Status {
        frames: 1600,
        windows: 1,
        digest: 0x5283_9385_7f74_0e12,
        instructions: 123_456_789,
        metering_instructions: 400,
        damaged_frames: 2,
    };
    response(
        5,
        &Response::Status(status),
        "03 02 05 19 03 c0 0c 01 92 9c d0 fb d7 f0 e4 c1 52 95 9a ef 3a 90 03 02 1e 62 6b 37 00",
    );
}

#[test]
fn calibration() {
    let voltage = Correction { gain_ppm: -29_126, offset: -4_194_304, noise: 1_000, ..Correction::default() };
    let second = Correction { gain_ppm: 30_000, phase: 1_500, delay: -64, offset: 300, noise: 0 };
    let calibration = Calibration {
        made: 1_700_000_000,
        clock: -25,
        voltage: Some(voltage),
        currents: Vec::from_slice(&[None, Some(second)]).unwrap(),
        residual: None,
    };
    let show = Request::Calibration(CalibrationRequest::Show);
    request(7, &show, "03 01 07 02 07 05 d3 70 d4 29 00");
    request(
        7,
        &Request::Calibration(CalibrationRequest::Write(calibration.clone())),
        "03 01 07 0d 07 01 80 e2 cf aa 06 31 01 8b c7 03 01 08 ff ff ff 03 e8 07 02 0a 01 e0 d4 03 b8 17 7f d8 04 \
         01 05 54 02 b7 3f 00",
    );
    let state = CalibrationState {
        calibration: Some(calibration),
        memory: Memory::Restored,
        saved: Some(300),
        pending: true,
        saves: 4,
        faults: 1,
    };
    response(
        7,
        &Response::Calibration(state),
        "03 02 07 0d 08 01 80 e2 cf aa 06 31 01 8b c7 03 01 08 ff ff ff 03 e8 07 02 0a 01 e0 d4 03 b8 17 7f d8 04 \
         01 0c 02 01 ac 02 01 04 01 b2 01 5f 15 00",
    );
}

#[test]
fn device() {
    for (asked, hex) in [
        (DeviceRequest::Info, "03 01 07 02 08 05 1c 6c 4c ae 00"),
        (DeviceRequest::Panel, "03 01 07 07 08 01 8a 5c 4b d9 00"),
        (DeviceRequest::Button { pressed: true, pass_ms: 3_020 }, "03 01 07 0a 08 02 01 cc 17 81 15 08 13 00"),
        (DeviceRequest::Restart { held: true }, "03 01 07 08 08 03 01 fb 9c 87 9a 00"),
    ] {
        request(7, &Request::Device(asked), hex);
    }
    let info = BoardInfo {
        board: text("mps2"),
        firmware: text("1.0"),
        program: text("0.1.0"),
        protocol: 3,
        uptime_us: Some(5_000_000),
        reset_cause: ResetCause::Software,
        restarts: 1,
        factory_resets: 300,
        settings: None,
    };
    response(
        7,
        &Response::Device(DeviceAnswer::Info(info)),
        "03 02 07 02 09 1a 04 6d 70 73 32 03 31 2e 30 05 30 2e 31 2e 30 03 01 c0 96 b1 02 05 01 ac 02 05 e4 ee 48 16 00",
    );
    let panel = PanelState {
        lines: [text("225V 5.01A 1017W"), text("         13000Wh")],
        colour: Colour::Green,
        pattern: Pattern::Periodic,
        is_lit: true,
        mode: PanelMode::View(10),
        window: 301,
        time_us: 3_020_000,
    };
    response(
        7,
        &Response::Device(DeviceAnswer::Panel(panel)),
        "03 02 07 28 09 01 10 32 32 35 56 20 35 2e 30 31 41 20 31 30 31 37 57 10 20 20 20 20 20 20 20 20 20 31 33 30 \
         30 30 57 68 02 01 01 0c 0a ad 02 e0 a9 b8 01 81 57 c7 99 00",
    );
}

#[test]
fn signal() {
    let tones =
        [Tone { order: 1, amplitude: 1 << 30, phase: 0xf555_5555 }, Tone { order: 3, amplitude: 300, phase: 1 << 31 }];
    let channels = [
        Waveform { dc: 0, tones: Vec::from_slice(&[Tone { order: 1, amplitude: 0x6800_0000, phase: 0 }]).unwrap() },
        Waveform::default(),
        Waveform { dc: -(1 << 20), tones: Vec::from_slice(&tones).unwrap() },
    ];
    request(
        7,
        &Request::Signal(Signal { frequency: 50 << 32, channels: Vec::from_slice(&channels).unwrap() }),
        "03 01 07 09 09 80 80 80 80 a0 06 03 08 01 01 80 80 80 c0 06 01 01 1c ff ff 7f 02 01 80 80 80 80 04 d5 \
         aa d5 aa 0f 03 ac 02 80 80 80 80 08 7f 7e c2 38 00",
    );
    request(7, &Request::Run { frames: 227, with_codes: true }, "03 01 07 09 0a e3 01 01 38 6b 1b 8c 00");
    request(7, &Request::Run { frames: 4000, with_codes: false }, "03 01 07 04 0a a0 1f 05 e8 57 81 5d 00");
    response(7, &Response::SignalSet, "03 02 07 06 0a 0c e8 d7 6e 00");
    let data = Vec::from_slice(&[1, 0, 0x80, 0xff, 0xff, 0x7f]).unwrap();
    response(
        7,
        &Response::Block(Block { first_frame: 300, window: None, data }),
        "03 02 07 04 0b ac 02 03 06 01 09 80 ff ff 7f 39 0b c6 5b 00",
    );
}

#[test]
fn errors() {
    let config = Error::Config { field: text("sample_rate"), reason: text("too low") };
    for (error, hex) in [
        (Error::Version { board: 7 }, "03 02 06 02 04 06 07 77 c8 27 ea 00"),
        (Error::NoHello, "03 02 06 07 04 01 33 0e e2 8a 00"),
        (Error::NotConfigured, "03 02 06 07 04 02 89 5f eb 13 00"),
        (config, "03 02 06 1b 04 03 0b 73 61 6d 70 6c 65 5f 72 61 74 65 07 74 6f 6f 20 6c 6f 77 10 18 8e 1d 00"),
        (Error::Gap { expected: 1000 }, "03 02 06 09 04 04 e8 07 86 fe 02 5c 00"),
        (Error::Sequence { expected: 300 }, "03 02 06 09 04 05 ac 02 3f ea bf b9 00"),
        (Error::Length, "03 02 06 07 04 06 90 9b 86 14 00"),
        (Error::Unknown, "03 02 06 07 04 07 06 ab 81 63 00"),
    ] {
        response(6, &Response::Error(error), hex);
    }
}

#[test]
fn digest() {
    assert_eq!(Digest::new().to_string(), "0000000000000000");
    let mut digest = Digest::new();
    let mut window = Window::from(&reading());
    digest.update(&window);
    assert_eq!(digest.to_string(), "a5d8a07645984e26");
    (window.end_frame, window.flags) = (3200, 0);
    digest.update(&window);
    assert_eq!(digest.value(), 0x20e6_d476_e90c_4d4f);
}

#[test]
fn readings_survive_the_way() {
    let window = Window::from(&reading());
    assert_eq!(window.currents.len(), 2, "channels behind the last configured one stay away");
    assert_eq!(window.reading::<3>(), Some(reading()));
    assert_eq!(window.reading::<1>(), None);
    let wider = window.reading::<8>().unwrap();
    assert_eq!(Window::from(&wider), window, "the number of channels the meter was built for does not show");
}

#[test]
fn longest_frames_fit() {
    let powers = Powers { active: i64::MIN, fundamental_active: i64::MIN, reactive: i64::MIN, phase: i32::MIN };
    let most = u64::MAX;
    let current =
        Current { rms: most, fundamental: most, dc: i64::MIN, peak: most, no_load: true, power: Some(powers) };
    let window = Window {
        end_frame: most,
        length_q16: most,
        flags: u16::MAX,
        frequency: Some(u32::MAX),
        voltage: Some(Voltage { rms: most, fundamental: most, dc: i64::MIN, peak: most }),
        currents: [Some(current); 8].into_iter().collect(),
        residual: Some(ResidualReading {
            rms: most,
            ac: most,
            total: Some(most),
            dc: i64::MIN,
            peak: most,
            kind: residual::Kind::Other,
        }),
    };
    let windows = [window.clone(), window.clone(), window.clone(), window.clone()].into_iter().collect();
    let mut answer = [0; ANSWER_MAX];
    encode(Kind::Response, u16::MAX, &Response::Readings(windows), &mut answer).unwrap();
    let data = [0xff; MAX_BLOCK].into_iter().collect();
    let block = Block { first_frame: most, window: Some(window), data };
    encode(Kind::Response, u16::MAX, &Response::Block(block), &mut answer).unwrap();

    let energies = Energies {
        forward_active: most,
        reverse_active: most,
        forward_reactive: most,
        reverse_reactive: most,
        apparent: most,
    };
    let channel = EnergyChannel { continuous: energies, at_reset: energies, reset_at: most };
    let state = EnergyState {
        operation: most,
        channels: [channel; 8].into_iter().collect(),
        saved: Some(u32::MAX),
        saves: u32::MAX,
        faults: u32::MAX,
        ..energy()
    };
    encode(Kind::Response, u16::MAX, &Response::Energy(state), &mut answer).unwrap();

    for length in [0, 1, 232, 233, 253, 254, 2048, 4096] {
        let data = vec![0xff; length];
        let mut frame = vec![0; samples_frame(length)];
        let samples = Request::Compressed { first_frame: u64::MAX, frames: u32::MAX, data: &data };
        encode(Kind::Request, u16::MAX, &samples, &mut frame).unwrap();
    }
    let channel = Channel {
        range: most,
        gain_ppm: i32::MIN,
        inverted: true,
        phase: i16::MIN,
        delay: i16::MIN,
        zero: Some(i32::MIN),
        noise: most,
        clip: Some((i32::MIN, i32::MIN)),
    };
    let longest = Config {
        currents: [channel; 8].into_iter().collect(),
        voltage: Some(channel),
        residual: Some(Residual {
            channel,
            corner_mhz: Some(u16::MAX),
            monitor: Some(Monitor {
                rated: most,
                detects: residual::Type::A,
                pre_warning_percent: u8::MAX,
                hysteresis_percent: u8::MAX,
                characteristic: residual::Characteristic::Selective,
                response_delay_ms: u32::MAX,
                pre_warning_delay_ms: u32::MAX,
                release_delay_ms: u32::MAX,
                start_up_delay_ms: u32::MAX,
                latching: true,
                least_noise: most,
            }),
        }),
        events: Some(EventLimits {
            nominal: most,
            dip: Some(u16::MAX),
            swell: Some(u16::MAX),
            interruption: Some(u16::MAX),
            hysteresis: u16::MAX,
            overloads: [Some(Overload { threshold: most, hysteresis: u16::MAX, delay: u16::MAX }); 8]
                .into_iter()
                .collect(),
        }),
        ..config()
    };
    encode(Kind::Request, 1, &Request::Configure(longest), &mut [0; samples_frame(960)]).unwrap();
    let tones = [Tone { order: u8::MAX, amplitude: u32::MAX, phase: u32::MAX }; MAX_TONES].into_iter().collect();
    let channels = std::iter::repeat_n(Waveform { dc: i32::MIN, tones }, MAX_CHANNELS).collect();
    let signal = Request::Signal(Signal { frequency: most, channels });
    encode(Kind::Request, 1, &signal, &mut [0; samples_frame(960)]).unwrap();
}

#[test]
fn settings() {
    for (one, hex) in [
        (SettingsRequest::Show, "03 01 08 02 0c 05 4e b9 43 92 00"),
        (SettingsRequest::Export { from: 300 }, "03 01 08 09 0c 01 ac 02 e1 11 e0 70 00"),
        (SettingsRequest::Begin, "03 01 08 07 0c 02 62 d8 4d 7c 00"),
        (
            SettingsRequest::Line { text: "residual rated set 300" },
            "03 01 08 1e 0c 03 16 72 65 73 69 64 75 61 6c 20 72 61 74 65 64 20 73 65 74 20 33 30 30 7d f4 88 e1 00",
        ),
        (SettingsRequest::Apply, "03 01 08 07 0c 04 57 7d 2e 95 00"),
        (SettingsRequest::Cancel, "03 01 08 07 0c 05 c1 4d 29 e2 00"),
        (
            SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 24 },
            "03 01 08 0f 0c 06 80 80 80 80 80 fa 01 18 b5 52 ce 96 00",
        ),
    ] {
        request(8, &Request::Settings(one), hex);
    }
    let state = SettingsState {
        in_use: 0x0123_4567_89ab_cdef,
        kept: 1,
        imported: Some(300),
        ignored: 2,
        memory: Memory::Restored,
        saved: Some(7),
        pending: true,
        saves: 3,
        faults: 0,
    };
    let config = Config {
        sample_rate: 2_000 << 32,
        clock: 0,
        adc_bits: 24,
        nominal: Nominal::Hz50,
        voltage: None,
        currents: Vec::new(),
        residual: None,
        no_load: None,
        events: None,
    };
    for (one, hex) in [
        (
            SettingsAnswer::State(state),
            "03 02 08 02 0c 14 ef 9b af cd f8 ac d1 91 01 01 01 ac 02 02 02 01 07 01 03 05 34 c1 4e 83 00",
        ),
        (
            SettingsAnswer::Text { text: text("system fabsettings\n"), next: Some(300) },
            "03 02 08 1e 0c 01 13 73 79 73 74 65 6d 20 66 61 62 73 65 74 74 69 6e 67 73 0a 01 ac 02 ca 1d d0 a6 00",
        ),
        (SettingsAnswer::Line(LineVerdict::Taken), "03 02 08 03 0c 02 05 8f d0 56 f7 00"),
        (SettingsAnswer::Line(LineVerdict::Hidden), "03 02 08 08 0c 02 01 19 e0 51 80 00"),
        (
            SettingsAnswer::Line(LineVerdict::Ignored(text("longer"))),
            "03 02 08 0f 0c 02 02 06 6c 6f 6e 67 65 72 a2 82 af 28 00",
        ),
        (
            SettingsAnswer::Started(config),
            "03 02 08 0a 0c 03 80 80 80 80 80 fa 01 03 18 01 01 01 01 01 05 09 45 aa 85 00",
        ),
    ] {
        response(8, &Response::Settings(one), hex);
    }
}

#[test]
fn blocks_hold_at_most_four_windows() {
    let mut config = config();
    assert_eq!((config.channels(), config.code_bytes(), config.frame_bytes()), (4, 3, 12));
    assert_eq!(config.max_frames(2048), 170);
    assert_eq!(config.max_frames(11), 0);
    assert_eq!(config.block_frames(), 170);
    config = Config { adc_bits: 16, voltage: None, currents: Vec::new(), ..config };
    assert_eq!((config.channels(), config.code_bytes()), (1, 2));
    config.sample_rate = 2000 << 32;
    assert_eq!(config.max_frames(4096), 1000, "half a second");
    assert_eq!(config.block_frames(), 250, "an eighth of a second");
}
