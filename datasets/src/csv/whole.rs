//! All columns of a CSV file as a recording.
//!
//! In comes the path of a file, out goes its recording: the column `time_s` as times, each other column as a channel, with
//! what the comments tell of it. An empty cell is a missing sample. This file must not know which channel is a voltage.

use super::{
    ByteRecord, CsvError, Fault, Header, MAX_VALUES, Path, Read, Source, TIME_COLUMN, fault, header, limited, number,
    open, quote, reader, skip_comments,
};
use crate::comtrade::Config;
use crate::recording::{Channel, Recording, Section, Status, Times};

/// Reads all columns of a file.
///
/// # Errors
/// The first fault of the file, with its line and column.
pub fn read_whole(path: &Path) -> Result<Recording, CsvError> {
    open(path).and_then(read_inner).map_err(|fault| CsvError { file: path.to_owned(), fault })
}

/// The recording in the bytes of a file.
///
/// # Errors
/// The first fault, with its line and column.
pub fn parse_whole(bytes: impl Read + 'static) -> Result<Recording, Fault> {
    read_inner(limited(Box::new(bytes)))
}

/// A file while it is read.
struct Whole {
    names: Vec<String>,
    /// Column of the times.
    time: Option<usize>,
    /// Channels among the columns besides the time; the rest are states.
    analogs: usize,
    seconds: Vec<f64>,
    values: Vec<Vec<f64>>,
    states: Vec<Vec<u8>>,
}

fn read_inner(mut source: Source) -> Result<Recording, Fault> {
    let comments = skip_comments(&mut source)?;
    let config = comments.config()?;
    let lines_before = comments.lines;
    let mut reader = reader(source);
    let header = header(&mut reader, lines_before)?;
    let mut whole = Whole::new(&header, config.as_ref())?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| fault::from_csv(&error, lines_before))? {
        whole.row(&record, lines_before + reader.position().line() - 1)?;
    }
    let frames = whole.values.first().map_or(whole.seconds.len(), Vec::len);
    if frames == 0 {
        return Err(Fault::NoSamples { line: header.line });
    }
    let mut recording = match config {
        Some(config) => described(whole, config, header.line, frames, comments.stamps)?,
        None => bare(whole, frames),
    };
    if comments.counted {
        recording.times = Times::Untold;
    }
    recording.details.notes = comments.notes;
    recording.details.information = comments.information;
    Ok(recording)
}

impl Whole {
    fn new(header: &Header, config: Option<&Config>) -> Result<Self, Fault> {
        let time = header.find(TIME_COLUMN);
        let columns = || header.names.iter().enumerate().filter(|(n, _)| Some(*n) != time).map(|(_, name)| name);
        let mut analogs = columns().count();
        if let Some(config) = config {
            let Recording { channels, status, .. } = &config.recording;
            let expected =
                || channels.iter().map(|channel| &channel.name).chain(status.iter().map(|status| &status.name));
            if !columns().eq(expected()) {
                let names = expected().map(|name| quote(name.as_bytes())).collect::<Vec<_>>().join(", ");
                let reason = format!("they name the columns {}", names.chars().take(200).collect::<String>());
                return Err(Fault::Misfit { line: header.line, reason });
            }
            analogs = channels.len();
        }
        let names: Vec<String> = columns().cloned().collect();
        let states = vec![Vec::new(); names.len() - analogs];
        Ok(Self { time, analogs, seconds: Vec::new(), values: vec![Vec::new(); analogs], states, names })
    }

    fn row(&mut self, record: &ByteRecord, line: u64) -> Result<(), Fault> {
        let expected = self.names.len() + usize::from(self.time.is_some());
        if record.len() != expected {
            return Err(Fault::Ragged { line, expected, found: record.len() });
        }
        let rows = self.values.first().map_or(self.seconds.len(), Vec::len);
        if (rows + 1) * expected > MAX_VALUES {
            return Err(Fault::TooManyValues { line });
        }
        if let Some(time) = self.time {
            self.seconds.push(number(&record[time], line, TIME_COLUMN)?);
        }
        let cells = record.iter().enumerate().filter(|(n, _)| Some(*n) != self.time).map(|(_, cell)| cell);
        for (n, (cell, name)) in cells.zip(&self.names).enumerate() {
            if n < self.analogs {
                self.values[n].push(if cell.is_empty() { f64::NAN } else { number(cell, line, name)? });
            } else {
                let state = match cell {
                    b"0" => 0,
                    b"1" => 1,
                    other => return Err(Fault::NotAState { line, column: name.clone(), text: quote(other) }),
                };
                self.states[n - self.analogs].push(state);
            }
        }
        Ok(())
    }
}

/// A file that describes nothing but its columns.
fn bare(whole: Whole, frames: usize) -> Recording {
    let channels = whole.names.into_iter().zip(whole.values).map(|(name, values)| Channel::new(name, "", values));
    let mut recording = Recording { channels: channels.collect(), frames, ..Recording::default() };
    if whole.time.is_some() {
        recording.times = Times::Seconds(whole.seconds);
        if let Ok(span) = recording.span() {
            recording.sections = vec![Section { rate_hz: span.rate_hz, end: frames }];
        }
    }
    recording
}

/// A file with the configuration in its comments.
fn described(whole: Whole, config: Config, line: u64, frames: usize, stamps: bool) -> Result<Recording, Fault> {
    let Config { mut recording, per_second, multiplier, frames: told, .. } = config;
    if told.is_some_and(|told| told != frames) {
        let reason = format!("they tell of {} samples, there are {frames}", told.unwrap_or(0));
        return Err(Fault::Misfit { line, reason });
    }
    recording.frames = frames;
    for (channel, values) in recording.channels.iter_mut().zip(whole.values) {
        take(channel, values);
    }
    for (status, states) in recording.status.iter_mut().zip(whole.states) {
        *status = Status { states, ..std::mem::take(status) };
    }
    if whole.time.is_some() {
        recording.times = times(whole.seconds, per_second, multiplier, stamps);
    }
    Ok(recording)
}

/// The numbers that give the values to the last bit with the factors told; the values themselves where there are none.
fn take(channel: &mut Channel, values: Vec<f64>) {
    let (a, b) = (channel.a, channel.b);
    let raw = |value: &f64| {
        let raw = (value - b) / a;
        let near = [raw.round(), raw, f64::from(raw as f32)];
        near.into_iter().find(|raw| value.is_nan() || (a * raw + b).to_bits() == value.to_bits())
    };
    if let Some(raw) = values.iter().map(raw).collect::<Option<Vec<f64>>>() {
        channel.raw = raw;
        return;
    }
    channel.a = 1.0;
    channel.b = 0.0;
    channel.range = None;
    channel.raw = values;
}

fn times(seconds: Vec<f64>, per_second: f64, multiplier: f64, stamps: bool) -> Times {
    let tick = |time: &f64| {
        let tick = (time * per_second / multiplier).round();
        let back = tick * multiplier / per_second;
        (tick.abs() < 9e15 && back.to_bits() == time.to_bits()).then_some(Some(tick as i64))
    };
    match seconds.iter().map(tick).collect::<Option<Vec<_>>>() {
        Some(ticks) if stamps => Times::Ticks { per_second, multiplier, ticks },
        _ => Times::Seconds(seconds),
    }
}
