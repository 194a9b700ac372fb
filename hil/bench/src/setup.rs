//! What a board is set up for: its inputs, events and alarms.
//!
//! In come arguments, out go ranges and settings. This file must not know boards or samples.

use anyhow::{Context, Result};
use datasets::{Channels, catalogue};
use hil_link::residual::Monitor;
use hil_link::{Config, EventLimits, Overload};

use crate::cli::shared::{Alarms, Inputs};
use crate::judge_events;
use crate::plan::bits;

/// Sampling rate, resolution and full-scale peaks of the front end.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Frames per second.
    pub rate_hz: f64,
    /// Bits of the ADC.
    pub adc_bits: u8,
    /// Full-scale peaks of the channels that are there.
    pub ranges: Channels<f64>,
}

impl Setup {
    /// A voltage, so many currents, and perhaps a residual current: as in the suite `sine` unless told otherwise.
    ///
    /// # Errors
    /// None that can happen: the suite has a point with all channels.
    pub fn of(inputs: &Inputs, currents: u8, residual: bool) -> Result<Self> {
        let suite = catalogue::sine();
        let whole = |ranges: &Channels<f64>| ranges.residual.is_some() && !ranges.currents.is_empty();
        let point = suite.points.iter().find(|point| whole(&point.ranges));
        let point = point.context("the suite sine has no point with all channels")?;
        let ranges = &point.ranges;
        let current = inputs.current_range.or(ranges.currents.first().copied()).context("a range of the currents")?;
        Ok(Self {
            rate_hz: inputs.rate.unwrap_or(point.rate_hz),
            adc_bits: inputs.adc_bits.unwrap_or(point.adc_bits),
            ranges: Channels {
                voltage: inputs.voltage_range.or(ranges.voltage),
                currents: vec![current; currents.into()],
                residual: inputs.residual_range.or(ranges.residual).filter(|_| residual),
            },
        })
    }
}

/// Puts events and alarms into a configuration that has none of its own.
pub fn alarms(alarms: &Alarms, config: &mut Config) {
    if config.events.is_none() && (config.voltage.is_some() || alarms.overload.is_some()) {
        // Two half cycles: a current that is switched on is none yet.
        let overload =
            alarms.overload.and_then(bits).map(|threshold| Overload { threshold, hysteresis: 200, delay: 2 });
        let overloads = config.currents.iter().filter_map(|_| overload.map(Some)).collect();
        let nominal = bits(alarms.udin).unwrap_or(0);
        config.events = Some(EventLimits { nominal, overloads, ..judge_events::limits() });
    }
    if let Some(residual) = config.residual.as_mut().filter(|residual| residual.monitor.is_none()) {
        residual.monitor = bits(alarms.rated).map(Monitor::new);
    }
}
