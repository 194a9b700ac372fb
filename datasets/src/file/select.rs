//! Some channels of a file, in volt and ampere, with their rate.
//!
//! In come the names wanted, out go samples of one rate. This file must not know which channel is a voltage.
//!
//! Of a file with several rates the longest span of (nearly) constant rate is taken, which a remark tells; see
//! [`Recording::span`]. Values are those of the side of the transformer that the file tells of, unless a side is asked
//! for.

use super::{FileError, Format, read};
use crate::csv;
use crate::recording::{Channel, Recording, Side, Span, SpanError, Unit};
use std::path::Path;

/// Channels of one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Rate in hertz: the one given, or else the one that the file tells, or else `None`.
    pub rate_hz: Option<f64>,
    /// The channels in the order asked for, all of the same length.
    pub columns: Vec<Column>,
    /// The samples have no unit: their full scale is 1.
    pub is_relative: bool,
    /// Lines for programs.
    pub information: Vec<String>,
    /// What was chosen, left out or guessed, one line each.
    pub remarks: Vec<String>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Samples in volt or ampere where the unit is one of those, else in the unit of the file.
    pub samples: Vec<f64>,
    /// The unit, where it is one of voltage or current.
    pub unit: Option<Unit>,
    /// Time of each sample after that of its frame, in microseconds.
    pub skew_us: f64,
}

/// Reads the channels `required`, and those of `optional` that exist. With `rate_hz` given the file's own times are not
/// looked at.
///
/// # Errors
/// The first fault of the file; a channel that does not exist or has missing samples; a side without a ratio.
pub fn select(
    path: &Path,
    required: &[&str],
    optional: &[&str],
    rate_hz: Option<f64>,
    side: Option<Side>,
) -> Result<Selection, FileError> {
    if Format::of(path) == Format::Csv && side.is_none() {
        return Ok(from_csv(path, required, optional, rate_hz)?);
    }
    pick(path, (required, optional), rate_hz, side, false)
}

/// The same, but a sample that is missing is NaN and no fault.
///
/// # Errors
/// As of [`select`], but for missing samples.
pub fn select_with_gaps(
    path: &Path,
    required: &[&str],
    optional: &[&str],
    rate_hz: Option<f64>,
    side: Option<Side>,
) -> Result<Selection, FileError> {
    pick(path, (required, optional), rate_hz, side, true)
}

fn pick(
    path: &Path,
    (required, optional): (&[&str], &[&str]),
    rate_hz: Option<f64>,
    side: Option<Side>,
    may_miss: bool,
) -> Result<Selection, FileError> {
    let recording = read(path)?;
    let span = match rate_hz {
        Some(rate_hz) => Some(Span { begin: 0, end: recording.frames, rate_hz, low_hz: rate_hz, high_hz: rate_hz }),
        None => match recording.span() {
            Err(SpanError::Untold) => None,
            span => Some(span.map_err(|fault| FileError::Span { file: path.to_owned(), fault })?),
        },
    };
    let mut selection = Selection {
        rate_hz: span.map(|span| span.rate_hz),
        columns: Vec::new(),
        is_relative: Format::of(path) == Format::Wav,
        information: recording.details.information.clone(),
        remarks: recording.remarks.clone(),
    };
    if let Some(span) = span {
        tell(&recording, &span, &mut selection.remarks);
    }
    let frames = span.map_or(0..recording.frames, |span| span.begin..span.end);
    for name in required {
        let channel = recording.channel(name).ok_or_else(|| missing(path, name, &recording))?;
        selection.columns.push(column(path, channel, frames.clone(), side, may_miss)?);
    }
    let optional = optional.iter().filter(|name| !required.contains(name));
    for channel in optional.filter_map(|name| recording.channel(name)) {
        selection.columns.push(column(path, channel, frames.clone(), side, may_miss)?);
    }
    Ok(selection)
}

/// Only the columns asked for are looked at: the others may hold anything.
fn from_csv(
    path: &Path,
    required: &[&str],
    optional: &[&str],
    rate_hz: Option<f64>,
) -> Result<Selection, csv::CsvError> {
    let csv::Table { rate_hz, described, information, columns } = csv::read(path, required, optional, rate_hz)?;
    let columns = columns.into_iter().map(|(name, mut samples)| {
        let described = described.iter().find(|told| told.name == name);
        let unit = described.and_then(|told| Unit::parse(&told.unit));
        let size = unit.map_or(1.0, |unit| unit.size);
        for sample in &mut samples {
            *sample *= size;
        }
        Column { name, samples, unit, skew_us: described.map_or(0.0, |told| told.skew_us) }
    });
    Ok(Selection { rate_hz, columns: columns.collect(), is_relative: false, information, remarks: vec![] })
}

fn column(
    path: &Path,
    channel: &Channel,
    frames: std::ops::Range<usize>,
    side: Option<Side>,
    may_miss: bool,
) -> Result<Column, FileError> {
    let (file, name) = (path.to_owned(), channel.name.clone());
    let unit = Unit::parse(&channel.unit);
    let ratio = match side {
        None => 1.0,
        Some(side) => match channel.factor(side) {
            Some(factor) => factor,
            None => return Err(FileError::NoRatio { file, name }),
        },
    };
    let factor = ratio * unit.map_or(1.0, |unit| unit.size);
    let raw = &channel.raw[frames.clone()];
    if let Some(missing) = raw.iter().position(|raw| raw.is_nan() && !may_miss) {
        return Err(FileError::Missing { file, name, sample: frames.start + missing + 1 });
    }
    let samples: Vec<f64> = raw.iter().map(|raw| (channel.a * raw + channel.b) * factor).collect();
    if let Some(infinite) = samples.iter().zip(raw).position(|(sample, raw)| !sample.is_finite() && !raw.is_nan()) {
        return Err(FileError::NotFinite { file, name, sample: frames.start + infinite + 1 });
    }
    Ok(Column { name, samples, unit, skew_us: channel.skew_us })
}

fn missing(path: &Path, name: &str, recording: &Recording) -> FileError {
    let quoted = recording.channels.iter().map(|channel| csv::quote(channel.name.as_bytes()));
    let existing = quoted.collect::<Vec<_>>().join(", ");
    FileError::NoChannel { file: path.to_owned(), name: name.to_owned(), existing }
}

fn tell(recording: &Recording, span: &Span, remarks: &mut Vec<String>) {
    if span.end - span.begin < recording.frames {
        let frames = recording.frames;
        remarks.push(format!(
            "samples {} to {} of {frames} are taken: the longest span of constant rate",
            span.begin + 1,
            span.end
        ));
    }
    if span.low_hz < span.high_hz {
        remarks.push(format!("rates from {} to {} Hz are taken for their mean", span.low_hz, span.high_hz));
    }
}
