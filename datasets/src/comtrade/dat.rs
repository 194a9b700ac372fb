//! Reader of the samples, the `.dat` file.
//!
//! In come a configuration and bytes, out goes the recording with its samples. This file must not know how the
//! configuration is written. What is kept grows with the bytes that are there, not with what the configuration claims.

use super::cfg::Config;
use super::{DataType, Fault, MAX_SAMPLE_BYTES, Revision, text};
use crate::recording::{Recording, Times};

/// The samples as they are read.
struct Samples {
    config: Config,
    ticks: Vec<Option<i64>>,
    /// First sample whose number is not one more than that before it.
    jump: Option<usize>,
    last_number: Option<u64>,
    /// Samples behind the last section.
    surplus: usize,
}

/// Reads the samples; `lines_before` lines stand before the data in their file.
pub(super) fn parse(config: Config, bytes: &[u8], lines_before: u64) -> Result<Recording, Fault> {
    let data = config.data;
    let mut samples = Samples { config, ticks: Vec::new(), jump: None, last_number: None, surplus: 0 };
    match data {
        DataType::Ascii => samples.ascii(bytes, lines_before)?,
        DataType::Binary => {
            let missing = if samples.config.revision == Revision::R1991 { -1 } else { i16::MIN };
            samples.binary(bytes, |code: [u8; 2]| {
                let code = i16::from_le_bytes(code);
                if code == missing { f64::NAN } else { code.into() }
            })?;
        }
        DataType::Binary32 => samples.binary(bytes, |code: [u8; 4]| match i32::from_le_bytes(code) {
            i32::MIN => f64::NAN,
            code => code.into(),
        })?,
        DataType::Float32 => samples.binary(bytes, |value: [u8; 4]| {
            let value = f32::from_le_bytes(value);
            if value.is_finite() && value > f32::MIN { value.into() } else { f64::NAN }
        })?,
    }
    samples.finish()
}

impl Samples {
    fn ascii(&mut self, bytes: &[u8], lines_before: u64) -> Result<(), Fault> {
        let (analogs, states) = (self.config.recording.channels.len(), self.config.recording.status.len());
        let limit = self.limit();
        let end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
        for (n, line) in bytes.split(|&byte| byte == end).enumerate() {
            let line_number = lines_before + n as u64 + 1;
            let line = String::from_utf8_lossy(line);
            let line = text::clean(&line);
            if line.is_empty() {
                continue;
            }
            let frame = self.ticks.len();
            if self.config.frames.is_some_and(|frames| frame >= frames) {
                self.surplus += 1;
                continue;
            }
            if frame >= limit {
                return Err(Fault::TooManySamples { frames: frame + 1, channels: analogs + states });
            }
            let line =
                line.strip_suffix(',').filter(|_| line.matches(',').count() > analogs + states + 1).unwrap_or(line);
            let mut cells = line.split(',').map(str::trim);
            let found = line.split(',').count();
            let expected = 2 + analogs + states;
            if found != expected {
                return Err(Fault::Ragged { line: line_number, expected, found });
            }
            self.ascii_row(&mut cells, line_number)?;
        }
        Ok(())
    }

