//! Counts instructions by the emulator's clock: with `-icount shift=0` one instruction is one nanosecond.
//!
//! Out go ticks of `SysTick`; how many instructions a tick is depends on the machine and is measured by a loop whose
//! length is known. This file must not know what is counted.

use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// `SysTick` has 24 bits.
const MASK: u32 = (1 << 24) - 1;

/// Starts the counter.
pub fn start() {
    let Some(mut peripherals) = Peripherals::take() else { return };
    peripherals.SYST.set_clock_source(SystClkSource::Core);
    peripherals.SYST.set_reload(MASK);
    peripherals.SYST.clear_current();
    peripherals.SYST.enable_counter();
}

/// Ticks that `work` took: at most 2²⁴, that is some hundred million instructions.
pub fn ticks(work: impl FnOnce()) -> u32 {
    let before = SYST::get_current();
    work();
    before.wrapping_sub(SYST::get_current()) & MASK
}

/// Instructions of the loop of [`known`].
pub const INSTRUCTIONS: u32 = 100_000_000;

/// Ticks of a loop of `INSTRUCTIONS` instructions.
pub fn known() -> u32 {
    // A subtraction and a branch per cycle asked for, and one pass more.
    ticks(|| cortex_m::asm::delay(INSTRUCTIONS / 2 - 1))
}
