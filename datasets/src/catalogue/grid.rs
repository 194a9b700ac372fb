//! Expands a grid of load points into points.
//!
//! In comes the TOML of one suite, out goes the suite. This file must not know which suites there are.
//!
//! The TOML is part of the program: a fault in it is a fault of the program, found by the tests, and panics.

use super::{Judged, Limits, Point, Source, Suite, nominal_for};
use crate::Channels;
use crate::reference::Truth;
use crate::synthesis::{Course, Signal, Waveform};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GridFile {
    name: String,
    title: String,
    source: String,
    rate_hz: f64,
    adc_bits: u8,
    windows: usize,
    skip_windows: usize,
    judged: Judged,
    quick_stride: usize,
    phase_step_deg: f64,
    ranges: Ranges,
    limits: Limits,
    grid: Vec<Grid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ranges {
    voltage: f64,
    current: f64,
    residual: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grid {
    voltage_v: f64,
    full_current_a: f64,
    frequency_hz: Vec<f64>,
    power_factor: Vec<LoadAngle>,
    current_percent: Vec<f64>,
    /// None: points without a residual channel.
    #[serde(default)]
    residual_a: Vec<f64>,
}

/// A power factor in words: "1", "0.5 lagging", "0.8 leading".
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct LoadAngle {
    pub(super) words: String,
    /// Angle by which the current lags, in degrees.
    pub(super) lag_deg: f64,
}

impl TryFrom<String> for LoadAngle {
    type Error = String;

    fn try_from(words: String) -> Result<Self, String> {
        let (number, sign) = match words.split_once(' ') {
            None => (words.as_str(), 0.0),
            Some((number, "lagging")) => (number, 1.0),
            Some((number, "leading")) => (number, -1.0),
            Some(_) => return Err(format!("{words:?}: lagging or leading is expected")),
        };
        let power_factor = number.parse::<f64>().map_err(|error| format!("{words:?}: {error}"))?;
        if !(-1.0..=1.0).contains(&power_factor) || (sign == 0.0 && power_factor.abs() < 1.0) {
            return Err(format!("{words:?}: a power factor below 1 lags or leads"));
        }
        let lag_deg = libm::acos(power_factor).to_degrees() * if sign < 0.0 { -1.0 } else { 1.0 };
        Ok(Self { words, lag_deg })
    }
}

/// One load point.
struct Load<'a> {
    grid: &'a Grid,
    frequency_hz: f64,
    angle: &'a LoadAngle,
    percent: f64,
    residual_a: Option<f64>,
}

pub(super) fn expand(text: &str) -> Suite {
    let file: GridFile = toml::from_str(text).expect("a suite of the catalogue");
    let loads = file.grid.iter().flat_map(loads).enumerate();
    let points = loads.map(|(index, load)| file.point(index, &load)).collect();
    Suite { name: file.name, title: file.title, source: file.source, points, decisions: vec![] }
}

fn loads(grid: &Grid) -> Vec<Load<'_>> {
    let residuals = match grid.residual_a.as_slice() {
        [] => vec![None],
        some => some.iter().copied().map(Some).collect(),
    };
    let mut loads = Vec::new();
    for &frequency_hz in &grid.frequency_hz {
        for angle in &grid.power_factor {
            for &percent in &grid.current_percent {
                loads.extend(residuals.iter().map(|&residual_a| Load {
                    grid,
                    frequency_hz,
                    angle,
                    percent,
                    residual_a,
                }));
            }
        }
    }
    loads
}

impl GridFile {
    fn point(&self, index: usize, load: &Load<'_>) -> Point {
        let phase = index as f64 * self.phase_step_deg % 360.0;
        let current_a = load.grid.full_current_a * load.percent / 100.0;
        let waveform = Waveform {
            fundamental_hz: load.frequency_hz,
            channels: Channels {
                voltage: Some(Signal::sine(load.grid.voltage_v, phase)),
                currents: vec![Signal::sine(current_a, phase - load.angle.lag_deg)],
                residual: load.residual_a.map(|rms| Signal::sine(rms, phase + 90.0)),
            },
        };
        let ranges = Channels {
            voltage: Some(self.ranges.voltage),
            currents: vec![self.ranges.current],
            residual: load.residual_a.map(|_| self.ranges.residual),
        };
        let residual = load.residual_a.map_or_else(String::new, |rms| format!(", residual {} mA", rms * 1000.0));
        Point {
            name: format!("{} Hz, PF {}, {} % I{residual}", load.frequency_hz, load.angle.words, load.percent),
            quick: index.is_multiple_of(self.quick_stride),
            named: false,
            rate_hz: self.rate_hz,
            adc_bits: self.adc_bits,
            ranges,
            nominal_hz: nominal_for(load.frequency_hz),
            windows: Some(self.windows),
            skip_windows: self.skip_windows,
            judged: self.judged,
            expected: Truth::of(&waveform),
            source: Source::Synthetic(Course::steady(waveform)),
            limits: self.limits.clone(),
            dc_is_signal: false,
            spans: vec![],
            no_load: None,
            expected_events: vec![],
            residual: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_factors_in_words() {
        let lag = |words: &str| LoadAngle::try_from(words.to_owned()).map(|angle| angle.lag_deg);
        assert!(lag("1").unwrap().abs() < 1e-12);
        assert!((lag("0.5 lagging").unwrap() - 60.0).abs() < 1e-12);
        assert!((lag("0.8 leading").unwrap() + 36.869897645844).abs() < 1e-9);
        for wrong in ["0.5", "0.5 behind", "x lagging", "1.5 leading", "NaN lagging"] {
            assert!(lag(wrong).is_err(), "{wrong}");
        }
    }
}
