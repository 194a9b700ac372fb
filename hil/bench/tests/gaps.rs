//! `hil capture --source adc`: an ADC does not wait for a slow line, so frames are missing, and the file tells which.
//!
//! The virtual board's ADC samples sines by the clock. Each sample of a file is held against the closed form at its own
//! number: a frame that is missing without a word, or stands in the wrong place, is off by many codes. The line is the one
//! of the test of the faults, which drops, damages and delays as well.

mod support;

#[allow(dead_code, reason = "the test of the faults uses all of it")]
#[path = "../../link/tests/faults/injector.rs"]
mod injector;
#[allow(dead_code, reason = "the test of the faults uses all of it")]
#[path = "faults/relay.rs"]
mod relay;

use std::f64::consts::{SQRT_2, TAU};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use datasets::file;
use hil::board::virtual_adc::HZ;
use hil::own_signal;
use relay::{Command, Relay};
use support::{names, refusal, stderr, stdout};

fn capture(file: &Path, arguments: &[&str]) -> Output {
    let own = ["--source", "adc", "--adc-bits", "16", "--json"];
    support::hil().arg("capture").arg(file).args(own).args(arguments).output().expect("the program starts")
}

/// The samples that are missing, counted from 1, of a file whose others are the sines of the board's inputs from the frame
/// `first` on.
#[track_caller]
fn gaps(file: &Path, rate_hz: f64, first: usize) -> Vec<RangeInclusive<usize>> {
    let recording = file::read(file).expect("a file that can be read");
    let (feed, lag) = own_signal::currents()[0];
    let inputs = [(own_signal::VOLT, 0.0, 400.0), (feed, lag, 24.89), (own_signal::RESIDUAL, -90.0, 0.1)];
    let mut gaps: Vec<RangeInclusive<usize>> = Vec::new();
    for n in 0..recording.frames {
        let is_missing = recording.channels[0].raw[n].is_nan();
        let turns = HZ * (first + n) as f64 / rate_hz;
        for (channel, (rms, lag, range)) in recording.channels.iter().zip(inputs) {
            let (name, code) = (&channel.name, channel.raw[n]);
            assert_eq!(code.is_nan(), is_missing, "{name}, sample {}", n + 1);
            let expected = rms * SQRT_2 / range * 32_768.0 * (TAU * (turns.fract() - lag / 360.0)).sin();
            assert!(is_missing || (code - expected).abs() < 0.501, "{name}, sample {}: {code}, {expected}", n + 1);
        }
        match gaps.last_mut() {
            Some(gap) if is_missing && *gap.end() == n => *gap = *gap.start()..=n + 1,
            _ if is_missing => gaps.push(n + 1..=n + 1),
            _ => {}
        }
    }
    gaps
}

fn count(gaps: &[RangeInclusive<usize>]) -> usize {
    gaps.iter().map(|gap| gap.end() + 1 - gap.start()).sum()
}

/// What is told of the gaps is what the file has, and the file is metered as the board metered what it had room for.
#[track_caller]
fn is_told(file: &Path, output: &Output, gaps: &[RangeInclusive<usize>], whose: &str) {
    let first = gaps.first().expect("a gap");
    let told = format!("{} are missing, in {} gaps: {} to {}", count(gaps), gaps.len(), first.start(), first.end());
    names(&stderr(output), &[&told]);
    let head = file::head(file).expect("a head").information;
    assert!(head.contains(&format!("lost_frames = {}", count(gaps))), "{head:?}");
    let measured = support::hil().arg("measure").arg(file).arg("--json").output().expect("the program starts");
    assert_eq!(measured.status.code(), Some(0), "{}", stderr(&measured));
    assert_eq!(stdout(&measured), stdout(output));
    names(&stderr(&measured), &[&format!("{} samples are missing, in {} gaps", count(gaps), gaps.len()), whose]);
    assert!(stdout(output).contains("\"gap\""), "{}", stdout(output));
}

/// Three channels at 8 kHz are 48 kB/s, four times what the line takes.
#[test]
fn what_a_slow_line_loses_is_told() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 11);
    let board = ["--board", relay.name.to_str().expect("a path of ASCII"), "--length", "3s"];
    for name in ["a.csv", "a.cff"] {
        let file = folder.path().join(name);
        let output = capture(&file, &board);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let gaps = gaps(&file, 8_000.0, 0);
        assert!(gaps.len() > 5 && (8_000..23_000).contains(&count(&gaps)), "{gaps:?}");
        is_told(&file, &output, &gaps, "the same readings as the board gave");
    }
    // A file with holes is no signal to play.
    let file = folder.path().join("a.csv");
    let played = support::call(["monitor", "--signal", file.to_str().expect("a path of ASCII")]);
    names(&refusal(&played), &["a.csv", "missing"]);
}

/// A line that is fast enough loses what was sampled while it was cut, but for what the board has room for.
#[test]
fn what_a_cut_loses_is_told() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let relay = Relay::start(folder.path().join("board"), 12);
    let file = folder.path().join("a.csv");
    let board = relay.name.to_str().expect("a path of ASCII").to_owned();
    let path = file.clone();
    let run = std::thread::spawn(move || {
        let own = ["--board", &board, "--rate", "2000", "--no-residual", "--length", "6s"];
        capture(&path, &[&own[..], &["--trigger", "voltage>0"]].concat())
    });
    // In the middle of it: after a sixth of the samples, of two channels and two bytes each.
    for _ in 0..3_000 {
        if relay.told().carried > 8_000 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    relay.command(Command::Cut(0, 2_000 * injector::MS));
    let output = run.join().expect("a thread that ends");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // The first sample above 0 is the second frame.
    let gaps = gaps(&file, 2_000.0, 1);
    let longest = gaps.iter().map(|gap| gap.end() - gap.start()).max().unwrap_or(0);
    assert!((2_000..6_000).contains(&longest), "{gaps:?}");
    is_told(&file, &output, &gaps, "from its frame 1:");
}

#[test]
fn what_an_adc_cannot_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("a.csv");
    let call = |arguments: &[&str]| {
        support::hil().arg("capture").arg(&file).args(["--source", "adc"]).args(arguments).output().expect("it starts")
    };
    // Twenty-four bits are what is asked for where nothing is told.
    names(&stderr(&call(&["--length", "1s"])), &["refuses to sample", "adc_bits", "up to 16"]);
    names(&refusal(&call(&["--signal", "voltage=1"])), &["--signal", "--source signal"]);
    assert!(!file.exists());
}
