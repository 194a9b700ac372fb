//! Recordings of real loads and which of them a meter can be judged by.
//!
//! In comes a folder with recordings and their table `reference.csv`, out go points for the recordings that are long
//! and steady enough, and the reason for each of the others. This file must not know whose recordings they are.
//!
//! A row of the table names a file (`file`, relative to the folder), its rate (`fs_hz`) and its truth (`v_rms_ac`,
//! `i_rms_ac`, `p_ac`, `s`, `pf`, `q1`, `phi1_deg`, `freq_hz`) over the first `n` samples. Where the text in `load` ends
//! in `[voltage|current]`, or has `ch voltage|current` in it, those are the channels, else the first two of the file.

use super::{Judged, Limits, Point, Source, Suite, nominal_for};
use crate::Channels;
use crate::file::{self, FileError};
use crate::quantise::{peak, range_for};
use crate::reference::{CurrentTruth, PowerTruth, Truth, measure};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Name of the table in a folder of recordings.
pub const TABLE: &str = "reference.csv";

/// The suite, and what is not in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The recordings that are judged.
    pub suite: Suite,
    /// Name and reason of each row of the table that is not judged.
    pub unjudged: Vec<(String, Unjudged)>,
}

/// Why a recording is not judged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unjudged {
    /// Cannot be read.
    #[error("{0}")]
    Faulty(#[from] FileError),
    /// Fewer than two columns and no others named.
    #[error("no pair of voltage and current")]
    NoPair,
    /// Sampled slower or faster than a meter samples.
    #[error("sampled at {rate_hz} Hz, outside {low} to {high} Hz")]
    Rate {
        /// Rate of the recording.
        rate_hz: f64,
        /// Lowest rate that is judged.
        low: f64,
        /// Highest rate that is judged.
        high: f64,
    },
    /// Not a mains frequency.
    #[error("fundamental of {frequency_hz:.2} Hz, outside {low} to {high} Hz")]
    Frequency {
        /// Frequency by the table.
        frequency_hz: f64,
        /// Lowest frequency that is judged.
        low: f64,
        /// Highest frequency that is judged.
        high: f64,
    },
    /// Over before a window after the lock is complete.
    #[error("too short: {seconds:.3} s, lock and one window take {needed} s")]
    Short {
        /// Length of the recording.
        seconds: f64,
        /// Length that is judged.
        needed: f64,
    },
    /// The load or the grid changes during the recording.
    #[error("not steady: per-cycle RMS scatters by {:.2} % of v and {:.2} % of i, limit {:.2} %",
        100.0 * voltage, 100.0 * current, 100.0 * limit)]
    Unsteady {
        /// Standard deviation over mean of the voltage's per-cycle RMS.
        voltage: f64,
        /// The same of the current.
        current: f64,
        /// Largest value of either that is judged.
        limit: f64,
    },
}

