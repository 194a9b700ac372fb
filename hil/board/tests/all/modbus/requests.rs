//! Which requests are answered, and how; where a frame ends.

use std::cell::RefCell;
use std::rc::Rc;

use super::loads::{board, loaded, play};
use crate::wire::Bench;
use crate::wire::master::fuzz::{ADDRESS, SILENCE_US, frame, survives};
use crate::wire::master::{exchange, fields, message, writing};
use hil_board::device::Snapshot;
use hil_board::device::settings::Parity;
use hil_board::modbus::Slave;
use hil_board::modbus::map::{LINES, PORTS, RESIDUAL, STRIDE};
use hil_board::store::mock::Mock24C64;
use hil_board::{Port, Received};
use proptest::prelude::*;

#[test]
fn what_cannot_be_done_is_answered_with_its_exception() {
    let mut bench = board();
    let mut refused = |request: &[u8]| {
        let answer = exchange(&mut bench, &frame(ADDRESS, request));
        assert_eq!(answer, frame(ADDRESS, &[request[0] | 0x80, answer[2]]), "{request:x?}");
        answer[2]
    };
    for function in [0, 1, 2, 5, 7, 8, 11, 15, 17, 20, 22, 23, 43, 0x7f] {
        assert_eq!(refused(&message(function, LINES, 1)), 1, "function {function}");
    }
    for (register, count) in [
        (0, 1),
        (LINES - 1, 1),
        (LINES - 1, 2),
        // Behind the last field, in the second phase, at a second line.
        (LINES + 42, 1),
        (LINES + 40, 3),
        (LINES + 0x60, 1),
        (LINES + STRIDE, 1),
        (PORTS - 1, 1),
        // The eighth outlet, the end of the port sensors.
        (PORTS + 7 * STRIDE, 1),
        (0x81ff, 1),
        (RESIDUAL - 1, 1),
        (RESIDUAL + 5, 1),
        (RESIDUAL, 6),
        (0xffff, 1),
        (0xffff, 125),
        (LINES, 125),
    ] {
        assert_eq!([3, 4].map(|function| refused(&message(function, register, count))), [2, 2], "{register:#x}");
    }
    for count in [0, 126, 0x8001, 0xffff] {
        assert_eq!([3, 4].map(|function| refused(&message(function, LINES, count))), [3, 3], "{count} registers");
    }
    // Fields that are only read, residual current, nothing at all, more than the field that resets.
    let reset = LINES + 18;
    for register in [LINES, LINES + 2, reset - 1, reset + 2, LINES + 22, LINES + 24, RESIDUAL, 0, 0xffff] {
        assert_eq!(refused(&message(6, register, 0)), 2, "{register:#x}");
        assert_eq!(refused(&writing(register, &[0])), 2, "{register:#x}");
    }
    assert_eq!([refused(&writing(reset, &[0, 0, 0])), refused(&writing(reset - 1, &[0, 0]))], [2, 2]);
    assert_eq!([refused(&message(6, reset, 1)), refused(&writing(reset, &[0, 1]))], [3, 3], "no 0");
    // Lengths that contradict each other.
    let mut short = writing(reset, &[0, 0]);
    short.pop();
    let mut none = message(16, reset, 0);
    none.push(0);
    let mut odd = message(16, reset, 1);
    odd.extend([1, 0]);
    let mut other = writing(reset, &[0, 0]);
    other[4] = 1;
    let mut full = message(16, reset, 0x7f);
    full.push(0xfe);
    full.extend([0; 245]);
    let longer = [message(3, LINES, 1), vec![0]].concat();
    for request in [short, none, odd, other, full, longer, vec![3], vec![16, 1, 2]] {
        assert_eq!(refused(&request), 3, "{request:x?}");
    }
}

#[test]
fn what_is_for_nobody_here_is_not_answered() {
    let mut bench = board();
    loaded(&mut bench);
    play(&mut bench, 2);
    let own = frame(ADDRESS, &message(3, LINES, 2));
    assert_eq!(exchange(&mut bench, &own).len(), 9);
    for address in [2, 17, 247, 248, 255] {
        assert!(exchange(&mut bench, &frame(address, &message(3, LINES, 2))).is_empty());
    }
    let mut damaged = own.clone();
    damaged[3] ^= 1;
    let too_long = frame(ADDRESS, &[3; 254]);
    let answers = frame(ADDRESS, &[0x83, 2]);
    for bytes in [&damaged[..], &own[..7], &own[1..], &[ADDRESS], &[0, 0], &too_long, &answers, &[0xff; 300]] {
        assert!(exchange(&mut bench, bytes).is_empty(), "{bytes:x?}");
        assert_eq!(exchange(&mut bench, &own).len(), 9, "the next one is heard");
    }
    // A broadcast is done, and not answered; it cannot read.
    assert!(exchange(&mut bench, &frame(0, &message(3, LINES, 2))).is_empty());
    assert!(exchange(&mut bench, &frame(0, &message(6, LINES, 0))).is_empty());
    assert!(fields(&mut bench, 3, LINES)[9] > 0);
    assert!(exchange(&mut bench, &frame(0, &message(6, LINES + 18, 0))).is_empty());
    assert_eq!(fields(&mut bench, 3, LINES)[9], 0);
}

