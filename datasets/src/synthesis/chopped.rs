//! Sines that are let through for a part of each cycle: half-wave, phase-fired, pulsating DC.
//!
//! In come the amplitude and the angle from which the sine is let through, out goes its Fourier series up to a cut-off
//! as a [`Signal`]: what an anti-alias filter leaves of the jumps. This file must not know of norms or limits.
//!
//! The truth of the finite series is [`crate::reference::Truth::of`]; RMS and power of the whole waveform, which the
//! norms give, are met as the cut-off goes to infinity.

use super::{Component, Signal};
use core::f64::consts::{FRAC_1_SQRT_2, PI};

/// Which half-waves are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halves {
    /// The positive one only: a half-wave, or pulsating DC of a controlled rectifier. It has a DC.
    Positive,
    /// Both: phase-fired.
    Both,
}

/// A chopped sine: √2·rms·sin(x) from `delay_deg` to 180 degrees of each half-wave let through, 0 elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chopped {
    /// RMS of the whole sine, before it is chopped, in the unit of the channel.
    pub prospective_rms: f64,
    /// Angle of the half-wave at which the sine is let through, 0 to 180 degrees.
    pub delay_deg: f64,
    /// Which half-waves are let through.
    pub halves: Halves,
    /// Phase of the sine at t = 0 in degrees.
    pub phase_deg: f64,
}

impl Chopped {
    /// The series of all orders up to `highest_order` (0.4 of the sampling rate over the fundamental is the use), DC
    /// included.
    pub fn signal(&self, highest_order: usize) -> Signal {
        let delay = self.delay_deg.to_radians();
        let mut signal = Signal::default();
        if self.halves == Halves::Positive {
            signal.dc = self.prospective_rms * (1.0 + libm::cos(delay)) * FRAC_1_SQRT_2 / PI;
        }
        for order in 1..=highest_order {
            let (cosine, sine) = pulse(order as f64, delay);
            // The negative half-wave repeats the positive one half a cycle later, turned over: it doubles the odd
            // orders and cancels the even ones.
            let share = match (self.halves, order % 2) {
                (Halves::Positive, _) => self.prospective_rms,
                (Halves::Both, 1) => 2.0 * self.prospective_rms,
                (Halves::Both, _) => continue,
            };
            let rms = share * libm::hypot(cosine, sine);
            if rms > 1e-15 * self.prospective_rms {
                let phase_deg = libm::atan2(cosine, sine).to_degrees() + order as f64 * self.phase_deg;
                signal.components.push(Component { order: order as f64, rms, phase_deg });
            }
        }
        signal
    }
}

/// Fourier coefficients (of cos nx and sin nx) of sin(x) between `delay` and π, 0 elsewhere in the cycle.
fn pulse(order: f64, delay: f64) -> (f64, f64) {
    // sin x·cos nx = ½[sin (1+n)x + sin (1-n)x], sin x·sin nx = ½[cos (n-1)x - cos (n+1)x], integrated over π.
    let cosine = 0.5 * (sine_integral(order + 1.0, delay) - sine_integral(order - 1.0, delay)) / PI;
    let sine = 0.5 * (cosine_integral(order - 1.0, delay) - cosine_integral(order + 1.0, delay)) / PI;
    (cosine, sine)
}

/// Integral of sin(mx) from `delay` to π.
fn sine_integral(m: f64, delay: f64) -> f64 {
    if m == 0.0 { 0.0 } else { (libm::cos(m * delay) - libm::cos(m * PI)) / m }
}

