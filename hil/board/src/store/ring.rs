//! The ring of records: which one is the newest, and where the next one goes.
//!
//! In comes a chip, out goes what was found on it. Nothing is written here. This file must not know when a record is
//! saved.
//!
//! The ring is our own: `sequential-storage` and `ekv` stand on blocks that are erased as a whole, which an EEPROM has
//! not, and would write a page several times per record to fake them; all that is needed here is nine places in turn.

use metering_core::energy::Registers;

use super::chip::{Chip, Fault};
use super::map::{self, PAGE, SLOT, SLOTS};
use super::record::{self, Content};

/// How often a chip that does not answer is asked: at 400 kHz, some 50 ms, ten times what it takes to write a page.
const ATTEMPTS: u32 = 2_000;

/// What was found on the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No chip answers.
    Absent,
    /// No record, and nothing else in the ring; the registers begin at 0.
    Blank,
    /// A record; the registers go on from there.
    Restored,
    /// Records, but none of them whole; the registers begin at 0.
    Corrupt,
    /// Something else, or records of another version. Nothing is written there before somebody asks for it.
    Foreign,
}

/// A record's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Slot of the ring.
    pub slot: u32,
    /// Number of the record.
    pub sequence: u32,
}

/// Looks for the newest whole record. `slot` is room to work in.
pub fn find<C: Chip, const N: usize>(chip: &mut C, slot: &mut [u8; SLOT]) -> (Found, Option<(Place, Registers<N>)>) {
    let mut newest: Option<(Place, Registers<N>)> = None;
    let (mut torn, mut other, mut blank) = (false, false, true);
    for number in 0..SLOTS {
        if read(chip, map::slot(number), slot).is_err() {
            return (Found::Absent, None);
        }
        // A first save that was cut may have left anything in its first page.
        blank &= slot[if number == 0 { PAGE } else { 0 }..].iter().all(|&byte| byte == 0xff);
        match record::decode::<N>(slot) {
            Content::Intact { sequence, registers } => {
                // Numbers go on modulo 2³²: at most nine apart, so the difference tells which one is later.
                if newest.is_none_or(|(place, _)| (sequence.wrapping_sub(place.sequence) as i32) > 0) {
                    newest = Some((Place { slot: number, sequence }, registers));
                }
            }
            Content::Other => other = true,
            Content::Torn => torn = true,
            Content::Nothing => {}
        }
    }
    let found = match newest {
        // A record that this program cannot read may be the newer one.
        _ if other => Found::Foreign,
        Some(_) => return (Found::Restored, newest),
        None if blank => Found::Blank,
        None if torn => Found::Corrupt,
        None => Found::Foreign,
    };
    (found, None)
}

/// Place of the newest whole record, whatever stands beside it.
pub fn last<C: Chip, const N: usize>(chip: &mut C, slot: &mut [u8; SLOT]) -> Option<Place> {
    let mut newest: Option<Place> = None;
    for number in 0..SLOTS {
        read(chip, map::slot(number), slot).ok()?;
        if let Content::Intact { sequence, .. } = record::decode::<N>(slot)
            && newest.is_none_or(|place| (sequence.wrapping_sub(place.sequence) as i32) > 0)
        {
            newest = Some(Place { slot: number, sequence });
        }
    }
    newest
}

/// Reads, waiting for a chip that is still writing a page since before the restart.
pub(super) fn read<C: Chip>(chip: &mut C, address: u32, bytes: &mut [u8]) -> Result<(), Fault> {
    let mut last = Fault::NoAnswer;
    for _ in 0..ATTEMPTS {
        match chip.read(address, bytes) {
            Err(Fault::NoAnswer) => {}
            Ok(()) => return Ok(()),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}
