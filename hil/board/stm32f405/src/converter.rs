//! The ADC: timer 3 paces ADC 1, which scans the channels, and the DMA lays the codes into a double buffer.
//!
//! In comes a configuration, out go frames. This file must not know what the codes mean. RM0090, 10.3.9 (double buffer),
//! 13.3.9 (external trigger), 13.8.1 (DMA), 18.3.15 (the timer's trigger). Written against the manual and never run.
//!
//! No half is missed without a word: the interrupt of a full half has at least 16 frames, 0.3 ms at 48 kHz, of which it
//! takes 10 µs; only the serial port's interrupt comes before it, and the main loop holds interrupts back for some cycles.
//! One that finds the next half full already ends the sampling, as an overrun of the ADC does.

use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering, compiler_fence};

use cortex_m::interrupt::{Mutex, free};
use cortex_m::peripheral::NVIC;
use cortex_m::singleton;
use hil_board::Adc;
use hil_board::adc::Refusal;
use hil_link::Config;
use stm32f4::stm32f405::{ADC_COMMON, ADC1, DMA2, GPIOA, GPIOB, GPIOC, Interrupt, RCC, TIM3, interrupt};

use crate::halves::{self, CODES, FRAMES, Filler, Halves, Taker};
use crate::pace;
use crate::{registers, time};

/// Inputs of the ADC in the order of a frame: PA0, PA1, PA4 to PA7, PB0, PB1, PC0, PC1. Those between are the console's.
const INPUTS: [u8; 10] = [0, 1, 4, 5, 6, 7, 8, 9, 10, 11];

/// Turns of the time's counter, 0.1 s each, without a half: one takes 8 ms at most.
const PATIENCE: u32 = 1;

/// What the DMA writes. The interrupt reads the half that is full.
static BUFFER: [[AtomicU16; CODES]; 2] = [const { [const { AtomicU16::new(0) }; CODES] }; 2];
/// Codes in a half of the present configuration.
static IN_HALF: AtomicUsize = AtomicUsize::new(0);
/// The sampling has ended by itself.
static HAS_FAILED: AtomicBool = AtomicBool::new(false);
/// On its way from the start to the interrupt.
static FILLER: Mutex<Cell<Option<Filler>>> = Mutex::new(Cell::new(None));

/// The devices, and what waits.
pub struct Converter {
    timer: TIM3,
    adc: ADC1,
    common: ADC_COMMON,
    dma: DMA2,
    taker: Taker,
    channels: usize,
    has_crystal: bool,
}

/// What it takes: the devices that are its own, and those that it only sets up.
pub struct Devices {
    pub timer: TIM3,
    pub adc: ADC1,
    pub common: ADC_COMMON,
    pub dma: DMA2,
}

impl Converter {
    /// Sets pins and clocks up; nothing samples yet. `None` if it was done before.
    pub fn new(devices: Devices, pins: (&GPIOA, &GPIOB, &GPIOC), rcc: &RCC, has_crystal: bool) -> Option<Self> {
        let (filler, taker) = halves::ends(singleton!(: Halves = Halves::new())?);
        free(|token| FILLER.borrow(token).set(Some(filler)));
        rcc.ahb1enr().modify(|_, w| w.gpioaen().enabled().gpioben().enabled().gpiocen().enabled().dma2en().enabled());
        rcc.apb1enr().modify(|_, w| w.tim3en().enabled());
        rcc.apb2enr().modify(|_, w| w.adc1en().enabled());
        pins.0.moder().modify(|_, w| {
            w.moder0()
                .analog()
                .moder1()
                .analog()
                .moder4()
                .analog()
                .moder5()
                .analog()
                .moder6()
                .analog()
                .moder7()
                .analog()
        });
        pins.1.moder().modify(|_, w| w.moder0().analog().moder1().analog());
        pins.2.moder().modify(|_, w| w.moder0().analog().moder1().analog());
        let Devices { timer, adc, common, dma } = devices;
        Some(Self { timer, adc, common, dma, taker, channels: 0, has_crystal })
    }

    fn start_dma(&self) {
        let stream = self.dma.st(0);
        registers::dma_addresses(stream, self.adc.dr(), &BUFFER);
        stream.ndtr().write(|w| w.ndt().set((FRAMES * self.channels) as u16));
        // Stream 0, channel 0 is ADC 1. Without the FIFO each code goes on at once.
        stream.fcr().reset();
        stream.cr().write(|w| {
            let w = w.chsel().set(0).pl().high().dir().peripheral_to_memory().minc().incremented();
            w.psize().bits16().msize().bits16().dbm().enabled().tcie().enabled().teie().enabled().dmeie().enabled()
        });
        stream.cr().modify(|_, w| w.en().enabled());
    }

