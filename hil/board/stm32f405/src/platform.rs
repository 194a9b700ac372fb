//! The board as `hil-board` wants it: ports, a counter, an ADC, a chip.
//!
//! In come and out go bytes; waiting for one is sleep. This file must not know frames or messages.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use hil_board::device::settings::Parity;
use hil_board::store::wired::Wired;
use hil_board::{Adc, Platform, Port, Received};
use hil_link::ResetCause;
use stm32f4::stm32f405::{CorePeripherals, GPIOB, Interrupt, Peripherals, RCC};

use crate::alarm::Alarm;
use crate::clock::{self, Clock};
use crate::converter::{Converter, Devices};
use crate::serial::{self, Serial, Uart};
use crate::time::Time;
use crate::timing::CLOCK_HZ;
use crate::{eeprom, registers};

/// Ticks in a microsecond.
const TICKS_PER_US: u64 = CLOCK_HZ as u64 / 1_000_000;

/// The emulator's clock says that an instruction takes 1 ns (`-icount shift=0`): 125 of them are 21 ticks of 168 MHz.
/// Without that option the count means nothing but time.
const INSTRUCTIONS: u64 = 125;
const IN_TICKS: u64 = 21;

/// The board.
pub struct Stm32 {
    clock: Clock,
    cause: ResetCause,
    serial: Serial,
    alarm: Alarm,
    time: Time,
    /// Ticks that passed asleep.
    asleep: u64,
    converter: Converter,
    eeprom: (GPIOB, RCC),
}

impl Stm32 {
    /// Starts clocks, port and counter, once.
    pub fn start() -> Option<Self> {
        let (mut core, device) = (CorePeripherals::take()?, Peripherals::take()?);
        let cause = cause(&device.RCC);
        let clock = clock::start(&device.RCC, &device.FLASH);
        let pins = (&device.GPIOA, &device.GPIOB, &device.GPIOC);
        let devices = Devices { timer: device.TIM3, adc: device.ADC1, common: device.ADC_COMMON, dma: device.DMA2 };
        registers::put_behind(&mut core.NVIC, Interrupt::DMA2_STREAM0);
        Some(Self {
            clock,
            cause: if clock == Clock::Emulated { ResetCause::PowerOn } else { cause },
            serial: Serial::start((&device.GPIOA, &device.GPIOB), &device.RCC)?,
            alarm: Alarm::new(device.TIM2, &device.RCC, clock == Clock::Emulated),
            time: Time::start(core.SYST),
            asleep: 0,
            converter: Converter::new(devices, pins, &device.RCC, clock == Clock::Crystal)?,
            eeprom: (device.GPIOB, device.RCC),
        })
    }

    /// Sleeps until something comes on any port or the time has passed, or sooner.
    fn sleep(&mut self, patience_us: Option<u32>) {
        let before = self.time.ticks();
        self.serial.sleep(&self.alarm, patience_us);
        self.asleep += self.time.ticks() - before;
    }

    /// What has come on the link.
    fn look(&mut self, buffer: &mut [u8]) -> usize {
        let mut length = 0;
        for (place, (byte, _)) in buffer.iter_mut().zip(core::iter::from_fn(|| self.serial.receive(Uart::Link))) {
            *place = byte;
            length += 1;
        }
        length
    }
}

const fn uart(port: Port) -> Uart {
    match port {
        Port::Console => Uart::Console,
        Port::Modbus => Uart::Modbus,
    }
}

/// What the flags of the last reset say; they are cleared for the next one. RM0090, 7.3.21.
fn cause(rcc: &RCC) -> ResetCause {
    let flags = rcc.csr().read();
    rcc.csr().modify(|_, w| w.rmvf().clear());
    // Power comes with all of the first three; each later one shows the pin as well, which the chip pulls itself.
    if flags.porrstf().bit_is_set() {
        ResetCause::PowerOn
    } else if flags.borrstf().bit_is_set() {
        ResetCause::BrownOut
    } else if flags.wdgrstf().bit_is_set() || flags.wwdgrstf().bit_is_set() {
        ResetCause::Watchdog
    } else if flags.sftrstf().bit_is_set() {
        ResetCause::Software
    } else if flags.padrstf().bit_is_set() {
        ResetCause::Pin
    } else {
        ResetCause::Unknown
    }
}

impl ErrorType for Stm32 {
    type Error = Infallible;
}

impl Read for Stm32 {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            if let Some(length) = self.read_link(buffer, None)? {
                return Ok(length);
            }
        }
    }
}

impl Write for Stm32 {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            while !serial::send_link(byte) {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while !serial::is_link_sent() {}
        Ok(())
    }
}

impl Platform for Stm32 {
    const NAME: &'static str = "stm32f405";
    const FIRMWARE: &'static str = env!("CARGO_PKG_VERSION");
    type Chip = Option<Wired>;

    fn chip(&mut self) -> Option<Wired> {
        let (pins, rcc) = &self.eeprom;
        // The emulator's pins read 0: each byte would be acknowledged.
        (self.clock != Clock::Emulated).then(|| eeprom::eeprom(pins, rcc))
    }

    fn adc(&mut self) -> Option<&mut dyn Adc> {
        // The emulator has no DMA: there the board's own signal is the generator's.
        if self.clock == Clock::Emulated { None } else { Some(&mut self.converter) }
    }

    fn microseconds(&mut self) -> u64 {
        self.time.ticks() / TICKS_PER_US
    }

    fn reset_cause(&self) -> ResetCause {
        self.cause
    }

    fn clock_hz(&self) -> u32 {
        CLOCK_HZ
    }

    fn instructions(&mut self) -> u64 {
        match self.clock {
            Clock::Emulated => (self.time.ticks() - self.asleep) * INSTRUCTIONS / IN_TICKS,
            // A processor counts its cycles, which are more.
            Clock::Crystal | Clock::Internal => 0,
        }
    }

    fn read_link(&mut self, buffer: &mut [u8], patience_us: Option<u32>) -> Result<Option<usize>, Infallible> {
        let mut length = self.look(buffer);
        if length == 0 && !buffer.is_empty() {
            self.sleep(patience_us);
            length = self.look(buffer);
        }
        Ok((length > 0 || buffer.is_empty()).then_some(length))
    }

    fn set_serial(&mut self, port: Port, baud: u32, parity: Parity) {
        Serial::set(uart(port), baud, parity);
    }

    fn receive(&mut self, port: Port) -> Option<Received> {
        let (byte, tick) = self.serial.receive(uart(port))?;
        let now = self.time.ticks();
        // It has not waited for the 25 s after which the lower bits come again.
        let waited = u64::from((now as u32).wrapping_sub(tick));
        Some(Received { byte, at_us: now.saturating_sub(waited) / TICKS_PER_US })
    }

    fn send(&mut self, port: Port, bytes: &[u8]) -> usize {
        self.serial.send(uart(port), bytes)
    }
}
