//! The EEPROM of the board: a 24C64 on an I2C bus whose two lines the program moves.
//!
//! In comes nothing, out goes a chip; this file must not know what it keeps.

use core::convert::Infallible;

use eeprom24x::{Eeprom24x, SlaveAddr, addr_size, page_size, unique_serial};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use hil_board::store::bitbang::Bus;

use crate::registers::{self, Line};

/// Nanoseconds of a cycle of the processor.
const CYCLE_NS: u32 = 40;

/// The chip as the store takes it.
pub type Eeprom = Eeprom24x<Bus<Pin, Pin, Wait>, page_size::B32, addr_size::TwoBytes, unique_serial::No>;

/// The chip at address 0x50.
pub fn eeprom() -> Eeprom {
    Eeprom24x::new_24x64(Bus::new(Pin(Line::Scl), Pin(Line::Sda), Wait), SlaveAddr::default())
}

/// A line of the bus.
#[derive(Debug)]
pub struct Pin(Line);

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        registers::set_line(self.0, false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        registers::set_line(self.0, true);
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(registers::line(self.0))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!registers::line(self.0))
    }
}

/// Waits by counting cycles.
#[derive(Debug)]
pub struct Wait;

impl DelayNs for Wait {
    fn delay_ns(&mut self, nanoseconds: u32) {
        cortex_m::asm::delay(nanoseconds / CYCLE_NS);
    }
}
