//! Boards behind a serial port: the virtual one, the emulated one, and one on a real port.
//!
//! In comes the name of a board, out goes an open port and whatever keeps the board alive. From there on all three are
//! the same. This module must not know the protocol.

mod eeprom;
mod emulated;
mod port;
mod pty;
mod virtual_board;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serialport::SerialPort;

pub use eeprom::Eeprom;
pub use emulated::Killer;

/// Names of the serial ports of a board that this program started.
#[derive(Clone, Debug)]
pub struct Ports {
    /// That of the bench.
    pub link: String,
    /// That of a terminal program.
    pub console: String,
    /// That of a Modbus master.
    pub modbus: String,
}

/// A board that this program started; dropping it ends it.
pub struct Running {
    runner: Runner,
    ports: Ports,
}

enum Runner {
    Emulator(emulated::Emulator),
    Thread(virtual_board::VirtualBoard),
}

impl Running {
    /// Starts the board `name`, `virtual` or `emulated` (running `image`), and leaves its ports to others.
    ///
    /// # Errors
    /// It cannot be started; any other board runs by itself.
    pub fn start(name: &str, image: &Path, eeprom: &Eeprom) -> Result<Self> {
        let (runner, ports) = match name {
            "virtual" => {
                let (runner, ports) = virtual_board::VirtualBoard::start(eeprom)?;
                (Runner::Thread(runner), ports)
            }
            "emulated" => {
                let (runner, ports) = emulated::Emulator::start(image, eeprom)?;
                (Runner::Emulator(runner), ports)
            }
            _ => bail!("--board {name}: a board on a port runs by itself; only virtual and emulated ones are started"),
        };
        Ok(Self { runner, ports })
    }

    /// Names of its ports.
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Why the board is gone, if it is known to be.
    pub fn gone(&mut self) -> Option<String> {
        match &mut self.runner {
            Runner::Emulator(emulator) => emulator.gone(),
            Runner::Thread(thread) => thread.gone(),
        }
    }
}

/// An open port to a board. Dropping it ends what was started for it.
pub struct Board {
    /// The port; reads return after at most 50 ms.
    pub port: Box<dyn SerialPort>,
    /// What the board runs in, if this program started it.
    running: Option<Running>,
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
        let running = match name {
            "virtual" | "emulated" => Some(Running::start(name, image, eeprom)?),
            _ => None,
        };
        let link = running.as_ref().map_or(name, |running| &running.ports.link);
        Ok(Self { port: port::open(link, baud)?, running })
    }

    /// Opens a further port of a board; reads and writes return after at most 50 ms.
    ///
    /// # Errors
    /// What cannot be opened, and what to do about it.
    pub fn open_port(name: &str) -> Result<Box<dyn SerialPort>> {
        port::open(name, 115_200)
    }

    /// Names of the ports, of a board that this program started.
    pub fn ports(&self) -> Option<&Ports> {
        self.running.as_ref().map(Running::ports)
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
        match &self.running.as_ref()?.runner {
            Runner::Emulator(emulator) => Some(emulator.killer()),
            Runner::Thread(_) => None,
        }
    }

    /// Why the board is gone, if it is known to be.
    pub fn gone(&mut self) -> Option<String> {
        self.running.as_mut()?.gone()
    }
}
