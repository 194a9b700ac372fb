//! Burst fire: some whole cycles let through, some not, over and over.
//!
//! In come the amplitude and the cycles, out goes the Fourier series over the period of the whole pattern up to a
//! cut-off as a [`Signal`]: what an anti-alias filter leaves of the corners. This file must not know of norms or limits.

use super::{Component, Signal};
use core::f64::consts::TAU;

/// A sine let through for `on` cycles and blocked for `off` cycles, switched where it rises through zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// RMS of the whole sine, in the unit of the channel.
    pub prospective_rms: f64,
    /// Cycles let through, at least 1.
    pub on: u32,
    /// Cycles blocked.
    pub off: u32,
    /// Phase of the sine at t = 0 in degrees; the pattern began that much before.
    pub phase_deg: f64,
}

impl Burst {
    /// The series of all orders up to `highest_order` of the fundamental; its steps are one period of the pattern.
    pub fn signal(&self, highest_order: usize) -> Signal {
        let period = f64::from(self.on + self.off);
        let end = TAU * f64::from(self.on);
        let mut signal = Signal::default();
        for step in 1..=highest_order * (self.on + self.off) as usize {
            let order = step as f64 / period;
            // sin x·cos mx and sin x·sin mx over the cycles let through, twice their mean over the period.
            let share = 1.0 / (period * TAU / 2.0);
            let cosine = share * 0.5 * (sine_integral(1.0 + order, end) + sine_integral(1.0 - order, end));
            let sine = share * 0.5 * (cosine_integral(1.0 - order, end) - cosine_integral(1.0 + order, end));
            let rms = self.prospective_rms * libm::hypot(cosine, sine);
            if rms > 1e-15 * self.prospective_rms {
                let phase_deg = libm::atan2(cosine, sine).to_degrees() + order * self.phase_deg;
                signal.components.push(Component { order, rms, phase_deg });
            }
        }
        signal
    }
}

/// Integral of sin(mx) from 0 to `end`.
fn sine_integral(m: f64, end: f64) -> f64 {
    if m == 0.0 { 0.0 } else { (1.0 - libm::cos(m * end)) / m }
}

/// Integral of cos(mx) from 0 to `end`.
fn cosine_integral(m: f64, end: f64) -> f64 {
    if m == 0.0 { end } else { libm::sin(m * end) / m }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

    /// Two cycles on, two off: the samples of the series are those of the switched sine, away from its corners.
    #[test]
    fn samples_follow_the_switched_sine() {
        let burst = Burst { prospective_rms: 1.0, on: 2, off: 2, phase_deg: 40.0 };
        for (n, sample) in burst.signal(60).sample(1.0, 360.0, 360 * 6).iter().enumerate() {
            let angle = (n as f64 + 40.0) % (4.0 * 360.0);
            let expected = if angle < 720.0 { SQRT_2 * libm::sin(angle.to_radians()) } else { 0.0 };
            assert!((sample - expected).abs() < 0.02, "{n}: {sample} {expected}");
        }
    }

    /// IEC 62053-21: I = I0/√2, P = 0.5·U·I0 by the fundamental alone, in phase with the voltage.
    #[test]
    fn rms_and_fundamental() {
        let signal = Burst { prospective_rms: 5.0, on: 2, off: 2, phase_deg: 77.0 }.signal(60);
        let rms = signal.components.iter().map(|line| line.rms * line.rms).sum::<f64>().sqrt();
        assert!((rms / 5.0 - FRAC_1_SQRT_2).abs() < 2e-6, "{rms}");
        let fundamental = signal.components.iter().find(|line| line.order.to_bits() == 1f64.to_bits()).unwrap();
        assert!((fundamental.rms / 5.0 - 0.5).abs() < 1e-12 && (fundamental.phase_deg - 77.0).abs() < 1e-9);
    }
}
