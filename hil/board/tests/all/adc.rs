//! A board with an ADC: which frames are metered, what is told of those that were lost, and when it samples.
//!
//! The ADC here gives sines in closed form and loses frames where it is told to. What the board makes of them is held
//! against the core, given the same codes and told of the same gaps.

use std::cell::RefCell;
use std::f64::consts::TAU;
use std::rc::Rc;

use crate::wire::Bench;
use hil_board::adc::Refusal;
use hil_board::store::mock::Mock24C64;
use hil_board::{Adc, settings};
use hil_link::{
    Block, Calibration, CalibrationRequest, Channel, Config, Correction, DeviceRequest, Digest, Error, MAX_CURRENTS,
    Nominal, PROTOCOL_VERSION, Request, Response, SettingsAnswer, SettingsRequest, Signal, Status, Window,
};
use metering_core::reading::{Flags, Reading};
use metering_core::{Meter, config};

const RATE: u32 = 8_000;
const BITS: u8 = 12;

/// What the ADC is told, and what it was asked.
#[derive(Default)]
struct Script {
    frequency: f64,
    /// Before the frame of this number since the start, so many are lost.
    losses: Vec<(u64, u32)>,
    /// It gives so many frames and then fails.
    end: Option<u64>,
    log: Vec<&'static str>,
    /// Frames since the start, lost ones among them.
    time: u64,
    channels: usize,
}

/// Code of a channel at a time in frames.
fn code(frequency: f64, channel: usize, time: u64) -> i16 {
    let turns = frequency * time as f64 / f64::from(RATE) - channel as f64 / 12.0;
    ((TAU * turns).sin() * (1_800.0 - 300.0 * channel as f64)).round() as i16
}

struct Played(Rc<RefCell<Script>>);

impl Adc for Played {
    fn start(&mut self, config: &Config) -> Result<(), Refusal> {
        let mut script = self.0.borrow_mut();
        if config.adc_bits != BITS {
            return Err(Refusal::new("adc_bits", &"it gives 12"));
        }
        script.log.push("start");
        (script.time, script.channels) = (0, config.channels());
        Ok(())
    }

    fn stop(&mut self) {
        self.0.borrow_mut().log.push("stop");
    }

    fn wait(&mut self) -> Result<u32, Refusal> {
        let script = self.0.borrow();
        if script.end.is_some_and(|end| script.time >= end) {
            return Err(Refusal::new("adc", &"it has failed"));
        }
        Ok(script.losses.iter().find(|(at, _)| *at == script.time).map_or(0, |&(_, lost)| lost))
    }

    fn take(&mut self, codes: &mut [i16]) {
        let lost = self.wait().expect("waited for");
        let mut script = self.0.borrow_mut();
        assert_eq!(codes.len(), script.channels);
        // What was lost before it is over.
        let at = script.time;
        script.losses.retain(|(frame, _)| *frame != at);
        script.time += u64::from(lost);
        for (channel, place) in codes.iter_mut().enumerate() {
            *place = code(script.frequency, channel, script.time);
        }
        script.time += 1;
    }
}

fn config(currents: usize) -> Config {
    Config {
        sample_rate: u64::from(RATE) << 32,
        clock: 0,
        adc_bits: BITS,
        nominal: Nominal::Auto,
        voltage: Some(Channel::new(400 << 32)),
        currents: (0..currents).map(|_| Channel::new(25 << 32)).collect(),
        residual: None,
        no_load: None,
        events: None,
    }
}

fn start(script: Script, config: &Config) -> (Bench, Rc<RefCell<Script>>) {
    let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::default())));
    let script = Rc::new(RefCell::new(script));
    bench.board.platform().adc = Some(Box::new(Played(script.clone())));
    assert_eq!(bench.ask(&Request::Configure(config.clone())), Response::Configured);
    (bench, script)
}

fn block(bench: &mut Bench, frames: u32) -> Block {
    match bench.ask(&Request::Run { frames, with_codes: true }) {
        Response::Block(block) => block,
        other => panic!("{other:?}"),
    }
}

