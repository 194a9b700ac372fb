//! Boards behind a serial port: the virtual one, the emulated one, and one on a real port.
//!
//! In comes the name of a board, out goes an open port and whatever keeps the board alive. From there on all three are
//! the same. This module must not know the protocol.

mod eeprom;
mod emulated;
mod port;
mod virtual_board;

use std::path::{Path, PathBuf};

use anyhow::Result;
use serialport::SerialPort;

pub use eeprom::Eeprom;
pub use emulated::Killer;

/// An open port to a board. Dropping it ends what was started for it.
pub struct Board {
    /// The port; reads return after at most 50 ms.
    pub port: Box<dyn SerialPort>,
    /// What the board runs in, if this program started it.
    runner: Runner,
}

enum Runner {
    Emulator(emulated::Emulator),
    Thread(virtual_board::VirtualBoard),
    /// Nothing of ours: a board on its own.
    Wire,
}

impl Board {
    /// Opens the board `name`: `virtual`, `emulated` (running `image`), or a serial port at `baud`.
    ///
    /// # Errors
    /// What cannot be started or opened, and what to do about it.
    pub fn open(name: &str, image: &Path, baud: u32) -> Result<Self> {
        Self::with_eeprom(name, image, baud, &Eeprom::default())
    }

    /// The same, with an EEPROM that outlives the board; a board on a port has its own.
    ///
    /// # Errors
    /// As of [`Board::open`], and an EEPROM file that cannot be used.
    pub fn with_eeprom(name: &str, image: &Path, baud: u32, eeprom: &Eeprom) -> Result<Self> {
        match name {
            "virtual" => {
                let (runner, path) = virtual_board::VirtualBoard::start(eeprom)?;
                Ok(Self { port: port::open(&path, baud)?, runner: Runner::Thread(runner) })
            }
            "emulated" => {
                let (runner, path) = emulated::Emulator::start(image, eeprom)?;
                Ok(Self { port: port::open(&path, baud)?, runner: Runner::Emulator(runner) })
            }
            _ => Ok(Self { port: port::open(name, baud)?, runner: Runner::Wire }),
        }
    }

    /// The file that the emulated board runs for an image's name.
    ///
    /// # Errors
    /// There is none.
    pub fn image(image: &Path) -> Result<PathBuf> {
        emulated::find(image)
    }

    /// What kills the board's emulator at any instant, from another thread; `None` for boards without one.
    pub fn killer(&self) -> Option<Killer> {
        match &self.runner {
            Runner::Emulator(emulator) => Some(emulator.killer()),
            Runner::Thread(_) | Runner::Wire => None,
        }
    }

    /// Why the board is gone, if it is known to be.
    pub fn gone(&mut self) -> Option<String> {
        match &mut self.runner {
            Runner::Emulator(emulator) => emulator.gone(),
            Runner::Thread(thread) => thread.gone(),
            Runner::Wire => None,
        }
    }
}
