//! What stands on the chip: through cuts, decay and other versions, beside what others write.

use std::cell::RefCell;
use std::rc::Rc;

use super::common::{LINES, chip, settings};
use crate::wire::Bench;
use hil_board::device::settings::Settings;
use hil_board::store::map::{CALIBRATION, SETTINGS};
use hil_board::store::mock::Mock24C64;
use hil_link::{Calibration, CalibrationRequest, EnergyRequest, Memory, Request, Response, SettingsRequest};

#[test]
fn the_plug_pulled_at_each_byte_of_an_import() {
    /// What the bits that are being written may become.
    const STATES: [fn(u8, u8, u8) -> u8; 5] =
        [|_, _, _| 0, |_, _, _| 0xff, |b, a, _| b & a, |b, a, _| b | a, |b, a, n| b ^ ((b ^ a) & (0x5d << (n % 5)))];
    let (mut cuts, mut new) = (0, 0);
    // Upon a blank chip, upon settings, and upon settings in the other copy.
    for before in 0..3 {
        let chip = chip();
        let mut bench = Bench::start(&chip);
        let mut old = Settings::default().digest();
        for n in 1..=before {
            let line = format!("residual rated set {}", 100 * n);
            bench.take(&[&line]);
            old = settings(&[&line]).digest();
        }
        // A chip that is asked ten times in vain is seen in the middle of each page.
        let mut bench = Bench::with_chip(&chip, 10);
        let lines = ["system fabsettings", LINES[0], LINES[1], LINES[2], LINES[3]];
        let wanted = settings(&lines).digest();
        let image = *chip.borrow_mut().cells();
        bench.upload(&lines);
        assert_eq!(*chip.borrow_mut().cells(), image, "a cut while lines come leaves the chip as it is");
        bench.state(SettingsRequest::Apply);
        let mut judge = |cells: Mock24C64| {
            let after = Rc::new(RefCell::new(cells));
            after.borrow_mut().wait(10_000);
            let mut after = Bench::start(&after);
            let state = after.state(SettingsRequest::Show);
            assert!(state.in_use == wanted || state.in_use == old, "a mix: {state:?}");
            assert_eq!((state.kept, state.pending), (state.in_use, false));
            assert!(before == 0 || state.memory == Memory::Restored);
            (cuts, new) = (cuts + 1, new + u32::from(state.in_use == wanted));
            state.in_use == wanted
        };
        let (mut pages, mut last) = (0, false);
        loop {
            let now = chip.borrow().unfinished();
            pages += u32::from(now > 0);
            for (done, state) in (0..=now).flat_map(|done| STATES.iter().map(move |state| (done, state))) {
                for torn in [1, now] {
                    let mut cells = chip.borrow().clone();
                    let mut count = 0;
                    cells.cut(done, torn, |before, after| {
                        count = u8::wrapping_add(count, 37);
                        state(before, after, count)
                    });
                    last = judge(cells);
                }
            }
            if !bench.state(SettingsRequest::Show).pending {
                break;
            }
        }
        assert!(pages >= 8, "{pages} pages seen");
        assert_eq!(bench.state(SettingsRequest::Show).kept, wanted);
        assert!(last || judge(chip.borrow().clone()), "once written it is there");
    }
    println!("{cuts} cuts: {new} left the new settings, the others those before");
    assert!(cuts > 5_000 && new > 0 && new < cuts / 2);
}

