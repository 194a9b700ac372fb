//! `hil capture`, and `hil measure` on what it writes: the same codes, the same readings, the same digest.

mod support;

use std::f64::consts::{SQRT_2, TAU};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use datasets::file;
use datasets::recording::Recording;
use serde_json::Value;
use support::{names, refusal, stderr, stdout};
use tempfile::TempDir;

/// Sampling rate where none is asked for.
const RATE_HZ: f64 = 8000.0;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

fn capture(file: &Path, arguments: &[&str]) -> Output {
    support::hil().arg("capture").arg(file).args(arguments).output().expect("the program starts")
}

/// Captures, and gives what stands on standard output.
#[track_caller]
fn captured(file: &Path, arguments: &[&str]) -> String {
    let output = capture(file, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

/// Standard output and standard error of `hil measure --json`.
#[track_caller]
fn measured(file: &Path, arguments: &[&str]) -> (String, String) {
    let output = support::hil().arg("measure").arg(file).arg("--json").args(arguments).output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    (stdout(&output), stderr(&output))
}

fn summary(lines: &str) -> Value {
    lines.lines().last().map(serde_json::from_str).expect("a summary").expect("a line of JSON")
}

fn last_window(lines: &str) -> Value {
    lines.lines().nth_back(1).map(serde_json::from_str).expect("a window").expect("a line of JSON")
}

#[track_caller]
fn near(object: &Value, name: &str, expected: f64, part: f64) {
    let value = object[name].as_f64().unwrap_or_else(|| panic!("{name} is no number in {object}"));
    assert!((value - expected).abs() <= part * expected.abs(), "{name}: {value}, expected {expected}");
}

fn read(file: &Path) -> Recording {
    file::read(file).expect("a file that can be read")
}

/// What the board gave live, what it gives of every format, and what was asked of its source.
#[test]
fn a_capture_measures_as_the_board_did() {
    let folder = folder();
    let signal = "hz=50.02,voltage.5=4,current=5@-30,current1=2@60,current1.3=1,residual=0.012@45";
    let own = ["--length", "1500ms", "--currents", "2", "--signal", signal, "--residual-corner", "5", "--json"];
    let mut first = None;
    for name in ["a.csv", "a.cff", "a.cfg"] {
        let file = folder.path().join(name);
        let live = captured(&file, &own);
        let (again, said) = measured(&file, &[]);
        assert_eq!(again, live, "{name}");
        names(&said, &["codes of board virtual", "24 bits", "the same readings as the board gave"]);
        assert_eq!(first.get_or_insert(live.clone()), &live, "{name}");
        // The lock has settled by then.
        let whole = last_window(&live);
        near(&whole, "voltage_v", 230.0_f64.hypot(4.0), 1e-5);
        near(&whole, "active_w", 230.0 * 5.0 * 30_f64.to_radians().cos(), 1e-5);
        near(&whole, "phase_deg", 30.0, 1e-5);
        near(&whole, "frequency_hz", 50.02, 1e-5);
        near(&whole["currents"][1], "current_a", 5_f64.sqrt(), 1e-5);
        near(&whole["currents"][1], "reactive_var", -230.0 * 2.0 * 60_f64.to_radians().sin(), 1e-5);
        // With the transformer's corner an alternating current alone is read 0.5 % too large.
        near(&whole, "residual_a", 0.012 * 1_f64.hypot(5.0 / 50.02), 1e-3);
    }
}

/// Every code of every sample is that of the closed form within half a code and 4e-9 of the amplitude, so none is missing
/// and none came twice. The frequency must have no more than 32 bits behind the point.
#[track_caller]
fn is_whole(file: &Path, frames: usize, hz: f64) {
    let recording = read(file);
    assert_eq!((recording.frames, recording.channels.len()), (frames, 3));
    let expected =
        [("voltage_v", 230.0, 400.0, 0.0), ("current_a", 5.0, 24.89, -30.0), ("residual_a", 0.003, 0.1, 0.0)];
    for (channel, (name, rms, range, deg)) in recording.channels.iter().zip(expected) {
        assert_eq!(channel.name, name);
        let code_of = |value: f64| value / range * f64::from(1 << 23);
        for (n, (value, &raw)) in channel.values().zip(&channel.raw).enumerate() {
            let sine = rms * SQRT_2 * (TAU * ((hz * n as f64 / RATE_HZ).fract() + deg / 360.0)).sin();
            let code = code_of(sine);
            assert!(
                (raw - code).abs() < 0.5 + 4e-9 * code_of(rms * SQRT_2),
                "{name}, sample {n}: {raw}, expected {code}"
            );
            assert!((value - sine).abs() < range / f64::from(1 << 23), "{name}, sample {n}: {value}");
        }
    }
}

#[test]
fn no_frame_is_missing() {
    let folder = folder();
    let file = folder.path().join("a.cff");
    let said = captured(&file, &["--length", "20s", "--signal", "hz=49.96875"]);
    names(&said, &["160000 samples of 3 channels, 20.000 s, none is missing", "digest of the board"]);
    is_whole(&file, 160_000, 49.968_75);
}

/// Too long for each run of the tests.
#[test]
#[ignore = "ten minutes of samples: a part of scripts/test --full"]
fn no_frame_of_ten_minutes_is_missing() {
    let folder = folder();
    for name in ["a.csv", "a.cff"] {
        let file = folder.path().join(name);
        let begun = Instant::now();
        let live = captured(&file, &["--length", "10m", "--signal", "hz=49.96875", "--json"]);
        let took = begun.elapsed().as_secs_f64();
        is_whole(&file, 4_800_000, 49.968_75);
        let (again, _) = measured(&file, &[]);
        assert_eq!(again, live, "{name}");
        let length = std::fs::metadata(&file).expect("a file").len();
        println!("{name}: 4800000 frames of 3 channels in {took:.1} s, {} MB, no gap", length / 1_000_000);
    }
}

/// The ends of the range, and an ADC of 16 bits, whose lowest code stands for a missing sample in COMTRADE.
#[test]
fn codes_at_the_ends_come_back() {
    let folder = folder();
    for name in ["a.csv", "a.cff"] {
        let file = folder.path().join(name);
        let own = ["--length", "1s", "--adc-bits", "16", "--signal", "voltage=400,residual.dc=-0.0999", "--json"];
        let live = captured(&file, &own);
        let (again, said) = measured(&file, &[]);
        assert_eq!(again, live, "{name}");
        names(&said, &["16 bits", "the same readings"]);
        assert!(live.contains("clipped"), "{live}");
        let recording = read(&file);
        let codes: Vec<f64> = recording.channels[0].values().map(|value| (value / 400.0 * 32768.0).round()).collect();
        assert!(codes.contains(&-32768.0) && codes.contains(&32767.0));
    }
}

#[test]
fn a_calibration_goes_with_the_codes() {
    let folder = folder();
    let eeprom = folder.path().join("chip");
    let eeprom = eeprom.to_str().expect("a path of ASCII");
    let errors = "gain=3%,phase=1.5,offset=0.5%,clock=50ppm,delay=20us";
    let call = ["calibrate", "--board", "virtual", "--yes", "--eeprom", eeprom, "--errors", errors];
    let calibrated = support::call(call);
    assert_eq!(calibrated.status.code(), Some(0), "{}", stderr(&calibrated));
    for name in ["a.csv", "a.cfg"] {
        let file = folder.path().join(name);
        let live = captured(&file, &["--length", "1s", "--eeprom", eeprom, "--json"]);
        let (again, said) = measured(&file, &[]);
        assert_eq!(again, live, "{name}");
        names(&said, &["the same readings"]);
        // The source has no errors, so what makes errors good makes some: 1/1.03.
        near(&summary(&live), "voltage_v", 230.0 / 1.03, 1e-4);
        // Values in the file are corrected as well.
        let peak = read(&file).channels[0].values().fold(0.0, f64::max);
        assert!((peak / (230.0 * SQRT_2) - 1.0 / 1.03).abs() < 1e-4, "{peak}");
    }
    let file = folder.path().join("b.csv");
    let live = captured(&file, &["--length", "1s", "--eeprom", eeprom, "--no-calibration", "--json"]);
    near(&summary(&live), "voltage_v", 230.0, 1e-5);
}

/// What the command line tells takes the place of what the file does; the readings are then those of another meter.
#[test]
fn measure_takes_other_settings() {
    let folder = folder();
    let file = folder.path().join("a.csv");
    captured(&file, &["--length", "1s", "--currents", "2", "--signal", "current1=10"]);
    for arguments in [
        &["--adc-bits", "16"][..],
        &["--voltage-range", "500"],
        &["--nominal", "60"],
        &["--current", "current1_a"],
        &["--dc-is-signal"],
        &["--rate", "8000.0"],
    ] {
        let (lines, said) = measured(&file, arguments);
        near(&summary(&lines), "voltage_v", 230.0, 1e-4);
        near(&summary(&lines), "current_a", if arguments[0] == "--current" { 10.0 } else { 5.0 }, 1e-3);
        assert!(!said.contains("the board gave"), "{arguments:?}: {said}");
    }
    let (_, said) = measured(&file, &["--adc-bits", "16"]);
    names(&said, &["16 bits", "voltage range 400.000000 V", "current range 24.890000 A, 24.890000 A"]);
    let (_, said) = measured(&file, &["--voltage-range", "500", "--residual-range", "1"]);
    names(&said, &["24 bits", "voltage range 500.000000 V", "residual range 1.000000 A"]);
    // A sample that was changed by hand.
    let text = std::fs::read_to_string(&file).expect("a file");
    let line = text.lines().nth_back(3_000).expect("a line");
    let cells: Vec<&str> = line.split(',').collect();
    std::fs::write(&file, text.replace(line, &format!("{},0,{},{},{}", cells[0], cells[2], cells[3], cells[4])))
        .expect("it");
    names(&measured(&file, &[]).1, &["not the readings that the board gave"]);
}

/// The voltage rises through 0 in frame 160, whose code is 0: the next one is the first above it.
#[test]
fn a_level_triggers_to_the_sample() {
    let folder = folder();
    let file = folder.path().join("a.csv");
    let own = ["--length", "1s", "--trigger", "voltage>0", "--pre-trigger", "20ms", "--no-residual"];
    names(
        &captured(&file, &own),
        &["8000 samples of 2 channels", "voltage>0 at sample 161 (0.020000 s)", "this machine"],
    );
    let recording = read(&file);
    let voltage: Vec<f64> = recording.channels[0].values().collect();
    for n in [0_usize, 1, 160, 161, 7_999] {
        let expected = 230.0 * SQRT_2 * (TAU * (n + 1) as f64 / 160.0).sin();
        assert!((voltage[n] - expected).abs() < 1e-4, "sample {n}: {} {expected}", voltage[n]);
    }
    let (lines, said) = measured(&file, &[]);
    names(&said, &["from its frame 1:"]);
    near(&last_window(&lines), "voltage_v", 230.0, 1e-4);
    // The readings that are told are those of the file.
    let again = folder.path().join("b.csv");
    let live = captured(&again, &[&own[..], &["--json"]].concat());
    assert_eq!(measured(&again, &[]).0, live);
}

/// First sample of the file from which on a channel is no longer the sine that it began with, by `frames` of a period.
fn change(values: &[f64], period: usize) -> usize {
    let peak = values.iter().fold(0.0_f64, |peak, value| peak.max(value.abs()));
    (period..values.len()).find(|&n| (values[n] - values[n - period]).abs() > 1e-3 * peak).expect("a change")
}

/// The signal changes in frame 8000; both are told within what IEC 61000-4-30 and IEC 61008-1 allow.
#[test]
fn events_and_alarms_trigger() {
    let folder = folder();
    let cases = [
        ("dip", "1s:voltage=150", 0, 0..=240),
        ("swell", "1s:voltage=270", 0, 0..=240),
        ("interruption", "1s:voltage=5", 0, 0..=320),
        ("event", "1s:voltage=150", 0, 0..=240),
        ("overload", "1s:current=9", 1, 0..=240),
        ("alarm", "1s:residual=0.06", 2, 0..=1_200),
        ("pre-warning", "1s:residual=0.06", 2, 0..=1_200),
    ];
    for (trigger, changed, channel, late) in cases {
        let file = folder.path().join(format!("{trigger}.cff"));
        let own =
            ["--length", "1s", "--trigger", trigger, "--pre-trigger", "300ms", "--overload", "8", "--change", changed];
        let said = captured(&file, &own);
        names(&said, &[&format!("{trigger} at sample 2401 (0.300000 s)")]);
        let values: Vec<f64> = read(&file).channels[channel].values().collect();
        assert_eq!(values.len(), 8_000);
        let at = change(&values, 160);
        assert!(late.contains(&(2_400 - at)), "{trigger}: the signal changes at sample {at}");
    }
}

#[test]
fn what_does_not_come_is_told() {
    let folder = folder();
    let file = folder.path().join("a.csv");
    let output = capture(&file, &["--trigger", "voltage>399", "--timeout", "2s"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    names(&stderr(&output), &["no voltage>399 in 2.000 s; nothing is written"]);
    assert!(!file.exists() && stdout(&output).is_empty());
    // Later than asked for is too late.
    let late = ["--trigger", "alarm", "--timeout", "1s", "--change", "1500ms:residual=0.05"];
    assert_eq!(capture(&file, &late).status.code(), Some(1));
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = folder();
    let file = folder.path().join("a.csv");
    for (arguments, parts) in [
        (&["--length", "1"][..], &["--length", "10m, 5s or 200ms"][..]),
        (&["--length", "0s"], &["--length", "samples"]),
        (&["--length", "5h"], &["--length", "samples"]),
        (&["--pre-trigger", "1s"], &["--trigger"]),
        (&["--trigger", "voltage>1", "--pre-trigger", "11s"], &["--pre-trigger", "--length"]),
        (&["--trigger", "residual>1", "--no-residual"], &["residual>1", "no such channel"]),
        (&["--trigger", "overload"], &["--overload"]),
        (&["--signal", "residual.dc=1"], &["--signal", "residual", "beyond the range"]),
        (&["--change", "1s"], &["--change", "TIME:SIGNAL"]),
        (&["--board", "/dev/no-such-port"], &["/dev/no-such-port"]),
    ] {
        names(&refusal(&capture(&file, arguments)), parts);
        assert!(!file.exists(), "{arguments:?}");
    }
    names(&refusal(&capture(&folder.path().join("a.txt"), &[])), &["a.txt", ".csv, .cff, .cfg or .wav"]);
    names(&refusal(&capture(&folder.path().join("none/a.csv"), &[])), &["none/a.csv", "no such folder"]);
    std::fs::write(folder.path().join("b.inf"), "mine").expect("a file");
    let pair = folder.path().join("b.cfg");
    names(&refusal(&capture(&pair, &["--length", "1s"])), &["b.inf", "--force"]);
    captured(&pair, &["--length", "1s", "--force"]);
    assert_ne!(std::fs::read(folder.path().join("b.inf")).expect("a file"), b"mine");
}

/// WAV holds codes and the rate; the ranges are to be told.
#[test]
fn wav_keeps_the_codes() {
    let folder = folder();
    let file = folder.path().join("a.wav");
    let output = capture(&file, &["--length", "1s", "--no-residual", "--nominal", "50"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stderr(&output), &["not kept: names, units", "not kept: the factors"]);
    let digest = stdout(&output).trim_end().rsplit(' ').next().map(str::to_owned);
    let told = [
        "--voltage",
        "ch1",
        "--current",
        "ch2",
        "--voltage-range",
        "400",
        "--current-range",
        "24.89",
        "--nominal",
        "50",
    ];
    assert_eq!(summary(&measured(&file, &told).0)["digest"].as_str().map(str::to_owned), digest);
}

/// What has come when the user has had enough is a whole file, and before a trigger nothing is.
#[test]
fn ctrl_c_ends_with_a_whole_file() {
    let folder = folder();
    let interrupted = |name: &str, arguments: &[&str]| {
        let path: PathBuf = folder.path().join(name);
        let child = support::hil()
            .arg("capture")
            .arg(&path)
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_secs(2));
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill starts");
        assert!(killed.success());
        (path, child.wait_with_output().expect("it ends"))
    };
    let (path, output) = interrupted("a.csv", &["--length", "30m", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (again, said) = measured(&path, &[]);
    assert_eq!(again, stdout(&output));
    names(&said, &["the same readings"]);
    assert!((4_000..14_400_000).contains(&read(&path).frames));
    let (path, output) = interrupted("b.csv", &["--trigger", "alarm"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!path.exists() && stderr(&output).contains("no alarm in "), "{}", stderr(&output));
}

/// Nobody knows who wrote a file.
#[test]
fn a_header_from_outside_is_checked() {
    let folder = folder();
    let file = folder.path().join("a.csv");
    captured(&file, &["--length", "1s"]);
    let text = std::fs::read_to_string(&file).expect("a file");
    for (from, to, part) in [
        ("adc_bits = 24", "adc_bits = 0", "adc_bits 0"),
        ("adc_bits = 24", "adc_bits = 33", "adc_bits 33"),
        ("adc_bits = 24", "adc_bits = 24.5", "adc_bits"),
        ("range = 400.0", "range = nan", "range NaN"),
        ("range = 400.0", "range = -1.0", "range -1"),
        ("range = 400.0", "range = 1e300", "range"),
        ("gain_ppm = 0", "gain_ppm = 99999999999", "gain_ppm"),
        ("gain_ppm = 0", "gain_ppm = -1000000", "gain"),
        ("phase_deg = 0.0", "phase_deg = 1e9", "phase_deg"),
        ("rate_hz = 8000.0", "rate_hz = 0.0", "rate_hz 0"),
        ("board = ", "colour = ", "colour"),
        ("first_frame = 0", "first_frame = -1", "first_frame"),
        ("digest = \"", "digest = \"x", "digest"),
        ("detects = \"A\"", "detects = \"B\"", "detects \"B\""),
        ("[hil]", "[hil]\n# inf: [hil]", "hil"),
    ] {
        assert!(text.contains(from), "{from} is not in {text:.3000}");
        std::fs::write(&file, text.replacen(from, to, 1)).expect("a file");
        let output = support::hil().arg("measure").arg(&file).output().expect("the program starts");
        names(&refusal(&output), &["a.csv", part]);
    }
}
