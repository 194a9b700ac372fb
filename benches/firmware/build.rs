//! For the board only: the memory map of the emulated machine, cortex-m-rt's linker script, and the codes of a cycle.

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Frames in a cycle of 50 Hz at 8 kHz.
const CYCLE: usize = 160;
/// Frames in a window, over which the mains that wander come back.
const WINDOW: usize = 10 * CYCLE;
/// Longest block.
const BLOCK: usize = 256;
/// By how much their phase wanders, in radian: 2 mHz to either side. Recordings of mains move by 0.4 to 1.6 mHz from one
/// cycle to the next.
const WANDERING: f64 = 4e-4;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("none") {
        return;
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    // The images AN385 and AN386 have their code at 0; AN505 boots from its secure alias.
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let (flash, ram) = if target.starts_with("thumbv8m") { (0x1000_0000u32, 0x3800_0000u32) } else { (0, 0x2000_0000) };
    let map = format!("MEMORY {{ FLASH : ORIGIN = {flash:#x}, LENGTH = 4M\n RAM : ORIGIN = {ram:#x}, LENGTH = 2M }}\n");
    fs::write(Path::new(&out).join("memory.x"), map).expect("OUT_DIR can be written to");
    fs::write(Path::new(&out).join("wave.rs"), wave()).expect("OUT_DIR can be written to");
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg=-Tlink.x");
    println!("cargo:rustc-link-arg=--nmagic");
}

/// A cycle and the longest block more, so that a block may begin anywhere in the cycle: voltage with a little fifth
/// harmonic, current with a third one behind it, and a small residual current, as codes of 24 and 16 bits; the voltage once
/// more over a window, with a frequency that wanders; cosine and sine of a cycle, for those who want a table.
fn wave() -> String {
    let voltage = |turn: f64| 0.80 * turn.sin() + 0.02 * (5.0 * turn).sin();
    let current = |turn: f64| 0.40 * (turn - 0.6).sin() + 0.10 * (3.0 * turn).sin();
    let residual = |turn: f64| 0.01 * (turn + 1.2).sin();
    let wandering = |turn: f64| voltage(turn + WANDERING * (turn * CYCLE as f64 / WINDOW as f64).sin());
    let mut text = String::new();
    let mut add = |name: &str, frames: usize, form: &dyn Fn(f64) -> f64| {
        for bits in [16i32, 24] {
            let kind = if bits == 16 { "i16" } else { "i32" };
            let _ = write!(text, "static {name}_{bits}: [{kind}; {}] = [", frames + BLOCK);
            for n in 0..frames + BLOCK {
                let value = form(n as f64 / CYCLE as f64 * TAU) * 2f64.powi(bits - 1);
                let _ = write!(text, "{},", value.round() as i32);
            }
            text.push_str("];\n");
        }
    };
    add("VOLTAGE", CYCLE, &voltage);
    add("CURRENT", CYCLE, &current);
    add("RESIDUAL", CYCLE, &residual);
    add("WANDERING", WINDOW, &wandering);
    let _ = write!(text, "/// Cosine and sine over a cycle.\npub static TABLE: [(f32, f32); CYCLE] = [");
    for n in 0..CYCLE {
        let turn = n as f64 / CYCLE as f64 * TAU;
        let _ = write!(text, "({:?},{:?}),", turn.cos() as f32, turn.sin() as f32);
    }
    text.push_str("];\n");
    text
}
