//! What the registers hold, and the manual page of them.

use std::cell::RefCell;
use std::rc::Rc;

use super::loads::{board, load, loaded, play};
use crate::wire::Bench;
use crate::wire::master::fuzz::{ADDRESS, BAUD, SENSORS, frame};
use crate::wire::master::{CHARACTER_US, exchange, fields, long, message, read, writing};
use hil_board::Received;
use hil_board::device::{Field, Sensor, Snapshot};
use hil_board::modbus::Slave;
use hil_board::modbus::map::{LINES, PORTS, RESIDUAL, Register, ResidualField, STRIDE};
use hil_board::store::mock::Mock24C64;
use hil_link::{MAX_CURRENTS, Request};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};

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

/// The table of the manual page, made from the map.
#[test]
fn the_manual_page_has_every_register() {
    let text = include_str!("../../../MODBUS.md");
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
