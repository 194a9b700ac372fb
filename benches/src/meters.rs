//! Meters that are held against each other: this one, loops as one writes them first, and another crate.
//!
//! In comes a signal whose truth is known, out go readings, and how far they are off. All get the same signal as an ADC
//! gives it, of 24 bits unless the name says otherwise; what wants volts and amperes gets them made of the codes
//! beforehand, which is part of no cost. This file must not know how a cost is measured.
//!
//! - `metering-core`: the whole path, lock and readings included.
//! - `naive f64`, `naive f32`: the nine sums of a full meter against a table of one cycle of 50 Hz. They know the frequency
//!   and have neither lock nor edges: a bound, not a meter. What they read at another frequency shows why.
//! - `metrology_insight` 0.1.5, the only other meter in Rust that was found: its whole pipeline for one phase, events,
//!   flicker and harmonics among it.

mod core;
mod insight;
mod naive;

use std::ops::Range;

use anyhow::Context;
use datasets::Channels;
use datasets::quantise::Quantiser;
use datasets::reference::Truth;
use datasets::synthesis::{Component, Signal as Wave, Waveform};

pub use self::core::Core;

/// Frames per second.
pub const RATE: usize = 8_000;
/// Frames in a cycle of 50 Hz: what is handed over at a time.
pub const CYCLE: usize = 160;
/// Frames in ten cycles.
pub const WINDOW: usize = 10 * CYCLE;
/// Windows until each of them reads what it is going to read.
pub const SETTLED: usize = 8;

/// Full scale of the voltage in volt and of the currents in ampere.
const RANGES: (u16, u16) = (400, 25);

/// What a meter reads of one window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readings {
    /// Volt RMS.
    pub voltage: f64,
    /// Ampere RMS.
    pub current: f64,
    /// Active power in watt.
    pub active: f64,
}

/// One voltage, one current, and what is to be read of them.
#[derive(Clone, Debug)]
pub struct Signal {
    samples: Channels<Vec<f64>>,
    truth: Truth,
}

impl Signal {
    /// 230 V with a little fifth harmonic, 10 A 30 degrees behind with some third one.
    pub fn new(hertz: f64, windows: usize) -> Self {
        let sines = |fundamental: Wave, order, rms| {
            let harmonic = Component { order, rms, phase_deg: 40.0 };
            Wave { components: fundamental.components.into_iter().chain([harmonic]).collect(), ..Wave::default() }
        };
        let channels = Channels {
            voltage: Some(sines(Wave::sine(230.0, 0.0), 5.0, 5.0)),
            currents: vec![sines(Wave::sine(10.0, -30.0), 3.0, 2.0)],
            residual: None,
        };
        let waveform = Waveform { fundamental_hz: hertz, channels };
        Self { samples: waveform.sample(RATE as f64, windows * WINDOW), truth: Truth::of(&waveform) }
    }

    fn codes(&self, bits: u8) -> (Vec<i32>, Vec<i32>) {
        let codes = |samples: &[f64], range: u16| Quantiser { bits, range: f64::from(range) }.quantise(samples).codes;
        let voltage = self.samples.voltage.as_deref().unwrap_or_default();
        (codes(voltage, RANGES.0), self.samples.currents.first().map_or(vec![], |current| codes(current, RANGES.1)))
    }

    /// Volt and ampere as the codes have them.
    fn values<T>(&self, made: impl Fn(f64) -> T) -> (Vec<T>, Vec<T>) {
        let (voltage, current) = self.codes(24);
        let step = |range: u16| f64::from(range) / 2f64.powi(23);
        let values = |codes: Vec<i32>, step: f64| codes.into_iter().map(|code| made(f64::from(code) * step)).collect();
        (values(voltage, step(RANGES.0)), values(current, step(RANGES.1)))
    }
}

/// A meter with the whole signal before it.
pub trait Meters {
    /// Meters these frames, whole cycles, and hands over what it reads of each window that ends in them.
    fn play(&mut self, frames: Range<usize>, each: &mut dyn FnMut(Readings));
}

/// The names of all.
pub const NAMES: [&str; 5] =
    ["metering-core, 16 bits", "metering-core, 24 bits", "naive f64", "naive f32", "metrology_insight"];

/// The meter of that name.
///
/// # Errors
/// If there is none.
pub fn meter(name: &str, signal: &Signal) -> anyhow::Result<Box<dyn Meters>> {
    let index = NAMES.iter().position(|known| *known == name).with_context(|| format!("no meter {name:?}"))?;
    Ok(match index {
        0 => Box::new(Core::<i16, 1>::new(signal, false)),
        1 => Box::new(Core::<i32, 1>::new(signal, false)),
        2 => Box::new(naive::Naive::new(signal, |value| value)),
        3 => Box::new(naive::Naive::new(signal, |value| value as f32)),
        _ => Box::new(insight::Insight::new(signal)),
    })
}

/// The worst error of any window once settled in ppm: of voltage and current a part of themselves, of the active power a
/// part of the apparent one.
///
/// # Errors
/// If there is no meter of that name, or it reads nothing.
pub fn worst_error(name: &str, hertz: f64) -> anyhow::Result<f64> {
    const WINDOWS: usize = 40;
    let signal = Signal::new(hertz, WINDOWS);
    let mut meter = meter(name, &signal)?;
    let truth = signal.truth.currents.first().context("one current")?;
    let (voltage, power) = (signal.truth.voltage_v.context("a voltage")?, truth.power.context("a power")?);
    let (mut worst, mut seen) = (0f64, 0);
    meter.play(0..WINDOWS * WINDOW, &mut |read| {
        seen += 1;
        if seen > SETTLED {
            let of = |read: f64, truth: f64, basis: f64| ((read - truth) / basis).abs();
            worst = worst
                .max(of(read.voltage, voltage, voltage))
                .max(of(read.current, truth.current_a, truth.current_a))
                .max(of(read.active, power.active_w, power.apparent_va));
        }
    });
    anyhow::ensure!(seen > 2 * SETTLED, "{name} read {seen} windows");
    Ok(worst * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_read_the_same_power_where_the_naive_ones_know_the_frequency() {
        for (name, ppm) in NAMES.into_iter().zip([10.0, 0.1, 0.05, 5.0, 3_000.0]) {
            let error = worst_error(name, 50.0).unwrap();
            println!("{name}: {error} ppm");
            assert!(error < ppm, "{name}: {error} ppm");
        }
        assert!(worst_error("nobody", 50.0).is_err());
    }

    #[test]
    fn only_a_lock_holds_beside_the_nominal_frequency() {
        for (name, at_least, at_most) in [("metering-core, 16 bits", 0.0, 20.0), ("naive f64", 100.0, 20_000.0)] {
            let error = worst_error(name, 50.3).unwrap();
            assert!((at_least..at_most).contains(&error), "{name}: {error} ppm");
        }
    }
}
