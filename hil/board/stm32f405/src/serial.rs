//! The serial ports: USART1 is the link, USART2 the console, USART3 the Modbus port; 8 bits, no parity.
//!
//! In come and go bytes. An interrupt puts those that come into a queue, with their time: a port itself holds one, and at 2
//! Mbaud the next one is there after 840 cycles. This file must not know frames or messages. RM0090, 30.

use core::cell::Cell;

use cortex_m::interrupt::{Mutex, free};
use cortex_m::singleton;
use heapless::spsc::{Consumer, Producer, Queue};
use stm32f4::stm32f405::{GPIOA, GPIOB, Interrupt, RCC, interrupt};

use crate::alarm::Alarm;
use crate::timing::{APB1_HZ, APB2_HZ, baud_divider};
use crate::{registers, time};

/// Speed of the link, in baud: that of the environment variable `STM32F405_BAUD` of the build, else what the bench takes
/// without being told.
const LINK_BAUD: u32 = match option_env!("STM32F405_BAUD") {
    None => 115_200,
    Some(text) => match u32::from_str_radix(text, 10) {
        Ok(baud) => baud,
        Err(_) => panic!("STM32F405_BAUD is no number"),
    },
};

/// Dividers of the ports' clocks.
const DIVIDERS: [u16; 3] = [divider(APB2_HZ, LINK_BAUD), divider(APB1_HZ, 115_200), divider(APB1_HZ, 19_200)];

const fn divider(clock_hz: u32, baud: u32) -> u16 {
    match baud_divider(clock_hz, baud) {
        Some(divider) => divider,
        None => panic!("STM32F405_BAUD is a speed that the port cannot have"),
    }
}

/// Bytes that may come on a port while the main loop does something else. On the link that is the copy of a request whose
/// answer is late, which may be damaged; on the others whoever talks without being asked.
const ROOM: usize = 512;

/// A byte and the lower bits of the time when it came, in ticks.
type Stamped = (u8, u32);

/// On their way from the start to the interrupts.
static INTO: Mutex<[Cell<Option<Producer<'static, Stamped>>>; 3]> = Mutex::new([const { Cell::new(None) }; 3]);

/// A port.
#[derive(Clone, Copy, Debug)]
pub enum Uart {
    /// USART1 on PA9 (TX) and PA10 (RX).
    Link,
    /// USART2 on PA2 and PA3.
    Console,
    /// USART3 on PB10 and PB11.
    Modbus,
}

/// What has come on the ports.
pub struct Serial {
    from: [Consumer<'static, Stamped>; 3],
}

impl Serial {
    /// Starts the ports. `None` if they were started before.
    pub fn start(pins: (&GPIOA, &GPIOB), rcc: &RCC) -> Option<Self> {
        let queues = singleton!(: [Queue<Stamped, ROOM>; 3] = [const { Queue::new() }; 3])?;
        let ends = queues.each_mut().map(Queue::split);
        rcc.ahb1enr().modify(|_, w| w.gpioaen().enabled().gpioben().enabled());
        rcc.apb1enr().modify(|_, w| w.usart2en().enabled().usart3en().enabled());
        rcc.apb2enr().modify(|_, w| w.usart1en().enabled());
        // A line that nobody drives rests high.
        pins.0.pupdr().modify(|_, w| w.pupdr3().pull_up().pupdr10().pull_up());
        pins.0.afrl().modify(|_, w| w.afrl2().af7().afrl3().af7());
        pins.0.afrh().modify(|_, w| w.afrh9().af7().afrh10().af7());
        pins.0
            .moder()
            .modify(|_, w| w.moder2().alternate().moder3().alternate().moder9().alternate().moder10().alternate());
        pins.1.pupdr().modify(|_, w| w.pupdr11().pull_up());
        pins.1.afrh().modify(|_, w| w.afrh10().af7().afrh11().af7());
        pins.1.moder().modify(|_, w| w.moder10().alternate().moder11().alternate());
        let from = free(|token| {
            let mut places = INTO.borrow(token).iter();
            ends.map(|(into, from)| {
                if let Some(place) = places.next() {
                    place.set(Some(into));
                }
                from
            })
        });
        let interrupts = [Interrupt::USART1, Interrupt::USART2, Interrupt::USART3];
        for ((uart, divider), interrupt) in
            [Uart::Link, Uart::Console, Uart::Modbus].into_iter().zip(DIVIDERS).zip(interrupts)
        {
            let port = registers::uart(uart);
            port.brr().write(|w| w.div_mantissa().set(divider >> 4).div_fraction().set(divider as u8 & 15));
            port.cr1().write(|w| w.ue().enabled().te().enabled().re().enabled().rxneie().enabled());
            registers::enable(interrupt);
        }
        Some(Self { from })
    }

    fn queue(&mut self, uart: Uart) -> &mut Consumer<'static, Stamped> {
        let [link, console, modbus] = &mut self.from;
        match uart {
            Uart::Link => link,
            Uart::Console => console,
            Uart::Modbus => modbus,
        }
    }

    /// The next byte that has come on a port, and its time; `None`: none has.
    pub fn receive(&mut self, uart: Uart) -> Option<Stamped> {
        self.queue(uart).dequeue()
    }

    /// Sleeps until something interrupts or the time has passed, unless a byte is there already. May return without one:
    /// look.
    pub fn sleep(&mut self, alarm: &Alarm, most_us: Option<u32>) {
        // With interrupts held back none can come between the look and the sleep.
        free(|_| {
            if !self.from.iter().any(Consumer::ready) {
                alarm.sleep(most_us);
            }
        });
    }
}

/// Sends a byte if there is room; says whether there was.
pub fn send(uart: Uart, byte: u8) -> bool {
    let port = registers::uart(uart);
    let has_room = port.sr().read().txe().bit_is_set();
    if has_room {
        port.dr().write(|w| w.dr().set(u16::from(byte)));
    }
    has_room
}

/// Whether the last byte has left.
pub fn is_sent(uart: Uart) -> bool {
    registers::uart(uart).sr().read().tc().bit_is_set()
}

/// Takes what has come on a port; `queue` is asked for the first time.
fn take(uart: Uart, queue: &mut Option<Producer<'static, Stamped>>) {
    let port = registers::uart(uart);
    // Reading the state and then the data takes back what interrupted, a byte that came too late among it.
    let has_byte = port.sr().read().rxne().bit_is_set();
    let byte = port.dr().read().dr().bits() as u8;
    if queue.is_none() {
        *queue = free(|token| INTO.borrow(token).get(uart as usize).and_then(Cell::take));
    }
    if let Some(queue) = queue.as_mut().filter(|_| has_byte) {
        // As of any port, what finds no room is lost.
        let _lost = queue.enqueue((byte, time::now()));
    }
}

#[interrupt]
fn USART1() {
    static mut QUEUE: Option<Producer<'static, Stamped>> = None;
    take(Uart::Link, QUEUE);
}

#[interrupt]
fn USART2() {
    static mut QUEUE: Option<Producer<'static, Stamped>> = None;
    take(Uart::Console, QUEUE);
}

#[interrupt]
fn USART3() {
    static mut QUEUE: Option<Producer<'static, Stamped>> = None;
    take(Uart::Modbus, QUEUE);
}
