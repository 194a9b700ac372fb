//! What a device shows: figures in closed form, registers by hand, and for how long a window counts.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::{Bench, config};
use hil_board::device::snapshot::STALE;
use hil_board::device::{Field, Snapshot};
use hil_board::store::mock::Mock24C64;
use hil_link::{MAX_CURRENTS, PROTOCOL_VERSION, Request, Response};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};
use metering_core::reading::{Flags, Reading};

/// One second of 50 Hz: 230 V, 10 A lagging by 60 degrees in the feed, 1 A to 7 A in phase in the outlets.
fn play(bench: &mut Bench) -> usize {
    let mut windows = 0;
    for _ in 0..20 {
        let wave = |n: u64, rms: f64, range: f64, lag: f64| {
            let angle = (n as f64 * 0.025 - lag / 360.0) * std::f64::consts::TAU;
            ((rms * 2f64.sqrt() / range * angle.sin() * 32_768.0).round() as i16).to_le_bytes()
        };
        let frame = |n: u64| {
            let feed = [wave(n, 230.0, 400.0, 0.0), wave(n, 10.0, 25.0, 60.0)];
            feed.into_iter().chain((1..8).map(move |a| wave(n, f64::from(a), 25.0, 0.0))).flatten()
        };
        let data: Vec<u8> = (bench.frames..bench.frames + 100).flat_map(frame).collect();
        let answer = bench.ask(&Request::Samples { first_frame: bench.frames, data: &data });
        let Response::Readings(readings) = answer else { panic!("{answer:?}") };
        windows += readings.len();
        bench.frames += 100;
    }
    windows
}

#[test]
fn a_board_shows_its_last_window() {
    let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::default())));
    assert!(bench.board.snapshot().reading().is_none());
    bench.ask(&Request::Configure(config(8)));
    let windows: usize = (0..3).map(|_| play(&mut bench)).sum();
    let snapshot = bench.board.snapshot();
    assert_eq!(snapshot.number() as usize, windows);
    let figures = |channel| Field::ALL.map(|field| field.of(snapshot, channel));
    // Power factor 0.5: 1 150 W, 2 300 VA, 1 991.9 var.
    let feed = figures(0);
    assert_eq!(feed[1..9], [1_150, 230, 10_000, 5_000, 500, 600, 2_300, 1_992].map(Some));
    for outlet in 1..8 {
        let shown = figures(usize::try_from(outlet).unwrap());
        assert_eq!(
            shown[1..9],
            [230 * outlet, 230, 1_000 * outlet, 5_000, 1_000, 0, 230 * outlet, 0].map(Some),
            "outlet {outlet}"
        );
    }
    assert_eq!(figures(8), [None; 21]);
    // 1 150 W for 3 s are below 1 Wh; a window lasts 0.2 s.
    let seconds = snapshot.reading().unwrap().end_frame / 2_000;
    assert_eq!((feed[0], feed[12]), (Some(0), Some(i64::try_from(seconds).unwrap())));
    // Another session and another meter have nothing to show yet, but the registers stay.
    let registers = *snapshot.registers();
    bench.ask(&Request::Configure(config(8)));
    assert_eq!((bench.board.snapshot().reading(), bench.board.snapshot().number()), (None, 0));
    assert_eq!(bench.board.snapshot().registers(), &registers);
    bench.frames = 0;
    play(&mut bench);
    bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
    assert!(bench.board.snapshot().reading().is_none());
}

#[test]
fn fields_are_numbered_as_the_8311_numbers_them() {
    let energy = |wh: [u64; 5]| {
        // One 2⁻¹⁶ Ws less than a whole Wh more: cut, not rounded.
        let [a, b, c, d, e] = wh.map(|wh| WattSecond::from_bits((wh + 1) * (3_600 << 16) - 1));
        Energy { forward_active: a, reverse_active: b, forward_reactive: c, reverse_reactive: d, apparent: e }
    };
    let whole = |wh: [u64; 5]| {
        let [a, b, c, d, e] = wh.map(|wh| WattSecond::from_num(wh * 3_600));
        Energy { forward_active: a, reverse_active: b, forward_reactive: c, reverse_reactive: d, apparent: e }
    };
    let account = Account {
        continuous: energy([5_000_000_000, 200, 30, 4, 0]),
        at_reset: whole([1_000, 150, 10, 1, 0]),
        reset_at: Second::from_num(28_139),
    };
    let mut accounts = [Account::default(); MAX_CURRENTS];
    accounts[7] = account;
    let registers = Registers::restore(Second::from_num(56_278.75), accounts).unwrap();
    let snapshot = Snapshot::new(&registers);
    let figure = |number| Field::numbered(number).unwrap().of(&snapshot, 7);
    // Sums of two that are cut each are cut once: two lacks of a step are no whole Wh.
    let expected = [
        (0, 5_000_000_201),
        (9, 4_999_999_051),
        (10, 35),
        (11, 24),
        (12, 28_139),
        (13, 5_000_000_000),
        (14, 30),
        (15, 4_999_999_000),
        (16, 20),
        (17, 200),
        (18, 4),
        (19, 50),
        (20, 3),
    ];
    for (number, wh) in expected {
        assert_eq!(figure(number), Some(wh), "{number}");
    }
    for (number, field) in Field::ALL.into_iter().enumerate() {
        assert_eq!(usize::from(field.number()), number);
        assert_eq!(figure(field.number()).is_some(), !(1..=8).contains(&number), "no window, nothing measured");
    }
    assert_eq!(Field::numbered(21), None);
}

#[test]
fn a_provisional_window_leaves_the_valid_one_for_a_second() {
    let window = |flags| Reading {
        end_frame: 0,
        length_q16: 0,
        duration: Second::ZERO,
        elapsed: Second::ZERO,
        flags,
        frequency: None,
        voltage: None,
        currents: [None; MAX_CURRENTS],
        residual: None,
    };
    let registers = Registers::default();
    let mut snapshot = Snapshot::new(&registers);
    snapshot.window(&window(Flags::SETTLING));
    snapshot.set_registers(&registers);
    assert!(snapshot.reading().is_none());
    // A clipped window, one without voltage and one with a gap say so themselves: they are shown.
    for flags in [Flags::empty(), Flags::CLIPPED | Flags::EVENT, Flags::NO_VOLTAGE, Flags::GAP] {
        snapshot.window(&window(flags));
        snapshot.set_registers(&registers);
        assert_eq!(snapshot.reading(), Some(&window(flags)));
    }
    assert_eq!(snapshot.number(), 5);
    for _ in 1..STALE {
        snapshot.window(&window(Flags::SETTLING));
        snapshot.set_registers(&registers);
        assert_eq!((snapshot.number(), snapshot.reading()), (5, Some(&window(Flags::GAP))));
    }
    snapshot.window(&window(Flags::SETTLING));
    snapshot.set_registers(&registers);
    assert_eq!((snapshot.number(), snapshot.reading()), (0, None));
}
