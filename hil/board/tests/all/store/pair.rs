//! Two copies of a small record: their bytes, the plug pulled at each byte, chips that decay or fail.

use std::cell::RefCell;
use std::rc::Rc;

use eeprom24x::{Eeprom24x, SlaveAddr};
use embedded_storage::{ReadStorage, Storage};
use hil_board::store::map::{CHIP, PAGE, SETTINGS};
use hil_board::store::mock::Mock24C64;
use hil_board::store::pair::{Area, COPY, Content, Pair, ROOM, Refused, Report};
use hil_board::store::{Found, NoChip, Plain};

use super::common::{Chip, Image, Wire};
use super::cuts::STATES;
use super::layout::crc;

const AREA: Area = Area { copies: SETTINGS, magic: *b"TEST", version: 3 };

struct Bench {
    pair: Pair,
    content: Option<Content>,
    chip: Chip,
    mock: Rc<RefCell<Mock24C64>>,
}

impl Bench {
    fn open(mock: Mock24C64) -> Self {
        let mock = Rc::new(RefCell::new(mock));
        let mut chip = Eeprom24x::new_24x64(Wire(mock.clone()), SlaveAddr::default());
        let (pair, content) = Pair::open(&mut chip, AREA);
        Self { pair, content, chip, mock }
    }

    fn tick(&mut self) {
        self.mock.borrow_mut().wait(100);
        let now_us = self.mock.borrow().now_us();
        self.pair.tick(&mut self.chip, now_us);
    }

    fn settle(&mut self) {
        let mut ticks = 0;
        while self.pair.is_busy() {
            self.tick();
            ticks += 1;
            assert!(ticks < 10_000, "the save does not end");
        }
    }

    fn begin(&mut self, content: &[u8]) -> Result<(), Refused> {
        self.pair.save(&mut self.chip, content)
    }

    fn save(&mut self, content: &[u8]) {
        self.begin(content).unwrap();
        self.settle();
    }

    fn image(&self) -> Mock24C64 {
        self.mock.borrow().clone()
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        self.content.as_ref().map(|content| content.bytes.to_vec())
    }
}

/// Content that differs in every byte from that of another seed.
fn content(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|n| (n as u8).wrapping_mul(31).wrapping_add(seed.wrapping_mul(97))).collect()
}

