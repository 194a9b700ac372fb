//! What the settings mean to the meter.
//!
//! In come settings and what the ADC is, out goes a configuration as a bench would send it. This file must not know how a
//! setting is named or kept.

use hil_link::{Channel, Config, EventLimits, Monitor, NoLoad, Overload, Residual};

use super::Settings;

/// Milliampere in ampere, 32 bits behind the point, and so on.
const fn parts(value: u32, per: u64) -> u64 {
    ((value as u64) << 32) / per
}

impl Settings {
    /// The configuration of the meter at an ADC of this rate (Hz, 32 bits behind the point) and resolution: the voltage, the
    /// line and the ports as currents 0 to 7, the residual current.
    pub fn config(&self, sample_rate: u64, adc_bits: u8) -> Config {
        let current = |sensor: &super::Sensor| Channel::new(parts(sensor.range_ma, 1_000));
        let residual = &self.residual;
        let no_load = &self.no_load;
        Config {
            sample_rate,
            clock: 0,
            adc_bits,
            nominal: self.nominal,
            voltage: Some(Channel::new(parts(self.voltage_range_v.into(), 1))),
            currents: self.sensors.iter().map(current).collect(),
            residual: Some(Residual {
                channel: Channel::new(parts(residual.range.into(), 10_000)),
                corner_mhz: (residual.corner_mhz > 0).then_some(residual.corner_mhz),
                monitor: residual.alarm.then(|| self.monitor()),
            }),
            no_load: (no_load.power_mw > 0 && no_load.current_ma > 0).then(|| NoLoad {
                power: ((u64::from(no_load.power_mw) << 24) / 1_000) as i64,
                current: parts(no_load.current_ma.into(), 1_000),
                hysteresis: no_load.hysteresis_percent,
            }),
            events: self.limits(),
        }
    }

    fn monitor(&self) -> Monitor {
        let residual = &self.residual;
        // The alarm itself has no delay: the norm leaves hardly room for one.
        Monitor {
            rated: parts(residual.rated.into(), 10_000),
            detects: residual.detects,
            pre_warning_percent: residual.pre_warning_percent,
            hysteresis_percent: residual.hysteresis_percent,
            characteristic: residual.characteristic,
            response_delay_ms: 0,
            pre_warning_delay_ms: residual.pre_warning_delay_ms.into(),
            release_delay_ms: residual.release_delay_ms,
            start_up_delay_ms: residual.start_up_delay_ms.into(),
            latching: residual.latching,
            least_noise: parts(residual.least_noise_ua.into(), 1_000_000),
        }
    }

    /// `None` where nothing is an event.
    fn limits(&self) -> Option<EventLimits> {
        let events = &self.events;
        let on = |share: u16| (share > 0).then_some(share);
        let overload = |sensor: &super::Sensor| {
            (sensor.overload_ma > 0).then(|| Overload {
                threshold: parts(sensor.overload_ma, 1_000),
                hysteresis: events.overload_hysteresis,
                delay: events.overload_delay,
            })
        };
        let limits = EventLimits {
            nominal: parts(self.nominal_v.into(), 1),
            dip: on(events.dip),
            swell: on(events.swell),
            interruption: on(events.interruption),
            hysteresis: events.hysteresis,
            overloads: self.sensors.iter().map(overload).collect(),
        };
        let none = limits.dip.or(limits.swell).or(limits.interruption).is_none();
        (!none || limits.overloads.iter().any(Option::is_some)).then_some(limits)
    }
}
