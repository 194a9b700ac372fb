//! What the registers' crate cannot vouch for: handles of devices that two places use, and interrupts.
//!
//! In come and go handles; this is the only file with `unsafe`. It must not know what is done with a device. The rest of the
//! firmware reaches registers through `stm32f4`, which is made from the vendor's own description of the chip: its fields
//! have names and can only take what they may hold, which no table of constants of our own gives. It costs 20 s of one
//! build and not a byte of the image.
#![expect(unsafe_code, reason = "a handle that was taken is made again; here is the only place that does so")]

use core::ptr;
use core::sync::atomic::AtomicU16;

use cortex_m::peripheral::NVIC;
use stm32f4::stm32f405::adc1::DR;
use stm32f4::stm32f405::dma2::ST;
use stm32f4::stm32f405::rcc::pllcfgr;
use stm32f4::stm32f405::usart1::RegisterBlock;
use stm32f4::stm32f405::{ADC1, DMA2, GPIOB, Interrupt, NVIC_PRIO_BITS, USART1, USART2, USART3};

use crate::serial::Uart;

/// Lets an interrupt come.
pub fn enable(interrupt: Interrupt) {
    // SAFETY: no lock of this program relies on a single masked interrupt.
    unsafe { NVIC::unmask(interrupt) }
}

/// Lets those of the serial port interrupt this one.
pub fn put_behind(interrupts: &mut NVIC, interrupt: Interrupt) {
    // SAFETY: locks here hold all interrupts back, whatever their priority.
    unsafe { interrupts.set_priority(interrupt, 1 << (8 - NVIC_PRIO_BITS)) }
}

/// What the PLL divides its input by, multiplies it with, and divides that by for USB. RM0090, 7.3.2.
pub fn pll_factors(w: &mut pllcfgr::W, input: u8, times: u16, usb: u8) -> &mut pllcfgr::W {
    // SAFETY: these are the ranges that the manual allows; the fields could hold more, so the crate leaves them to us.
    unsafe { w.pllm().bits(input.clamp(2, 63)).plln().bits(times.clamp(50, 432)).pllq().bits(usb.clamp(2, 15)) }
}

/// Registers of a serial port.
pub fn uart(uart: Uart) -> &'static RegisterBlock {
    let registers = match uart {
        Uart::Link => USART1::ptr(),
        Uart::Console => USART2::ptr(),
        Uart::Modbus => USART3::ptr(),
    };
    // SAFETY: they are there as long as the chip is, and are cells. The interrupts read the data; the main loop writes it
    // and reads the state, which changes nothing before the data is read.
    unsafe { &*registers }
}

/// The DMA, for its interrupt.
pub fn dma2() -> DMA2 {
    // SAFETY: the interrupt reads, and clears its own flags; the main loop changes the stream while the interrupt is off.
    unsafe { DMA2::steal() }
}

/// Clears the flags of stream 0.
pub fn clear_dma(dma: &DMA2) {
    dma.lifcr().write(|w| {
        let w = w.cfeif0().clear().cdmeif0().clear().cteif0().clear();
        w.chtif0().clear().ctcif0().clear()
    });
}

/// Tells a stream where codes come from and where they go.
pub fn dma_addresses<const N: usize>(stream: &ST, from: &DR, to: &'static [[AtomicU16; N]; 2]) {
    let [first, second] = to.each_ref().map(|half| half.as_ptr().expose_provenance() as u32);
    let from = ptr::from_ref(from).expose_provenance() as u32;
    // SAFETY: the register is there as long as the chip is, and so are the buffers. They are atomics, so that the DMA may
    // write them while they are read, and the stream is given no more codes than one of them holds (`converter`).
    unsafe {
        stream.par().write(|w| w.pa().bits(from));
        stream.m0ar().write(|w| w.m0a().bits(first));
        stream.m1ar().write(|w| w.m1a().bits(second));
    }
}

/// Tells the ADC which inputs to convert, in this order; six places are in the first register, six in the second.
pub fn adc_sequence(adc: &ADC1, inputs: &[u8]) {
    let (first, rest) = inputs.split_at(inputs.len().min(6));
    let second = rest.get(..rest.len().min(6)).unwrap_or_default();
    // SAFETY: inputs are 0 to 18 (RM0090, 13.13.11), more than that is cut off; the fields could hold more.
    unsafe {
        adc.sqr3().write(|w| (0..).zip(first).fold(w, |w, (n, &input)| w.sq(n).bits(input.min(18))));
        adc.sqr2().write(|w| (0..).zip(second).fold(w, |w, (n, &input)| w.sq(n).bits(input.min(18))));
    }
    adc.sqr1().write(|w| w.l().set((first.len() + second.len()).saturating_sub(1) as u8));
}

/// The port with the lines of the EEPROM, for the functions that move them.
pub fn gpiob() -> GPIOB {
    // SAFETY: they write the register that sets and clears single pins, and read levels; only the main loop does so.
    unsafe { GPIOB::steal() }
}