/// Integral of cos(mx) from `delay` to π, m whole.
fn cosine_integral(m: f64, delay: f64) -> f64 {
    if m == 0.0 { PI - delay } else { -libm::sin(m * delay) / m }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channels;
    use crate::reference::{PowerTruth, Truth};
    use crate::synthesis::Waveform;
    use core::f64::consts::FRAC_1_PI;

    fn chopped(delay_deg: f64, halves: Halves) -> Chopped {
        Chopped { prospective_rms: FRAC_1_SQRT_2, delay_deg, halves, phase_deg: 0.0 }
    }

    /// RMS without DC of the series up to `highest_order`.
    fn rms(signal: &Signal) -> f64 {
        signal.components.iter().map(|line| line.rms * line.rms).sum::<f64>().sqrt()
    }

    /// Waveform reference values of the residual current norms: prospective peak 1; mean, RMS with DC, RMS without it,
    /// fundamental RMS. The tail beyond order 4000 is below 10⁻⁴ of the square.
    #[test]
    fn pulsating_dc_and_phase_fired_forms() {
        for (delay, halves, mean, total, ac, fundamental) in [
            (0.0, Halves::Positive, FRAC_1_PI, 0.500000, 0.385589, 0.353553),
            (90.0, Halves::Positive, 0.159155, 0.353553, 0.315705, 0.209559),
            (135.0, Halves::Positive, 0.046615, 0.150703, 0.143312, 0.064791),
            (45.0, Halves::Both, 0.0, 0.674224, 0.674224, 0.652646),
            (90.0, Halves::Both, 0.0, 0.500000, 0.500000, 0.419119),
            (135.0, Halves::Both, 0.0, 0.213126, 0.213126, 0.129582),
        ] {
            let signal = chopped(delay, halves).signal(4000);
            assert!((signal.dc - mean).abs() < 6e-7, "{delay} {halves:?} mean {}", signal.dc);
            assert!((signal.components[0].rms - fundamental).abs() < 6e-7, "{delay} {halves:?}");
            assert!((rms(&signal) / ac - 1.0).abs() < 3e-4, "{delay} {halves:?} {}", rms(&signal));
            let with_dc = rms(&signal).hypot(signal.dc);
            assert!((with_dc / total - 1.0).abs() < 3e-4, "{delay} {halves:?} {with_dc}");
        }
    }

    /// Test waveforms of IEC 62053-21 against a pure sine U: P and Q1 over U·I0, and the fundamental's power factor.
    #[test]
    fn powers_against_a_sine() {
        let power = |form: Chopped| -> PowerTruth {
            let phase_deg = form.phase_deg;
            let channels = Channels {
                voltage: Some(Signal::sine(230.0, phase_deg)),
                currents: vec![form.signal(80)],
                residual: None,
            };
            Truth::of(&Waveform { fundamental_hz: 50.0, channels }).currents[0].power.unwrap()
        };
        for phase_deg in [0.0, 77.0] {
            let fired = Chopped { prospective_rms: 5.0, delay_deg: 90.0, halves: Halves::Both, phase_deg };
            let fired = power(fired);
            assert!((fired.active_w / 1150.0 - 0.5).abs() < 1e-12);
            assert!((fired.reactive_var / 1150.0 - FRAC_1_PI).abs() < 1e-12);
            assert!((libm::cos(fired.phase_deg.to_radians()) - 0.843564).abs() < 6e-7);
            let half = Chopped { prospective_rms: 5.0, delay_deg: 0.0, halves: Halves::Positive, phase_deg };
            let half = power(half);
            assert!((half.active_w / 1150.0 - 0.5).abs() < 1e-12);
            assert!(half.reactive_var.abs() < 1e-9);
        }
    }

    /// The samples of the series are those of the chopped sine, away from its jumps.
    #[test]
    fn samples_follow_the_chopped_sine() {
        for (delay, halves) in [(60.0, Halves::Positive), (120.0, Halves::Both)] {
            let form = Chopped { prospective_rms: 1.0, delay_deg: delay, halves, phase_deg: 30.0 };
            for (n, sample) in form.signal(2000).sample(1.0, 360.0, 360).iter().enumerate() {
                let angle = (n as f64 + 30.0) % 360.0;
                let (within, half) = (angle % 180.0, angle >= 180.0);
                if (within - delay).abs() < 3.0 {
                    continue;
                }
                let on = within > delay && (halves == Halves::Both || !half);
                let expected = if on { libm::sqrt(2.0) * libm::sin(angle.to_radians()) } else { 0.0 };
                assert!((sample - expected).abs() < 0.01, "{delay} {n}: {sample} {expected}");
            }
        }
    }

    #[test]
    fn a_sine_let_through_whole_is_one_line() {
        let whole = chopped(0.0, Halves::Both).signal(100);
        assert_eq!(whole.components.len(), 1);
        assert!((whole.components[0].rms - FRAC_1_SQRT_2).abs() < 1e-15 && whole.components[0].phase_deg.abs() < 1e-12);
    }
}
