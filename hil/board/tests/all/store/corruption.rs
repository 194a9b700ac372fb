//! A chip that holds anything: no panic, no wrong energy.

use hil_board::store::Found;
use hil_board::store::map::{CHIP, PAGE, RING, SLOT, SLOTS};
use hil_board::store::mock::Mock24C64;
use hil_board::store::{Plain, Settings, Store};
use metering_core::energy::Registers;

use super::common::{Bench, Image, N, energies, seconds};

/// xorshift64*: the test needs no more than that it repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

/// A full ring, and all registers that were ever saved to it.
fn image() -> (Vec<u8>, Vec<Registers<N>>) {
    let mut bench = Bench::open(Mock24C64::default());
    let mut saved = vec![];
    for n in 0..13 {
        bench.registers.step(seconds(300.5), &energies(n));
        bench.settle();
        saved.push(bench.registers);
    }
    (bench.chip().cells().to_vec(), saved)
}

fn damage(cells: &mut Vec<u8>, random: &mut Random) {
    match random.below(8) {
        0 => {
            for _ in 0..=random.below(8) {
                cells[random.below(CHIP)] ^= 1 << random.below(8);
            }
        }
        1 => {
            let (a, b) = (random.below(CHIP / PAGE) * PAGE, random.below(CHIP / PAGE) * PAGE);
            (0..PAGE).for_each(|n| cells.swap(a + n, b + n));
        }
        2 => cells.truncate(random.below(CHIP)),
        3 => cells.fill(if random.below(2) == 0 { 0x00 } else { 0xff }),
        4 => {
            let (from, length) = (random.below(CHIP), random.below(1_500));
            let value = [0x00, 0xff, random.below(256) as u8][random.below(3)];
            cells.iter_mut().skip(from).take(length).for_each(|cell| *cell = value);
        }
        5 => {
            // One slot over another, or shifted against its place.
            let (a, b) = (random.below(SLOTS as usize), random.below(SLOTS as usize));
            let (from, to) = (RING as usize + a * SLOT, RING as usize + b * SLOT + random.below(3));
            let slot: Vec<u8> = cells[from..from + SLOT].to_vec();
            cells[to..to + SLOT].copy_from_slice(&slot);
        }
        6 => {
            // Fields of a record's head.
            let at = RING as usize + random.below(SLOTS as usize) * SLOT + random.below(20);
            cells[at] = random.below(256) as u8;
        }
        _ => (0..CHIP).for_each(|n| cells[n] = random.below(256) as u8),
    }
}

#[test]
fn a_hundred_thousand_damaged_chips() {
    let (whole, saved) = image();
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut found = [0; 5];
    for _ in 0..100_000 {
        let mut cells = whole.clone();
        damage(&mut cells, &mut random);
        let short = cells.len() < CHIP;
        let (mut store, mut registers) = Store::<_, N>::open(Plain(Image(cells)), Settings::default());
        let kind = store.report().found;
        found[kind as usize] += 1;
        // Energy that was saved once, or none at all.
        if kind == Found::Restored {
            assert!(saved.contains(&registers), "{registers:?}");
        } else {
            assert_eq!(registers, Registers::default());
        }
        assert!(!short || kind != Found::Blank);
        // The meter goes on, and what it counts can be saved.
        registers.step(seconds(400.0), &energies(1));
        store.save();
        (0..200 * u64::from(SLOTS)).for_each(|now| store.tick(&registers, now));
        assert!(!store.is_busy());
        if !short {
            // A chip that is taken over is written over slot by slot: nothing of the other meter comes back.
            let saves = if kind == Found::Foreign { SLOTS } else { 1 };
            assert_eq!(store.report().saves, saves, "{kind:?}");
        }
    }
    let [absent, blank, restored, corrupt, foreign] = found;
    println!("{restored} restored, {corrupt} corrupt, {foreign} foreign, {blank} blank, {absent} did not answer");
    assert!(restored > 50_000 && foreign > 10_000 && blank > 1_000 && absent > 5_000);
}

#[test]
fn all_zeros_and_all_ones() {
    assert_eq!(Bench::open(Mock24C64::with([0x00; CHIP])).store.report().found, Found::Foreign);
    assert_eq!(Bench::open(Mock24C64::with([0xff; CHIP])).store.report().found, Found::Blank);
}

/// All records decayed: told as such, and the meter begins anew and saves.
#[test]
fn a_ring_without_a_whole_record_is_corrupt() {
    let (mut cells, _) = image();
    for n in 0..SLOTS as usize {
        cells[RING as usize + n * SLOT + 300] ^= 4;
    }
    let mut bench = Bench::open(Mock24C64::with(cells.try_into().unwrap()));
    assert_eq!((bench.store.report().found, bench.registers), (Found::Corrupt, Registers::default()));
    bench.registers.step(seconds(301.0), &energies(2));
    bench.settle();
    assert_eq!(bench.store.report().saved, Some(0));
    assert_eq!(Bench::open(bench.chip()).registers, bench.registers);
}
