//! What makes a channel's codes right: range, gain, sign, phase, delay, zero, noise floor, clip codes.
//!
//! In come settings of one channel, out go the factors and angles that the window stage applies. None of them costs
//! anything per sample. This file must not know how readings are computed.

use crate::config::ChannelFault;
use crate::quantity::Volt;
use crate::sample::{Sample, codes};
use crate::scaled::Scaled;

/// What the mean of a channel is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dc {
    /// An offset of the sensor: removed from every reading, window by window.
    Offset,
    /// A signal: what differs from the code `zero` counts in RMS, active and apparent power.
    Signal {
        /// Code of no current or no voltage, in 256ths.
        zero: i32,
    },
}

/// Settings of one channel. The unit of `range` and `noise` is volt or ampere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Full-scale peak: the value of the code `2^(code_bits - 1)`. 1 mV to 10 MV, 1 µA to 10 MA.
    pub range: Volt,
    /// Correction of the gain in ppm, -500 000 to 500 000: readings are multiplied by 1 + this·10⁻⁶.
    pub gain_ppm: i32,
    /// The channel is wired the wrong way round: its sign is changed.
    pub inverted: bool,
    /// By how much the channel's sensor lags at the fundamental, in 0.001 degree, -10 000 to 10 000. Made good in P1,
    /// Q1, the phase angle and, by P1, in P; harmonic active power stays as it is measured.
    pub phase: i16,
    /// By how much the channel is sampled later than its frame, in 1/256 sample, -2 560 to 2 560. Made good as the phase
    /// is, by the angle that it means at the measured frequency.
    pub delay: i16,
    /// What the mean is taken for.
    pub dc: Dc,
    /// RMS of the channel's own noise: subtracted in quadrature from RMS readings, up to the range.
    pub noise: Volt,
    /// Codes at and beyond which the channel counts as clipped; `None`: the ends of the ADC's range.
    pub clip: Option<(i32, i32)>,
}

impl Channel {
    /// A channel that needs no correction, its DC taken for an offset of the sensor.
    pub const fn new(range: Volt) -> Self {
        Self { range, gain_ppm: 0, inverted: false, phase: 0, delay: 0, dc: Dc::Offset, noise: Volt::ZERO, clip: None }
    }

    /// The first setting that is out of its range, the least range being `least`.
    #[inline(never)]
    pub(crate) fn fault<S: Sample>(&self, least: Volt, code_bits: u32) -> Option<ChannelFault> {
        let (low, middle, high) = codes::<S>(code_bits);
        let codes = low..=high;
        let zero = if let Dc::Signal { zero } = self.dc { zero >> 8 } else { middle };
        let clip = self.clip.unwrap_or((low, high));
        if self.range < least || self.range > 10_000_000 {
            Some(ChannelFault::Range)
        } else if !(-500_000..=500_000).contains(&self.gain_ppm) {
            Some(ChannelFault::Gain)
        } else if !(-10_000..=10_000).contains(&self.phase) {
            Some(ChannelFault::Phase)
        } else if !(-2_560..=2_560).contains(&self.delay) {
            Some(ChannelFault::Delay)
        } else if !codes.contains(&zero) {
            Some(ChannelFault::Zero)
        } else if self.noise > self.range {
            Some(ChannelFault::Noise)
        } else if clip.0 >= clip.1 || !codes.contains(&clip.0) || !codes.contains(&clip.1) {
            Some(ChannelFault::Clip)
        } else {
            None
        }
    }

    /// Volt or ampere per code, gain and sign included.
    #[inline(never)]
    pub(crate) fn per_code(&self, code_bits: u32) -> Scaled {
        let range = Scaled::new((self.range.to_bits() >> 1) as i64, -30 - code_bits as i32);
        if self.gain_ppm == 0 && !self.inverted {
            return range;
        }
        let millionths = i64::from(1_000_000 + self.gain_ppm);
        let gain = Scaled::new(if self.inverted { -millionths } else { millionths }, 0)
            .over(const { Scaled::constant(1_000_000, 0) });
        range.times(gain)
    }

    /// Lag of sensor and sampling as a fraction of a turn, Q32, at `step` turns (Q32) per frame.
    pub(crate) fn lag(&self, step: u32) -> i32 {
        // 2³²/360 000 = 11 930.464711, cut towards 0: with a reciprocal of 40 bits that is exact for any 16-bit factor.
        const PART: u64 = (464_711 << 40) / 1_000_000 + 1;
        let size = u64::from(self.phase.unsigned_abs());
        let turn = (size * 11_930 + ((size * PART) >> 40)) as i64;
        let phase = if self.phase < 0 { -turn } else { turn };
        let delay = (i64::from(self.delay) * i64::from(step)) >> 8;
        (phase - delay) as i32
    }

    /// Codes at and beyond which the channel counts as clipped.
    pub(crate) fn clip<S: Sample>(&self, code_bits: u32) -> (i32, i32) {
        let (low, _, high) = codes::<S>(code_bits);
        self.clip.unwrap_or((low, high))
    }
}
