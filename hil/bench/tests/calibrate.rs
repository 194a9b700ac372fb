//! `hil calibrate`: errors of a front end are found, kept on the board and made good; what cannot be is refused.
//!
//! The truth is that of the catalogue, by which `hil run` judges: the calibration never sees the errors.

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use hil_board::store::map::CALIBRATION;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::Value;
use support::{call, hil, names, refusal, stderr, stdout};

/// Errors of a front end as it comes from the factory.
const ERRORS: &str = "gain=3%,phase=1.5,offset=0.5%";

/// A folder, and in it the EEPROM of a virtual board.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for the test") }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a path of text").to_owned()
    }

    fn eeprom(&self) -> PathBuf {
        self.folder.path().join("eeprom")
    }

    fn calibrate(&self, more: &[&str]) -> Output {
        let eeprom = self.path("eeprom");
        call(["calibrate", "--board", "virtual", "--eeprom", &eeprom].iter().chain(more))
    }

    /// Calibrates with lines typed on standard input.
    fn typed(&self, more: &[&str], lines: &str) -> Output {
        let mut command = hil();
        command.args(["calibrate", "--board", "virtual", "--eeprom", &self.path("eeprom")]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A program that has refused before does not read it.
        let _unread = child.stdin.take().expect("a pipe").write_all(lines.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    fn run(&self, errors: &str, suite: &str) -> Output {
        let (eeprom, out) = (self.path("eeprom"), self.path("out"));
        call(["run", "--board", "virtual", "--eeprom", &eeprom, "--errors", errors, "--suite", suite, "--out", &out])
    }

    /// Largest error of the last run: in ppm, and in degrees.
    fn worst(&self) -> (f64, f64) {
        let report = std::fs::read_to_string(self.folder.path().join("out/report.json")).expect("report.json");
        let points: Vec<Value> = serde_json::from_str(&report).expect("a list");
        assert!(points.len() > 500, "{}", points.len());
        let worst = |degrees: bool| {
            let checks = points.iter().filter(|check| check["quantity"] != "frequency_hz");
            let checks = checks.filter(|check| (check["quantity"] == "phase_deg") == degrees);
            checks.map(|check| check["error"].as_f64().expect("a number").abs()).fold(0.0, f64::max)
        };
        (worst(false), worst(true))
    }
}

#[track_caller]
fn good(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(output), stderr(output));
    stdout(output)
}

/// The bytes of both copies; the registers of energy beside them go on.
fn copies(path: &Path) -> Vec<u8> {
    let cells = std::fs::read(path).expect("the EEPROM");
    cells[CALIBRATION[0] as usize..CALIBRATION[1] as usize + 256].to_vec()
}

fn blank(path: &Path) -> bool {
    copies(path).iter().all(|&byte| byte == 0xff)
}

#[test]
fn a_board_with_errors_fails_and_holds_when_it_is_calibrated() {
    let bench = Bench::new();
    let before = bench.run(ERRORS, "sine");
    assert_eq!(before.status.code(), Some(1), "{}", stderr(&before));
    names(&stdout(&before), &["FAIL: 0 of 114 points hold"]);
    names(&stderr(&before), &["calibration on the board: none"]);
    let (ppm, degree) = bench.worst();
    assert!(ppm > 60_000.0 && (degree - 1.5).abs() < 0.001, "{ppm} ppm, {degree} degree");

    let text = good(&bench.calibrate(&["--yes", "--errors", ERRORS]));
    names(
        &text,
        &["calibration on the board: none", "calibration on the board: copy 0", "PASS: 14 of 14 readings hold"],
    );
    // 1/1.03 - 1 in ppm, the lag, the offset.
    names(&text, &["-29126.0", "1.5000", "0.5000"]);

    let after = bench.run(ERRORS, "sine");
    names(&good(&after), &["PASS: 114 of 114 points hold"]);
    let (ppm, degree) = bench.worst();
    assert!(ppm < 50.0 && degree < 0.002, "{ppm} ppm, {degree} degree");
    let report = std::fs::read_to_string(bench.folder.path().join("out/report.html")).expect("report.html");
    names(&report, &["gain=3%,phase=1.5,offset=0.5%", "copy 0 of "]);
}

/// Any errors within reason, different on each channel, a delay and a clock among them.
#[test]
fn random_errors_are_made_good() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut any = |most: f64| ((random.next_u64() >> 11) as f64 * 2f64.powi(-52) - 1.0) * most;
    for round in 0..6 {
        let channel = |name: &str, any: &mut dyn FnMut(f64) -> f64| {
            format!("{name}.gain={:.4}%,{name}.offset={:.4}%", any(4.0), any(1.0))
        };
        let mut errors: Vec<String> = ["voltage", "current0", "residual"].map(|name| channel(name, &mut any)).into();
        errors.push(format!("phase={:.4},voltage.phase={:.4},clock={:.1}ppm", any(3.0), any(3.0), any(300.0)));
        if round % 2 == 0 {
            errors.push(format!("current0.delay={:.2}us", any(300.0)));
        }
        let errors = errors.join(",");
        let bench = Bench::new();
        good(&bench.calibrate(&["--yes", "--errors", &errors]));
        let after = bench.run(&errors, "sine");
        assert_eq!(after.status.code(), Some(0), "{errors}: {}", stdout(&after));
        let (ppm, degree) = bench.worst();
        assert!(ppm < 50.0 && degree < 0.002, "{errors}: {ppm} ppm, {degree} degree");
    }
}

