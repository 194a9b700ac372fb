//! Reader of the configuration, the `.cfg` file.
//!
//! In come its bytes, out goes a recording without samples and how the samples are stored. This file must not know the
//! samples. Counts that the file claims reserve nothing: memory grows only with lines that are there.

use super::{DataType, Fault, MAX_CHANNELS, MAX_SECTIONS, Revision, text};
use crate::recording::{Channel, Details, Ratio, Recording, Section, Side, Status};
use std::str::FromStr;

/// A configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Everything but the samples; the sections end where the file says.
    pub recording: Recording,
    /// Revision of the standard.
    pub revision: Revision,
    /// How the samples are stored.
    pub data: DataType,
    /// Samples that the file tells of; `None` where it does not tell.
    pub frames: Option<usize>,
    /// Time stamps in a second: 1e6, or 1e9 where the times of the file have nanoseconds.
    pub per_second: f64,
    /// Factor on the time stamps.
    pub multiplier: f64,
}

/// The lines, one after the other.
struct Lines<'a> {
    lines: std::iter::Peekable<std::str::Lines<'a>>,
    number: u64,
}

impl<'a> Lines<'a> {
    fn next(&mut self, expected: &'static str) -> Result<&'a str, Fault> {
        self.number += 1;
        self.lines.next().map(text::clean).ok_or(Fault::Ended { line: self.number, expected })
    }

    /// A line that may be absent or empty.
    fn optional(&mut self) -> &'a str {
        self.number += 1;
        self.lines.next().map_or("", text::clean)
    }

    fn number<T: FromStr>(&self, field: &str, text: &str, expected: &'static str) -> Result<T, Fault> {
        text.parse().map_err(|_| Fault::field(self.number, field, text, expected))
    }

    fn finite(&self, field: &str, text: &str) -> Result<f64, Fault> {
        let value: f64 = self.number(field, text, "a number")?;
        if value.is_finite() { Ok(value) } else { Err(Fault::field(self.number, field, text, "a finite number")) }
    }

    fn finite_or(&self, field: &str, text: &str, default: f64) -> Result<f64, Fault> {
        if text.is_empty() { Ok(default) } else { self.finite(field, text) }
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.split(',').map(str::trim).collect()
}

/// Reads a configuration that begins after so many lines of its file.
pub(crate) fn parse(bytes: &[u8], lines_before: u64) -> Result<Config, Fault> {
    let (decoded, encoding) = text::decode(bytes);
    let mut lines = Lines { lines: decoded.lines().peekable(), number: lines_before };
    let mut recording = Recording::default();
    if let Some(encoding) = encoding {
        recording.remarks.push(format!("the names are not UTF-8 and were taken for {encoding}"));
    }

    let line = lines.next("the name of the station")?;
    let station = cells(line);
    let revision = revision(&lines, &station)?;
    let details = Details {
        station: station[0].to_owned(),
        device: station.get(1).copied().unwrap_or_default().to_owned(),
        ..Details::default()
    };
    recording.details = details;

    let line = lines.next("the number of channels")?;
    let (analogs, states) = counts(&lines, line)?;
    for _ in 0..analogs {
        let line = lines.next("an analogue channel")?;
        recording.channels.push(analog(&lines, line, revision)?);
    }
    for _ in 0..states {
        let line = lines.next("a status channel")?;
        recording.status.push(status(&lines, line)?);
    }
    let line = lines.next("the line frequency")?;
    recording.details.line_hz = if line.is_empty() { None } else { Some(lines.finite("lf", line)?) };
    let frames = sections(&mut lines, &mut recording)?;

    let (start, trigger) = (lines.next("the time of the first sample")?, lines.next("the time of the trigger")?);
    let nanoseconds = [start, trigger].iter().any(|time| fraction_digits(time) > 6);
    recording.details.start = date(start, revision);
    recording.details.trigger = date(trigger, revision);
    let line = lines.next("the type of the data")?;
    let data = DataType::parse(line)
        .ok_or_else(|| Fault::field(lines.number, "ft", line, "ASCII, BINARY, BINARY32 or FLOAT32"))?;
    recording.details.data = Some(data);
    let mut multiplier = 1.0;
    if revision >= Revision::R1999 {
        let line = lines.optional();
        multiplier = lines.finite_or("timemult", line, 1.0)?;
        if multiplier <= 0.0 {
            return Err(Fault::field(lines.number, "timemult", line, "a number above 0"));
        }
    }
    if revision >= Revision::R2013 {
        recording.details.time_code = tidy(lines.optional());
        recording.details.time_quality = tidy(lines.optional());
    }
    let per_second = if nanoseconds { 1e9 } else { 1e6 };
    Ok(Config { recording, revision, data, frames, per_second, multiplier })
}

/// Cells without the spaces around them.
fn tidy(line: &str) -> String {
    cells(line).join(",")
}

/// The revision by its year; without one it is the first, which had no such field.
fn revision(lines: &Lines<'_>, station: &[&str]) -> Result<Revision, Fault> {
    let Some(text) = station.get(2).filter(|text| !text.is_empty()) else { return Ok(Revision::R1991) };
    let year: u16 = lines.number("rev_year", text, "a year")?;
    Ok(match year {
        // The years between the revisions follow the second: they are those of its drafts, and of recorders that write
        // the year of their own.
        ..=1991 => Revision::R1991,
        1992..=2012 => Revision::R1999,
        _ => Revision::R2013,
    })
}

fn counts(lines: &Lines<'_>, line: &str) -> Result<(usize, usize), Fault> {
    let cells = cells(line);
    let count = |n: usize, field: &'static str, letter: char| {
        let text = cells.get(n).copied().unwrap_or_default();
        let number = text.strip_suffix([letter, letter.to_ascii_lowercase()]).unwrap_or(text).trim_end();
        lines.number::<usize>(field, number, "a number of channels")
    };
    let (analogs, states) = (count(1, "##A", 'A')?, count(2, "##D", 'D')?);
    if analogs.saturating_add(states) > MAX_CHANNELS {
        return Err(Fault::TooMany { line: lines.number, what: "channels", limit: MAX_CHANNELS });
    }
    Ok((analogs, states))
}

