//! A serial port, opened once.
//!
//! In come a name and a speed, out goes an open port or one sentence that says what is wrong and what to do. This file
//! must not know what is said over it.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serialport::{ErrorKind, SerialPort};

/// Opens a port: 8 bits, no parity, one stop bit; reads wait at most 50 ms.
///
/// The port is locked as long as it is open (`flock`, which holds against the superuser as well), so a second bench is
/// told that it is taken.
///
/// # Errors
/// There is no such port, it may not be opened, or somebody has it.
pub fn open(name: &str, baud: u32) -> Result<Box<dyn SerialPort>> {
    if std::fs::metadata(name).is_ok_and(|file| !file.file_type().is_char_device()) {
        return Err(anyhow!("port {name}: this is no serial port; `hil ports` lists those there are"));
    }
    serialport::new(name, baud).timeout(Duration::from_millis(50)).open().map_err(|error| match error.kind() {
        ErrorKind::Io(io::ErrorKind::NotFound) => {
            anyhow!("port {name}: there is none; `hil ports` lists those there are (or: virtual, emulated)")
        }
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            anyhow!("port {name}: no permission; add yourself to the group that owns it (often dialout)")
        }
        // What the library makes of a lock that is held.
        ErrorKind::NoDevice => anyhow!("port {name}: another program has it open"),
        ErrorKind::InvalidInput => anyhow!("port {name}: {baud} baud is not possible there ({error})"),
        _ => anyhow!("port {name} at {baud} baud: {error}"),
    })
}
