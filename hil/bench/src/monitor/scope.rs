//! The newest samples, and where on them the picture begins.
//!
//! In come codes as the board was given them or gave them, out go values in volt and ampere and a place to cut. This
//! file must not know screens, or who meters the samples.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use datasets::Channels;
use hil_link::{Channel, Config};

use crate::header;

/// Seconds of samples that are kept: enough for a saved file to be metered, far more than ten cycles.
const KEPT_S: f64 = 2.0;

/// Cycles that the trigger looks at.
const TRIGGER_CYCLES: f64 = 4.0;

/// What a channel carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The voltage, in volt.
    Voltage,
    /// A current by its number from 0, in ampere.
    Current(usize),
    /// The residual current, in ampere.
    Residual,
}

impl Kind {
    /// Name on the screen.
    pub fn name(self) -> String {
        match self {
            Self::Voltage => "V".into(),
            Self::Current(number) => format!("I{number}"),
            Self::Residual => "Ires".into(),
        }
    }

    /// Unit of its values.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Voltage => "V",
            Self::Current(_) | Self::Residual => "A",
        }
    }
}

/// Samples of all channels, the newest last.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// Frames per second.
    pub rate_hz: f64,
    /// Number of the first frame kept, since the configuration.
    pub first_frame: u64,
    /// In the order of a frame.
    channels: Vec<Kept>,
    most: usize,
}

/// One channel.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it carries.
    pub kind: Kind,
    /// Volt or ampere per code.
    pub step: f64,
    /// Volt or ampere at full scale.
    pub range: f64,
    /// The codes.
    pub codes: VecDeque<i32>,
}

impl Samples {
    /// None yet, of the channels of a configuration.
    pub fn new(config: &Config) -> Self {
        let kept = |kind, channel: &Channel| {
            let range = header::range(channel);
            let sign = if channel.inverted { -1.0 } else { 1.0 };
            Kept { kind, step: sign * range / header::full_scale(config.adc_bits), range, codes: VecDeque::new() }
        };
        let voltage = config.voltage.iter().map(|channel| kept(Kind::Voltage, channel));
        let currents = config.currents.iter().enumerate().map(|(n, channel)| kept(Kind::Current(n), channel));
        let residual = config.residual.iter().map(|residual| kept(Kind::Residual, &residual.channel));
        let rate_hz = header::rate_hz(config);
        Self {
            rate_hz,
            first_frame: 0,
            channels: voltage.chain(currents).chain(residual).collect(),
            most: (rate_hz * KEPT_S).ceil() as usize,
        }
    }

    /// Takes frames behind those that are there; the oldest go.
    pub fn push(&mut self, codes: &Channels<Vec<i32>>) {
        let before = self.len();
        let count = codes.iter().map(Vec::len).min().unwrap_or(0);
        for (kept, codes) in self.channels.iter_mut().zip(codes.iter()) {
            kept.codes.extend(&codes[..count]);
            kept.codes.drain(..kept.codes.len().saturating_sub(self.most));
        }
        self.first_frame += (before + count - self.len()) as u64;
    }

    /// Frames kept.
    pub fn len(&self) -> usize {
        self.channels.iter().map(|kept| kept.codes.len()).min().unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The channels in the order of a frame.
    pub fn channels(&self) -> &[Kept] {
        &self.channels
    }

    /// The channel of this kind.
    pub fn channel(&self, kind: Kind) -> Option<&Kept> {
        self.channels.iter().find(|kept| kept.kind == kind)
    }

    /// The last `cycles` cycles of `hz` that begin where the voltage (else the first channel) rises through zero.
    pub fn cut(&self, hz: f64, cycles: usize) -> Cut {
        let wanted = cycles as f64 * self.rate_hz / hz;
        let length = wanted.min(self.len().saturating_sub(1) as f64).max(0.0);
        let free = Cut { start: self.len().saturating_sub(1) as f64 - length, length, triggered: false };
        let Some(kept) = self.channels.first() else { return free };
        let period = self.rate_hz / hz;
        let looked_at = kept.newest((TRIGGER_CYCLES * period).ceil() as usize);
        let Some(zero) = rising_zero(&looked_at, period.recip()) else { return free };
        let zero = zero + (self.len() - looked_at.len()) as f64;
        let latest = free.start;
        // The last one at or before the latest start; a hair of room for rounding.
        let start = zero + ((latest - zero) / period + 1e-9).floor() * period;
        if start < 0.0 { free } else { Cut { start, length, triggered: true } }
    }
}

impl Kept {
    /// So many of the newest values in volt or ampere, or as many as there are; the oldest first.
    pub fn newest(&self, count: usize) -> Vec<f64> {
        let skipped = self.codes.len().saturating_sub(count);
        self.codes.range(skipped..).map(|&code| f64::from(code) * self.step).collect()
    }

