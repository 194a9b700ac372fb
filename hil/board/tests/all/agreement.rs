//! Display, console, Modbus and link: one window, and the same figure to the last digit that each can show.
//!
//! The load changes all the time, so that whoever shows another window shows other figures.

use std::cell::RefCell;
use std::rc::Rc;

use crate::wire::master::{fields, read};
use crate::wire::{Bench, config};
use hil_board::modbus::map::{LINES, RESIDUAL};
use hil_board::store::mock::Mock24C64;
use hil_link::{
    Channel, Config, DeviceAnswer, DeviceRequest, EnergyRequest, MAX_CURRENTS, PanelState, Request, Residual, Response,
    Signal, Tone, Waveform, Window,
};
use metering_core::energy::Registers;
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Volt};
use metering_core::registers;

/// The load of one piece: another voltage, current, angle and residual current each time.
fn signal(number: u32) -> Signal {
    let sine = |amplitude: f64, turn: f64| {
        let (amplitude, phase) = ((amplitude * 2f64.powi(31)) as u32, (turn * 2f64.powi(32)) as u32);
        Waveform { dc: 0, tones: [Tone { order: 1, amplitude, phase }].into_iter().collect() }
    };
    let step = f64::from(number);
    let channels = [
        sine(0.8 + 0.000_731 * step, 0.0),
        sine(0.2 + 0.004_13 * step, (0.9 + 0.013_7 * step).fract()),
        sine(0.01 + 0.000_67 * step, 0.3),
    ];
    Signal { frequency: (50 << 32) + (u64::from(number) << 24), channels: channels.into_iter().collect() }
}

fn panel(bench: &mut Bench, request: DeviceRequest) -> PanelState {
    match bench.ask(&Request::Device(request)) {
        Response::Device(DeviceAnswer::Panel(state)) => state,
        other => panic!("{other:?}"),
    }
}

