//! `hil measure`: what it reads, what it refuses, and how it says so.

mod support;

use std::f64::consts::{PI, SQRT_2};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{call, names, refusal, stderr, stdout};
use tempfile::TempDir;

/// Sampling rate of the recordings made here.
const RATE_HZ: f64 = 8000.0;

/// Names of a window in JSON, as scripts rely on them.
const NAMES: [&str; 11] = [
    "t_s",
    "voltage_v",
    "current_a",
    "active_w",
    "reactive_var",
    "apparent_va",
    "power_factor",
    "phase_deg",
    "frequency_hz",
    "residual_a",
    "flags",
];

/// Those of each entry of `currents`.
const CURRENT_NAMES: [&str; 6] = ["current_a", "active_w", "reactive_var", "apparent_va", "power_factor", "phase_deg"];

fn file(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file in a folder of our own");
    path
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

/// Runs `measure` on a file.
fn measure(file: &Path, arguments: &[&str]) -> std::process::Output {
    support::hil().arg("measure").arg(file).args(arguments).output().expect("the program starts")
}

/// Windows and summary of a good recording.
#[track_caller]
fn json(file: &Path, arguments: &[&str]) -> (Vec<Value>, Value) {
    let output = measure(file, &[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let mut lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let summary = lines.pop().expect("a summary");
    assert_eq!(summary["summary"], true);
    (lines, summary)
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[track_caller]
fn near(object: &Value, name: &str, expected: f64, limit: f64) {
    let value = object[name].as_f64().unwrap_or_else(|| panic!("{name} is no number in {object}"));
    assert!((value - expected).abs() <= limit, "{name}: {value}, expected {expected} within {limit}");
}

/// A column of a recording: its name, and its value from time, voltage and current.
type Column<'a> = (&'a str, &'a dyn Fn(f64, f64, f64) -> f64);

/// A load behind the mains, known in closed form.
struct Load {
    frequency_hz: f64,
    volt: f64,
    ampere: f64,
    /// Of the fundamental, positive lagging.
    phase_deg: f64,
    third: f64,
    fifth: f64,
}

impl Load {
    /// PF 0.5 lagging of the fundamental, 40 % third and 20 % fifth harmonic.
    const DISTORTED: Self =
        Self { frequency_hz: 47.3, volt: 230.0, ampere: 4.0, phase_deg: 60.0, third: 0.4, fifth: 0.2 };

    /// Voltage and current at a time.
    fn at(&self, seconds: f64) -> (f64, f64) {
        let turn = 2.0 * PI * self.frequency_hz * seconds;
        let lag = self.phase_deg.to_radians();
        let current =
            (turn - lag).sin() + self.third * (3.0 * turn + 0.3).sin() + self.fifth * (5.0 * turn - 1.1).sin();
        (SQRT_2 * self.volt * turn.sin(), SQRT_2 * self.ampere * current)
    }

    fn rms_a(&self) -> f64 {
        self.ampere * (1.0 + self.third.powi(2) + self.fifth.powi(2)).sqrt()
    }

    fn active_w(&self) -> f64 {
        self.volt * self.ampere * self.phase_deg.to_radians().cos()
    }

    fn reactive_var(&self) -> f64 {
        self.volt * self.ampere * self.phase_deg.to_radians().sin()
    }

    /// So many seconds as rows; every column is a function of time, voltage and current.
    fn csv(&self, seconds: f64, columns: &[Column<'_>]) -> String {
        let mut text = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        text.push('\n');
        for frame in 0..(seconds * RATE_HZ) as u32 {
            let time = f64::from(frame) / RATE_HZ;
            let (volt, ampere) = self.at(time);
            let cells: Vec<String> =
                columns.iter().map(|(_, value)| format!("{:.9}", value(time, volt, ampere))).collect();
            writeln!(text, "{}", cells.join(",")).expect("text grows");
        }
        text
    }

    /// Voltage and current under their default names.
    fn plain(&self, seconds: f64) -> String {
        self.csv(seconds, &[("voltage_v", &|_, volt, _| volt), ("current_a", &|_, _, ampere| ampere)])
    }
}

#[test]
fn readings_are_those_of_the_closed_form() {
    let folder = folder();
    let load = Load::DISTORTED;
    let (windows, summary) = json(&file(&folder, "load.csv", load.plain(3.0)), &["--rate", "8000.0"]);
    assert!(windows.len() >= 13, "{} windows in 3 s", windows.len());
    let apparent = load.volt * load.rms_a();
    let check = |values: &Value| {
        let ppm = 20e-6;
        near(values, "voltage_v", load.volt, load.volt * ppm);
        near(values, "current_a", load.rms_a(), load.rms_a() * ppm);
        near(values, "active_w", load.active_w(), apparent * ppm);
        near(values, "reactive_var", load.reactive_var(), apparent * ppm);
        near(values, "apparent_va", apparent, apparent * ppm);
        near(values, "power_factor", load.active_w() / apparent, ppm);
        near(values, "phase_deg", load.phase_deg, 0.0005);
        near(values, "frequency_hz", load.frequency_hz, load.frequency_hz * ppm);
    };
    for window in &windows[5..] {
        check(window);
        assert_eq!(window["flags"], Value::Array(vec![]));
    }
    near(&summary, "phase_deg", load.phase_deg, 0.01);
    near(&summary, "voltage_v", load.volt, load.volt * 100e-6);
}

#[test]
fn json_has_the_agreed_names() {
    let folder = folder();
    let (windows, summary) = json(&file(&folder, "load.csv", Load::DISTORTED.plain(1.5)), &["--rate", "8000"]);
    for window in &windows {
        assert_eq!(keys(window), NAMES);
        assert_eq!(window["residual_a"], Value::Null, "a quantity without a channel");
    }
    assert_eq!(windows[0]["flags"], serde_json::json!(["settling"]));
    near(&windows[1], "t_s", windows[0]["t_s"].as_f64().expect("a time") + 10.0 / 47.3, 0.001);
    let mut expected = vec!["summary"];
    expected.extend(&NAMES[1..10]);
    expected.extend(["windows", "digest"]);
    assert_eq!(keys(&summary), expected);
    let whole = windows.iter().filter(|window| window["flags"].as_array().is_some_and(Vec::is_empty)).count();
    assert_eq!(summary["windows"], whole);
    let digest = summary["digest"].as_str().expect("a digest");
    assert!(digest.len() == 16 && digest.chars().all(|digit| digit.is_ascii_hexdigit()), "{digest}");
}

#[test]
fn several_currents_are_listed_and_the_first_stands_on_top() {
    let folder = folder();
    let columns: [Column<'_>; 5] = [
        ("time_s", &|time, _, _| time),
        ("feed", &|_, volt, _| volt),
        ("a", &|_, _, ampere| ampere),
        ("b", &|_, _, ampere| -0.5 * ampere),
        ("leak", &|_, volt, _| volt / 23_000.0),
    ];
    let path = file(&folder, "strip.csv", Load::DISTORTED.csv(1.5, &columns));
    let (windows, summary) =
        json(&path, &["--voltage", "feed", "--current", "a", "--current", "b", "--residual", "leak"]);
    let mut expected = NAMES.to_vec();
    let residual = ["residual_ac_a", "residual_dc_a", "residual_total_a", "residual_peak_a", "residual_kind"];
    expected.splice(10..10, residual.into_iter().chain(["currents"]));
    for window in &windows {
        assert_eq!(keys(window), expected);
    }
    let last = windows.last().expect("a window");
    let currents = last["currents"].as_array().expect("a list");
    assert_eq!(currents.len(), 2);
    for current in currents {
        assert_eq!(keys(current), CURRENT_NAMES);
    }
    for name in CURRENT_NAMES {
        assert_eq!(last[name], currents[0][name]);
    }
    near(&currents[1], "current_a", Load::DISTORTED.rms_a() / 2.0, 1e-3);
    near(&currents[1], "power_factor", -Load::DISTORTED.active_w() / (230.0 * Load::DISTORTED.rms_a()), 1e-4);
    near(last, "residual_a", 0.01, 1e-5);
    assert_eq!(summary["currents"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_current_alone_is_measured() {
    let folder = folder();
    let path = file(&folder, "i.csv", Load::DISTORTED.csv(1.5, &[("current_a", &|_, _, ampere| ampere)]));
    let (windows, _) = json(&path, &["--rate", "8000"]);
    let last = windows.last().expect("a window");
    for name in ["voltage_v", "active_w", "reactive_var", "apparent_va", "power_factor", "phase_deg"] {
        assert_eq!(last[name], Value::Null, "{name}");
    }
    near(last, "current_a", Load::DISTORTED.rms_a(), 0.01 * Load::DISTORTED.rms_a());
    let table = stdout(&measure(&path, &["--rate", "8000"]));
    assert!(!table.contains("PF") && table.contains("mean"), "{table}");
}

#[test]
fn dc_counts_only_where_it_is_a_signal() {
    let folder = folder();
    let load = Load { third: 0.0, fifth: 0.0, ..Load::DISTORTED };
    let text = load.csv(2.0, &[("voltage_v", &|_, v, _| v), ("current_a", &|_, _, i| i + 3.0)]);
    let path = file(&folder, "offset.csv", text);
    let (_, removed) = json(&path, &["--rate", "8000"]);
    near(&removed, "current_a", 4.0, 1e-4);
    let (_, counted) = json(&path, &["--rate", "8000", "--dc-is-signal"]);
    near(&counted, "current_a", 5.0, 1e-4);
    near(&counted, "active_w", 460.0, 0.02);
    near(&counted, "power_factor", 0.4, 1e-4);
}

#[test]
fn nominal_decides_the_cycles_of_a_window() {
    let folder = folder();
    let path = file(&folder, "load.csv", Load::DISTORTED.plain(3.0));
    for (nominal, cycles) in [("50", 10.0), ("60", 12.0)] {
        let (windows, _) = json(&path, &["--rate", "8000", "--nominal", nominal]);
        let time = |n: usize| windows[n]["t_s"].as_f64().expect("a time");
        assert!((time(7) - time(6) - cycles / 47.3).abs() < 2e-4, "{nominal} Hz: {} s", time(7) - time(6));
    }
}

#[test]
fn the_time_column_tells_the_rate() {
    let folder = folder();
    let columns: [Column<'_>; 3] =
        [("time_s", &|time, _, _| time), ("voltage_v", &|_, volt, _| volt), ("current_a", &|_, _, ampere| ampere)];
    let path = file(&folder, "load.csv", Load::DISTORTED.csv(1.5, &columns));
    let output = measure(&path, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stderr(&output), &["8000 Hz"]);
    let digest = |arguments: &[&str]| json(&path, arguments).1["digest"].clone();
    assert_eq!(digest(&[]), digest(&["--rate", "8000.0"]));
}

#[test]
fn windows_line_ends_a_mark_and_comments_change_nothing() {
    let folder = folder();
    let text = Load::DISTORTED.plain(1.0);
    let digest = |name: &str, text: String| json(&file(&folder, name, text), &["--rate", "8000"]).1["digest"].clone();
    let plain = digest("plain.csv", text.clone());
    assert_eq!(plain, digest("windows.csv", format!("\u{feff}{}", text.replace('\n', "\r\n"))));
    assert_eq!(plain, digest("comments.csv", format!("# scope 1\n# channel 2\n{text}")));
    assert_eq!(plain, digest("cut.csv", text.trim_end().to_owned()));
}

#[test]
fn ranges_and_resolution_are_taken_and_told() {
    let folder = folder();
    let path = file(&folder, "load.csv", Load::DISTORTED.plain(1.0));
    let output =
        measure(&path, &["--rate", "8000", "--adc-bits", "12", "--voltage-range", "400", "--current-range", "5"]);
    assert_eq!(output.status.code(), Some(0));
    names(&stderr(&output), &["12 bits", "voltage range 400.0", "current range 5.0", "clipped"]);
}

#[test]
fn the_table_is_compact() {
    let folder = folder();
    let output = measure(&file(&folder, "load.csv", Load::DISTORTED.plain(1.0)), &["--rate", "8000"]);
    let table = stdout(&output);
    let rows: Vec<&str> = table.lines().collect();
    names(rows[0], &["U", "I", "Q1", "PF", "phase"]);
    assert!(!table.contains("residual"), "no column for a channel that is not there: {table}");
    assert!(rows[2].contains("settling"), "{table}");
    assert!(rows[rows.len() - 2].trim_start().starts_with("mean"), "{table}");
    assert!(rows[rows.len() - 1].starts_with("digest "), "{table}");
    assert!(rows.iter().all(|row| row.chars().count() <= 120), "{table}");
}

#[test]
fn a_real_laptop() {
    let Some(recordings) = support::recordings() else {
        eprintln!("skipped: no recordings beside the checkout; HIL_RECORDINGS names a folder");
        return;
    };
    let file = recordings.join("drouaz/laptop_93pct_20k.csv");
    let (_, summary) = json(&file, &["--rate", "20000", "--voltage", "v_volt", "--current", "i_amp"]);
    near(&summary, "voltage_v", 227.9, 0.5);
    near(&summary, "current_a", 0.240, 0.001);
    near(&summary, "active_w", 30.6, 0.1);
    near(&summary, "power_factor", 0.559, 0.002);
    near(&summary, "phase_deg", -15.3, 0.5);
}

/// A damaged file: what it holds, how it is called, what the line must name besides the file.
#[track_caller]
fn refused(text: &str, arguments: &[&str], expected: &[&str]) {
    let folder = folder();
    let path = file(&folder, "bad.csv", text);
    for more in [&[][..], &["--json"]] {
        let line = refusal(&measure(&path, &[arguments, more].concat()));
        names(&line, &[path.to_str().expect("a path of ASCII")]);
        names(&line, expected);
    }
}

#[test]
fn a_damaged_file_is_refused_with_its_place() {
    let rate = &["--rate", "8000"];
    refused("", rate, &["line 1", "empty"]);
    refused("voltage_v,current_a\n", rate, &["line 1", "no samples"]);
    refused("# scope\nvoltage_v,current_a\n", rate, &["line 2", "no samples"]);
    refused("voltage_v,current_a\n1,2\n", rate, &["line 1", "one sample"]);
    refused("1,2\n", &["--rate", "8000", "--voltage", "1"], &["line 1", "no samples"]);
    refused("voltage_v,current_a\n1,2\n3,many\n5,6\n", rate, &["line 3", "current_a", "many", "not a number"]);
    refused("voltage_v,current_a\n1,2\nNaN,4\n5,6\n", rate, &["line 3", "voltage_v", "NaN", "not a finite number"]);
    refused("voltage_v,current_a\n1,2\n3,inf\n5,6\n", rate, &["line 3", "current_a", "inf", "not a finite number"]);
    refused("voltage_v,current_a\n1,2\n3,\n5,6\n", rate, &["line 3", "current_a", "not a number"]);
    refused("voltage_v,current_a\n1,2\n3\n5,6\n", rate, &["line 3", "1 cells", "2"]);
    refused("voltage_v,current_a\n1,2\n3,4,5\n5,6\n", rate, &["line 3", "3 cells", "2"]);
    refused("v\n1\n2\n", &["--rate", "8000", "--voltage", "u"], &["line 1", "\"u\"", "\"v\""]);
    refused("v,w\n1,2\n2,3\n", rate, &["voltage_v", "current_a", "--voltage", "v, w"]);
    refused("voltage_v\n1\n2\n3\n", &[], &["sampling rate", "--rate"]);
    refused("time_s,voltage_v\n0,1\n1,2\n2,3\n", &[], &["time_s", "1 Hz"]);
    refused("time_s,voltage_v\n0,1\n0,2\n2,3\n", &[], &["line 3", "time_s"]);
}

#[test]
fn a_recording_must_hold_the_lock_and_one_window() {
    let short = Load::DISTORTED.plain(0.2);
    let line = format!("line {}", short.lines().count());
    refused(&short, &["--rate", "8000"], &[&line, "0.200 s", "locked"]);
    let commented = format!("# a\n# b\n{}", short.trim_end());
    let line = format!("line {}", commented.lines().count());
    refused(&commented, &["--rate", "8000"], &[&line, "0.200 s", "locked"]);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = folder();
    let absent = folder.path().join("absent.csv");
    names(&refusal(&measure(&absent, &["--rate", "8000"])), &[absent.to_str().expect("a path of ASCII"), "No such"]);
    names(&refusal(&measure(folder.path(), &["--rate", "8000"])), &["folder"]);
}

#[test]
fn a_rate_the_meter_cannot_take_is_refused() {
    let folder = folder();
    let path = file(&folder, "load.csv", Load::DISTORTED.plain(0.5));
    for rate in ["nan", "0", "inf", "100000", "1999", "-8000", "fast", ""] {
        let line = refusal(&measure(&path, &[&format!("--rate={rate}")]));
        names(&line, &["--rate", "2000 to 64000", rate]);
    }
}

#[test]
fn a_wrong_call_is_refused() {
    let folder = folder();
    let path = file(&folder, "load.csv", Load::DISTORTED.plain(0.5));
    let refused = |arguments: &[&str], part: &str| {
        let arguments = [&["--rate", "8000"], arguments].concat();
        names(&refusal(&measure(&path, &arguments)), &[part]);
    };
    refused(&["--nominal", "55"], "50 or 60");
    refused(&["--adc-bits", "30"], "--adc-bits");
    refused(&["--voltage-range", "0"], "--voltage-range");
    refused(&["--volts", "a"], "--volts");
    refused(&["--voltage-range", "1e12"], "1000000000000");
    refused(&["--current", "current_a"].repeat(9), "at most 8");
    refusal(&call(["measure"]));
}
