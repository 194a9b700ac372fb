//! What waits on its way out of a console.
//!
//! In come lines, out go bytes as the port takes them. This file must not know what they say.

use core::fmt::{self, Display, Write};

use heapless::Deque;

use crate::outlet::Waiting as _;

/// Room in bytes: two of the longest lines.
const ROOM: usize = 1_536;

/// A queue of bytes. What finds no room is lost: look before ([`room`](Self::room)).
#[derive(Debug, Default)]
pub struct Output(Deque<u8, ROOM>);

impl Output {
    /// Bytes that find room.
    pub fn room(&self) -> usize {
        self.0.capacity() - self.0.len()
    }

    /// Takes bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let _room = self.0.push_back(byte);
        }
    }

    /// Takes a line and ends it.
    pub fn line(&mut self, text: &dyn Display) {
        // This writer never fails.
        let _written = write!(self, "{text}\r\n");
    }

    /// The next bytes to send, not always all.
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// So many of them are sent.
    pub fn sent(&mut self, count: usize) {
        self.0.sent(count);
    }

    /// Throws away what waits.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}
