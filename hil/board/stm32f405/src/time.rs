//! Time since the start, from `SysTick`: 24 bits of it count, its interrupt counts their turns.
//!
//! In come ticks of the processor's clock, out goes their number. This file must not know what is timed.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::interrupt;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{SCB, SYST};
use cortex_m_rt::exception;

/// Ticks of a turn, 0.1 s: the most that the counter can hold.
const TURN: u32 = 1 << 24;

/// Turns since the start, modulo 2³².
static TURNS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    TURNS.fetch_add(1, Ordering::Relaxed);
}

/// Turns that have ended and ticks after them. Also for interrupts.
fn look() -> (u32, u32) {
    interrupt::free(|_| {
        let counter = SYST::get_current();
        let turns = TURNS.load(Ordering::Relaxed);
        // A turn that has ended but could not interrupt; the counter may have been read before its end.
        let (turns, counter) =
            if SCB::is_pendst_pending() { (turns.wrapping_add(1), SYST::get_current()) } else { (turns, counter) };
        // It counts down, and a turn ends where it reaches 0, not where it starts again.
        (turns, if counter == 0 { 0 } else { TURN.saturating_sub(counter) })
    })
}

/// Ticks since the start, modulo 2³². Also for interrupts.
pub fn now() -> u32 {
    let (turns, ticks) = look();
    turns.wrapping_mul(TURN).wrapping_add(ticks)
}

/// Turns that have ended, of 0.1 s each; modulo 2³².
pub fn turns() -> u32 {
    TURNS.load(Ordering::Relaxed)
}

/// The time of the main loop.
pub struct Time {
    turns: u64,
    /// The latest that was told.
    told: u64,
}

impl Time {
    /// Starts it.
    pub fn start(mut counter: SYST) -> Self {
        counter.set_clock_source(SystClkSource::Core);
        counter.set_reload(TURN - 1);
        counter.clear_current();
        counter.enable_interrupt();
        counter.enable_counter();
        Self { turns: 0, told: 0 }
    }

    /// Ticks since the start; asked at least once in 13 years.
    pub fn ticks(&mut self) -> u64 {
        let (turns, ticks) = look();
        self.turns += u64::from(turns.wrapping_sub(self.turns as u32));
        // An emulator may show the end of a turn before it interrupts.
        self.told = self.told.max(self.turns * u64::from(TURN) + u64::from(ticks));
        self.told
    }
}
