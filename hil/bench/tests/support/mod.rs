//! What the tests of the program share: calling it, and looking at what it said.

// Each test program takes what it needs.
#![allow(dead_code, reason = "every test program uses another part")]

pub mod modbus;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, with nothing of this machine's settings.
pub fn hil() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hil"));
    command.env_remove("HIL_RECORDINGS");
    command
}

/// Calls the program to its end.
pub fn call<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    hil().args(arguments).output().expect("the program starts")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text on standard output")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text on standard error")
}

/// Exit code 2, nothing on standard output, one line on standard error: that line.
#[track_caller]
pub fn refusal(output: &Output) -> String {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(stdout(output), "");
    assert_eq!(said.lines().count(), 1, "one line is expected: {said}");
    said.trim_end().to_owned()
}

/// Asserts that a line names all of these.
#[track_caller]
pub fn names(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}

/// The folder of recordings: the one named by the environment, or the one beside the checkout.
pub fn recordings() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/waveforms");
    let folder = std::env::var_os("HIL_RECORDINGS").map_or_else(beside, PathBuf::from);
    folder.join("reference.csv").is_file().then_some(folder)
}
