//! The test points: what is played to a meter, what it must read and how far off it may be.
//!
//! In come the TOML files of `catalogue/` (a compact grid each) and perhaps a folder of recordings, out go suites of
//! points. This file must not know how a point is played or a report is written.

mod decision;
mod event;
mod form;
mod grid;
mod rcd;
pub mod recorded;
mod suite;

use crate::Channels;
use crate::reference::{Quantity, Truth};
use crate::synthesis::Course;
use std::collections::BTreeMap;

pub use decision::{Asked, Characteristic, Decision, Trial, VOLTAGE_RANGE_V};
pub use event::{EventKind, ExpectedEvent};

/// Points that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// Short name, as on the command line.
    pub name: String,
    /// One line that says what is tested.
    pub title: String,
    /// Norm or data the points come from.
    pub source: String,
    /// The points.
    pub points: Vec<Point>,
    /// Decisions on residual currents that are swept beside the points.
    pub decisions: Vec<Decision>,
}

/// One test point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Name, unique within its suite.
    pub name: String,
    /// Whether the quick profile plays it.
    pub quick: bool,
    /// Whether a slow board plays it where its suite is asked for by name; what is quick is played in any case.
    pub named: bool,
    /// What is played.
    pub source: Source,
    /// Sampling rate in hertz.
    pub rate_hz: f64,
    /// Resolution of the ADC, 12 to 24 bits.
    pub adc_bits: u8,
    /// Full-scale peak of each channel, in the unit of the channel.
    pub ranges: Channels<f64>,
    /// Nominal frequency: 50 (windows of 10 cycles) or 60 (windows of 12 cycles).
    pub nominal_hz: u8,
    /// How many windows are played; `None`: as many as the recording holds.
    pub windows: Option<usize>,
    /// How many windows from the start are not judged although they may be locked.
    pub skip_windows: usize,
    /// Which readings are compared with the expected ones.
    pub judged: Judged,
    /// What a perfect meter reads.
    pub expected: Truth,
    /// How far off the readings may be; a quantity that is not named is not judged.
    pub limits: Limits,
    /// DC is a signal and code 0 its zero; else it is an offset of the sensor.
    pub dc_is_signal: bool,
    /// Where there are any, only the windows that lie within one of them are judged, by its truth and limits instead of
    /// the point's, and other windows may be settling.
    pub spans: Vec<Span>,
    /// No-load threshold that the meter is given, and what its flag must say.
    pub no_load: Option<NoLoad>,
    /// Events of the voltage that the meter must tell, in their order.
    pub expected_events: Vec<ExpectedEvent>,
    /// What the meter is told of the residual-current sensor beside its range.
    pub residual: Option<ResidualSensor>,
}

/// The sensor of a residual current, and what watches it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResidualSensor {
    /// High-pass of the transformer in hertz; `None`: the sensor passes direct current.
    pub corner_hz: Option<f64>,
    /// The monitor, if there is one.
    pub monitor: Option<MonitorSettings>,
}

/// A residual-current monitor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonitorSettings {
    /// Rated residual operating current in ampere.
    pub rated_a: f64,
    /// When the alarm may respond.
    pub characteristic: Characteristic,
    /// What it must do.
    pub asked: Asked,
}

/// A time in which other things are expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Begin in seconds.
    pub from_s: f64,
    /// End in seconds.
    pub to_s: f64,
    /// Windows may be flagged as settling, as long as their readings hold.
    pub may_settle: bool,
    /// What a perfect meter reads.
    pub expected: Truth,
    /// How far off the readings may be.
    pub limits: Limits,
}

/// No-load threshold of all currents.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoLoad {
    /// Active power in watt.
    pub power_w: f64,
    /// RMS current in ampere.
    pub current_a: f64,
    /// Hysteresis in percent of both.
    pub hysteresis_percent: u8,
    /// Whether the windows must be flagged as no load.
    pub idle: bool,
}

/// What a point plays.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A synthetic waveform and how it changes.
    Synthetic(Course),
    /// The samples of a recording.
    Recording(Channels<Vec<f64>>),
    /// A residual current that a monitor is asked with.
    Trial(Trial),
}

/// Which readings are compared with the expected ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Each window for itself.
    EveryWindow,
    /// The mean of the locked windows, RMS values as RMS of RMS: real loads change by more than a meter errs from one
    /// window to the next, and the table tells their mean over the whole recording.
    Mean,
    /// The mean of every two windows that follow each other: 20 cycles at 50 Hz, over which a pattern of 2 or 4 cycles
    /// has come full circle.
    Pairs,
    /// Each window against the truth over the very samples it covers, for signals that differ from window to window.
    Reference,
    /// The energy over all windows together: sum of P times the length of its window.
    Energy,
}

/// Limits by quantity.
pub type Limits = BTreeMap<Quantity, Limit>;

