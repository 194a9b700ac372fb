//! From samples in volt and ampere to what a board is given: a configuration and codes.
//!
//! In come samples, ranges and a resolution; out go the link's configuration, codes, and packed bytes. This file must
//! not know where the samples come from or who meters them.

use anyhow::{Context, Result, ensure};
use datasets::Channels;
use datasets::catalogue::Point;
use datasets::quantise::Quantiser;
use hil_link::{Channel, Config, MAX_CURRENTS, NoLoad, Nominal, Residual};

use crate::front_end::FrontEnd;
use crate::{judge_events, rcd};

/// What is played: the same for every board and for the core on the PC.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Configuration of the meter.
    pub config: Config,
    /// Codes of the configured channels.
    pub codes: Channels<Vec<i32>>,
    /// Samples that lay beyond their range.
    pub clipped: usize,
}

impl Plan {
    /// Quantises `samples` to an ADC of `adc_bits` with the full-scale peaks `ranges`.
    ///
    /// # Errors
    /// There are more currents than a board has channels, or a range is beyond the format.
    pub fn new(
        samples: &Channels<Vec<f64>>,
        ranges: &Channels<f64>,
        rate_hz: f64,
        adc_bits: u8,
        nominal: Nominal,
    ) -> Result<Self> {
        let mut clipped = 0;
        let codes = samples.zip(ranges).map(|(samples, range)| {
            // The range as the meter knows it: what rounding to its format does is no error of the meter's.
            let range = bits(**range).map_or(**range, |bits| bits as f64 / 2f64.powi(32));
            let quantised = Quantiser { bits: adc_bits, range }.quantise(samples);
            clipped += quantised.clipped;
            quantised.codes
        });
        Ok(Self { config: config(ranges, rate_hz, adc_bits, nominal)?, codes, clipped })
    }

    /// What a point of the catalogue plays, with the settings it asks for.
    ///
    /// # Errors
    /// As of [`Plan::new`].
    pub fn of_point(point: &Point) -> Result<Self> {
        Self::through(point, &FrontEnd::default())
    }

    /// The same through a front end with errors, which the settings do not know.
    ///
    /// # Errors
    /// As of [`Plan::new`] and [`FrontEnd::of_point`].
    pub fn through(point: &Point, front: &FrontEnd) -> Result<Self> {
        let nominal = if point.nominal_hz == 50 { Nominal::Hz50 } else { Nominal::Hz60 };
        let mut plan = Self::new(&front.of_point(point)?, &point.ranges, point.rate_hz, point.adc_bits, nominal)?;
        let config = &mut plan.config;
        if point.dc_is_signal {
            let residual = config.residual.as_mut().map(|residual| &mut residual.channel);
            let channels = config.voltage.iter_mut().chain(&mut config.currents).chain(residual);
            channels.for_each(|channel| channel.zero = Some(0));
        }
        if let (Some(residual), Some(sensor)) = (config.residual.as_mut(), &point.residual) {
            residual.corner_mhz = sensor.corner_hz.map(|corner_hz| (corner_hz * 1e3).round() as u16);
            residual.monitor = sensor.monitor.as_ref().map(rcd::monitor);
        }
        config.events = (!point.expected_events.is_empty()).then(judge_events::limits);
        config.no_load = point.no_load.map(|no_load| NoLoad {
            power: (no_load.power_w * 2f64.powi(24)).round() as i64,
            current: bits(no_load.current_a).unwrap_or(0),
            hysteresis: no_load.hysteresis_percent,
        });
        Ok(plan)
    }

    /// Frames in the plan.
    pub fn frames(&self) -> usize {
        self.codes.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// Frames `from` to `to` as they travel: voltage, currents, residual; each code lowest byte first.
    pub fn packed(&self, from: usize, to: usize) -> Vec<u8> {
        let width = self.config.code_bytes();
        let channels: Vec<&Vec<i32>> = self.codes.iter().collect();
        (from..to)
            .flat_map(|n| channels.iter().flat_map(move |codes| codes[n].to_le_bytes().into_iter().take(width)))
            .collect()
    }
}

/// A configuration of channels with the full-scale peaks `ranges` that need no correction.
///
/// # Errors
/// There are more currents than a board has channels, or a range is beyond the format.
pub fn config(ranges: &Channels<f64>, rate_hz: f64, adc_bits: u8, nominal: Nominal) -> Result<Config> {
    ensure!(ranges.currents.len() <= MAX_CURRENTS, "{} currents, at most {MAX_CURRENTS}", ranges.currents.len());
    let channel = |range: &f64| {
        bits(*range).map(Channel::new).with_context(|| format!("a range of {range} is beyond the format"))
    };
    Ok(Config {
        sample_rate: bits(rate_hz).with_context(|| format!("a rate of {rate_hz} Hz is beyond the format"))?,
        clock: 0,
        adc_bits,
        nominal,
        voltage: ranges.voltage.as_ref().map(channel).transpose()?,
        currents: ranges.currents.iter().map(channel).collect::<Result<_>>()?,
        residual: ranges.residual.as_ref().map(channel).transpose()?.map(Residual::new),
        no_load: None,
        events: None,
    })
}

/// A quantity with 32 bits before and behind the binary point; `None` beyond them.
pub fn bits(value: f64) -> Option<u64> {
    let scaled = (value * 2f64.powi(32)).round();
    (scaled > 0.0 && scaled < 2f64.powi(64)).then_some(scaled as u64)
}
