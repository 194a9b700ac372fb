//! The energy registers' chip: any image, and any edits of one that holds records.
//!
//! Asserted beside that nothing panics: what is restored was saved, unless a checksum was made right for other bytes, and
//! then it contradicts nothing; the store goes on from any image, and what it saves is there after a restart.

use arbitrary::{Arbitrary, Result, Unstructured};
use hil_board::store::map::{CHIP, SLOT, SLOTS, slot};
use hil_board::store::{Found, Plain, Settings, Store, record};
use metering_core::energy::{Energy, Registers};
use metering_core::quantity::{Second, WattSecond};

const CHANNELS: usize = 8;

#[derive(Arbitrary)]
enum Edit<'a> {
    /// Bytes over what is there.
    Write { at: u16, bytes: &'a [u8] },
    /// A slot over another.
    Copy { from: u8, to: u8 },
    /// The same byte for a stretch.
    Fill { at: u16, length: u16, byte: u8 },
    /// A record of one's own, whole.
    Record { slot: u8, sequence: u32, operation: u64, energies: [u64; 5] },
}

/// One case: see the head of the file.
pub fn chip(bytes: &[u8]) {
    let _ended = run(&mut Unstructured::new(bytes));
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let (mut cells, mut saved, mut forged) = ([0xff; CHIP], vec![], false);
    let mut registers = Registers::<CHANNELS>::default();
    for sequence in 0..u.int_in_range(0..=11u32)? {
        registers.step(Second::ONE, &[energy(&[3, 1, 4, 1, u64::from(sequence)]); CHANNELS]);
        put(&mut cells, sequence, sequence, &registers);
        saved.push(registers);
    }
    while !u.is_empty() {
        match u.arbitrary()? {
            Edit::Write { at, bytes } => {
                // Whoever looks for it finds bytes with a right checksum.
                forged = true;
                cells.iter_mut().skip(usize::from(at) % CHIP).zip(bytes).for_each(|(cell, &byte)| *cell = byte);
            }
            Edit::Copy { from, to } => {
                let (from, to) = (slot(from.into()) as usize, slot(to.into()) as usize);
                cells.copy_within(from..from + SLOT, to);
            }
            Edit::Fill { at, length, byte } => {
                let (at, length) = (usize::from(at) % CHIP, usize::from(length));
                cells.iter_mut().skip(at).take(length).for_each(|cell| *cell = byte);
            }
            Edit::Record { slot, sequence, operation, energies } => {
                let mut registers = Registers::<CHANNELS>::default();
                registers.step(Second::from_bits(operation), &[energy(&energies); CHANNELS]);
                put(&mut cells, slot.into(), sequence, &registers);
                saved.push(registers);
            }
        }
    }
    let (mut store, mut registers) = open(&cells);
    let found = store.report().found;
    if found == Found::Restored {
        assert!(forged || saved.contains(&registers), "{registers:?} was never saved");
    } else {
        assert_eq!(registers, Registers::default());
    }
    registers.step(Second::ONE, &[energy(&[1, 2, 3, 4, 5]); CHANNELS]);
    registers.reset(usize::from(u8::arbitrary(u).unwrap_or(0)));
    store.save();
    (0..200 * u64::from(SLOTS)).for_each(|tick| store.tick(&registers, tick));
    // A foreign chip is written over slot by slot.
    assert_eq!(store.report().saves, if found == Found::Foreign { SLOTS } else { 1 });
    let image = store.chip().0.0;
    // A record of the future that somebody made may still be newer than what follows it by hand.
    if found != Found::Restored || (0..SLOTS).all(|number| near(&image, number, store.report().saved)) {
        assert_eq!(open(&image).1, registers);
    }
    Ok(())
}

/// Whether a slot's number is less than half the numbers behind the newest one: so it is on every chip written in turn.
fn near(cells: &[u8; CHIP], number: u32, newest: Option<u32>) -> bool {
    let from = slot(number) as usize;
    let mut bytes = [0; SLOT];
    bytes.copy_from_slice(&cells[from..from + SLOT]);
    match record::decode::<CHANNELS>(&bytes) {
        record::Content::Intact { sequence, .. } => {
            newest.is_some_and(|newest| newest == sequence || (1..1 << 30).contains(&newest.wrapping_sub(sequence)))
        }
        record::Content::Other => false,
        _ => true,
    }
}

fn open(cells: &[u8; CHIP]) -> (Store<Plain<Ram>, CHANNELS>, Registers<CHANNELS>) {
    Store::open(Plain(Ram(*cells)), Settings::default())
}

struct Ram([u8; CHIP]);

impl embedded_storage::ReadStorage for Ram {
    type Error = ();

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> std::result::Result<(), ()> {
        let from = offset as usize;
        bytes.copy_from_slice(self.0.get(from..from + bytes.len()).ok_or(())?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        CHIP
    }
}

impl embedded_storage::Storage for Ram {
    fn write(&mut self, offset: u32, bytes: &[u8]) -> std::result::Result<(), ()> {
        let from = offset as usize;
        self.0.get_mut(from..from + bytes.len()).ok_or(())?.copy_from_slice(bytes);
        Ok(())
    }
}

fn energy(registers: &[u64; 5]) -> Energy {
    let [a, b, c, d, e] = registers.map(WattSecond::from_bits);
    Energy { forward_active: a, reverse_active: b, forward_reactive: c, reverse_reactive: d, apparent: e }
}

fn put(cells: &mut [u8; CHIP], number: u32, sequence: u32, registers: &Registers<CHANNELS>) {
    let mut bytes = [0; SLOT];
    record::encode(sequence, registers, &mut bytes);
    cells[slot(number) as usize..][..SLOT].copy_from_slice(&bytes);
}