    fn start_adc(&self) {
        self.common.ccr().write(|w| w.adcpre().div4());
        self.adc.cr1().write(|w| w.scan().enabled().res().twelve_bit());
        // The codes of 28 cycles: inputs 0 to 9, and 10 to 17.
        self.adc.smpr2().write(|w| (0..10).fold(w, |w, n| w.smp(n).cycles28()));
        self.adc.smpr1().write(|w| (0..8).fold(w, |w, n| w.smp(n).cycles28()));
        registers::adc_sequence(&self.adc, INPUTS.get(..self.channels).unwrap_or_default());
        self.adc.cr2().write(|w| {
            let w = w.adon().enabled().dma().enabled().dds().continuous();
            w.exten().rising_edge().extsel().tim3trgo()
        });
        // 3 µs until it is steady (data sheet, 5.3.21).
        cortex_m::asm::delay(3 * crate::timing::CLOCK_HZ / 1_000_000);
        self.adc.sr().modify(|_, w| w.ovr().clear());
    }

    fn failure(&self) -> Option<&'static str> {
        if self.adc.sr().read().ovr().bit_is_set() {
            Some("it has overrun; configure anew")
        } else {
            HAS_FAILED.load(Ordering::Relaxed).then_some("a half of its buffer was lost; configure anew")
        }
    }
}

impl Adc for Converter {
    fn start(&mut self, config: &Config) -> Result<(), Refusal> {
        let divider = pace::divider(config, self.has_crystal).map_err(|limit| Refusal::new(limit.field(), &limit))?;
        self.stop();
        self.channels = config.channels().min(INPUTS.len());
        IN_HALF.store(FRAMES * self.channels, Ordering::Relaxed);
        HAS_FAILED.store(false, Ordering::Relaxed);
        registers::enable(Interrupt::DMA2_STREAM0);
        self.start_dma();
        self.start_adc();
        // The update is what triggers; the last one of the divider's ticks is its own.
        self.timer.cnt().reset();
        self.timer.arr().write(|w| w.arr().set((divider - 1) as u16));
        self.timer.cr2().write(|w| w.mms().update());
        self.timer.cr1().write(|w| w.cen().enabled());
        Ok(())
    }

    fn stop(&mut self) {
        self.timer.cr1().reset();
        self.adc.cr2().reset();
        let stream = self.dma.st(0);
        stream.cr().modify(|_, w| w.en().disabled());
        // It ends the transfer that it is in.
        while stream.cr().read().en().is_enabled() {}
        NVIC::mask(Interrupt::DMA2_STREAM0);
        registers::clear_dma(&self.dma);
        NVIC::unpend(Interrupt::DMA2_STREAM0);
        self.taker.restart();
    }

    fn wait(&mut self) -> Result<u32, Refusal> {
        let begin = time::turns();
        loop {
            if let Some(lost) = self.taker.lost() {
                return Ok(lost);
            }
            if let Some(failure) = self.failure() {
                return Err(Refusal::new("adc", &failure));
            }
            if time::turns().wrapping_sub(begin) > PATIENCE {
                return Err(Refusal::new("adc", &"it gives no samples"));
            }
            // With interrupts held back none can come between the look and the sleep; they end the sleep all the same.
            free(|_| {
                if !self.taker.is_ready() {
                    cortex_m::asm::wfi();
                }
            });
        }
    }

    fn take(&mut self, codes: &mut [i16]) {
        self.taker.take(self.channels, codes);
    }
}

#[interrupt]
fn DMA2_STREAM0() {
    static mut FULL: Option<Filler> = None;
    let dma = registers::dma2();
    let flags = dma.lisr().read();
    registers::clear_dma(&dma);
    if FULL.is_none() {
        *FULL = free(|token| FILLER.borrow(token).take());
    }
    if flags.tcif0().bit_is_set()
        && let Some(filler) = FULL
    {
        // It fills the one that it tells; the other one is full.
        let [first, second] = &BUFFER;
        let half = if dma.st(0).cr().read().ct().is_memory0() { second } else { first };
        // Not read before the flag that says that it was written.
        compiler_fence(Ordering::Acquire);
        filler.fill(half.iter().take(IN_HALF.load(Ordering::Relaxed)).map(|code| code.load(Ordering::Relaxed)));
    }
    // Errors of a transfer; or the next half is full already, so this one was overwritten while it was read.
    let is_late = dma.lisr().read().tcif0().bit_is_set();
    if is_late || flags.teif0().bit_is_set() || flags.dmeif0().bit_is_set() {
        HAS_FAILED.store(true, Ordering::Relaxed);
    }
}
