//! The Modbus slave: every register against closed forms, requests against the specification's own words, any bytes at all.

mod wire;

use std::cell::RefCell;
use std::f64::consts::SQRT_2;
use std::rc::Rc;

use hil_board::device::settings::Parity;
use hil_board::device::{Field, Sensor, Snapshot};
use hil_board::modbus::Slave;
use hil_board::modbus::map::{LINES, PORTS, RESIDUAL, Register, ResidualField, STRIDE};
use hil_board::store::mock::Mock24C64;
use hil_board::{Port, Received};
use hil_link::{Channel, Config, MAX_CURRENTS, Request, Residual, Response, Signal, Tone, Waveform};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};
use proptest::prelude::*;
use wire::master::fuzz::{ADDRESS, BAUD, SENSORS, SILENCE_US, frame, survives};
use wire::master::{CHARACTER_US, exchange, fields, long, message, read, writing};
use wire::{Bench, config};

fn board() -> Bench {
    Bench::start(&Rc::new(RefCell::new(Mock24C64::default())))
}

/// RMS current and lag of a channel: to the load and from it, lagging and leading.
fn load(channel: usize) -> (f64, f64) {
    let lag = [10.03, -34.87, 60.02, 90.0, -120.4, 179.9, 140.6, 0.0][channel];
    (100.017 * (channel as f64 + 1.0), lag)
}

/// 230.4 V, the loads above, and a residual current of 30.04 mA.
fn signal() -> Signal {
    let tone = |order, peak: f64, turn: f64| Tone {
        order,
        amplitude: (peak * 2f64.powi(31)) as u32,
        phase: (turn.rem_euclid(1.0) * 2f64.powi(32)) as u64 as u32,
    };
    let sine = |peak, lag: f64| Waveform { dc: 0, tones: [tone(1, peak, -lag / 360.0)].into_iter().collect() };
    let voltage = sine(230.4 * SQRT_2 / 400.0, 0.0);
    let currents = (0..MAX_CURRENTS).map(|channel| {
        let (rms, lag) = load(channel);
        sine(rms * SQRT_2 / 4_000.0, lag)
    });
    let residual = sine(0.030_04 * SQRT_2, 30.0);
    Signal {
        frequency: (49.984 * 2f64.powi(32)) as u64,
        channels: std::iter::once(voltage).chain(currents).chain([residual]).collect(),
    }
}

/// Meters the signal for some seconds.
fn play(bench: &mut Bench, seconds: u32) -> usize {
    let pieces = (0..seconds * 20).map(|_| match bench.ask(&Request::Run { frames: 100, with_codes: false }) {
        Response::Readings(windows) => windows.len(),
        other => panic!("{other:?}"),
    });
    pieces.sum()
}

fn loaded(bench: &mut Bench) {
    let config = Config {
        adc_bits: 24,
        currents: (0..8).map(|_| Channel::new(4_000 << 32)).collect(),
        residual: Some(Residual::new(Channel::new(1 << 32))),
        ..config(0)
    };
    assert_eq!(bench.ask(&Request::Configure(config)), Response::Configured);
    assert_eq!(bench.ask(&Request::Signal(signal())), Response::SignalSet);
}

#[test]
fn every_measured_register_has_its_closed_form() {
    let mut bench = board();
    loaded(&mut bench);
    assert!(play(&mut bench, 3) > 10);
    for function in [3, 4] {
        for (channel, first) in SENSORS.into_iter().enumerate() {
            let read = fields(&mut bench, function, first);
            let (rms, lag) = load(channel);
            let (apparent, angle) = (230.4 * rms, lag.to_radians());
            let (active, reactive) = (apparent * angle.cos(), apparent * angle.sin());
            let expected = [active, 230.4, rms * 1e3, 4_998.4, angle.cos() * 1e3, lag * 10.0, apparent, reactive];
            for (read, value) in read[1..9].iter().zip(expected) {
                // A register is rounded, from a reading that is right to 10⁻⁶: near a half either digit may stand.
                let off = (f64::from(*read) - value).abs();
                assert!(off <= 0.5 + value.abs() * 1e-6, "sensor at {first:#x}: {read} for {value}");
            }
        }
        assert_eq!(read(&mut bench, function, RESIDUAL, 5), [300, 0, 0, 0, 0], "0.1 mA, true RMS first");
    }
}

