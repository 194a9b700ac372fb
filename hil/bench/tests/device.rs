//! `hil board` and the suite `device`: what a board is, and what its front shows.
//!
//! The emulated board is played in `tests/emulated.rs`.

mod support;

use serde_json::Value;
use support::{call, names, refusal, stderr, stdout};

#[test]
fn a_board_says_what_it_is() {
    let output = call(["board", "info", "--board", "virtual"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let version = env!("CARGO_PKG_VERSION");
    names(&text, &["virtual", version, "power-on", "orange, steady", "the board keeps none", "|---V  ---A  ---W|"]);

    let output = call(["board", "info", "--json", "--board", "virtual"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let object: Value = serde_json::from_str(&stdout(&output)).expect("one object");
    assert_eq!(object["board"], "virtual");
    assert_eq!((&object["firmware"], &object["program"]), (&version.into(), &version.into()));
    assert_eq!(object["protocol"], hil_link::PROTOCOL_VERSION);
    assert!(object["uptime_s"].as_f64().is_some_and(|seconds| (0.0..60.0).contains(&seconds)), "{object}");
    assert_eq!((&object["reset_cause"], &object["restarts"]), (&"power-on".into(), &0.into()));
    assert_eq!((&object["settings_digest"], &object["clock_hz"]), (&Value::Null, &Value::Null));
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
    names(&stdout(&output), &["suite device", "PASS: 4 of 4"]);
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
fn the_suite_is_listed() {
    let output = call(["list"]);
    names(&stdout(&output), &["device: front panel", "  pages\n", "  button\n", "  untouched\n", "  flood\n"]);
}
