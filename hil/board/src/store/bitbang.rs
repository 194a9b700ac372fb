//! An I2C bus on two open-drain pins, moved by the program.
//!
//! In come the transactions of `embedded-hal`, out go levels on two pins. For one controller and targets that do not
//! stretch the clock, as memories do not; the crates that do this are written for `embedded-hal` 0.2. This file must
//! not know what is on the bus. "I2C-bus specification" (UM10204), 3.1.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

/// Half a bit at 400 kHz, in nanoseconds.
const HALF_NS: u32 = 1_250;

/// The bus: `scl` and `sda` are pulled low by `set_low` and let go by `set_high`.
#[derive(Debug)]
pub struct Bus<SCL, SDA, D> {
    scl: SCL,
    sda: SDA,
    delay: D,
}

impl<SCL: OutputPin, SDA: OutputPin + InputPin, D: DelayNs> Bus<SCL, SDA, D> {
    /// A bus at rest. What a transfer that a restart cut short left behind is ended: nine clocks let a target that still
    /// holds the line go. Pins that fail tell so at the first transfer.
    pub fn new(scl: SCL, sda: SDA, delay: D) -> Self {
        let mut bus = Self { scl, sda, delay };
        let _told_later = bus.clear();
        bus
    }

    fn clear(&mut self) -> Result<(), ErrorKind> {
        self.sda(true)?;
        for _ in 0..9 {
            self.read_bit()?;
        }
        self.start()?;
        self.stop()
    }

    fn scl(&mut self, high: bool) -> Result<(), ErrorKind> {
        let set = if high { self.scl.set_high() } else { self.scl.set_low() };
        set.map_err(|_| ErrorKind::Other)?;
        self.delay.delay_ns(HALF_NS);
        Ok(())
    }

    fn sda(&mut self, high: bool) -> Result<(), ErrorKind> {
        let set = if high { self.sda.set_high() } else { self.sda.set_low() };
        set.map_err(|_| ErrorKind::Other)
    }

    /// Also a repeated start: the clock is low then.
    fn start(&mut self) -> Result<(), ErrorKind> {
        self.sda(true)?;
        self.scl(true)?;
        self.sda(false)?;
        self.delay.delay_ns(HALF_NS);
        self.scl(false)
    }

    fn stop(&mut self) -> Result<(), ErrorKind> {
        self.sda(false)?;
        self.scl(true)?;
        self.sda(true)?;
        self.delay.delay_ns(HALF_NS);
        Ok(())
    }

    fn write_bit(&mut self, bit: bool) -> Result<(), ErrorKind> {
        self.sda(bit)?;
        self.scl(true)?;
        self.scl(false)
    }

    fn read_bit(&mut self) -> Result<bool, ErrorKind> {
        self.sda(true)?;
        self.scl(true)?;
        let bit = self.sda.is_high().map_err(|_| ErrorKind::Other)?;
        self.scl(false)?;
        Ok(bit)
    }

    fn write_byte(&mut self, byte: u8, source: NoAcknowledgeSource) -> Result<(), ErrorKind> {
        for bit in (0..8).rev() {
            self.write_bit(byte >> bit & 1 == 1)?;
        }
        if self.read_bit()? { Err(ErrorKind::NoAcknowledge(source)) } else { Ok(()) }
    }

    fn read_byte(&mut self, more: bool) -> Result<u8, ErrorKind> {
        let mut byte = 0;
        for _ in 0..8 {
            byte = byte << 1 | u8::from(self.read_bit()?);
        }
        self.write_bit(!more)?;
        Ok(byte)
    }

    fn operations(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut before = None;
        let count = operations.len();
        for n in 0..count {
            let goes_on = operations.get(n + 1).is_some_and(|next| matches!(next, Operation::Read(_)));
            let Some(operation) = operations.get_mut(n) else { break };
            let is_read = matches!(operation, Operation::Read(_));
            if before != Some(is_read) {
                self.start()?;
                self.write_byte(address << 1 | u8::from(is_read), NoAcknowledgeSource::Address)?;
                before = Some(is_read);
            }
            match operation {
                Operation::Write(bytes) => {
                    for &byte in *bytes {
                        self.write_byte(byte, NoAcknowledgeSource::Data)?;
                    }
                }
                Operation::Read(bytes) => {
                    let last = bytes.len().saturating_sub(1);
                    for (place, byte) in bytes.iter_mut().enumerate() {
                        *byte = self.read_byte(place < last || goes_on)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl<SCL, SDA, D> ErrorType for Bus<SCL, SDA, D> {
    type Error = ErrorKind;
}

impl<SCL: OutputPin, SDA: OutputPin + InputPin, D: DelayNs> I2c for Bus<SCL, SDA, D> {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let done = self.operations(address, operations);
        self.stop()?;
        done
    }
}
