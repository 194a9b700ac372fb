//! What the meter has to know beforehand, checked once.
//!
//! In come plain settings, out goes a configuration that cannot be wrong, or the name of the field that is. This file
//! must not know how anything is computed from it.

use core::marker::PhantomData;

use crate::calibration::Channel;
use crate::quantity::{Ampere, Power, SampleRate, Volt};
use crate::residual::{Residual, ResidualFault};
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

/// Below which a current counts as no load. Both must be undercut; either overstepped by the hysteresis is load again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLoad {
    /// Magnitude of the active power, 0 to 1 MW; not looked at without voltage.
    pub power: Power,
    /// RMS current, 0 to 100 kA. Load begins at this starting current plus hysteresis.
    pub current: Ampere,
    /// Hysteresis in percent of each threshold, 0 to 100.
    pub hysteresis: u8,
}

impl NoLoad {
    /// Whether a current is load, given whether it was `idle` before.
    pub(crate) fn is_load(&self, idle: bool, power: Option<Power>, current: Ampere) -> bool {
        // The threshold itself, or with the hysteresis on top. 10⁶ W and 10⁵ A have 49 bits, 200 times that 57.
        let percent = if idle { 100 + u64::from(self.hysteresis) } else { 100 };
        let least = |threshold: u64| threshold * percent / 100;
        current.to_bits() >= least(self.current.to_bits())
            || power.is_some_and(|power| power.to_bits() >= least(self.power.to_bits() as u64) as i64)
    }
}

/// Settings as the user gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<const CURRENTS: usize> {
    /// Frames per second as the clock's makers say, 2 000 to 64 000 Hz.
    pub sample_rate: SampleRate,
    /// How much faster the clock runs than `sample_rate` says, -10 000 to 10 000 in 0.1 ppm. Acts on frequency and time.
    pub clock: i16,
    /// Bits of a code: 8 to 16 with `i16` and `u16` samples, 8 to 24 with `i32` samples. Codes are right-aligned.
    pub code_bits: u32,
    /// Nominal mains frequency.
    pub nominal: Nominal,
    /// The voltage channel; `None`: there is none.
    pub voltage: Option<Channel>,
    /// The current channels; `None`: not used.
    pub currents: [Option<Channel>; CURRENTS],
    /// The residual channel; `None`: there is none. Refused where the feature `residual` is left out.
    pub residual: Option<Residual>,
    /// No-load threshold of all currents; `None`: every current counts.
    pub no_load: Option<NoLoad>,
}

impl<const CURRENTS: usize> Settings<CURRENTS> {
    /// Number of configured channels.
    pub fn channels(&self) -> usize {
        usize::from(self.voltage.is_some())
            + self.currents.iter().flatten().count()
            + usize::from(self.residual.is_some())
    }

    /// Settings with an exact clock and no channel.
    pub const fn new(sample_rate: SampleRate, code_bits: u32) -> Self {
        Self {
            sample_rate,
            clock: 0,
            code_bits,
            nominal: Nominal::Auto,
            voltage: None,
            currents: [None; CURRENTS],
            residual: None,
            no_load: None,
        }
    }
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
        if !(-10_000..=10_000).contains(&settings.clock) {
            return Err(ConfigError::Clock { tenth_ppm: settings.clock });
        }
        let check = |name: ChannelName, channel: Option<&Channel>, least: Volt| {
            let fault = channel.and_then(|channel| channel.fault::<S>(least, settings.code_bits));
            fault.map_or(Ok(()), |fault| Err(ConfigError::Channel { channel: name, fault }))
        };
        let micro = Ampere::from_bits((1 << 32) / 1_000_000);
        check(ChannelName::Voltage, settings.voltage.as_ref(), Volt::from_bits((1 << 32) / 1_000))?;
        for (number, current) in settings.currents.iter().enumerate() {
            check(ChannelName::Current(number), current.as_ref(), micro)?;
        }
        check(ChannelName::Residual, settings.residual.as_ref().map(|residual| &residual.channel), micro)?;
        if let Some(fault) = settings.residual.as_ref().and_then(|residual| residual.fault(settings.code_bits)) {
            return Err(ConfigError::Residual(fault));
        }
        if cfg!(not(feature = "residual")) && settings.residual.is_some() {
            return Err(ConfigError::Residual(ResidualFault::LeftOut));
        }
        if let Some(no_load) = settings.no_load {
            let power = Power::ZERO..=Power::const_from_int(1_000_000);
            if !power.contains(&no_load.power) || no_load.current > 100_000 || no_load.hysteresis > 100 {
                return Err(ConfigError::NoLoad);
            }
        }
        if settings.voltage.is_none() && settings.residual.is_none() && settings.currents.iter().all(Option::is_none) {
            return Err(ConfigError::NoChannel);
        }
        Ok(Self { settings, sample: PhantomData })
    }

    /// Frames per second by the calibrated clock, Q32.
    #[inline(never)]
    pub(crate) fn rate(&self) -> u64 {
        let rate = self.settings.sample_rate.to_bits() as i64;
        // At most 2⁴⁸·10⁴: far from the end of 64 bits.
        (rate + rate * i64::from(self.settings.clock) / 10_000_000) as u64
    }

    /// The settings this configuration was made from.
    pub const fn settings(&self) -> &Settings<CURRENTS> {
        &self.settings
    }
}

