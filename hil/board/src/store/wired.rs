//! A 24C64 on two lines that the program moves: what a firmware hands to the store.
//!
//! In come functions that move and read the lines and that wait, out goes a chip. This file must not know registers, nor
//! what the chip keeps.

use core::convert::Infallible;

use eeprom24x::{Eeprom24x, SlaveAddr, addr_size, page_size, unique_serial};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

use super::bitbang::Bus;

/// The chip as the store takes it.
pub type Wired = Eeprom24x<Bus<Line, Line, Wait>, page_size::B32, addr_size::TwoBytes, unique_serial::No>;

/// The chip at address 0x50.
pub fn wired(scl: Line, sda: Line, wait: Wait) -> Wired {
    Eeprom24x::new_24x64(Bus::new(scl, sda, wait), SlaveAddr::default())
}

/// An open-drain line, pulled up.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Lets the line go (`true`) or pulls it low.
    pub set: fn(bool),
    /// Whether the line is high.
    pub is_high: fn() -> bool,
}

impl ErrorType for Line {
    type Error = Infallible;
}

impl OutputPin for Line {
    fn set_low(&mut self) -> Result<(), Infallible> {
        (self.set)(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        (self.set)(true);
        Ok(())
    }
}

impl InputPin for Line {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok((self.is_high)())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!(self.is_high)())
    }
}

/// Waits at least so many nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Wait(pub fn(u32));

impl DelayNs for Wait {
    fn delay_ns(&mut self, nanoseconds: u32) {
        (self.0)(nanoseconds);
    }
}
