//! The test points: what is played to a meter, what it must read and how far off it may be.
//!
//! In come the TOML files of `catalogue/` (a compact grid each) and perhaps a folder of recordings, out go suites of
//! points. This file must not know how a point is played or a report is written.

mod grid;
pub mod recorded;

use crate::Channels;
use crate::reference::{Quantity, Truth};
use crate::synthesis::Waveform;
use std::collections::BTreeMap;

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
}

/// One test point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Name, unique within its suite.
    pub name: String,
    /// Whether the quick profile plays it.
    pub quick: bool,
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
}

/// What a point plays.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A synthetic waveform.
    Synthetic(Waveform),
    /// The samples of a recording.
    Recording(Channels<Vec<f64>>),
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
            Source::Synthetic(waveform) => {
                let cycles = self.windows.unwrap_or(1) * self.cycles_per_window() + 3;
                let frames = cycles as f64 * self.rate_hz / waveform.fundamental_hz;
                waveform.sample(self.rate_hz, frames.ceil() as usize)
            }
        }
    }

    /// How far off a quantity may be, in its unit; `None` where it is not judged. `current` counts from 0.
    pub fn allowed(&self, quantity: Quantity, current: usize) -> Option<f64> {
        let limit = self.limits.get(&quantity)?;
        let expected = self.expected.value(quantity, current)?;
        Some(match limit.basis {
            Basis::Value => limit.limit * expected.abs(),
            Basis::Apparent => limit.limit * self.expected.value(Quantity::ApparentVa, current)?,
            Basis::Absolute => limit.limit,
        })
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

/// All suites that need no files.
pub fn synthetic() -> Vec<Suite> {
    vec![sine()]
}

#[cfg(test)]
mod tests;