/// Which channel a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelName {
    /// The voltage.
    Voltage,
    /// A current, counted from 0.
    Current(usize),
    /// The residual current.
    Residual,
}

impl core::fmt::Display for ChannelName {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Voltage => write!(out, "voltage"),
            Self::Current(number) => write!(out, "current {number}"),
            Self::Residual => write!(out, "residual"),
        }
    }
}

/// Which setting of a channel is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelFault {
    /// The full-scale peak is below 1 mV or 1 µA, or above 10 MV or 10 MA.
    Range,
    /// The gain correction is beyond ±500 000 ppm.
    Gain,
    /// The phase correction is beyond ±10 000 thousandths of a degree.
    Phase,
    /// The delay is beyond ±2 560 256ths of a sample.
    Delay,
    /// The zero lies outside the codes.
    Zero,
    /// The noise floor is above the range.
    Noise,
    /// The lower clip code is not below the upper one, or one lies outside the codes.
    Clip,
}

impl core::fmt::Display for ChannelFault {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(match self {
            Self::Range => "range, allowed are 1 mV to 10 MV or 1 uA to 10 MA",
            Self::Gain => "gain_ppm, allowed are -500000 to 500000",
            Self::Phase => "phase, allowed are -10000 to 10000 thousandths of a degree",
            Self::Delay => "delay, allowed are -2560 to 2560 256ths of a sample",
            Self::Zero => "zero, allowed are the codes of the ADC",
            Self::Noise => "noise, allowed is up to the range",
            Self::Clip => "clip, allowed are two rising codes of the ADC",
        })
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
    /// The clock correction is beyond ±10 000 tenths of a ppm.
    Clock {
        /// What was given.
        tenth_ppm: i16,
    },
    /// The code width is below 8 or above what the sample type holds.
    CodeBits {
        /// What was given.
        bits: u32,
        /// Most that the sample type allows.
        most: u32,
    },
    /// A setting of a channel is out of its range.
    Channel {
        /// The channel.
        channel: ChannelName,
        /// The setting.
        fault: ChannelFault,
    },
    /// A setting of the residual-current stage is out of its range.
    Residual(ResidualFault),
    /// The no-load power is beyond 0 to 1 MW, its current above 100 kA or its hysteresis above 100 %.
    NoLoad,
    /// No channel is configured.
    NoChannel,
}

impl core::fmt::Display for ConfigError {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::SampleRate { hertz } => write!(out, "sample_rate is {hertz} Hz, allowed are 2000 to 64000 Hz"),
            Self::Clock { tenth_ppm } => {
                write!(out, "clock is {tenth_ppm}, allowed are -10000 to 10000 tenths of a ppm")
            }
            Self::CodeBits { bits, most } => write!(out, "code_bits is {bits}, allowed are 8 to {most}"),
            Self::Channel { channel, fault } => write!(out, "{channel}: {fault}"),
            Self::Residual(fault) => write!(out, "residual: {fault}"),
            Self::NoLoad => {
                write!(out, "no_load, allowed are 0 to 1 MW, 0 to 100 kA, a hysteresis of 0 to 100 percent")
            }
            Self::NoChannel => write!(out, "no channel is configured, at least one is needed"),
        }
    }
}

