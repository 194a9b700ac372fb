//! Expands the rows of the residual-current norms into decisions.
//!
//! In comes the TOML of the suite, out go the suite's decisions and points. This file must not know how a current is
//! sampled or a decision is judged.
//!
//! The TOML is part of the program: a fault in it is a fault of the program, found by the tests, and panics.

mod points;
mod stimulus;

use super::decision::{Asked, Characteristic, Decision};
use super::{Limits, Suite};
use crate::reference::Quantity;
use crate::synthesis::{FaultForm, Level};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) use stimulus::Stimulus;
use stimulus::{Axes, Kind};

/// Characteristics in the order of a report.
const CHARACTERISTICS: [Characteristic; 3] =
    [Characteristic::General, Characteristic::ShortDelay, Characteristic::Selective];

/// Non-actuating time of the short-delay characteristic in ms.
const SHORT_DELAY_MS: f64 = 10.0;

/// A general device is not watched for longer: it has missed by then.
const GENERAL_WATCHED_S: f64 = 0.1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    source: String,
    rate_hz: f64,
    adc_bits: u8,
    range_per_rated: f64,
    rated_ma: Vec<f64>,
    frequency_hz: Vec<f64>,
    corner_hz: Vec<f64>,
    smooth_dc_ma: Vec<f64>,
    points_on_wave: u32,
    points_of_ramps: u32,
    sudden: Vec<Sudden>,
    ramp: Vec<Ramp>,
    hold: Vec<Hold>,
    surge: Vec<SurgeRow>,
    accuracy: Accuracy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sudden {
    row: String,
    /// None: a sine.
    delay_deg: Option<f64>,
    multiple: Option<f64>,
    up_to_10_ma: Option<f64>,
    amperes: Option<f64>,
    amperes_up_to_10_ma: Option<f64>,
    rated_up_to_ma: Option<f64>,
    project_ms: f64,
    general_ms: f64,
    /// None: that of the general characteristic.
    short_delay_ms: Option<f64>,
    selective_ms: f64,
    non_actuating_ms: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ramp {
    row: String,
    delay_deg: Option<f64>,
    #[serde(default)]
    from: f64,
    lower: f64,
    upper: f64,
    upper_up_to_10_ma: Option<f64>,
    step: Option<f64>,
    #[serde(default)]
    step_ms: f64,
    #[serde(default)]
    selective_step_ms: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    row: String,
    delay_deg: Option<f64>,
    /// Frequency over that of the mains.
    #[serde(default = "one")]
    order: f64,
    multiple: f64,
    #[serde(default)]
    noise: f64,
    seconds: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurgeRow {
    row: String,
    shape: stimulus::Shape,
    peak_a: f64,
    selective_peak_a: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accuracy {
    windows: usize,
    skip_windows: usize,
    range_per_rms: f64,
    /// Relative limits.
    transformer: BTreeMap<Quantity, f64>,
    direct: BTreeMap<Quantity, f64>,
    group: Vec<AccuracyGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccuracyGroup {
    name: String,
    delay_deg: Option<f64>,
    rms_ma: Vec<f64>,
}

fn one() -> f64 {
    1.0
}

fn form(delay_deg: Option<f64>) -> FaultForm {
    delay_deg.map_or(FaultForm::Sine, |delay_deg| FaultForm::Pulsating { delay_deg })
}

pub(super) fn expand(text: &str) -> Suite {
    let file: File = toml::from_str(text).expect("a suite of the catalogue");
    let mut decisions = Vec::new();
    for characteristic in CHARACTERISTICS {
        for &rated_ma in &file.rated_ma {
            // IEC 61008-1 has type S above 30 mA only.
            if characteristic != Characteristic::Selective || rated_ma > 30.0 {
                file.decide(&mut decisions, characteristic, rated_ma);
            }
        }
    }
    let points = file.points(&decisions);
    Suite { name: file.name, title: file.title, source: file.source, points, decisions }
}

impl File {
    fn decide(&self, decisions: &mut Vec<Decision>, characteristic: Characteristic, rated_ma: f64) {
        let rated_a = rated_ma * 1e-3;
        let mut add = |row: String, asked: Asked, quick: bool, stimulus: Stimulus| {
            decisions.push(Decision {
                row,
                rated_a,
                range_a: self.range_per_rated * rated_a,
                rate_hz: self.rate_hz,
                adc_bits: self.adc_bits,
                characteristic,
                asked,
                quick: quick && characteristic == Characteristic::General && (rated_ma - 30.0).abs() < 1e-9,
                stimulus,
            });
        };
        let general = characteristic == Characteristic::General;
        for row in self.sudden.iter().filter(|row| row.rated_up_to_ma.is_none_or(|most| rated_ma <= most)) {
            let form = form(row.delay_deg);
            let rms = row.rms(rated_ma);
            let asked = row.asked(characteristic);
            let Asked::Trip { after_s, norm_s, .. } = asked else { continue };
            let watched_s = if general { GENERAL_WATCHED_S } else { norm_s + 0.02 };
            let stay = |to_s| Kind::Sudden { form, rms, noise: 0.0, order: 1.0, lasts_s: to_s, watched_s };
            let axes = self.axes(self.points_on_wave, true);
            add(row.row.clone(), asked, true, Stimulus { kind: stay(f64::INFINITY), axes });
            if !general {
                let name = format!("{}, ends after {:.0} ms", row.row, after_s * 1e3);
                let axes = self.axes(self.points_on_wave, false);
                add(name, Asked::Stay, false, Stimulus { kind: stay(after_s), axes });
            }
        }
        for row in &self.ramp {
            let upper = row.upper_up_to_10_ma.filter(|_| rated_ma <= 10.0).unwrap_or(row.upper);
            let (level, lasts_s) = row.level(upper, characteristic);
            let asked = Asked::TripCurrent { above: row.lower * rated_a, up_to: upper * rated_a };
            let kind = Kind::Rising { form: form(row.delay_deg), rms: rated_a, level, lasts_s };
            // The trip current is the same for all characteristics: with DC one of them is enough.
            add(row.row.clone(), asked, false, Stimulus { kind, axes: self.axes(self.points_of_ramps, general) });
        }
        for row in self.hold.iter().filter(|_| general) {
            let kind = Kind::Sudden {
                form: form(row.delay_deg),
                rms: row.multiple * rated_a,
                noise: row.noise,
                order: row.order,
                lasts_s: f64::INFINITY,
                watched_s: row.seconds,
            };
            add(row.row.clone(), Asked::Stay, true, Stimulus { kind, axes: self.axes(self.points_on_wave, false) });
        }
        for row in self.surge.iter().filter(|_| characteristic != Characteristic::ShortDelay) {
            let peak = if general { row.peak_a } else { row.selective_peak_a };
            let kind = Kind::Surge { shape: row.shape, peak };
            add(row.row.clone(), Asked::Stay, true, Stimulus { kind, axes: self.axes(0, false) });
        }
    }

    fn axes(&self, points: u32, with_dc: bool) -> Axes {
        let smooth_dc_a = self.smooth_dc_ma.iter().map(|ma| ma * 1e-3).filter(|dc| with_dc || *dc == 0.0);
        Axes {
            frequency_hz: self.frequency_hz.clone(),
            corner_hz: self.corner_hz.iter().map(|&corner| (corner > 0.0).then_some(corner)).collect(),
            smooth_dc_a: smooth_dc_a.collect(),
            points,
        }
    }
}

impl Sudden {
    fn rms(&self, rated_ma: f64) -> f64 {
        let small = rated_ma <= 10.0;
        let multiple = self.up_to_10_ma.filter(|_| small).or(self.multiple);
        let amperes = self.amperes_up_to_10_ma.filter(|_| small).or(self.amperes);
        amperes.or(multiple.map(|multiple| multiple * rated_ma * 1e-3)).expect("a multiple or amperes")
    }

    fn asked(&self, characteristic: Characteristic) -> Asked {
        let (after_ms, within_ms, norm_ms) = match characteristic {
            Characteristic::General => (0.0, self.project_ms, self.general_ms),
            Characteristic::ShortDelay => {
                let within_ms = self.short_delay_ms.unwrap_or(self.general_ms);
                (SHORT_DELAY_MS, within_ms, within_ms)
            }
            Characteristic::Selective => (self.non_actuating_ms, self.selective_ms, self.selective_ms),
        };
        Asked::Trip { after_s: after_ms * 1e-3, within_s: within_ms * 1e-3, norm_s: norm_ms * 1e-3 }
    }
}

impl Ramp {
    /// The course up to a little beyond the upper limit, and how long it takes.
    fn level(&self, upper: f64, characteristic: Characteristic) -> (Level, f64) {
        const SECONDS: f64 = 30.0;
        let Some(step) = self.step else {
            return (Level::Ramp { from: self.from, per_s: (upper - self.from) / SECONDS }, SECONDS + 0.5);
        };
        let ms = if characteristic == Characteristic::Selective { self.selective_step_ms } else { self.step_ms };
        let steps = libm::ceil((upper - self.from) / step - 1e-9) + 1.0;
        (Level::Stairs { from: self.from, step, step_s: ms * 1e-3 }, steps * ms * 1e-3)
    }
}

impl Accuracy {
    fn limits(&self, is_transformer: bool) -> Limits {
        let limits = if is_transformer { &self.transformer } else { &self.direct };
        let relative = |&limit: &f64| super::Limit { limit, basis: super::Basis::Value, residue: None };
        limits.iter().map(|(quantity, limit)| (*quantity, relative(limit))).collect()
    }
}

#[cfg(test)]
mod tests;
