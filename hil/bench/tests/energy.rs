//! `hil energy` and the suite `energy`: registers that outlive their board.
//!
//! The emulated board needs qemu-system-arm and its firmware; `tests/emulated.rs` says what happens without them.

mod support;

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::{call, names, refusal, stderr, stdout};

/// `hil energy` on a virtual board whose EEPROM is kept in `file`.
fn energy(file: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["energy"];
    all.extend(arguments);
    let file = file.to_str().expect("a path of text");
    all.extend(["--board", "virtual", "--eeprom", file]);
    call(all)
}

#[track_caller]
fn shown(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    stdout(output)
}

#[test]
fn what_is_saved_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("eeprom, of a board");
    names(&shown(&energy(&file, &["show"])), &["blank at the start", "nothing saved", "operation_s: 0"]);
    assert_eq!(std::fs::read(&file).expect("the file is made"), [0xff; 8_192]);
    names(&shown(&energy(&file, &["save"])), &["blank at the start", "newest record 0", "1 saves"]);
    names(&shown(&energy(&file, &["show"])), &["restored at the start", "newest record 0"]);
    names(&shown(&energy(&file, &["reset", "--channel", "7"])), &["restored at the start", "newest record 1"]);
    let text = shown(&energy(&file, &["show"]));
    names(&text, &["newest record 1", "continuous active", "resettable reactive", "varh", "VAh", "reset_s"]);
    // Six rows for each of eight channels.
    assert_eq!(text.lines().filter(|line| line.contains("continuous") || line.contains("resettable")).count(), 48);
}

#[test]
fn a_foreign_chip_is_told_and_taken_over_on_request_alone() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("eeprom");
    std::fs::write(&file, [0x5a; 8_192]).expect("a file");
    names(&shown(&energy(&file, &["show"])), &["FOREIGN"]);
    names(&refusal(&energy(&file, &["reset"])), &["could not save", "foreign", "hil energy save"]);
    assert_eq!(std::fs::read(&file).expect("the file"), [0x5a; 8_192]);
    // Each of the nine slots is written over: nothing of the other meter can come back.
    names(&shown(&energy(&file, &["save"])), &["newest record 8", "9 saves"]);
    names(&shown(&energy(&file, &["show"])), &["restored at the start", "newest record 8"]);
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("eeprom");
    std::fs::write(&file, [0xff; 100]).expect("a file");
    names(&refusal(&energy(&file, &["show"])), &["100 bytes", "8192"]);
    names(&refusal(&energy(&folder.path().join("no/such"), &["show"])), &["no/such"]);
    names(&refusal(&call(["energy", "reset", "--channel", "8", "--board", "virtual"])), &["channel"]);
    let port = refusal(&call(["energy", "show", "--board", "/dev/null", "--eeprom", "x"]));
    names(&port, &["--eeprom", "EEPROM of its own"]);
}

#[test]
fn the_suite_holds_on_the_virtual_board() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let folder = out.path().to_str().expect("a path of text");
    let output = call(["run", "--board", "virtual", "--suite", "energy", "--profile", "full", "--out", folder]);
    let text = shown(&output);
    names(&text, &["suite energy", "energy/cuts", "worst loss Wh", "between", "PASS: 4 of 4"]);
    let report = std::fs::read_to_string(out.path().join("report.json")).expect("report.json");
    let points: Vec<Value> = serde_json::from_str(&report).expect("a list");
    let of = |point: &str, quantity: &str| {
        let wanted = |one: &&Value| one["point"] == point && one["quantity"] == quantity;
        points.iter().find(wanted).unwrap_or_else(|| panic!("no {quantity} of {point}"))
    };
    let measured = |point: &str, quantity: &str| of(point, quantity)["measured"].as_f64().expect("a number");
    // A trigger of 0.1 kWh is always lost in the worst case, and hardly more.
    assert!((100.0..100.5).contains(&measured("cuts", "loss_wh")), "{}", of("cuts", "loss_wh"));
    assert!((300.0..300.5).contains(&measured("cuts", "loss_s")), "{}", of("cuts", "loss_s"));
    assert!((700_000.0..800_000.0).contains(&measured("years", "writes_per_page")));
    assert!(measured("load", "reverse_wh") > 0.5 && measured("load", "forward_varh") > 0.5);
    let html = std::fs::read_to_string(out.path().join("report.html")).expect("report.html");
    names(&html, &["Forward active energy, PF 1, Wh", "200 of 200 restarts hold", "worst loss Wh"]);
}

#[test]
fn the_suite_is_listed() {
    names(&shown(&call(["list"])), &["energy: registers that lose nothing", "  cuts (quick)", "  kills (quick)"]);
}
