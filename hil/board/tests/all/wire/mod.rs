//! A board on a line in memory, with a chip that outlives it.

mod asked;
pub mod master;
pub mod terminal;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::rc::Rc;

use eeprom24x::{Eeprom24x, SlaveAddr, addr_size, page_size, unique_serial};
use embedded_hal::i2c::{ErrorKind, ErrorType as I2cError, I2c, Operation};
use embedded_io::{ErrorType, Read, Write};
use hil_board::device::settings::Parity;
use hil_board::store::mock::{BUSY_US, Mock24C64};
use hil_board::{Adc, Board, Platform, Received};
use hil_link::{Channel, Config, Kind, Nominal, PROTOCOL_VERSION, Request, Response, encode, samples_frame};

const ROOM: usize = samples_frame(2_048);

/// 2 kHz, 16 bits, 400 V and so many currents of 25 A at full scale.
pub fn config(currents: usize) -> Config {
    Config {
        sample_rate: 2_000 << 32,
        clock: 0,
        adc_bits: 16,
        nominal: Nominal::Hz50,
        voltage: Some(Channel::new(400 << 32)),
        currents: (0..currents).map(|_| Channel::new(25 << 32)).collect(),
        residual: None,
        no_load: None,
        events: None,
    }
}

/// The chip that outlives the board.
#[derive(Clone)]
pub struct Wire {
    chip: Rc<RefCell<Mock24C64>>,
    /// How often it is asked in vain until it is done with a page.
    asks: u64,
}

impl I2cError for Wire {
    type Error = ErrorKind;
}

impl I2c for Wire {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut mock = self.chip.borrow_mut();
        let done = mock.transaction(address, operations);
        if done.is_err() {
            mock.wait(BUSY_US / self.asks);
        }
        done
    }
}

/// A line whose other end is the test.
pub struct Port {
    down: VecDeque<u8>,
    up: Vec<u8>,
    chip: Rc<RefCell<Mock24C64>>,
    asks: u64,
    /// Console and Modbus.
    pub further: [Further; 2],
    /// The board's clock.
    pub now_us: u64,
    pub adc: Option<Box<dyn Adc>>,
    /// Speed and parity that the Modbus port was given, each time.
    pub serial: Vec<(u32, Parity)>,
}

/// A further port of the board.
#[derive(Default)]
pub struct Further {
    /// On its way to the board.
    pub down: VecDeque<Received>,
    /// What the board has sent.
    pub up: Vec<u8>,
    /// It never runs dry, and nobody reads what the board sends.
    pub is_flooded: bool,
    /// It has no room for what the board sends.
    pub is_full: bool,
    /// Bytes that the board has taken.
    pub taken: u64,
}

impl ErrorType for Port {
    type Error = Infallible;
}

impl Read for Port {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let length = buffer.len().min(self.down.len());
        buffer.iter_mut().zip(self.down.drain(..length)).for_each(|(place, byte)| *place = byte);
        Ok(length)
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.up.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Platform for Port {
    const NAME: &'static str = "memory";
    const FIRMWARE: &'static str = "1";
    type Chip = Eeprom24x<Wire, page_size::B32, addr_size::TwoBytes, unique_serial::No>;

    fn chip(&mut self) -> Self::Chip {
        Eeprom24x::new_24x64(Wire { chip: self.chip.clone(), asks: self.asks }, SlaveAddr::default())
    }

    fn microseconds(&mut self) -> u64 {
        self.now_us
    }

    fn set_serial(&mut self, port: hil_board::Port, baud: u32, parity: Parity) {
        assert_eq!(port, hil_board::Port::Modbus, "the console's speed is no setting");
        self.serial.push((baud, parity));
    }

    fn receive(&mut self, port: hil_board::Port) -> Option<Received> {
        let further = &mut self.further[port as usize];
        let mut next = further.down.pop_front();
        if further.is_flooded {
            let byte = (further.taken.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
            next = Some(Received { byte, at_us: self.now_us });
        }
        further.taken += u64::from(next.is_some());
        next
    }

    fn send(&mut self, port: hil_board::Port, bytes: &[u8]) -> usize {
        let further = &mut self.further[port as usize];
        if further.is_flooded || further.is_full {
            return 0;
        }
        // A UART with room for three.
        let taken = bytes.len().min(3);
        further.up.extend(&bytes[..taken]);
        taken
    }

    fn adc(&mut self) -> Option<&mut dyn Adc> {
        Some(self.adc.as_mut()?.as_mut())
    }
}

/// The test's end.
pub struct Bench {
    pub board: Box<Board<Port, ROOM>>,
    pub seq: u16,
    pub frames: u64,
}

impl Bench {
    /// Powers a board up and greets it.
    pub fn start(chip: &Rc<RefCell<Mock24C64>>) -> Self {
        Self::with_chip(chip, 1)
    }

    /// The same, the chip being asked in vain so often after each page; a board asks twice within a request.
    pub fn with_chip(chip: &Rc<RefCell<Mock24C64>>, asks: u64) -> Self {
        let (down, chip) = (VecDeque::new(), chip.clone());
        let port =
            Port { down, up: vec![], chip, asks, further: Default::default(), now_us: 0, adc: None, serial: vec![] };
        let mut bench = Self { board: Box::new(Board::new(port)), seq: 0, frames: 0 };
        bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
        bench
    }

    pub fn ask(&mut self, request: &Request<'_>) -> Response {
        self.seq += 1;
        let mut frame = [0; ROOM];
        let length = encode(Kind::Request, self.seq, request, &mut frame).unwrap();
        self.send(&frame[..length]);
        while self.board.poll().unwrap() > 0 {}
        let answer = std::mem::take(&mut self.board.platform().up);
        let mut decoder = hil_link::Decoder::<4_096>::new();
        let frame = decoder.push_slice(&answer).1.unwrap().unwrap();
        postcard::from_bytes(frame.message).unwrap()
    }

    /// Puts bytes on the link, whatever they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.board.platform().down.extend(bytes);
    }
}
