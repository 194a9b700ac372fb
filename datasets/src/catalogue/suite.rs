//! Expands the groups of a norm's suite into points.
//!
//! In comes the TOML of one suite, out goes the suite: each group is the product of its columns (ADCs) and lists, the
//! last list running fastest. This file must not know which suites there are.
//!
//! The TOML is part of the program: a fault in it is a fault of the program, found by the tests, and panics.

use super::form::Form;
use super::grid::LoadAngle;
use super::{ExpectedEvent, Judged, Limits, NoLoad, Point, Source, Span, Suite, nominal_for};
use crate::Channels;
use crate::reference::Truth;
use crate::synthesis::{Course, Noise, NoiseShape, Ramp, Signal, Step, Waveform};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Highest frequency of a waveform with jumps, as a part of the sampling rate: what an anti-alias filter leaves.
const BAND: f64 = 0.4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    source: String,
    /// RMS of a current of 100 %.
    full_current_a: f64,
    /// Full-scale peaks.
    voltage_range: f64,
    current_range: f64,
    /// The voltage starts each point at another phase, by so much.
    phase_step_deg: f64,
    columns: BTreeMap<String, Column>,
    /// By class, then by column.
    limits: BTreeMap<String, BTreeMap<String, Limits>>,
    group: Vec<Group>,
}

/// An ADC.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    rate_hz: f64,
    adc_bits: u8,
    /// RMS of its noise in codes.
    #[serde(default)]
    noise_lsb: f64,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    columns: Vec<String>,
    /// Class of limits; none: nothing but flags and spans are judged.
    limits: Option<String>,
    #[serde(default = "every_window")]
    judged: Judged,
    windows: usize,
    skip_windows: usize,
    /// Every so manyth point of the group is in the quick profile.
    quick_stride: Option<usize>,
    frequency_hz: Vec<f64>,
    voltage_v: Vec<f64>,
    #[serde(default = "unity")]
    power_factor: Vec<LoadAngle>,
    current_percent: Vec<f64>,
    /// Phases of the voltage at the start; none: by the step of the file.
    start_deg: Option<Vec<f64>>,
    #[serde(default)]
    voltage: Form,
    #[serde(default)]
    current: Form,
    /// Gaussian noise of the voltage in percent of its fundamental, beside that of the ADC.
    #[serde(default)]
    noise_percent: f64,
    #[serde(default)]
    dc_is_signal: bool,
    no_load: Option<NoLoad>,
    #[serde(default)]
    steps: Vec<Step>,
    ramp: Option<Ramp>,
    #[serde(default)]
    spans: Vec<SpanRow>,
    #[serde(default)]
    events: Vec<ExpectedEvent>,
}

/// A span of time with limits of its own.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpanRow {
    from_s: f64,
    to_s: f64,
    limits: String,
    #[serde(default)]
    may_settle: bool,
    /// Hertz that the frequency has changed by.
    #[serde(default)]
    hz: f64,
}

fn every_window() -> Judged {
    Judged::EveryWindow
}

fn unity() -> Vec<LoadAngle> {
    LoadAngle::try_from("1".to_owned()).into_iter().collect()
}

/// One point of a group.
struct Load<'a> {
    group: &'a Group,
    column: &'a str,
    frequency_hz: f64,
    voltage_v: f64,
    angle: &'a LoadAngle,
    percent: f64,
    start_deg: Option<f64>,
}

pub(super) fn expand(text: &str) -> Suite {
    let file: File = toml::from_str(text).expect("a suite of the catalogue");
    let mut points: Vec<Point> = Vec::new();
    for group in &file.group {
        for (index, load) in loads(group).iter().enumerate() {
            let quick = group.quick_stride.is_some_and(|stride| index.is_multiple_of(stride));
            points.push(file.point(points.len(), quick, load));
        }
    }
    Suite { name: file.name, title: file.title, source: file.source, points, decisions: vec![] }
}

fn loads(group: &Group) -> Vec<Load<'_>> {
    let starts = group.start_deg.as_ref().map_or(vec![None], |list| list.iter().copied().map(Some).collect());
    let mut loads = Vec::new();
    for column in &group.columns {
        for &frequency_hz in &group.frequency_hz {
            for &voltage_v in &group.voltage_v {
                for angle in &group.power_factor {
                    for &percent in &group.current_percent {
                        loads.extend(starts.iter().map(|&start_deg| Load {
                            group,
                            column,
                            frequency_hz,
                            voltage_v,
                            angle,
                            percent,
                            start_deg,
                        }));
                    }
                }
            }
        }
    }
    loads
}

