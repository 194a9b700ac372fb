//! The six pulsating currents of the norm as pictures: the current, what a transformer gives of it, and where the meter
//! finds its level at rest.
//!
//! In comes nothing, out go lines. This file must not know how a level is found: it takes the mean of the pulsation that
//! the meter reads.

use anyhow::{Context, Result};
use core::f64::consts::TAU;
use datasets::Channels;
use datasets::synthesis::{Fault, FaultForm};

use crate::host;
use crate::plan::Plan;
use crate::report::Figure;
use crate::values::Values;

const RATE_HZ: f64 = 8000.0;
const CORNER_HZ: f64 = 5.0;
/// 1.4 times 30 mA.
const RMS_A: f64 = 0.042;
const RANGE_A: f64 = 1.2;
/// The jumps lie between two samples.
const BEGIN_S: f64 = 0.5 / RATE_HZ;
const CYCLE: usize = 160;
const FRAMES: usize = 75 * CYCLE;

/// Angles 0, 90 and 135 degrees, both polarities.
///
/// # Errors
/// The core refuses the configuration.
pub fn waves(suite: &str) -> Result<Vec<Figure>> {
    let forms = [0.0, 90.0, 135.0].into_iter().flat_map(|delay_deg| [(delay_deg, false), (delay_deg, true)]);
    forms.map(|(delay_deg, negative)| wave(suite, delay_deg, negative)).collect()
}

fn wave(suite: &str, delay_deg: f64, negative: bool) -> Result<Figure> {
    let form = FaultForm::Pulsating { delay_deg };
    let fault = Fault { negative, ..Fault::sudden(form, RMS_A, 50.0, 0.0, BEGIN_S) };
    let sample = |corner_hz| {
        let mut samples = vec![0.0; FRAMES];
        fault.add_to(&mut samples, RATE_HZ, corner_hz);
        samples
    };
    let (primary, given) = (sample(None), sample(Some(CORNER_HZ)));
    let channels = |residual| Channels { voltage: None, currents: vec![], residual: Some(residual) };
    let ranges = Channels { voltage: None, currents: vec![], residual: Some(RANGE_A) };
    let mut plan = Plan::new(&channels(given.clone()), &ranges, RATE_HZ, 24, hil_link::Nominal::Hz50)?;
    plan.config.residual.iter_mut().for_each(|residual| residual.corner_mhz = Some((CORNER_HZ * 1e3) as u16));
    let windows = host::meter(&plan)?;
    let values = windows.last().map(Values::from).context("no window")?;
    let mean = values.residual.context("no residual current")?.dc_a;
    let last = FRAMES - 3 * CYCLE..FRAMES;
    let sign = if negative { "-" } else { "+" };
    let baseline = baseline(&given[last.clone()], mean);
    let rms = values.residual_a.unwrap_or(f64::NAN) * 1e3;
    let in_ma = |samples: &[f64]| samples.iter().map(|sample| sample * 1e3).collect::<Vec<f64>>();
    Ok(Figure {
        suite: suite.to_owned(),
        title: format!("{delay_deg} degrees {sign}, mA: 42 mA r.m.s., read {rms:.2} mA"),
        rate_hz: RATE_HZ,
        lines: vec![in_ma(&primary[last.clone()]), in_ma(&given[last]), in_ma(&baseline)],
    })
}

/// Where no current flows in what a transformer gives: it has lost z, and z' = w·y; the mean of z is that of the current.
fn baseline(given: &[f64], mean: f64) -> Vec<f64> {
    let mut sum = 0.0;
    let lost: Vec<f64> = given
        .iter()
        .map(|y| {
            sum += TAU * CORNER_HZ / RATE_HZ * y;
            sum
        })
        .collect();
    let middle = lost.iter().sum::<f64>() / lost.len() as f64;
    lost.iter().map(|lost| middle - mean - lost).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where no current flows the transformer's signal lies on the baseline, within 1 % of its peak.
    #[test]
    fn the_baseline_is_where_no_current_flows() {
        for figure in waves("").unwrap() {
            let [primary, given, baseline] = &figure.lines[..] else { panic!("three lines") };
            let peak = primary.iter().fold(0.0, |peak: f64, x| peak.max(x.abs()));
            let resting = primary.iter().zip(given).zip(baseline).filter(|((x, _), _)| x.abs() < 1e-9);
            let errors: Vec<f64> = resting.map(|((_, y), level)| (y - level).abs()).collect();
            assert!(errors.len() > 200, "{}", figure.title);
            assert!(errors.iter().all(|error| *error < 0.01 * peak), "{} {errors:?}", figure.title);
        }
    }
}