impl core::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::Dc;

    fn good() -> Settings<2> {
        Settings {
            voltage: Some(Channel::new(Volt::const_from_int(400))),
            currents: [Some(Channel::new(Ampere::const_from_int(25))), None],
            ..Settings::new(SampleRate::const_from_int(8_000), 16)
        }
    }

    fn error(change: impl FnOnce(&mut Settings<2>)) -> ConfigError {
        let mut settings = good();
        change(&mut settings);
        Config::<i16, 2>::new(settings).unwrap_err()
    }

    fn channel(change: impl FnOnce(&mut Channel)) -> ChannelFault {
        let mut broken = Channel::new(Volt::const_from_int(1));
        change(&mut broken);
        for (settings, name) in [
            (Settings { voltage: Some(broken), ..good() }, ChannelName::Voltage),
            (Settings { currents: [None, Some(broken)], ..good() }, ChannelName::Current(1)),
            (Settings { residual: Some(Residual::new(broken)), ..good() }, ChannelName::Residual),
        ] {
            let Err(ConfigError::Channel { channel, fault }) = Config::<i16, 2>::new(settings) else { panic!() };
            assert_eq!(channel, name);
            if name == ChannelName::Residual {
                return fault;
            }
        }
        unreachable!()
    }

    #[test]
    fn each_field_has_its_own_error() {
        assert!(Config::<i16, 2>::new(good()).is_ok());
        assert_eq!(error(|s| s.sample_rate = SampleRate::from_num(1_999.9)), ConfigError::SampleRate { hertz: 1_999 });
        assert_eq!(error(|s| s.sample_rate = SampleRate::MAX), ConfigError::SampleRate { hertz: u32::MAX });
        assert_eq!(error(|s| s.clock = 10_001), ConfigError::Clock { tenth_ppm: 10_001 });
        assert_eq!(error(|s| s.code_bits = 17), ConfigError::CodeBits { bits: 17, most: 16 });
        assert_eq!(error(|s| s.code_bits = 7), ConfigError::CodeBits { bits: 7, most: 16 });
        assert_eq!(
            error(|s| s.voltage = Some(Channel::new(Volt::DELTA * 4_000_000))),
            ConfigError::Channel { channel: ChannelName::Voltage, fault: ChannelFault::Range }
        );
        let no_load = NoLoad { power: Power::NEG_ONE, current: Ampere::ZERO, hysteresis: 0 };
        assert_eq!(error(|s| s.no_load = Some(no_load)), ConfigError::NoLoad);
        let none = |s: &mut Settings<2>| (s.voltage, s.currents) = (None, [None; 2]);
        assert_eq!(error(none), ConfigError::NoChannel);
        assert!(Config::<i32, 2>::new(Settings { code_bits: 24, ..good() }).is_ok());
    }

    #[test]
    fn the_residual_stage_names_its_setting() {
        let coupling = crate::residual::Coupling::Transformer { corner_mhz: 499 };
        let residual = Residual { coupling, ..Residual::new(Channel::new(Ampere::ONE)) };
        assert_eq!(error(|s| s.residual = Some(residual)), ConfigError::Residual(ResidualFault::Corner));
    }

    #[test]
    fn each_setting_of_a_channel_has_its_own_fault() {
        assert_eq!(channel(|c| c.range = Volt::ZERO), ChannelFault::Range);
        assert_eq!(channel(|c| c.range = Volt::MAX), ChannelFault::Range);
        assert_eq!(channel(|c| c.gain_ppm = 500_001), ChannelFault::Gain);
        assert_eq!(channel(|c| c.phase = -10_001), ChannelFault::Phase);
        assert_eq!(channel(|c| c.delay = 2_561), ChannelFault::Delay);
        assert_eq!(channel(|c| c.dc = Dc::Signal { zero: 1 << 24 }), ChannelFault::Zero);
        assert_eq!(channel(|c| c.noise = Volt::const_from_int(2)), ChannelFault::Noise);
        assert_eq!(channel(|c| c.clip = Some((5, 5))), ChannelFault::Clip);
        assert_eq!(channel(|c| c.clip = Some((-40_000, 5))), ChannelFault::Clip);
    }
}
