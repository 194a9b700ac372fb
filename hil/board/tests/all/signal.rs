//! The board's own signal: its codes against closed forms in double precision, and what the meter makes of them against
//! the same codes sent over the link.

use std::cell::RefCell;
use std::f64::consts::TAU;
use std::rc::Rc;

use crate::wire::Bench;
use heapless::Vec as Bounded;
use hil_board::store::mock::Mock24C64;
use hil_link::residual::Command;
use hil_link::{
    Block, Channel, Config, EnergyRequest, Error, EventLimits, Monitor, Nominal, Request, Residual, Response, Signal,
    Status, Tone, Waveform, Window,
};

fn start(config: &Config) -> Bench {
    let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::default())));
    assert_eq!(bench.ask(&Request::Configure(config.clone())), Response::Configured);
    bench
}

fn config(adc_bits: u8, currents: usize) -> Config {
    Config {
        sample_rate: 8000 << 32,
        clock: 0,
        adc_bits,
        nominal: Nominal::Auto,
        voltage: Some(Channel::new(400 << 32)),
        currents: (0..currents).map(|_| Channel::new(25 << 32)).collect(),
        residual: Some(Residual { corner_mhz: Some(1000), ..Residual::new(Channel::new(1 << 31)) }),
        no_load: None,
        events: None,
    }
}

/// A part of full scale, 31 bits behind the point.
fn part(value: f64) -> u32 {
    (value * 2f64.powi(31)).round() as u32
}

fn tone(order: u8, amplitude: f64, degree: f64) -> Tone {
    Tone { order, amplitude: part(amplitude), phase: (degree / 360.0 * 2f64.powi(32)).round() as i64 as u32 }
}

fn waveform(dc: f64, tones: &[Tone]) -> Waveform {
    Waveform { dc: (dc * 2f64.powi(31)).round() as i32, tones: Bounded::from_slice(tones).unwrap() }
}

fn hertz(value: f64) -> u64 {
    (value * 2f64.powi(32)).round() as u64
}

fn signal(frequency: f64, channels: &[Waveform]) -> Signal {
    Signal { frequency: hertz(frequency), channels: Bounded::from_slice(channels).unwrap() }
}

fn block(bench: &mut Bench, frames: u32) -> Block {
    match bench.ask(&Request::Run { frames, with_codes: true }) {
        Response::Block(block) => block,
        other => panic!("{other:?}"),
    }
}

fn status(bench: &mut Bench) -> Status {
    match bench.ask(&Request::Status) {
        Response::Status(status) => status,
        other => panic!("{other:?}"),
    }
}

/// Codes of all channels, frame after frame.
fn codes(config: &Config, data: &[u8]) -> Vec<i64> {
    let width = config.code_bytes();
    let code = |bytes: &[u8]| {
        let unsigned = bytes.iter().rev().fold(0_i64, |code, byte| code << 8 | i64::from(*byte));
        let end = 1 << (8 * width - 1);
        (unsigned ^ end) - end
    };
    data.chunks_exact(width).map(code).collect()
}

/// The signal in parts of full scale, before the ADC.
fn exact(config: &Config, signal: &Signal, channel: usize, frame: u64) -> f64 {
    let Some(waveform) = signal.channels.get(channel) else { return 0.0 };
    // In whole numbers as far as they go, or double precision would lose the phase of late frames.
    let turns = u128::from(frame) * u128::from(signal.frequency);
    let tones = waveform.tones.iter().map(|tone| {
        let rate = u128::from(config.sample_rate);
        let turns = (turns * u128::from(tone.order) % rate) as f64 / rate as f64;
        let phase = turns + f64::from(tone.phase) / 2f64.powi(32);
        f64::from(tone.amplitude) / 2f64.powi(31) * (TAU * phase).sin()
    });
    f64::from(waveform.dc) / 2f64.powi(31) + tones.sum::<f64>()
}

#[test]
fn codes_are_the_closed_form_rounded() {
    for (bits, frequency) in [(24, 50.0), (24, 47.318_281), (16, 60.0), (16, 68.999), (12, 50.0)] {
        let config = config(bits, 1);
        let tones = [tone(1, 0.5, 17.0), tone(3, 0.2, -90.0), tone(5, 0.1, 180.0), tone(50, 0.01, 33.3)];
        let signal = signal(
            frequency,
            &[waveform(0.0, &[tone(1, 0.8132, 0.0)]), waveform(-0.05, &tones), waveform(0.25, &[tone(2, 0.6, 1.0)])],
        );
        let mut bench = start(&config);
        assert_eq!(bench.ask(&Request::Signal(signal.clone())), Response::SignalSet);
        let full = 2f64.powi(i32::from(bits) - 1);
        let (mut worst, mut frame) = (0.0_f64, 0);
        for _ in 0..40 {
            let block = block(&mut bench, config.block_frames());
            assert_eq!(block.first_frame, frame);
            for codes in codes(&config, &block.data).chunks_exact(3) {
                for (channel, code) in codes.iter().enumerate() {
                    worst = worst.max((*code as f64 - exact(&config, &signal, channel, frame) * full).abs());
                }
                frame += 1;
            }
        }
        println!(
            "{bits} bits, {frequency} Hz: worst code is off by {worst:.4}, of which 0.5 is rounding, {frame} frames"
        );
        assert!(frame > 8000 && worst <= 0.5 + 4e-9 * full, "{bits} bits: {worst}");
    }
}