    fn ascii_row<'a>(&mut self, cells: &mut impl Iterator<Item = &'a str>, line: u64) -> Result<(), Fault> {
        let mut cell = || cells.next().unwrap_or_default();
        let text = cell();
        let number = text.parse().map_err(|_| Fault::field(line, "n", text, "a sample number"))?;
        let text = cell();
        let tick = if text.is_empty() { None } else { Some(stamp(text, line)?) };
        let markers = self.config.revision >= Revision::R1999;
        for channel in &mut self.config.recording.channels {
            let text = cell();
            let value = match text {
                "" => f64::NAN,
                _ => text.parse().map_err(|_| Fault::field(line, channel.name.as_str(), text, "a number"))?,
            };
            if value.is_infinite() || (value.is_nan() && !text.is_empty()) {
                return Err(Fault::field(line, channel.name.as_str(), text, "a finite number"));
            }
            channel.raw.push(if markers && text == "99999" { f64::NAN } else { value });
        }
        for status in &mut self.config.recording.status {
            let state = match cell() {
                "0" => 0,
                "1" => 1,
                other => return Err(Fault::field(line, status.name.as_str(), other, "0 or 1")),
            };
            status.states.push(state);
        }
        self.frame(number, tick);
        Ok(())
    }

    /// Rows of number, stamp, analogue values, and states in words of 16 bits, all of them little-endian.
    fn binary<const N: usize>(&mut self, bytes: &[u8], value: impl Fn([u8; N]) -> f64) -> Result<(), Fault> {
        let recording = &self.config.recording;
        let (analogs, states) = (recording.channels.len(), recording.status.len());
        let row = 8 + analogs * N + 2 * states.div_ceil(16);
        let rows = bytes.len() / row;
        let frames = self.config.frames.map_or(rows, |frames| frames.min(rows));
        if frames > self.limit() {
            return Err(Fault::TooManySamples { frames, channels: analogs + states });
        }
        self.surplus = rows - frames;
        for channel in &mut self.config.recording.channels {
            channel.raw.reserve_exact(frames);
        }
        for row in bytes.chunks_exact(row).take(frames) {
            let (number, row) = split::<4>(row);
            let (tick, mut row) = split::<4>(row);
            for channel in &mut self.config.recording.channels {
                let (code, rest) = split::<N>(row);
                channel.raw.push(value(code));
                row = rest;
            }
            for (n, status) in self.config.recording.status.iter_mut().enumerate() {
                let word = u16::from_le_bytes([row[n / 16 * 2], row[n / 16 * 2 + 1]]);
                status.states.push((word >> (n % 16) & 1) as u8);
            }
            let tick = u32::from_le_bytes(tick);
            self.frame(u32::from_le_bytes(number).into(), (tick != u32::MAX).then_some(tick.into()));
        }
        Ok(())
    }

    fn frame(&mut self, number: u64, tick: Option<i64>) {
        if self.jump.is_none() && self.last_number.is_some_and(|last| number != last.wrapping_add(1)) {
            self.jump = Some(self.ticks.len() + 1);
        }
        self.last_number = Some(number);
        self.ticks.push(tick);
    }

    /// Most frames that memory is granted for.
    fn limit(&self) -> usize {
        let recording = &self.config.recording;
        let frame = size_of::<Option<i64>>() + size_of::<f64>() * recording.channels.len() + recording.status.len();
        MAX_SAMPLE_BYTES / frame
    }

    fn finish(self) -> Result<Recording, Fault> {
        let Config { mut recording, frames, per_second, multiplier, .. } = self.config;
        let found = self.ticks.len();
        if let Some(expected) = frames.filter(|&expected| expected > found) {
            return Err(Fault::Short { found, expected });
        }
        if found == 0 {
            return Err(Fault::NoSamples);
        }
        if self.surplus > 0 {
            recording.remarks.push(format!("samples behind the last section are left out: {}", self.surplus));
        }
        if let Some(jump) = self.jump {
            recording.remarks.push(format!("the sample numbers jump at sample {jump}: samples may be lost"));
        }
        recording.frames = found;
        recording.times = if self.ticks.iter().all(Option::is_none) {
            Times::Untold
        } else {
            Times::Ticks { per_second, multiplier, ticks: self.ticks }
        };
        Ok(recording)
    }
}

/// A time stamp: a whole number, perhaps written with decimals of 0, or with decimals that are rounded.
fn stamp(text: &str, line: u64) -> Result<i64, Fault> {
    if let Ok(stamp) = text.parse() {
        return Ok(stamp);
    }
    match text.parse::<f64>() {
        // Beyond 2^53 a double holds no single steps.
        Ok(stamp) if stamp.abs() < 9.0e15 => Ok(stamp.round() as i64),
        _ => Err(Fault::field(line, "timestamp", text, "a number")),
    }
}

/// The first bytes of a row and the rest; a row is as long as its fields are together.
fn split<const N: usize>(row: &[u8]) -> ([u8; N], &[u8]) {
    let (first, rest) = row.split_at(N);
    let mut bytes = [0; N];
    bytes.copy_from_slice(first);
    (bytes, rest)
}
