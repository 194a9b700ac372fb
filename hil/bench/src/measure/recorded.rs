//! What is metered of a file: codes, and the configuration of the meter.
//!
//! In come the arguments, out go a plan and what is to be said about it. This file must not know who meters it.
//!
//! A file that tells of the meter that took it gives its codes back exactly, and its settings hold as far as the command
//! line does not tell others. Any other recording is quantised to an ADC whose ranges fit it.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use datasets::Channels;
use datasets::file::Column;
use datasets::quantise::{peak, range_for};
use hil_link::Nominal;

use super::take::{self, Taken};
use crate::cli::Measure;
use crate::cli::shared::Columns;
use crate::header::{self, Header};
use crate::plan::Plan;

/// Resolution of an ADC that nothing is told of.
const ADC_BITS: u8 = 24;

/// A recording that is ready to be metered.
pub(crate) struct Recorded {
    /// Configuration and codes.
    pub plan: Plan,
    /// The samples in volt and ampere as an ADC saw them, before any correction.
    pub samples: Channels<Vec<f64>>,
    /// Full-scale peaks.
    pub ranges: Channels<f64>,
    /// In hertz.
    pub rate_hz: f64,
    /// What was chosen or left out, one line each.
    pub remarks: Vec<String>,
    /// Digest of the readings that a board gave of exactly this.
    pub digest: Option<u64>,
    /// Frames that the board had no room for; their samples mean nothing.
    pub gaps: Vec<Range<usize>>,
}

/// Settings of one channel of the file.
#[derive(Clone, Copy)]
struct Known {
    channel: hil_link::Channel,
    adc_bits: u8,
}

impl Known {
    /// Back from a corrected value to the volt or ampere that the ADC saw.
    fn seen(&self, value: f64) -> f64 {
        let (step, zero) = header::scale(&self.channel, self.adc_bits);
        (value - zero) / step * header::range(&self.channel) / header::full_scale(self.adc_bits)
    }

    /// The same settings for an ADC of another range and resolution; codes are of other sizes then.
    fn adapted(&self, range: u64, adc_bits: u8) -> hil_link::Channel {
        if (range, adc_bits) == (self.channel.range, self.adc_bits) {
            return self.channel;
        }
        let ratio = header::full_scale(adc_bits) / header::full_scale(self.adc_bits);
        let ratio = ratio * self.channel.range as f64 / range as f64;
        let zero = self.channel.zero.map(|zero| (f64::from(zero) * ratio).round() as i32);
        hil_link::Channel { range, zero, clip: None, ..self.channel }
    }
}

/// Reads a recording.
pub(crate) fn read(arguments: &Measure) -> Result<Recorded> {
    let Taken { mut columns, header, delays, rate_hz, mut remarks } = take::read(arguments)?;
    let gaps = gaps(&mut columns).with_context(|| arguments.file.display().to_string())?;
    if !gaps.is_empty() {
        let lost: usize = gaps.iter().map(Range::len).sum();
        remarks.push(format!("{lost} samples are missing, in {} gaps that the meter is told of", gaps.len()));
    }
    let names = columns.map(|column| column.name.clone());
    let known = names.map(|name| header.as_ref().and_then(|header| known(header, name)));
    for (column, known) in columns.iter_mut().zip(known.iter()) {
        if let Some(known) = known {
            column.samples.iter_mut().for_each(|value| *value = known.seen(*value));
        }
    }
    let samples = columns.into_map(|column| column.samples);
    let range = |given: Option<f64>, (samples, known): (&Vec<f64>, &Option<Known>)| {
        let told = given.or(known.map(|known| header::range(&known.channel)));
        told.unwrap_or_else(|| range_for(peak(samples)))
    };
    let both = samples.zip(&known);
    let ranges = Channels {
        voltage: both.voltage.map(|channel| range(arguments.voltage_range, channel)),
        currents: both.currents.iter().map(|channel| range(arguments.current_range, *channel)).collect(),
        residual: both.residual.map(|channel| range(arguments.residual_range, channel)),
    };
    let adc_bits = arguments.adc_bits.or(header.as_ref().map(|header| header.config.adc_bits)).unwrap_or(ADC_BITS);
    let mut plan = Plan::new(&samples, &ranges, rate_hz, adc_bits, Nominal::Auto)
        .with_context(|| arguments.file.display().to_string())?;
    let config = &mut plan.config;
    for (channel, delay) in config.voltage.iter_mut().chain(&mut config.currents).zip(delays.iter()) {
        channel.delay = *delay;
    }
    let residual = config.residual.iter_mut().map(|residual| &mut residual.channel);
    for (channel, known) in config.voltage.iter_mut().chain(&mut config.currents).chain(residual).zip(known.iter()) {
        if let Some(known) = known {
            *channel = known.adapted(channel.range, adc_bits);
        }
        if arguments.dc_is_signal {
            // The codes are signed: where no other is told their zero is 0.
            channel.zero = channel.zero.or(Some(0));
        }
    }
    let mut digest = None;
    if let Some(header) = &header {
        let is_whole = names == header.names;
        take_over(config, header, is_whole);
        remarks.push(words(header));
        digest = header.origin.digest.filter(|_| is_whole && is_untouched(arguments));
    }
    config.nominal = arguments.nominal.unwrap_or(config.nominal);
    if let (Some(residual), Some(corner_hz)) = (&mut config.residual, arguments.residual_corner) {
        residual.corner_mhz = Some((corner_hz * 1e3).round() as u16);
    }
    Ok(Recorded { plan, samples, ranges, rate_hz, remarks, digest, gaps })
}

