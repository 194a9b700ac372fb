//! The emulator's machines, and which of them an image is for.
//!
//! In comes an image, out goes a machine. This file must not know how one is started.
//!
//! An image says by its own entry point which one it is for, so a file by any name runs where it belongs.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Where code of an STM32 begins, and for how long it may last.
const STM32_FLASH: std::ops::Range<u32> = 0x0800_0000..0x0810_0000;

/// Begin of the header of a little-endian ELF file of 32 bits, and the place of the entry point in it.
const ELF: [u8; 6] = *b"\x7fELF\x01\x01";
const ENTRY: std::ops::Range<usize> = 24..28;

/// A machine of the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its name there.
    pub name: &'static str,
    /// Whether an EEPROM can be put on a bus of it.
    pub takes_eeprom: bool,
    /// The emulator's arguments for the bench's port.
    pub link: &'static [&'static str],
}

/// A Cortex-M4 of 25 MHz, with two I2C ports.
///
/// Its UART holds one byte, and the emulator fetches the next one only when the program has taken it: two switches between
/// threads for each. A multiplexer, of one port, keeps 32 bytes before the UART, which makes the way about twice as fast
/// (`tests/throughput.rs`). It hears commands behind an escape character: 256 is none.
pub const MPS2: Machine = Machine {
    name: "mps2-an386",
    takes_eeprom: true,
    link: &["-chardev", "pty,id=link,mux=on", "-serial", "chardev:link", "-echr", "256"],
};

/// A board with an STM32F405, of which the emulator has no I2C port and no pins. Its USART forgets its interrupt when the next
/// byte is there at once, so none is kept before it.
pub const NETDUINO: Machine = Machine { name: "netduinoplus2", takes_eeprom: false, link: &["-serial", "pty"] };

impl Machine {
    /// The machine for an image; the first one for what cannot be read, as the emulator then says what is wrong with it.
    pub fn of(image: &Path) -> Self {
        let mut header = [0; 52];
        let read = File::open(image).and_then(|mut file| file.read_exact(&mut header));
        let entry = header.get(ENTRY).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
        if read.is_ok() && header.starts_with(&ELF) && STM32_FLASH.contains(&entry) { NETDUINO } else { MPS2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers as `arm-none-eabi-readelf -h` shows them, cut behind the entry point and filled up with zeros.
    fn of(begin: &[u8], entry: [u8; 4]) -> Machine {
        let mut bytes = begin.to_vec();
        bytes.resize(24, 0);
        bytes.extend(entry);
        bytes.resize(64, 0);
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("image");
        std::fs::write(&path, bytes).expect("the folder can be written to");
        Machine::of(&path)
    }

    #[test]
    fn the_entry_point_tells() {
        assert_eq!(of(b"\x7fELF\x01\x01\x01", [0x89, 0x01, 0x00, 0x08]), NETDUINO);
        assert_eq!(of(b"\x7fELF\x01\x01\x01", [0xff, 0xff, 0x0f, 0x08]), NETDUINO);
        assert_eq!(of(b"\x7fELF\x01\x01\x01", [0x01, 0x00, 0x10, 0x08]), MPS2);
        assert_eq!(of(b"\x7fELF\x01\x01\x01", [0x01, 0x04, 0x00, 0x00]), MPS2);
        // Big-endian, 64 bits, no ELF, nothing.
        assert_eq!(of(b"\x7fELF\x01\x02\x01", [0x89, 0x01, 0x00, 0x08]), MPS2);
        assert_eq!(of(b"\x7fELF\x02\x01\x01", [0x89, 0x01, 0x00, 0x08]), MPS2);
        assert_eq!(of(b"", [0x89, 0x01, 0x00, 0x08]), MPS2);
        assert_eq!(Machine::of(Path::new("/nonexistent/image")), MPS2);
    }
}
