//! The calibration of a board: kept over restarts, corrupt copies told and not used, values out of range refused.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::Bench;
use hil_board::store::map::{CALIBRATION, CHIP, SETTINGS};
use hil_board::store::mock::Mock24C64;
use hil_link::{
    Calibration, CalibrationRequest, CalibrationState, Correction, EnergyRequest, Error, Memory, Request, Response,
};

type Chip = Rc<RefCell<Mock24C64>>;

fn chip() -> Chip {
    Rc::new(RefCell::new(Mock24C64::default()))
}

fn ask(bench: &mut Bench, request: CalibrationRequest) -> CalibrationState {
    match bench.ask(&Request::Calibration(request)) {
        Response::Calibration(state) => state,
        other => panic!("{other:?}"),
    }
}

/// Asks until the chip is done.
fn write(bench: &mut Bench, calibration: &Calibration) -> CalibrationState {
    let mut state = ask(bench, CalibrationRequest::Write(calibration.clone()));
    for _ in 0..50 {
        if !state.pending {
            return state;
        }
        state = ask(bench, CalibrationRequest::Show);
    }
    panic!("the save does not end: {state:?}");
}

/// A calibration whose values all differ, with gaps among the currents.
fn calibration(seed: i16) -> Calibration {
    let correction = |n: i16| Correction {
        gain_ppm: -500_000 + 1_000 * i32::from(n + seed),
        phase: 10_000 - 7 * (n + seed),
        delay: -2_560 + n + seed,
        offset: -(1 << 30) + i32::from(n + seed),
        noise: (1 << 30) - (n + seed) as u32,
    };
    Calibration {
        made: 1_764_000_000,
        clock: -10_000 + seed,
        voltage: Some(correction(0)),
        currents: [None, Some(correction(2)), None, Some(correction(4))].into_iter().collect(),
        residual: Some(correction(9)),
    }
}

#[test]
fn what_is_written_is_there_after_a_restart_byte_by_byte() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    let state = ask(&mut bench, CalibrationRequest::Show);
    assert_eq!((state.memory, state.calibration, state.saved), (Memory::Blank, None, None));
    for (number, seed) in [0, 40, 90].into_iter().enumerate() {
        let state = write(&mut bench, &calibration(seed));
        assert_eq!((state.saves, state.faults, state.saved), (1, 0, Some(number as u32)));
        bench = Bench::start(&chip);
        let state = ask(&mut bench, CalibrationRequest::Show);
        assert_eq!((state.memory, state.calibration), (Memory::Restored, Some(calibration(seed))));
    }
    // The third copy stands in the first place again: the table at the head of `calibration.rs`, by hand.
    let cells = *chip.borrow_mut().cells();
    let content = &cells[CALIBRATION[0] as usize + 12..];
    let mut expected = 1_764_000_000_u32.to_le_bytes().to_vec();
    expected.extend((-9_910_i16).to_le_bytes());
    expected.extend(0b10_0001_0101_u16.to_le_bytes());
    expected.extend((-410_000_i32).to_le_bytes());
    expected.extend((-(1_i32 << 30) + 90).to_le_bytes());
    expected.extend(((1_u32 << 30) - 90).to_le_bytes());
    expected.extend((10_000_i16 - 630).to_le_bytes());
    expected.extend((-2_470_i16).to_le_bytes());
    assert_eq!(content[..expected.len()], expected[..]);
    assert!(cells[SETTINGS[0] as usize..CALIBRATION[0] as usize].iter().all(|&byte| byte == 0xff));

    let nothing = Calibration::default();
    write(&mut bench, &nothing);
    assert_eq!(ask(&mut Bench::start(&chip), CalibrationRequest::Show).calibration, Some(nothing));
}

#[test]
fn all_channels_fit_and_a_session_changes_nothing() {
    let mut whole = calibration(0);
    whole.currents = [whole.voltage; 8].into_iter().collect();
    let chip = chip();
    let mut bench = Bench::start(&chip);
    write(&mut bench, &whole);
    bench.ask(&Request::Hello { version: hil_link::PROTOCOL_VERSION });
    assert_eq!(ask(&mut bench, CalibrationRequest::Show).calibration, Some(whole));
}

#[test]
fn a_value_out_of_range_is_refused_by_name_and_nothing_is_written() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    write(&mut bench, &calibration(1));
    let before = *chip.borrow_mut().cells();
    let mut wrong = calibration(2);
    wrong.currents[3].as_mut().unwrap().phase = 10_001;
    let answer = bench.ask(&Request::Calibration(CalibrationRequest::Write(wrong)));
    let Response::Error(Error::Config { field, reason }) = answer else { panic!("{answer:?}") };
    assert_eq!((&*field, &*reason), ("calibration", "current 3: phase 10001 is not within -10000 to 10000"));
    assert_eq!(*chip.borrow_mut().cells(), before);
    assert_eq!(ask(&mut bench, CalibrationRequest::Show).calibration, Some(calibration(1)));
}

