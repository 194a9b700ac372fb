//! A 24C64 that wraps, waits and tears like a real one and counts what wears it, behind `embedded-hal`'s I2C.
//!
//! In come transactions and the time, out go bytes; a power cut leaves the page that is being written in any state. This
//! file must not know records. After the data sheet of the AT24C64: pages of 32 bytes, within which the address wraps;
//! 5 ms to write one, in which the chip answers nothing.

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

use super::map::{CHIP, PAGE};

/// Time to write a page, in microseconds.
pub const BUSY_US: u64 = 5_000;

/// Address on the bus.
pub const ADDRESS: u8 = 0x50;

/// A page that is being written.
#[derive(Clone, Copy, Debug)]
struct Writing {
    from: usize,
    before: [u8; PAGE],
    /// Which bytes of the page are written.
    touched: u32,
    until_us: u64,
}

/// The chip. Transfers take their time at 400 kHz.
#[derive(Clone, Debug)]
pub struct Mock24C64 {
    cells: [u8; CHIP],
    /// How often each page was written.
    writes: [u32; CHIP / PAGE],
    pointer: usize,
    writing: Option<Writing>,
    is_protected: bool,
    now_us: u64,
}

impl Default for Mock24C64 {
    fn default() -> Self {
        Self::with([0xff; CHIP])
    }
}

impl Mock24C64 {
    /// A chip that holds `cells`.
    pub const fn with(cells: [u8; CHIP]) -> Self {
        Self { cells, writes: [0; CHIP / PAGE], pointer: 0, writing: None, is_protected: false, now_us: 0 }
    }

    /// What it holds.
    pub const fn cells(&mut self) -> &mut [u8; CHIP] {
        &mut self.cells
    }

    /// How often each page was written.
    pub const fn writes(&self) -> &[u32; CHIP / PAGE] {
        &self.writes
    }

    /// The level of its pin WP: while it is high, what is written is acknowledged and not taken.
    pub const fn protect(&mut self, is_protected: bool) {
        self.is_protected = is_protected;
    }

    /// Time since the power came, in microseconds.
    pub const fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Lets time pass.
    pub fn wait(&mut self, microseconds: u64) {
        self.now_us += microseconds;
        if self.writing.is_some_and(|writing| writing.until_us <= self.now_us) {
            self.writing = None;
        }
    }

    /// Bytes of the page that is being written; 0 when none is.
    pub fn unfinished(&self) -> u32 {
        self.writing.map_or(0, |writing| writing.touched.count_ones())
    }

    /// The power is cut and comes back. Of the bytes being written, in their order, the first `done` hold what they
    /// should, the next `torn` hold what `any` says of each, the rest what they held before.
    pub fn cut(&mut self, done: u32, torn: u32, mut any: impl FnMut(u8, u8) -> u8) {
        if let Some(writing) = self.writing.take() {
            let touched = (0..PAGE).filter(|&n| writing.touched >> n & 1 == 1);
            for (order, n) in touched.enumerate() {
                let (before, after) = (writing.before[n], self.cells[writing.from + n]);
                let order = order as u32;
                self.cells[writing.from + n] = match order {
                    _ if order < done => after,
                    _ if order - done < torn => any(before, after),
                    _ => before,
                };
            }
        }
        self.pointer = 0;
    }

    fn write(&mut self, bytes: &[u8]) {
        let [high, low, data @ ..] = bytes else { return };
        let address = usize::from(u16::from_be_bytes([*high, *low])) % CHIP;
        self.pointer = address;
        if data.is_empty() || self.is_protected {
            return;
        }
        let from = address / PAGE * PAGE;
        let mut before = [0; PAGE];
        before.copy_from_slice(&self.cells[from..from + PAGE]);
        let mut touched = 0;
        for (n, &byte) in data.iter().enumerate() {
            let place = (address + n) % PAGE;
            self.cells[from + place] = byte;
            touched |= 1 << place;
        }
        self.writes[from / PAGE] += 1;
        self.writing = Some(Writing { from, before, touched, until_us: self.now_us + BUSY_US });
    }
}

impl ErrorType for Mock24C64 {
    type Error = ErrorKind;
}

impl I2c for Mock24C64 {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        // Start, address and stop: some 10 bits of 2.5 µs.
        self.wait(25);
        if address != ADDRESS || self.writing.is_some() {
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        for operation in operations {
            // Nine bits a byte.
            match operation {
                Operation::Write(bytes) => {
                    self.wait(bytes.len() as u64 * 45 / 2);
                    self.write(bytes);
                }
                Operation::Read(bytes) => {
                    self.wait(bytes.len() as u64 * 45 / 2);
                    for byte in bytes.iter_mut() {
                        *byte = self.cells[self.pointer];
                        self.pointer = (self.pointer + 1) % CHIP;
                    }
                }
            }
        }
        Ok(())
    }
}
