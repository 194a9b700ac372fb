//! Residual currents by closed form, sampled as they are, and through a finely simulated transformer.
#![allow(dead_code, reason = "each test takes what it needs")]

use metering_core::calibration::{Channel, Dc};
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, SampleRate};
use metering_core::reading::Reading;
use metering_core::residual::{Coupling, Monitor, Notice, Residual, ResidualCycle, ResidualReading};
use metering_core::{Block, Meter, Sample, Sink};
use std::f64::consts::{PI, SQRT_2, TAU};

pub const RATE: f64 = 8_000.0;

/// Shape of a current over a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    Sine,
    /// Pulsating direct current with this delay angle.
    Pulses(f64),
    /// Symmetric phase control with this delay angle.
    Fired(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sensor {
    Direct,
    /// Corner in hertz.
    Transformer(f64),
}

#[derive(Clone, Copy, Debug)]
pub struct Primary {
    pub form: Form,
    /// True RMS without smooth DC.
    pub rms: f64,
    pub negative: bool,
    pub smooth_dc: f64,
    pub hertz: f64,
    /// Angle at which it is switched on.
    pub start_deg: f64,
    pub onset_s: f64,
    pub end_s: f64,
}

impl Default for Primary {
    fn default() -> Self {
        Self {
            form: Form::Sine,
            rms: 0.03,
            negative: false,
            smooth_dc: 0.0,
            hertz: 50.0,
            start_deg: 0.0,
            onset_s: 0.0,
            end_s: f64::INFINITY,
        }
    }
}

impl Primary {
    /// Peak of the sine before it is chopped.
    fn prospective(&self) -> f64 {
        let part = |a: f64| {
            let a = a.to_radians();
            ((PI - a) / (4.0 * PI) + (2.0 * a).sin() / (8.0 * PI)).sqrt()
        };
        match self.form {
            Form::Sine => self.rms * SQRT_2,
            Form::Pulses(a) => self.rms / part(a),
            Form::Fired(a) => self.rms / (SQRT_2 * part(a)),
        }
    }

    pub fn at(&self, t: f64) -> f64 {
        if t < self.onset_s || t >= self.end_s {
            return 0.0;
        }
        let angle = (360.0 * self.hertz * (t - self.onset_s) + self.start_deg).rem_euclid(360.0);
        let sine = self.prospective() * angle.to_radians().sin();
        let value = match self.form {
            Form::Sine => sine,
            Form::Pulses(a) => {
                if angle >= a && angle < 180.0 {
                    sine
                } else {
                    0.0
                }
            }
            Form::Fired(a) => {
                if angle % 180.0 >= a {
                    sine
                } else {
                    0.0
                }
            }
        };
        (if self.negative { -value } else { value }) + self.smooth_dc
    }

    /// What the sensor gives, sampled.
    pub fn samples(&self, sensor: Sensor, seconds: f64) -> Vec<f64> {
        let count = (seconds * RATE) as usize;
        match sensor {
            Sensor::Direct => (0..count).map(|n| self.at(n as f64 / RATE)).collect(),
            Sensor::Transformer(corner) => {
                // y' = x' - w·y by 16 small exact steps per sample.
                const STEPS: usize = 16;
                let decay = (-TAU * corner / RATE / STEPS as f64).exp();
                let (mut y, mut before) = (0.0, 0.0);
                (0..count * STEPS)
                    .filter_map(|n| {
                        let x = self.at((n as f64) / (RATE * STEPS as f64));
                        y = y * decay + x - before;
                        before = x;
                        (n % STEPS == 0).then_some(y)
                    })
                    .collect()
            }
        }
    }

    pub fn settings(sensor: Sensor, bits: u32, range: f64) -> Settings<0> {
        let coupling = match sensor {
            Sensor::Direct => Coupling::Direct,
            Sensor::Transformer(corner) => Coupling::Transformer { corner_mhz: (corner * 1e3) as u16 },
        };
        let residual = Residual { coupling, ..Residual::new(Channel::new(Ampere::from_num(range))) };
        Settings { residual: Some(residual), ..Settings::new(SampleRate::from_num(RATE), bits) }
    }

    /// The windows over so many seconds.
    pub fn readings<S: Sample + TryFrom<i32>>(
        &self,
        sensor: Sensor,
        bits: u32,
        range: f64,
        seconds: f64,
    ) -> Vec<ResidualReading> {
        let codes = codes::<S>(&self.samples(sensor, seconds), bits, range);
        listen(&codes, Self::settings(sensor, bits, range), true).windows
    }

    /// The windows of a direct-coupled sensor whose zero is known.
    pub fn readings_from_zero<S: Sample + TryFrom<i32>>(
        &self,
        bits: u32,
        range: f64,
        seconds: f64,
    ) -> Vec<ResidualReading> {
        let codes = codes::<S>(&self.samples(Sensor::Direct, seconds), bits, range);
        let mut settings = Self::settings(Sensor::Direct, bits, range);
        settings.residual.as_mut().unwrap().channel.dc = Dc::Signal { zero: 0 };
        listen(&codes, settings, true).windows
    }

    /// The cycles over so many seconds.
    pub fn cycles<S: Sample + TryFrom<i32>>(
        &self,
        sensor: Sensor,
        bits: u32,
        range: f64,
        seconds: f64,
    ) -> Vec<ResidualCycle> {
        let codes = codes::<S>(&self.samples(sensor, seconds), bits, range);
        listen(&codes, Self::settings(sensor, bits, range), false).cycles
    }
}

/// Samples as codes of an ADC with a full-scale peak of `range`.
pub fn codes<S: TryFrom<i32>>(samples: &[f64], bits: u32, range: f64) -> Vec<S> {
    let full = f64::from(1u32 << (bits - 1));
    samples
        .iter()
        .map(|x| S::try_from((x / range * full).round().clamp(-full, full - 1.0) as i32).ok().unwrap())
        .collect()
}

/// Everything a meter says of a residual current.
#[derive(Default)]
pub struct Heard {
    pub windows: Vec<ResidualReading>,
    pub cycles: Vec<ResidualCycle>,
    pub notices: Vec<Notice>,
    /// Readings of cycles are not wanted: eight of ten are not looked at then.
    pub windows_only: bool,
}

impl Sink<0> for Heard {
    fn window(&mut self, reading: &Reading<0>) {
        self.windows.push(reading.residual.unwrap());
    }

    fn residual_cycles(&self) -> bool {
        !self.windows_only
    }

    fn residual_cycle(&mut self, cycle: &ResidualCycle) {
        self.cycles.push(*cycle);
    }

    fn residual_notice(&mut self, notice: &Notice) {
        self.notices.push(*notice);
    }
}

fn listen<S: Sample>(codes: &[S], settings: Settings<0>, windows_only: bool) -> Heard {
    let mut heard = Heard { windows_only, ..Heard::default() };
    Meter::new(Config::new(settings).unwrap()).push(&Block { voltage: &[], currents: [], residual: codes }, &mut heard);
    heard
}

/// Settings with a monitor for a sensor of 40 times the rated current.
pub fn monitored(sensor: Sensor, bits: u32, rated: f64, change: impl Fn(&mut Monitor)) -> Settings<0> {
    monitored_to(40.0, sensor, bits, rated, change)
}

/// Settings with a monitor for a sensor of so many times the rated current.
pub fn monitored_to(times: f64, sensor: Sensor, bits: u32, rated: f64, change: impl Fn(&mut Monitor)) -> Settings<0> {
    let mut settings = Primary::settings(sensor, bits, times * rated);
    let mut monitor = Monitor::new(Ampere::from_num(rated));
    change(&mut monitor);
    settings.residual.as_mut().unwrap().monitor = Some(monitor);
    settings
}

/// What a monitor says of samples of 24 bits.
pub fn notices(samples: &[f64], sensor: Sensor, rated: f64, change: impl Fn(&mut Monitor)) -> Vec<Notice> {
    notices_to(40.0, samples, sensor, rated, change)
}

/// What it says behind a sensor of so many times the rated current.
pub fn notices_to(
    times: f64,
    samples: &[f64],
    sensor: Sensor,
    rated: f64,
    change: impl Fn(&mut Monitor),
) -> Vec<Notice> {
    let codes = codes::<i32>(samples, 24, times * rated);
    let settings = monitored_to(times, sensor, 24, rated, change);
    let [each, few] = [false, true].map(|windows_only| listen(&codes, settings, windows_only).notices);
    assert_eq!(each, few, "without a leakage a decision depends on whether readings of cycles are wanted");
    each
}
