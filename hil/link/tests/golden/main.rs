//! The wire format, byte by byte. The expected bytes were computed by a separate program from the text of PROTOCOL.md
//! (zlib's CRC-32, COBS and LEB128 by hand): a test that fails here means that old benches no longer understand new
//! boards, and asks for a new protocol version.
//!
//! `device`: calibration, the device, its settings, the board's signal; `longest`: what fits at most.

mod device;
mod longest;

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
    assert_eq!(PROTOCOL_VERSION, 4);
    request(0x0102, &Request::Hello { version: 4 }, "04 01 02 01 06 04 08 b8 e4 57 00");
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
        Hello { version: 4, board: text("mps2-an386"), firmware: text("0.1.0"), max_data: 2048, clock_hz: 25_000_000 };
    response(
        0x0102,
        &Response::Hello(hello),
        "04 02 02 01 1d 04 0a 6d 70 73 32 2d 61 6e 33 38 36 05 30 2e 31 2e 30 80 10 c0 f0 f5 0b 1c bb 14 fa 00",
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
