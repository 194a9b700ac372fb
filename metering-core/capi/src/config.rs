//! Settings as C gives them.
//!
//! In come plain integers, out go the core's settings, or the name of a number that is no choice. Ranges are checked by
//! the core. This file must not know memory or meters.
#![expect(unsafe_code, reason = "functions that C calls by name with pointers")]

use metering_core::calibration::{self, Dc};
use metering_core::config::{NoLoad, Nominal, Settings};
use metering_core::quantity::{Ampere, Power, SampleRate, Volt};
use metering_core::residual::{Characteristic, Coupling, Monitor, Residual, Type};

use crate::METERING_CURRENTS;
use crate::memory;
use crate::status::{Fault, Field, METERING_NO_CHANNEL, METERING_RESIDUAL, Status};

/// Settings of a channel. Zeroes but for `used` and `range` are a channel that needs no correction.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelConfig {
    /// Full-scale peak, the value of the code 2^(code_bits - 1): volt or ampere times 2^32. 1 mV to 10 MV, 1 µA to 10 MA.
    pub range: u64,
    /// RMS of the channel's own noise, volt or ampere times 2^32; subtracted in quadrature. 0 to the range.
    pub noise: u64,
    /// Correction of the gain in ppm, -500 000 to 500 000: readings are multiplied by 1 + this/1 000 000.
    pub gain_ppm: i32,
    /// Code of no voltage or current, in 256ths; counts only with `dc_is_signal`.
    pub zero: i32,
    /// Codes at and beyond which the channel counts as clipped; both 0: the ends of the ADC's range.
    pub clip_low: i32,
    /// The upper one.
    pub clip_high: i32,
    /// By how much the sensor lags at the fundamental, 0.001 degree, -10 000 to 10 000.
    pub phase: i16,
    /// By how much the channel is sampled later than its frame, 1/256 sample, -2 560 to 2 560.
    pub delay: i16,
    /// Not 0: the channel is there.
    pub used: u8,
    /// Not 0: wired the wrong way round, its sign is changed.
    pub inverted: u8,
    /// Not 0: the mean is a signal that counts in RMS and power; 0: an offset of the sensor, removed.
    pub dc_is_signal: u8,
    /// 0.
    pub reserved: u8,
}

/// When the residual current warns and trips (IEC 61008-1).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonitorConfig {
    /// Rated residual operating current, ampere times 2^32: 6 mA to 10 A, at most a third of the range.
    pub rated: u64,
    /// RMS that the channel's noise never falls below, ampere times 2^32; 0: not looked at.
    pub least_noise: u64,
    /// For how long more the current must stay before the alarm, ms: 0 to 10 (general), 0 (short-delay), 0 to 15.
    pub response_delay_ms: u32,
    /// The same of the pre-warning, 0 to 10 000 ms.
    pub pre_warning_delay_ms: u32,
    /// For how long the current must stay away before alarm or pre-warning are taken back, 0 to 300 000 ms.
    pub release_delay_ms: u32,
    /// For how long after the start nothing is decided, 0 to 10 000 ms.
    pub start_up_delay_ms: u32,
    /// Not 0: there is a monitor.
    pub used: u8,
    /// Which currents: 0 type A, 1 type AC.
    pub detects: u8,
    /// Response of the pre-warning in percent of the alarm's, 50 to 100.
    pub pre_warning_percent: u8,
    /// By how much the current must fall below a response, in percent of it, 10 to 25.
    pub hysteresis_percent: u8,
    /// 0 general, 1 short-delay, 2 selective (type S).
    pub characteristic: u8,
    /// Not 0: the alarm stays until it is reset.
    pub latching: u8,
    /// 0.
    pub reserved: u16,
}

/// Below which a current counts as no load; both must be undercut.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoLoadConfig {
    /// Magnitude of the active power, watt times 2^24, 0 to 1 MW.
    pub power: i64,
    /// RMS current, ampere times 2^32, 0 to 100 kA.
    pub current: u64,
    /// Not 0: there is a threshold.
    pub used: u8,
    /// Hysteresis in percent, 0 to 100.
    pub hysteresis: u8,
    /// 0.
    pub reserved: [u8; 6],
}

/// Settings of a meter. Begin with `metering_config_default`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Frames per second as the clock's makers say, hertz times 2^32: 2 000 to 64 000 Hz.
    pub sample_rate: u64,
    /// Bits of a code: 8 to 16 with `int16_t`, 8 to 24 with `int32_t`; signed, right-aligned.
    pub code_bits: u32,
    /// How much faster the clock runs than `sample_rate` says, -10 000 to 10 000 in 0.1 ppm.
    pub clock: i16,
    /// Nominal frequency: 50, 60, or 0: by the measured one.
    pub nominal_hz: u8,
    /// 0.
    pub reserved: u8,
    /// The voltage.
    pub voltage: ChannelConfig,
    /// The currents.
    pub currents: [ChannelConfig; METERING_CURRENTS],
    /// The residual current; its phase and delay mean nothing.
    pub residual: ChannelConfig,
    /// Corner (-3 dB) of the residual current's transformer in mHz, 500 to 10 000; 0: direct-coupled.
    pub corner_mhz: u32,
    /// 0.
    pub reserved2: u32,
    /// When the residual current warns and trips.
    pub monitor: MonitorConfig,
    /// No-load threshold of all currents.
    pub no_load: NoLoadConfig,
}