/// Half a step of 2⁻⁶⁴ of the sampling rate is 2.4·10⁻⁸ degree after a year; here after 100 s.
#[test]
fn the_frequency_holds() {
    let config = Config { residual: None, voltage: None, ..config(24, 1) };
    let signal = signal(50.1, &[waveform(0.0, &[tone(1, 0.9, 0.0)])]);
    let mut bench = start(&config);
    bench.ask(&Request::Signal(signal.clone()));
    let mut frame = 0;
    for _ in 0..200 {
        assert!(matches!(bench.ask(&Request::Run { frames: 4000, with_codes: false }), Response::Readings(_)));
        frame += 4000;
    }
    let full = 2f64.powi(23);
    let last = block(&mut bench, config.block_frames());
    assert_eq!(last.first_frame, frame);
    for (n, code) in codes(&config, &last.data).iter().enumerate() {
        let exact = exact(&config, &signal, 0, frame + n as u64) * full;
        assert!((*code as f64 - exact).abs() <= 0.5 + 4e-9 * full, "{n}: {code} {exact}");
    }
}

#[test]
fn it_clips_like_an_adc_and_leaves_out_what_would_alias() {
    let config = config(16, 1);
    let mut bench = start(&config);
    let high = waveform(0.0, &[tone(79, 0.25, 90.0), tone(80, 0.5, 90.0), tone(255, 0.5, 90.0)]);
    bench.ask(&Request::Signal(signal(50.0, &[waveform(0.0, &[tone(1, 1.5, 0.0)]), waveform(-1.0, &[]), high])));
    let block = block(&mut bench, 160);
    let codes = codes(&config, &block.data);
    let channel = |n: usize| codes.iter().skip(n).step_by(3).copied();
    assert_eq!((channel(0).min(), channel(0).max()), (Some(-32_768), Some(32_767)));
    assert!(channel(0).filter(|code| *code == 32_767).count() > 30, "a flat top");
    assert!(channel(1).all(|code| code == -32_768));
    assert_eq!(channel(2).max(), Some(8192), "3950 Hz stays, 4000 Hz and 12 750 Hz are left out");
}

#[test]
fn another_signal_goes_on_with_the_phase() {
    let config = Config { residual: None, ..config(24, 0) };
    let mut bench = start(&config);
    let [loud, low] = [0.8, 0.4].map(|peak| signal(50.0, &[waveform(0.0, &[tone(1, peak, 0.0)])]));
    bench.ask(&Request::Signal(loud));
    block(&mut bench, 100);
    bench.ask(&Request::Signal(low.clone()));
    let after = block(&mut bench, 100);
    for (n, code) in codes(&config, &after.data).iter().enumerate() {
        assert!((*code as f64 - exact(&config, &low, 0, 100 + n as u64) * 2f64.powi(23)).abs() < 0.54);
    }
    // A configuration begins it anew.
    bench.ask(&Request::Configure(config.clone()));
    assert_eq!(codes(&config, &block(&mut bench, 1).data), [0]);
}

