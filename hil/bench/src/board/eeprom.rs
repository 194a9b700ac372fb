//! The EEPROM of a board that this program starts: where it is kept, and when its power is cut.
//!
//! In comes the name of a file, out goes a chip for the virtual board, or the file for the emulator. This file must not
//! know records or registers.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail, ensure};
use eeprom24x::{Eeprom24x, SlaveAddr, addr_size, page_size, unique_serial};
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use hil_board::store::map::CHIP;
use hil_board::store::mock::{BUSY_US, Mock24C64};

/// Folder of the EEPROMs that no file is named for.
const KEPT: &str = "target/hil";

/// Where a board's EEPROM is kept.
#[derive(Clone, Debug, Default)]
pub struct Eeprom {
    /// The file, made blank where there is none; `None`: a virtual board has a new blank chip, an emulated one has none.
    pub file: Option<PathBuf>,
    /// A virtual board only: after so many transfers, the first page that is written being the first of them, the plug is
    /// pulled, which tears the page that is being written.
    pub cut_after: Option<u32>,
}

impl Eeprom {
    /// Kept in a file.
    pub fn at(file: &Path) -> Self {
        Self { file: Some(file.to_owned()), cut_after: None }
    }

    /// That of a board: in the file that is named, or with `kept` in one by the name of the board.
    ///
    /// # Errors
    /// A board on a port has its own; the folder cannot be made.
    pub fn of(board: &str, file: Option<&Path>, kept: bool) -> Result<Self> {
        let started = ["virtual", "emulated"].contains(&board);
        match file {
            Some(_) if !started => {
                bail!(
                    "--eeprom: a board on a port has an EEPROM of its own; only virtual and emulated ones take a file"
                )
            }
            Some(file) => Ok(Self::at(file)),
            None if started && kept => {
                let file = Path::new(KEPT).join(format!("{board}.eeprom"));
                std::fs::create_dir_all(KEPT).with_context(|| format!("EEPROM file {}", file.display()))?;
                Ok(Self::at(&file))
            }
            None => Ok(Self::default()),
        }
    }

    /// Makes the file where there is none; tells its path.
    ///
    /// # Errors
    /// It cannot be made, or has another size than the chip.
    pub(super) fn prepared(&self) -> Result<Option<&Path>> {
        let Some(path) = &self.file else { return Ok(None) };
        let told = || format!("EEPROM file {}", path.display());
        if !path.exists() {
            std::fs::write(path, [0xff; CHIP]).with_context(told)?;
        }
        let length = std::fs::metadata(path).with_context(told)?.len();
        ensure!(length == CHIP as u64, "{}: {length} bytes, a 24C64 has {CHIP}", told());
        Ok(Some(path))
    }
}

/// The chip of the virtual board.
pub(super) type Chip = Eeprom24x<Wired, page_size::B32, addr_size::TwoBytes, unique_serial::No>;

/// The mock chip, written through to its file.
pub(super) struct Wired {
    mock: Mock24C64,
    file: Option<File>,
    left: Option<u32>,
    /// A page has been written since the start.
    begun: bool,
    dead: Arc<AtomicBool>,
}

/// The chip; `dead` is set when the plug is pulled.
pub(super) fn chip(eeprom: &Eeprom, dead: Arc<AtomicBool>) -> Result<Chip> {
    let mut cells = [0xff; CHIP];
    let file = match eeprom.prepared()? {
        Some(path) => {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            file.read_exact_at(&mut cells, 0).with_context(|| format!("EEPROM file {}", path.display()))?;
            Some(file)
        }
        None => None,
    };
    let wired = Wired { mock: Mock24C64::with(cells), file, left: eeprom.cut_after, begun: false, dead };
    Ok(Eeprom24x::new_24x64(wired, SlaveAddr::default()))
}

impl Wired {
    /// The page being written is left in any state: how far it came and what became of its bits follows from the number
    /// of the transfer.
    fn pull(&mut self) {
        let seed = self.mock.now_us() as u32;
        let mut any = seed | 1;
        self.mock.cut(seed % 33, seed / 33 % 4, |_, _| {
            any = any.wrapping_mul(0x9e37_79b9).rotate_left(5);
            any as u8
        });
        self.dead.store(true, Ordering::Relaxed);
    }

    fn keep(&mut self) {
        if let Some(file) = &self.file {
            // A file that cannot be written is seen at the next start, as a chip would be.
            let _unwritten = file.write_all_at(self.mock.cells(), 0);
        }
    }
}

impl ErrorType for Wired {
    type Error = ErrorKind;
}

impl I2c for Wired {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let writes = operations.iter().any(|one| matches!(one, Operation::Write(bytes) if bytes.len() > 2));
        self.begun |= writes;
        match &mut self.left {
            _ if !self.begun => {}
            Some(0) if !self.dead.load(Ordering::Relaxed) => {
                self.pull();
                self.keep();
            }
            Some(left) => *left = left.saturating_sub(1),
            None => {}
        }
        if self.dead.load(Ordering::Relaxed) {
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        let done = self.mock.transaction(address, operations);
        match done {
            // Nobody waits for a chip that is not there: the next try finds it done.
            Err(_) => self.mock.wait(BUSY_US),
            Ok(()) if writes => self.keep(),
            Ok(()) => {}
        }
        done
    }
}