fn analog(lines: &Lines<'_>, line: &str, revision: Revision) -> Result<Channel, Fault> {
    let cells = cells(line);
    let cell = |n: usize| cells.get(n).copied().unwrap_or_default();
    if cells.len() < 7 {
        let expected = if revision == Revision::R1991 { 10 } else { 13 };
        return Err(Fault::Ragged { line: lines.number, expected, found: cells.len() });
    }
    let range = match (cell(8), cell(9)) {
        ("", _) | (_, "") => None,
        (low, high) => Some((lines.finite("min", low)?, lines.finite("max", high)?)),
    };
    let side = match cell(12) {
        "P" | "p" => Some(Side::Primary),
        "S" | "s" => Some(Side::Secondary),
        "" => None,
        other => return Err(Fault::field(lines.number, "PS", other, "P or S")),
    };
    let ratio = match (cell(10), cell(11), side) {
        ("", _, _) | (_, "", _) | (_, _, None) => None,
        (primary, secondary, Some(side)) => {
            let (primary, secondary) = (lines.finite("primary", primary)?, lines.finite("secondary", secondary)?);
            Some(Ratio { primary, secondary, side })
        }
    };
    Ok(Channel {
        name: cell(1).to_owned(),
        unit: cell(4).to_owned(),
        phase: cell(2).to_owned(),
        component: cell(3).to_owned(),
        a: lines.finite("a", cell(5))?,
        b: lines.finite_or("b", cell(6), 0.0)?,
        skew_us: lines.finite_or("skew", cell(7), 0.0)?,
        range,
        ratio,
        raw: Vec::new(),
    })
}

/// Five fields, or three in the first revision.
fn status(lines: &Lines<'_>, line: &str) -> Result<Status, Fault> {
    let cells = cells(line);
    let cell = |n: usize| if n + 1 < cells.len() { cells[n].to_owned() } else { String::new() };
    let normal = match cells.last().copied().unwrap_or_default() {
        "1" => true,
        // Left out by some recorders.
        "0" | "" => false,
        other => return Err(Fault::field(lines.number, "y", other, "0 or 1")),
    };
    Ok(Status { name: cell(1), phase: cell(2), component: cell(3), normal, states: Vec::new() })
}

/// The sections of constant rate; out goes the number of samples.
fn sections(lines: &mut Lines<'_>, recording: &mut Recording) -> Result<Option<usize>, Fault> {
    let line = lines.next("the number of rates")?;
    let count: usize = lines.number("nrates", line, "a number of rates")?;
    if count > MAX_SECTIONS {
        return Err(Fault::TooMany { line: lines.number, what: "rates", limit: MAX_SECTIONS });
    }
    // Without rates there is one line all the same; where it is not, a date follows.
    if count == 0 && lines.lines.peek().is_some_and(|next| next.contains('/')) {
        return Ok(None);
    }
    let (mut end, mut told) = (0, true);
    for _ in 0..count.max(1) {
        let line = lines.next("a rate and the last sample of its section")?;
        let cells = cells(line);
        let rate_hz = lines.finite("samp", cells[0])?;
        let text = cells.get(1).copied().unwrap_or_default();
        let next: usize = lines.number("endsamp", text, "a number of samples")?;
        if next < end {
            return Err(Fault::field(lines.number, "endsamp", text, "behind the section before"));
        }
        if rate_hz < 0.0 {
            return Err(Fault::field(lines.number, "samp", cells[0], "a rate"));
        }
        told &= count > 0 && rate_hz > 0.0;
        if next > end {
            recording.sections.push(Section { rate_hz, end: next });
        }
        end = next;
    }
    if !told {
        // A rate of 0 says that the time stamps count: for all sections, since they are of one clock.
        recording.sections.clear();
    }
    Ok(Some(end))
}

/// Digits behind the point of the seconds.
fn fraction_digits(time: &str) -> usize {
    time.rsplit_once('.').map_or(0, |(_, fraction)| fraction.trim_end().len())
}

/// Date and time with the day first and four digits of the year; empty where it is no date.
fn date(text: &str, revision: Revision) -> String {
    let (date, time) = text.split_once(',').unwrap_or((text, ""));
    let numbers: Vec<u32> = date.split('/').filter_map(|part| part.trim().parse().ok()).collect();
    let [first, second, year] = numbers[..] else { return String::new() };
    let (day, month) = if revision == Revision::R1991 { (second, first) } else { (first, second) };
    // Two digits of the first revision's years: its recorders were built after 1970.
    let year = match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        _ => year,
    };
    format!("{day:02}/{month:02}/{year:04},{}", time.trim())
}