/// A copy as the head of the module describes it, written by hand.
fn copy(version: u8, sequence: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = b"TEST".to_vec();
    bytes.extend([version, 0]);
    bytes.extend((content.len() as u16).to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend(content);
    bytes.extend(crc(&bytes).to_le_bytes());
    bytes
}

fn with(copies: [&[u8]; 2]) -> Mock24C64 {
    let mut mock = Mock24C64::default();
    for (start, bytes) in SETTINGS.iter().zip(copies) {
        mock.cells()[*start as usize..][..bytes.len()].copy_from_slice(bytes);
    }
    mock
}

#[test]
fn bytes_on_the_chip_and_back() {
    let mut bench = Bench::open(Mock24C64::default());
    assert_eq!((bench.pair.report().found, bench.bytes()), (Found::Blank, None));
    let mut before = vec![0xff; COPY];
    for (n, length) in [0, 1, 17, 20, 21, 100, ROOM].into_iter().enumerate() {
        let content = content(n as u8, length);
        bench.save(&content);
        let (at, other) = (SETTINGS[n % 2] as usize, SETTINGS[(n + 1) % 2] as usize);
        let mut image = bench.image();
        let expected = copy(3, n as u32, &content);
        assert_eq!(image.cells()[at..at + expected.len()], expected[..]);
        assert_eq!(image.cells()[other..other + COPY], before[..], "the other copy is not touched");
        before = image.cells()[at..at + COPY].to_vec();
        let again = Bench::open(image);
        assert_eq!(again.content.as_ref().map(|content| content.version), Some(3));
        assert_eq!(again.bytes(), Some(content));
        let whole = if n == 0 { 1 } else { 2 };
        let report =
            Report { found: Found::Restored, whole, saved: Some(n as u32), pending: false, saves: 0, faults: 0 };
        assert_eq!(again.pair.report(), report);
        assert_eq!(bench.pair.report().saves, n as u32 + 1);
    }
    assert_eq!(bench.begin(&[0; ROOM + 1]), Err(Refused::Length));
    assert!(!bench.pair.is_busy());
    bench.begin(&[1]).unwrap();
    assert_eq!(bench.begin(&[2]), Err(Refused::Busy));
    bench.settle();
    assert_eq!(Bench::open(bench.image()).bytes(), Some(vec![1]));
}

#[test]
fn the_newest_readable_copy_wins() {
    let (a, b) = (content(1, 30), content(2, 50));
    let open = |one: &[u8], two: &[u8]| {
        let bench = Bench::open(with([one, two]));
        (bench.pair.report().found, bench.bytes())
    };
    assert_eq!(open(&copy(3, 7, &a), &copy(3, 8, &b)), (Found::Restored, Some(b.clone())));
    assert_eq!(open(&copy(3, 9, &a), &copy(3, 8, &b)), (Found::Restored, Some(a.clone())));
    assert_eq!(open(&copy(3, 0, &a), &copy(3, u32::MAX, &b)), (Found::Restored, Some(a.clone())), "numbers wrap");
    assert_eq!(open(&copy(1, 9, &a), &copy(3, 8, &b)), (Found::Restored, Some(a.clone())), "an earlier version");
    // A later version: this program cannot tell what it says. It is not the one that is written over.
    assert_eq!(open(&copy(4, 9, &a), &copy(3, 8, &b)), (Found::Foreign, None));
    let mut bench = Bench::open(with([&copy(4, 9, &a), &copy(3, 8, &b)]));
    bench.save(&content(5, 9));
    assert_eq!(bench.image().cells()[..46], copy(4, 9, &a)[..]);
    assert_eq!(Bench::open(bench.image()).bytes(), Some(content(5, 9)));
    // Something else altogether.
    assert_eq!(Bench::open(Mock24C64::with([0; CHIP])).pair.report().found, Found::Foreign);
    assert_eq!(open(&[], b"something else"), (Found::Foreign, None));
}

/// Each bit of both copies flipped: the other copy, or none where there is no other; never other bytes.
#[test]
fn decay_of_any_bit() {
    let (old, new) = (content(3, 77), content(4, ROOM));
    let mut both = with([&copy(3, 4, &old), &copy(3, 5, &new)]);
    for bit in 0..2 * COPY * 8 {
        let mut image = both.clone();
        image.cells()[bit / 8] ^= 1 << (bit % 8);
        let bench = Bench::open(image);
        let in_new = bit / 8 >= COPY;
        assert_eq!(bench.bytes(), Some(if in_new { old.clone() } else { new.clone() }), "bit {bit}");
        let in_old = bit / 8 < 77 + 16;
        assert_eq!(bench.pair.report().whole, if in_new || in_old { 1 } else { 2 });
    }
    both.cells()[20] ^= 1;
    both.cells()[COPY + 20] ^= 1;
    let mut bench = Bench::open(both);
    assert_eq!((bench.pair.report().found, bench.bytes()), (Found::Corrupt, None));
    bench.save(&old);
    assert_eq!(Bench::open(bench.image()).bytes(), Some(old));
}

#[test]
fn each_byte_of_a_save() {
    let (mut cuts, mut new) = (0, 0);
    for (saves, length) in [(0, ROOM), (1, ROOM), (2, 45), (3, 20)] {
        let mut bench = Bench::open(Mock24C64::default());
        let mut saved = None;
        for n in 0..saves {
            bench.save(&content(n, ROOM - usize::from(n)));
            saved = Some(content(n, ROOM - usize::from(n)));
        }
        let wanted = content(saves + 50, length);
        bench.begin(&wanted).unwrap();
        let mut judge = |mut chip: Mock24C64| {
            chip.wait(10_000);
            let mut after = Bench::open(chip);
            let found = after.pair.report().found;
            assert!(found == Found::Restored || saved.is_none() && matches!(found, Found::Blank | Found::Corrupt));
            let there = after.bytes();
            let is_new = there.as_ref() == Some(&wanted);
            assert!(is_new || there == saved, "neither the old nor the new");
            after.save(&content(9, 33));
            assert_eq!(Bench::open(after.image()).bytes(), Some(content(9, 33)));
            (cuts, new) = (cuts + 1, new + u32::from(is_new));
            is_new
        };
        let (mut first, mut last) = (None, false);
        while bench.pair.is_busy() {
            let unfinished = bench.mock.borrow().unfinished();
            bench.tick();
            let now = bench.mock.borrow().unfinished();
            // Between the pages, and where one has just been begun at each of its bytes.
            for done in [0, PAGE as u32] {
                let mut chip = bench.image();
                chip.cut(done, 0, |before, _| before);
                last = judge(chip);
                first = first.or(Some(last));
            }
            let range = if unfinished == 0 && now > 0 { 0..now } else { 0..0 };
            for (done, (n, state)) in range.flat_map(|done| STATES.iter().enumerate().map(move |state| (done, state))) {
                for torn in [1, now] {
                    let mut chip = bench.image();
                    let mut count = done + n as u32 * 37;
                    chip.cut(done, torn, |before, after| {
                        count += 1;
                        state(before, after, count)
                    });
                    judge(chip);
                }
            }
        }
        assert_eq!((first, last), (Some(false), true));
    }
    println!("{cuts} cuts: {new} left the new content, the others the one before");
    assert!(cuts > 5_000 && new > 0 && new < cuts / 4);
}

/// No chip, one that dies, and one whose page is worn: told, and the copy before stays.
#[test]
fn chips_that_fail() {
    let (mut pair, content) = Pair::open(&mut NoChip, AREA);
    assert_eq!((pair.report().found, content), (Found::Absent, None));
    assert_eq!(pair.save(&mut NoChip, &[1, 2, 3]), Err(Refused::Absent));
    assert_eq!((pair.report().pending, pair.report().faults, pair.report().saved), (false, 0, None));

    let mut chip = Plain(Ram(Image(vec![0xff; CHIP])));
    let (mut pair, _) = Pair::open(&mut chip, AREA);
    for n in 0..4 {
        pair.save(&mut chip, &[n; 100]).unwrap();
        (0..40).for_each(|now| {
            pair.tick(&mut chip, now);
        });
        // The second copy has a cell that stays 0.
        let (content, faults) = (Pair::open(&mut chip, AREA).1, pair.report().faults);
        assert_eq!(content.map(|content| content.bytes[0]), Some(0), "the first one stays");
        assert_eq!((pair.is_busy(), faults), (false, u32::from(n)));
    }
}

/// What is newest is looked at when it is written, not at the start: a chip may not have answered then, and the newest copy
/// may have decayed since.
#[test]
fn the_newest_copy_is_looked_at_anew() {
    let (one, two, new) = (content(1, 30), content(2, 50), content(9, 40));
    for numbers in [[43, 42], [42, 43]] {
        let mut bench = Bench::open(with([&copy(3, numbers[0], &one), &copy(3, numbers[1], &two)]));
        (bench.pair, bench.content) = Pair::open(&mut NoChip, AREA);
        assert_eq!(bench.pair.report().found, Found::Absent);
        bench.save(&new);
        assert_eq!(bench.pair.report().saved, Some(44));
        let again = Bench::open(bench.image());
        assert_eq!((again.bytes(), again.pair.report().whole), (Some(new.clone()), 2));

        // The newest one decays while the board runs: the other is the only one that is whole, and stays until the end.
        let mut bench = Bench::open(with([&copy(3, numbers[0], &one), &copy(3, numbers[1], &two)]));
        let (newest, left) = if numbers[0] == 43 { (0, &two) } else { (COPY, &one) };
        bench.mock.borrow_mut().cells()[newest + 20] ^= 1;
        bench.begin(&new).unwrap();
        bench.tick();
        bench.mock.borrow_mut().wait(100_000);
        assert_eq!(Bench::open(bench.image()).bytes().as_ref(), Some(left), "cut after a page");
        bench.settle();
        assert_eq!(Bench::open(bench.image()).bytes(), Some(new.clone()));
    }
}

/// Memory of which one cell of the second copy keeps its 0.
struct Ram(Image);

impl ReadStorage for Ram {
    type Error = ();

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ()> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl Storage for Ram {
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ()> {
        self.0.write(offset, bytes)?;
        self.0.0[COPY + 50] = 0;
        Ok(())
    }
}
