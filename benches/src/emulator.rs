//! Runs an image on the emulator and takes what it prints, or the emulator's log of each instruction.
//!
//! In comes an image, out go its lines or those of the log. The emulator's clock passes one nanosecond per instruction, so that nothing here
//! depends on how fast the PC is. This file must not know what the lines mean.

use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};

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

const EMULATOR: &str = "qemu-system-arm";

/// Longest line of the log that is read at once.
const LONGEST: u64 = 4096;

/// An image that has not ended by then stands still: all that are run beside each other take a few minutes.
const PATIENCE: Duration = Duration::from_mins(20);

/// Runs an image until it ends; gives the lines it printed.
///
/// # Errors
/// If there is no emulator, or the image does not end with the line `end` in time.
pub fn run(core: Core, image: &Path) -> anyhow::Result<Vec<String>> {
    let mut emulator = start(command(core, image)?.stdout(Stdio::piped()))?;
    let output = emulator.stdout.take().context("the emulator has no output")?;
    let mut printed = Vec::new();
    let (ended, in_time) = watch(emulator, || {
        for line in BufReader::new(output).lines() {
            match line? {
                line if line == "end" => return Ok(true),
                line => printed.push(line),
            }
        }
        Ok(false)
    })?;
    ensure!(in_time, "{} does not end: the last line is {:?}", image.display(), printed.last());
    ensure!(ended, "{} ended early, after {:?}", image.display(), printed.last());
    Ok(printed)
}

/// Runs images beside each other, all at once; gives what each printed, in their order. An emulator takes one of the PC's
/// processors, and counts the same whatever else runs there.
///
/// # Errors
/// As [`run`].
pub fn run_all(images: &[(Core, PathBuf)]) -> anyhow::Result<Vec<Vec<String>>> {
    thread::scope(|scope| {
        let running: Vec<_> = images.iter().map(|(core, image)| scope.spawn(|| run(*core, image))).collect();
        // All are waited for, before the first that failed is told.
        let ended: Vec<_> = running.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ended.into_iter().map(|ended| ended.map_err(|_| anyhow!("an emulator's thread has panicked"))?).collect()
    })
}

/// Runs an image and hands over a line of the emulator's log per instruction, until `follow` has seen enough.
///
/// # Errors
/// If there is no emulator, or `follow` has not seen enough when the image ends or the time is over.
pub fn trace(core: Core, image: &Path, mut follow: impl FnMut(&[u8]) -> ControlFlow<()>) -> anyhow::Result<()> {
    let mut command = command(core, image)?;
    command.args(one_by_one()?).args(["-d", "exec,nochain"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut emulator = start(&mut command)?;
    let mut log = BufReader::new(emulator.stderr.take().context("the emulator has no log")?);
    let mut line = Vec::new();
    // What is no line of the log the emulator says itself: why it does not start, for one.
    let mut said = String::new();
    let (ended, in_time) = watch(emulator, || {
        loop {
            if !line.is_empty() && !line.starts_with(b"Trace ") {
                String::from_utf8_lossy(&line).trim_end().clone_into(&mut said);
            }
            line.clear();
            // What is longer comes in pieces.
            if log.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                return Ok(false);
            }
            if follow(&line).is_break() {
                return Ok(true);
            }
        }
    })?;
    ensure!(in_time, "{}, traced, does not end: {said}", image.display());
    ensure!(ended, "{}, traced, ended early: {said}", image.display());
    Ok(())
}

fn command(core: Core, image: &Path) -> anyhow::Result<Command> {
    ensure!(image.is_file(), "{} is missing: scripts/cost builds it", image.display());
    let mut command = Command::new(EMULATOR);
    command
        .args(["-M", core.machine, "-nographic", "-monitor", "none", "-serial", "none", "-icount", "shift=0"])
        // What the program prints goes straight to the emulator's own output.
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(image)
        .stdin(Stdio::null());
    Ok(command)
}

fn start(command: &mut Command) -> anyhow::Result<Child> {
    command.spawn().context("qemu-system-arm does not start: scripts/setup installs it")
}

/// Lets the emulator run until `read` has read from it or the time is over; gives what it gives, and whether it was in time.
fn watch<T>(mut emulator: Child, read: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, bool)> {
    // A machine may not know how to end itself, and a program that has panicked never does.
    let (over, is_over) = mpsc::channel();
    let guard = thread::spawn(move || {
        let in_time = is_over.recv_timeout(PATIENCE).is_ok();
        emulator.kill().and_then(|()| emulator.wait()).map(|_| in_time)
    });
    let read = read();
    // Gone only when the time was over.
    let _ = over.send(());
    let in_time = guard.join().ok().context("the emulator's guard ended")??;
    Ok((read?, in_time))
}

/// What makes the emulator translate each instruction by itself, so that its log has a line of each.
fn one_by_one() -> anyhow::Result<&'static [&'static str]> {
    let told = Command::new(EMULATOR).arg("--version").output();
    let told = told.context("qemu-system-arm does not start: scripts/setup installs it")?.stdout;
    let told = String::from_utf8_lossy(&told);
    let version = version(&told).with_context(|| format!("{told:?} is no version of qemu-system-arm"))?;
    Ok(if version < (8, 1) { &["-singlestep"] } else { &["-accel", "tcg,one-insn-per-tb=on"] })
}

/// Major and minor number of a version as the emulator tells it.
fn version(told: &str) -> Option<(u32, u32)> {
    let mut numbers = told.strip_prefix("QEMU emulator version ")?.split(['.', ' ', '\n']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_in_one_way() {
        let debian = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright (c) 2003-2022";
        assert_eq!(version(debian), Some((7, 2)));
        assert_eq!(version("QEMU emulator version 10.0\n"), Some((10, 0)));
        assert_eq!(version("QEMU emulator version x.0"), None);
        assert_eq!(version("bash: qemu-system-arm: command not found"), None);
    }
}
