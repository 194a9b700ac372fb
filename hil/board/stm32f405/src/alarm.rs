//! What ends a sleep after a time: timer 2, which counts microseconds once.
//!
//! In come microseconds, out goes an end of the sleep. This file must not know who sleeps. RM0090, 18.

use cortex_m::peripheral::NVIC;
use stm32f4::stm32f405::{Interrupt, RCC, TIM2};

use crate::registers;
use crate::timing::TIMER_HZ;

/// Clock of the emulator's timer; it knows nothing of buses.
const EMULATED_HZ: u32 = 1_000_000_000;

/// The timer.
pub struct Alarm {
    timer: TIM2,
}

impl Alarm {
    /// Sets its divider up.
    pub fn new(timer: TIM2, rcc: &RCC, is_emulated: bool) -> Self {
        rcc.apb1enr().modify(|_, w| w.tim2en().enabled());
        let clock = if is_emulated { EMULATED_HZ } else { TIMER_HZ };
        timer.psc().write(|w| w.psc().set((clock / 1_000_000 - 1) as u16));
        // The divider is taken with an update.
        timer.egr().write(|w| w.ug().update());
        timer.sr().write(|w| w.uif().clear());
        Self { timer }
    }

    /// Sleeps until something interrupts, or for so long. The caller holds interrupts back: they, and the alarm, end the
    /// sleep all the same, and the alarm's own is never taken.
    pub fn sleep(&self, most_us: Option<u32>) {
        let Some(most_us) = most_us else { return cortex_m::asm::wfi() };
        self.timer.cnt().reset();
        self.timer.arr().write(|w| w.arr().set(most_us.max(1)));
        self.timer.dier().write(|w| w.uie().enabled());
        self.timer.cr1().write(|w| w.cen().enabled());
        registers::enable(Interrupt::TIM2);
        cortex_m::asm::wfi();
        NVIC::mask(Interrupt::TIM2);
        self.timer.cr1().reset();
        self.timer.sr().write(|w| w.uif().clear());
        NVIC::unpend(Interrupt::TIM2);
    }
}
