//! Boards behind a serial port: the virtual one, the emulated one, and one on a real port.
//!
//! In comes the name of a board, out go bytes to and from its port, and whatever keeps the board alive. From there on all
//! three are the same. This module must not know the protocol.

mod eeprom;
mod emulated;
mod machine;
mod port;
mod pty;
pub mod virtual_adc;
mod virtual_board;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use serialport::SerialPort;

pub use eeprom::Eeprom;
pub use emulated::Killer;
use machine::{MPS2, Machine};

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

    /// Opens its link. The port has no speed of its own: as fast as it ever is.
    ///
    /// # Errors
    /// Another program has it.
    pub fn open(self) -> Result<Board> {
        let baud = match &self.runner {
            Runner::Emulator(_) => emulated::BAUD,
            Runner::Thread(_) => virtual_board::BAUD,
        };
        let name = self.ports.link.clone();
        Ok(Board { port: Some(port::open(&name, baud)?), name, baud, running: Some(self) })
    }

    /// Why the board is gone, if it is known to be.
    pub fn gone(&mut self) -> Option<String> {
        match &mut self.runner {
            Runner::Emulator(emulator) => emulator.gone(),
            Runner::Thread(thread) => thread.gone(),
        }
    }
}

/// A port to a board. Dropping it ends what was started for it.
pub struct Board {
    /// `None` while it is gone.
    port: Option<Box<dyn SerialPort>>,
    /// Name and speed, to open it again.
    name: String,
    baud: u32,
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
        match name {
            "virtual" | "emulated" => Running::start(name, image, eeprom)?.open(),
            _ => Ok(Self { port: Some(port::open(name, baud)?), name: name.to_owned(), baud, running: None }),
        }
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

    /// Name of the port.
    pub fn port(&self) -> &str {
        &self.name
    }

    /// Bits per second.
    pub const fn baud(&self) -> u32 {
        self.baud
    }

    /// Reads what has come, and waits for it no longer than this.
    ///
    /// # Errors
    /// Those of the port, `TimedOut` among them; `NotConnected` while it is gone.
    pub fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        let port = self.port.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        port.set_timeout(wait)?;
        port.read(buffer)
    }

    /// Lets go of a port that is gone, so that its name is free for when it is back; tells whether it may be. One that this
    /// program started never is.
    pub fn let_go(&mut self) -> bool {
        self.port = None;
        self.running.is_none()
    }

    /// Opens the port again.
    ///
    /// # Errors
    /// As of [`Board::open`].
    pub fn reopen(&mut self) -> Result<()> {
        self.port = Some(port::open(&self.name, self.baud)?);
        Ok(())
    }

    /// The file that the emulated board runs for an image's name.
    ///
    /// # Errors
    /// There is none.
    pub fn image(image: &Path) -> Result<PathBuf> {
        emulated::find(image)
    }

    /// Whether the board `name`, running `image`, takes an EEPROM that the bench keeps.
    pub fn takes_eeprom(name: &str, image: &Path) -> bool {
        match name {
            "virtual" => true,
            // An image that is not there is told when it is started.
            "emulated" => emulated::find(image).map_or(MPS2, |image| Machine::of(&image)).takes_eeprom,
            _ => false,
        }
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

/// To the port; `NotConnected` while it is gone.
impl io::Write for Board {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.port.as_mut().ok_or(io::ErrorKind::NotConnected)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.port.as_mut().ok_or(io::ErrorKind::NotConnected)?.flush()
    }
}
