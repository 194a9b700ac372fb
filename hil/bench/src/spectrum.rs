//! The spectrum of samples, for the monitor's screen and the report.
//!
//! In come samples and the frequency of the mains, out go RMS values by frequency and by order. This file must not know
//! screens or pages. It is a picture, not a reading: the board's own THD stands beside it.
//!
//! The transform takes a whole number of cycles, rounded to samples, under a flat-top window: a line between two bins
//! still has its height within 0.02 %, and orders, which lie ten bins apart, leave no trace in each other.

use std::f64::consts::{SQRT_2, TAU};

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// Cycles that are transformed: bins of 5 Hz, as IEC 61000-4-7 has them.
const CYCLES: f64 = 10.0;

/// Highest order.
pub const ORDERS: usize = 50;

/// Cosine terms of the flat-top window.
const FLAT_TOP: [f64; 5] = [0.215_578_95, -0.416_631_58, 0.277_263_158, -0.083_578_947, 0.006_947_368];

/// Half the width of the window's main lobe, in bins.
const LOBE: usize = 5;

/// RMS over frequency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// Distance of the bins in hertz.
    pub bin_hz: f64,
    /// RMS of each bin, from 0 Hz up to half the sampling rate.
    pub bins: Vec<f64>,
    /// RMS of each order, from 0 (the mean) up to the 50th or half the sampling rate.
    pub orders: Vec<f64>,
    /// The largest of all bins but the mean's.
    largest: f64,
}

impl Spectrum {
    /// How many samples are transformed: ten cycles of `hz`.
    pub fn frames(rate_hz: f64, hz: f64) -> usize {
        (CYCLES * rate_hz / hz).round() as usize
    }

    /// Of the newest samples; `None` where there are fewer than ten cycles of `hz`.
    pub fn new(values: &[f64], rate_hz: f64, hz: f64) -> Option<Self> {
        let count = Self::frames(rate_hz, hz);
        if !(hz > 0.0 && rate_hz > 4.0 * hz) || values.len() < count {
            return None;
        }
        let window = |n: usize| {
            let angle = TAU * n as f64 / count as f64;
            FLAT_TOP.iter().enumerate().map(|(k, term)| term * (k as f64 * angle).cos()).sum::<f64>()
        };
        let newest = &values[values.len() - count..];
        let mut buffer: Vec<Complex<f64>> =
            newest.iter().enumerate().map(|(n, value)| Complex::new(value * window(n), 0.0)).collect();
        FftPlanner::new().plan_fft_forward(count).process(&mut buffer);
        let gain = count as f64 * FLAT_TOP[0];
        let bins: Vec<f64> = buffer[..=count / 2]
            .iter()
            .enumerate()
            .map(|(k, bin)| bin.norm() / gain * if k == 0 { 1.0 } else { SQRT_2 })
            .collect();
        let bin_hz = rate_hz / count as f64;
        let highest = ((rate_hz / 2.0 / hz) as usize).min(ORDERS);
        let orders = (0..=highest).map(|order| {
            let at = (order as f64 * hz / bin_hz).round() as usize;
            bins[at.saturating_sub(1)..(at + 2).min(bins.len())].iter().copied().fold(0.0, f64::max)
        });
        let largest = bins.iter().skip(LOBE).copied().fold(0.0, f64::max);
        let mut spectrum = Self { bin_hz, orders: orders.collect(), bins, largest };
        spectrum.orders[0] = spectrum.bins[0];
        Some(spectrum)
    }

    /// RMS of the fundamental.
    pub fn fundamental(&self) -> f64 {
        self.orders.get(1).copied().unwrap_or(0.0)
    }

    /// A value in decibels below (negative) or above the largest of all but the mean; never below `floor`.
    pub fn decibels(&self, value: f64, floor: f64) -> f64 {
        if self.largest > 0.0 && value > 0.0 { (20.0 * (value / self.largest).log10()).max(floor) } else { floor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DC, fundamental, 40 % third and 20 % fifth: the closed form of each order is its own RMS.
    fn wave(hz: f64, rate_hz: f64, phase: f64) -> Vec<f64> {
        let frames = (11.0 * rate_hz / hz) as usize;
        let of = |n: usize| {
            let angle = TAU * hz * n as f64 / rate_hz;
            let sine = |order: f64, rms: f64| SQRT_2 * rms * (order * angle + phase).sin();
            0.5 + sine(1.0, 10.0) + sine(3.0, 4.0) + sine(5.0, 2.0)
        };
        (0..frames).map(of).collect()
    }

    #[test]
    fn orders_have_the_rms_of_their_closed_form() {
        for (rate_hz, hz) in [(8_000.0, 50.0), (4_000.0, 47.3), (8_000.0, 63.917), (2_000.0, 44.44)] {
            for phase in [0.0, 1.0, 2.5] {
                let spectrum = Spectrum::new(&wave(hz, rate_hz, phase), rate_hz, hz).unwrap();
                for (order, truth) in [(0, 0.5), (1, 10.0), (3, 4.0), (5, 2.0)] {
                    let is = spectrum.orders[order];
                    assert!((is / truth - 1.0).abs() < 4e-4, "{rate_hz} Hz, {hz} Hz: order {order}: {is}");
                }
                for order in [2, 4, 6, 7, 15] {
                    assert!(spectrum.orders[order] < 10.0 * 1e-4, "order {order}: {}", spectrum.orders[order]);
                }
                assert!((spectrum.fundamental() - 10.0).abs() < 0.004);
            }
        }
    }

    #[test]
    fn it_ends_at_half_the_sampling_rate_and_at_the_fiftieth_order() {
        let spectrum = Spectrum::new(&wave(50.0, 4_000.0, 0.0), 4_000.0, 50.0).unwrap();
        assert_eq!((spectrum.orders.len(), spectrum.bins.len()), (41, 401));
        assert!((spectrum.bin_hz - 5.0).abs() < 1e-12);
        let spectrum = Spectrum::new(&wave(50.0, 16_000.0, 0.0), 16_000.0, 50.0).unwrap();
        assert_eq!(spectrum.orders.len(), ORDERS + 1);
        assert!((spectrum.decibels(spectrum.orders[3], -100.0) + 7.9588).abs() < 0.01);
        assert_eq!(spectrum.decibels(0.0, -100.0).to_bits(), (-100f64).to_bits());
    }

    #[test]
    fn too_few_samples_have_none() {
        assert_eq!(Spectrum::new(&[0.0; 1_599], 8_000.0, 50.0), None);
        assert_eq!(Spectrum::new(&[0.0; 1_600], 8_000.0, 0.0), None);
        assert!(Spectrum::new(&[0.0; 1_600], 8_000.0, 50.0).is_some());
    }
}