fn windows(bench: &mut Bench, frames: u32) -> Vec<Window> {
    match bench.ask(&Request::Run { frames, with_codes: false }) {
        Response::Readings(windows) => windows.into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

fn status(bench: &mut Bench) -> Status {
    match bench.ask(&Request::Status) {
        Response::Status(status) => status,
        other => panic!("{other:?}"),
    }
}

/// The frames from `time` on, as they travel.
fn packed(frequency: f64, channels: usize, time: std::ops::Range<u64>) -> Vec<u8> {
    time.flat_map(|time| (0..channels).flat_map(move |channel| code(frequency, channel, time).to_le_bytes())).collect()
}

/// Windows and digest of the core on this machine, over stretches of time with gaps between them.
fn truth(config: &Config, frequency: f64, stretches: &[std::ops::Range<u64>]) -> (Vec<Window>, u64) {
    let mut meter = Meter::new(config::Config::<i16, MAX_CURRENTS>::new(settings(config)).expect("a configuration"));
    let (mut windows, mut digest, mut seen) = (vec![], Digest::new(), 0);
    for stretch in stretches {
        let mut sink = |reading: &Reading<MAX_CURRENTS>| {
            let window = Window::from(reading);
            digest.update(&window);
            windows.push(window);
        };
        meter.gap(stretch.start - seen, &mut sink);
        let codes: Vec<i16> = stretch
            .clone()
            .flat_map(|time| (0..config.channels()).map(move |channel| code(frequency, channel, time)))
            .collect();
        meter.push_interleaved(&codes, &mut sink);
        seen = stretch.end;
    }
    (windows, digest.value())
}

#[test]
fn frames_of_the_adc_are_metered() {
    for currents in [1, 4] {
        let config = config(currents);
        let (mut bench, _) = start(Script { frequency: 50.0, ..Script::default() }, &config);
        let mut seen = vec![];
        let mut frame = 0;
        for _ in 0..60 {
            let most = config.block_frames();
            let block = block(&mut bench, most);
            assert_eq!(block.first_frame, frame);
            frame += u64::from(most);
            assert_eq!(block.data[..], packed(50.0, config.channels(), frame - u64::from(most)..frame)[..]);
            seen.extend(block.windows);
        }
        while frame < 32_000 {
            seen.extend(windows(&mut bench, 4_000));
            frame += 4_000;
        }
        let whole = 0..frame;
        let (expected, digest) = truth(&config, 50.0, std::slice::from_ref(&whole));
        assert!(expected.len() > 15);
        assert_eq!(seen, expected);
        assert_eq!((status(&mut bench).frames, status(&mut bench).digest), (frame, digest));
    }
}

#[test]
fn lost_frames_are_told_before_the_next_ones() {
    let config = config(2);
    let losses = vec![(10_000, 37), (20_011, 1)];
    let (mut bench, _) = start(Script { frequency: 50.0, losses, ..Script::default() }, &config);
    let (mut next, mut holes, mut seen) = (0, vec![], vec![]);
    while next < 31_000 {
        let block = block(&mut bench, 300);
        let frames = block.data.len() as u64 / 6;
        if block.first_frame != next {
            holes.push((next, block.first_frame - next));
        }
        assert_eq!(
            block.data[..],
            packed(50.0, 3, block.first_frame..block.first_frame + frames),
            "no hole within a block"
        );
        assert!(frames == 300 || [10_000, 20_011].contains(&(block.first_frame + frames)), "only a loss cuts it short");
        next = block.first_frame + frames;
        seen.extend(block.windows);
    }
    assert_eq!(holes, [(10_000, 37), (20_011, 1)]);
    let (expected, digest) = truth(&config, 50.0, &[0..10_000, 10_037..20_011, 20_012..next]);
    assert_eq!(seen, expected);
    assert_eq!(seen.iter().filter(|window| window.flags & Flags::GAP.bits() != 0).count(), 2);
    assert_eq!((status(&mut bench).frames, status(&mut bench).digest), (next, digest));
}

/// The most windows that an answer must hold: one that a loss ends, one that ends where the lock is found behind a loss of more
/// than a second, and those of half a second of the fastest mains.
#[test]
fn no_window_is_dropped_behind_a_loss() {
    let config = config(1);
    // Some offset within a window brings the most of them into one answer.
    let cases =
        |offset| [(offset, 1_000, false), (offset, 1_000, true), (offset, 12_000, false), (offset, 12_000, true)];
    for (offset, lost, with_codes) in (0..1_200).step_by(60).flat_map(cases) {
        let losses = vec![(8_000 + offset, lost)];
        let (mut bench, _) = start(Script { frequency: 68.9, losses, ..Script::default() }, &config);
        let mut seen = vec![];
        while status(&mut bench).frames < 15_000 + u64::from(lost) {
            if with_codes {
                seen.extend(block(&mut bench, config.block_frames()).windows);
            } else {
                seen.extend(windows(&mut bench, 4_000));
            }
        }
        let frames = status(&mut bench).frames;
        let (expected, digest) = truth(&config, 68.9, &[0..8_000 + offset, 8_000 + u64::from(lost) + offset..frames]);
        assert_eq!(seen, expected, "{offset}, {lost}");
        assert_eq!(status(&mut bench).digest, digest, "{offset}, {lost}");
    }
}

#[test]
fn a_run_ends_before_a_loss_and_the_next_one_goes_on() {
    let config = config(1);
    let (mut bench, _) = start(Script { frequency: 50.0, losses: vec![(1_500, 8)], ..Script::default() }, &config);
    for (frames, expected) in [(1_000, 1_000), (1_000, 1_500), (1_000, 2_508), (0, 2_508)] {
        let _none_or_one = windows(&mut bench, frames);
        assert_eq!(status(&mut bench).frames, expected);
    }
}

#[test]
fn it_samples_from_the_first_run_on_and_no_longer_than_wanted() {
    let config = config(1);
    let (mut bench, script) = start(Script { frequency: 50.0, ..Script::default() }, &config);
    let asked = |script: &Rc<RefCell<Script>>| std::mem::take(&mut script.borrow_mut().log);
    assert!(asked(&script).is_empty(), "not before a run");
    block(&mut bench, 100);
    block(&mut bench, 100);
    assert_eq!(asked(&script), ["start"]);
    bench.ask(&Request::Configure(config.clone()));
    assert_eq!(asked(&script), ["stop"]);
    block(&mut bench, 100);
    let data = packed(50.0, 2, 100..200);
    bench.ask(&Request::Samples { first_frame: 100, data: &data });
    assert_eq!(asked(&script), ["start", "stop"]);
    block(&mut bench, 100);
    bench.ask(&Request::Signal(Signal::default()));
    assert_eq!(asked(&script), ["start", "stop"]);
    // From now on the signal is what runs, which is silent.
    assert_eq!(block(&mut bench, 100).data, [0; 400]);
    bench.ask(&Request::Configure(config.clone()));
    assert_eq!(block(&mut bench, 100).data, [0; 400]);
    assert!(asked(&script).is_empty());
    bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
    bench.ask(&Request::Configure(config));
    assert_eq!(block(&mut bench, 100).data[..], packed(50.0, 2, 0..100), "until the next session");
    bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
    assert_eq!(asked(&script), ["start", "stop"]);
}

#[test]
fn what_the_adc_cannot_give_is_refused() {
    let wide = Config { adc_bits: 16, ..config(1) };
    let (mut bench, script) = start(Script { frequency: 50.0, ..Script::default() }, &wide);
    for with_codes in [true, false] {
        match bench.ask(&Request::Run { frames: 100, with_codes }) {
            Response::Error(Error::Config { field, reason }) => {
                assert_eq!((field.as_str(), reason.as_str()), ("adc_bits", "it gives 12"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(status(&mut bench).frames, 0);
    assert!(script.borrow().log.is_empty());
    // The same configuration takes samples of the bench all the same.
    let data = packed(50.0, 2, 0..100);
    assert!(matches!(bench.ask(&Request::Samples { first_frame: 0, data: &data }), Response::Readings(_)));
}

#[test]
fn frames_before_a_failure_are_given() {
    let config = config(1);
    for with_codes in [true, false] {
        let (mut bench, script) = start(Script { frequency: 50.0, end: Some(250), ..Script::default() }, &config);
        for expected in [200, 250] {
            let answer = bench.ask(&Request::Run { frames: 200, with_codes });
            assert!(matches!(answer, Response::Block(_) | Response::Readings(_)), "{answer:?}");
            assert_eq!(status(&mut bench).frames, expected);
        }
        let answer = bench.ask(&Request::Run { frames: 200, with_codes });
        assert!(
            matches!(&answer, Response::Error(Error::Config { reason, .. }) if reason == "it has failed"),
            "{answer:?}"
        );
        // It is not started again behind the bench's back.
        assert_eq!(script.borrow().log, ["start"]);
    }
}

/// What is metered by the settings is corrected by the calibration of the front end before the ADC, and by nothing where the
/// frames are of another signal.
#[test]
fn a_meter_by_the_settings_has_the_calibration_of_the_front_end() {
    let (mut bench, _script) = start(Script { frequency: 50.0, ..Script::default() }, &config(1));
    let request = Request::Settings(SettingsRequest::Start { sample_rate: u64::from(RATE) << 32, adc_bits: BITS });
    let started = |bench: &mut Bench| match bench.ask(&request) {
        Response::Settings(SettingsAnswer::Started(config)) => config,
        other => panic!("{other:?}"),
    };
    let write = |bench: &mut Bench, gain_ppm: i32| {
        let correction = |gain_ppm, delay| Some(Correction { gain_ppm, delay, ..Correction::default() });
        let calibration = Calibration {
            clock: 123,
            voltage: correction(gain_ppm, 0),
            currents: [correction(0, 4), None, correction(-20_000, 12)].into_iter().collect(),
            ..Calibration::default()
        };
        bench.ask(&Request::Calibration(CalibrationRequest::Write(calibration)));
        (0..100).for_each(|_| drop(bench.ask(&Request::Status)));
        (0..100).for_each(|_| drop(bench.ask(&Request::Calibration(CalibrationRequest::Show))));
    };
    // 1 800 of 2 048 codes are of 400 V.
    let volt = |bench: &mut Bench| {
        let last = (0..4).flat_map(|_| windows(bench, 4_000)).last().expect("a window");
        last.voltage.expect("a voltage").rms as f64 / 2f64.powi(32)
    };
    let uncorrected = 400.0 * 1_800.0 / 2_048.0 / 2f64.sqrt();
    let holds = |volt: f64, gain: f64| assert!((volt / uncorrected / gain - 1.0).abs() < 1e-4, "{volt} {gain}");
    let plain = started(&mut bench);
    holds(volt(&mut bench), 1.0);
    write(&mut bench, 50_000);
    let config = started(&mut bench);
    let of = |config: &Config| config.currents.iter().map(|it| (it.gain_ppm, it.delay)).collect::<Vec<_>>();
    assert_eq!((config.clock, config.voltage.as_ref().map(|it| it.gain_ppm)), (123, Some(50_000)));
    assert_eq!(of(&config), [(0, 4), (0, 0), (-20_000, 12), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)]);
    holds(volt(&mut bench), 1.05);
    // A new one is taken into use by a restart, as settings are.
    write(&mut bench, 100_000);
    holds(volt(&mut bench), 1.05);
    bench.ask(&Request::Device(DeviceRequest::Restart { held: false }));
    holds(volt(&mut bench), 1.1);
    // No front end has bent the board's own signal.
    bench.ask(&Request::Signal(Signal { frequency: 50 << 32, channels: heapless::Vec::new() }));
    assert_eq!(started(&mut bench), plain);
}
