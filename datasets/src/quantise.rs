//! An ideal ADC: values to codes of N bits.
//!
//! In come samples in volt or ampere, out go signed codes and how many of them met the end of the range. This file must
//! not know which channel it serves.

/// An ADC of some bits behind a front end of some range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiser {
    /// Resolution in bits, 12 to 24.
    pub bits: u8,
    /// Full-scale peak in the unit of the channel, above 0: code 2^(bits-1) would stand for it.
    pub range: f64,
}

/// What the ADC gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantised {
    /// Codes, -2^(bits-1) to 2^(bits-1)-1.
    pub codes: Vec<i32>,
    /// How many samples lay beyond the end of the range and were clamped to it.
    pub clipped: usize,
}

impl Quantiser {
    /// code = round(x / range · 2^(bits-1)), halves away from zero, clamped.
    pub fn quantise(&self, samples: &[f64]) -> Quantised {
        let full_scale = f64::from(1_u32 << (self.bits - 1));
        let mut clipped = 0;
        let codes = samples.iter().map(|sample| {
            let code = (sample / self.range * full_scale).round();
            clipped += usize::from(code < -full_scale || code > full_scale - 1.0);
            code.clamp(-full_scale, full_scale - 1.0) as i32
        });
        Quantised { codes: codes.collect(), clipped }
    }
}

/// An automatic range for a channel whose largest absolute value is `peak`: a quarter of headroom above it; 1 for a
/// channel that is silent.
pub fn range_for(peak: f64) -> f64 {
    if peak > 0.0 { 1.25 * peak } else { 1.0 }
}

/// Largest absolute value of the samples; 0 without any.
pub fn peak(samples: &[f64]) -> f64 {
    samples.iter().fold(0.0, |peak, sample| sample.abs().max(peak))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_at_the_ends_and_at_the_halves() {
        let adc = Quantiser { bits: 12, range: 2048.0 };
        let quantised = adc.quantise(&[0.0, 0.49, 0.5, -0.5, 1.5, 2047.4, 2047.5, 3000.0, -2048.4, -2048.5, -1e30]);
        assert_eq!(quantised.codes, [0, 0, 1, -1, 2, 2047, 2047, 2047, -2048, -2048, -2048]);
        assert_eq!(quantised.clipped, 4);
    }

    #[test]
    fn full_scale_of_24_bits_keeps_every_code() {
        let adc = Quantiser { bits: 24, range: 400.0 };
        for code in [-8_388_608, -8_388_607, -1, 0, 1, 4_194_304, 8_388_607] {
            let value = f64::from(code) * 400.0 / 8_388_608.0;
            assert_eq!(adc.quantise(&[value]), Quantised { codes: vec![code], clipped: 0 });
        }
    }

    #[test]
    fn automatic_range_is_never_zero_and_never_clips() {
        assert_eq!(range_for(peak(&[])).to_bits(), 1.0_f64.to_bits());
        assert_eq!(range_for(peak(&[0.0; 5])).to_bits(), 1.0_f64.to_bits());
        let samples = [3.0, -8.0, 1.0];
        assert_eq!(range_for(peak(&samples)).to_bits(), 10.0_f64.to_bits());
        let adc = Quantiser { bits: 16, range: range_for(peak(&samples)) };
        assert_eq!(adc.quantise(&samples).clipped, 0);
    }
}
