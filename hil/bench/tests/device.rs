//! `hil board` and the suite `device`: what a board is, and what its front shows.
//!
//! The emulated board is played in `tests/emulated.rs`.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{call, hil, names, refusal, stderr, stdout};

#[test]
fn a_board_says_what_it_is() {
    let output = call(["board", "info", "--board", "virtual"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let version = env!("CARGO_PKG_VERSION");
    let digest = format!("{:016x}", hil_board::device::settings::Settings::default().digest());
    names(&text, &["virtual", version, "power-on", "orange, steady", &digest, "|---V  ---A  ---W|"]);

    let output = call(["board", "info", "--json", "--board", "virtual"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let object: Value = serde_json::from_str(&stdout(&output)).expect("one object");
    assert_eq!(object["board"], "virtual");
    assert_eq!((&object["firmware"], &object["program"]), (&version.into(), &version.into()));
    assert_eq!(object["protocol"], hil_link::PROTOCOL_VERSION);
    assert!(object["uptime_s"].as_f64().is_some_and(|seconds| (0.0..60.0).contains(&seconds)), "{object}");
    assert_eq!((&object["reset_cause"], &object["restarts"]), (&"power-on".into(), &0.into()));
    assert_eq!((&object["settings_digest"], &object["clock_hz"]), (&digest.into(), &Value::Null));
    assert_eq!(object["display"], serde_json::json!(["---V  ---A  ---W", "             0Wh"]));
    assert_eq!(object["led"], serde_json::json!({ "colour": "orange", "pattern": "steady" }));
}

#[test]
fn what_cannot_be_is_refused() {
    names(&refusal(&call(["board", "info", "--board", "/dev/null"])), &["/dev/null"]);
    names(&refusal(&call(["board", "turn", "--board", "virtual"])), &["turn", "--help"]);
}

#[test]
fn the_suite_holds_on_the_virtual_board() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let folder = out.path().to_str().expect("a path of text");
    let output = call(["run", "--board", "virtual", "--suite", "device", "--out", folder]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    names(&stdout(&output), &["suite device", "PASS: 5 of 5"]);
    let report = std::fs::read_to_string(out.path().join("report.json")).expect("report.json");
    let points: Vec<Value> = serde_json::from_str(&report).expect("a list");
    let of = |quantity: &str| -> Vec<f64> {
        let all = points.iter().filter(|one| one["quantity"] == quantity);
        all.map(|one| one["measured"].as_f64().expect("a number")).collect()
    };
    // Of equal errors the report names the first: that of the first load, whose figures are known.
    assert_eq!(of("voltage"), [225.3]);
    assert_eq!(of("current"), [5.014]);
    assert_eq!(of("phase"), [-25.8]);
    assert_eq!(of("residual_ac"), [1.2]);
    assert_eq!([of("wait").len(), of("hold").len(), of("press").len()], [1; 3], "every kind of limit of the button");
    // Something was counted while the button was pressed, and the device was started anew.
    assert!(of("forward_wh")[0] > 100.0 && of("reverse_wh")[0] > 10.0);
    assert!(of("factory_resets") == of("restarts") && of("restarts")[0] >= 3.0);
}

#[test]
fn a_modbus_master_reads_the_virtual_board() {
    if support::modbus::ready() {
        support::modbus::agrees("virtual", "");
    }
}

/// A child of this program that is asked to end, and does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself where the test went well.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[test]
fn a_board_runs_for_others_until_it_is_told_to_end() {
    let mut command = hil();
    command.args(["board", "run", "--board", "virtual"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Running(command.spawn().expect("the program starts"));
    let out = BufReader::new(child.0.stdout.take().expect("standard output"));
    let said: Vec<String> = out.lines().map_while(Result::ok).take(3).collect();
    for (line, name) in said.iter().zip(["link", "console", "modbus"]) {
        names(line, &[name, "/dev/pts/"]);
    }
    let port = said[2].split_whitespace().nth(1).expect("a name");
    if support::modbus::ready() {
        // Two seconds until the first valid window are long.
        let volt = (0..40).map(|_| {
            std::thread::sleep(Duration::from_millis(50));
            support::modbus::voltage(port)
        });
        assert!(volt.into_iter().any(|volt| volt == 230), "the feed's voltage");
    }
    let asked = Command::new("kill").args(["-INT", &child.0.id().to_string()]).status().expect("kill");
    assert!(asked.success());
    assert_eq!(child.0.wait().expect("the program ends").code(), Some(0));
    // One that plays nothing leaves its link to others.
    let mut command = hil();
    command.args(["board", "run", "--board", "virtual", "--silent"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Running(command.spawn().expect("the program starts"));
    let out = BufReader::new(child.0.stdout.take().expect("standard output"));
    let link = out.lines().map_while(Result::ok).next().expect("a line");
    let link = link.split_whitespace().nth(1).expect("a name");
    let output = call(["board", "info", "--board", link]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stdout(&output), &["virtual", "orange, steady"]);
    names(&refusal(&call(["board", "run", "--board", link])), &[link, "virtual and emulated"]);
}

/// Address, speed and parity of the Modbus port are settings: from power-up on they are those that were imported.
#[test]
fn a_modbus_master_follows_the_settings() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (eeprom, file) = (folder.path().join("eeprom"), folder.path().join("strip.txt"));
    std::fs::write(&file, "modbus address set 17\nmodbus baud set 9600\nmodbus parity set 1\n").expect("a file");
    let (eeprom, file) = (eeprom.to_str().expect("text"), file.to_str().expect("text"));
    let output = call(["settings", "import", file, "--yes", "--board", "virtual", "--eeprom", eeprom]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stdout(&output), &["modbus address: 1 -> 17", "modbus baud: 19200 -> 9600", "modbus parity: 0 -> 1"]);
    let mut command = hil();
    command.args(["board", "run", "--board", "virtual", "--eeprom", eeprom]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut child = Running(child);
    let out = BufReader::new(child.0.stdout.take().expect("standard output"));
    let said = out.lines().map_while(Result::ok).nth(2).expect("a third line");
    names(&said, &["modbus", "9600 baud 8E1, RTU, address 17"]);
    let port = said.split_whitespace().nth(1).expect("a name");
    if support::modbus::ready() {
        let volt = (0..40).map(|_| {
            std::thread::sleep(Duration::from_millis(50));
            support::modbus::voltage_on(port, ["17", "9600", "even"])
        });
        assert!(volt.into_iter().any(|volt| volt == Ok(230)), "the feed's voltage");
    }
}

#[test]
fn the_suite_is_listed() {
    let output = call(["list"]);
    names(
        &stdout(&output),
        &["device: front panel", "  pages\n", "  button\n", "  untouched\n", "  flood\n", "  console\n"],
    );
}
