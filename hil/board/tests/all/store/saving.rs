//! When is saved, what a chip that fails does, and that metering does not wait for it.

use hil_board::store::map::{CHIP, PAGE, RING, SLOT};
use hil_board::store::mock::Mock24C64;
use hil_board::store::{Chip as _, Fault, Found, NoChip, Plain, Settings, Store};
use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings as Metering};
use metering_core::energy::{Energy, Registers};
use metering_core::quantity::{Ampere, SampleRate, Volt, WattSecond};
use metering_core::reading::Reading;
use metering_core::{Block, Meter};

use super::common::{Bench, N, energies, seconds};

fn moved(bench: &mut Bench, seconds: f64, energy: Energy) {
    let mut energies = [Energy::default(); N];
    energies[6] = energy;
    bench.registers.step(super::common::seconds(seconds), &energies);
}

/// 0.1 kWh, less the last step.
const ALMOST: WattSecond = WattSecond::const_from_int(360_000).saturating_sub(WattSecond::DELTA);

#[test]
fn five_minutes_or_a_tenth_of_a_kilowatt_hour_of_any_register() {
    let step = WattSecond::DELTA;
    let one = |change: fn(&mut Energy, WattSecond)| {
        let (mut almost, mut rest) = (Energy::default(), Energy::default());
        change(&mut almost, ALMOST);
        change(&mut rest, step);
        (almost, rest)
    };
    let half = WattSecond::const_from_int(180_000);
    let both = Energy { forward_active: half, reverse_active: half - step, ..Energy::default() };
    for (almost, rest) in [
        one(|energy, value| energy.forward_active = value),
        one(|energy, value| energy.reverse_active = value),
        one(|energy, value| energy.forward_reactive = value),
        one(|energy, value| energy.reverse_reactive = value),
        one(|energy, value| energy.apparent = value),
        (both, Energy { reverse_active: step, ..Energy::default() }),
    ] {
        let mut bench = Bench::open(Mock24C64::default());
        assert_eq!(bench.store.report().found, Found::Blank);
        moved(&mut bench, 299.9, almost);
        bench.settle();
        assert_eq!(bench.store.report().saves, 0, "{almost:?}");
        moved(&mut bench, 0.05, rest);
        bench.settle();
        assert_eq!((bench.store.report().saves, bench.store.report().saved), (1, Some(0)), "{rest:?}");
        // It cleared the other trigger as well.
        moved(&mut bench, 299.9, almost);
        bench.settle();
        assert_eq!(bench.store.report().saves, 1);
        moved(&mut bench, 0.1, Energy::default());
        bench.settle();
        assert_eq!(bench.store.report().saves, 2, "five minutes have passed");
        assert_eq!(Bench::open(bench.chip()).registers, bench.registers);
    }
}

#[test]
fn a_reset_and_an_interruption_save_at_once() {
    let mut bench = Bench::open(Mock24C64::default());
    moved(&mut bench, 10.0, energies(1)[0]);
    bench.registers.reset(6);
    bench.store.after_reset();
    bench.settle();
    let restored = Bench::open(bench.chip()).registers;
    assert_eq!(restored, bench.registers);
    assert_eq!(restored.account(6).unwrap().resettable(), Energy::default());
    for (passed, saves) in [(1.0, 2), (30.0, 2), (31.0, 3)] {
        moved(&mut bench, passed, energies(2)[0]);
        bench.store.interrupted(&bench.registers);
        bench.settle();
        assert_eq!(bench.store.report().saves, saves, "at most one a minute");
    }
    let never = Settings { on_interruption: false, ..Settings::default() };
    let mut bench = Bench::with(Mock24C64::default(), never);
    bench.store.interrupted(&bench.registers);
    bench.settle();
    assert_eq!(bench.store.report().saves, 0);
}

#[test]
fn a_wish_during_a_save_is_met_after_it() {
    let mut bench = Bench::open(Mock24C64::default());
    bench.store.save();
    for _ in 0..20 {
        bench.tick(1_000);
    }
    assert!(bench.store.is_busy());
    moved(&mut bench, 1.0, energies(3)[0]);
    bench.store.save();
    bench.settle();
    assert_eq!(bench.store.report().saves, 2);
    assert_eq!(Bench::open(bench.chip()).registers, bench.registers);
}

#[test]
fn a_foreign_chip_is_left_alone_until_asked() {
    let mut cells = [0; CHIP];
    cells.iter_mut().enumerate().for_each(|(n, cell)| *cell = ((n * 31) >> 3) as u8);
    let mut bench = Bench::open(Mock24C64::with(cells));
    assert_eq!((bench.store.report().found, bench.registers), (Found::Foreign, Registers::default()));
    moved(&mut bench, 1_000.0, energies(1)[0]);
    bench.registers.reset(0);
    bench.store.after_reset();
    bench.store.interrupted(&bench.registers);
    bench.settle();
    assert_eq!(*bench.chip().cells(), cells);
    bench.store.save();
    bench.settle();
    let again = Bench::open(bench.chip());
    assert_eq!((again.store.report().found, again.registers), (Found::Restored, bench.registers));
}

