//! The board as `hil-board` wants it: ports, a clock and a counter.
//!
//! In come and out go bytes; waiting for one is sleep, which lets the emulator take the next one at once.
//! This file must not know frames or messages.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use hil_board::device::settings::Parity;
use hil_board::store::wired::{Line, Wait, Wired, wired};
use hil_board::{Platform, Port, Received};
use hil_link::ResetCause;

use crate::ports;
use crate::registers::{self, SCL, SDA, Uart};

/// Clock of processor and timer in hertz.
const CLOCK_HZ: u32 = 25_000_000;

/// Nanoseconds of a cycle of the processor.
const CYCLE_NS: u32 = 1_000_000_000 / CLOCK_HZ;

/// Ticks of the timer in a microsecond.
const TICKS_PER_US: u64 = CLOCK_HZ as u64 / 1_000_000;

/// The emulator's clock says that an instruction takes 1 ns (`-icount shift=0`), so a tick of 25 MHz is 40 of them.
/// Without that option the count means nothing but time.
const INSTRUCTIONS_PER_TICK: u64 = 40;

/// Baud rate of link and console.
const BAUD: u32 = 115_200;

/// The longest sleep with an end, in microseconds: 100 s, in ticks it fits the alarm.
const LONGEST_US: u32 = 100_000_000;

/// UARTs 0 to 2 and timers 0 and 1.
pub struct Mps2 {
    /// The timer, extended to 64 bits. Whole turns of 171 s between two looks are lost; only sleep lasts that long, and
    /// that does not count.
    ticks: u64,
    /// Those of them that passed asleep.
    asleep: u64,
}

impl Mps2 {
    /// Starts all of them but the Modbus port, whose speed is a setting.
    pub fn start() -> Self {
        registers::start_timer();
        registers::start_uart(Uart::Link, CLOCK_HZ / BAUD);
        registers::start_uart(Uart::Console, CLOCK_HZ / BAUD);
        Self { ticks: 0, asleep: 0 }
    }

    /// Sleeps until something comes on any port or the time has passed.
    fn sleep(&mut self, patience_us: Option<u32>) {
        let before = self.tick();
        let ticks = patience_us.map(|us| us.min(LONGEST_US) * TICKS_PER_US as u32);
        registers::sleep(ticks, ports::are_empty);
        self.asleep += self.tick() - before;
    }

    /// What has come on the link.
    fn look(buffer: &mut [u8]) -> usize {
        let mut length = 0;
        while let Some(place) = buffer.get_mut(length) {
            let Some(byte) = registers::receive(Uart::Link) else { break };
            *place = byte;
            length += 1;
        }
        length
    }

    fn tick(&mut self) -> u64 {
        let passed = registers::ticks().wrapping_sub(self.ticks as u32);
        self.ticks += u64::from(passed);
        self.ticks
    }
}

impl ErrorType for Mps2 {
    type Error = Infallible;
}

impl Read for Mps2 {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            if let Some(length) = self.read_link(buffer, None)? {
                return Ok(length);
            }
        }
    }
}

impl Write for Mps2 {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            while !registers::send(Uart::Link, byte) {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while !registers::sent(Uart::Link) {}
        Ok(())
    }
}

impl Platform for Mps2 {
    const NAME: &'static str = "mps2-an386";
    const FIRMWARE: &'static str = env!("CARGO_PKG_VERSION");
    type Chip = Wired;

    fn chip(&mut self) -> Wired {
        let scl = Line { set: |high| registers::set_line(SCL, high), is_high: || registers::line(SCL) };
        let sda = Line { set: |high| registers::set_line(SDA, high), is_high: || registers::line(SDA) };
        wired(scl, sda, Wait(|nanoseconds| cortex_m::asm::delay(nanoseconds / CYCLE_NS)))
    }

    fn microseconds(&mut self) -> u64 {
        self.tick() / TICKS_PER_US
    }

    fn reset_cause(&self) -> ResetCause {
        // The emulator starts a machine by its power alone.
        ResetCause::PowerOn
    }

    fn clock_hz(&self) -> u32 {
        CLOCK_HZ
    }

    fn instructions(&mut self) -> u64 {
        (self.tick() - self.asleep) * INSTRUCTIONS_PER_TICK
    }

    fn read_link(&mut self, buffer: &mut [u8], patience_us: Option<u32>) -> Result<Option<usize>, Infallible> {
        let mut length = Self::look(buffer);
        if length == 0 && !buffer.is_empty() {
            self.sleep(patience_us);
            length = Self::look(buffer);
        }
        Ok((length > 0 || buffer.is_empty()).then_some(length))
    }

    fn set_serial(&mut self, port: Port, baud: u32, _parity: Parity) {
        // These UARTs have no parity.
        registers::start_uart(ports::uart(port), CLOCK_HZ / baud.max(1));
    }

    fn receive(&mut self, port: Port) -> Option<Received> {
        let (byte, tick) = ports::take(port)?;
        let now = self.tick();
        // It has not waited for a whole turn of the timer.
        let waited = u64::from((now as u32).wrapping_sub(tick));
        Some(Received { byte, at_us: now.saturating_sub(waited) / TICKS_PER_US })
    }

    fn send(&mut self, port: Port, bytes: &[u8]) -> usize {
        bytes.iter().take_while(|&&byte| registers::send(ports::uart(port), byte)).count()
    }
}