#[test]
fn every_energy_register_has_its_own_value_also_beyond_31_and_32_bits() {
    let mut accounts = [Account::default(); MAX_CURRENTS];
    let wh = |wh: u64| WattSecond::from_bits(wh * (3_600 << 16));
    // Another number for each register of each channel; those of channel 1 lie beyond 2^31, of channel 2 beyond 2^32.
    let base =
        |channel: usize| [0, 2_147_483_600, 4_294_967_200].get(channel).copied().unwrap_or(1_000 * channel as u64);
    let value = |channel: usize, number: u64| base(channel) + 10 * number;
    for (channel, account) in accounts.iter_mut().enumerate() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|number| value(channel, number));
        account.continuous = Energy {
            forward_active: wh(a),
            reverse_active: wh(b),
            forward_reactive: wh(c),
            reverse_reactive: wh(d),
            apparent: wh(0),
        };
        account.at_reset = Energy {
            forward_active: wh(1),
            reverse_active: wh(2),
            forward_reactive: wh(3),
            reverse_reactive: wh(4),
            apparent: wh(0),
        };
        account.reset_at = Second::from_num(100 * (channel as u64 + 1));
    }
    let registers = Registers::restore(Second::from_num(5_000), accounts).unwrap();
    let snapshot = Snapshot::new(&registers);
    for (channel, first) in SENSORS.into_iter().enumerate() {
        let mut slave = Slave::new(ADDRESS, BAUD);
        for (n, byte) in frame(ADDRESS, &message(3, first, 42)).into_iter().enumerate() {
            assert_eq!(slave.byte(Received { byte, at_us: n as u64 * CHARACTER_US }, &snapshot), None);
        }
        let served = slave.pass(1_000_000, &snapshot).unwrap();
        let words: Vec<u16> =
            served.answer[3..87].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let read: Vec<i32> = words.chunks(2).map(long).collect();
        let [a, b, c, d] = [1, 2, 3, 4].map(|number| value(channel, number));
        // Two's complement of the low 32 bits.
        let cut = |wh: u64| wh as u32 as i32;
        let expected = [
            (0, cut(a + b)),
            (9, cut(a + b - 3)),
            (10, cut(c + d)),
            (11, cut(c + d - 7)),
            (12, 5_000 - 100 * (channel as i32 + 1)),
            (13, cut(a)),
            (14, cut(c)),
            (15, cut(a - 1)),
            (16, cut(c - 3)),
            (17, cut(b)),
            (18, cut(d)),
            (19, cut(b - 2)),
            (20, cut(d - 4)),
        ];
        for (number, wh) in expected {
            assert_eq!(read[number], wh, "field {number} of channel {channel}");
        }
        // Nothing was measured.
        assert_eq!(read[1..9], [i32::MIN; 8]);
    }
    // As the documentation says it: 2^31 Wh and some read as negative, a difference modulo 2^32 stays right.
    assert_eq!(Field::ForwardActiveEnergy.of(&snapshot, 1), Some(2_147_483_610));
}

#[test]
fn a_zero_resets_what_is_resettable_and_is_kept() {
    let chip = Rc::new(RefCell::new(Mock24C64::default()));
    let mut bench = Bench::start(&chip);
    loaded(&mut bench);
    play(&mut bench, 3);
    let before = fields(&mut bench, 3, LINES);
    assert!(before[9] > 10 && before[9] == before[0] && before[12] == 2, "{before:?}");
    let reset = LINES + 18;
    for (request, answer) in [
        (writing(reset, &[0, 0]), message(16, reset, 2)),
        (writing(PORTS + 18, &[0]), message(16, PORTS + 18, 1)),
        (message(6, PORTS + STRIDE + 19, 0), message(6, PORTS + STRIDE + 19, 0)),
    ] {
        assert_eq!(exchange(&mut bench, &frame(ADDRESS, &request)), frame(ADDRESS, &answer));
    }
    for (channel, first) in SENSORS.into_iter().enumerate() {
        let read = fields(&mut bench, 3, first);
        let resettable = [9, 11, 12, 15, 16, 19, 20].map(|number| read[number]);
        assert_eq!(resettable == [0; 7], channel < 3, "channel {channel}: {resettable:?}");
        assert!(read[0] + read[10] > 10, "channel {channel}: {read:?}");
    }
    assert_eq!(fields(&mut bench, 3, LINES)[0], before[0], "the others go on");
    // The next requests of the bench save it, and after a power cut it is still so.
    (0..40).for_each(|_| drop(bench.ask(&Request::Status)));
    (0..40).for_each(|_| drop(bench.ask(&Request::Run { frames: 0, with_codes: false })));
    let kept = *bench.board.snapshot().registers();
    drop(bench);
    let mut bench = Bench::start(&chip);
    assert_eq!(bench.board.snapshot().registers(), &kept);
    assert_eq!(fields(&mut bench, 3, LINES)[9], 0);
}

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

#[test]
fn an_address_and_its_register_belong_together() {
    let mut found = 0;
    for address in 0..=u16::MAX {
        match Register::at(address) {
            Some(Register::High(sensor, field)) => assert_eq!(Register::address(sensor, field), Some(address)),
            Some(Register::Low(sensor, field)) => assert_eq!(Register::address(sensor, field), Some(address - 1)),
            Some(Register::Residual(field)) => assert_eq!(RESIDUAL + field as u16, address),
            None => continue,
        }
        found += 1;
    }
    assert_eq!(found, 8 * 21 * 2 + 5);
    // Three by hand.
    assert_eq!(Register::address(Sensor::Line(1), Field::Current), Some(0x406));
    assert_eq!(Register::address(Sensor::Port(2), Field::AbsoluteActiveEnergy), Some(0x3b20));
    assert_eq!(Register::address(Sensor::Port(7), Field::ReverseReactiveResettable), Some(0x40e8));
    assert_eq!([Sensor::Line(0), Sensor::Line(2), Sensor::Port(0), Sensor::Port(8)].map(Sensor::channel), [None; 4]);
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

/// The table of the manual page, made from the map.
#[test]
fn the_manual_page_has_every_register() {
    let text = include_str!("../MODBUS.md");
    let fields = Field::ALL.map(|field| {
        let address = Register::address(Sensor::Line(1), field).unwrap();
        let resets = Register::at(address).unwrap().resets().is_some();
        let written = if resets { " a 0 written here resets all resettable registers of the sensor" } else { "" };
        format!("| {address:#06x} | {} {} | {} |{written} |\n", field.number(), field.name(), field.unit())
    });
    let residual = ResidualField::ALL
        .map(|field| format!("| {:#06x} | {} | {} | |\n", RESIDUAL + field as u16, field.name(), field.unit()));
    let table =
        ["| address | field | unit | |\n|---|---|---|---|\n".into(), fields.concat(), residual.concat()].concat();
    assert!(text.contains(&table), "the table should be\n{table}");
}
