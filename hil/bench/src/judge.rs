//! Readings of a point against the truth.
//!
//! In come a point of the catalogue, the windows a board gave and the core's own, out goes what the report shows of it.
//! This file must not know how the windows came about.

use datasets::catalogue::{Basis, Judged, Point};
use datasets::reference::Quantity;
use hil_link::Window;

use crate::plan::Plan;
use crate::report::{Check, Conditions, PointResult, Waveform, WindowRow, WindowTable};
use crate::values::{Values, flags, is_settling};

/// Cycles of the waveform that the report draws.
const DRAWN_CYCLES: f64 = 3.0;

/// Judges the windows of a point.
pub fn judge(suite: &str, point: &Point, plan: &Plan, windows: &[Window]) -> PointResult {
    let values: Vec<Values> = windows.iter().map(Values::from).collect();
    let judged: Vec<bool> =
        windows.iter().enumerate().map(|(n, window)| n >= point.skip_windows && !is_settling(window)).collect();
    let mut failures = Vec::new();
    for (n, window) in windows.iter().enumerate().skip(point.skip_windows.max(1)) {
        if point.windows.is_some() && is_settling(window) {
            failures.push(format!("window {n} is not locked to the mains"));
        }
    }
    let mut checks = Vec::new();
    match point.judged {
        Judged::EveryWindow => {
            for (n, values) in values.iter().enumerate().filter(|(n, _)| judged[*n]) {
                check(suite, point, n, values, &mut checks);
            }
        }
        // The truth of a recording is one over its whole length, in which the load may wander.
        Judged::Mean => {
            let kept: Vec<Values> =
                values.iter().zip(&judged).filter(|(_, judged)| **judged).map(|(v, _)| v.clone()).collect();
            if !kept.is_empty() {
                check(suite, point, values.len() - 1, &Values::mean(&kept), &mut checks);
            }
        }
    }
    PointResult {
        suite: suite.to_owned(),
        point: point.name.clone(),
        digest: None,
        checks,
        failures,
        waveform: Some(waveform(point, plan)),
        windows: table(windows, &values, &judged),
        seconds: 0.0,
        conditions: conditions(point),
    }
}

fn check(suite: &str, point: &Point, window: usize, values: &Values, checks: &mut Vec<Check>) {
    for quantity in Quantity::ALL {
        let channels = if quantity.is_per_current() { point.expected.currents.len() } else { 1 };
        for current in 0..channels {
            let (Some(limit), Some(allowed)) = (point.limits.get(&quantity), point.allowed(quantity, current)) else {
                continue;
            };
            let expected = point.expected.value(quantity, current).unwrap_or(f64::NAN);
            // A reading that is missing is not near anything.
            let measured = values.get(quantity, current).unwrap_or(f64::NAN);
            let (factor, unit) = shown(quantity, limit.basis, limit.limit / allowed);
            let error = quantity.error(measured, expected) * factor;
            let limit_shown = allowed * factor;
            checks.push(Check {
                suite: suite.to_owned(),
                point: point.name.clone(),
                quantity: quantity.name().to_owned(),
                unit: quantity.unit().to_owned(),
                channel: (channels > 1).then(|| (current + 1).to_string()),
                window: window as u32,
                expected,
                measured,
                error,
                limit: limit_shown,
                limit_unit: unit.to_owned(),
                basis: basis(limit.basis).to_owned(),
                pass: Check::holds(error, limit_shown),
            });
        }
    }
}

/// By what an error is multiplied for the report, and the unit it has then. `per_unit` turns the quantity's unit into a
/// part of the limit's basis.
fn shown(quantity: Quantity, basis: Basis, per_unit: f64) -> (f64, &'static str) {
    match (basis, quantity) {
        (Basis::Absolute, Quantity::FrequencyHz) => (1e3, "mHz"),
        (Basis::Absolute, _) => (1.0, quantity.unit()),
        (Basis::Value | Basis::Apparent, _) => (per_unit * 1e6, "ppm"),
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Value => "value",
        Basis::Apparent => "S",
        Basis::Absolute => "absolute",
    }
}

fn conditions(point: &Point) -> Conditions {
    let current = point.expected.currents.first();
    let range = point.ranges.currents.first();
    let power = current.and_then(|current| current.power);
    let power_factor = power.map(|power| {
        let way = if power.reactive_var.abs() < 1e-6 * power.apparent_va {
            ""
        } else if power.reactive_var > 0.0 {
            " lagging"
        } else {
            " leading"
        };
        format!("{:.3}{way}", power.power_factor)
    });
    Conditions {
        frequency_hz: point.expected.frequency_hz,
        power_factor,
        current_percent: current.zip(range).map(|(current, range)| current.current_a * 2f64.sqrt() / range * 100.0),
        note: format!("{} Hz, {} bits", point.rate_hz, point.adc_bits),
    }
}

fn waveform(point: &Point, plan: &Plan) -> Waveform {
    let frames = (DRAWN_CYCLES * point.rate_hz / point.expected.frequency_hz.unwrap_or(50.0)) as usize;
    let full = f64::from(1_u32 << (point.adc_bits - 1));
    let draw = |codes: &Vec<i32>, range: f64| {
        codes.iter().take(frames).map(|&code| f64::from(code) / full * range).collect::<Vec<f64>>()
    };
    let drawn = plan.codes.zip(&point.ranges).map(|(codes, range)| draw(codes, **range));
    Waveform {
        rate_hz: point.rate_hz,
        voltage: drawn.voltage.unwrap_or_default(),
        currents: drawn.currents,
        residual: drawn.residual.unwrap_or_default(),
    }
}

fn table(windows: &[Window], values: &[Values], judged: &[bool]) -> WindowTable {
    let currents = values.iter().map(|values| values.currents.len()).max().unwrap_or(0);
    let present: Vec<(Quantity, usize)> = Quantity::ALL
        .into_iter()
        .flat_map(|quantity| (0..if quantity.is_per_current() { currents } else { 1 }).map(move |n| (quantity, n)))
        .filter(|&(quantity, n)| values.iter().any(|values| values.get(quantity, n).is_some()))
        .collect();
    let name = |&(quantity, n): &(Quantity, usize)| {
        if quantity.is_per_current() && currents > 1 {
            format!("{} {}", quantity.name(), n + 1)
        } else {
            quantity.name().into()
        }
    };
    let rows = windows.iter().zip(values).zip(judged).map(|((window, values), &judged)| WindowRow {
        values: present.iter().map(|&(quantity, n)| values.get(quantity, n)).collect(),
        flags: flags(window),
        judged,
    });
    WindowTable { columns: present.iter().map(name).collect(), rows: rows.collect() }
}
