//! The C firmware on the emulated board: the digest of the core on the PC; nothing of a panic or a float in the image.
//!
//! Needs arm-none-eabi-gcc, qemu-system-arm and the targets; without them the tests say that they are skipped, or fail
//! where `CI=true`.

#[path = "support/core_run.rs"]
mod core_run;
mod support;
#[path = "../../tests/symbols/mod.rs"]
mod symbols;

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use object::{Object, ObjectSymbol};
use support::{is_there, library, make, output};
use symbols::{is_float, is_panic};

/// Image, target, machine. The image for a Cortex-M0+ runs on a Cortex-M3, which executes the same instructions.
const BOARDS: [(&str, &str, &str); 2] =
    [("board", "thumbv7em-none-eabi", "mps2-an386"), ("board-m0", "thumbv6m-none-eabi", "mps2-an385")];

fn ready(target: &str) -> bool {
    let starts = |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().expect("rustc starts");
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    is_there("arm-none-eabi-gcc", starts("arm-none-eabi-gcc"))
        && is_there("qemu-system-arm", starts("qemu-system-arm"))
        && is_there(target, Path::new(&sysroot).join("lib/rustlib").join(target).join("lib").is_dir())
}

/// What must not be linked.
fn is_forbidden(name: &str) -> bool {
    is_panic(name) || is_float(name)
}

#[test]
fn the_firmware_gives_the_cores_readings() {
    for (goal, target, machine) in BOARDS {
        if !ready(target) {
            return;
        }
        let programs = make(goal, &library("board", &["--profile", "firmware", "--target", target]));
        let image = programs.join(goal).with_extension("elf");
        // A program that has panicked never ends.
        let mut emulator = Command::new("timeout");
        emulator.args(["300", "qemu-system-arm", "-M", machine, "-nographic", "-monitor", "none", "-serial", "none"]);
        emulator.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(&image);
        let text = output(&mut emulator);
        let numbers = text.strip_suffix("end\n").unwrap_or_else(|| panic!("{machine} ended early: {text}"));
        core_run::compare(numbers);
        let stack = support::numbers(numbers)[1]["stack_bytes"];
        println!("{machine}: {stack} bytes of stack");
        assert!((1_000..11_264).contains(&stack), "README and header say below 11 KiB: {stack}");

        let bytes = fs::read(&image).unwrap();
        let file = object::File::parse(bytes.as_slice()).unwrap();
        // Names of source files are none of symbols.
        let symbols = file.symbols().filter(|symbol| symbol.kind() != object::SymbolKind::File);
        let names: Vec<&str> = symbols.filter_map(|symbol| symbol.name().ok()).collect();
        assert!(names.contains(&"metering_push_i16"), "{names:?}");
        let found: Vec<_> = names.iter().filter(|name| is_forbidden(name)).collect();
        assert!(found.is_empty(), "{goal} links {found:?}");
    }
}

#[test]
fn forbidden_symbols_are_known() {
    for name in [
        "_ZN4core9panicking5panic17h0E",
        "_ZN4core3fmt5write17h0E",
        "__aeabi_fadd",
        "__aeabi_i2d",
        "__adddf3",
        "__aeabi_fdiv",
        "__aeabi_ddiv",
    ] {
        assert!(is_forbidden(name), "{name}");
    }
    for name in ["metering_push_i16", "__aeabi_lmul", "__aeabi_uldivmod", "__aeabi_memcpy", "__divdi3"] {
        assert!(!is_forbidden(name), "{name}");
    }
}
