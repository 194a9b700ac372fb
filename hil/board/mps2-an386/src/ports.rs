//! The further ports: what comes on them while the program is busy is kept, with its time.
//!
//! In come interrupts, out go bytes; this file must not know who wants them. The link has no such buffer and needs none.

use core::cell::RefCell;

use cortex_m::interrupt::{self, Mutex};
use heapless::Deque;
use hil_board::Port;

use crate::registers::{self, Uart};

/// Bytes kept of each port.
const ROOM: usize = 64;

/// Bytes and the tick of the timer at which each came.
type Inlet = Mutex<RefCell<Deque<(u8, u32), ROOM>>>;

static CONSOLE: Inlet = Mutex::new(RefCell::new(Deque::new()));
static MODBUS: Inlet = Mutex::new(RefCell::new(Deque::new()));

const fn inlet(port: Port) -> &'static Inlet {
    match port {
        Port::Console => &CONSOLE,
        Port::Modbus => &MODBUS,
    }
}

/// The UART behind a port.
pub const fn uart(port: Port) -> Uart {
    match port {
        Port::Console => Uart::Console,
        Port::Modbus => Uart::Modbus,
    }
}

/// Takes what has been received.
pub fn interrupt() {
    interrupt::free(|token| {
        for port in Port::ALL {
            // Acknowledged first: a byte that comes after it interrupts again.
            registers::acknowledge(uart(port));
            if let Some(byte) = registers::receive(uart(port)) {
                // As of any UART: what finds no room is lost.
                let _room = inlet(port).borrow(token).borrow_mut().push_back((byte, registers::ticks()));
            }
        }
    });
}

/// The next byte of a port and its tick.
pub fn take(port: Port) -> Option<(u8, u32)> {
    interrupt::free(|token| inlet(port).borrow(token).borrow_mut().pop_front())
}

/// Whether nothing waits on any port.
pub fn are_empty() -> bool {
    interrupt::free(|token| Port::ALL.iter().all(|&port| inlet(port).borrow(token).borrow().is_empty()))
}
