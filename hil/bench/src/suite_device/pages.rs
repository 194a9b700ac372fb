//! The pages of the display against what the link gives: the same window, to the last digit shown.
//!
//! In comes a hand, out goes a point. What should be shown is written from the window's values in double precision, which
//! hold all that the integers hold. This file must not know how a display fits a figure.

use std::f64::consts::{SQRT_2, TAU};

use anyhow::{Context, Result};
use datasets::Channels;
use hil_link::{EnergyRequest, MAX_CURRENTS, Nominal};
use metering_core::energy::{Energy, Registers};

use super::{Hand, shown};
use crate::cases::check;
use crate::host;
use crate::plan::Plan;
use crate::report::PointResult;
use crate::values::Values;

const RATE: f64 = 2_000.0;

/// A load: volt, ampere, degrees by which the current lags, ampere of the residual current.
struct Load {
    volt: f64,
    ampere: f64,
    lag: f64,
    residual: f64,
    /// The upper line of the normal view from values in V, A and W.
    upper: fn(f64, f64, f64) -> String,
}

const LOADS: [Load; 3] = [
    Load {
        volt: 225.3,
        ampere: 5.0137,
        lag: -25.84,
        residual: 0.001_24,
        upper: |v, a, w| format!("{:>4}{:>6}{:>6}", format!("{v:.0}V"), format!("{a:.2}A"), format!("{w:.0}W")),
    },
    // Feeding back, with more than the field holds in watts and amperes.
    Load {
        volt: 231.7,
        ampere: 1_387.0,
        lag: 170.0,
        residual: 0.312_9,
        upper: |v, a, w| {
            format!("{:>4}{:>6}{:>6}", format!("{v:.0}V"), format!("{a:.0}A"), format!("{:.0}kW", w / 1e3))
        },
    },
    // No load.
    Load {
        volt: 229.96,
        ampere: 0.0,
        lag: 0.0,
        residual: 0.0,
        upper: |v, a, w| format!("{:>4}{:>6}{:>6}", format!("{v:.0}V"), format!("{a:.2}A"), format!("{:.0}W", w.abs())),
    },
];

/// 1.6 s of a load.
fn plan(load: &Load) -> Result<Plan> {
    let wave = |rms: f64, lag: f64| -> Vec<f64> {
        let angle = |n: usize| (n as f64 * 50.02 / RATE - lag / 360.0) * TAU;
        (0..(1.6 * RATE) as usize).map(|n| rms * SQRT_2 * angle(n).sin()).collect()
    };
    let samples = Channels {
        voltage: Some(wave(load.volt, 0.0)),
        currents: vec![wave(load.ampere, load.lag)],
        residual: Some(wave(load.residual, 0.0)),
    };
    let ranges = Channels { voltage: Some(400.0), currents: vec![4_000.0], residual: Some(1.0) };
    Plan::new(&samples, &ranges, RATE, 24, Nominal::Hz50)
}

/// Whole watt-hours of both directions.
fn watt_hours(energy: &Energy) -> u64 {
    (energy.forward_active.to_bits() + energy.reverse_active.to_bits()) / (3_600 << 16)
}

/// Plays the point.
pub fn play(hand: &mut Hand) -> Result<PointResult> {
    let mut point = PointResult::default();
    for (number, load) in LOADS.iter().enumerate() {
        let plan = plan(load)?;
        let windows = hand.session.play(&plan, &mut |_| {})?;
        if windows != host::meter(&plan)? {
            point.failures.push("the board's readings are not those of the core on this machine".into());
        }
        let state = hand.hold(false, 6_000)?;
        if state.window as usize != windows.len() {
            point.failures.push(format!("window {} is shown, {} is the last", state.window, windows.len()));
        }
        let state = hand.session.energy(EnergyRequest::Show)?;
        let registers: Registers<MAX_CURRENTS> =
            state.registers().context("the board's registers contradict themselves")?;
        let expected = lines(load, &Values::from(windows.last().context("no window")?), &registers)?;
        for (page, [upper, lower]) in expected.iter().enumerate() {
            let state = if page == 0 { hand.hold(false, 0)? } else { hand.tap()? };
            let is = [state.lines[0].trim_end(), state.lines[1].trim()];
            if is != [upper.as_str(), lower.as_str()] {
                point.failures.push(format!("page {page}: {is:?} is shown, [{upper:?}, {lower:?}] was measured"));
            }
            // The figure as a number, so that the report can show it.
            let figure = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<f64>();
            let (is, should) = (figure(is[1]).unwrap_or(f64::NAN), figure(lower).unwrap_or(f64::NAN));
            let unit = lower.trim_start_matches(|c: char| "-.".contains(c) || c.is_ascii_digit());
            point.checks.push(check(NAMES[page], unit, number, (should, is), 0.0));
        }
        // The times since and the energies of the next load begin anew.
        if number == 0 {
            hand.session.energy(EnergyRequest::Reset { channel: Some(0) })?;
        }
    }
    Ok(point)
}

/// Names of the pages in the report.
const NAMES: [&str; 11] = [
    "energy",
    "resettable_energy",
    "voltage",
    "current",
    "residual_ac",
    "active",
    "apparent",
    "reactive",
    "power_factor",
    "phase",
    "frequency",
];

/// What the pages should show, trimmed.
fn lines(load: &Load, values: &Values, registers: &Registers<MAX_CURRENTS>) -> Result<[[String; 2]; 11]> {
    let current = values.currents.first().context("no current")?;
    let (volt, ampere) = (values.voltage_v.context("no voltage")?, current.current_a.context("no current")?);
    let active = current.active_w.context("no power")?;
    let account = registers.accounts()[0];
    let seconds = (registers.operation() - account.reset_at).to_bits() >> 32;
    let time = format!("{}:{:02}:{:02} h:m:s", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let page = |title: &str, lower: String| [title.to_owned(), lower];
    Ok([
        page(&(load.upper)(volt, ampere, active), format!("{}Wh", watt_hours(&account.continuous))),
        page(&time, format!("{}Wh", watt_hours(&account.resettable()))),
        page("VRMS", shown(Some(volt), 1, "V")?),
        page("IRMS", shown(Some(ampere), 3, "A")?),
        page("RESIDUAL AC RMS", shown(values.residual.map(|residual| residual.ac_a * 1e3), 1, "mA")?),
        page("ACTIVE POWER", shown(Some(active), 0, "W")?),
        page("APPARENT POWER", shown(current.apparent_va, 0, "VA")?),
        page("REACTIVE POWER", shown(current.reactive_var, 0, "var")?),
        page("POWER FACTOR", shown(current.power_factor, 3, "")?),
        page("PHASE ANGLE", shown(current.phase_deg, 1, "deg")?),
        page("FREQUENCY", shown(values.frequency_hz, 2, "Hz")?),
    ])
}