/// Frames whose samples are missing; 0 is put in their place.
fn gaps(columns: &mut Channels<Column>) -> Result<Vec<Range<usize>>> {
    let mut gaps: Vec<Range<usize>> = Vec::new();
    let frames = columns.iter().map(|column| column.samples.len()).min().unwrap_or(0);
    for frame in 0..frames {
        let there = columns.iter().filter(|column| !column.samples[frame].is_nan()).count();
        if there > 0 {
            let missing = columns.iter().find(|column| column.samples[frame].is_nan());
            if let Some(Column { name, .. }) = missing {
                bail!(
                    "sample {}, channel {name:?}: the value is missing, and not those of the other channels",
                    frame + 1
                );
            }
            continue;
        }
        match gaps.last_mut() {
            Some(gap) if gap.end == frame => gap.end += 1,
            _ => gaps.push(frame..frame + 1),
        }
    }
    for column in columns.iter_mut() {
        for gap in &gaps {
            column.samples[gap.clone()].fill(0.0);
        }
    }
    Ok(gaps)
}

/// Settings of the channel of a name.
fn known(header: &Header, name: &str) -> Option<Known> {
    let channels = header.channels();
    let found = header.names.iter().zip(channels.iter()).find(|(own, _)| *own == name)?.1;
    Some(Known { channel: *found, adc_bits: header.config.adc_bits })
}

/// The settings that are not those of a channel. Events name currents by their numbers, so they need all channels.
fn take_over(config: &mut hil_link::Config, header: &Header, is_whole: bool) {
    let told = &header.config;
    config.nominal = told.nominal;
    config.clock = told.clock;
    config.no_load = told.no_load;
    config.events = told.events.clone().filter(|_| is_whole);
    if let (Some(residual), Some(told)) = (&mut config.residual, &told.residual) {
        residual.corner_mhz = told.corner_mhz;
        residual.monitor = told.monitor;
    }
}

/// Whether the command line changes nothing that readings depend on.
fn is_untouched(arguments: &Measure) -> bool {
    let Measure { adc_bits, voltage_range, current_range, residual_range, residual_corner, nominal, .. } = arguments;
    let ranges = [voltage_range, current_range, residual_range, residual_corner];
    let told = adc_bits.is_some() || nominal.is_some() || ranges.iter().any(|range| range.is_some());
    !told && !arguments.dc_is_signal && arguments.side.is_none() && arguments.columns == Columns::default()
}

fn words(header: &Header) -> String {
    let origin = &header.origin;
    let from = if origin.first_frame > 0 { format!(", from its frame {}", origin.first_frame) } else { String::new() };
    format!(
        "codes of board {}{from}: resolution, ranges, corrections and other settings are those of the file",
        crate::terminal::plain(&origin.board)
    )
}
