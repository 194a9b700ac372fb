//! Which of C's settings the core refused.
//!
//! In comes the core's error, out goes the number of a field. This file must not know settings.

use metering_core::config::{ChannelFault, ChannelName, ConfigError};
use metering_core::residual::ResidualFault;

use crate::status::{Fault, Field, METERING_NO_CHANNEL, METERING_RESIDUAL, METERING_VOLTAGE};

impl Fault {
    /// Nothing is wrong.
    pub(crate) const NONE: Self = Self { field: Field::None as i32, channel: METERING_NO_CHANNEL };

    pub(crate) fn of(error: ConfigError) -> Self {
        let (field, channel) = match error {
            ConfigError::SampleRate { .. } => (Field::SampleRate, METERING_NO_CHANNEL),
            ConfigError::Clock { .. } => (Field::Clock, METERING_NO_CHANNEL),
            ConfigError::CodeBits { .. } => (Field::CodeBits, METERING_NO_CHANNEL),
            ConfigError::Channel { channel, fault } => (of_channel(fault), number(channel)),
            ConfigError::Residual(fault) => (of_residual(fault), METERING_RESIDUAL),
            ConfigError::NoLoad => (Field::NoLoad, METERING_NO_CHANNEL),
            ConfigError::NoChannel => (Field::Channels, METERING_NO_CHANNEL),
            _ => (Field::Other, METERING_NO_CHANNEL),
        };
        Self { field: field as i32, channel }
    }
}

fn number(channel: ChannelName) -> i32 {
    match channel {
        ChannelName::Voltage => METERING_VOLTAGE,
        // Below METERING_CURRENTS.
        ChannelName::Current(number) => number as u8 as i32,
        ChannelName::Residual => METERING_RESIDUAL,
    }
}

fn of_channel(fault: ChannelFault) -> Field {
    match fault {
        ChannelFault::Range => Field::Range,
        ChannelFault::Gain => Field::GainPpm,
        ChannelFault::Phase => Field::Phase,
        ChannelFault::Delay => Field::Delay,
        ChannelFault::Zero => Field::Zero,
        ChannelFault::Noise => Field::Noise,
        ChannelFault::Clip => Field::Clip,
        _ => Field::Other,
    }
}

fn of_residual(fault: ResidualFault) -> Field {
    match fault {
        ResidualFault::Corner => Field::CornerMhz,
        ResidualFault::Rated => Field::Rated,
        ResidualFault::PreWarning => Field::PreWarningPercent,
        ResidualFault::Hysteresis => Field::HysteresisPercent,
        ResidualFault::ResponseDelay => Field::ResponseDelayMs,
        ResidualFault::PreWarningDelay => Field::PreWarningDelayMs,
        ResidualFault::ReleaseDelay => Field::ReleaseDelayMs,
        ResidualFault::StartUpDelay => Field::StartUpDelayMs,
        ResidualFault::LeastNoise => Field::LeastNoise,
        _ => Field::Other,
    }
}
