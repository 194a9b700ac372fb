//! Noise that is the same in every run and on every machine.
//!
//! In comes a shape, a level and a seed, out goes a stream of values. This file must not know what it is added to.

use core::f64::consts::TAU;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Distribution of the noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoiseShape {
    /// Normal distribution.
    Gaussian,
    /// Uniform distribution; its ends are ±√3·rms.
    Uniform,
}

/// White noise without a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Distribution.
    pub shape: NoiseShape,
    /// Root mean square in the unit of the channel, 0 or more.
    pub rms: f64,
    /// Start of the generator; channels with different seeds carry independent noise.
    pub seed: u64,
}

impl Noise {
    /// Adds the noise to samples.
    pub fn add_to(&self, samples: &mut [f64]) {
        let mut source = self.source();
        for sample in samples {
            *sample += source.next();
        }
    }

    pub(super) fn source(&self) -> NoiseSource {
        NoiseSource { noise: *self, generator: Xoshiro256PlusPlus::seed_from_u64(self.seed) }
    }
}

/// The stream of one [`Noise`].
pub(super) struct NoiseSource {
    noise: Noise,
    generator: Xoshiro256PlusPlus,
}

impl NoiseSource {
    /// Next value, in the unit of `rms`.
    pub(super) fn next(&mut self) -> f64 {
        let unit = match self.noise.shape {
            NoiseShape::Gaussian => {
                // Box-Muller; 1 - uniform is never 0, so the logarithm is finite.
                let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
                radius * libm::cos(TAU * self.uniform())
            }
            NoiseShape::Uniform => libm::sqrt(12.0) * (self.uniform() - 0.5),
        };
        self.noise.rms * unit
    }

    /// 0 to 1, 1 excluded, 53 bits.
    fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(shape: NoiseShape, seed: u64, count: usize) -> Vec<f64> {
        let mut source = Noise { shape, rms: 0.5, seed }.source();
        (0..count).map(|_| source.next()).collect()
    }

    /// Moments of 200 000 values stay within five standard errors of the distribution's own.
    #[test]
    fn moments_are_those_of_the_distribution() {
        for (shape, kurtosis) in [(NoiseShape::Gaussian, 3.0), (NoiseShape::Uniform, 1.8)] {
            let values = values(shape, 1, 200_000);
            let moment = |power| values.iter().map(|x| f64::powi(x / 0.5, power)).sum::<f64>() / values.len() as f64;
            assert!(moment(1).abs() < 0.012, "{shape:?} mean {}", moment(1));
            assert!((moment(2) - 1.0).abs() < 0.016, "{shape:?} variance {}", moment(2));
            assert!((moment(4) - kurtosis).abs() < 0.11, "{shape:?} fourth moment {}", moment(4));
        }
    }

    #[test]
    fn the_seed_alone_decides() {
        assert_eq!(values(NoiseShape::Gaussian, 7, 100), values(NoiseShape::Gaussian, 7, 100));
        assert_ne!(values(NoiseShape::Gaussian, 7, 100), values(NoiseShape::Gaussian, 8, 100));
    }

    #[test]
    fn uniform_noise_stays_within_its_ends() {
        let end = 0.5 * libm::sqrt(3.0);
        assert!(values(NoiseShape::Uniform, 3, 100_000).iter().all(|x| x.abs() <= end));
    }
}
