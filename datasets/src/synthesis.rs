//! Signals made of sines, DC and noise, sampled without drift and with the same bits on every machine.
//!
//! In comes the description of a waveform, out go its samples in volt and ampere. This file must not know of ADC codes,
//! nor of what a meter should read (that is [`crate::reference`]).

mod burst;
mod chopped;
mod course;
mod fault;
mod noise;
mod saturation;
mod surge;

pub use burst::Burst;
pub use chopped::{Chopped, Halves};
pub use course::{Course, Ramp, Step};
pub use fault::{Fault, FaultForm, Level};
pub use noise::{Noise, NoiseShape};
pub use saturation::saturated;
pub use surge::{Surge, SurgeShape};

use crate::Channels;
use core::f64::consts::{SQRT_2, TAU};

/// One sine: x(t) = √2·rms·sin(2π·order·f·t + phase), where f is the fundamental frequency of the waveform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// Frequency as a multiple of the fundamental, above 0. Whole numbers are harmonics.
    pub order: f64,
    /// Root mean square in the unit of the channel, 0 or more.
    pub rms: f64,
    /// Phase at t = 0 in degrees against a sine.
    pub phase_deg: f64,
}

/// What one channel carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signal {
    /// Constant part in the unit of the channel.
    pub dc: f64,
    /// More of it that is no part of the wave: of a residual current, smooth direct current.
    pub smooth_dc: f64,
    /// The sines.
    pub components: Vec<Component>,
    /// Noise on top of it.
    pub noise: Option<Noise>,
}

impl Signal {
    /// A sine at the fundamental frequency of `rms`, `phase_deg` ahead of sin(2πft).
    pub fn sine(rms: f64, phase_deg: f64) -> Self {
        Self { components: vec![Component { order: 1.0, rms, phase_deg }], ..Self::default() }
    }

    /// What a transformer of that corner frequency (a high-pass of the first order) gives of the signal: H = jf/(jf + fc)
    /// of each sine, no DC; noise is the channel's own and stays.
    #[must_use]
    pub fn behind_transformer(&self, fundamental_hz: f64, corner_hz: f64) -> Self {
        let components = self.components.iter().map(|component| {
            let ratio = corner_hz / (component.order * fundamental_hz);
            Component {
                rms: component.rms / libm::hypot(1.0, ratio),
                phase_deg: component.phase_deg + libm::atan(ratio).to_degrees(),
                ..*component
            }
        });
        Self { dc: 0.0, smooth_dc: 0.0, components: components.collect(), noise: self.noise }
    }

    /// Samples at t = 0, 1/rate, 2/rate … in the unit of the channel.
    ///
    /// Sample n does not depend on the samples before it (noise excepted): the phase is reduced from n itself, exact to
    /// some 10⁻¹⁵ turns for as long as n stays below 2⁵³.
    pub fn sample(&self, fundamental_hz: f64, rate_hz: f64, frames: usize) -> Vec<f64> {
        let mut samples = vec![self.dc + self.smooth_dc; frames];
        for component in &self.components {
            let frequency = component.order * fundamental_hz;
            let start = component.phase_deg / 360.0;
            for (n, sample) in samples.iter_mut().enumerate() {
                let angle = TAU * (turn(n, frequency, rate_hz) + start);
                *sample += SQRT_2 * component.rms * libm::sin(angle);
            }
        }
        self.add_noise(&mut samples);
        samples
    }

    /// Samples of a signal that changes: sample n is `lead[n]` turns of the fundamental ahead, and all but the noise is
    /// multiplied by `factor[n]`.
    fn sample_along(&self, fundamental_hz: f64, rate_hz: f64, lead: &[f64], factor: &[f64]) -> Vec<f64> {
        let mut samples = vec![self.dc + self.smooth_dc; lead.len()];
        for component in &self.components {
            let frequency = component.order * fundamental_hz;
            let start = component.phase_deg / 360.0;
            for (n, (sample, lead)) in samples.iter_mut().zip(lead).enumerate() {
                let turns = turn(n, frequency, rate_hz) + libm::fmod(component.order * lead, 1.0) + start;
                *sample += SQRT_2 * component.rms * libm::sin(TAU * turns);
            }
        }
        for (sample, factor) in samples.iter_mut().zip(factor) {
            *sample *= factor;
        }
        self.add_noise(&mut samples);
        samples
    }

    fn add_noise(&self, samples: &mut [f64]) {
        if let Some(noise) = &self.noise {
            noise.add_to(samples);
        }
    }
}

/// Phase of sample `n` in turns, -1 to 1: the fraction of n·frequency/rate.
///
/// The product is carried in two words and reduced by whole turns before the division, so that the error does not grow
/// with n.
fn turn(n: usize, frequency: f64, rate: f64) -> f64 {
    let n = n as f64;
    let product = n * frequency;
    let rest = libm::fma(n, frequency, -product);
    let turns = libm::floor(product / rate);
    (libm::fma(-turns, rate, product) + rest) / rate
}

