//! The clocks: from a crystal of 8 MHz to 168 MHz.
//!
//! In come the registers after a reset, out goes what there is to run on. This file must not know what runs on it. RM0090,
//! 7.2 (clocks), 3.5.1 (wait states of the flash).

use stm32f4::stm32f405::{FLASH, RCC};

use crate::registers;

/// Frequency of the crystal in MHz. The PLL divides it to 1 MHz, so any whole number from 4 to 26 will do.
const CRYSTAL_MHZ: u8 = 8;
/// Frequency of the oscillator on the chip in MHz.
const INTERNAL_MHZ: u8 = 16;
/// Looks at a crystal that does not start, at 16 MHz some 100 ms; data sheets of crystals tell of 10 ms at the most.
const PATIENCE: u32 = 200_000;

/// What the board runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The crystal.
    Crystal,
    /// The oscillator on the chip, off by up to 1 %, as no crystal has started.
    Internal,
    /// The emulator: its clocks are there from the beginning, its registers read 0.
    Emulated,
}

/// Starts the clocks: processor 168 MHz, first peripheral bus 42 MHz (its timers 84), second one 84 MHz.
pub fn start(rcc: &RCC, flash: &FLASH) -> Clock {
    // A chip that executes this runs on this oscillator, or on what was derived from it.
    if rcc.cr().read().hsirdy().is_not_ready() {
        return Clock::Emulated;
    }
    rcc.cr().modify(|_, w| w.hseon().on());
    let has_crystal = (0..PATIENCE).any(|_| rcc.cr().read().hserdy().is_ready());
    // 1 MHz times 336, half of which is 168 MHz; a seventh is 48 MHz, which nothing here uses.
    let mhz = if has_crystal { CRYSTAL_MHZ } else { INTERNAL_MHZ };
    rcc.pllcfgr().write(|w| {
        let w = registers::pll_factors(w, mhz, 336, 7).pllp().div2();
        if has_crystal { w.pllsrc().hse() } else { w.pllsrc().hsi() }
    });
    rcc.cr().modify(|_, w| w.pllon().on());
    while rcc.cr().read().pllrdy().is_not_ready() {}
    flash.acr().write(|w| w.latency().ws5().prften().enabled().icen().enabled().dcen().enabled());
    rcc.cfgr().modify(|_, w| w.hpre().div1().ppre1().div4().ppre2().div2());
    rcc.cfgr().modify(|_, w| w.sw().pll());
    while !rcc.cfgr().read().sws().is_pll() {}
    if has_crystal { Clock::Crystal } else { Clock::Internal }
}
