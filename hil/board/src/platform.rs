//! What a board must bring.
//!
//! In comes nothing, out goes a trait; this file must not know who uses it.

use embedded_io::{Read, Write};

use hil_link::ResetCause;

use crate::adc::Adc;
use crate::device::settings::Parity;
use crate::store::Chip;

/// A serial port of the device beside the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// For a terminal program, 115 200 baud.
    Console,
    /// For a Modbus master; its speed and parity are settings.
    Modbus,
}

impl Port {
    /// All.
    pub const ALL: [Self; 2] = [Self::Console, Self::Modbus];
}

/// A byte that has come on such a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The byte.
    pub byte: u8,
    /// When it came, by [`Platform::microseconds`], and not when it was looked for: a board may have been busy since.
    pub at_us: u64,
}

/// The link, a name, the chip that keeps the energy registers and, where there are such, a clock, a counter of
/// instructions and further ports.
///
/// `Read` and `Write` are the link's. `Read::read` waits for the first byte and gives what is there; 0 bytes mean that the
/// line is closed for good. As the bench waits for each answer, nothing arrives while a request is executed: where there
/// are no further ports no buffer is needed behind the link; with them it keeps what comes while these are served, which
/// takes no more than a millisecond or two.
///
/// What is at the other end of a further port waits for nobody, and the board must not wait for it. So such a port keeps
/// what comes while the board is busy, at least 64 bytes, and loses what finds no room; a board that has none leaves the
/// three methods as they are.
pub trait Platform: Read + Write {
    /// Name of the board, at most 32 bytes.
    const NAME: &'static str;

    /// Version of the program on the board, at most 32 bytes.
    const FIRMWARE: &'static str;

    /// The chip that keeps the energy registers; [`NoChip`](crate::store::NoChip) where there is none.
    type Chip: Chip;

    /// The chip. Asked for once, when the board is made.
    fn chip(&mut self) -> Self::Chip;

    /// The ADC, where there is one: then the frames of `Run` are its own, as long as the bench has set no signal.
    fn adc(&mut self) -> Option<&mut dyn Adc> {
        None
    }

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

    /// As `Read::read` of the link, but comes back with `None` as well: when a byte waits on a further port, when
    /// `patience_us` microseconds have passed, or sooner.
    ///
    /// # Errors
    /// Those of the link.
    fn read_link(&mut self, buffer: &mut [u8], _patience_us: Option<u32>) -> Result<Option<usize>, Self::Error> {
        self.read(buffer).map(Some)
    }

    /// From now on a further port has this speed and parity, with 8 data bits and one stop bit. Called at the start and where
    /// the settings change; what waits on its way in or out may be lost. A port that has no speed, or no parity, stays
    /// without.
    fn set_serial(&mut self, _port: Port, _baud: u32, _parity: Parity) {}

    /// Takes the next byte that has come on a further port; `None`: none has. Never waits.
    fn receive(&mut self, _port: Port) -> Option<Received> {
        None
    }

    /// Hands bytes to a further port; returns how many of them it took, 0 where it has no room now. Never waits. A port
    /// that there is not takes everything.
    fn send(&mut self, _port: Port, bytes: &[u8]) -> usize {
        bytes.len()
    }
}
