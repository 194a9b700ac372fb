//! What a board reads of the loads before and after, against their true values.
//!
//! In come readings, references and limits, out go rows that hold or do not. This file must not know how corrections are
//! found or what is printed.

use datasets::Channels;
use datasets::reference::Quantity;
use hil_link::{Calibration, Correction};

use super::reference::{Load, References, short};
use super::solve::{Readings, Silence};
use crate::values::Values;

/// How far off the readings may be afterwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// RMS values of the reference, powers of the apparent power, in ppm; with nothing connected, of the range.
    pub ppm: f64,
    /// Phase angles in degrees.
    pub degree: f64,
}

/// Frequency may be off by the step of the clock's correction, and by what reading it takes.
const FREQUENCY_PPM: f64 = 1.0;

/// A reading before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The load in short.
    pub load: String,
    /// Name of the quantity, with the number of the current.
    pub quantity: String,
    /// What is true.
    pub reference: f64,
    /// What was read before.
    pub before: f64,
    /// What is read afterwards.
    pub after: f64,
    /// By what an error is multiplied to be in `unit`.
    factor: f64,
    /// Unit of errors and limit.
    pub unit: &'static str,
    /// Most that the error may be afterwards.
    pub limit: f64,
}

impl Row {
    /// Error of a reading, in the row's unit.
    pub fn error(&self, read: f64) -> f64 {
        (read - self.reference) * self.factor
    }

    /// Whether the reading afterwards holds; one that is missing does not.
    pub fn holds(&self) -> bool {
        self.error(self.after).abs() <= self.limit
    }

    /// Part of the limit that is used afterwards.
    pub fn used(&self) -> f64 {
        self.error(self.after).abs() / self.limit
    }
}

/// What was read at a load, before and after.
struct Pair<'a> {
    load: String,
    before: &'a Values,
    after: &'a Values,
    limits: Limits,
}

impl Pair<'_> {
    /// A quantity whose error is told in ppm of `whole`.
    fn ppm(&self, quantity: Quantity, n: usize, reference: f64, whole: f64) -> Row {
        self.row(quantity, n, reference, (1e6 / whole, "ppm", self.limits.ppm))
    }

    fn row(
        &self,
        quantity: Quantity,
        n: usize,
        reference: f64,
        (factor, unit, limit): (f64, &'static str, f64),
    ) -> Row {
        let name = quantity.name();
        let name = if quantity.is_per_current() { format!("{name} {n}") } else { name.into() };
        let read = |values: &Values| values.get(quantity, n).unwrap_or(f64::NAN);
        let (load, before, after) = (self.load.clone(), read(self.before), read(self.after));
        Row { load, quantity: name, reference, before, after, factor, unit, limit }
    }
}

/// All readings against their references: those `before` with the calibration of then, those `after`, and what the
/// channels read afterwards with nothing connected.
pub fn rows(
    references: &References,
    ranges: &Channels<f64>,
    (before, was): (&Readings, &Calibration),
    (after, rest): (&Readings, &Values),
    limits: Limits,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let gain = &references.gain;
    let load = format!("PF 1, {} Hz", short(gain.frequency_hz));
    let pair = Pair { load, before: &before.gain, after: &after.gain, limits };
    rows.push(pair.ppm(Quantity::VoltageV, 0, gain.voltage_v, gain.voltage_v));
    let hertz = gain.frequency_hz;
    rows.push(pair.row(Quantity::FrequencyHz, 0, hertz, (1e6 / hertz, "ppm", FREQUENCY_PPM)));
    let (active, _, apparent) = powers(gain);
    for n in 0..ranges.currents.len() {
        rows.push(pair.ppm(Quantity::CurrentA, n, gain.current_a, gain.current_a));
        rows.push(pair.ppm(Quantity::ActiveW, n, active, apparent));
    }
    if let (Some(residual), Some(_)) = (gain.residual_a, ranges.residual) {
        rows.push(pair.ppm(Quantity::ResidualA, 0, residual, residual));
    }
    for (load, (before, after)) in references.phase.iter().zip(before.phase.iter().zip(&after.phase)) {
        let (active, reactive, apparent) = powers(load);
        let name = format!("PF {:.2}, {} Hz", load.phase_deg.to_radians().cos(), short(load.frequency_hz));
        let pair = Pair { load: name, before, after, limits };
        for n in 0..ranges.currents.len() {
            rows.push(pair.row(Quantity::PhaseDeg, n, load.phase_deg, (1.0, "degree", limits.degree)));
            rows.push(pair.ppm(Quantity::ActiveW, n, active, apparent));
            rows.push(pair.ppm(Quantity::ReactiveVar, n, reactive, apparent));
        }
    }
    let mut still = |quantity: String, was: Option<&Correction>, silence: &Silence, after: Option<f64>, range: f64| {
        let (before, after) = (at_rest(was, silence, range), after.unwrap_or(f64::NAN));
        let (factor, limit) = (1e6 / range, limits.ppm);
        let row = Row { load: "none".into(), quantity, reference: 0.0, before, after, factor, unit: "ppm", limit };
        rows.push(row);
    };
    if let (Some(silence), Some(range)) = (&before.silence.voltage, ranges.voltage) {
        still("voltage_v".into(), was.voltage.as_ref(), silence, rest.voltage_v, range);
    }
    for (n, (silence, range)) in before.silence.currents.iter().zip(&ranges.currents).enumerate() {
        let was = was.currents.get(n).and_then(Option::as_ref);
        still(format!("current_a {n}"), was, silence, rest.get(Quantity::CurrentA, n), *range);
    }
    if let (Some(silence), Some(range)) = (&before.silence.residual, ranges.residual) {
        let after = rest.residual.and_then(|residual| residual.total_a);
        still("residual_a".into(), was.residual.as_ref(), silence, after, range);
    }
    rows
}

/// P, Q1 and S of a load.
fn powers(load: &Load) -> (f64, f64, f64) {
    let apparent = load.voltage_v * load.current_a;
    let (sine, cosine) = load.phase_deg.to_radians().sin_cos();
    (apparent * cosine, apparent * sine, apparent)
}

/// RMS of a channel with nothing connected, direct current and noise being made good as far as they were known.
fn at_rest(was: Option<&Correction>, silence: &Silence, range: f64) -> f64 {
    let was = was.copied().unwrap_or_default();
    let factor = 1.0 + f64::from(was.gain_ppm) * 1e-6;
    let offset = f64::from(was.offset) * 2f64.powi(-31) * range * factor;
    let noise = f64::from(was.noise) * 2f64.powi(-32) * range;
    ((silence.dc - offset).powi(2) + silence.noise.powi(2) - noise.powi(2)).max(0.0).sqrt()
}