    /// The part of a cut, each value with its time in seconds from the cut's begin; a sample more at either end.
    pub fn part(&self, cut: Cut, rate_hz: f64) -> Vec<(f64, f64)> {
        let first = cut.start.floor().max(0.0) as usize;
        let last = ((cut.start + cut.length).ceil() as usize).min(self.codes.len().saturating_sub(1));
        let of = |n: usize| Some(((n as f64 - cut.start) / rate_hz, f64::from(*self.codes.get(n)?) * self.step));
        (first..=last).filter_map(of).collect()
    }
}

/// A stretch of samples; both in samples, and not whole numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Place of its begin.
    pub start: f64,
    /// Its length.
    pub length: f64,
    /// It begins at a rising zero of the fundamental; else it is just the newest.
    pub triggered: bool,
}

/// A place where the fundamental rises through zero, in samples; `turns` is its frequency in turns per sample. `None`
/// where there is no fundamental to speak of, or less than a cycle.
fn rising_zero(values: &[f64], turns: f64) -> Option<f64> {
    let cycles = (values.len() as f64 * turns).floor().min(TRIGGER_CYCLES);
    if cycles < 1.0 || turns <= 0.0 {
        return None;
    }
    let count = (cycles / turns).round() as usize;
    let begin = values.len() - count.min(values.len());
    // Under a Hann window the other orders and the DC leave no trace.
    let (mut real, mut imaginary, mut weight, mut energy) = (0.0, 0.0, 0.0, 0.0);
    for (n, value) in values[begin..].iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * (n as f64 + 0.5) / count as f64).cos();
        let (sine, cosine) = (TAU * turns * n as f64).sin_cos();
        real += window * value * cosine;
        imaginary -= window * value * sine;
        weight += window;
        energy += value * value;
    }
    let amplitude = 2.0 * real.hypot(imaginary) / weight;
    let rms = (energy / count as f64).sqrt();
    if amplitude <= 0.05 * rms || amplitude <= 0.0 {
        return None;
    }
    // x(n) = A·sin(2π·turns·n + φ) gives the angle φ - 90 degrees.
    let phase = imaginary.atan2(real) / TAU + 0.25;
    Some(begin as f64 - phase / turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rate_hz: u64) -> Config {
        Config {
            sample_rate: rate_hz << 32,
            clock: 0,
            adc_bits: 24,
            nominal: hil_link::Nominal::Auto,
            voltage: Some(Channel::new(400 << 32)),
            currents: std::iter::once(Channel::new(25 << 32)).collect(),
            residual: None,
            no_load: None,
            events: None,
        }
    }

    /// Codes of sin(2π·f·t + phase) with a third harmonic that has zeros of its own, and a DC.
    fn wave(hz: f64, rate_hz: f64, phase: f64, frames: usize) -> Channels<Vec<i32>> {
        let code = |n: usize| {
            let angle = TAU * (hz * n as f64 / rate_hz + phase);
            ((0.1 + angle.sin() + 0.6 * (3.0 * angle + 1.0).sin()) * 4e6) as i32
        };
        let codes: Vec<i32> = (0..frames).map(code).collect();
        Channels { voltage: Some(codes.clone()), currents: vec![codes], residual: None }
    }

    #[test]
    fn the_picture_begins_where_the_fundamental_rises_through_zero() {
        for (rate, hz) in [(8_000, 50.0), (4_000, 47.3), (2_000, 63.9), (8_000, 42.5)] {
            for step in 0..20 {
                let phase = f64::from(step) / 20.0;
                let mut samples = Samples::new(&config(rate));
                samples.push(&wave(hz, rate as f64, phase, 1_700));
                let cut = samples.cut(hz, 2);
                assert!(cut.triggered);
                let turns = hz * cut.start / rate as f64 + phase;
                let off = turns - turns.round();
                assert!(off.abs() < 0.003, "{rate} Hz, {hz} Hz, phase {phase}: {off} turns off");
                // The newest that is whole.
                let rest = samples.len() as f64 - 1.0 - (cut.start + cut.length);
                assert!((0.0..rate as f64 / hz).contains(&rest), "{rest}");
            }
        }
    }

    #[test]
    fn without_a_fundamental_the_newest_samples_are_shown() {
        let mut samples = Samples::new(&config(8_000));
        assert!(!samples.cut(50.0, 2).triggered);
        let silent = vec![0; 1_000];
        samples.push(&Channels { voltage: Some(silent.clone()), currents: vec![silent], residual: None });
        let cut = samples.cut(50.0, 2);
        assert_eq!((cut.triggered, (cut.start + cut.length).round() as usize), (false, 999));
        // More than there is.
        assert_eq!(samples.cut(50.0, 10).length.round() as usize, 999);
    }

    #[test]
    fn the_oldest_frames_go() {
        let mut samples = Samples::new(&config(8_000));
        for part in 0..17 {
            let codes: Vec<i32> = (part * 1_000..(part + 1) * 1_000).collect();
            samples.push(&Channels { voltage: Some(codes.clone()), currents: vec![codes], residual: None });
        }
        assert_eq!((samples.len(), samples.first_frame), (16_000, 1_000));
        let kept = samples.channel(Kind::Current(0)).unwrap();
        assert_eq!(kept.codes.front(), Some(&1_000));
        assert!((kept.newest(usize::MAX)[0] - 1_000.0 * 25.0 / 8_388_608.0).abs() < 1e-12);
    }
}
