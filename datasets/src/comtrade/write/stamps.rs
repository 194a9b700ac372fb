//! The time stamps as a file can hold them.
//!
//! In come the times of a recording, out go whole ticks. This file must not know the samples.

use crate::comtrade::DataType;
use crate::recording::{Recording, Times};

/// Time stamps in steps of `multiplier / per_second` seconds.
pub(super) struct Stamps {
    /// 1e6, or 1e9 where the dates carry nanoseconds.
    pub per_second: f64,
    /// Factor on each stamp.
    pub multiplier: f64,
    /// The stamps; `None` where there is none.
    pub ticks: Vec<Option<i64>>,
}

/// Stamps of every frame; what is lost by them is told.
pub(super) fn fit(recording: &Recording, data: DataType, lost: &mut Vec<String>) -> Result<Stamps, String> {
    let untold = recording.sections.is_empty();
    let mut stamps = match &recording.times {
        Times::Untold if untold => return Err("no sampling rate and no times are told".to_owned()),
        Times::Untold => Stamps { per_second: 1e6, multiplier: 1.0, ticks: vec![None; recording.frames] },
        Times::Ticks { per_second, multiplier, ticks } => {
            Stamps { per_second: *per_second, multiplier: *multiplier, ticks: ticks.clone() }
        }
        Times::Seconds(seconds) => from_seconds(seconds, lost)?,
    };
    if data == DataType::Ascii || stamps.ticks.iter().flatten().all(|&tick| fits(tick)) {
        return Ok(stamps);
    }
    if !untold {
        lost.push(format!(
            "time stamps below 0 or beyond {}: {} has none, the rates tell the time",
            LARGEST,
            data.name()
        ));
        stamps.ticks.iter_mut().for_each(|tick| *tick = tick.filter(|&tick| fits(tick)));
        return Ok(stamps);
    }
    let first = stamps.ticks.iter().flatten().copied().min().unwrap_or(0);
    stamps.ticks.iter_mut().flatten().for_each(|tick| *tick = tick.saturating_sub(first));
    if !stamps.ticks.iter().flatten().all(|&tick| fits(tick)) {
        return Err(format!("the times span more than time stamps of {} hold; ASCII holds them", data.name()));
    }
    let start = first as f64 * stamps.multiplier / stamps.per_second;
    lost.push(format!("the times begin at 0 instead of {start} s: {} holds no others", data.name()));
    Ok(stamps)
}

/// Largest stamp in 32 bits: the one after it says that there is none.
const LARGEST: i64 = u32::MAX as i64 - 1;

fn fits(tick: i64) -> bool {
    (0..=LARGEST).contains(&tick)
}

/// Microseconds where they hold the times exactly, else nanoseconds.
fn from_seconds(seconds: &[f64], lost: &mut Vec<String>) -> Result<Stamps, String> {
    let peak = seconds.iter().fold(0.0_f64, |peak, time| peak.max(time.abs()));
    let exact = |per_second: f64| {
        let exact = |time: &f64| ((time * per_second).round() / per_second).to_bits() == time.to_bits();
        peak * per_second < 9e15 && seconds.iter().all(exact)
    };
    let ticks = |per_second: f64| {
        let ticks = seconds.iter().map(|time| Some((time * per_second).round() as i64)).collect();
        Stamps { per_second, multiplier: 1.0, ticks }
    };
    if exact(1e6) {
        return Ok(ticks(1e6));
    }
    if exact(1e9) {
        return Ok(ticks(1e9));
    }
    let per_second = if peak * 1e9 < 9e15 { 1e9 } else { 1e6 };
    if !peak.is_finite() || peak * per_second >= 9e15 {
        return Err(format!("times up to {peak} s are beyond what time stamps hold"));
    }
    lost.push(format!("the times are rounded to {} s", 1.0 / per_second));
    Ok(ticks(per_second))
}
