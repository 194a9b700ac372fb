//! The serial ports: USART1 is the link, USART2 the console, USART3 the Modbus port.
//!
//! In come and go bytes. An interrupt puts those that come into a queue, with their time: a port itself holds one, and at 2
//! Mbaud the next one is there after 840 cycles. What goes out of the console and of the Modbus port waits in a queue as well,
//! as long as the longest answer: a Modbus frame must have no silence in it, however busy the main loop is. This file must
//! not know frames or messages. RM0090, 30.

use core::cell::Cell;

use cortex_m::interrupt::{Mutex, free};
use cortex_m::peripheral::NVIC;
use cortex_m::singleton;
use heapless::spsc::{Consumer, Producer, Queue};
use hil_board::device::settings::Parity;
use hil_board::modbus::LONGEST;
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

/// Speed of the console, and of the Modbus port until it is told another one.
const BAUD: u32 = 115_200;

/// Dividers of the ports' clocks.
const DIVIDERS: [u16; 3] = [divider(APB2_HZ, LINK_BAUD), divider(APB1_HZ, BAUD), divider(APB1_HZ, BAUD)];

const fn divider(clock_hz: u32, baud: u32) -> u16 {
    match baud_divider(clock_hz, baud) {
        Some(divider) => divider,
        None => panic!("STM32F405_BAUD is a speed that the port cannot have"),
    }
}

/// Bytes that may come on a port while the main loop does something else. On the link that is the copy of a request whose
/// answer is late, which may be damaged; on the others whoever talks without being asked.
const ROOM: usize = 512;

/// Bytes that may wait on their way out of a further port, and one: a whole Modbus answer.
const ROOM_OUT: usize = LONGEST + 1;

/// A byte and the lower bits of the time when it came, in ticks.
type Stamped = (u8, u32);

/// The interrupt's ends of a port's queues. The link has none on the way out: there the main loop waits for each byte.
struct Ends {
    into: Producer<'static, Stamped>,
    out: Option<Consumer<'static, u8>>,
}

/// On their way from the start to the interrupts.
static ENDS: Mutex<[Cell<Option<Ends>>; 3]> = Mutex::new([const { Cell::new(None) }; 3]);

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

impl Uart {
    const ALL: [Self; 3] = [Self::Link, Self::Console, Self::Modbus];

    const fn interrupt(self) -> Interrupt {
        match self {
            Self::Link => Interrupt::USART1,
            Self::Console => Interrupt::USART2,
            Self::Modbus => Interrupt::USART3,
        }
    }
}

