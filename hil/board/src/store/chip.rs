//! A chip that keeps bytes, as the store wants it: nothing waits.
//!
//! In come addresses and bytes, out goes what the chip says. This file must not know records.

use eeprom24x::{Eeprom24x, Error, addr_size, page_size};
use embedded_hal::i2c::{ErrorKind, I2c};

/// What a chip that did not do it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not answer: it is writing a page, or there is none.
    NoAnswer,
    /// Anything else.
    Failed,
}

/// A chip of [`CHIP`](super::map::CHIP) bytes in pages of [`PAGE`](super::map::PAGE).
pub trait Chip {
    /// Reads from `address` on.
    ///
    /// # Errors
    /// While a page is being written, the chip does not answer.
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), Fault>;

    /// Begins to write bytes within one page and returns at once.
    ///
    /// # Errors
    /// While a page is being written, the chip does not answer.
    fn begin_page(&mut self, address: u32, bytes: &[u8]) -> Result<(), Fault>;
}

/// A serial EEPROM on an I2C bus of `embedded-hal`.
impl<I2C: I2c, SN> Chip for Eeprom24x<I2C, page_size::B32, addr_size::TwoBytes, SN> {
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        self.read_data(address, bytes).map_err(fault)
    }

    fn begin_page(&mut self, address: u32, bytes: &[u8]) -> Result<(), Fault> {
        self.write_page(address, bytes).map_err(fault)
    }
}

fn fault<E: embedded_hal::i2c::Error>(error: Error<E>) -> Fault {
    match error {
        Error::I2C(error) if matches!(error.kind(), ErrorKind::NoAcknowledge(_)) => Fault::NoAnswer,
        _ => Fault::Failed,
    }
}

/// Any memory of `embedded-storage` that is written byte by byte: RAM, FRAM, an EEPROM with a driver that waits.
#[derive(Clone, Debug, Default)]
pub struct Plain<S>(pub S);

impl<S: embedded_storage::Storage> Chip for Plain<S> {
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        self.0.read(address, bytes).map_err(|_| Fault::Failed)
    }

    fn begin_page(&mut self, address: u32, bytes: &[u8]) -> Result<(), Fault> {
        self.0.write(address, bytes).map_err(|_| Fault::Failed)
    }
}

/// A chip that may not be there.
impl<C: Chip> Chip for Option<C> {
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        self.as_mut().map_or(Err(Fault::NoAnswer), |chip| chip.read(address, bytes))
    }

    fn begin_page(&mut self, address: u32, bytes: &[u8]) -> Result<(), Fault> {
        self.as_mut().map_or(Err(Fault::NoAnswer), |chip| chip.begin_page(address, bytes))
    }
}

/// A board without a chip.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoChip;

impl Chip for NoChip {
    fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), Fault> {
        Err(Fault::NoAnswer)
    }

    fn begin_page(&mut self, _: u32, _: &[u8]) -> Result<(), Fault> {
        Err(Fault::NoAnswer)
    }
}
