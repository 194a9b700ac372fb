//! What the registers' crate cannot vouch for: handles of devices that two places use, and interrupts.
//!
//! In come and go handles; this is the only file with `unsafe`. It must not know what is done with a device. The rest of the
//! firmware reaches registers through `stm32f4`, which is made from the vendor's own description of the chip: its fields
//! have names and can only take what they may hold, which no table of constants of our own gives. It costs 20 s of one
//! build and not a byte of the image.
#![expect(unsafe_code, reason = "a handle that was taken is made again; here is the only place that does so")]

use cortex_m::peripheral::NVIC;
use stm32f4::stm32f405::rcc::pllcfgr;
use stm32f4::stm32f405::usart1::RegisterBlock;
use stm32f4::stm32f405::{GPIOB, Interrupt, USART1, USART2, USART3};

use crate::serial::Uart;

/// Lets an interrupt come.
pub fn enable(interrupt: Interrupt) {
    // SAFETY: no lock of this program relies on a single masked interrupt.
    unsafe { NVIC::unmask(interrupt) }
}

/// What the PLL divides its input by, multiplies it with, and divides that by for USB. RM0090, 7.3.2.
pub fn pll_factors(w: &mut pllcfgr::W, input: u8, times: u16, usb: u8) -> &mut pllcfgr::W {
    // SAFETY: these are the ranges that the manual allows; the fields could hold more, so the crate leaves them to us.
    unsafe { w.pllm().bits(input.clamp(2, 63)).plln().bits(times.clamp(50, 432)).pllq().bits(usb.clamp(2, 15)) }
}

/// Registers of a serial port.
pub fn uart(uart: Uart) -> &'static RegisterBlock {
    let registers = match uart {
        Uart::Link => USART1::ptr(),
        Uart::Console => USART2::ptr(),
        Uart::Modbus => USART3::ptr(),
    };
    // SAFETY: they are there as long as the chip is, and are cells. The interrupts read the data; the main loop writes it
    // and reads the state, which changes nothing before the data is read.
    unsafe { &*registers }
}

/// The port with the lines of the EEPROM, for the functions that move them.
pub fn gpiob() -> GPIOB {
    // SAFETY: they write the register that sets and clears single pins, and read levels; only the main loop does so.
    unsafe { GPIOB::steal() }
}
