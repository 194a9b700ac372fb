//! The emulated board: the same bits as the virtual one, and a clear word when it dies.
//!
//! Needs qemu-system-arm and the firmware image; without them the tests say that they are skipped, or fail where
//! `CI=true` or `HIL_REQUIRE_EMULATOR` is set.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{hil, names, stderr};

/// Firmware of the board with an STM32F405.
const STM32: &str = "stm32f405";

/// Whether the emulator and a firmware are here; panics where they must be.
fn ready(firmware: &str) -> bool {
    let emulator = Command::new("qemu-system-arm").arg("--version").stdout(Stdio::null()).status().is_ok();
    let program = Path::new(env!("CARGO_BIN_EXE_hil"));
    let image = program
        .ancestors()
        .skip(2)
        .take(2)
        .any(|folder| folder.join("thumbv7em-none-eabi/firmware").join(firmware).is_file());
    let missing = match (emulator, image) {
        (true, true) => return true,
        (false, _) => "qemu-system-arm is not installed".to_owned(),
        (true, false) => format!("the firmware {firmware} is not built (scripts/test builds it)"),
    };
    let must =
        std::env::var("CI").is_ok_and(|value| value == "true") || std::env::var_os("HIL_REQUIRE_EMULATOR").is_some();
    assert!(!must, "{missing}");
    eprintln!("skipped: {missing}");
    false
}

fn run(board: &str, out: &Path) -> Command {
    let mut command = hil();
    command.args(["run", "--board", board, "--suite", "sine", "--profile", "quick"]);
    command.args(["--recordings", "/nonexistent/recordings", "--out"]).arg(out);
    command
}

/// What the report says of the points, without what may differ.
fn report(out: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(out.join("report.json")).expect("report.json");
    serde_json::from_str(&text).expect("a list")
}

fn digests(points: &[Value]) -> Vec<(String, String)> {
    let text = |point: &Value, name: &str| point[name].as_str().expect("text").to_owned();
    let mut digests: Vec<_> = points.iter().map(|point| (text(point, "point"), text(point, "digest"))).collect();
    digests.dedup();
    digests
}

/// The emulator that a process started.
fn emulator_of(process: u32) -> Option<u32> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let children = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
    children.collect::<String>().split_whitespace().find_map(|child| child.parse().ok())
}

#[test]
fn a_killed_emulator_ends_the_run_and_keeps_what_is_done() {
    if !ready("mps2-an386") {
        return;
    }
    let out = tempfile::tempdir().expect("a folder for the test");
    let virtual_out = tempfile::tempdir().expect("a folder for the test");
    let mut child =
        run("emulated", out.path()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut told = BufReader::new(child.stderr.take().expect("standard error")).lines().map_while(Result::ok);
    for _ in 0..2 {
        let line = told.next().expect("a line per finished point");
        assert!(line.starts_with("ok "), "{line}");
    }
    // At once: the third has just begun, and some take no longer than a third of a second.
    let emulator = emulator_of(child.id()).expect("the emulator is a child of the program");
    let killed = Command::new("kill").args(["-KILL", &emulator.to_string()]).status().expect("kill");
    assert!(killed.success());
    let started = Instant::now();
    let rest: Vec<String> = told.collect();
    let status = child.wait().expect("the program ends");
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    assert_eq!(status.code(), Some(2), "{rest:?}");
    assert_eq!(rest.len(), 1, "one clear line: {rest:?}");
    names(&rest[0], &["the board is lost", "emulator has ended", "2 of ", "points are done", "report.html"]);
    let html = std::fs::read_to_string(out.path().join("report.html")).expect("report.html");
    assert!(html.contains("the emulator has ended"), "the report says why it is short");

    // The finished points are those of the virtual board to the last bit.
    let output = run("virtual", virtual_out.path()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let finished = digests(&report(out.path()));
    assert_eq!(finished.len(), 2);
    assert_eq!(finished[..], digests(&report(virtual_out.path()))[..2]);
}

/// What the virtual board shows in `tests/device.rs`, from the same firmware as a board.
#[test]
fn the_devices_front_holds_on_the_emulated_board() {
    if !ready("mps2-an386") {
        return;
    }
    let out = tempfile::tempdir().expect("a folder for the test");
    let folder = out.path().to_str().expect("a path of text");
    let output = support::call(["run", "--board", "emulated", "--suite", "device", "--out", folder]);
    assert_eq!(output.status.code(), Some(0), "{}{}", support::stdout(&output), stderr(&output));
    names(&support::stdout(&output), &["PASS: 5 of 5"]);
}

#[test]
fn a_modbus_master_reads_the_emulated_board() {
    if ready("mps2-an386") && support::modbus::ready() {
        support::modbus::agrees("emulated", "mps2-an386");
    }
}

/// Its answers go out by interrupts, from a queue.
#[test]
fn a_modbus_master_reads_the_other_firmware() {
    if ready(STM32) && support::modbus::ready() {
        support::modbus::agrees("emulated", STM32);
    }
}

#[test]
fn an_image_that_is_not_there_is_told() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let output =
        run("emulated", out.path()).args(["--image", "/nonexistent/image"]).output().expect("the program starts");
    names(&support::refusal(&output), &["/nonexistent/image", "no such file"]);
}

/// The device's front, and readings and registers held against the core on this machine.
#[test]
fn the_other_firmware_holds_as_well() {
    if !ready(STM32) {
        return;
    }
    let out = tempfile::tempdir().expect("a folder for the test");
    let mut run = hil();
    run.args(["run", "--board", "emulated", "--image", STM32, "--suite", "device", "--out"]);
    let output = run.arg(out.path()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}{}", support::stdout(&output), stderr(&output));
    names(&support::stdout(&output), &["PASS: 3 of 3"]);
    let html = std::fs::read_to_string(out.path().join("report.html")).expect("report.html");
    assert!(html.contains("stm32f405"), "the report names the board that answered");
}

#[test]
fn an_eeprom_where_there_is_no_bus_is_refused() {
    if !ready(STM32) {
        return;
    }
    let out = tempfile::tempdir().expect("a folder for the test");
    let file = out.path().join("eeprom");
    let mut call = hil();
    call.args(["energy", "show", "--board", "emulated", "--image", STM32, "--eeprom"]).arg(&file);
    let output = call.output().expect("the program starts");
    names(&support::refusal(&output), &["stm32f405", "netduinoplus2 has no EEPROM", "--image mps2-an386"]);
    assert!(!file.exists(), "nothing is left behind");
}

/// The board's own signal, its codes and its readings, to the last bit.
#[test]
fn a_capture_is_that_of_the_virtual_board() {
    if !ready("mps2-an386") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let capture = |board: &str| {
        let file = folder.path().join(format!("{board}.csv"));
        let output = hil().args(["capture", "--board", board, "--length", "800ms", "--json"]).arg(&file).output();
        let output = output.expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let text = std::fs::read_to_string(&file).expect("a file");
        let samples = text.split_once("\ntime_s").expect("a header").1.to_owned();
        (output.stdout, samples)
    };
    let (readings, samples) = capture("emulated");
    assert_eq!((samples.lines().count(), capture("virtual")), (6_401, (readings, samples)));
}