/// Why there is no suite at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder has no table: no recordings here.
    #[error("no {TABLE} in {}", .0.display())]
    Absent(PathBuf),
    /// The table is damaged.
    #[error("{}: {fault}", file.display())]
    Table {
        /// The table.
        file: PathBuf,
        /// What is wrong, with its line.
        fault: ::csv::Error,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    name: String,
    title: String,
    source: String,
    adc_bits: u8,
    quick_frames: usize,
    judged: Judged,
    criteria: Criteria,
    limits: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Criteria {
    unsteadiness_max: f64,
    seconds_min: f64,
    rate_hz: [f64; 2],
    frequency_hz: [f64; 2],
}

/// One row of the table.
#[derive(Debug, Deserialize)]
struct Row {
    file: String,
    load: String,
    fs_hz: f64,
    freq_hz: f64,
    v_rms_ac: f64,
    i_rms_ac: f64,
    p_ac: f64,
    s: f64,
    pf: f64,
    q1: f64,
    phi1_deg: f64,
}

/// Loads the recordings of a folder.
///
/// # Errors
/// The folder has no table, or a damaged one. A faulty recording is no error but not judged.
pub fn load(folder: &Path) -> Result<Recorded, LoadError> {
    let rules: Rules = toml::from_str(include_str!("../../catalogue/recorded.toml")).expect("a suite of the catalogue");
    let mut recorded = Recorded {
        suite: Suite {
            name: rules.name.clone(),
            title: rules.title.clone(),
            source: rules.source.clone(),
            points: vec![],
            decisions: vec![],
        },
        unjudged: Vec::new(),
    };
    for row in rows(folder)? {
        match rules.point(folder, &row) {
            Ok(point) => recorded.suite.points.push(point),
            Err(reason) => recorded.unjudged.push((row.name(), reason)),
        }
    }
    Ok(recorded)
}

fn rows(folder: &Path) -> Result<Vec<Row>, LoadError> {
    let file = folder.join(TABLE);
    if !file.is_file() {
        return Err(LoadError::Absent(folder.to_owned()));
    }
    let rows = ::csv::Reader::from_path(&file).and_then(|mut reader| reader.deserialize().collect());
    rows.map_err(|fault| LoadError::Table { file, fault })
}

impl Row {
    /// The channels that the row names, voltage and current.
    fn columns(&self) -> Option<(&str, &str)> {
        let bracketed = self.load.strip_suffix(']').and_then(|load| load.rsplit_once('['));
        let (_, pair) = bracketed.or_else(|| self.load.split_once(", ch "))?;
        pair.split(' ').next()?.split_once('|')
    }

    fn name(&self) -> String {
        self.columns().map_or_else(|| self.file.clone(), |(v, i)| format!("{} {v} {i}", self.file))
    }

    fn samples(&self, folder: &Path) -> Result<Channels<Vec<f64>>, Unjudged> {
        let path = folder.join(&self.file);
        let existing = file::head(&path)?.channels;
        let (voltage, current) = match (self.columns(), existing.as_slice()) {
            (Some(pair), _) => pair,
            (None, [voltage, current, ..]) => (voltage.name.as_str(), current.name.as_str()),
            (None, _) => return Err(Unjudged::NoPair),
        };
        let selection = file::select(&path, &[voltage, current], &[], Some(self.fs_hz), None)?;
        let mut columns = selection.columns.into_iter();
        let mut next = || columns.next().map(|column| column.samples);
        Ok(Channels { voltage: next(), currents: next().into_iter().collect(), residual: None })
    }

    fn truth(&self) -> Truth {
        let power = PowerTruth {
            active_w: self.p_ac,
            reactive_var: self.q1,
            apparent_va: self.s,
            power_factor: self.pf,
            phase_deg: self.phi1_deg,
        };
        Truth {
            frequency_hz: Some(self.freq_hz),
            voltage_v: Some(self.v_rms_ac),
            voltage_wave: None,
            currents: vec![CurrentTruth { current_a: self.i_rms_ac, wave: None, power: Some(power) }],
            residual_a: None,
            residual_wave: None,
        }
    }
}

impl Rules {
    fn point(&self, folder: &Path, row: &Row) -> Result<Point, Unjudged> {
        self.criteria.judge_row(row)?;
        let samples = row.samples(folder)?;
        self.criteria.judge(row, &samples)?;
        let frames = samples.iter().map(Vec::len).max().unwrap_or(0);
        Ok(Point {
            name: row.name(),
            quick: frames <= self.quick_frames,
            named: false,
            rate_hz: row.fs_hz,
            adc_bits: self.adc_bits,
            ranges: samples.map(|samples| range_for(peak(samples))),
            nominal_hz: nominal_for(row.freq_hz),
            windows: None,
            skip_windows: 0,
            judged: self.judged,
            expected: row.truth(),
            source: Source::Recording(samples),
            limits: self.limits.clone(),
            dc_is_signal: false,
            spans: vec![],
            no_load: None,
            expected_events: vec![],
            residual: None,
        })
    }
}

impl Criteria {
    /// What the table alone tells.
    fn judge_row(&self, row: &Row) -> Result<(), Unjudged> {
        let [low, high] = self.rate_hz;
        if !(low..=high).contains(&row.fs_hz) {
            return Err(Unjudged::Rate { rate_hz: row.fs_hz, low, high });
        }
        let [low, high] = self.frequency_hz;
        if !(low..=high).contains(&row.freq_hz) {
            return Err(Unjudged::Frequency { frequency_hz: row.freq_hz, low, high });
        }
        Ok(())
    }

    fn judge(&self, row: &Row, samples: &Channels<Vec<f64>>) -> Result<(), Unjudged> {
        let seconds = samples.voltage.as_ref().map_or(0, Vec::len) as f64 / row.fs_hz;
        if seconds < self.seconds_min {
            return Err(Unjudged::Short { seconds, needed: self.seconds_min });
        }
        let unsteadiness = measure(samples, row.fs_hz).map(|measured| measured.unsteadiness);
        let worst = |ratios: &[f64]| ratios.iter().copied().fold(0.0, f64::max);
        let (voltage, current) = unsteadiness
            .map_or((f64::INFINITY, f64::INFINITY), |ratio| (worst(ratio.voltage.as_slice()), worst(&ratio.currents)));
        let limit = self.unsteadiness_max;
        if voltage < limit && current < limit { Ok(()) } else { Err(Unjudged::Unsteady { voltage, current, limit }) }
    }
}

#[cfg(test)]
mod tests;