#[test]
fn what_stands_on_the_chip_and_is_no_setting() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    bench.take(&LINES);
    let whole = *chip.borrow_mut().cells();
    assert!(whole[CALIBRATION[0] as usize..][..512].iter().all(|&byte| byte == 0xff));
    assert_eq!(whole[SETTINGS[0] as usize..][..6], *b"MSET\x02\0");
    let memory = |cells: [u8; 8_192]| {
        let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::with(cells))));
        let state = bench.state(SettingsRequest::Show);
        let is_factory = state.in_use == Settings::default().digest();
        assert_eq!(is_factory, state.memory != Memory::Restored);
        state.memory
    };
    assert_eq!(memory(whole), Memory::Restored);
    // Decay.
    let mut cells = whole;
    cells[SETTINGS[0] as usize + 30] ^= 1;
    assert_eq!(memory(cells), Memory::Corrupt);
    // A later version, and a whole copy with a value that no board would have written: its page of the display stays 61 s.
    let length = u16::from_le_bytes([whole[6], whole[7]]) as usize;
    let with = |place: usize, value: u8| {
        let mut cells = whole;
        cells[place] = value;
        let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&cells[..12 + length]);
        cells[12 + length..][..4].copy_from_slice(&sum.to_le_bytes());
        cells
    };
    let place = 12 + length - 9;
    assert_eq!(whole[place..12 + length], [60, 7, 100, 1, 1, 0x80, 0x96, 0x01, 0]);
    assert_eq!(memory(with(place, 59)), Memory::Restored);
    assert_eq!(memory(with(place, 61)), Memory::Corrupt);
    assert_eq!(memory(with(4, 3)), Memory::Foreign);
    // As an older program has left them, without a Modbus port: all is as it was, and the port is the factory's. What is said to
    // be of that version and is not is none.
    assert_eq!(memory(with(4, 1)), Memory::Corrupt);
    let mut cells = whole;
    let length = length - 5;
    (cells[4], cells[6]) = (1, length as u8);
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&cells[..12 + length]);
    cells[12 + length..][..4].copy_from_slice(&sum.to_le_bytes());
    let chip = Rc::new(RefCell::new(Mock24C64::with(cells)));
    let mut bench = Bench::start(&chip);
    let state = bench.state(SettingsRequest::Show);
    assert_eq!((state.memory, state.in_use), (Memory::Restored, settings(&LINES).digest()));
    assert!(bench.export().ends_with(
        "modbus address set 1                     #range: 1..247 slave's address\n\
         modbus baud set 19200                    #range: 1200..115200 baud; 8 data bits, 1 stop bit\n\
         modbus parity set 0                      #range: 0..2 0: none, 1: even, 2: odd\n"
    ));
    // The next import is kept in the form of today, and read again.
    bench.take(&["modbus address set 17"]);
    assert_eq!(chip.borrow_mut().cells()[SETTINGS[1] as usize..][..6], *b"MSET\x02\0");
    let state = Bench::start(&chip).state(SettingsRequest::Show);
    assert_eq!(state.in_use, settings(&[&LINES[..], &["modbus address set 17"]].concat()).digest());
    assert_eq!(memory([0x5a; 8_192]), Memory::Foreign);
}

/// One chip, three who write to it: none loses anything by the others.
#[test]
fn settings_calibration_and_registers_share_the_chip() {
    let chip = chip();
    let mut bench = Bench::with_chip(&chip, 10);
    let calibration = Calibration { made: 7, ..Calibration::default() };
    bench.ask(&Request::Energy(EnergyRequest::Save));
    bench.ask(&Request::Calibration(CalibrationRequest::Write(calibration.clone())));
    bench.upload(&LINES);
    bench.state(SettingsRequest::Apply);
    bench.ask(&Request::Energy(EnergyRequest::Save));
    let state = bench.settle();
    assert_eq!((state.saves, state.faults), (1, 0));
    for _ in 0..500 {
        if !bench.energy().pending {
            break;
        }
    }
    let energy = bench.energy();
    assert_eq!((energy.pending, energy.saves, energy.faults), (false, 2, 0));
    let mut bench = Bench::start(&chip);
    let Response::Calibration(kept) = bench.ask(&Request::Calibration(CalibrationRequest::Show)) else {
        panic!("no calibration")
    };
    assert_eq!((kept.calibration, kept.memory), (Some(calibration), Memory::Restored));
    assert_eq!(bench.state(SettingsRequest::Show).in_use, settings(&LINES).digest());
    assert_eq!(bench.energy().saved, Some(1));
}