/// The figure of a page as an integer of its last digit: `50.02Hz` is 5002.
fn digits(text: &str) -> i64 {
    let number: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect();
    number.parse().unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn all_outputs_show_one_window() {
    let mut bench = Bench::start(&Rc::new(RefCell::new(Mock24C64::default())));
    let config = Config {
        adc_bits: 24,
        currents: [Channel::new(4_000 << 32)].into_iter().collect(),
        residual: Some(Residual::new(Channel::new(1 << 32))),
        ..config(0)
    };
    assert_eq!(bench.ask(&Request::Configure(config)), Response::Configured);
    let (mut shown, mut windows, mut seen) = (None::<Vec<i32>>, 0, std::collections::BTreeSet::new());
    for number in 0..160 {
        assert_eq!(bench.ask(&Request::Signal(signal(number))), Response::SignalSet);
        let Response::Readings(completed) = bench.ask(&Request::Run { frames: 100, with_codes: false }) else {
            panic!()
        };
        windows += completed.len() as u32;
        let modbus = fields(&mut bench, 3, LINES);
        let Some(window) = completed.last() else {
            // In the middle of a window everything stays as it was.
            assert!(shown.is_none_or(|shown| shown == modbus));
            shown = Some(modbus);
            continue;
        };
        if window.flags & 1 == 1 {
            // It settles: its energy counts.
            shown = Some(modbus);
            continue;
        }
        agree(&mut bench, window, windows, &modbus);
        seen.insert(modbus.clone());
        shown = Some(modbus);
    }
    assert!(seen.len() > 30, "{} windows, each other than the one before", seen.len());
}

/// Holds all outputs against a window of the link.
fn agree(bench: &mut Bench, window: &Window, number: u32, modbus: &[i32]) {
    let current = window.currents[0].as_ref().unwrap();
    let (voltage, powers) = (window.voltage.as_ref().unwrap(), current.power.as_ref().unwrap());
    let residual = window.residual.as_ref().unwrap();
    let snapshot = bench.board.snapshot();
    assert_eq!(snapshot.reading().map(Window::from).as_ref(), Some(window));
    let derived = snapshot.reading().unwrap().derived(0).unwrap();
    // Link to Modbus: the core's conversions of the window's own bits.
    let expected = [
        registers::power(Power::from_bits(powers.active)),
        registers::voltage(Volt::from_bits(voltage.rms)),
        registers::current(Ampere::from_bits(current.rms)),
        registers::frequency(Hertz::from_bits(window.frequency.unwrap())),
        registers::power_factor(derived.power_factor),
        registers::power_angle(Degree::from_bits(powers.phase)),
        registers::power(derived.apparent),
        registers::power(Power::from_bits(powers.reactive)),
    ];
    assert_eq!(modbus[1..9], expected, "window {number}");
    assert_eq!(read(bench, 4, RESIDUAL, 1), [registers::residual(Ampere::from_bits(residual.rms)) as u16]);
    let Response::Energy(state) = bench.ask(&Request::Energy(EnergyRequest::Show)) else { panic!("no registers") };
    let energy: Registers<MAX_CURRENTS> = state.registers().unwrap();
    let all = energy.accounts()[0].continuous;
    let wh = registers::energy_signed(all.absolute_active());
    assert_eq!([modbus[0], modbus[13]], [wh, registers::energy_signed(all.forward_active)]);

    // Modbus to console, digit by digit: all 21 figures and the residual current.
    let told = bench.type_line("linesensor 1 all show");
    let [line, ok] = &told[..] else { panic!("{told:?}") };
    let (label, figures) = line.split_once(r#",0=""#).unwrap();
    assert_eq!((label, &**ok), (r#"L=1,L="Line""#, "OK."));
    let figures: Vec<&str> = figures.split("\",").collect();
    assert_eq!(figures.len(), modbus.len(), "{line}");
    for (number, (figure, &field)) in figures.into_iter().zip(modbus).enumerate() {
        let value = if number == 0 { figure } else { figure.split_once("=\"").unwrap().1 };
        assert_eq!(digits(value), i64::from(field), "{number} of {line}");
    }
    let told = bench.type_line("residual show");
    let rms = told[0].strip_prefix("rms=\"").and_then(|rest| rest.split_once("mA\"")).unwrap().0;
    assert_eq!(digits(rms), i64::from(registers::residual(Ampere::from_bits(residual.rms))), "{told:?}");

    // Modbus to display, digit by digit.
    let state = panel(bench, DeviceRequest::Button { pressed: false, pass_ms: 6_000 });
    assert_eq!(state.window, number);
    let upper: Vec<&str> = state.lines[0].split_whitespace().collect();
    assert_eq!(digits(upper[0]), i64::from(modbus[2]), "{upper:?}");
    assert_eq!(digits(&state.lines[1]), i64::from(modbus[0]), "{:?}", state.lines);
    for page in 1..11 {
        panel(bench, DeviceRequest::Button { pressed: true, pass_ms: 100 });
        let state = panel(bench, DeviceRequest::Button { pressed: false, pass_ms: 100 });
        assert_eq!(state.window, number);
        let lower = state.lines[1].trim();
        let volt = |bits: u64, digits: f64| (bits as f64 / 2f64.powi(32) * digits).round() as i64;
        let same = match page {
            1 => modbus[9].into(),
            // One digit more than the register has.
            2 => volt(voltage.rms, 10.0),
            // 100 A and more have one digit less in their field.
            3 if lower.ends_with("kA") => continue,
            3 => modbus[3].into(),
            4 => volt(residual.ac, 10_000.0),
            5 => modbus[1].into(),
            6 => modbus[7].into(),
            7 => modbus[8].into(),
            8 => modbus[5].into(),
            9 => modbus[6].into(),
            _ => modbus[4].into(),
        };
        assert_eq!(digits(lower), same, "page {page}: {:?}", state.lines);
    }
}
