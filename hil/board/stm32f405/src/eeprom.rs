//! The EEPROM of the board: a 24C64 on PB6 (SCL) and PB7 (SDA), moved by the program.
//!
//! In comes nothing, out goes a chip; this file must not know what it keeps. The I2C of the chip is not used: with it a bus
//! that hangs needs the lines moved all the same.

use hil_board::store::wired::{Line, Wait, Wired, wired};
use stm32f4::stm32f405::{GPIOB, RCC};

use crate::registers;
use crate::timing::CLOCK_HZ;

/// Cycles of the processor in a microsecond.
const CYCLES_PER_US: u32 = CLOCK_HZ / 1_000_000;

/// The chip; where none answers, the store says so.
pub fn eeprom(pins: &GPIOB, rcc: &RCC) -> Wired {
    rcc.ahb1enr().modify(|_, w| w.gpioben().enabled());
    // High before they are outputs, so that no start is seen.
    pins.bsrr().write(|w| w.bs6().set_bit().bs7().set_bit());
    pins.otyper().modify(|_, w| w.ot6().open_drain().ot7().open_drain());
    // Enough for a look on the desk; a bus wants its own resistors (README.md).
    pins.pupdr().modify(|_, w| w.pupdr6().pull_up().pupdr7().pull_up());
    pins.moder().modify(|_, w| w.moder6().output().moder7().output());
    let scl = Line {
        set: |high| {
            registers::gpiob().bsrr().write(|w| if high { w.bs6().set_bit() } else { w.br6().set_bit() });
        },
        is_high: || registers::gpiob().idr().read().idr6().bit_is_set(),
    };
    let sda = Line {
        set: |high| {
            registers::gpiob().bsrr().write(|w| if high { w.bs7().set_bit() } else { w.br7().set_bit() });
        },
        is_high: || registers::gpiob().idr().read().idr7().bit_is_set(),
    };
    wired(scl, sda, Wait(|nanoseconds| cortex_m::asm::delay((nanoseconds * CYCLES_PER_US).div_ceil(1_000))))
}
