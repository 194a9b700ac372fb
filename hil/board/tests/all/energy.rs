//! What a board does with requests for its energy registers, against the core run directly on the same codes.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::{Bench, config};
use hil_board::store::mock::Mock24C64;
use hil_link::{
    Config, EnergyRequest, Error, EventLimits, MAX_CURRENTS, Memory, PROTOCOL_VERSION, Request, Response, SaveWhen,
};
use metering_core::energy::Registers;
use metering_core::reading::Reading;
use metering_core::{Block, Meter};

impl Bench {
    fn registers(&mut self) -> Registers<MAX_CURRENTS> {
        self.energy().registers().unwrap()
    }

    /// Plays 2 kHz codes of voltage and current.
    fn play(&mut self, codes: &[(i16, i16)]) {
        for piece in codes.chunks(500) {
            let data: Vec<u8> = piece.iter().flat_map(|(v, i)| [v.to_le_bytes(), i.to_le_bytes()].concat()).collect();
            let answer = self.ask(&Request::Samples { first_frame: self.frames, data: &data });
            assert!(matches!(answer, Response::Readings(_)), "{answer:?}");
            self.frames += piece.len() as u64;
        }
    }
}

fn wave(seconds: f64, volt: f64, ampere: f64) -> Vec<(i16, i16)> {
    let code =
        |n: usize, peak: f64| (peak * (n as f64 * 0.025 * std::f64::consts::TAU).sin() * 32_768.0).round() as i16;
    (0..(seconds * 2_000.0) as usize)
        .map(|n| (code(n, volt * 2f64.sqrt() / 400.0), code(n, ampere * 2f64.sqrt() / 25.0)))
        .collect()
}

/// The core's registers after the same codes.
fn truth(codes: &[(i16, i16)]) -> Registers<MAX_CURRENTS> {
    let settings = hil_board::settings(&config(1));
    let mut meter = Meter::<i16, MAX_CURRENTS>::new(metering_core::config::Config::new(settings).unwrap());
    let mut registers = Registers::default();
    let (v, i): (Vec<i16>, Vec<i16>) = codes.iter().copied().unzip();
    let mut currents: [&[i16]; MAX_CURRENTS] = [&[]; MAX_CURRENTS];
    currents[0] = &i;
    meter.push(&Block { voltage: &v, currents, residual: &[] }, &mut |reading: &Reading<MAX_CURRENTS>| {
        registers.add(reading);
    });
    registers
}

#[test]
fn registers_outlive_sessions_configurations_and_power() {
    let chip = Rc::new(RefCell::new(Mock24C64::default()));
    let mut bench = Bench::start(&chip);
    assert_eq!(bench.energy().memory, Memory::Blank);
    let codes = wave(2.0, 230.0, 10.0);
    bench.ask(&Request::Configure(config(1)));
    bench.play(&codes);
    assert_eq!(bench.registers(), truth(&codes));
    bench.ask(&Request::Configure(config(1)));
    bench.ask(&Request::Hello { version: PROTOCOL_VERSION });
    assert_eq!(bench.registers(), truth(&codes), "neither starts them anew");

    let state = bench.ask_energy(EnergyRequest::Reset { channel: Some(0) });
    assert_eq!((state.pending, state.saved, state.saves), (false, Some(0), 1));
    let mut reset = truth(&codes);
    reset.reset(0);
    assert_eq!(state.registers(), Some(reset));
    let mut bench = Bench::start(&chip);
    let state = bench.energy();
    assert_eq!((state.memory, state.registers()), (Memory::Restored, Some(reset)));
    let refused = bench.ask(&Request::Energy(EnergyRequest::Reset { channel: Some(8) }));
    assert!(matches!(refused, Response::Error(Error::Config { .. })), "{refused:?}");
    assert_eq!(bench.registers(), reset);
    let all = bench.ask_energy(EnergyRequest::Reset { channel: None });
    assert_eq!(all.saved, Some(1));
}

#[test]
fn limits_of_saving_can_be_set() {
    let chip = Rc::new(RefCell::new(Mock24C64::default()));
    let mut bench = Bench::start(&chip);
    let when = |interval_s, energy_wh| SaveWhen { interval_s, energy_wh, on_interruption: false };
    for refused in [when(0, 100), when(300, 0)] {
        let answer = bench.ask(&Request::Energy(EnergyRequest::When(refused)));
        assert!(matches!(answer, Response::Error(Error::Config { .. })), "{answer:?}");
    }
    bench.ask_energy(EnergyRequest::When(when(2, 1_000)));
    bench.ask(&Request::Configure(config(1)));
    bench.play(&wave(7.0, 230.0, 10.0));
    assert_eq!(bench.energy().saves, 3, "every two seconds and a little");
    bench.ask_energy(EnergyRequest::When(when(1_000, 1)));
    bench.ask(&Request::Configure(config(1)));
    bench.frames = 0;
    // 1 Wh every 1.57 s at 2 300 W, seen at the end of a window of 0.2 s: every 1.6 s.
    bench.play(&wave(7.0, 230.0, 10.0));
    assert_eq!(bench.energy().saves, 3 + 4);
}

#[test]
fn an_interruption_saves_at_once() {
    let limits = EventLimits {
        nominal: 230 << 32,
        dip: Some(9_000),
        swell: None,
        interruption: Some(500),
        hysteresis: 200,
        overloads: heapless::Vec::new(),
    };
    for events in [None, Some(limits)] {
        let chip = Rc::new(RefCell::new(Mock24C64::default()));
        let mut bench = Bench::start(&chip);
        bench.ask(&Request::Configure(Config { events, ..config(1) }));
        bench.play(&wave(2.0, 230.0, 10.0));
        assert_eq!(bench.energy().saves, 0);
        bench.play(&wave(1.0, 0.0, 0.0));
        let state = bench.energy();
        assert_eq!(state.saves, 1);
        bench.play(&wave(5.0, 0.0, 0.0));
        assert_eq!(bench.energy().saves, 1, "once for each");
        let mut again = Bench::start(&chip);
        let (kept, counted) = (again.registers(), state.registers::<MAX_CURRENTS>().unwrap());
        assert_eq!(kept.accounts(), counted.accounts(), "all energy before the interruption");
    }
}
