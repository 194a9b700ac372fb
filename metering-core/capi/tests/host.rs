//! C programs on the PC: every function with bad arguments, sines in closed form, the example's digest.

#[path = "support/core_run.rs"]
mod core_run;
mod support;

use std::process::Command;

use support::{home, library, make, output};

#[test]
fn every_function_holds_against_bad_arguments_and_meters_sines() {
    let libraries = library("host", &["--release"]);
    let program = libraries.join("checks");
    let built = Command::new("cc")
        .args(["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-std=c11", "-I"])
        .arg(home())
        .args(["checks.c", "sines.c"].map(|name| home().join("tests/c").join(name)))
        .args([&libraries.join("release/libmetering_core_capi.a")])
        .args(["-lpthread", "-ldl", "-lm", "-o"])
        .arg(&program)
        .status()
        .expect("cc is installed");
    assert!(built.success(), "tests/c does not build");
    let text = output(&mut Command::new(program));
    // A program that ends before its checks would succeed as well.
    let count: u32 = text.split(" checks, 0 failed").next().unwrap().trim().parse().expect(&text);
    assert!(count > 3_000, "{text}");
    // Each function of the header is called there.
    let read = |name: &str| std::fs::read_to_string(home().join(name)).unwrap();
    let (header, checks) = (read("metering_core.h"), read("tests/c/checks.c") + &read("tests/c/sines.c"));
    for line in header.lines().filter(|line| line.starts_with("metering_status metering_")) {
        let name = line.split([' ', '(']).nth(1).unwrap();
        assert!(checks.contains(&format!("{name}(")), "{name} is not called");
    }
}

#[test]
fn the_header_is_plain_c_and_cpp() {
    for arguments in [["-xc", "-std=c99"], ["-xc", "-std=c11"], ["-xc++", "-std=c++11"]] {
        let status = Command::new("cc")
            .args(arguments)
            .args(["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
            .arg(home().join("metering_core.h"))
            .arg("-Wno-pragma-once-outside-header")
            .status()
            .expect("cc is installed");
        assert!(status.success(), "{arguments:?}");
    }
}

#[test]
fn the_example_gives_the_cores_readings() {
    let programs = make("host", &library("host", &["--release"]));
    core_run::compare(&output(&mut Command::new(programs.join("host"))));
}
