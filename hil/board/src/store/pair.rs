//! A small record in two copies: settings, or a calibration.
//!
//! In come a chip, ticks and bytes to keep; out go the bytes of the newest whole copy, and pages to the chip, one at a time.
//! Nothing here waits once the chip was read. This file must not know what the bytes mean, nor who else writes to the chip:
//! whoever drives the ticks lets one writer finish before the next begins ([`Pair::is_busy`] and
//! [`Store::is_busy`](super::Store::is_busy)).
//!
//! A copy, all numbers little-endian:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | what it is, see [`Area::magic`] |
//! | 4 | 1 | version of the content |
//! | 5 | 1 | 0 |
//! | 6 | 2 | length n of the content, at most 240 |
//! | 8 | 4 | sequence number, one more with each copy, modulo 2³² |
//! | 12 | n | content |
//! | 12 + n | 4 | CRC-32 (ISO-HDLC, as of Ethernet) over all bytes before |
//!
//! Only the copy that is not the newest whole one is written, its checksum last, and each page is read back. So a cut at
//! any instant leaves the content before or the new one. The head stays as it is in all versions: a program finds the
//! newest copy even where it cannot read it, and writes over the other one.

use heapless::Vec;

use super::PATIENCE_US;
use super::chip::{Chip, Fault};
use super::map::PAGE;
use super::record::CRC;
use super::ring::{self, Found};

/// Bytes of a copy.
pub const COPY: usize = 256;
/// Most bytes of content.
pub const ROOM: usize = COPY - HEAD - CHECKSUM;

const HEAD: usize = 12;
const CHECKSUM: usize = 4;

/// Where the copies stand and how they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First bytes of both copies, each [`COPY`] bytes from the begin of a page.
    pub copies: [u32; 2],
    /// What a copy begins with.
    pub magic: [u8; 4],
    /// Version of the content that is written; it and all before are read.
    pub version: u8,
}

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Version of the content, at most that of the [`Area`].
    pub version: u8,
    /// The content.
    pub bytes: Vec<u8, ROOM>,
}

/// What a pair tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was found at the start: `Restored` a whole copy, `Corrupt` copies but none of them whole, `Foreign` something
    /// else or a newest copy of a later version, `Blank` nothing, `Absent` no chip.
    pub found: Found,
    /// Whole copies that were found: one, where the other was torn by a cut or has decayed, or was never written.
    pub whole: u8,
    /// Number of the newest copy that is known to be on the chip.
    pub saved: Option<u32>,
    /// A copy is being written.
    pub pending: bool,
    /// Copies written since the start.
    pub saves: u32,
    /// Copies given up since the start.
    pub faults: u32,
}

/// Why bytes are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// They are more than [`ROOM`].
    #[error("more than 240 bytes")]
    Length,
    /// A copy is being written.
    #[error("the copy before is still being written")]
    Busy,
    /// The chip does not answer.
    #[error("there is no chip that answers")]
    Absent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Idle,
    /// This page is to be begun.
    Write {
        page: usize,
        since_us: Option<u64>,
    },
    /// This page has been begun: is it there?
    Check {
        page: usize,
        since_us: u64,
    },
}

/// Number of a copy (0 or 1) and its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    copy: usize,
    sequence: u32,
}

/// Two copies on a chip that others use as well.
#[derive(Clone, Debug)]
pub struct Pair {
    area: Area,
    report: Report,
    newest: Option<Place>,
    next: Place,
    image: [u8; COPY],
    length: usize,
    step: Step,
}

