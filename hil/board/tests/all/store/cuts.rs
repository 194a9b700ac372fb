//! The plug pulled at every byte of a save and at every point between.

use hil_board::store::Found;
use hil_board::store::map::PAGE;
use hil_board::store::mock::Mock24C64;

use metering_core::energy::Registers;

use super::common::{Bench, N, at_least, energies, seconds};

/// What the bits that are being written may become.
pub const STATES: [fn(u8, u8, u32) -> u8; 6] = [
    |_, _, _| 0x00,
    |_, _, _| 0xff,
    |before, after, _| before & after,
    |before, after, _| before | after,
    |before, after, n| before ^ ((before ^ after) & (0x5d << (n % 5)) as u8),
    |_, _, n| (n.wrapping_mul(0x9e37_79b9) >> 13) as u8,
];

/// A chip after some saves, the registers saved last, and registers that have gone on since.
fn prepared(saves: u64) -> (Bench, Option<Registers<N>>) {
    let mut bench = Bench::open(Mock24C64::default());
    let mut saved = None;
    for n in 0..saves {
        bench.registers.step(seconds(60.3), &energies(n));
        bench.registers.reset(n as usize % 8);
        bench.store.save();
        bench.settle();
        saved = Some(bench.registers);
    }
    bench.registers.step(seconds(17.7), &energies(saves + 100));
    bench.registers.reset(5);
    bench.store.save();
    (bench, saved)
}

/// Opens a chip after a cut; the registers must be those before the save or those of it. Tells which.
fn judge(mut chip: Mock24C64, bench: &Bench, saved: Option<&Registers<N>>) -> bool {
    chip.wait(10_000);
    let mut after = Bench::open(chip);
    let before = saved.copied().unwrap_or_default();
    assert!(at_least(&after.registers, &before) && at_least(&bench.registers, &after.registers));
    let found = after.store.report().found;
    let is_new = after.registers == bench.registers;
    assert!(is_new || after.registers == before, "half a save");
    assert!(saved.is_none() || found == Found::Restored, "{found:?}");
    assert!(found != Found::Foreign && found != Found::Absent, "{found:?}");
    // It goes on: what is counted and saved now is there after another restart.
    after.registers.step(seconds(1.0), &energies(9));
    after.store.save();
    after.settle();
    assert_eq!(Bench::open(after.chip()).registers, after.registers);
    is_new
}

#[test]
fn each_byte_of_a_save() {
    let (mut cuts, mut new) = (0, 0);
    // The first save of a blank chip, the second, and saves into the last slot and across the ring's end.
    for saves in [0, 1, 8, 9, 14] {
        let (mut bench, saved) = prepared(saves);
        let mut pages = 0;
        while bench.store.report().pending {
            let unfinished = bench.mock.borrow().unfinished();
            bench.tick(100);
            let now = bench.mock.borrow().unfinished();
            if unfinished == 0 && now > 0 {
                pages += 1;
                for done in 0..now {
                    for (n, state) in STATES.iter().enumerate() {
                        // One byte torn, and all that are left of the page.
                        for torn in [1, now] {
                            let mut chip = bench.chip();
                            let mut count = done + n as u32 * 37;
                            chip.cut(done, torn, |before, after| {
                                count += 1;
                                state(before, after, count)
                            });
                            new += u32::from(judge(chip, &bench, saved.as_ref()));
                            cuts += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(pages, 23);
    }
    println!("{cuts} cuts within a byte: {new} left the new record whole, the others the one before");
    assert!(cuts > 40_000 && new > 0 && new < cuts / 10);
}

#[test]
fn each_point_between() {
    for saves in [0, 1, 8, 9] {
        let (mut bench, saved) = prepared(saves);
        let mut news = vec![];
        while bench.store.report().pending {
            bench.tick(100);
            // Nothing of the page is written yet, or all of it.
            for done in [0, PAGE as u32] {
                let mut chip = bench.chip();
                chip.cut(done, 0, |before, _| before);
                news.push(judge(chip, &bench, saved.as_ref()));
            }
        }
        assert!(!news[0] && news.last() == Some(&true));
    }
}

/// A restart of the processor alone: the chip is still writing when it is asked for the records.
#[test]
fn a_chip_that_is_busy_at_the_start_is_waited_for() {
    let (mut bench, saved) = prepared(3);
    for _ in 0..4 {
        bench.tick(1_500);
    }
    assert!(bench.mock.borrow().unfinished() > 0);
    let after = Bench::open(bench.chip());
    assert_eq!(Some(after.registers), saved);
}