/// Calibrating again begins with what the board keeps: nothing is left to be corrected. Seven outlets and a feed.
#[test]
fn calibrating_twice_changes_nothing_and_other_channels_stay() {
    let bench = Bench::new();
    let errors = "gain=3%,offset=-0.5%,current1.gain=-2%,current7.gain=1%,current7.phase=-0.5,clock=50ppm";
    names(&good(&bench.calibrate(&["--yes", "--errors", errors, "--currents", "8"])), &["current 7", "PASS: 77 of 77"]);
    let kept = good(&bench.calibrate(&["--show"]));
    // 1/0.98 - 1 and 1/1.01 - 1 in ppm.
    names(&kept, &["20408.0", "-9901.0", "-0.5000", " 50.0000"]);
    good(&bench.calibrate(&["--yes", "--errors", errors, "--no-residual"]));
    let again = good(&bench.calibrate(&["--show"]));
    assert_ne!(kept, again, "another copy");
    let values = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(values(&kept), values(&again));
    assert_eq!(values(&kept).len(), 2 + 3 + 8 * 5 + 3);
}

/// Another front end behind the same board: what was corrected before is taken back as far as it is too much.
#[test]
fn a_calibration_is_made_anew_on_top_of_an_old_one() {
    let bench = Bench::new();
    good(&bench.calibrate(&[
        "--yes",
        "--errors",
        "gain=-4%,phase=-2.5,offset=1%,delay=200us,noise=50ppm,clock=-90ppm",
    ]));
    assert_eq!(bench.run(ERRORS, "sine").status.code(), Some(1), "the corrections of another front end");
    good(&bench.calibrate(&["--yes", "--errors", ERRORS]));
    good(&bench.run(ERRORS, "sine"));
    let (ppm, degree) = bench.worst();
    assert!(ppm < 50.0 && degree < 0.002, "{ppm} ppm, {degree} degree");
    let shown = good(&bench.calibrate(&["--show"]));
    let row = |name: &str| {
        let row = shown.lines().find(|line| line.contains("current 0") && line.contains(name)).expect("a row");
        row.split_whitespace().nth(3).expect("a value").parse::<f64>().expect("a number")
    };
    assert!((row("gain") + 29_126.0).abs() <= 1.0 && (row("phase") - 1.5).abs() <= 0.001, "{shown}");
    assert!(row("delay") == 0.0 && row("noise") == 0.0 && (row("offset") - 0.5).abs() < 1e-4, "{shown}");
}

