//! One message as bytes on the line: COBS(kind, sequence number, message, CRC-32) and a zero.
//!
//! In comes a message, out goes a frame; the way back starts from the bytes between two zeros. This file must not know
//! what messages say, nor when they are sent.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use postcard::ser_flavors::{Cobs, Slice, crc::CrcModifier};
use serde::Serialize;

use crate::decoder::Damage;

/// Bytes of a frame before its message: kind and sequence number.
pub const HEADER: usize = 3;

/// Bytes of a frame behind its message: the CRC-32.
pub const CHECKSUM: usize = 4;

const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// From the bench to the board.
    Request = 1,
    /// From the board to the bench.
    Response = 2,
}

/// A frame whose checksum was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Who speaks.
    pub kind: Kind,
    /// Sequence number, 0 to 65 535, then 0 again. A response has that of its request.
    pub seq: u16,
    /// The message, not decoded yet.
    pub message: &'a [u8],
}

/// The buffer is too short for the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the buffer is too short for the frame")]
pub struct Overflow;

/// Writes one frame with its closing zero to the start of `out` and returns its length in bytes.
///
/// # Errors
/// [`Overflow`] when `out` is too short; its content is then undefined.
pub fn encode<M: Serialize + ?Sized>(kind: Kind, seq: u16, message: &M, out: &mut [u8]) -> Result<usize, Overflow> {
    let cobs = Cobs::try_new(Slice::new(out)).map_err(|_| Overflow)?;
    let summed = CrcModifier::new(cobs, CRC.digest());
    postcard::serialize_with_flavor(&(kind as u8, seq.to_le_bytes(), message), summed)
        .map(|frame: &mut [u8]| frame.len())
        .map_err(|_| Overflow)
}

/// Reads what stood between two zeros, in place.
pub(crate) fn decode(bytes: &mut [u8]) -> Result<Frame<'_>, Damage> {
    let length = cobs::decode_in_place(bytes).map_err(|_| Damage::Stuffing)?;
    let (body, checksum) = bytes[..length].split_last_chunk::<CHECKSUM>().ok_or(Damage::Short)?;
    let (&[kind, low, high], message) = body.split_first_chunk::<HEADER>().ok_or(Damage::Short)?;
    if CRC.checksum(body) != u32::from_le_bytes(*checksum) {
        return Err(Damage::Checksum);
    }
    let kind = match kind {
        1 => Kind::Request,
        2 => Kind::Response,
        _ => return Err(Damage::Kind),
    };
    Ok(Frame { kind, seq: u16::from_le_bytes([low, high]), message })
}
