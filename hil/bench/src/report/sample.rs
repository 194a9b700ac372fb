//! A run made up for the tests of the report: realistic numbers, one point that fails, text that must be escaped.
//!
//! In: nothing. Out: always the same run. It must not reach anything that ships.

use super::model::{Check, Conditions, PointResult, Run, Skipped, Waveform, WindowRow, WindowTable};
use std::f64::consts::TAU;

const QUANTITIES: [(&str, &str, f64, &str, &str, f64); 6] = [
    ("voltage", "V", 100.0, "ppm", "value", 0.05),
    ("current", "A", 100.0, "ppm", "value", 0.12),
    ("active", "W", 100.0, "ppm", "S", 0.2),
    ("reactive", "var", 100.0, "ppm", "S", 0.15),
    ("frequency", "Hz", 5.0, "mHz", "absolute", 0.02),
    ("phase", "deg", 0.01, "deg", "absolute", 0.3),
];

/// A number between -1 and 1 that looks random and is not.
fn wobble(seed: usize) -> f64 {
    (seed as f64 * 12.9898).sin() * (1.0 + (seed as f64 * 0.37).sin()) / 2.0
}

/// Thirty sines, two recordings, one skipped file.
pub fn run() -> Run {
    let mut points = Vec::new();
    for (f, frequency) in [45.0, 50.0, 55.0, 60.0, 65.0].into_iter().enumerate() {
        for (p, power_factor) in ["1", "0.5 lagging"].into_iter().enumerate() {
            for (c, current) in [1.0, 10.0, 100.0].into_iter().enumerate() {
                points.push(sine(f * 6 + p * 3 + c, frequency, power_factor, current));
            }
        }
    }
    points.push(recorded("laptop_93pct", 0.8));
    points.push(recorded("<script>alert(1)</script>", 1.7));
    Run {
        board: "emulated".to_owned(),
        firmware: "mps2-an386 0.1.0, protocol 1".to_owned(),
        started: "2026-01-02 03:04:05 UTC".to_owned(),
        points,
        skipped: vec![Skipped {
            suite: "recorded".to_owned(),
            point: "drill_start".to_owned(),
            reason: "not steady: the RMS of the current varies by 14 % from cycle to cycle".to_owned(),
        }],
        figures: vec![],
        broken: None,
        environment: vec![
            ("ADC".to_owned(), "24 bits, 8000 Hz, 400 V and 20 A full scale".to_owned()),
            ("profile".to_owned(), "quick".to_owned()),
        ],
        resent: 0,
        damaged: 0,
    }
}

fn sine(seed: usize, frequency: f64, power_factor: &str, current_percent: f64) -> PointResult {
    let phase: f64 = if power_factor == "1" { 0.0 } else { 60.0 };
    let amps = current_percent / 100.0 * 14.0;
    let power = 230.0 * amps;
    let (sin, cos) = phase.to_radians().sin_cos();
    let truth = [230.0, amps, power * cos, power * sin, frequency, phase];
    let name = format!("{frequency}Hz-pf{power_factor}-{current_percent}pct").replace(' ', "-");
    let conditions = Conditions {
        frequency_hz: Some(frequency),
        power_factor: Some(power_factor.to_owned()),
        current_percent: Some(current_percent),
        note: String::new(),
        row: None,
    };
    point("sine", &name, seed, (truth, current_percent), conditions, 1.0)
}

fn recorded(name: &str, scale: f64) -> PointResult {
    let truth = [227.9, 0.24, 30.6, -12.0, 50.01, -21.0];
    let conditions = Conditions { note: "20 kHz recording".to_owned(), ..Conditions::default() };
    point("recorded", name, 91, (truth, 20.0), conditions, scale)
}

fn point(
    suite: &str,
    name: &str,
    seed: usize,
    (truth, current): ([f64; 6], f64),
    conditions: Conditions,
    scale: f64,
) -> PointResult {
    let mut checks = Vec::new();
    let mut windows = WindowTable::default();
    for window in 0..8 {
        let mut row = WindowRow { judged: window >= 5, ..WindowRow::default() };
        if window < 2 {
            row.flags.push("settling".to_owned());
        }
        for (q, (quantity, unit, limit, limit_unit, basis, share)) in QUANTITIES.into_iter().enumerate() {
            let weak = if quantity == "voltage" || quantity == "frequency" { 1.0 } else { 1.0 + 2.0 / current };
            let error = limit * share * scale * weak * wobble(seed * 31 + window * 7 + q + 1);
            let measured = truth[q]
                + match limit_unit {
                    "ppm" => truth[q].abs() * error * 1e-6,
                    "mHz" => error * 1e-3,
                    _ => error,
                };
            row.values.push((window > 0).then_some(measured));
            if row.judged {
                checks.push(Check {
                    suite: suite.to_owned(),
                    point: name.to_owned(),
                    window: window as u32,
                    limit_unit: limit_unit.to_owned(),
                    basis: basis.to_owned(),
                    ..Check::absolute(quantity, unit, (truth[q], measured), error, limit)
                });
            }
        }
        windows.rows.push(row);
    }
    windows.columns = QUANTITIES.iter().map(|(quantity, unit, ..)| format!("{quantity} {unit}")).collect();
    PointResult {
        suite: suite.to_owned(),
        point: name.to_owned(),
        digest: Some(0x0123_4567_89ab_cdef_u64.rotate_left(seed as u32)),
        checks,
        failures: Vec::new(),
        waveform: Some(signal(truth, suite == "recorded")),
        closeup: None,
        windows,
        seconds: 4.2,
        conditions,
        figures: Vec::new(),
        is_listed: false,
    }
}

fn signal(truth: [f64; 6], peaky: bool) -> Waveform {
    let turn = |n: usize| TAU * truth[4] * n as f64 / 8000.0;
    let current = |n: usize| {
        let s = (turn(n) - truth[5].to_radians()).sin();
        1.414 * truth[1] * if peaky { 2.0 * s.powi(5) } else { s }
    };
    Waveform {
        rate_hz: 8000.0,
        voltage: (0..480).map(|n| 1.414 * truth[0] * turn(n).sin()).collect(),
        currents: vec![(0..480).map(current).collect()],
        residual: (0..480).map(|n| 0.004 * (turn(n).sin() + 0.2 * wobble(n))).collect(),
    }
}
