//! A Modbus RTU slave with the registers of the 8311.
//!
//! In come bytes with their times and a snapshot, out go answers and resets. This module must not know ports or where time
//! comes from. After "MODBUS over serial line specification and implementation guide" V1.02 and "MODBUS application protocol
//! specification" V1.1b3.
//!
//! - [`map`]: what stands at which address.
//!
//! A frame ends when nothing has come for 3.5 characters of 11 bits, above 19 200 baud for 1.75 ms. What is longer than
//! 256 bytes, has a wrong CRC or is for another slave is ignored. One answer is made from one snapshot, so all its registers
//! are of one window.
//!
//! | request | answer |
//! |---|---|
//! | functions 3 and 4 | the same registers, 1 to 125 |
//! | functions 6 and 16 | a 0 resets the resettable registers of a sensor, see [`map::Register::resets`] |
//! | any other function | exception 1 |
//! | a register that is not there, or cannot be written | exception 2, and nothing is written |
//! | a number of registers out of range, a length that does not fit, a value that is not 0 | exception 3 |
//! | broadcast (address 0) | none; writes are done |

pub mod map;

use crc::{CRC_16_MODBUS, Crc};
use heapless::Vec;
use rmodbus::server::{ModbusFrame, Read, Write};
use rmodbus::{ErrorKind, ModbusProto, guess_request_frame_len};

use crate::device::Snapshot;
use crate::platform::Received;
use map::Register;

/// Longest frame, in bytes.
pub const LONGEST: usize = 256;

/// What all slaves hear and none answers.
const BROADCAST: u8 = 0;

const READ_HOLDING: u8 = 3;
const READ_INPUT: u8 = 4;
const WRITE_ONE: u8 = 6;
const WRITE_SOME: u8 = 16;

/// Most registers in one request to read.
const MOST_READ: u16 = 125;

const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_MODBUS);

/// What a frame led to.
#[derive(Debug, PartialEq, Eq)]
pub struct Served<'a> {
    /// The answer; empty where there is none.
    pub answer: &'a [u8],
    /// The current whose resettable registers are to be reset.
    pub reset: Option<usize>,
}

/// The same, while its answer stands in the slave.
struct Done {
    reset: Option<usize>,
}

/// The slave.
#[derive(Debug)]
pub struct Slave {
    address: u8,
    silence_us: u64,
    frame: Vec<u8, LONGEST>,
    /// More came than a frame may have.
    is_too_long: bool,
    /// When the last byte came.
    last_us: u64,
    answer: Vec<u8, LONGEST>,
}

impl Slave {
    /// A slave with this address, 1 to 247, on a line of this speed.
    pub const fn new(address: u8, baud: u32) -> Self {
        Self {
            address,
            silence_us: silence_us(baud),
            frame: Vec::new(),
            is_too_long: false,
            last_us: 0,
            answer: Vec::new(),
        }
    }

