//! The board as `hil-board` wants it: a port and a counter.
//!
//! In come and out go bytes; waiting for one is sleep, which lets the emulator take the next one at once.
//! This file must not know frames or messages.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use hil_board::Platform;
use hil_link::ResetCause;

use crate::eeprom::{self, Eeprom};
use crate::registers;

/// Clock of processor and timer in hertz.
const CLOCK_HZ: u32 = 25_000_000;

/// Ticks of the timer in a microsecond.
const TICKS_PER_US: u64 = CLOCK_HZ as u64 / 1_000_000;

/// The emulator's clock says that an instruction takes 1 ns (`-icount shift=0`), so a tick of 25 MHz is 40 of them.
/// Without that option the count means nothing but time.
const INSTRUCTIONS_PER_TICK: u64 = 40;

/// UART 0 and timer 0.
pub struct Mps2 {
    /// The timer, extended to 64 bits. Whole turns of 171 s between two looks are lost; only sleep lasts that long, and
    /// that does not count.
    ticks: u64,
    /// Those of them that passed asleep.
    asleep: u64,
}

impl Mps2 {
    /// Starts both.
    pub fn start() -> Self {
        registers::start_timer();
        registers::start_uart();
        Self { ticks: 0, asleep: 0 }
    }

    fn sleep(&mut self) {
        let before = self.tick();
        registers::sleep();
        self.asleep += self.tick() - before;
    }

    fn tick(&mut self) -> u64 {
        let passed = registers::ticks().wrapping_sub(self.ticks as u32);
        self.ticks += u64::from(passed);
        self.ticks
    }
}

impl ErrorType for Mps2 {
    type Error = Infallible;
}

impl Read for Mps2 {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let mut length = 0;
        while length == 0 && !buffer.is_empty() {
            while let Some(place) = buffer.get_mut(length) {
                let Some(byte) = registers::receive() else { break };
                *place = byte;
                length += 1;
            }
            if length == 0 {
                self.sleep();
            }
        }
        Ok(length)
    }
}

impl Write for Mps2 {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            while !registers::send(byte) {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while !registers::sent() {}
        Ok(())
    }
}

impl Platform for Mps2 {
    const NAME: &'static str = "mps2-an386";
    const FIRMWARE: &'static str = env!("CARGO_PKG_VERSION");
    type Chip = Eeprom;

    fn chip(&mut self) -> Eeprom {
        eeprom::eeprom()
    }

    fn microseconds(&mut self) -> u64 {
        self.tick() / TICKS_PER_US
    }

    fn reset_cause(&self) -> ResetCause {
        // The emulator starts a machine by its power alone.
        ResetCause::PowerOn
    }

    fn clock_hz(&self) -> u32 {
        CLOCK_HZ
    }

    fn instructions(&mut self) -> u64 {
        (self.tick() - self.asleep) * INSTRUCTIONS_PER_TICK
    }
}
