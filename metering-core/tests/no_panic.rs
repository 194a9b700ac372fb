//! What firmware links of the core: no panic, no formatting, no floating point.
//!
//! Builds `tests/probe` for a Cortex-M4 as firmware is built and reads its symbols. Where the target is not installed
//! the test says that it is skipped, except under `CI=true`: there it fails.

mod symbols;

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use object::{Object, ObjectSymbol};
use symbols::{is_float, is_panic};

const TARGET: &str = "thumbv7em-none-eabi";

fn has_target() -> bool {
    let sysroot =
        Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).args(["--print", "sysroot"]).output();
    sysroot.is_ok_and(|out| {
        let sysroot = String::from_utf8_lossy(&out.stdout).trim().to_owned();
        Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir()
    })
}

/// The symbols of the probe, linked as firmware is.
fn linked(features: &[&str]) -> Vec<String> {
    let probe = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
    let status = Command::new(env!("CARGO"))
        .current_dir(&probe)
        .args(["build", "--quiet", "--locked", "--profile", "firmware", "--target", TARGET])
        .args(features)
        .env("CARGO_TARGET_DIR", &target)
        // What is meant for the tests' own build, coverage or fuzzing, does not belong here.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the probe does not build");
    let image = fs::read(target.join(TARGET).join("firmware/probe")).expect("the probe is built");
    let image = object::File::parse(image.as_slice()).expect("the probe is an object file");
    image.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_owned)).collect()
}

#[test]
fn firmware_links_no_panic_and_no_float() {
    if !has_target() {
        assert!(env::var("CI").as_deref() != Ok("true"), "{TARGET} is missing: rustup target add {TARGET}");
        eprintln!("SKIPPED: {TARGET} is missing, so nothing was read; rustup target add {TARGET}");
        return;
    }
    let names = linked(&[]);
    // Nothing would be found in a stripped or empty image either.
    assert!(names.iter().any(|name| name.contains("Meter") && name.contains("push")), "no meter in {names:?}");
    assert!(names.iter().any(|name| name.contains("Harmonics")), "no harmonics in {names:?}");
    let panics: Vec<_> = names.iter().filter(|name| is_panic(name)).collect();
    assert!(panics.is_empty(), "panic machinery is linked: {panics:?}");
    let floats: Vec<_> = names.iter().filter(|name| is_float(name)).collect();
    assert!(floats.is_empty(), "floating point is linked: {floats:?}");

    // The same eyes do see a panic and a float where there is one.
    let names = linked(&["--features", "broken"]);
    assert!(names.iter().any(|name| is_panic(name)) && names.iter().any(|name| is_float(name)), "{names:?}");
}
