//! The devices this firmware uses: UARTs 0 to 2 and timers 0 and 1 of the CMSDK, the two lines of an I2C bus, and the
//! interrupts of the UARTs and of timer 1.
//!
//! In come and out go plain numbers; nothing outside this file touches a register. It must not know what the numbers
//! mean to the program. "Arm Cortex-M System Design Kit Technical Reference Manual" (DDI 0479), 4.2 and 4.3;
//! "Application Note AN386" (DAI 0386) for the addresses and the numbers of the interrupts.
#![expect(unsafe_code, reason = "registers are addresses; here is the only place that reads and writes them")]

use core::ptr;

use cortex_m_rt::exception;

/// UART 0; the others follow it.
const UART: usize = 0x4000_4000;
const UART_SIZE: usize = 0x1000;
const UART_DATA: usize = 0;
const UART_STATE: usize = 0x4;
const UART_CTRL: usize = 0x8;
const UART_INTCLEAR: usize = 0xc;
const UART_BAUDDIV: usize = 0x10;

const TX_FULL: u32 = 1;
const RX_FULL: u32 = 1 << 1;
/// Send, receive, and an interrupt for each received byte.
const UART_ENABLE: u32 = 0b1011;
const RX_INTERRUPT: u32 = 1 << 1;

/// The I2C port at the touch screen's place ("SBCon"): written to the first register a line is let go, to the second it is
/// pulled low; the first one reads both.
const I2C_SET: usize = 0x4002_a000;
const I2C_CLEAR: usize = I2C_SET + 0x4;
/// Its lines: clock and data.
pub const SCL: u32 = 1;
pub const SDA: u32 = 2;

/// Timer 0, the clock, and timer 1, the alarm.
const TIMER: usize = 0x4000_0000;
const ALARM: usize = 0x4000_1000;
const TIMER_CTRL: usize = 0;
const TIMER_VALUE: usize = 0x4;
const TIMER_RELOAD: usize = 0x8;
const TIMER_INTCLEAR: usize = 0xc;

const TIMER_ENABLE: u32 = 1;
const TIMER_INTERRUPT: u32 = 1 << 3;

/// Interrupts 0 to 31 of the processor: enable, disable, and forget that one is pending.
const NVIC_ISER: usize = 0xe000_e100;
const NVIC_ICER: usize = 0xe000_e180;
const NVIC_ICPR: usize = 0xe000_e280;
/// Interrupt 9: the alarm.
const ALARM_INTERRUPT: u32 = 1 << 9;

/// A UART of the board.
#[derive(Clone, Copy, Debug)]
pub enum Uart {
    /// UART 0.
    Link,
    /// UART 1.
    Console,
    /// UART 2.
    Modbus,
}

impl Uart {
    const fn register(self, offset: usize) -> usize {
        UART + self as usize * UART_SIZE + offset
    }

    /// Its interrupt by a received byte: 0, 2 and 4.
    const fn interrupt(self) -> u32 {
        1 << (2 * self as u32)
    }
}

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

/// Lets a UART send and receive; `divider` is the processor's clock over the baud rate. A byte on the link wakes the
/// processor but interrupts nothing; one on another UART interrupts it.
pub fn start_uart(uart: Uart, divider: u32) {
    write(uart.register(UART_BAUDDIV), divider);
    write(uart.register(UART_CTRL), UART_ENABLE);
    if !matches!(uart, Uart::Link) {
        write(NVIC_ISER, uart.interrupt());
    }
}

/// Calls [`crate::ports::interrupt`] for what the processor is interrupted by: bytes on the other UARTs.
#[exception]
unsafe fn DefaultHandler(_number: i16) {
    crate::ports::interrupt();
}

/// Sleeps until a byte has come on the link since the last call, or an interrupt, or after so many ticks; not at all
/// unless `is_idle` says so when nothing can come in between. May return without any of it: look.
pub fn sleep(ticks: Option<u32>, is_idle: impl Fn() -> bool) {
    cortex_m::interrupt::free(|_| {
        if !is_idle() {
            return;
        }
        if let Some(ticks) = ticks {
            write(ALARM + TIMER_VALUE, ticks.max(1));
            write(ALARM + TIMER_CTRL, TIMER_ENABLE | TIMER_INTERRUPT);
        }
        // Both only wake: as all interrupts are held back here, none of them is taken.
        let wakers = Uart::Link.interrupt() | ALARM_INTERRUPT;
        write(NVIC_ISER, wakers);
        cortex_m::asm::wfi();
        write(NVIC_ICER, wakers);
        write(ALARM + TIMER_CTRL, 0);
        write(ALARM + TIMER_INTCLEAR, 1);
        // Before the byte is read: the next one cannot come earlier, so none is forgotten.
        write(Uart::Link.register(UART_INTCLEAR), RX_INTERRUPT);
        write(NVIC_ICPR, wakers);
    });
}

/// The received byte, if there is one.
pub fn receive(uart: Uart) -> Option<u8> {
    (read(uart.register(UART_STATE)) & RX_FULL != 0).then(|| read(uart.register(UART_DATA)) as u8)
}

/// Takes back that a byte has been received; the next one interrupts again.
pub fn acknowledge(uart: Uart) {
    write(uart.register(UART_INTCLEAR), RX_INTERRUPT);
}

/// Sends a byte if there is room; says whether there was.
pub fn send(uart: Uart, byte: u8) -> bool {
    let room = sent(uart);
    if room {
        write(uart.register(UART_DATA), u32::from(byte));
    }
    room
}

/// Whether the UART has taken the last byte.
pub fn sent(uart: Uart) -> bool {
    read(uart.register(UART_STATE)) & TX_FULL == 0
}

/// Lets a line of the I2C bus go, or pulls it low.
pub fn set_line(line: u32, high: bool) {
    write(if high { I2C_SET } else { I2C_CLEAR }, line);
}

/// Whether a line of the I2C bus is high.
pub fn line(line: u32) -> bool {
    read(I2C_SET) & line != 0
}

/// Starts the clock: it counts down from 2³² - 1 at 25 MHz and starts again.
pub fn start_timer() {
    write(TIMER + TIMER_RELOAD, u32::MAX);
    write(TIMER + TIMER_VALUE, u32::MAX);
    write(TIMER + TIMER_CTRL, TIMER_ENABLE);
}

/// Ticks since the start, modulo 2³².
pub fn ticks() -> u32 {
    !read(TIMER + TIMER_VALUE)
}