/// What the meter makes of the board's own codes, of the same codes without asking for them, and of the same codes sent.
#[test]
fn it_takes_the_same_way_as_samples() {
    for bits in [16, 24] {
        let mut config = config(bits, 2);
        config.events = Some(EventLimits {
            nominal: 230 << 32,
            dip: Some(9000),
            swell: Some(11_000),
            interruption: Some(500),
            hysteresis: 200,
            overloads: Bounded::new(),
        });
        config.residual.as_mut().unwrap().monitor = Some(Monitor::new(30 * (1 << 32) / 1000));
        let mains = waveform(0.0, &[tone(1, 325.27 / 400.0, 0.0)]);
        let dip = waveform(0.0, &[tone(1, 150.0 / 400.0, 0.0)]);
        let load = waveform(0.0, &[tone(1, 0.4, -30.0), tone(3, 0.1, 0.0)]);
        let leak = waveform(0.0, &[tone(1, 0.12, 40.0)]);
        let quiet = waveform(0.0, &[]);
        let first = signal(50.0, &[mains, load.clone(), quiet.clone(), quiet.clone()]);
        let second = signal(50.0, &[dip, load, quiet, leak]);

        let mut own = start(&config);
        let (mut windows, mut data): (Vec<Window>, Vec<u8>) = (vec![], vec![]);
        for part in [&first, &second] {
            own.ask(&Request::Signal(part.clone()));
            for _ in 0..80 {
                let block = block(&mut own, 100);
                windows.extend(block.windows);
                data.extend(block.data);
            }
        }
        assert!(windows.len() >= 8, "{}", windows.len());

        let mut silent = start(&config);
        let mut silent_windows: Vec<Window> = vec![];
        for part in [&first, &second] {
            silent.ask(&Request::Signal(part.clone()));
            for frames in [4000, 4000] {
                match silent.ask(&Request::Run { frames, with_codes: false }) {
                    Response::Readings(new) => silent_windows.extend(new),
                    other => panic!("{other:?}"),
                }
            }
        }

        let mut sent = start(&config);
        let mut sent_windows: Vec<Window> = vec![];
        let mut frame = 0;
        for data in data.chunks(100 * config.frame_bytes()) {
            match sent.ask(&Request::Samples { first_frame: frame, data }) {
                Response::Readings(new) => sent_windows.extend(new),
                other => panic!("{other:?}"),
            }
            frame += 100;
        }
        assert_eq!(windows, sent_windows);
        assert_eq!(silent_windows, sent_windows);
        let digest = status(&mut sent).digest;
        assert_ne!(digest, 0);
        let Response::Events(events) = sent.ask(&Request::Events) else { panic!() };
        let Response::Residual(notices) = sent.ask(&Request::Residual(Command::Notices)) else { panic!() };
        assert!(!events.events.is_empty() && !notices.notices.is_empty(), "{events:?} {notices:?}");
        let energy = |bench: &mut Bench| match bench.ask(&Request::Energy(EnergyRequest::Show)) {
            Response::Energy(state) => (state.operation, state.channels),
            other => panic!("{other:?}"),
        };
        let counted = energy(&mut sent);
        assert!(counted.1[0].continuous.forward_active > 0);
        for bench in [&mut own, &mut silent] {
            let status = status(bench);
            assert_eq!((status.digest, status.frames), (digest, 16_000));
            assert_eq!(bench.ask(&Request::Events), Response::Events(events.clone()));
            assert_eq!(bench.ask(&Request::Residual(Command::Notices)), Response::Residual(notices.clone()));
            assert_eq!(energy(bench), counted);
        }
        // Readings of the first half against the closed form: 230 V, 25 A · 0.4 / sqrt 2, 30 degrees.
        let steady = windows.iter().rfind(|window| window.end_frame < 8000).unwrap();
        let volt = steady.voltage.unwrap().rms as f64 / 2f64.powi(32);
        assert!((volt / (325.27 / 2f64.sqrt()) - 1.0).abs() < if bits == 24 { 2e-7 } else { 2e-5 }, "{volt}");
        let power = steady.currents[0].unwrap().power.unwrap().active as f64 / 2f64.powi(24);
        let exact = 325.27 * 10.0 / 2.0 * (30f64.to_radians()).cos();
        assert!((power / exact - 1.0).abs() < if bits == 24 { 1e-6 } else { 1e-4 }, "{power} {exact}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::default())));
    let run = |frames, with_codes| Request::Run { frames, with_codes };
    assert_eq!(bench.ask(&run(1, true)), Response::Error(Error::NotConfigured));
    assert_eq!(bench.ask(&run(1, false)), Response::Error(Error::NotConfigured));
    let config = config(24, 1);
    // A signal may come before the configuration.
    assert_eq!(bench.ask(&Request::Signal(signal(50.0, &[waveform(0.5, &[])]))), Response::SignalSet);
    bench.ask(&Request::Configure(config.clone()));
    assert_eq!(codes(&config, &block(&mut bench, 1).data), [1 << 22, 0, 0]);
    assert_eq!(config.block_frames(), 2048 / 9);
    assert_eq!(bench.ask(&run(config.block_frames() + 1, true)), Response::Error(Error::Length));
    assert_eq!(bench.ask(&run(4001, false)), Response::Error(Error::Length));
    assert_eq!(bench.ask(&run(u32::MAX, true)), Response::Error(Error::Length));
    assert_eq!(status(&mut bench).frames, 1);
    let wrong = signal(50.0, &[waveform(0.0, &[tone(0, 0.5, 0.0)])]);
    assert!(matches!(bench.ask(&Request::Signal(wrong)), Response::Error(Error::Config { .. })));
    // The extremes of what can be told.
    let most = Tone { order: 255, amplitude: u32::MAX, phase: u32::MAX };
    let loud = Waveform { dc: i32::MIN, tones: [most; 8].into_iter().collect() };
    let most = Signal { frequency: u64::MAX, channels: core::iter::repeat_n(loud, 10).collect() };
    assert_eq!(bench.ask(&Request::Signal(most)), Response::SignalSet);
    assert_eq!(block(&mut bench, 227).data.len(), 227 * 9);
}
