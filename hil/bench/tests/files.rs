//! `hil convert`, and `hil measure` on what it writes: COMTRADE, WAV and CSV tell the same.

mod support;

use std::f64::consts::{PI, SQRT_2};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use support::{call, names, refusal, stderr, stdout};
use tempfile::TempDir;

/// 230 V and 4 A at 50 Hz and 60 degrees, 8 kHz, 1 s, under names that tell nothing.
fn csv(folder: &TempDir) -> PathBuf {
    let row = |frame: u32| {
        let (seconds, turn) = (f64::from(frame) / 8000.0, 2.0 * PI * 50.0 * f64::from(frame) / 8000.0);
        format!("{seconds},{},{}\n", 230.0 * SQRT_2 * turn.sin(), 4.0 * SQRT_2 * (turn - PI / 3.0).sin())
    };
    let path = folder.path().join("load.csv");
    let rows: String = (0..8000).map(row).collect();
    std::fs::write(&path, format!("# by hand\ntime_s,feed,load\n{rows}")).expect("a file in a folder of our own");
    path
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

/// Converts, and gives what was said.
#[track_caller]
fn convert(from: &Path, to: &Path, arguments: &[&str]) -> String {
    let output = support::hil().arg("convert").arg(from).arg(to).args(arguments).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stdout(&output), &[to.to_str().expect("a path of ASCII"), "8000 samples of 2 channels, 0 states"]);
    stderr(&output)
}

fn measure(file: &Path, arguments: &[&str]) -> std::process::Output {
    support::hil().arg("measure").arg(file).args(arguments).output().expect("the program starts")
}

