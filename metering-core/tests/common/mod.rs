//! A synthetic mains of known closed form, shared by the tests. Uses nothing of the crate but its public types.

#![allow(dead_code, reason = "each test binary uses a part")]

use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::{Flags, Reading};
use metering_core::{Block, Meter, Sample};

pub const VOLT: f64 = 400.0;
pub const AMPERE: f64 = 25.0;

/// Voltage and current of one feed.
#[derive(Clone)]
pub struct Mains {
    pub rate: f64,
    pub bits: u32,
    pub hertz: f64,
    pub volt: f64,
    pub ampere: f64,
    pub lag: f64,
    pub start: f64,
    /// Harmonics of voltage and current: order, share of the fundamental.
    pub volt_harmonics: Vec<(f64, f64)>,
    pub harmonics: Vec<(f64, f64)>,
    pub offset: f64,
}

impl Default for Mains {
    fn default() -> Self {
        Self {
            rate: 8_000.0,
            bits: 24,
            hertz: 50.0,
            volt: 230.0,
            ampere: 10.0,
            lag: 60.0,
            start: 30.0,
            volt_harmonics: vec![],
            harmonics: vec![],
            offset: 0.01,
        }
    }
}

impl Mains {
    pub fn code(&self, n: usize, rms: f64, range: f64, shift: f64, harmonics: &[(f64, f64)]) -> i32 {
        let turns = (self.hertz / self.rate * n as f64).fract();
        let angle = |order: f64| ((turns * 360.0 + self.start - shift) * order).to_radians();
        let wave = harmonics.iter().fold(angle(1.0).sin(), |sum, &(order, share)| sum + share * angle(order).sin());
        let full = f64::from(1 << (self.bits - 1));
        let code = ((wave * rms * 2f64.sqrt() / range + self.offset) * full).round();
        (code as i32).clamp(-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1)
    }

    pub fn readings<S: Sample>(&self, seconds: f64, convert: impl Fn(i32) -> S) -> Vec<Reading<1>> {
        let (v, i) = self.codes(seconds, convert);
        let mut out = vec![];
        let mut meter = Meter::new(self.config());
        meter.push(&Block { voltage: &v, currents: [&i], residual: &[] }, &mut |reading: &Reading<1>| {
            out.push(*reading);
        });
        out
    }

    pub fn config<S: Sample>(&self) -> Config<S, 1> {
        Config::new(Settings {
            voltage: Some(Channel::new(Volt::from_num(VOLT))),
            currents: [Some(Channel::new(Ampere::from_num(AMPERE)))],
            ..Settings::new(SampleRate::from_num(self.rate), self.bits)
        })
        .unwrap()
    }

    pub fn codes<S: Sample>(&self, seconds: f64, convert: impl Fn(i32) -> S) -> (Vec<S>, Vec<S>) {
        let frames = (seconds * self.rate) as usize;
        (0..frames)
            .map(|n| {
                let voltage = self.code(n, self.volt, VOLT, 0.0, &self.volt_harmonics);
                (convert(voltage), convert(self.code(n, self.ampere, AMPERE, self.lag, &self.harmonics)))
            })
            .unzip()
    }

    /// Worst errors: voltage and current in ppm, P and Q1 in ppm of S, frequency in Hz, phase in degrees.
    pub fn worst(&self, readings: &[Reading<1>]) -> [f64; 6] {
        let total = |h: &[(f64, f64)]| h.iter().fold(1.0, |sum, (_, share)| sum + share * share).sqrt();
        let (volt, ampere) = (self.volt * total(&self.volt_harmonics), self.ampere * total(&self.harmonics));
        let lag = self.lag.to_radians();
        let common: f64 = self
            .harmonics
            .iter()
            .flat_map(|(order, share)| {
                self.volt_harmonics
                    .iter()
                    .filter(move |(o, _)| (o - order).abs() < 0.5)
                    .map(move |(_, s)| s * share * (lag * order).cos())
            })
            .sum();
        let base = self.volt * self.ampere;
        let (active, reactive) = (base * (lag.cos() + common), base * lag.sin());
        let mut worst = [0f64; 6];
        for reading in readings {
            assert_eq!(reading.flags, Flags::empty());
            let current = reading.currents[0].unwrap();
            let power = current.power.unwrap();
            let off = [
                (reading.voltage.unwrap().rms.to_num::<f64>() / volt - 1.0) * 1e6,
                (current.rms.to_num::<f64>() / ampere - 1.0) * 1e6,
                (power.active.to_num::<f64>() - active) / (volt * ampere) * 1e6,
                (power.reactive.to_num::<f64>() - reactive) / (volt * ampere) * 1e6,
                reading.frequency.unwrap().to_num::<f64>() - self.hertz,
                power.phase.to_num::<f64>() - self.lag,
            ];
            for (worst, off) in worst.iter_mut().zip(off) {
                *worst = worst.max(off.abs());
            }
        }
        worst
    }
}
