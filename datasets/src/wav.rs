//! Recordings in WAV, the sound files of RIFF.
//!
//! In comes the path or the bytes of a file, out goes a recording, and the other way round. This file must not know which
//! channel is a voltage: it has neither names nor units, so the channels are `ch1`, `ch2` and so on, and their full scale
//! is 1.

use crate::located::Located;
use crate::recording::{Channel, Recording, Section, Span};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

/// Largest number of samples read from one file, over all channels (800 MB of memory).
pub const MAX_VALUES: usize = 100_000_000;

/// A file and what is wrong with it. Displays as one line.
pub type WavError = Located<Fault>;

/// What is wrong with a WAV file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// No WAV file, or one of a kind that is not read.
    #[error("byte 1: not a WAV file of whole numbers or floats: {0}")]
    Header(String),
    /// The data end early or are damaged.
    #[error("sample {sample}: {reason}")]
    Data {
        /// Number of the sample, from 1.
        sample: usize,
        /// What is wrong there.
        reason: String,
    },
    /// More samples than are kept in memory.
    #[error("more than {} million values", MAX_VALUES / 1_000_000)]
    TooManyValues,
}

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Whole numbers of 16, 24 or 32 bits.
    Codes(u16),
    /// IEEE 754 single precision.
    Float,
}

/// What was made of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// What of the recording it does not hold, one line each.
    pub lost: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// The first fault of the file.
pub fn read(path: &Path) -> Result<Recording, WavError> {
    let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string());
    let open = || {
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(Fault::Unreadable("is a folder".to_owned()));
        }
        parse(BufReader::with_capacity(1 << 16, file))
    };
    open().map_err(|fault| WavError { file: path.to_owned(), fault })
}

/// The recording in the bytes of a file: `raw` is the code, `a` one over that of full scale; floats stand for themselves.
///
/// # Errors
/// The first fault of the bytes.
pub fn parse(source: impl Read) -> Result<Recording, Fault> {
    let reader = WavReader::new(source).map_err(|error| Fault::Header(error.to_string()))?;
    let spec = reader.spec();
    if spec.channels == 0 || spec.sample_rate == 0 {
        return Err(Fault::Header("no channel, or a rate of 0".to_owned()));
    }
    let raw = match spec.sample_format {
        SampleFormat::Int => columns(reader.into_samples::<i32>().map(|code| code.map(f64::from)), spec)?,
        SampleFormat::Float => columns(reader.into_samples::<f32>().map(|value| value.map(f64::from)), spec)?,
    };
    let a = match spec.sample_format {
        SampleFormat::Int => f64::powi(2.0, 1 - i32::from(spec.bits_per_sample)),
        SampleFormat::Float => 1.0,
    };
    let frames = raw.first().map_or(0, Vec::len);
    let channels = raw.into_iter().enumerate();
    let channels = channels.map(|(n, raw)| Channel { a, ..Channel::new(format!("ch{}", n + 1), "", raw) });
    Ok(Recording {
        channels: channels.collect(),
        frames,
        sections: vec![Section { rate_hz: spec.sample_rate.into(), end: frames }],
        ..Recording::default()
    })
}

/// Interleaved samples by channel. An infinite float is no sample.
fn columns(samples: impl Iterator<Item = hound::Result<f64>>, spec: WavSpec) -> Result<Vec<Vec<f64>>, Fault> {
    let mut columns = vec![Vec::new(); spec.channels.into()];
    let mut count = 0;
    for sample in samples {
        let value = sample.map_err(|error| Fault::Data { sample: count + 1, reason: error.to_string() })?;
        if count >= MAX_VALUES {
            return Err(Fault::TooManyValues);
        }
        columns[count % usize::from(spec.channels)].push(if value.is_finite() { value } else { f64::NAN });
        count += 1;
    }
    if count == 0 || count % usize::from(spec.channels) != 0 {
        return Err(Fault::Data { sample: count + 1, reason: "the data end within a frame".to_owned() });
    }
    Ok(columns)
}

/// Makes the bytes of a file: codes where all channels hold whole numbers that fit, else values in single precision.
///
/// # Errors
/// One line: what makes it impossible.
pub fn make(recording: &Recording, format: Option<Format>) -> Result<Made, String> {
    let span = recording.span().map_err(|error| error.to_string())?;
    let mut lost = vec![];
    let format = format.unwrap_or_else(|| smallest(recording));
    let bits = match format {
        Format::Codes(bits) => bits,
        Format::Float => 32,
    };
    let channels = u16::try_from(recording.channels.len()).ok().filter(|&channels| channels > 0);
    let channels = channels.ok_or("WAV holds 1 to 65535 channels")?;
    let rate = span.rate_hz.round();
    if !(1.0..=f64::from(u32::MAX)).contains(&rate) {
        return Err(format!("a rate of {} Hz is beyond WAV", span.rate_hz));
    }
    let (frames, bytes) = (span.end - span.begin, u64::from(channels) * u64::from(bits / 8));
    if frames as u64 * bytes > u64::from(u32::MAX) - 1024 || u64::from(rate as u32) * bytes > u64::from(u32::MAX) {
        return Err("more than the 4 GiB of WAV".to_owned());
    }
    tell(recording, &span, format, &mut lost);
    let sample_format = if format == Format::Float { SampleFormat::Float } else { SampleFormat::Int };
    let spec = WavSpec { channels, sample_rate: rate as u32, bits_per_sample: bits, sample_format };
    let mut bytes = Cursor::new(Vec::new());
    write(recording, &span, format, spec, &mut bytes, &mut lost).map_err(|error| error.to_string())?;
    Ok(Made { bytes: bytes.into_inner(), lost })
}