/// The summary of a good recording, and what was said.
#[track_caller]
fn summary(file: &Path, arguments: &[&str]) -> (Value, String) {
    let output = measure(file, &[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let last = stdout(&output).lines().last().map(serde_json::from_str).expect("a summary").expect("a line of JSON");
    (last, stderr(&output))
}

#[track_caller]
fn is_the_load(values: &Value, part: f64) {
    for (name, expected) in [("voltage_v", 230.0), ("current_a", 4.0), ("active_w", 460.0), ("phase_deg", 60.0)] {
        let value = values[name].as_f64().unwrap_or_else(|| panic!("{name} is no number in {values}"));
        assert!((value / expected - 1.0).abs() < part, "{name}: {value}, expected {expected}");
    }
}

const NAMED: [&str; 4] = ["--voltage", "feed", "--current", "load"];

#[test]
fn every_format_measures_the_same() {
    let folder = folder();
    let path = csv(&folder);
    let (expected, _) = summary(&path, &NAMED);
    is_the_load(&expected, 1e-4);
    for name in ["load.cff", "load.cfg", "again.csv"] {
        let to = folder.path().join(name);
        convert(&path, &to, &[]);
        assert_eq!(summary(&to, &NAMED).0, expected, "{name} holds the same numbers");
    }
    assert_eq!(summary(&folder.path().join("load.dat"), &NAMED).0, expected, "either file of a pair");
    let text = std::fs::read_to_string(folder.path().join("again.csv")).expect("a file");
    assert!(text.starts_with("# by hand\ntime_s,feed,load\n0,0,"), "{}", &text[..80]);
    for (data, part) in [("float32", 1e-4), ("binary32", 1e-4), ("binary", 2e-4)] {
        let to = folder.path().join(format!("{data}.cff"));
        names(&convert(&path, &to, &["--data", data]), &["not kept: channel \"feed\": rounded"]);
        is_the_load(&summary(&to, &NAMED).0, part);
    }
}

/// A pipe can be read but once.
#[test]
fn a_pipe_is_measured() {
    let folder = folder();
    let text = std::fs::read_to_string(csv(&folder)).expect("a file").replace("feed,load", "voltage_v,current_a");
    let mut command = support::hil();
    command.args(["measure", "/dev/stdin", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let last = stdout(&output).lines().last().map(serde_json::from_str).expect("a summary").expect("a line of JSON");
    is_the_load(&last, 1e-4);
}

#[test]
fn a_wav_has_the_scale_of_the_ranges_given() {
    let folder = folder();
    let path = csv(&folder);
    let wav = folder.path().join("load.wav");
    names(&convert(&path, &wav, &[]), &["not kept: names", "not kept: station, dates, notes", "single precision"]);
    let channels = ["--voltage", "ch1", "--current", "ch2"];
    // Floats are in volt and ampere.
    is_the_load(&summary(&wav, &channels).0, 1e-4);
    let said = convert(&path, &wav, &["--force", "--data", "binary"]);
    let full_scale = |channel: &str| {
        let line = said.lines().find(|line| line.contains(channel)).expect("a line for the channel");
        line.rsplit(' ').next().expect("a number at its end, since there is no unit").to_owned()
    };
    let (volt, ampere) = (full_scale("\"feed\""), full_scale("\"load\""));
    let ranges = ["--voltage-range", &volt, "--current-range", &ampere];
    is_the_load(&summary(&wav, &[&channels[..], &ranges].concat()).0, 2e-4);
}

/// The same load as a recorder writes it: kilovolts of the primary side, amperes of the secondary side, sampled a third of
/// a sample later, two rates.
fn pair(folder: &TempDir) -> PathBuf {
    let cfg = "S,D,1999\n3,2A,1D\n1,Ua,A,,kV,0.000011,0,0,-32767,32767,400,100,P\n\
               2,Ia,A,,A,0.0002,0,40,-32767,32767,1000,5,S\n1,Trip,,,0\n50\n2\n2000,10\n8000,8010\n\
               01/02/2003,04:05:06.0\n01/02/2003,04:05:06.0\nBINARY\n1\n";
    let row = |frame: u32| {
        let turn = 2.0 * PI * 50.0 * f64::from(frame) / 8000.0;
        let volt = (0.23 * SQRT_2 * turn.sin() / 0.000_011).round() as i16;
        let skew = 2.0 * PI * 50.0 * 40e-6;
        let ampere = (4.0 * SQRT_2 * (turn + skew - PI / 3.0).sin() / 0.0002).round() as i16;
        let number = (frame + 1).to_le_bytes();
        [&number[..], &[255; 4], &volt.to_le_bytes(), &ampere.to_le_bytes(), &[0, 0]].concat()
    };
    let path = folder.path().join("fault.cfg");
    std::fs::write(&path, cfg).expect("a file in a folder of our own");
    std::fs::write(path.with_extension("dat"), (0..8010).flat_map(row).collect::<Vec<_>>()).expect("a file");
    path
}

#[test]
fn a_recorder_is_measured_by_the_units_of_its_channels() {
    let folder = folder();
    let path = pair(&folder);
    let (values, said) = summary(&path, &[]);
    is_the_load(&values, 2e-4);
    names(&said, &["taken by their units: voltage \"Ua\", current \"Ia\"", "samples 11 to 8010 of 8010", "8000 Hz"]);
    assert!(said.contains("fault.cfg: "), "{said}");
    let csv = folder.path().join("fault.csv");
    let output = call([Path::new("convert"), &path, &csv]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let cut = ["--voltage", "Ua", "--current", "Ia", "--rate", "8000"];
    is_the_load(&summary(&csv, &cut).0, 5e-4);
    let (primary, _) = summary(&path, &["--side", "primary"]);
    let current = primary["current_a"].as_f64().expect("a number");
    assert!((current / 800.0 - 1.0).abs() < 2e-4, "4 A behind 1000 A to 5 A: {current}");
    let (secondary, _) = summary(&path, &["--side", "secondary"]);
    let voltage = secondary["voltage_v"].as_f64().expect("a number");
    assert!((voltage / 57.5 - 1.0).abs() < 2e-4, "230 V before 400 V to 100 V: {voltage}");
    names(&refusal(&measure(&path, &["--voltage", "Ia"])), &["fault.cfg", "\"Ia\" is a current, not a voltage"]);
    names(&refusal(&measure(&path, &["--current", "Ib"])), &["no channel \"Ib\"", "\"Ua\", \"Ia\""]);
}

#[test]
fn what_a_recorder_cannot_give_is_refused_with_its_place() {
    let folder = folder();
    let path = pair(&folder);
    let cfg = std::fs::read_to_string(&path).expect("a file");
    let refused = |from: &str, to: &str, parts: &[&str]| {
        assert!(cfg.contains(from), "{from}");
        std::fs::write(&path, cfg.replacen(from, to, 1)).expect("a file");
        names(&refusal(&measure(&path, &[])), parts);
    };
    refused("8000,8010", "8000,9000", &["fault.dat: sample 8011", "9000 samples"]);
    refused("8000,8010", "800,8010", &["fault.cfg: a sampling rate of 800 Hz", "2000 to 64000"]);
    refused("8000,8010", "8000,1010", &["fault.cfg: sample 1000", "before the meter has locked"]);
    refused("2\n2000,10\n8000,8010", "0\n0,8010", &["fault.cfg: the sampling rate is not known", "--rate"]);
    refused(",0,40,", ",0,1300,", &["fault.cfg: a skew of 1300 us", "10 samples"]);
    refused("3,2A,1D", "4,3A,1D", &["fault.cfg: line 5"]);
    std::fs::write(&path, &cfg).expect("a file");
    let dat = path.with_extension("dat");
    let mut rows = std::fs::read(&dat).expect("a file");
    rows[14 * 100 + 8..14 * 100 + 10].copy_from_slice(&i16::MIN.to_le_bytes());
    std::fs::write(&dat, rows).expect("a file");
    names(&refusal(&measure(&path, &[])), &["fault.cfg: sample 101", "\"Ua\"", "missing"]);
}

#[test]
fn convert_keeps_what_exists_and_names_what_is_wrong() {
    let folder = folder();
    let path = csv(&folder);
    let to = |name: &str| folder.path().join(name);
    let refused = |from: &Path, to: &Path, arguments: &[&str], parts: &[&str]| {
        let output = support::hil().arg("convert").arg(from).arg(to).args(arguments).output().expect("it starts");
        names(&refusal(&output), parts);
    };
    convert(&path, &to("a.cff"), &[]);
    refused(&path, &to("a.cff"), &[], &["a.cff: exists already", "--force"]);
    convert(&path, &to("a.cff"), &["--force"]);
    refused(&path, &path, &["--force"], &["load.csv: is the file to be read"]);
    refused(&path, &folder.path().join(".").join("load.csv"), &["--force"], &["is the file to be read"]);
    refused(&to("none.cff"), &to("b.csv"), &[], &["none.cff: cannot be read"]);
    refused(&path, &to("b.txt"), &[], &["b.txt", ".csv, .cff, .cfg or .wav"]);
    refused(&path, &to("b.csv"), &["--data", "binary"], &["b.csv", "decimal numbers only"]);
    refused(&path, &to("none").join("b.csv"), &[], &["b.csv: cannot be written"]);
    std::fs::write(to("bare.csv"), "u\n1\n2\n").expect("a file");
    refused(&to("bare.csv"), &to("b.wav"), &[], &["b.wav", "rate", "--rate HZ"]);
    let output = call([Path::new("convert"), &to("bare.csv"), &to("b.wav"), Path::new("--rate=44100")]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let help = call(["convert", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    names(&stdout(&help), &["--force", "--data", "ascii", "binary32", "float32"]);
    refusal(&call(["convert", "a.csv"]));
}

#[test]
fn real_recordings_are_converted_and_measured() {
    let Some(recordings) = support::recordings() else {
        eprintln!("skipped: no recordings beside the checkout; HIL_RECORDINGS names a folder");
        return;
    };
    let folder = folder();
    let cff = folder.path().join("a.cff");
    // A recorder that follows the mains, told by the fundamental of the same samples in its own table of rates.
    let path = recordings.join("comtrade/wisp_1.cfg");
    let output = call([Path::new("convert"), &path, &cff]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (direct, said) = summary(&path, &[]);
    names(&said, &["windows-1251", "rates from 2394.936523 to 2410.745117 Hz are taken for their mean", "\"UA\""]);
    assert_eq!(summary(&cff, &[]).0, direct);
    let frequency = direct["frequency_hz"].as_f64().expect("a number");
    assert!((49.5..50.5).contains(&frequency), "{frequency}");
}
