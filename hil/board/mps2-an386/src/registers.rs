//! The devices this firmware uses: UART 0 and timer 0 of the CMSDK, the two lines of an I2C bus, and the interrupt that ends its sleep.
//!
//! In come and out go plain numbers; nothing outside this file touches a register. It must not know what the numbers
//! mean to the program. "Arm Cortex-M System Design Kit Technical Reference Manual" (DDI 0479), 4.2 and 4.3;
//! "Application Note AN386" (DAI 0386) for the addresses and the number of the interrupt.
#![expect(unsafe_code, reason = "registers are addresses; here is the only place that reads and writes them")]

use core::ptr;

const UART: usize = 0x4000_4000;
const UART_DATA: usize = UART;
const UART_STATE: usize = UART + 0x4;
const UART_CTRL: usize = UART + 0x8;
const UART_INTCLEAR: usize = UART + 0xc;
const UART_BAUDDIV: usize = UART + 0x10;

const TX_FULL: u32 = 1;
const RX_FULL: u32 = 1 << 1;
/// Send, receive, and an interrupt for each received byte.
const UART_ENABLE: u32 = 0b1011;
const RX_INTERRUPT: u32 = 1 << 1;
/// 25 MHz / 115 200.
const BAUD_DIVIDER: u32 = 217;

/// The I2C port at the touch screen's place ("SBCon"): 1 is SCL, 2 is SDA; written to the first register a line is let
/// go, to the second it is pulled low; the first one reads both.
const I2C_SET: usize = 0x4002_a000;
const I2C_CLEAR: usize = I2C_SET + 0x4;

const TIMER: usize = 0x4000_0000;
const TIMER_CTRL: usize = TIMER;
const TIMER_VALUE: usize = TIMER + 0x4;
const TIMER_RELOAD: usize = TIMER + 0x8;

const TIMER_ENABLE: u32 = 1;

/// Interrupts 0 to 31 of the processor: enable, and forget that one is pending.
const NVIC_ISER: usize = 0xe000_e100;
const NVIC_ICPR: usize = 0xe000_e280;
/// Interrupt 0: UART 0 has received a byte.
const UART_RX_INTERRUPT: u32 = 1;

/// Reads a register. Private, so that `address` is always one of the constants above.
fn read(address: usize) -> u32 {
    // SAFETY: an aligned register of a device that is always there on this board; reading the data register takes the
    // received byte, which is what the only caller wants.
    unsafe { ptr::with_exposed_provenance::<u32>(address).read_volatile() }
}

/// Writes a register. Private, so that `address` is always one of the constants above.
fn write(address: usize, value: u32) {
    // SAFETY: an aligned register of a device that is always there on this board; none of them changes memory.
    unsafe { ptr::with_exposed_provenance_mut::<u32>(address).write_volatile(value) }
}

/// Lets the UART send and receive, 115 200 baud. A received byte wakes the processor but interrupts nothing: there is
/// no handler, from here on all interrupts stay masked.
pub fn start_uart() {
    cortex_m::interrupt::disable();
    write(UART_BAUDDIV, BAUD_DIVIDER);
    write(UART_CTRL, UART_ENABLE);
    write(NVIC_ISER, UART_RX_INTERRUPT);
}

/// Sleeps until a byte has come since the last call. May return without one: look with `receive`.
pub fn sleep() {
    cortex_m::asm::wfi();
    // Before the byte is read: the next one cannot come earlier, so none is forgotten.
    write(UART_INTCLEAR, RX_INTERRUPT);
    write(NVIC_ICPR, UART_RX_INTERRUPT);
}

/// The received byte, if there is one.
pub fn receive() -> Option<u8> {
    (read(UART_STATE) & RX_FULL != 0).then(|| read(UART_DATA) as u8)
}

/// Sends a byte if there is room; says whether there was.
pub fn send(byte: u8) -> bool {
    let room = read(UART_STATE) & TX_FULL == 0;
    if room {
        write(UART_DATA, u32::from(byte));
    }
    room
}

/// Whether the UART has taken the last byte.
pub fn sent() -> bool {
    read(UART_STATE) & TX_FULL == 0
}

/// The lines of the I2C bus.
#[derive(Clone, Copy, Debug)]
pub enum Line {
    /// Clock.
    Scl = 1,
    /// Data.
    Sda = 2,
}

/// Lets a line of the I2C bus go, or pulls it low.
pub fn set_line(line: Line, high: bool) {
    write(if high { I2C_SET } else { I2C_CLEAR }, line as u32);
}

/// Whether a line of the I2C bus is high.
pub fn line(line: Line) -> bool {
    read(I2C_SET) & line as u32 != 0
}

/// Starts the timer: it counts down from 2³² - 1 at 25 MHz and starts again.
pub fn start_timer() {
    write(TIMER_RELOAD, u32::MAX);
    write(TIMER_VALUE, u32::MAX);
    write(TIMER_CTRL, TIMER_ENABLE);
}

/// Ticks since the start, modulo 2³².
pub fn ticks() -> u32 {
    !read(TIMER_VALUE)
}
