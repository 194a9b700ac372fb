//! Surges and bursts as a sensor and an anti-alias filter leave them.
//!
//! In comes a surge in the primary, out go samples behind a low-pass. This file must not know of norms or sensors.
//!
//! A surge lasts microseconds and a sample more than a hundred of them, so it is stepped at 4.096 MHz.

use core::f64::consts::{PI, TAU};

/// Steps a second: one is 0.24 µs.
const STEP_HZ: f64 = 4.096e6;

/// Course of a surge; formulas of IEEE C62.41, not checked against its text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SurgeShape {
    /// 8/20 µs: 0.01243·t³·e^(-t/3.911 µs) of the peak, t in µs.
    Impulse,
    /// 0.5 µs/100 kHz: 1.59·(1 - e^(-t/0.533 µs))·e^(-t/9.788 µs)·cos(2π·100 kHz·t) of the peak.
    RingWave,
    /// 5/50 ns pulses at 5 kHz for 15 ms: each is the charge of its exponential, 72 ns times the peak.
    FastTransients,
    /// A capacitor that is charged through a resistance: e^(-t/τ) of the peak.
    Charge {
        /// Time constant in seconds.
        tau_s: f64,
    },
}

/// A surge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// Its course.
    pub shape: SurgeShape,
    /// Its peak in ampere, signed.
    pub peak: f64,
    /// When it begins, in seconds.
    pub at_s: f64,
}

impl SurgeShape {
    /// Share of the peak `t` seconds after the begin, as the mean over a step of `step_s` for pulses shorter than one.
    fn at(self, t: f64, step_s: f64) -> f64 {
        let micro = t * 1e6;
        match self {
            _ if t < 0.0 => 0.0,
            Self::Impulse => 0.01243 * micro * micro * micro * libm::exp(-micro / 3.911),
            Self::RingWave => {
                let rise = 1.0 - libm::exp(-micro / 0.533);
                1.59 * rise * libm::exp(-micro / 9.788) * libm::cos(TAU * 0.1 * micro)
            }
            Self::FastTransients => {
                // A little later, so that no rounding puts a pulse into two steps or none.
                let periods = t * 5e3 + 1e-6;
                let number = libm::floor(periods);
                let since = (periods - number) / 5e3;
                if number < 75.0 && since < step_s { 72e-9 / step_s } else { 0.0 }
            }
            Self::Charge { tau_s } => libm::exp(-t / tau_s),
        }
    }

    /// How long it has anything to give, in seconds.
    fn length_s(self) -> f64 {
        match self {
            Self::Impulse | Self::RingWave => 200e-6,
            Self::FastTransients => 15e-3,
            Self::Charge { tau_s } => 30.0 * tau_s,
        }
    }
}

impl Surge {
    /// Adds what a Butterworth low-pass of `order` 2 or 4 and of this cut-off leaves of the surge to `samples`.
    /// `rate_hz` divides 4.096 MHz, the rate of the steps.
    pub fn add_to(&self, samples: &mut [f64], rate_hz: f64, cut_off_hz: f64, order: usize) {
        let step_s = 1.0 / STEP_HZ;
        let steps = (STEP_HZ / rate_hz).round() as usize;
        let mut sections: Vec<Section> = (0..order / 2).map(|n| Section::butterworth(cut_off_hz, order, n)).collect();
        let first = (self.at_s * rate_hz) as usize;
        let length = self.shape.length_s();
        // Forty times the period of the cut-off later nothing is left.
        let last = ((self.at_s + length + 40.0 / cut_off_hz) * rate_hz) as usize;
        for (n, sample) in samples.iter_mut().enumerate().take(last).skip(first) {
            // The sample is taken before the steps that follow it.
            *sample += sections.last().map_or(0.0, |section| section.output);
            for step in 0..steps {
                let since = (n * steps + step) as f64 * step_s - self.at_s;
                let x = if since <= length { self.peak * self.shape.at(since, step_s) } else { 0.0 };
                sections.iter_mut().fold(x, |signal, section| section.step(signal));
            }
        }
    }
}