impl Pair {
    /// Reads the chip: the pair, and the content of the newest copy if it is whole and can be read.
    ///
    /// Waits for a chip that is still writing since before the start: some 50 ms at most.
    pub fn open<C: Chip>(chip: &mut C, area: Area) -> (Self, Option<Content>) {
        let mut image = [0; COPY];
        let (found, whole, newest) = find(chip, &area, &mut image);
        let content = newest.filter(|_| found == Found::Restored).and_then(|place| {
            ring::read(chip, *area.copies.get(place.copy)?, &mut image).ok()?;
            match decode(&image, area.magic) {
                Copy::Whole { version, bytes, .. } => Some(Content { version, bytes: Vec::from_slice(bytes).ok()? }),
                _ => None,
            }
        });
        let report = Report {
            // A chip that has gone between two reads.
            found: if found == Found::Restored && content.is_none() { Found::Absent } else { found },
            whole,
            saved: newest.map(|place| place.sequence),
            pending: false,
            saves: 0,
            faults: 0,
        };
        let next = Place { copy: 0, sequence: 0 };
        (Self { area, report, newest, next, image, length: 0, step: Step::Idle }, content)
    }

    /// Begins to write `content` over the copy that is not the newest whole one; ticks do the rest. Which one that is, is
    /// looked at anew, which waits for a chip that is writing, some 50 ms at most: it may not have answered at the start, and a
    /// copy may have decayed since. What was found there,
    /// foreign or not, is taken over: nobody but a user who asks for it calls this.
    ///
    /// # Errors
    /// Content that is too long, a copy that is still being written, or no chip that answers.
    pub fn save<C: Chip>(&mut self, chip: &mut C, content: &[u8]) -> Result<(), Refused> {
        if self.is_busy() {
            return Err(Refused::Busy);
        }
        let (found, _, newest) = find(chip, &self.area, &mut self.image);
        if found == Found::Absent {
            return Err(Refused::Absent);
        }
        (self.newest, self.report.saved) = (newest, newest.map(|place| place.sequence));
        self.next = self.newest.map_or(Place { copy: 0, sequence: 0 }, |newest| Place {
            copy: 1 - newest.copy.min(1),
            sequence: newest.sequence.wrapping_add(1),
        });
        self.length = encode(&self.area, self.next.sequence, content, &mut self.image).ok_or(Refused::Length)?;
        self.step = Step::Write { page: 0, since_us: None };
        Ok(())
    }

    /// Whether a copy is being written.
    pub fn is_busy(&self) -> bool {
        self.step != Step::Idle
    }

    /// What there is to tell.
    pub fn report(&self) -> Report {
        Report { pending: self.is_busy(), ..self.report }
    }

    /// Does a little: begins a page, or asks whether the chip is done with one. At most one page goes over the bus; a full
    /// copy takes 16 calls while the chip answers. Returns whether it got on.
    pub fn tick<C: Chip>(&mut self, chip: &mut C, now_us: u64) -> bool {
        let before = self.step;
        match self.step {
            Step::Idle => {}
            Step::Write { page, since_us } => {
                let since_us = since_us.unwrap_or(now_us);
                let (address, bytes) = self.page(page);
                match chip.begin_page(address, bytes) {
                    Ok(()) => self.step = Step::Check { page, since_us: now_us },
                    Err(Fault::NoAnswer) if now_us.saturating_sub(since_us) <= PATIENCE_US => {
                        self.step = Step::Write { page, since_us: Some(since_us) };
                        return false;
                    }
                    Err(_) => self.give_up(),
                }
            }
            Step::Check { page, since_us } => {
                let (address, wanted) = self.page(page);
                let mut there = [0; PAGE];
                let there = there.get_mut(..wanted.len()).unwrap_or_default();
                match chip.read(address, there) {
                    Ok(()) if there != wanted => self.give_up(),
                    Ok(()) if (page + 1) * PAGE < self.length => {
                        self.step = Step::Write { page: page + 1, since_us: None };
                    }
                    Ok(()) => self.complete(),
                    Err(Fault::NoAnswer) if now_us.saturating_sub(since_us) <= PATIENCE_US => {}
                    Err(_) => self.give_up(),
                }
            }
        }
        self.step != before
    }

    /// Address and bytes of a page of the copy that is being written.
    fn page(&self, page: usize) -> (u32, &[u8]) {
        let from = page * PAGE;
        let start = self.area.copies.get(self.next.copy).copied().unwrap_or_default();
        (start + from as u32, self.image.get(from..(from + PAGE).min(self.length)).unwrap_or_default())
    }