#[test]
fn without_a_chip_metering_goes_on() {
    let (mut store, mut registers) = Store::<NoChip, N>::open(NoChip, Settings::default());
    assert_eq!(store.report().found, Found::Absent);
    registers.step(seconds(1e6), &energies(1));
    store.tick(&registers, 0);
    assert!(!store.report().pending);
    store.save();
    for now in 0..100 {
        store.tick(&registers, now * 1_000);
    }
    assert_eq!((store.report().pending, store.report().faults, store.report().saved), (false, 1, None));
    assert_eq!(NoChip.begin_page(0, &[1]), Err(Fault::NoAnswer));
}

/// Memory of `embedded-storage`; the cells from `stuck` on keep their 0.
struct Ram {
    cells: Vec<u8>,
    stuck: std::ops::Range<usize>,
}

impl embedded_storage::ReadStorage for Ram {
    type Error = ();

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ()> {
        let from = offset as usize;
        bytes.copy_from_slice(self.cells.get(from..from + bytes.len()).ok_or(())?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl embedded_storage::Storage for Ram {
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ()> {
        for (n, &byte) in bytes.iter().enumerate() {
            let at = offset as usize + n;
            *self.cells.get_mut(at).ok_or(())? = if self.stuck.contains(&at) { 0 } else { byte };
        }
        Ok(())
    }
}

#[test]
fn a_worn_page_is_noticed_and_the_next_slot_taken() {
    let ring = RING as usize;
    let stuck = ring + SLOT + PAGE..ring + SLOT + 2 * PAGE;
    let chip = Plain(Ram { cells: vec![0xff; CHIP], stuck });
    let (mut store, mut registers) = Store::<_, N>::open(chip, Settings::default());
    for saves in 1..=20 {
        registers.step(seconds(300.0), &energies(saves));
        (0..200).for_each(|now| store.tick(&registers, now));
        assert_eq!(u64::from(store.report().saves), saves);
        let chip = Plain(Ram { cells: store.chip().0.cells.clone(), stuck: 0..0 });
        assert_eq!(Store::<_, N>::open(chip, Settings::default()).1, registers);
    }
    assert!(store.report().faults >= 2);
    // Nothing but wear: every slot tried once, then a pause.
    let chip = Plain(Ram { cells: vec![0xff; CHIP], stuck: 0..CHIP });
    let (mut store, _) = Store::<_, N>::open(chip, Settings::default());
    (0..200).for_each(|now| store.tick(&registers, now));
    assert_eq!((store.report().saves, store.report().faults, store.is_busy()), (0, 8, false));
}

/// A meter whose ADC fills one half of its buffer while the other is worked on: 32 frames of 8 kHz, 4 ms, less than a
/// page takes. Every half must be taken before it is filled again.
#[test]
fn no_sample_is_lost_while_a_page_is_written() {
    const FRAMES: usize = 32;
    const BLOCK_US: u64 = FRAMES as u64 * 125;
    let config = Config::<i16, N>::new(Metering {
        voltage: Some(Channel::new(Volt::from_num(400))),
        currents: std::array::from_fn(|n| (n == 0).then(|| Channel::new(Ampere::from_num(25)))),
        ..Metering::new(SampleRate::from_num(8_000), 16)
    })
    .unwrap();
    let code = |n: usize, peak: f64| (peak * (n as f64 * 50.0 / 8_000.0 * std::f64::consts::TAU).sin()).round() as i16;
    let run = |saving: bool| {
        let mut bench = Bench::open(Mock24C64::default());
        let start = bench.mock.borrow().now_us();
        let mut meter = Meter::new(config);
        let (mut readings, mut latest, mut saves_wanted) = (vec![], 0, 0);
        for block in 0..1_000 {
            let frames = block * FRAMES..(block + 1) * FRAMES;
            let (v, i): (Vec<i16>, Vec<i16>) = frames.map(|n| (code(n, 26_000.0), code(n, 13_000.0))).unzip();
            // The half is full at this time; what the work so far has taken comes on top.
            let full = start + (block as u64 + 1) * BLOCK_US;
            let now = bench.mock.borrow().now_us();
            bench.mock.borrow_mut().wait(full.saturating_sub(now));
            let mut currents: [&[i16]; N] = [&[]; N];
            currents[0] = &i;
            meter.push(&Block { voltage: &v, currents, residual: &[] }, &mut |reading: &Reading<N>| {
                bench.registers.add(reading);
                readings.push(*reading);
            });
            if saving && block % 100 == 5 {
                bench.store.save();
                saves_wanted += 1;
            }
            bench.tick(0);
            let late = bench.mock.borrow().now_us() - full;
            latest = latest.max(late);
            assert!(late < BLOCK_US, "block {block} is overrun: {late} us");
        }
        bench.settle();
        assert_eq!(bench.store.report().saves, saves_wanted);
        assert_eq!(meter.frames(), 1_000 * FRAMES as u64);
        (readings, latest)
    };
    let (plain, _) = run(false);
    let (saved, latest) = run(true);
    assert_eq!(plain, saved, "the same readings to the last bit");
    assert!(plain.len() > 15);
    println!("a tick takes {latest} us of bus time at most, a page 5000 us to write");
    assert!(latest < 1_000);
}