/// Two poles of a Butterworth low-pass, by the bilinear transform at the rate of the steps.
#[derive(Clone, Copy, Debug)]
struct Section {
    gain: f64,
    a1: f64,
    a2: f64,
    state: (f64, f64),
    output: f64,
}

impl Section {
    fn butterworth(cut_off_hz: f64, order: usize, number: usize) -> Self {
        let k = libm::tan(PI * cut_off_hz / STEP_HZ);
        let damping = 2.0 * libm::sin(PI * (2 * number + 1) as f64 / (2 * order) as f64);
        let norm = 1.0 / (1.0 + damping * k + k * k);
        let (a1, a2) = (2.0 * (k * k - 1.0) * norm, (1.0 - damping * k + k * k) * norm);
        Self { gain: k * k * norm, a1, a2, state: (0.0, 0.0), output: 0.0 }
    }

    fn step(&mut self, x: f64) -> f64 {
        let scaled = self.gain * x;
        let y = scaled + self.state.0;
        self.state = (2.0 * scaled - self.a1 * y + self.state.1, scaled - self.a2 * y);
        self.output = y;
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Peaks are 1 and the times those of the names: 8 µs from 0.1·10/8 before to the crest, 20 µs to half of it.
    #[test]
    fn shapes_have_their_peaks() {
        let values = |shape: SurgeShape| (0..20_000).map(move |n| shape.at(f64::from(n) * 1e-8, 1e-8));
        for (shape, crest, near) in [(SurgeShape::Impulse, 1.0, 0.01), (SurgeShape::RingWave, 1.0, 0.05)] {
            let peak = values(shape).fold(0.0, f64::max);
            assert!((peak - crest).abs() < near, "{shape:?} {peak}");
        }
        let impulse: Vec<f64> = values(SurgeShape::Impulse).collect();
        let crossing = |level: f64| impulse.iter().position(|x| *x >= level).unwrap() as f64 * 1e-2;
        assert!((1.25 * (crossing(0.9) - crossing(0.1)) - 8.0).abs() < 0.3);
        let half = impulse.iter().rposition(|x| *x >= 0.5).unwrap() as f64 * 1e-2;
        let virtual_zero = crossing(0.1) - 0.1 * 1.25 * (crossing(0.9) - crossing(0.1));
        assert!((half - virtual_zero - 20.0).abs() < 0.5, "{half}");
    }

    /// Samples from 16 places between two samples, one after the other: what each sums up to depends on the place, as
    /// the low-pass leaves something at the sampling rate.
    fn from_all_places(shape: SurgeShape, frames: usize, order: usize) -> Vec<f64> {
        (0..16)
            .flat_map(|place| {
                let mut samples = vec![0.0; frames];
                let at_s = 0.01 + f64::from(place) / 16.0 / 8000.0;
                Surge { shape, peak: 250.0, at_s }.add_to(&mut samples, 8000.0, 3200.0, order);
                assert!(samples[..80].iter().all(|x| x.abs() < 1e-12), "nothing before it begins");
                samples
            })
            .collect()
    }

    /// The samples sum up to the charge: filters of unity gain keep it, whatever their order.
    #[test]
    fn the_charge_is_kept() {
        for order in [2, 4] {
            for (shape, charge) in [
                // 0.01243·3!·3.911⁴ µs; 75 pulses of 72 ns; τ.
                (SurgeShape::Impulse, 0.01243 * 6.0 * 3.911_f64.powi(4) * 1e-6),
                (SurgeShape::FastTransients, 75.0 * 72e-9),
                (SurgeShape::Charge { tau_s: 50e-6 }, 50e-6),
            ] {
                let samples = from_all_places(shape, 400, order);
                let sum = samples.iter().sum::<f64>() / 16.0 / 8000.0;
                assert!((sum / (250.0 * charge) - 1.0).abs() < 4e-3, "{shape:?} {order}: {sum}");
            }
        }
    }
}
