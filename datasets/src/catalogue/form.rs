//! Waveforms by name: what the norms call sine, phase-fired, half-wave and burst fire, with harmonics and DC.
//!
//! In comes the TOML of one channel, out goes its signal at an RMS and a phase. This file must not know limits or grids.

use crate::synthesis::{Burst, Chopped, Component, Halves, Signal};

/// How a channel deviates from a sine.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Form {
    shape: Shape,
    /// Order, percent of the fundamental, and phase in degrees where the fundamental of the voltage starts at 0.
    harmonics: Vec<(u32, f64, f64)>,
    /// DC in percent of the fundamental's RMS.
    dc_percent: f64,
}

#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    #[default]
    Sine,
    /// Let through from 90 degrees of each half-wave on.
    PhaseFired90,
    /// Only the positive half-waves.
    HalfWave,
    /// Two cycles on, two off.
    Burst,
}

impl Form {
    /// The signal: `rms` of the whole (prospective) sine, `phase_deg` of it at t = 0, `start_deg` of the voltage. Jumps
    /// are limited to orders up to `highest_order`.
    pub(super) fn signal(&self, rms: f64, phase_deg: f64, start_deg: f64, highest_order: usize) -> Signal {
        let chopped =
            |delay_deg, halves| Chopped { prospective_rms: rms, delay_deg, halves, phase_deg }.signal(highest_order);
        let mut signal = match self.shape {
            Shape::Sine => Signal::sine(rms, phase_deg),
            Shape::PhaseFired90 => chopped(90.0, Halves::Both),
            Shape::HalfWave => chopped(0.0, Halves::Positive),
            Shape::Burst => Burst { prospective_rms: rms, on: 2, off: 2, phase_deg }.signal(highest_order),
        };
        for &(order, percent, phase_deg) in &self.harmonics {
            let order = f64::from(order);
            let phase_deg = phase_deg + order * start_deg;
            signal.components.push(Component { order, rms: rms * percent / 100.0, phase_deg });
        }
        signal.dc += rms * self.dc_percent / 100.0;
        signal
    }
}
