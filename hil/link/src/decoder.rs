//! From a stream of bytes, in pieces of any size, to frames.
//!
//! In come bytes as the port gives them; out go frames whose checksum is right, or the news that one was damaged. A zero
//! always ends a frame, so after any damage the next frame is read again. This file must not know messages.

use crate::frame::{self, Frame};

/// Why the bytes between two zeros are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Longer than the decoder's buffer.
    #[error("frame longer than the buffer")]
    Long,
    /// Shorter than header and checksum.
    #[error("frame shorter than its header and checksum")]
    Short,
    /// A COBS code points past the end.
    #[error("COBS code points past the end of the frame")]
    Stuffing,
    /// The CRC-32 is wrong.
    #[error("wrong checksum")]
    Checksum,
    /// The checksum is right, but the kind is neither request nor response.
    #[error("unknown kind of frame")]
    Kind,
}

/// Collects one frame of up to `N` bytes, its closing zero not counted.
#[derive(Clone, Debug)]
pub struct Decoder<const N: usize> {
    buffer: [u8; N],
    /// Bytes since the last zero, also those that found no room; at most `N + 1`.
    length: usize,
    damaged: u32,
}

impl<const N: usize> Decoder<N> {
    /// A decoder that has seen nothing yet.
    pub const fn new() -> Self {
        Self { buffer: [0; N], length: 0, damaged: 0 }
    }

    /// Takes one byte; `Some` when it ended a frame. Two zeros in a row are no frame and no damage.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame<'_>, Damage>> {
        if byte != 0 {
            if let Some(place) = self.buffer.get_mut(self.length) {
                *place = byte;
            }
            self.length = (self.length + 1).min(N + 1);
            return None;
        }
        let length = core::mem::take(&mut self.length);
        if length == 0 {
            return None;
        }
        let frame = match self.buffer.get_mut(..length) {
            Some(bytes) => frame::decode(bytes),
            None => Err(Damage::Long),
        };
        if frame.is_err() {
            self.damaged = self.damaged.saturating_add(1);
        }
        Some(frame)
    }

    /// Takes bytes up to the end of the first frame: how many it took, and the frame if there was one.
    pub fn push_slice(&mut self, bytes: &[u8]) -> (usize, Option<Result<Frame<'_>, Damage>>) {
        for (index, &byte) in bytes.iter().enumerate() {
            // Only a zero behind at least one byte gives a frame; asking first keeps the borrow out of the loop.
            if byte == 0 && self.length > 0 {
                return (index + 1, self.push(byte));
            }
            let _none = self.push(byte);
        }
        (bytes.len(), None)
    }

    /// Damaged frames since the start; stays at the largest number.
    pub const fn damaged(&self) -> u32 {
        self.damaged
    }
}

impl<const N: usize> Default for Decoder<N> {
    fn default() -> Self {
        Self::new()
    }
}