#[test]
fn a_frame_ends_with_a_silence_of_three_and_a_half_characters() {
    let snapshot = Snapshot::default();
    // As the specification has it: 11 bits a character, 1.75 ms above 19 200 baud.
    for (baud, silence_us) in [(1_200, 32_084), (9_600, 4_011), (19_200, 2_006), (38_400, 1_750), (115_200, 1_750)] {
        let request = frame(ADDRESS, &message(3, LINES, 2));
        for at in 1..request.len() {
            for (gap, is_whole) in [(silence_us - 1, true), (silence_us, false)] {
                let mut slave = Slave::new(ADDRESS, baud);
                let mut now = 5_000_000;
                assert_eq!(slave.patience_us(now), None);
                for (n, &byte) in request.iter().enumerate() {
                    now += if n == at { gap } else { 100 };
                    assert_eq!(slave.byte(Received { byte, at_us: now }, &snapshot), None);
                }
                assert_eq!(slave.patience_us(now), Some(silence_us as u32));
                assert_eq!(slave.patience_us(now + 1_000), Some(silence_us as u32 - 1_000));
                assert_eq!(slave.pass(now + silence_us - 1, &snapshot), None);
                assert_eq!(slave.pass(now + silence_us, &snapshot).is_some(), is_whole, "{baud} baud, byte {at}");
                assert_eq!(slave.patience_us(now + silence_us), None);
            }
        }
        // One that nobody looked at in time is served before the first byte of the next one.
        let mut slave = Slave::new(ADDRESS, baud);
        for &byte in &request {
            assert_eq!(slave.byte(Received { byte, at_us: 10 }, &snapshot), None);
        }
        let late = Received { byte: ADDRESS, at_us: 10 + silence_us };
        assert_eq!(slave.byte(late, &snapshot).map(|served| served.answer.len()), Some(9));
    }
}

/// Address, speed and parity are settings: taken into use by a restart, and there from power-up on.
#[test]
fn the_port_goes_by_the_settings() {
    let chip = Rc::new(RefCell::new(Mock24C64::default()));
    let mut bench = Bench::start(&chip);
    assert_eq!(bench.board.platform().serial, [(19_200, Parity::None)]);
    let own = frame(ADDRESS, &message(3, LINES, 2));
    for line in ["modbus address set 17", "modbus baud set 9600", "modbus parity set 1", "settings apply"] {
        assert_eq!(bench.type_line(line), ["OK."], "{line}");
    }
    assert_eq!(exchange(&mut bench, &own).len(), 9, "nothing before a restart");
    assert_eq!(bench.type_line("system restart"), ["OK."]);
    assert_eq!(bench.board.platform().serial, [(19_200, Parity::None), (9_600, Parity::Even)]);
    for _ in 0..2 {
        assert!(exchange(&mut bench, &own).is_empty(), "that is another slave now");
        // Its end: 3.5 characters of 11 bits at 9 600 baud.
        bench.board.platform().now_us += 10_000;
        bench.board.poll().unwrap();
        let port = bench.board.platform();
        let at_us = port.now_us;
        let bytes = frame(17, &message(3, LINES, 2));
        port.further[Port::Modbus as usize].down.extend(bytes.into_iter().map(|byte| Received { byte, at_us }));
        for (us, answered) in [(0, 0), (4_010, 0), (1, 9)] {
            bench.board.platform().now_us += us;
            bench.board.poll().unwrap();
            assert_eq!(bench.board.platform().further[Port::Modbus as usize].up.len(), answered, "after {us} us");
        }
        assert_eq!(bench.board.platform().further[Port::Modbus as usize].up[..3], [17, 3, 4]);
        bench.board.platform().further[Port::Modbus as usize].up.clear();
        // The same after a power cut; a restart that changes nothing of it leaves the port alone.
        bench = Bench::start(&chip);
        bench.type_line("display return set 7");
        bench.type_line("settings apply");
        bench.type_line("system restart");
        assert_eq!(bench.board.platform().serial, [(9_600, Parity::Even)]);
    }
}

/// Bytes with the gaps before them: requests of all kinds, damaged and whole, and noise.
fn traffic() -> impl Strategy<Value = Vec<(u8, u64)>> {
    let gap = || prop_oneof![8 => 0..700_u64, 1 => SILENCE_US - 1..SILENCE_US + 1, 1 => SILENCE_US..u64::MAX >> 20];
    let noise = prop::collection::vec((any::<u8>(), gap()), 1..300);
    let address = prop_oneof![3 => Just(ADDRESS), 1 => Just(0), 1 => any::<u8>()];
    let register = prop_oneof![
        any::<u16>(),
        Just(LINES + 18),
        (0..7_u16).prop_map(|outlet| PORTS + outlet * STRIDE + 18),
        Just(RESIDUAL)
    ];
    let values = prop::collection::vec(prop_oneof![3 => Just(0), 1 => any::<u16>()], 0..124);
    let body = prop_oneof![
        (any::<u8>(), register.clone(), any::<u16>()).prop_map(|(function, at, count)| message(function, at, count)),
        (3..=4_u8, register.clone(), 0..130_u16).prop_map(|(function, at, count)| message(function, at, count)),
        (register.clone(), 0..2_u16).prop_map(|(at, value)| message(6, at, value)),
        (register, values).prop_map(|(at, values)| writing(at, &values)),
    ];
    let request = (address, body).prop_map(|(address, body)| {
        let bytes = frame(address, &body).into_iter().map(|byte| (byte, 100));
        bytes.enumerate().map(|(n, (byte, gap))| (byte, if n == 0 { 10_000 } else { gap })).collect::<Vec<_>>()
    });
    let damaged = (request.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = at.index(bytes.len());
        bytes[at].0 = byte;
        bytes
    });
    prop::collection::vec(prop_oneof![noise, request, damaged], 1..6).prop_map(|parts| parts.concat())
}

proptest! {
    /// Whatever comes: only a whole frame for this slave is served, its answer is well formed, and a reset needs a zero
    /// written to a register that resets.
    #[test]
    fn only_whole_frames_are_served(bytes in traffic()) {
        survives(&bytes);
    }
}
