//! The board's signal source: what stands in for an ADC, so that a board meters without a signal and without a PC.
//!
//! In come tones, a rate and a resolution, out go packed codes, frame after frame. This file must not know volts, meters or
//! requests.
//!
//! The fundamental is a phase accumulator of 64 bits: its frequency is off by at most half a step, 2⁻⁶⁵ of the sampling rate,
//! and by what 32 bits behind the point leave of a hertz. A harmonic's phase is the accumulator times its order. The phase
//! is then rounded down to 2⁻³² turn: 1.5·10⁻⁹ of a tone's amplitude at the most. [`sine::sine`] is off by less than
//! 2·10⁻⁹. So a code is the rounded value of the closed form, but for those that lie within 4·10⁻⁹ of the sum of all
//! amplitudes (0.03 codes of 24 bits at full scale) of the middle between two codes; tests/signal.rs looks at that.

mod sine;

use hil_link::signal::{MAX_CHANNELS, Signal, Tone};

use sine::sine;

/// Bits behind the point of the sum of a channel's tones; full scale is 1.
const POINT: u32 = 45;

/// A signal that goes on from frame to frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Generator {
    signal: Signal,
    /// Phase of the fundamental at the next frame, and how far it goes per frame, in 2⁻⁶⁴ turn.
    phase: u64,
    step: u64,
    /// The greatest order below half the sampling rate: tones above are left out.
    most: u64,
}

impl Generator {
    /// Takes another signal, from the next frame on: the phase of the fundamental goes on. `rate` is that of the sampling,
    /// as in [`Config::sample_rate`](hil_link::Config::sample_rate).
    pub(crate) fn set(&mut self, signal: &Signal, rate: u64) {
        self.signal = signal.clone();
        self.tune(rate);
    }

    /// Begins the signal anew.
    pub(crate) fn restart(&mut self, rate: u64) {
        self.phase = 0;
        self.tune(rate);
    }

    fn tune(&mut self, rate: u64) {
        let rate = u128::from(rate).max(1);
        // Above the sampling rate all tones are left out; below it the step fits.
        self.step = u64::try_from(((u128::from(self.signal.frequency) << 64) + rate / 2) / rate).unwrap_or(u64::MAX);
        self.most = (u64::MAX >> 1).checked_div(self.step).unwrap_or(u64::MAX);
    }

    /// Fills `out` with frames of `channels` codes of `bits` bits in `width` bytes each. What is left of `out` behind the
    /// last whole frame is not touched.
    pub(crate) fn fill(&mut self, channels: usize, bits: u32, width: usize, out: &mut [u8]) {
        let channels = channels.clamp(1, MAX_CHANNELS);
        for frame in out.chunks_exact_mut(channels * width.max(1)) {
            for (number, place) in frame.chunks_exact_mut(width.max(1)).enumerate() {
                let code = self.code(number, bits).to_le_bytes();
                place.iter_mut().zip(code).for_each(|(to, byte)| *to = byte);
            }
            self.phase = self.phase.wrapping_add(self.step);
        }
    }

    /// Code of a channel at the next frame.
    fn code(&self, channel: usize, bits: u32) -> i32 {
        let Some(waveform) = self.signal.channels.get(channel) else { return 0 };
        let tones: i64 = waveform.tones.iter().map(|tone| self.value(tone)).sum();
        let sum = tones + (i64::from(waveform.dc) << (POINT - 31));
        // Eight tones and the DC are below 17 times full scale.
        let bits = bits.clamp(2, 24);
        let cut = POINT - (bits - 1);
        let end = 1_i64 << (bits - 1);
        ((sum + (1 << (cut - 1))) >> cut).clamp(-end, end - 1) as i32
    }

    /// Value of a tone at the next frame.
    fn value(&self, tone: &Tone) -> i64 {
        let order = u64::from(tone.order);
        if order > self.most {
            return 0;
        }
        let phase = (self.phase.wrapping_mul(order) >> 32) as u32;
        // 31 bits and 30 bits behind the point.
        (i64::from(tone.amplitude) * i64::from(sine(phase.wrapping_add(tone.phase)))) >> (61 - POINT)
    }
}
