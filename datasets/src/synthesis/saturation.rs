//! A sensor that saturates at its range.
//!
//! In comes the current in its primary, finely sampled, out go samples of its signal. This file must not know where the
//! current comes from.
//!
//! The signal is clamped to the range, as a burden with its protection does it, and the magnetising current of a
//! transformer is driven by the voltage across that burden: y = clamp(x - z), z' = w·y. So a surge of any height can
//! leave no more behind than the range does while it lasts.

use core::f64::consts::TAU;

/// Every `steps`th of the samples of the sensor's signal; the primary's current `primary` is sampled at `rate_hz`.
/// `corner_hz`: high-pass of the transformer; `None`: the sensor passes direct current.
pub fn saturated(primary: &[f64], rate_hz: f64, steps: usize, corner_hz: Option<f64>, range: f64) -> Vec<f64> {
    let weight = corner_hz.map_or(0.0, |corner_hz| 1.0 - libm::exp(-TAU * corner_hz / rate_hz));
    let mut kept = 0.0;
    let mut signal = Vec::with_capacity(primary.len() / steps + 1);
    for (n, x) in primary.iter().enumerate() {
        let y = (x - kept).clamp(-range, range);
        if n % steps == 0 {
            signal.push(y);
        }
        kept += weight * y;
    }
    signal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthesis::{Fault, FaultForm};

    /// Below the range it is the transformer of the closed form.
    #[test]
    fn below_the_range_it_is_linear() {
        let fault = Fault::sudden(FaultForm::Pulsating { delay_deg: 90.0 }, 0.03, 50.0, 10.0, 0.011);
        let (mut fine, mut exact) = (vec![0.0; 64_000], vec![0.0; 2_000]);
        fault.add_to(&mut fine, 256_000.0, None);
        fault.add_to(&mut exact, 8_000.0, Some(5.0));
        for (n, (is, should)) in saturated(&fine, 256_000.0, 32, Some(5.0), 1.0).iter().zip(&exact).enumerate() {
            assert!((is - should).abs() < 2e-5, "{n}: {is} {should}");
        }
    }

    /// What a surge of 1000 times the range leaves behind is the range times its duration times w.
    #[test]
    fn a_surge_leaves_little_behind() {
        let mut surge = vec![0.0; 10_000];
        surge[1_000..1_010].fill(1_000.0);
        let signal = saturated(&surge, 100_000.0, 1, Some(5.0), 1.0);
        assert!(signal[1_000..1_010].iter().all(|y| (y - 1.0).abs() < 1e-12));
        assert!((signal[1_010] + TAU * 5.0 * 10.0 / 100_000.0).abs() < 1e-5, "{}", signal[1_010]);
    }
}
