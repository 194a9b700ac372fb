//! A serial port, opened once.
//!
//! In come a name and a speed, out goes an open port or one sentence that says what is wrong and what to do. This file
//! must not know what is said over it.

use std::fs::{File, TryLockError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serialport::{ErrorKind, SerialPort};

/// Keeps other benches off a port. (The system's own exclusive mode does not hold against the superuser.)
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the port for this process.
    ///
    /// # Errors
    /// There is no such port, it may not be opened, or somebody has it.
    pub fn take(name: &str) -> Result<Self> {
        let file = File::options().read(true).write(true).open(name).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => anyhow!("port {name}: there is none; `hil ports` lists those there are"),
            std::io::ErrorKind::PermissionDenied => {
                anyhow!("port {name}: no permission; add yourself to the group that owns it (often dialout)")
            }
            std::io::ErrorKind::ResourceBusy => anyhow!("port {name}: another program has it open"),
            _ => anyhow!("port {name}: {error}"),
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!("port {name}: another program has it open"),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("port {name}: cannot be locked")),
        }
    }
}

/// Opens a port: 8 bits, no parity, one stop bit; reads wait at most 50 ms.
pub fn open(name: &str, baud: u32) -> Result<Box<dyn SerialPort>> {
    serialport::new(name, baud).timeout(Duration::from_millis(50)).open().map_err(|error| match error.kind() {
        ErrorKind::NoDevice => anyhow!("port {name}: no such serial port or busy ({error}); `hil ports` lists them"),
        ErrorKind::InvalidInput => anyhow!("port {name}: {baud} baud is not possible there ({error})"),
        _ => anyhow!("port {name} at {baud} baud: {error}"),
    })
}
