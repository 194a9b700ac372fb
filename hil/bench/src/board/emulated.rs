//! The emulated board: the firmware image in QEMU, its serial ports pseudo-terminals.
//!
//! In comes an image, out go the names of the pseudo-terminals. This file must not know what the firmware does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::Ports;
use super::eeprom::Eeprom;
use super::machine::{MPS2, Machine};

const EMULATOR: &str = "qemu-system-arm";

/// The emulator takes as many bytes as it finds time for: on a busy machine no more than these.
pub const BAUD: u32 = 115_200;

/// A running emulator; dropping it kills it.
pub struct Emulator {
    child: Arc<Mutex<Child>>,
}

/// Ends an emulator as a power cut does.
pub struct Killer(Arc<Mutex<Child>>);

impl Killer {
    /// Sends SIGKILL and returns when the emulator is gone.
    pub fn kill(self) {
        let mut child = lock(&self.0);
        // Both fail only when it has ended already.
        let _ended = child.kill();
        let _reaped = child.wait();
    }
}

/// A thread that panicked leaves the process as it was.
fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Emulator {
    /// Starts the emulator; returns the names of its ports.
    pub fn start(image: &Path, eeprom: &Eeprom) -> Result<(Self, Ports)> {
        let image = find(image)?;
        let machine = Machine::of(&image);
        ensure!(
            eeprom.file.is_none() || machine.takes_eeprom,
            "firmware {}: the emulator's {} has no EEPROM, which this needs; that of --image {} has one",
            image.display(),
            machine.name,
            MPS2.name
        );
        let memory = eeprom.prepared()?;
        let mut child = Command::new(EMULATOR)
            .args(["-M", machine.name, "-nographic", "-monitor", "none", "-icount", "shift=0"])
            .args(machine.link)
            .args(["-serial", "pty"].repeat(2))
            .arg("-kernel")
            .arg(&image)
            .args(memory.map(drive).into_iter().flatten())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    anyhow!("{EMULATOR} is not on the PATH: scripts/setup installs it; --board virtual needs none")
                }
                _ => anyhow!("{EMULATOR}: {error}"),
            })?;
        let out = child.stdout.take().context("the emulator has no output")?;
        let emulator = Self { child: Arc::new(Mutex::new(child)) };
        let ports = terminals(out).with_context(|| match emulator.gone() {
            Some(gone) => gone,
            None => format!("{EMULATOR} did not name three pseudo-terminals within 10 s"),
        })?;
        Ok((emulator, ports))
    }

    /// What kills it from another thread.
    pub fn killer(&self) -> Killer {
        Killer(self.child.clone())
    }

    /// Why the board is gone.
    pub fn gone(&self) -> Option<String> {
        let status = lock(&self.child).try_wait().ok()??;
        Some(format!("the emulator has ended ({status})"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.killer().kill();
    }
}

/// The EEPROM on the second I2C port, kept in a file.
fn drive(file: &Path) -> [String; 4] {
    // A comma ends a value unless it is doubled.
    let file = file.display().to_string().replace(',', ",,");
    [
        "-drive".into(),
        format!("if=none,id=eeprom,format=raw,file={file}"),
        "-device".into(),
        "at24c-eeprom,address=0x50,rom-size=8192,drive=eeprom".into(),
    ]
}

/// Waits for the lines that name the pseudo-terminals, in the order of the serial ports.
fn terminals(out: impl std::io::Read + Send + 'static) -> Result<Ports> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // Goes on reading, so that the emulator never waits for a full pipe.
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let name = line.split_whitespace().find(|word| word.starts_with("/dev/")).map(str::to_owned);
            if let Some(name) = name {
                let _closed = send.send(name);
            }
        }
    });
    let end = Instant::now() + Duration::from_secs(10);
    let next = || receive.recv_timeout(end.saturating_duration_since(Instant::now())).context("no pseudo-terminal");
    Ok(Ports { link: next()?, console: next()?, modbus: next()? })
}

/// The image itself, or the one of that name where the build leaves firmware.
pub(super) fn find(image: &Path) -> Result<PathBuf> {
    if image.is_file() {
        return Ok(image.to_owned());
    }
    let program = std::env::current_exe().context("this program does not know where it is")?;
    // target/release/hil -> target/thumbv7em-none-eabi/firmware/NAME; test programs lie one deeper.
    let built = Path::new("thumbv7em-none-eabi").join("firmware").join(image);
    for folder in program.ancestors().skip(2).take(2) {
        let path = folder.join(&built);
        if path.is_file() {
            return Ok(path);
        }
    }
    ensure!(image.components().count() == 1, "firmware {}: there is no such file", image.display());
    bail!(
        "firmware {}: not built; scripts/run builds it, or: cargo build -p {0} --profile firmware --target \
         thumbv7em-none-eabi",
        image.display()
    )
}