/// How far off a reading may be.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Relative to the basis, or in the unit of the quantity when the basis is absolute. Above 0.
    pub limit: f64,
    /// What the limit is a part of.
    pub basis: Basis,
    /// Takes the place of `limit` where the expected value is below 1 % of the basis: a quantity that is the root of a
    /// difference of squares reads the root of the squares' own errors where they should cancel.
    pub residue: Option<f64>,
}

/// What a limit is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub enum Basis {
    /// The expected value itself.
    #[serde(rename = "value")]
    Value,
    /// The expected apparent power of the same current.
    #[serde(rename = "S")]
    Apparent,
    /// The fundamental, for quantities that are a part of it themselves.
    #[serde(rename = "fundamental")]
    Fundamental,
    /// Nothing: the limit is in the unit of the quantity.
    #[serde(rename = "absolute")]
    Absolute,
}

impl Point {
    /// Cycles of a window: 10 or 12.
    pub fn cycles_per_window(&self) -> usize {
        if self.nominal_hz == 50 { 10 } else { 12 }
    }

    /// Samples of every channel. A synthetic point lasts for its windows and three cycles more, so that the last window
    /// ends within it wherever on the wave the first one begins.
    pub fn samples(&self) -> Channels<Vec<f64>> {
        match &self.source {
            Source::Recording(samples) => samples.clone(),
            Source::Synthetic(course) => course.sample(self.rate_hz, self.frames()),
            Source::Trial(trial) => Channels {
                voltage: trial.voltage(self.rate_hz),
                currents: vec![],
                residual: Some(trial.residual(self.rate_hz, self.ranges.residual.unwrap_or(f64::INFINITY))),
            },
        }
    }

    /// Number of samples of each channel.
    pub fn frames(&self) -> usize {
        match &self.source {
            Source::Recording(samples) => samples.iter().map(Vec::len).min().unwrap_or(0),
            Source::Trial(trial) => trial.frames(self.rate_hz),
            Source::Synthetic(course) => {
                let cycles = self.windows.unwrap_or(1) * self.cycles_per_window() + 3;
                (cycles as f64 * self.rate_hz / course.waveform.fundamental_hz).ceil() as usize
            }
        }
    }

    /// How far off a quantity may be, in its unit; `None` where it is not judged. `current` counts from 0.
    pub fn allowed(&self, quantity: Quantity, current: usize) -> Option<f64> {
        self.limits.get(&quantity)?.allowed(&self.expected, quantity, current)
    }
}

impl Limit {
    /// What the limit is a part of, in the unit of the quantity; `None` where it is not known.
    pub fn whole(&self, truth: &Truth, quantity: Quantity, current: usize) -> Option<f64> {
        let expected = truth.value(quantity, current)?;
        match self.basis {
            Basis::Value => Some(expected.abs()),
            Basis::Apparent => truth.value(Quantity::ApparentVa, current),
            Basis::Fundamental | Basis::Absolute => Some(1.0),
        }
    }

    /// The limit in the unit of the quantity, against what is expected.
    pub fn allowed(&self, truth: &Truth, quantity: Quantity, current: usize) -> Option<f64> {
        let whole = self.whole(truth, quantity, current)?;
        let expected = truth.value(quantity, current)?;
        Some(self.residue.filter(|_| expected.abs() < 0.01 * whole).unwrap_or(self.limit) * whole)
    }
}

/// Nominal frequency that goes with a mains frequency: 50 below 55 Hz, else 60.
pub fn nominal_for(frequency_hz: f64) -> u8 {
    if frequency_hz < 55.0 { 50 } else { 60 }
}

/// Pure sines over frequency, power factor and current.
pub fn sine() -> Suite {
    grid::expand(include_str!("../catalogue/sine.toml"))
}

/// Load points, influence quantities, no-load and starting of IEC 62053.
pub fn iec62053() -> Suite {
    suite::expand(include_str!("../catalogue/iec62053.toml"))
}

/// The worked vector of IEEE 1459 and its like.
pub fn ieee1459() -> Suite {
    suite::expand(include_str!("../catalogue/ieee1459.toml"))
}

/// Magnitude, frequency, dips, swells and interruptions of IEC 61000-4-30.
pub fn iec61000_4_30() -> Suite {
    suite::expand(include_str!("../catalogue/iec61000-4-30.toml"))
}

/// Lock, jumps, ramps and interruptions.
pub fn dynamics() -> Suite {
    suite::expand(include_str!("../catalogue/dynamics.toml"))
}

/// Residual current of type A: the norm's rows as decisions, readings, and a choice of decisions to play.
pub fn rcd_type_a() -> Suite {
    rcd::expand(include_str!("../catalogue/rcd-type-a.toml"))
}

/// All suites that need no files.
pub fn synthetic() -> Vec<Suite> {
    vec![sine(), iec62053(), ieee1459(), iec61000_4_30(), dynamics(), rcd_type_a()]
}

#[cfg(test)]
mod tests;
