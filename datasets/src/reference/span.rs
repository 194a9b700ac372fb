//! Truth over a span of samples that need not begin or end on one.
//!
//! In come samples, a span in sample intervals and the phase of the mains, out go the quantities over just that span,
//! whatever the signal does in it. This file must not know how the span was found.
//!
//! Between samples the signal is taken as straight (trapezoids, the last cells in part): each sample weighs as much as
//! the part of its hat function that lies within the span.

use super::{CurrentTruth, Phasor, PowerTruth, Truth, WaveTruth};
use crate::Channels;
use core::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Measures `channels` from `from` to `to` (sample n lies at n, `to` above `from`). `turns` tells the phase of the mains
/// at such a place, in turns. With `dc_is_signal` the mean is part of RMS and powers. Frequency is in turns per sample
/// interval times `rate_hz`.
pub fn measure_span(
    channels: &Channels<Vec<f64>>,
    (from, to): (f64, f64),
    rate_hz: f64,
    dc_is_signal: bool,
    turns: impl Fn(f64) -> f64,
) -> Truth {
    let first = (from - 1.0).max(0.0) as usize;
    let weights: Vec<f64> = (first..=(to + 1.0) as usize)
        .map(|n| (hat_integral(to - n as f64) - hat_integral(from - n as f64)) / (to - from))
        .collect();
    let reference: Vec<(f64, f64)> =
        (0..weights.len()).map(|n| libm::sincos(TAU * turns((first + n) as f64).fract())).collect();
    let spans = channels.map(|samples| Span::new(samples.get(first..).unwrap_or(&[]), &weights, &reference));
    let rms = |span: &Span| libm::sqrt(span.square(&weights, dc_is_signal));
    let voltage = spans.voltage.as_ref();
    let currents = spans.currents.iter().map(|current| {
        let power = voltage.map(|voltage| {
            let active = voltage.product(current, &weights, dc_is_signal);
            PowerTruth::new(rms(voltage), rms(current), active, voltage.fundamental, current.fundamental)
        });
        CurrentTruth { current_a: rms(current), wave: Some(current.wave()), power }
    });
    Truth {
        frequency_hz: voltage.map(|_| (turns(to) - turns(from)) / (to - from) * rate_hz),
        voltage_v: voltage.map(rms),
        voltage_wave: voltage.map(Span::wave),
        currents: currents.collect(),
        residual_a: spans.residual.as_ref().map(rms),
        residual_wave: None,
    }
}

/// Integral of the hat function max(0, 1 - |x|) up to `x`.
fn hat_integral(x: f64) -> f64 {
    if x <= -1.0 {
        0.0
    } else if x <= 0.0 {
        0.5 * (1.0 + x) * (1.0 + x)
    } else if x < 1.0 {
        1.0 - 0.5 * (1.0 - x) * (1.0 - x)
    } else {
        1.0
    }
}

/// One channel over the span.
struct Span {
    without_mean: Vec<f64>,
    mean: f64,
    fundamental: Phasor,
}

impl Span {
    fn new(samples: &[f64], weights: &[f64], reference: &[(f64, f64)]) -> Self {
        let mean = samples.iter().zip(weights).map(|(x, weight)| x * weight).sum::<f64>();
        let without_mean: Vec<f64> = samples.iter().zip(weights).map(|(x, _)| x - mean).collect();
        // rms·√2·sin(ωt + phase) times 2·sin and 2·cos has the mean √2·rms·(cos phase, sin phase).
        let mut fundamental = Phasor::default();
        for ((x, weight), (sine, cosine)) in without_mean.iter().zip(weights).zip(reference) {
            fundamental.re += 2.0 * FRAC_1_SQRT_2 * x * weight * sine;
            fundamental.im += 2.0 * FRAC_1_SQRT_2 * x * weight * cosine;
        }
        Self { without_mean, mean, fundamental }
    }

    fn product(&self, other: &Self, weights: &[f64], dc_is_signal: bool) -> f64 {
        let products = self.without_mean.iter().zip(&other.without_mean).zip(weights);
        let dc = if dc_is_signal { self.mean * other.mean } else { 0.0 };
        products.map(|((v, i), weight)| v * i * weight).sum::<f64>() + dc
    }

    fn square(&self, weights: &[f64], dc_is_signal: bool) -> f64 {
        self.product(self, weights, dc_is_signal)
    }

    fn wave(&self) -> WaveTruth {
        let peak = crate::quantise::peak(&self.without_mean);
        WaveTruth { fundamental: libm::sqrt(self.fundamental.square()), dc: self.mean, peak: Some(peak) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Quantity;
    use crate::synthesis::{Component, Signal, Waveform};

    /// Ten cycles from anywhere between two samples have the truth of the closed form.
    #[test]
    fn agrees_with_the_closed_form_from_any_place() {
        let harmonic = |order, rms, phase_deg| Component { order, rms, phase_deg };
        let mut current = Signal { dc: 1.0, ..Signal::sine(10.0, -30.0) };
        current.components.extend([harmonic(3.0, 4.0, 165.0), harmonic(5.0, 3.0, -130.0)]);
        let mut voltage = Signal::sine(230.0, 0.0);
        voltage.components.push(harmonic(3.0, 6.9, -70.0));
        let channels = Channels { voltage: Some(voltage), currents: vec![current], residual: None };
        let waveform = Waveform { fundamental_hz: 49.37, channels };
        let samples = waveform.sample(64_000.0, 20_000);
        let length = 10.0 * 64_000.0 / 49.37;
        for from in [1.0, 17.31, 100.5, 2000.999] {
            for (dc_is_signal, truth) in [(false, Truth::of(&waveform)), (true, Truth::with_dc(&waveform))] {
                let span = (from, from + length);
                let measured = measure_span(&samples, span, 64_000.0, dc_is_signal, |n| n * 49.37 / 64_000.0);
                for quantity in Quantity::ALL {
                    let Some(should) = truth.value(quantity, 0) else { continue };
                    let error = measured.value(quantity, 0).unwrap() - should;
                    assert!(error.abs() < 3e-6 * should.abs().max(100.0), "{quantity:?} {from}: {error} {should}");
                }
            }
        }
    }
}
