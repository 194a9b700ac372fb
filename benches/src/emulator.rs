//! Runs an image on the emulator and takes what it prints.
//!
//! In comes an image, out go its lines. The emulator's clock passes one nanosecond per instruction, so that nothing here
//! depends on how fast the PC is. This file must not know what the lines mean.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

/// A processor and the machine it is counted on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Core {
    /// Name in `cost.json`.
    pub name: &'static str,
    /// Target of the compiler.
    pub target: &'static str,
    /// Machine of the emulator.
    pub machine: &'static str,
    /// Instructions per tick of its `SysTick`: one takes a nanosecond, the clock is 25 or 20 MHz.
    pub per_tick: f64,
}

/// The cores that are counted. There is no machine with a Cortex-M0+ among the emulator's that takes an image of this
/// size; a Cortex-M3 executes the same ARMv6-M instructions, and as many of them.
pub const CORES: [Core; 3] = [
    Core { name: "cortex-m0plus", target: "thumbv6m-none-eabi", machine: "mps2-an385", per_tick: 40.0 },
    Core { name: "cortex-m4", target: "thumbv7em-none-eabi", machine: "mps2-an386", per_tick: 40.0 },
    Core { name: "cortex-m33", target: "thumbv8m.main-none-eabi", machine: "mps2-an505", per_tick: 50.0 },
];

/// An image that has not ended by then stands still: none takes a tenth of it.
const PATIENCE: Duration = Duration::from_mins(10);

/// Runs an image until it ends; gives the lines it printed.
///
/// # Errors
/// If there is no emulator, or the image does not end with the line `end` within ten minutes.
pub fn run(core: Core, image: &Path) -> anyhow::Result<Vec<String>> {
    ensure!(image.is_file(), "{} is missing: scripts/cost builds it", image.display());
    let mut emulator = Command::new("qemu-system-arm")
        .args(["-M", core.machine, "-nographic", "-monitor", "none", "-serial", "none", "-icount", "shift=0"])
        // What the program prints goes straight to the emulator's own output.
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(image)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("qemu-system-arm does not start: scripts/setup installs it")?;
    let output = emulator.stdout.take().context("the emulator has no output")?;
    // A machine may not know how to end itself, and a program that has panicked never does.
    let (over, is_over) = mpsc::channel();
    let guard = thread::spawn(move || {
        let in_time = is_over.recv_timeout(PATIENCE).is_ok();
        emulator.kill().and_then(|()| emulator.wait()).map(|_| in_time)
    });
    let mut lines = BufReader::new(output).lines();
    let mut printed = Vec::new();
    let ended = loop {
        match lines.next().transpose()? {
            Some(line) if line == "end" => break true,
            Some(line) => printed.push(line),
            None => break false,
        }
    };
    // Gone only when the time was over.
    let _ = over.send(());
    let in_time = guard.join().ok().context("the emulator's guard ended")??;
    ensure!(in_time, "{} does not end: the last line is {:?}", image.display(), printed.last());
    ensure!(ended, "{} ended early, after {:?}", image.display(), printed.last());
    Ok(printed)
}
