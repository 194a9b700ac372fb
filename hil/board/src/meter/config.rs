//! What a configuration as it travels means to the core, and the names that its settings have on the line.
//!
//! In come messages, out go settings and refusals. This file must not know a meter.

use core::fmt::Write as _;

use heapless::String;
use hil_link::{Config, Error, MAX_CURRENTS, Nominal};
use metering_core::calibration::{Channel, Dc};
use metering_core::config::{self, ChannelName, ConfigError, Settings};
use metering_core::events::{LimitError, Limits};
use metering_core::quantity::{Ampere, Power, SampleRate, Volt};
use metering_core::residual::{Coupling, Monitor, Residual};

/// The core's settings for a configuration as it travels, unchecked.
pub fn settings(config: &Config) -> Settings<MAX_CURRENTS> {
    let mut currents = [None; MAX_CURRENTS];
    for (place, wire) in currents.iter_mut().zip(&config.currents) {
        *place = Some(channel(wire));
    }
    Settings {
        sample_rate: SampleRate::from_bits(config.sample_rate),
        clock: config.clock,
        code_bits: u32::from(config.adc_bits),
        nominal: match config.nominal {
            Nominal::Auto => config::Nominal::Auto,
            Nominal::Hz50 => config::Nominal::Hz50,
            Nominal::Hz60 => config::Nominal::Hz60,
        },
        voltage: config.voltage.as_ref().map(channel),
        currents,
        residual: config.residual.as_ref().map(|wire| Residual {
            channel: channel(&wire.channel),
            coupling: match wire.corner_mhz {
                Some(corner_mhz) => Coupling::Transformer { corner_mhz },
                None => Coupling::Direct,
            },
            monitor: wire.monitor.as_ref().map(Monitor::from),
        }),
        no_load: config.no_load.map(|limit| config::NoLoad {
            power: Power::from_bits(limit.power),
            current: Ampere::from_bits(limit.current),
            hysteresis: limit.hysteresis,
        }),
    }
}

fn channel(wire: &hil_link::Channel) -> Channel {
    Channel {
        range: Volt::from_bits(wire.range),
        gain_ppm: wire.gain_ppm,
        inverted: wire.inverted,
        phase: wire.phase,
        delay: wire.delay,
        dc: wire.zero.map_or(Dc::Offset, |zero| Dc::Signal { zero }),
        noise: Volt::from_bits(wire.noise),
        clip: wire.clip,
    }
}

/// Why no meter can be made of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The core refuses a setting.
    #[error("{0}")]
    Meter(#[from] ConfigError),
    /// A limit of the events is out of its range.
    #[error("{0}")]
    Events(#[from] LimitError),
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        let field = match unfit {
            Unfit::Meter(error) => field(error),
            Unfit::Events(_) => "events",
        };
        refusal(field, &unfit)
    }
}

/// Whether a meter can be made of a configuration.
///
/// # Errors
/// The first setting that stands against it.
pub(crate) fn check(config: &Config) -> Result<(), Unfit> {
    let settings = settings(config);
    if config.adc_bits <= 16 {
        config::Config::<i16, MAX_CURRENTS>::new(settings)?;
    } else {
        config::Config::<i32, MAX_CURRENTS>::new(settings)?;
    }
    if let Some(limits) = &config.events {
        Limits::<MAX_CURRENTS>::new(&limits.into())?;
    }
    Ok(())
}

/// The name that a setting has on the line.
const fn field(error: ConfigError) -> &'static str {
    match error {
        ConfigError::SampleRate { .. } => "sample_rate",
        ConfigError::Clock { .. } => "clock",
        ConfigError::CodeBits { .. } => "adc_bits",
        ConfigError::Channel { channel: ChannelName::Voltage, .. } => "voltage",
        ConfigError::Channel { channel: ChannelName::Current(_), .. } => "currents",
        ConfigError::Channel { channel: ChannelName::Residual, .. } | ConfigError::Residual(_) => "residual",
        ConfigError::NoLoad => "no_load",
        _ => "channels",
    }
}

pub(crate) fn refusal(field: &str, error: &dyn core::fmt::Display) -> Error {
    let mut reason = String::new();
    // A text longer than the field is cut, which says enough.
    let _cut = write!(reason, "{error}");
    Error::Config { field: field.try_into().unwrap_or_default(), reason }
}
