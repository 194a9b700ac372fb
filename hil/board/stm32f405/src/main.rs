//! Firmware of boards with an STM32F405: `hil-board` behind USART1. README.md tells how it is wired, built and flashed.
//!
//! The same image runs in QEMU's `netduinoplus2`, which has neither clocks to wait for, nor a DMA, nor an EEPROM.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod alarm;
#[cfg(target_os = "none")]
mod clock;
#[cfg(target_os = "none")]
mod converter;
#[cfg(target_os = "none")]
mod eeprom;
#[cfg(any(target_os = "none", test))]
mod halves;
#[cfg(any(target_os = "none", test))]
mod pace;
#[cfg(target_os = "none")]
mod platform;
#[cfg(target_os = "none")]
mod registers;
#[cfg(target_os = "none")]
mod serial;
#[cfg(target_os = "none")]
mod time;
#[cfg(any(target_os = "none", test))]
mod timing;

#[cfg(target_os = "none")]
mod firmware {
    //! The entry. In comes the platform; this file must not know anything else.

    // Named so that it is linked: it says what a panic does.
    use panic_halt as _;

    use crate::platform::Stm32;

    #[cortex_m_rt::entry]
    fn main() -> ! {
        hil_board::firmware::serve(Stm32::start().expect("started once"))
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: cargo build -p stm32f405 --profile firmware --target thumbv7em-none-eabi");
}