/// The main loop's ends: what has come on the ports, and what goes out of the further ones.
pub struct Serial {
    from: [Consumer<'static, Stamped>; 3],
    out: [Producer<'static, u8>; 2],
}

impl Serial {
    /// Starts the ports. `None` if they were started before.
    pub fn start(pins: (&GPIOA, &GPIOB), rcc: &RCC) -> Option<Self> {
        let queues = singleton!(: [Queue<Stamped, ROOM>; 3] = [const { Queue::new() }; 3])?;
        let out_queues = singleton!(: [Queue<u8, ROOM_OUT>; 2] = [const { Queue::new() }; 2])?;
        let (ends, outs) = (queues.each_mut().map(Queue::split), out_queues.each_mut().map(Queue::split));
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
        let [(console, console_out), (modbus, modbus_out)] = outs;
        let (mut places, mut outs) = (0.., [None, Some(console_out), Some(modbus_out)]);
        let from = free(|token| {
            ends.map(|(into, from)| {
                let place = places.next().unwrap_or_default();
                let out = outs.get_mut(place).and_then(Option::take);
                if let Some(ends) = ENDS.borrow(token).get(place) {
                    ends.set(Some(Ends { into, out }));
                }
                from
            })
        });
        for (uart, divider) in Uart::ALL.into_iter().zip(DIVIDERS) {
            let port = registers::uart(uart);
            port.brr().write(|w| w.div_mantissa().set(divider >> 4).div_fraction().set(divider as u8 & 15));
            port.cr1().write(|w| w.ue().enabled().te().enabled().re().enabled().rxneie().enabled());
            registers::enable(uart.interrupt());
        }
        Some(Self { from, out: [console, modbus] })
    }

    /// Gives a further port another speed and parity. A byte that is on its way is lost; what waits goes out at the new speed.
    pub fn set(uart: Uart, baud: u32, parity: Parity) {
        let Some(divider) = baud_divider(APB1_HZ, baud) else { return };
        let port = registers::uart(uart);
        // The interrupt changes the same register.
        free(|_| {
            port.cr1().modify(|_, w| w.ue().disabled());
            port.brr().write(|w| w.div_mantissa().set(divider >> 4).div_fraction().set(divider as u8 & 15));
            // A parity bit is the ninth bit of data.
            let (has_parity, is_odd) = (parity != Parity::None, parity == Parity::Odd);
            port.cr1().modify(|_, w| w.m().bit(has_parity).pce().bit(has_parity).ps().bit(is_odd));
            port.cr1().modify(|_, w| w.ue().enabled());
        });
    }

    /// Takes bytes for a further port as far as there is room; says how many.
    pub fn send(&mut self, uart: Uart, bytes: &[u8]) -> usize {
        let [console, modbus] = &mut self.out;
        let queue = match uart {
            Uart::Link => return 0,
            Uart::Console => console,
            Uart::Modbus => modbus,
        };
        let taken = bytes.iter().take_while(|&&byte| queue.enqueue(byte).is_ok()).count();
        if taken > 0 {
            // Which sends the first of them, and then those behind it as the port has room.
            NVIC::pend(uart.interrupt());
        }
        taken
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

/// Sends a byte on the link if there is room; says whether there was.
pub fn send_link(byte: u8) -> bool {
    let port = registers::uart(Uart::Link);
    let has_room = port.sr().read().txe().bit_is_set();
    if has_room {
        port.dr().write(|w| w.dr().set(u16::from(byte)));
    }
    has_room
}

/// Whether the last byte has left the link.
pub fn is_link_sent() -> bool {
    registers::uart(Uart::Link).sr().read().tc().bit_is_set()
}

/// Takes what has come on a port and sends what waits; `ends` are asked for the first time.
fn serve(uart: Uart, ends: &mut Option<Ends>) {
    if ends.is_none() {
        *ends = free(|token| ENDS.borrow(token).get(uart as usize).and_then(Cell::take));
    }
    let Some(Ends { into, out }) = ends else { return };
    let port = registers::uart(uart);
    let state = port.sr().read();
    let has_byte = state.rxne().bit_is_set();
    // Reading the state and then the data takes back what interrupted, a byte that came too late among it. Where neither is,
    // a byte that comes right now must not be taken by accident.
    if has_byte || state.ore().bit_is_set() {
        let byte = port.dr().read().dr().bits() as u8;
        // One whose parity is wrong is none.
        if has_byte && state.pe().bit_is_clear() {
            // As of any port, what finds no room is lost.
            let _lost = into.enqueue((byte, time::now()));
        }
    }
    let Some(out) = out else { return };
    while port.sr().read().txe().bit_is_set() {
        let Some(byte) = out.dequeue() else {
            port.cr1().modify(|_, w| w.txeie().disabled());
            return;
        };
        port.dr().write(|w| w.dr().set(u16::from(byte)));
    }
    port.cr1().modify(|_, w| w.txeie().enabled());
}

#[interrupt]
fn USART1() {
    static mut OWN: Option<Ends> = None;
    serve(Uart::Link, OWN);
}

#[interrupt]
fn USART2() {
    static mut OWN: Option<Ends> = None;
    serve(Uart::Console, OWN);
}

#[interrupt]
fn USART3() {
    static mut OWN: Option<Ends> = None;
    serve(Uart::Modbus, OWN);
}
