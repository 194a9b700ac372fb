//! A record: the registers of all channels as bytes, and back.
//!
//! In come registers, out go bytes; in come any bytes, out go registers or what is wrong with them. Bytes from a chip
//! are hostile: none of them is believed before the checksum holds, and then registers that contradict themselves are
//! still refused. This file must not know chips or slots.
//!
//! Version 1, all numbers little-endian:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `4d 54 52 45` ("MTRE") |
//! | 4 | 1 | version, 1 |
//! | 5 | 1 | number of channels n, 1 to 8 |
//! | 6 | 2 | length of the record, 24 + 88·n |
//! | 8 | 4 | sequence number, one more with each record, modulo 2³² |
//! | 12 | 8 | time of operation, 2⁻³² s |
//! | 20 | 88·n | channels, see below |
//! | 20 + 88·n | 4 | CRC-32 (ISO-HDLC, as of Ethernet) over all bytes before |
//!
//! A channel; energies in 2⁻¹⁶ Ws, vars or VAs:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 5·8 | continuous: forward active, reverse active, forward reactive, reverse reactive, apparent |
//! | 40 | 5·8 | the same five at the last reset |
//! | 80 | 8 | time of operation at the last reset, 2⁻³² s |
//!
//! What can be derived is not there: absolute is forward plus reverse, resettable is continuous less that at the reset.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};

use super::map::SLOT;

const MAGIC: [u8; 4] = *b"MTRE";
/// Version of the layout.
pub const VERSION: u8 = 1;
const HEAD: usize = 20;
const CHANNEL: usize = 88;
const CHECKSUM: usize = 4;

pub(super) static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// Bytes of a record of `channels` channels.
pub const fn length(channels: usize) -> usize {
    HEAD + CHANNEL * channels + CHECKSUM
}

/// What the bytes of a slot are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<const N: usize> {
    /// A whole record.
    Intact {
        /// Its number.
        sequence: u32,
        /// What it holds.
        registers: Registers<N>,
    },
    /// The checksum holds, but this program cannot read it: another version, or more channels than there are.
    Other,
    /// A record that was torn or has decayed.
    Torn,
    /// No record.
    Nothing,
}

/// Writes a record to the begin of `slot`; returns its length.
pub fn encode<const N: usize>(sequence: u32, registers: &Registers<N>, slot: &mut [u8; SLOT]) -> usize {
    const { assert!(N >= 1 && length(N) <= SLOT, "a slot has room for 1 to 8 channels") }
    slot.fill(0xff);
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        if let Some(place) = slot.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        at += bytes.len();
    };
    put(&MAGIC);
    put(&[VERSION, N as u8]);
    put(&(length(N) as u16).to_le_bytes());
    put(&sequence.to_le_bytes());
    put(&registers.operation().to_le_bytes());
    for account in registers.accounts() {
        for energy in [&account.continuous, &account.at_reset] {
            for register in [
                energy.forward_active,
                energy.reverse_active,
                energy.forward_reactive,
                energy.reverse_reactive,
                energy.apparent,
            ] {
                put(&register.to_le_bytes());
            }
        }
        put(&account.reset_at.to_le_bytes());
    }
    let end = length(N);
    let (record, rest) = slot.split_at_mut(end - CHECKSUM);
    if let Some(place) = rest.get_mut(..CHECKSUM) {
        place.copy_from_slice(&CRC.checksum(record).to_le_bytes());
    }
    end
}

/// Reads what stands in a slot.
pub fn decode<const N: usize>(slot: &[u8; SLOT]) -> Content<N> {
    if slot[..4] != MAGIC {
        return Content::Nothing;
    }
    let length_told = usize::from(u16::from_le_bytes([slot[6], slot[7]]));
    let Some((record, checksum)) = slot.get(..length_told).and_then(<[u8]>::split_last_chunk::<CHECKSUM>) else {
        return Content::Torn;
    };
    if CRC.checksum(record) != u32::from_le_bytes(*checksum) {
        return Content::Torn;
    }
    let channels = usize::from(slot[5]);
    if slot[4] != VERSION || channels == 0 || channels > N || length_told != length(channels) {
        return Content::Other;
    }
    let mut bytes = Bytes(&record[8..]);
    let sequence = u32::from_le_bytes(bytes.take());
    let operation = Second::from_bits(bytes.number());
    let mut accounts = [Account::default(); N];
    for account in accounts.iter_mut().take(channels) {
        account.continuous = bytes.energy();
        account.at_reset = bytes.energy();
        account.reset_at = Second::from_bits(bytes.number());
    }
    Registers::restore(operation, accounts).map_or(Content::Torn, |registers| Content::Intact { sequence, registers })
}

/// Bytes that are read from the front; beyond the end they are 0.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self.0.split_first_chunk().unwrap_or((&[0; N], &[]));
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn energy(&mut self) -> Energy {
        let mut next = || WattSecond::from_bits(self.number());
        Energy {
            forward_active: next(),
            reverse_active: next(),
            forward_reactive: next(),
            reverse_reactive: next(),
            apparent: next(),
        }
    }
}
