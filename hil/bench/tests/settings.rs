//! `hil settings`: files of settings on this machine, and their way to a board and back.

mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use support::{call, hil, names, refusal, stderr, stdout};

/// `hil settings` on a virtual board whose EEPROM is kept in `eeprom`.
fn settings(eeprom: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["settings"];
    all.extend(arguments);
    all.extend(["--board", "virtual", "--eeprom", eeprom.to_str().expect("a path of text")]);
    call(all)
}

#[track_caller]
fn ends(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(output), stderr(output));
    stdout(output)
}

/// What standard input gives.
fn fed(arguments: &[&str], input: &str) -> Output {
    let mut command = hil();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that has refused the call reads nothing.
    let _unread = child.stdin.take().expect("standard input").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

#[test]
fn an_export_is_changed_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (eeprom, file) = (folder.path().join("eeprom"), folder.path().join("strip.txt"));
    let path = file.to_str().expect("a path of text");
    names(&ends(&settings(&eeprom, &["export", path]), 0), &["strip.txt: 56 settings"]);
    let text = std::fs::read_to_string(&file).expect("the export");
    assert!(text.starts_with("system fabsettings\nlinesensor 1 label set \"Line\""), "{text}");
    names(&text, &["#range: 0..2 0: as measured", "#len: 0..15 name", "portsensor 7 overload set 0"]);
    names(&refusal(&settings(&eeprom, &["export", path])), &["strip.txt exists", "--force"]);

    let changed =
        text.replace("\"Port 3\"", "\"Rack 7\"").replace("voltage nominal set 230", "voltage nominal set 120");
    std::fs::write(&file, format!("{changed}# voltage nominal set 99\r\n")).expect("a file");
    let said = ends(&settings(&eeprom, &["import", path, "--yes"]), 0);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], ["portsensor 3 label: \"Port 3\" -> \"Rack 7\"", "voltage nominal: 230 -> 120"]);
    assert!(lines.len() == 3 && lines[2].starts_with("kept, digest "), "{said}");
    assert_eq!(ends(&settings(&eeprom, &["export"]), 0), changed);
    assert_eq!(ends(&settings(&eeprom, &["import", path, "--yes"]), 0), "nothing changes\n");
    let said = ends(&settings(&eeprom, &["factory-reset", "--yes", "--restart"]), 0);
    names(&said, &["portsensor 3 label: \"Rack 7\" -> \"Port 3\"", "voltage nominal: 120 -> 230", "kept and in use"]);
    assert_eq!(ends(&settings(&eeprom, &["export", "-"]), 0), text);
}

#[test]
fn lines_that_are_ignored_are_listed() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (eeprom, file) = (folder.path().join("eeprom"), folder.path().join("strip.txt"));
    let path = file.to_str().expect("a path of text");
    let text = "\u{feff}voltage nominal set 120\n\nresidual rated set 5001\n# hidden\nportsensor 8 label set \"x\"\nreboot \x1b[2J\n";
    std::fs::write(&file, [text.as_bytes(), b"\xff\xfe", "x".repeat(130).as_bytes()].concat()).expect("a file");
    let expected = [
        ":3: ignored: residual rated set 5001: out of range, allowed: 60..5000 (0.1 mA)",
        ":5: ignored: portsensor 8 label set \"x\": no such portsensor, allowed: 1..7",
        ":6: ignored: reboot ?[2J: no such setting, allowed: system fabsettings, linesensor, portsensor, voltage",
        ":7: ignored: \u{fffd}\u{fffd}xxxx",
    ];
    let told = |said: &str| {
        let listed: Vec<&str> = said.lines().filter(|line| line.contains(": ignored: ")).collect();
        assert_eq!(listed.len(), expected.len(), "{said}");
        for (line, end) in listed.iter().zip(expected) {
            assert!(line.starts_with(&format!("{path}{end}")), "{line}");
        }
    };
    let said = ends(&call(["settings", "check", path]), 0);
    told(&said);
    names(&said, &["1 lines set something, 4 are ignored"]);
    let strict = call(["settings", "check", path, "--strict"]);
    told(&ends(&strict, 1));
    names(&stderr(&strict), &["refused by --strict"]);

    let refused = settings(&eeprom, &["import", path, "--strict", "--yes"]);
    told(&ends(&refused, 1));
    let before = ends(&settings(&eeprom, &["export"]), 0);
    names(&before, &["voltage nominal set 230"]);
    let said = ends(&settings(&eeprom, &["import", path, "--yes", "--restart"]), 0);
    told(&said);
    names(&said, &["voltage nominal: 230 -> 120", "kept and in use"]);
    let after = ends(&settings(&eeprom, &["export"]), 0);
    assert_eq!(after, before.replace("voltage nominal set 230", "voltage nominal set 120"));
}

#[test]
fn nothing_is_kept_without_a_yes() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (eeprom, file) = (folder.path().join("eeprom"), folder.path().join("strip.txt"));
    let (eeprom, path) = (eeprom.to_str().expect("text"), file.to_str().expect("text"));
    std::fs::write(&file, "voltage nominal set 120").expect("a file");
    let at = ["--board", "virtual", "--eeprom", eeprom];
    for (answer, code) in [("n\n", 1), ("\n", 1), ("y\n", 0)] {
        let output = fed(&[&["settings", "import", path][..], &at].concat(), answer);
        let said = ends(&output, code);
        names(&said, &["voltage nominal: 230 -> 120"]);
        names(&stderr(&output), &["Shall the board keep these settings? [y/N]"]);
        assert_eq!(said.contains("kept"), code == 0, "{said}");
    }
    let output = fed(&[&["settings", "factory-reset"][..], &at].concat(), "");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    names(&stderr(&output), &["standard input has ended"]);
    let text = ends(&fed(&["settings", "check", "-"], "voltage nominal set 7\n"), 0);
    names(&text, &["standard input:1: ignored: voltage nominal set 7: out of range, allowed: 10..1000 (V)"]);
    let output = fed(&[&["settings", "import", "-", "--yes"][..], &at].concat(), "voltage nominal set 121\n");
    names(&ends(&output, 0), &["voltage nominal: 120 -> 121"]);
}

#[test]
fn what_cannot_be_is_refused() {
    names(&refusal(&call(["settings", "import", "-", "--board", "virtual"])), &["standard input", "--yes"]);
    names(&refusal(&call(["settings", "check", "/nonexistent/file"])), &["/nonexistent/file"]);
    names(&refusal(&call(["settings", "check", "/dev/zero"])), &["/dev/zero"]);
    names(&refusal(&call(["settings", "export", "--board", "/dev/null", "--eeprom", "x"])), &["EEPROM of its own"]);
    names(&refusal(&call(["settings", "turn"])), &["turn", "--help"]);
    let folder = tempfile::tempdir().expect("a folder for the test");
    let eeprom = folder.path().join("eeprom");
    std::fs::write(&eeprom, [0x5a; 8_192]).expect("a file");
    let output = settings(&eeprom, &["export"]);
    names(&ends(&output, 0), &["system fabsettings"]);
    names(&stderr(&output), &["FOREIGN", "factory settings"]);
    let help = stdout(&call(["settings", "--help"]));
    names(&help, &["export", "check", "import", "factory-reset", "Exit codes", "never touched"]);
}