fn smallest(recording: &Recording) -> Format {
    let raw = || recording.channels.iter().flat_map(|channel| &channel.raw);
    let holds = |bits: &u16| {
        let end = f64::powi(2.0, i32::from(*bits) - 1);
        raw().all(|raw| raw.fract() == 0.0 && (-end..end).contains(raw))
    };
    [16, 24, 32].into_iter().find(holds).map_or(Format::Float, Format::Codes)
}

/// What WAV has no place for.
fn tell(recording: &Recording, span: &Span, format: Format, lost: &mut Vec<String>) {
    if span.end - span.begin < recording.frames {
        let (first, last, frames) = (span.begin + 1, span.end, recording.frames);
        lost.push(format!("all but samples {first} to {last} of {frames}: WAV holds one rate"));
    }
    if span.low_hz < span.high_hz {
        lost.push(format!("rates from {} to {} Hz: WAV holds one", span.low_hz, span.high_hz));
    }
    if span.rate_hz.fract() != 0.0 {
        lost.push(format!("the fraction of the rate of {} Hz", span.rate_hz));
    }
    let named = recording.channels.iter().enumerate().any(|(n, channel)| channel.name != format!("ch{}", n + 1));
    if named || recording.channels.iter().any(|channel| !channel.unit.is_empty()) {
        lost.push("names, units and what else describes the channels".to_owned());
    }
    if let Format::Codes(bits) = format {
        let full_scale = f64::powi(2.0, 1 - i32::from(bits));
        if recording.channels.iter().any(|channel| channel.a.to_bits() != full_scale.to_bits() || channel.b != 0.0) {
            lost.push(format!("the factors: WAV holds codes, of which {} is full scale", 1_u64 << (bits - 1)));
        }
    }
    if !recording.status.is_empty() {
        lost.push(format!("the status channels: {}", recording.status.len()));
    }
    let mut details = recording.details.clone();
    details.data = None;
    if details != crate::recording::Details::default() {
        lost.push("station, dates, notes and what else describes the recording".to_owned());
    }
}

fn write(
    recording: &Recording,
    span: &Span,
    format: Format,
    spec: WavSpec,
    bytes: &mut Cursor<Vec<u8>>,
    lost: &mut Vec<String>,
) -> hound::Result<()> {
    let mut writer = WavWriter::new(bytes, spec)?;
    let (mut rounded, mut missing) = (0_usize, 0_usize);
    let scales: Vec<Option<f64>> = recording.channels.iter().map(|channel| scale(channel, format, lost)).collect();
    let end = f64::powi(2.0, i32::from(spec.bits_per_sample) - 1);
    for frame in span.begin..span.end {
        for (channel, scale) in recording.channels.iter().zip(&scales) {
            let (raw, value) = (channel.raw[frame], channel.a * channel.raw[frame] + channel.b);
            if format == Format::Float {
                let written = value as f32;
                rounded += usize::from(f64::from(written).to_bits() != value.to_bits() && !value.is_nan());
                writer.write_sample(written)?;
            } else {
                missing += usize::from(raw.is_nan());
                let code = scale.map_or(raw, |peak| (value / peak * end).round().min(end - 1.0));
                // NaN becomes 0.
                writer.write_sample(code as i32)?;
            }
        }
    }
    if rounded > 0 {
        lost.push(format!("digits: {rounded} samples are rounded to single precision"));
    }
    if missing > 0 && format != Format::Float {
        lost.push(format!("that {missing} samples are missing: 0 is written"));
    }
    writer.finalize()
}

/// What full scale stands for where the numbers of a channel are no codes that fit; `None` where they do.
fn scale(channel: &Channel, format: Format, lost: &mut Vec<String>) -> Option<f64> {
    let Format::Codes(bits) = format else { return None };
    let end = f64::powi(2.0, i32::from(bits) - 1);
    let holds = |raw: &f64| raw.fract() == 0.0 && (-end..end).contains(raw);
    if channel.raw.iter().filter(|raw| !raw.is_nan()).all(holds) {
        return None;
    }
    let peak = channel.values().filter(|value| !value.is_nan()).fold(0.0_f64, |peak, value| peak.max(value.abs()));
    let peak = if peak > 0.0 { peak } else { 1.0 };
    let name = crate::csv::quote(channel.name.as_bytes());
    lost.push(
        format!("channel {name}: rounded to {bits} bits, full scale is {peak} {}", channel.unit).trim_end().into(),
    );
    Some(peak)
}

#[cfg(test)]
mod tests;
