//! The spread of all codes of a cycle, by which a sensor is told that gives less than its own noise.
//!
//! In come sums of intervals, out goes their spread. This file must not know what it is compared with.

use crate::scaled::Scaled;

/// Sums of a cycle, for the noise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quiet {
    pub(crate) sum: i64,
    pub(crate) square: i64,
    pub(crate) frames: u32,
}

impl Quiet {
    /// n·Σx² - (Σx)² of at least one frame, by way of Σ(x - q)², q being the mean cut to a code: 64 bits hold that.
    pub(crate) fn spread(&self) -> Scaled {
        let (sum, frames) = (self.sum, i64::from(self.frames.max(1)));
        let (mean, rest) = (sum / frames, sum % frames);
        let about = Scaled::new(self.square - mean * (sum + rest), 0);
        about.times(Scaled::new(frames, 0)).minus(Scaled::new(rest * rest, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the exact value, also of the least noise on the largest offset.
        #[test]
        fn the_spread_of_a_cycle_is_exact(offset in -(1i64 << 23)..1 << 23, size in (0u32..22).prop_map(|bits| 1i64 << bits),
                                          codes in prop::collection::vec(-1.0..1.0f64, 27..1_616)) {
            let codes = codes.iter().map(|code| (offset + (code * size as f64) as i64).clamp(-(1 << 23), (1 << 23) - 1));
            let mut quiet = Quiet { sum: 0, square: 0, frames: 0 };
            for code in codes {
                quiet = Quiet { sum: quiet.sum + code, square: quiet.square + code * code, frames: quiet.frames + 1 };
            }
            let (sum, square) = (i128::from(quiet.sum), i128::from(quiet.square));
            let exact = (i128::from(quiet.frames) * square - sum * sum) as f64;
            // What has more than 63 bits is asked for without the lower 16.
            let cut = if exact < 2f64.powi(62) { 0 } else { 16 };
            let spread = quiet.spread().to_bits(-cut) as f64 * 2f64.powi(cut);
            prop_assert!((spread - exact).abs() <= 2f64.powi(cut) + exact * 2f64.powi(-28), "{spread} {exact}");
        }
    }
}
