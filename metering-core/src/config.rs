//! What the meter has to know beforehand, checked once.
//!
//! In come plain settings, out goes a configuration that cannot be wrong, or the name of the field that is. This file
//! must not know how anything is computed from it.

use core::marker::PhantomData;

use crate::quantity::{Ampere, SampleRate, Volt};
use crate::sample::Sample;

/// Nominal mains frequency: decides how many cycles a window has and where the search for the mains starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nominal {
    /// 10 cycles below 55 Hz and 12 above, by the measured frequency; 50 Hz without voltage.
    #[default]
    Auto,
    /// 10 cycles.
    Hz50,
    /// 12 cycles.
    Hz60,
}

impl Nominal {
    /// The frequency windows run on without voltage, in hertz.
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Auto | Self::Hz50 => 50,
            Self::Hz60 => 60,
        }
    }
}

/// Settings as the user gives them. A range is the full-scale peak: the value of the code `2^(code_bits - 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<const CURRENTS: usize> {
    /// Frames per second, 2 000 to 64 000 Hz.
    pub sample_rate: SampleRate,
    /// Bits of a code: 8 to 16 with `i16` samples, 8 to 24 with `i32` samples. Codes are right-aligned and signed.
    pub code_bits: u32,
    /// Nominal mains frequency.
    pub nominal: Nominal,
    /// Range of the voltage channel, 1 mV to 10 MV; `None`: there is none.
    pub voltage: Option<Volt>,
    /// Ranges of the current channels, 1 µA to 10 MA each; `None`: not used.
    pub currents: [Option<Ampere>; CURRENTS],
    /// Range of the residual channel, 1 µA to 10 MA; `None`: there is none.
    pub residual: Option<Ampere>,
}

/// Checked settings for samples of type `S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config<S, const CURRENTS: usize> {
    settings: Settings<CURRENTS>,
    sample: PhantomData<S>,
}

impl<S: Sample, const CURRENTS: usize> Config<S, CURRENTS> {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that is out of its range, its value and the range.
    pub fn new(settings: Settings<CURRENTS>) -> Result<Self, ConfigError> {
        let rate = settings.sample_rate;
        if !(2_000..=64_000).contains(&rate) {
            return Err(ConfigError::SampleRate { hertz: rate.to_num() });
        }
        if settings.code_bits < 8 || settings.code_bits > S::MAX_BITS {
            return Err(ConfigError::CodeBits { bits: settings.code_bits, most: S::MAX_BITS });
        }
        let milli = Volt::from_bits((1 << 32) / 1_000);
        let micro = Ampere::from_bits((1 << 32) / 1_000_000);
        let outside = |range: &Volt, least: Volt| *range < least || *range > 10_000_000;
        if settings.voltage.is_some_and(|range| outside(&range, milli)) {
            return Err(ConfigError::VoltageRange);
        }
        for (channel, range) in settings.currents.iter().enumerate() {
            if range.is_some_and(|range| outside(&range, micro)) {
                return Err(ConfigError::CurrentRange { channel });
            }
        }
        if settings.residual.is_some_and(|range| outside(&range, micro)) {
            return Err(ConfigError::ResidualRange);
        }
        if settings.voltage.is_none() && settings.residual.is_none() && settings.currents.iter().all(Option::is_none) {
            return Err(ConfigError::NoChannel);
        }
        Ok(Self { settings, sample: PhantomData })
    }

    /// The settings this configuration was made from.
    pub const fn settings(&self) -> &Settings<CURRENTS> {
        &self.settings
    }
}

/// Why settings were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The sampling rate is outside 2 000 to 64 000 Hz; its whole hertz.
    SampleRate {
        /// What was given, whole hertz.
        hertz: u32,
    },
    /// The code width is below 8 or above what the sample type holds.
    CodeBits {
        /// What was given.
        bits: u32,
        /// Most that the sample type allows.
        most: u32,
    },
    /// The voltage range is outside 1 mV to 10 MV.
    VoltageRange,
    /// The range of this current channel is outside 1 µA to 10 MA.
    CurrentRange {
        /// Index of the channel, from 0.
        channel: usize,
    },
    /// The residual range is outside 1 µA to 10 MA.
    ResidualRange,
    /// No channel is configured.
    NoChannel,
}

impl core::fmt::Display for ConfigError {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match *self {
            Self::SampleRate { hertz } => write!(out, "sample_rate is {hertz} Hz, allowed are 2000 to 64000 Hz"),
            Self::CodeBits { bits, most } => write!(out, "code_bits is {bits}, allowed are 8 to {most}"),
            Self::VoltageRange => write!(out, "voltage range, allowed are 1 mV to 10 MV"),
            Self::CurrentRange { channel } => {
                write!(out, "range of current {channel}, allowed are 1 uA to 10 MA")
            }
            Self::ResidualRange => write!(out, "residual range, allowed are 1 uA to 10 MA"),
            Self::NoChannel => write!(out, "no channel is configured, at least one is needed"),
        }
    }
}

impl core::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Settings<2> = Settings {
        sample_rate: SampleRate::const_from_int(8_000),
        code_bits: 16,
        nominal: Nominal::Auto,
        voltage: Some(Volt::const_from_int(400)),
        currents: [Some(Ampere::const_from_int(25)), None],
        residual: None,
    };

    fn error(change: impl FnOnce(&mut Settings<2>)) -> ConfigError {
        let mut settings = GOOD;
        change(&mut settings);
        Config::<i16, 2>::new(settings).unwrap_err()
    }

    #[test]
    fn each_field_has_its_own_error() {
        assert!(Config::<i16, 2>::new(GOOD).is_ok());
        assert_eq!(error(|s| s.sample_rate = SampleRate::from_num(1_999.9)), ConfigError::SampleRate { hertz: 1_999 });
        assert_eq!(error(|s| s.sample_rate = SampleRate::MAX), ConfigError::SampleRate { hertz: u32::MAX });
        assert_eq!(error(|s| s.code_bits = 17), ConfigError::CodeBits { bits: 17, most: 16 });
        assert_eq!(error(|s| s.code_bits = 7), ConfigError::CodeBits { bits: 7, most: 16 });
        assert_eq!(error(|s| s.voltage = Some(Volt::ZERO)), ConfigError::VoltageRange);
        assert_eq!(error(|s| s.currents[1] = Some(Ampere::MAX)), ConfigError::CurrentRange { channel: 1 });
        assert_eq!(error(|s| s.residual = Some(Ampere::DELTA)), ConfigError::ResidualRange);
        let none = |s: &mut Settings<2>| (s.voltage, s.currents) = (None, [None; 2]);
        assert_eq!(error(none), ConfigError::NoChannel);
        let wide = Settings { code_bits: 24, ..GOOD };
        assert!(Config::<i32, 2>::new(wide).is_ok());
    }
}
