//! Builds the static library as firmware and PC programs link it, and C programs against it.
//!
//! In come targets and goals of the example's Makefile, out go paths and printed lines. The library is built apart from
//! the tests' own build, whose features and profile are not those that are shipped.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Folder of the crate.
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Builds the library; gives cargo's target folder. On the PC overflows are looked for.
pub fn library(name: &str, arguments: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let status = Command::new(env!("CARGO"))
        .current_dir(home())
        .args(["build", "--quiet", "--locked", "-p", "metering-core-capi", "--target-dir"])
        .arg(&folder)
        .args(arguments)
        // The profile of firmware says for itself that it has no checks: what is shipped is read.
        .envs(["DEBUG_ASSERTIONS", "OVERFLOW_CHECKS"].map(|check| (format!("CARGO_PROFILE_RELEASE_{check}"), "true")))
        .envs(["DEBUG_ASSERTIONS", "OVERFLOW_CHECKS"].map(|check| (format!("CARGO_PROFILE_FIRMWARE_{check}"), "false")))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the library does not build");
    folder
}

/// Makes a goal of the example; gives the folder of the programs.
pub fn make(goal: &str, libraries: &Path) -> PathBuf {
    let out = libraries.join("c-example");
    let made = Command::new("make")
        .current_dir(home().join("examples/c"))
        // The library may be newer than the program made for the last one.
        .args(["--silent", "--always-make", goal])
        .arg(format!("LIBRARY_DIR={}", libraries.display()))
        .arg(format!("OUT={}", out.display()))
        // Built above; cargo is not asked again.
        .arg("CARGO=true")
        .status()
        .expect("make is installed");
    assert!(made.success(), "make {goal} fails");
    out
}

/// Runs a program; gives what it prints. The emulator prints for its program on the error output.
pub fn output(command: &mut Command) -> String {
    let out = command.stdin(Stdio::null()).output().expect("the program starts");
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}: {text}", out.status);
    text
}

/// What the example prints: name and number per line, a map per width of codes.
pub fn numbers(text: &str) -> Vec<HashMap<String, u64>> {
    let mut widths: Vec<HashMap<String, u64>> = Vec::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(' ')) {
        if name == "bits" {
            widths.push(HashMap::new());
        }
        let value = value.parse().unwrap_or_else(|_| panic!("{name} {value}"));
        widths.last_mut().expect("bits come first").insert(name.to_owned(), value);
    }
    widths
}

/// Whether a program or target is there; where `CI=true` it must be.
pub fn is_there(what: &str, there: bool) -> bool {
    assert!(there || env::var("CI").as_deref() != Ok("true"), "{what} is missing: scripts/setup installs it");
    if !there {
        eprintln!("SKIPPED: {what} is missing, so nothing was run; scripts/setup installs it");
    }
    there
}
