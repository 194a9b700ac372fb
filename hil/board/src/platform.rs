//! What a board must bring.
//!
//! In comes nothing, out goes a trait; this file must not know who uses it.

use embedded_io::{Read, Write};

use hil_link::ResetCause;

use crate::store::Chip;

/// A serial port, a name, the chip that keeps the energy registers and, where there are such, a clock and a counter of
/// instructions.
///
/// `Read::read` waits for the first byte and gives what is there; 0 bytes mean that the line is closed for good. As the
/// bench waits for each answer, nothing arrives while a request is executed: no buffer is needed behind the port.
pub trait Platform: Read + Write {
    /// Name of the board, at most 32 bytes.
    const NAME: &'static str;

    /// Version of the program on the board, at most 32 bytes.
    const FIRMWARE: &'static str;

    /// The chip that keeps the energy registers; [`NoChip`](crate::store::NoChip) where there is none.
    type Chip: Chip;

    /// The chip. Asked for once, when the board is made.
    fn chip(&mut self) -> Self::Chip;

    /// Time since any moment, in microseconds; 0 where there is no clock. A chip that has died is then never given up.
    fn microseconds(&mut self) -> u64 {
        0
    }

    /// Why the board started.
    fn reset_cause(&self) -> ResetCause {
        ResetCause::Unknown
    }

    /// Clock of the processor in hertz; 0 where it is not known.
    fn clock_hz(&self) -> u32 {
        0
    }

    /// Instructions executed since the board started; 0 where they cannot be counted.
    fn instructions(&mut self) -> u64 {
        0
    }
}