impl File {
    fn point(&self, index: usize, quick: bool, load: &Load<'_>) -> Point {
        let Load { group, frequency_hz, .. } = *load;
        let column = self.columns[load.column];
        let start = load.start_deg.unwrap_or(index as f64 * self.phase_step_deg % 360.0);
        let waveform = self.waveform(load, column, start, index);
        let truth = if group.dc_is_signal { Truth::with_dc } else { Truth::of };
        let spans = group.spans.iter().map(|row| {
            let mut expected = truth(&waveform);
            expected.frequency_hz = expected.frequency_hz.map(|hz| hz + row.hz);
            let limits = self.limits(&row.limits, load.column);
            Span { from_s: row.from_s, to_s: row.to_s, may_settle: row.may_settle, expected, limits }
        });
        Point {
            name: name(load),
            quick,
            named: false,
            rate_hz: column.rate_hz,
            adc_bits: column.adc_bits,
            ranges: Channels { voltage: Some(self.voltage_range), currents: vec![self.current_range], residual: None },
            nominal_hz: nominal_for(frequency_hz),
            windows: Some(group.windows),
            skip_windows: group.skip_windows,
            judged: group.judged,
            expected: truth(&waveform),
            limits: group.limits.as_ref().map(|class| self.limits(class, load.column)).unwrap_or_default(),
            dc_is_signal: group.dc_is_signal,
            spans: spans.collect(),
            no_load: group.no_load,
            expected_events: group.events.clone(),
            residual: None,
            source: Source::Synthetic(Course { waveform, steps: group.steps.clone(), ramp: group.ramp }),
        }
    }

    fn waveform(&self, load: &Load<'_>, column: Column, start: f64, index: usize) -> Waveform {
        let Group { voltage, current, noise_percent, .. } = load.group;
        let highest_order = (BAND * column.rate_hz / load.frequency_hz) as usize;
        let full_scale = f64::from(1_u32 << (column.adc_bits - 1));
        let noise = |signal: Signal, range: f64, extra: f64, seed: usize| {
            let rms = libm::hypot(column.noise_lsb * range / full_scale, extra);
            let noise = Noise { shape: NoiseShape::Gaussian, rms, seed: seed as u64 };
            Signal { noise: (rms > 0.0).then_some(noise), ..signal }
        };
        let current_a = self.full_current_a * load.percent / 100.0;
        let voltage = voltage.signal(load.voltage_v, start, start, highest_order);
        let current = current.signal(current_a, start - load.angle.lag_deg, start, highest_order);
        let extra = load.voltage_v * noise_percent / 100.0;
        Waveform {
            fundamental_hz: load.frequency_hz,
            channels: Channels {
                voltage: Some(noise(voltage, self.voltage_range, extra, 2 * index)),
                currents: vec![noise(current, self.current_range, 0.0, 2 * index + 1)],
                residual: None,
            },
        }
    }

    fn limits(&self, class: &str, column: &str) -> Limits {
        let class = self.limits.get(class).unwrap_or_else(|| panic!("{}: no limits {class}", self.name));
        class.get(column).unwrap_or_else(|| panic!("{}: no limits for {column}", self.name)).clone()
    }
}

/// The name of the group, the column, and those values of which the group has several.
fn name(load: &Load<'_>) -> String {
    let group = load.group;
    let mut parts = vec![group.name.clone(), load.column.to_owned()];
    if group.frequency_hz.len() > 1 {
        parts.push(format!("{} Hz", load.frequency_hz));
    }
    if group.voltage_v.len() > 1 {
        parts.push(format!("{} V", load.voltage_v));
    }
    if group.power_factor.len() > 1 {
        parts.push(format!("PF {}", load.angle.words));
    }
    if group.current_percent.len() > 1 {
        parts.push(format!("{} % I", load.percent));
    }
    if let Some(start) = load.start_deg.filter(|_| group.start_deg.as_ref().is_some_and(|starts| starts.len() > 1)) {
        parts.push(format!("from {start} deg"));
    }
    parts.join(", ")
}
