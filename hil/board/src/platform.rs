//! What a board must bring.
//!
//! In comes nothing, out goes a trait; this file must not know who uses it.

use embedded_io::{Read, Write};

/// A serial port, a name and, where there is one, a counter of instructions.
///
/// `Read::read` waits for the first byte and gives what is there; 0 bytes mean that the line is closed for good. As the
/// bench waits for each answer, nothing arrives while a request is executed: no buffer is needed behind the port.
pub trait Platform: Read + Write {
    /// Name of the board, at most 32 bytes.
    const NAME: &'static str;

    /// Version of the program on the board, at most 32 bytes.
    const FIRMWARE: &'static str;

    /// Clock of the processor in hertz; 0 where it is not known.
    fn clock_hz(&self) -> u32 {
        0
    }

    /// Instructions executed since the board started; 0 where they cannot be counted.
    fn instructions(&mut self) -> u64 {
        0
    }
}