impl ChannelConfig {
    fn channel(&self) -> Option<calibration::Channel> {
        let channel = calibration::Channel {
            gain_ppm: self.gain_ppm,
            inverted: self.inverted != 0,
            phase: self.phase,
            delay: self.delay,
            dc: if self.dc_is_signal == 0 { Dc::Offset } else { Dc::Signal { zero: self.zero } },
            noise: Volt::from_bits(self.noise),
            clip: (self.clip_low != 0 || self.clip_high != 0).then_some((self.clip_low, self.clip_high)),
            ..calibration::Channel::new(Volt::from_bits(self.range))
        };
        (self.used != 0).then_some(channel)
    }
}

impl MonitorConfig {
    fn monitor(&self) -> Result<Option<Monitor>, Fault> {
        if self.used == 0 {
            return Ok(None);
        }
        let wrong = |field: Field| Fault { field: field as i32, channel: METERING_RESIDUAL };
        let detects = match self.detects {
            0 => Type::A,
            1 => Type::Ac,
            _ => return Err(wrong(Field::Detects)),
        };
        let characteristic = match self.characteristic {
            0 => Characteristic::General,
            1 => Characteristic::ShortDelay,
            2 => Characteristic::Selective,
            _ => return Err(wrong(Field::Characteristic)),
        };
        Ok(Some(Monitor {
            rated: Ampere::from_bits(self.rated),
            detects,
            pre_warning_percent: self.pre_warning_percent,
            hysteresis_percent: self.hysteresis_percent,
            characteristic,
            response_delay_ms: self.response_delay_ms,
            pre_warning_delay_ms: self.pre_warning_delay_ms,
            release_delay_ms: self.release_delay_ms,
            start_up_delay_ms: self.start_up_delay_ms,
            latching: self.latching != 0,
            least_noise: Ampere::from_bits(self.least_noise),
        }))
    }
}

impl Config {
    /// As the core takes them.
    pub(crate) fn settings(&self) -> Result<Settings<METERING_CURRENTS>, Fault> {
        let nominal = match self.nominal_hz {
            0 => Nominal::Auto,
            50 => Nominal::Hz50,
            60 => Nominal::Hz60,
            _ => return Err(Fault { field: Field::NominalHz as i32, channel: METERING_NO_CHANNEL }),
        };
        let corner = |_| Fault { field: Field::CornerMhz as i32, channel: METERING_RESIDUAL };
        let coupling = match u16::try_from(self.corner_mhz) {
            Ok(0) => Coupling::Direct,
            Ok(corner_mhz) => Coupling::Transformer { corner_mhz },
            // Only a residual current that is used has a corner.
            Err(_) if self.residual.used == 0 => Coupling::Direct,
            Err(error) => return Err(corner(error)),
        };
        let residual = match self.residual.channel() {
            Some(channel) => Some(Residual { channel, coupling, monitor: self.monitor.monitor()? }),
            None => None,
        };
        let no_load = NoLoad {
            power: Power::from_bits(self.no_load.power),
            current: Ampere::from_bits(self.no_load.current),
            hysteresis: self.no_load.hysteresis,
        };
        Ok(Settings {
            clock: self.clock,
            nominal,
            voltage: self.voltage.channel(),
            currents: self.currents.map(|channel| channel.channel()),
            residual,
            no_load: (self.no_load.used != 0).then_some(no_load),
            ..Settings::new(SampleRate::from_bits(self.sample_rate), self.code_bits)
        })
    }
}

/// Settings of 8 000 frames per second and codes of 16 bits without a channel: set `used` and `range` of those that are
/// there. The monitor, not used, is of type A with 30 mA, general, and waits 0.5 s at the start and 1 s to release.
///
/// # Safety
/// `config` is null or points to a `metering_config`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn metering_config_default(config: *mut Config) -> Status {
    let rated = Ampere::from_bits((30 << 32) / 1_000);
    let monitor = Monitor::new(rated);
    let monitor = MonitorConfig {
        rated: rated.to_bits(),
        pre_warning_percent: monitor.pre_warning_percent,
        hysteresis_percent: monitor.hysteresis_percent,
        release_delay_ms: monitor.release_delay_ms,
        start_up_delay_ms: monitor.start_up_delay_ms,
        ..MonitorConfig::default()
    };
    let default = Config {
        sample_rate: SampleRate::const_from_int(8_000).to_bits(),
        code_bits: 16,
        monitor,
        ..Config::default()
    };
    // SAFETY: the caller's word.
    Status::of(unsafe { memory::put(config, default) })
}

#[cfg(test)]
#[expect(unsafe_code, reason = "calls the function as C does")]
mod tests {
    use super::*;

    #[test]
    fn the_default_monitor_is_that_of_the_core() {
        let mut config = Config::default();
        // SAFETY: a configuration.
        let _status = unsafe { metering_config_default(&raw mut config) };
        config.monitor.used = 1;
        let rated = Ampere::from_bits(config.monitor.rated);
        assert_eq!(config.monitor.monitor(), Ok(Some(Monitor::new(rated))));
        assert!((0.03 - rated.to_num::<f64>()).abs() < 1e-9);
    }
}