#[test]
fn values_out_of_range_are_refused_by_name_and_nothing_is_written() {
    for (errors, parts) in [
        (
            "gain=-30%,residual.gain=0",
            vec!["voltage: gain of 428571", "current 0: gain of 428571", "within ±250000 ppm"],
        ),
        ("phase=11", vec!["current 0: phase of 11.0000 degree"]),
        ("residual.offset=-12%", vec!["residual: offset of -12.0000 %"]),
        ("voltage.noise=2%", vec!["voltage: noise of ", "% of the range is not within ±1 %"]),
        ("clock=-0.2%", vec!["sample clock of -1999.99"]),
        ("current.delay=2ms", vec!["current 0: delay of 4096.0000 1/256 sample"]),
    ] {
        let bench = Bench::new();
        let output = bench.calibrate(&["--yes", "--errors", errors]);
        assert_eq!(output.status.code(), Some(1), "{errors}: {}", stderr(&output));
        let said = stderr(&output);
        let line = said.lines().last().expect("a line");
        names(line, &["refused, nothing is written"]);
        names(line, &parts);
        assert!(blank(&bench.eeprom()), "{errors}");
    }
    // What was there stays.
    let bench = Bench::new();
    good(&bench.calibrate(&["--yes", "--errors", ERRORS]));
    let before = copies(&bench.eeprom());
    let output = bench.calibrate(&["--yes", "--errors", "voltage.gain=-40%"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(copies(&bench.eeprom()), before);
}

#[test]
fn a_corrupt_area_is_told_and_not_used() {
    let bench = Bench::new();
    good(&bench.calibrate(&["--yes", "--errors", ERRORS]));
    let mut cells = std::fs::read(bench.eeprom()).expect("the EEPROM");
    cells[CALIBRATION[0] as usize + 40] ^= 8;
    std::fs::write(bench.eeprom(), cells).expect("the EEPROM");
    let shown = good(&bench.calibrate(&["--show"]));
    names(&shown, &["calibration on the board: CORRUPT: not used"]);
    let output = bench.run(ERRORS, "sine");
    assert_eq!(output.status.code(), Some(1));
    names(&stderr(&output), &["calibration on the board: CORRUPT: not used"]);
    assert!(bench.worst().0 > 60_000.0, "{:?}", bench.worst());
    good(&bench.calibrate(&["--yes", "--errors", ERRORS]));
    good(&bench.run(ERRORS, "sine"));
}

/// A calibration belongs to a front end: codes that none has bent are metered without it.
#[test]
fn a_run_without_a_front_end_is_not_bent_and_clear_takes_it_away() {
    let bench = Bench::new();
    good(&bench.calibrate(&["--yes", "--errors", ERRORS]));
    let (eeprom, out) = (bench.path("eeprom"), bench.path("out"));
    let plain =
        ["run", "--board", "virtual", "--eeprom", &eeprom, "--suite", "sine", "--profile", "quick", "--out", &out];
    good(&call(plain));
    names(&good(&bench.calibrate(&["--clear"])), &["taken away"]);
    names(&good(&bench.calibrate(&["--show"])), &["calibration on the board: none, copy 1 is empty"]);
    assert_eq!(bench.run(ERRORS, "sine").status.code(), Some(1));
}

#[test]
fn noise_is_found_and_its_share_is_taken_off() {
    let bench = Bench::new();
    let text = good(&bench.calibrate(&["--yes", "--errors", "noise=100ppm,voltage.noise=300ppm"]));
    let noise = |channel: &str| -> f64 {
        let line = text.lines().find(|line| line.contains(channel) && line.contains("noise")).expect("a row");
        line.split_whitespace().rev().nth(4).expect("the value before % of the range").parse().expect("a number")
    };
    for (channel, percent) in [("voltage", 0.03), ("current 0", 0.01), ("residual", 0.01)] {
        assert!((noise(channel) / percent - 1.0).abs() < 0.03, "{channel}: {}", noise(channel));
    }
}

#[test]
fn guided_it_asks_for_values_and_loads_and_before_it_writes() {
    let bench = Bench::new();
    // Frequency, voltage, current, residual at PF 1; frequency, voltage, current, phase twice; then Enter four times.
    let values = "50.5\n231\n5\n0.04\n48\n229\n4.9\n59\n\n\n\n\n";
    let output = bench.typed(&["--errors", ERRORS], &format!("{values}\n\n\n\ny\n\n\n\n\n"));
    let text = good(&output);
    names(&text, &["PASS: 14 of 14", "231.000000", "PF 0.52, 48 Hz", "59.000000", "PF 0.50, 65 Hz", "50.500000"]);
    names(
        &stderr(&output),
        &[
            "PF 1, voltage_v [230]",
            "measure: 231 V, 5 A, 50.5 Hz, PF 1, 40 mA residual",
            "measure: no voltage, no load",
            "Press Enter",
            "Write these corrections to the board? [y/N]",
            "verify: 229 V, 4.9 A, 48 Hz, PF 0.515038075 lagging",
        ],
    );
    good(&bench.run(ERRORS, "sine"));

    let declined = Bench::new();
    let output = declined.typed(&["--errors", ERRORS], &format!("{values}\n\n\n\n\n"));
    assert_eq!(output.status.code(), Some(1));
    names(&stderr(&output), &["nothing is written"]);
    assert!(blank(&declined.eeprom()));

    let ended = declined.typed(&["--errors", ERRORS], "50\n230\n");
    assert_eq!(ended.status.code(), Some(2));
    names(&stderr(&ended), &["standard input has ended before all was asked"]);
    let word = declined.typed(&["--errors", ERRORS], "fifty\n");
    names(&stderr(&word), &["PF 1, frequency_hz", "\"fifty\" is no number"]);
    let wrong = declined.typed(&["--errors", ERRORS], &values.replace("231", "2.31"));
    assert_eq!(wrong.status.code(), Some(2));
    names(&stderr(&wrong), &["gain: voltage_v 2.31 is not within"]);
    assert!(blank(&declined.eeprom()));
}

/// What ends after the corrections were written says that they are there.
#[test]
fn what_is_written_but_not_proved_is_told() {
    let bench = Bench::new();
    let output = bench.typed(&["--reference", "catalogue", "--errors", ERRORS], "\n\n\n\ny\n");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let said = stderr(&output);
    names(
        said.lines().last().expect("a line"),
        &["on the board but not proved", "--clear", "standard input has ended"],
    );
    assert!(!blank(&bench.eeprom()));
}

/// A step of a correction is 1 ppm: a limit below it cannot hold, and that is told after the writing.
#[test]
fn what_does_not_hold_when_it_is_measured_again_fails() {
    let bench = Bench::new();
    let output = bench.calibrate(&["--yes", "--errors", ERRORS, "--limit-ppm", "0.01"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    names(&stdout(&output), &["copy 0", "ppm  FAIL", "FAIL: "]);
    names(&stderr(&output), &["although they do not hold", "--clear"]);
}

#[test]
fn reference_values_come_from_a_file() {
    let bench = Bench::new();
    let file = bench.path("reference.toml");
    let text = "[gain]\nvoltage_v = 240.0\ncurrent_a = 10.0\nresidual_a = 0.03\nfrequency_hz = 50.0\n\
                [[phase]]\nvoltage_v = 230.0\ncurrent_a = 10.0\nfrequency_hz = 50.0\npower_factor = 0.5\nleading = true\n";
    std::fs::write(&file, text).expect("a file");
    let text = good(&bench.calibrate(&["--yes", "--errors", ERRORS, "--reference", &file]));
    names(&text, &["240.000000", "-60.000000", "PASS: 11 of 11"]);
    good(&bench.run(ERRORS, "sine"));

    std::fs::write(&file, "[gain]\nvoltage_v = true\n").expect("a file");
    names(&refusal(&bench.calibrate(&["--yes", "--reference", &file])), &["reference.toml", "line 2", "expected f64"]);
    names(&refusal(&bench.calibrate(&["--yes", "--reference", "/no/such.json"])), &["/no/such.json"]);
    let load = "voltage_v = 230.0\ncurrent_a = 10.0\nfrequency_hz = 50.0\n";
    for (gain, phase, told) in [
        ("", "phase_deg = 60.0\nleading = true", "leading goes with power_factor"),
        ("", "phase_deg = 60.0\nresidual_a = nan", "residual_a belongs to gain"),
        ("residual_a = nan", "phase_deg = 60.0", "residual_a is no number"),
    ] {
        std::fs::write(&file, format!("[gain]\n{load}{gain}\n[[phase]]\n{load}{phase}\n")).expect("a file");
        let refused = refusal(&bench.calibrate(&["--yes", "--no-residual", "--reference", &file]));
        names(&refused, &["reference.toml", told]);
    }
    let endless = bench.path("endless.toml");
    std::os::unix::fs::symlink("/dev/zero", &endless).expect("a link");
    names(&refusal(&bench.calibrate(&["--yes", "--reference", &endless])), &["endless.toml", "no file on a disk"]);
}

#[test]
fn wrong_calls_are_told_in_one_line() {
    let bench = Bench::new();
    names(&refusal(&bench.calibrate(&["--yes", "--errors", "gain=3"])), &["--errors", "% or ppm"]);
    names(&refusal(&bench.calibrate(&["--yes", "--reference", "typed"])), &["--reference typed", "--yes"]);
    names(&refusal(&bench.calibrate(&["--show", "--clear"])), &["--show", "--clear"]);
    names(&refusal(&bench.calibrate(&["--yes", "--current-range", "1"])), &["gain: current_a", "5 to 71 %"]);
    let port = refusal(&call(["calibrate", "--yes", "--board", "/dev/null", "--eeprom", "x"]));
    names(&port, &["--eeprom", "EEPROM of its own"]);
    let bent = bench.run(ERRORS, "rcd-type-a");
    names(&refusal(&bent), &["--errors", "no wave that could be bent", "--suite"]);
    let clipped = bench.calibrate(&["--yes", "--errors", "voltage.gain=60%"]);
    assert_eq!(clipped.status.code(), Some(2));
    names(&stderr(&clipped), &["clipped"]);
    assert!(blank(&bench.eeprom()));
}