    fn complete(&mut self) {
        self.newest = Some(self.next);
        self.report.saved = Some(self.next.sequence);
        self.report.saves = self.report.saves.saturating_add(1);
        self.step = Step::Idle;
    }

    /// The copy before stays the newest one.
    fn give_up(&mut self) {
        self.report.faults = self.report.faults.saturating_add(1);
        self.step = Step::Idle;
    }
}

/// What the bytes of a copy are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copy<'a> {
    Whole {
        sequence: u32,
        version: u8,
        bytes: &'a [u8],
    },
    /// Torn or decayed.
    Torn,
    /// No copy of this kind.
    Nothing,
}

/// What was found, how many whole copies, and the newest of them. `image` is room to work in.
fn find<C: Chip>(chip: &mut C, area: &Area, image: &mut [u8; COPY]) -> (Found, u8, Option<Place>) {
    let mut newest: Option<(Place, u8)> = None;
    let (mut torn, mut blank, mut whole) = (false, true, 0);
    for (copy, &start) in area.copies.iter().enumerate() {
        if ring::read(chip, start, image).is_err() {
            return (Found::Absent, 0, None);
        }
        // A first save that was cut may have left anything in its first page.
        blank &= image.iter().skip(if copy == 0 { PAGE } else { 0 }).all(|&byte| byte == 0xff);
        match decode(image, area.magic) {
            Copy::Whole { sequence, version, .. } => {
                whole += 1;
                // Numbers go on modulo 2³²: the difference tells which one is later.
                if newest.is_none_or(|(place, _)| (sequence.wrapping_sub(place.sequence) as i32) > 0) {
                    newest = Some((Place { copy, sequence }, version));
                }
            }
            Copy::Torn => torn = true,
            Copy::Nothing => {}
        }
    }
    let found = match newest {
        Some((_, version)) if version > area.version => Found::Foreign,
        Some(_) => Found::Restored,
        None if blank => Found::Blank,
        None if torn => Found::Corrupt,
        None => Found::Foreign,
    };
    (found, whole, newest.map(|(place, _)| place))
}

/// Writes a copy to the begin of `image`; its length, or `None` if the content is too long.
fn encode(area: &Area, sequence: u32, content: &[u8], image: &mut [u8; COPY]) -> Option<usize> {
    if content.len() > ROOM {
        return None;
    }
    image.fill(0xff);
    let (head, rest) = image.split_first_chunk_mut::<HEAD>()?;
    let [l0, l1] = (content.len() as u16).to_le_bytes();
    let [m0, m1, m2, m3] = area.magic;
    let [s0, s1, s2, s3] = sequence.to_le_bytes();
    *head = [m0, m1, m2, m3, area.version, 0, l0, l1, s0, s1, s2, s3];
    rest.get_mut(..content.len())?.copy_from_slice(content);
    let end = HEAD + content.len();
    let sum = CRC.checksum(image.get(..end)?).to_le_bytes();
    image.get_mut(end..end + CHECKSUM)?.copy_from_slice(&sum);
    Some(end + CHECKSUM)
}

/// Reads what stands in a copy.
fn decode(image: &[u8; COPY], magic: [u8; 4]) -> Copy<'_> {
    let Some(([m0, m1, m2, m3, version, _, l0, l1, s0, s1, s2, s3], rest)) = image.split_first_chunk::<HEAD>() else {
        return Copy::Nothing;
    };
    if [*m0, *m1, *m2, *m3] != magic {
        return Copy::Nothing;
    }
    let length = usize::from(u16::from_le_bytes([*l0, *l1]));
    let (Some(bytes), Some(sum)) = (rest.get(..length), rest.get(length..length + CHECKSUM)) else {
        return Copy::Torn;
    };
    if image.get(..HEAD + length).is_none_or(|all| CRC.checksum(all).to_le_bytes() != *sum) {
        return Copy::Torn;
    }
    Copy::Whole { sequence: u32::from_le_bytes([*s0, *s1, *s2, *s3]), version: *version, bytes }
}