/// A whole waveform: all channels over one fundamental frequency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waveform {
    /// Fundamental frequency in hertz, above 0.
    pub fundamental_hz: f64,
    /// What each channel carries, in volt and ampere.
    pub channels: Channels<Signal>,
}

impl Waveform {
    /// Samples of every channel from t = 0 on.
    pub fn sample(&self, rate_hz: f64, frames: usize) -> Channels<Vec<f64>> {
        self.channels.map(|signal| signal.sample(self.fundamental_hz, rate_hz, frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_at_a_quarter_of_the_rate_takes_its_four_values() {
        let signal = Signal { dc: 1.0, ..Signal::sine(2.0, 0.0) };
        let peak = 2.0 * SQRT_2;
        let expected = [1.0, 1.0 + peak, 1.0, 1.0 - peak, 1.0];
        for (is, should) in signal.sample(50.0, 200.0, 5).iter().zip(expected) {
            assert!((is - should).abs() < 1e-14, "{is} {should}");
        }
    }

    #[test]
    fn phase_is_against_a_sine_and_order_multiplies_the_frequency() {
        let lead = Signal::sine(1.0, 90.0).sample(50.0, 8000.0, 1)[0];
        assert!((lead - SQRT_2).abs() < 1e-15);
        let third =
            Signal { components: vec![Component { order: 3.0, rms: 1.0, phase_deg: 20.0 }], ..Signal::default() };
        let same = Signal::sine(1.0, 20.0);
        assert_eq!(third.sample(50.0, 8000.0, 500), same.sample(150.0, 8000.0, 500));
    }

    #[test]
    fn the_phase_does_not_drift_over_a_year_of_samples() {
        // 49.37 Hz is n·4937/800000 turns of an 8 kHz clock: whole numbers give the truth.
        let year = 8000_u64 * 86400 * 365;
        for n in [1, 800_000, 123_456_789, year, year + 4321] {
            let exact = (u128::from(n) * 4937 % 800_000) as f64 / 800_000.0;
            // The decimal 49.37 is not a double: its own error times n is not the fault of the reduction.
            let of_the_decimal = n as f64 * (49.37 - 4937.0 / 100.0) / 8000.0;
            let error = turn(n as usize, 49.37, 8000.0) - exact - of_the_decimal;
            let representation = n as f64 * 49.37 * f64::EPSILON / 8000.0;
            assert!((error - error.round()).abs() < 1e-15 + representation, "{n}: {error}");
        }
        // A frequency that is a double has no such excuse.
        for n in [year, year + 1, year + 777] {
            let exact = (u128::from(n) * 49_375 % 8_000_000) as f64 / 8_000_000.0;
            let error = turn(n as usize, 49.375, 8000.0) - exact;
            assert!((error - error.round()).abs() < 1e-15, "{n}: {error}");
        }
    }

    /// A half-wave behind 5 Hz: the series (its tail is 1/2000π of the peak at the kink) against the switched current, long
    /// after it was switched on.
    #[test]
    fn a_transformer_turns_each_sine() {
        let form = FaultForm::Pulsating { delay_deg: 0.0 };
        let mut switched = vec![0.0; 8000];
        Fault::sudden(form, 0.042, 50.0, 0.0, 0.0).add_to(&mut switched, 8000.0, Some(5.0));
        let prospective_rms = 0.042 * form.peak_over_rms() / SQRT_2;
        let half = Chopped { prospective_rms, delay_deg: 0.0, halves: Halves::Positive, phase_deg: 0.0 }.signal(2000);
        let mut smooth = half.clone();
        smooth.smooth_dc = 0.006;
        assert!((smooth.sample(50.0, 8000.0, 10)[3] - half.sample(50.0, 8000.0, 10)[3] - 0.006).abs() < 1e-15);
        let series = smooth.behind_transformer(50.0, 5.0).sample(50.0, 8000.0, 8000);
        for (n, (switched, series)) in switched.iter().zip(&series).enumerate().skip(7000) {
            assert!((switched - series).abs() < 2e-5, "{n}: {switched} {series}");
        }
    }

    #[test]
    fn channels_share_the_fundamental() {
        let waveform = Waveform {
            fundamental_hz: 60.0,
            channels: Channels {
                voltage: Some(Signal::sine(230.0, 0.0)),
                currents: vec![Signal::sine(1.0, -60.0), Signal::sine(2.0, 0.0)],
                residual: None,
            },
        };
        let samples = waveform.sample(8000.0, 100);
        assert_eq!(samples.count(), 3);
        assert_eq!(samples.currents[0], Signal::sine(1.0, -60.0).sample(60.0, 8000.0, 100));
    }
}
