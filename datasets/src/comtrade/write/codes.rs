//! The numbers of a channel as a type of data can hold them.
//!
//! In comes a channel and a type, out go its numbers, with other factors where they must be scaled. This file must not
//! know how numbers are written.

use crate::comtrade::DataType;
use crate::recording::{Channel, Recording};
use std::borrow::Cow;

/// Numbers of a channel; `a · raw + b` is the value.
pub(super) struct Codes<'a> {
    /// Unit per step.
    pub a: f64,
    /// Value of 0.
    pub b: f64,
    /// Least and greatest number that can stand in the file, or that does.
    pub range: (f64, f64),
    /// The numbers; NaN for a missing sample.
    pub raw: Cow<'a, [f64]>,
}

/// The type a recording was read from if it still holds it, else the smallest that holds it exactly.
pub(super) fn smallest(recording: &Recording) -> DataType {
    let types = [DataType::Binary, DataType::Binary32, DataType::Float32];
    let holds = |data: &DataType| recording.channels.iter().all(|channel| holds(*data, &channel.raw));
    recording.details.data.into_iter().chain(types).find(holds).unwrap_or(DataType::Ascii)
}

/// Largest code of a type of whole numbers. The most negative number stands for a missing sample.
fn largest(data: DataType) -> Option<f64> {
    match data {
        DataType::Binary => Some(i16::MAX.into()),
        DataType::Binary32 => Some(i32::MAX.into()),
        DataType::Ascii | DataType::Float32 => None,
    }
}

fn holds(data: DataType, raw: &[f64]) -> bool {
    let holds = |&raw: &f64| match (data, largest(data)) {
        (_, Some(largest)) => raw.fract() == 0.0 && raw.abs() <= largest,
        (DataType::Float32, _) => f64::from(raw as f32).to_bits() == raw.to_bits() && raw > f64::from(f32::MIN),
        _ => true,
    };
    raw.iter().filter(|raw| !raw.is_nan()).all(holds)
}

/// The channel's numbers for a type; what is lost by it is told.
pub(super) fn fit<'a>(channel: &'a Channel, data: DataType, lost: &mut Vec<String>) -> Codes<'a> {
    if holds(data, &channel.raw) {
        let range = channel.range.unwrap_or_else(|| extent(&channel.raw));
        return Codes { a: channel.a, b: channel.b, range, raw: Cow::Borrowed(&channel.raw) };
    }
    let values: Vec<f64> = channel.values().collect();
    let (low, high) = extent(&values);
    let peak = low.abs().max(high.abs()).min(f64::MAX);
    let quoted = crate::csv::quote(channel.name.as_bytes());
    if let Some(largest) = largest(data) {
        let a = if peak > 0.0 { peak / largest } else { 1.0 };
        lost.push(format!("channel {quoted}: rounded to steps of {a:e} {} by {}", channel.unit, data.name()));
        let raw = values.iter().map(|value| (value / a).round().clamp(-largest, largest)).collect();
        return Codes { a, b: 0.0, range: (-largest, largest), raw: Cow::Owned(raw) };
    }
    // A number that no single precision holds is scaled, the rest keeps its size.
    let a = if peak > 1e38 { peak / 1e38 } else { 1.0 };
    lost.push(format!("channel {quoted}: rounded to single precision by {}", data.name()));
    let raw: Vec<f64> = values.iter().map(|value| f64::from((value / a).clamp(-1e38, 1e38) as f32)).collect();
    Codes { a, b: 0.0, range: extent(&raw), raw: Cow::Owned(raw) }
}

/// Least and greatest number; 0 for a channel without any.
fn extent(raw: &[f64]) -> (f64, f64) {
    let numbers = || raw.iter().copied().filter(|raw| !raw.is_nan());
    let (low, high) = (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
    if low <= high { (low, high) } else { (0.0, 0.0) }
}
