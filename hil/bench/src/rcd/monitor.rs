//! One current through the core: the frame at which its monitor trips.
//!
//! In comes a trial, out goes a frame. This file must not know what was asked.

use anyhow::{Result, anyhow};
use datasets::catalogue::{Characteristic, Decision, MonitorSettings, Trial, VOLTAGE_RANGE_V};
use datasets::quantise::Quantiser;
use hil_link::residual;
use metering_core::calibration::Channel;
use metering_core::config::{Config, Nominal, Settings};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::{Change, Coupling, Monitor, Notice, Residual};
use metering_core::{Block, Meter, Sink};

/// Frames that are pushed at a time: nothing is metered long after the alarm.
const BLOCK: usize = 512;

/// The monitor of a point, as it travels.
pub fn monitor(settings: &MonitorSettings) -> residual::Monitor {
    let characteristic = match settings.characteristic {
        Characteristic::General => residual::Characteristic::General,
        Characteristic::ShortDelay => residual::Characteristic::ShortDelay,
        Characteristic::Selective => residual::Characteristic::Selective,
    };
    residual::Monitor { characteristic, ..residual::Monitor::new(Ampere::from_num(settings.rated_a).to_bits()) }
}

/// Frames up to and with the one that trips, if any does.
pub(super) fn tripped(decision: &Decision, trial: &Trial) -> Result<Option<u64>> {
    let code = |samples: &[f64], range| Quantiser { bits: decision.adc_bits, range }.quantise(samples).codes;
    let residual = code(&trial.residual(decision.rate_hz, decision.range_a), decision.range_a);
    let voltage = trial.voltage(decision.rate_hz).map(|samples| code(&samples, VOLTAGE_RANGE_V));
    let mut meter = Meter::new(config(decision, trial)?);
    let mut alarm = Alarm(None);
    for (n, codes) in residual.chunks(BLOCK).enumerate() {
        let voltage = voltage.as_ref().map_or(&[][..], |codes_v| &codes_v[n * BLOCK..n * BLOCK + codes.len()]);
        meter.push(&Block { voltage, currents: [], residual: codes }, &mut alarm);
        if alarm.0.is_some() {
            break;
        }
    }
    Ok(alarm.0)
}

fn config(decision: &Decision, trial: &Trial) -> Result<Config<i32, 0>> {
    let coupling = trial
        .corner_hz
        .map_or(Coupling::Direct, |corner_hz| Coupling::Transformer { corner_mhz: (corner_hz * 1e3).round() as u16 });
    let wire = monitor(&MonitorSettings {
        rated_a: decision.rated_a,
        characteristic: decision.characteristic,
        asked: decision.asked,
    });
    let channel = Channel::new(Ampere::from_num(decision.range_a));
    let settings = Settings {
        voltage: trial.has_voltage.then(|| Channel::new(Volt::from_num(VOLTAGE_RANGE_V))),
        residual: Some(Residual { coupling, monitor: Some(Monitor::from(&wire)), ..Residual::new(channel) }),
        nominal: if trial.nominal_hz == 50 { Nominal::Hz50 } else { Nominal::Hz60 },
        ..Settings::new(SampleRate::from_num(decision.rate_hz), u32::from(decision.adc_bits))
    };
    Config::new(settings).map_err(|error| anyhow!("{}: {error}", decision.name()))
}

/// Keeps the first alarm.
struct Alarm(Option<u64>);

impl Sink<0> for Alarm {
    fn window(&mut self, _: &Reading<0>) {}

    fn residual_notice(&mut self, notice: &Notice) {
        if notice.change == Change::Alarm(true) && self.0.is_none() {
            self.0 = Some(notice.frame);
        }
    }
}