#[test]
fn a_corrupt_area_is_told_and_not_used() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    write(&mut bench, &calibration(1));
    write(&mut bench, &calibration(2));
    // One copy decays: the other one is used.
    chip.borrow_mut().cells()[CALIBRATION[1] as usize + 20] ^= 4;
    let state = ask(&mut Bench::start(&chip), CalibrationRequest::Show);
    assert_eq!((state.memory, state.calibration), (Memory::Restored, Some(calibration(1))));
    chip.borrow_mut().cells()[CALIBRATION[0] as usize + 30] ^= 1;
    let mut bench = Bench::start(&chip);
    let state = ask(&mut bench, CalibrationRequest::Show);
    assert_eq!((state.memory, state.calibration), (Memory::Corrupt, None));
    // Writing makes it good again.
    write(&mut bench, &calibration(3));
    assert_eq!(ask(&mut Bench::start(&chip), CalibrationRequest::Show).calibration, Some(calibration(3)));
}

/// A checksum that holds is not enough: a value that no board would have written is not used.
#[test]
fn a_whole_copy_with_an_impossible_value_is_corrupt() {
    for (offset, byte, memory) in [
        // The begin of the content is made, clock, present, gain.
        (0, 7, Memory::Restored),
        (5, 0x7f, Memory::Corrupt),
        (7, 0x04, Memory::Corrupt),
        (6, 0x05, Memory::Corrupt),
        (11, 0x7f, Memory::Corrupt),
    ] {
        let chip = chip();
        write(&mut Bench::start(&chip), &calibration(1));
        {
            let mut mock = chip.borrow_mut();
            let copy = &mut mock.cells()[CALIBRATION[0] as usize..][..256];
            copy[12 + offset] = byte;
            let end = 12 + usize::from(u16::from_le_bytes([copy[6], copy[7]]));
            let sum = crc(&copy[..end]);
            copy[end..end + 4].copy_from_slice(&sum.to_le_bytes());
        }
        let state = ask(&mut Bench::start(&chip), CalibrationRequest::Show);
        assert_eq!(state.memory, memory, "byte {offset}");
        assert_eq!(state.calibration.is_some(), memory == Memory::Restored, "byte {offset}");
    }
}

/// CRC-32 of Ethernet, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn energy_and_calibration_do_not_disturb_each_other() {
    let chip = chip();
    let mut bench = Bench::start(&chip);
    for round in 0..4 {
        bench.ask(&Request::Energy(EnergyRequest::Save));
        let begun = ask(&mut bench, CalibrationRequest::Write(calibration(round)));
        bench.ask(&Request::Energy(EnergyRequest::Save));
        let mut pending = begun.pending;
        for _ in 0..100 {
            let Response::Energy(energy) = bench.ask(&Request::Energy(EnergyRequest::Show)) else { panic!() };
            pending = ask(&mut bench, CalibrationRequest::Show).pending || energy.pending;
            if !pending {
                break;
            }
        }
        assert!(!pending);
        let mut again = Bench::start(&chip);
        assert_eq!(ask(&mut again, CalibrationRequest::Show).calibration, Some(calibration(round)));
        let Response::Energy(energy) = again.ask(&Request::Energy(EnergyRequest::Show)) else { panic!() };
        assert_eq!((energy.memory, energy.faults), (Memory::Restored, 0));
        bench = again;
    }
}

/// Who asks for the registers alone sees their save come to its end, although a calibration is written before.
#[test]
fn a_calibration_does_not_keep_the_registers_waiting() {
    let chip = chip();
    let mut bench = Bench::with_chip(&chip, 3);
    assert!(ask(&mut bench, CalibrationRequest::Write(calibration(1))).pending);
    bench.ask(&Request::Energy(EnergyRequest::Save));
    let mut energy = || match bench.ask(&Request::Energy(EnergyRequest::Show)) {
        Response::Energy(energy) => energy,
        other => panic!("{other:?}"),
    };
    assert!((0..100).any(|_| !energy().pending), "the save does not end");
    assert_eq!(energy().saves, 1);
    assert_eq!(ask(&mut Bench::start(&chip), CalibrationRequest::Show).calibration, Some(calibration(1)));
}

#[test]
fn a_foreign_chip_is_written_on_request_alone() {
    let chip = Rc::new(RefCell::new(Mock24C64::with([0x5a; CHIP])));
    let mut bench = Bench::start(&chip);
    assert_eq!(ask(&mut bench, CalibrationRequest::Show).memory, Memory::Foreign);
    assert_eq!(*chip.borrow_mut().cells(), [0x5a; CHIP]);
    write(&mut bench, &calibration(5));
    assert_eq!(ask(&mut Bench::start(&chip), CalibrationRequest::Show).calibration, Some(calibration(5)));
}