    /// Takes a byte. Where a silence lies before it, the frame that it ended is served first.
    pub fn byte(&mut self, received: Received, snapshot: &Snapshot) -> Option<Served<'_>> {
        let done = self.end(received.at_us, snapshot);
        self.last_us = received.at_us;
        self.is_too_long |= self.frame.push(received.byte).is_err();
        done.map(|done| Served { answer: &self.answer, reset: done.reset })
    }

    /// Serves the frame that a silence has ended by now.
    pub fn pass(&mut self, now_us: u64, snapshot: &Snapshot) -> Option<Served<'_>> {
        let done = self.end(now_us, snapshot)?;
        Some(Served { answer: &self.answer, reset: done.reset })
    }

    /// How long a silence must still last to end the frame that is coming, in microseconds; `None`: none is.
    pub fn patience_us(&self, now_us: u64) -> Option<u32> {
        let passed = now_us.saturating_sub(self.last_us);
        (!self.frame.is_empty()).then(|| self.silence_us.saturating_sub(passed) as u32)
    }

    /// Serves the frame that is there, if a silence has ended it: `Some` where it was for this slave.
    fn end(&mut self, now_us: u64, snapshot: &Snapshot) -> Option<Done> {
        if self.frame.is_empty() || now_us.saturating_sub(self.last_us) < self.silence_us {
            return None;
        }
        let served = if self.is_too_long { None } else { self.serve(snapshot) };
        self.frame.clear();
        self.is_too_long = false;
        served
    }

    fn serve(&mut self, snapshot: &Snapshot) -> Option<Done> {
        let (message, crc) = self.frame.split_last_chunk()?;
        let &[address, function, ..] = message else { return None };
        let is_own = address == self.address || address == BROADCAST;
        // From 0x80 on functions are those of answers.
        if CRC.checksum(message) != u16::from_le_bytes(*crc) || !is_own || function >= 0x80 {
            return None;
        }
        let mut request = ModbusFrame::new(self.address, &self.frame, ModbusProto::Rtu, &mut self.answer);
        let done = checked(&self.frame, function).and_then(|()| execute(&mut request, snapshot));
        if let Err(error) = done {
            let error = if error.is_modbus_error() { error } else { ErrorKind::SlaveDeviceFailure };
            request.responding_to_fn = function;
            request.set_modbus_error_if_unset(&error).ok()?;
        }
        if address == BROADCAST {
            self.answer.clear();
        } else {
            request.finalize_response().ok()?;
        }
        Some(Done { reset: done.unwrap_or_default() })
    }
}

/// What the library takes for granted, and what it does not look at.
fn checked(frame: &[u8], function: u8) -> Result<(), ErrorKind> {
    if ![READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_SOME].contains(&function) {
        return Err(ErrorKind::IllegalFunction);
    }
    let length = guess_request_frame_len(frame, ModbusProto::Rtu).map_or(0, usize::from);
    let count = || frame.get(4..6).map_or(0, |bytes| bytes.iter().fold(0, |sum, &byte| sum << 8 | u16::from(byte)));
    let fits = match function {
        READ_HOLDING | READ_INPUT => (1..=MOST_READ).contains(&count()),
        WRITE_SOME => count() > 0 && frame.get(6).is_some_and(|&bytes| u16::from(bytes) == 2 * count().min(128)),
        _ => true,
    };
    if fits && length == frame.len() { Ok(()) } else { Err(ErrorKind::IllegalDataValue) }
}

/// Reads or writes; gives the current that is to be reset.
fn execute<const ROOM: usize>(
    request: &mut ModbusFrame<'_, Vec<u8, ROOM>>,
    snapshot: &Snapshot,
) -> Result<Option<usize>, ErrorKind> {
    request.parse()?;
    if !request.processing_required {
        // To read by a broadcast.
        return Ok(None);
    }
    if request.readonly {
        let Read::Words(words) = request.get_external_read()? else { return Err(ErrorKind::IllegalFunction) };
        for (address, place) in (words.address..=u16::MAX).zip(words.buf.as_chunks_mut().0) {
            let register = Register::at(address).ok_or(ErrorKind::IllegalDataAddress)?;
            *place = register.value(snapshot).to_be_bytes();
        }
        return Ok(None);
    }
    let Write::Words(words) = request.get_external_write()? else { return Err(ErrorKind::IllegalFunction) };
    let mut reset = None;
    for (offset, _) in (0..words.count).zip(words.data.chunks(2)) {
        let register = words.address.checked_add(offset).and_then(Register::at);
        reset = register.and_then(Register::resets);
        if reset.is_none() {
            return Err(ErrorKind::IllegalDataAddress);
        }
    }
    if words.data.iter().any(|&byte| byte != 0) {
        return Err(ErrorKind::IllegalDataValue);
    }
    request.process_external_write(Ok(()))?;
    Ok(reset)
}

/// At this speed and above the silence is not measured in characters any more.
const FAST: u32 = 19_200;

const fn silence_us(baud: u32) -> u64 {
    if baud == 0 || baud > FAST { 1_750 } else { 38_500_000_u64.div_ceil(baud as u64) }
}
