//! The I2C bus on two pins against a target that reads levels.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use embedded_hal::i2c::{ErrorKind, I2c, NoAcknowledgeSource, Operation};
use hil_board::store::bitbang::Bus;

/// Both lines, and a memory of 256 bytes at address 0x2a that follows them bit by bit.
#[derive(Default)]
struct Lines {
    scl: bool,
    sda: bool,
    /// The target pulls SDA low.
    pulled: bool,
    bits: u32,
    count: u32,
    state: State,
    pointer: u8,
    cells: Vec<u8>,
    starts: u32,
    stops: u32,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Idle,
    Address,
    Pointer,
    Write,
    Read,
    Ignored,
}

impl Lines {
    fn set(&mut self, scl: bool, sda: bool) {
        let (clock, data) = (self.scl, self.sda && !self.pulled);
        (self.scl, self.sda) = (scl, sda);
        let level = sda && !self.pulled;
        if clock && scl && data != level {
            if level {
                (self.state, self.stops) = (State::Idle, self.stops + 1);
            } else {
                (self.state, self.count, self.bits, self.starts) = (State::Address, 0, 0, self.starts + 1);
            }
            self.pulled = false;
        } else if !clock && scl {
            self.rise(level);
        } else if clock && !scl {
            self.fall();
        }
    }

    fn rise(&mut self, level: bool) {
        if self.count < 8 {
            self.bits = self.bits << 1 | u32::from(level);
        } else if self.state == State::Read && level {
            self.state = State::Ignored;
        }
        self.count += 1;
    }

    fn fall(&mut self) {
        let writes = matches!(self.state, State::Address | State::Pointer | State::Write);
        if self.count == 8 && writes {
            self.pulled = self.byte();
        } else if self.count == 8 {
            self.pulled = false;
        } else if self.count == 9 {
            (self.count, self.bits, self.pulled) = (0, 0, false);
        }
        if self.state == State::Read && self.count < 8 {
            if self.count == 0 {
                self.pointer = self.pointer.wrapping_add(1);
            }
            let byte = self.cells[usize::from(self.pointer.wrapping_sub(1))];
            self.pulled = byte >> (7 - self.count) & 1 == 0;
        }
    }

    /// A byte has come; tells whether it is acknowledged.
    fn byte(&mut self) -> bool {
        let byte = self.bits as u8;
        let (next, taken) = match self.state {
            State::Address if byte == 0x2a << 1 => (State::Pointer, true),
            State::Address if byte == 0x2a << 1 | 1 => (State::Read, true),
            State::Pointer => {
                self.pointer = byte;
                (State::Write, true)
            }
            State::Write => {
                self.cells[usize::from(self.pointer)] = byte;
                self.pointer = self.pointer.wrapping_add(1);
                (State::Write, byte != 0xee)
            }
            _ => (State::Ignored, false),
        };
        self.state = next;
        taken
    }
}

#[derive(Clone)]
struct Pin(Rc<RefCell<Lines>>, bool);

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

impl Pin {
    fn set(&mut self, high: bool) {
        let mut lines = self.0.borrow_mut();
        let (scl, sda) = if self.1 { (high, lines.sda) } else { (lines.scl, high) };
        lines.set(scl, sda);
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        let lines = self.0.borrow();
        Ok(lines.sda && !lines.pulled)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}

struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}

#[test]
fn bytes_go_to_a_target_and_come_back() {
    let lines = Rc::new(RefCell::new(Lines { scl: true, sda: true, cells: vec![0; 256], ..Lines::default() }));
    let mut bus = Bus::new(Pin(lines.clone(), true), Pin(lines.clone(), false), NoDelay);
    bus.write(0x2a, &[5, 0xa5, 0x00, 0xff, 0x3c]).unwrap();
    assert_eq!(lines.borrow().cells[5..9], [0xa5, 0x00, 0xff, 0x3c]);
    let mut back = [0; 4];
    bus.write_read(0x2a, &[5], &mut back).unwrap();
    assert_eq!(back, [0xa5, 0x00, 0xff, 0x3c]);
    // Two operations of a kind are one transfer.
    bus.transaction(0x2a, &mut [Operation::Write(&[9]), Operation::Write(&[1, 2])]).unwrap();
    let (mut one, mut two) = ([0; 1], [0; 2]);
    let mut read = [Operation::Write(&[8]), Operation::Read(&mut one), Operation::Read(&mut two)];
    bus.transaction(0x2a, &mut read).unwrap();
    assert_eq!((one, two), ([0x3c], [1, 2]));
    let lines = lines.borrow();
    assert_eq!(lines.starts - 2, lines.stops, "each transfer ends; two were started anew");
    assert!(lines.scl && lines.sda && !lines.pulled, "the bus is at rest");
}

#[test]
fn a_target_that_does_not_answer_is_told() {
    let lines = Rc::new(RefCell::new(Lines { scl: true, sda: true, cells: vec![0; 256], ..Lines::default() }));
    let mut bus = Bus::new(Pin(lines.clone(), true), Pin(lines.clone(), false), NoDelay);
    let refused = |source| Err(ErrorKind::NoAcknowledge(source));
    assert_eq!(bus.write(0x2b, &[1]), refused(NoAcknowledgeSource::Address));
    assert_eq!(bus.write(0x2a, &[1, 0xee, 3]), refused(NoAcknowledgeSource::Data));
    assert!(lines.borrow().scl && lines.borrow().sda, "the bus is at rest all the same");
    bus.write(0x2a, &[1, 7]).unwrap();
    assert_eq!(lines.borrow().cells[1], 7);
}
