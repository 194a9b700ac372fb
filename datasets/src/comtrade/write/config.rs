//! The text of a configuration.
//!
//! In comes a recording with the numbers and stamps as they will be written, out go its lines. This file must not know
//! how samples are stored.

use super::codes::Codes;
use super::stamps::Stamps;
use crate::comtrade::DataType;
use crate::csv::quote;
use crate::recording::{Channel, Ratio, Recording, Side, Times};
use std::borrow::Cow;

/// What stands for a date that is not told.
const NO_DATE: &str = "01/01/1970,00:00:00";

/// The configuration of a recording as it is, for a file that holds its values in another way.
pub(crate) fn config(recording: &Recording) -> String {
    let plain = |channel: &Channel| Codes {
        a: channel.a,
        b: channel.b,
        range: channel.range.unwrap_or((0.0, 0.0)),
        raw: Cow::Borrowed(&[][..]),
    };
    let (per_second, multiplier) = match recording.times {
        Times::Ticks { per_second, multiplier, .. } => (per_second, multiplier),
        _ => (1e6, 1.0),
    };
    let stamps = Stamps { per_second, multiplier, ticks: vec![] };
    let codes: Vec<Codes<'_>> = recording.channels.iter().map(plain).collect();
    text(recording, recording.details.data.unwrap_or(DataType::Ascii), &codes, &stamps, &mut Vec::new())
}

/// The lines of the configuration; what they cannot hold is told.
pub(super) fn text(
    recording: &Recording,
    data: DataType,
    codes: &[Codes<'_>],
    stamps: &Stamps,
    lost: &mut Vec<String>,
) -> String {
    let details = &recording.details;
    let mut lines = Vec::new();
    lines.push(format!("{},{},2013", cell(&details.station, lost), cell(&details.device, lost)));
    let (analogs, states) = (recording.channels.len(), recording.status.len());
    lines.push(format!("{},{analogs}A,{states}D", analogs + states));
    for (n, (channel, codes)) in recording.channels.iter().zip(codes).enumerate() {
        lines.push(analog(n + 1, channel, codes, lost));
    }
    for (n, status) in recording.status.iter().enumerate() {
        let texts = [&status.name, &status.phase, &status.component].map(|text| cell(text, lost));
        lines.push(format!("{},{},{}", n + 1, texts.join(","), u8::from(status.normal)));
    }
    lines.push(details.line_hz.map_or_else(String::new, number));
    lines.push(recording.sections.len().to_string());
    lines.extend(recording.sections.iter().map(|section| format!("{},{}", number(section.rate_hz), section.end)));
    if recording.sections.is_empty() {
        lines.push(format!("0,{}", recording.frames));
    }
    let digits = if stamps.per_second > 1e6 { 9 } else { 6 };
    for (text, what) in [(&details.start, "first sample"), (&details.trigger, "trigger")] {
        if text.is_empty() {
            lost.push(format!("that no date of the {what} is told: 01/01/1970 is written"));
        }
        lines.push(date(text, digits));
    }
    lines.push(data.name().to_owned());
    lines.push(number(stamps.multiplier));
    // Untold: the times are not those of a zone, and no clock vouches for them.
    let or = |text: &String, default: &str| if text.is_empty() { default.to_owned() } else { text.clone() };
    lines.push(or(&details.time_code, "0,x"));
    lines.push(or(&details.time_quality, "F,3"));
    lines.into_iter().map(|line| line + "\r\n").collect()
}

fn analog(n: usize, channel: &Channel, codes: &Codes<'_>, lost: &mut Vec<String>) -> String {
    let texts = [&channel.name, &channel.phase, &channel.component, &channel.unit].map(|text| cell(text, lost));
    let ratio = channel.ratio.unwrap_or(Ratio { primary: 1.0, secondary: 1.0, side: Side::Primary });
    let numbers = [codes.a, codes.b, channel.skew_us, codes.range.0, codes.range.1, ratio.primary, ratio.secondary];
    let side = if ratio.side == Side::Primary { "P" } else { "S" };
    format!("{n},{},{},{side}", texts.join(","), numbers.map(number).join(","))
}

/// A text as a cell can hold it: commas and line ends become spaces.
pub(crate) fn plain_cell(text: &str) -> String {
    text.replace(|sign: char| sign == ',' || sign.is_control(), " ").trim().to_owned()
}

fn cell(text: &str, lost: &mut Vec<String>) -> String {
    let written = plain_cell(text);
    if written != text {
        lost.push(format!("{} is written as {}", quote(text.as_bytes()), quote(written.as_bytes())));
    }
    written
}

/// The shortest decimal number that is read as this one.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || (1e-5..1e15).contains(&value.abs()) { format!("{value}") } else { format!("{value:e}") }
}

/// A date with so many digits behind the point of its seconds: their count tells the unit of the time stamps.
fn date(text: &str, digits: usize) -> String {
    let text = if text.is_empty() { NO_DATE } else { text };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().filter(char::is_ascii_digit).take(digits).collect();
    format!("{}.{fraction:0<digits$}", whole.replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_exactly() {
        for value in [0.0, 1.0, -1.5, 0.1, 1e-7, 123_456.789, 3.402_823_47e38, 5e-324, f64::MAX, 99_999.5] {
            let text = number(value);
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
            assert!(text.len() <= 24, "{text}");
        }
    }

    #[test]
    fn dates_tell_the_unit() {
        assert_eq!(date("01/02/2003,04:05:06.5", 6), "01/02/2003,04:05:06.500000");
        assert_eq!(date("01/02/2003,04:05:06", 9), "01/02/2003,04:05:06.000000000");
        assert_eq!(date("", 6), "01/01/1970,00:00:00.000000");
    }
}
