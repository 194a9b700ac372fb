//! From what a board reads of known loads to the corrections that make it read them right.
//!
//! In come readings, the true values and the calibration that was in effect, out goes a calibration or the values of it
//! that no sound board would need. This file must not know how the readings came about.

use datasets::Channels;
use datasets::reference::Quantity;
use hil_link::{Calibration, Correction, MAX_CURRENTS, Place};

use super::reference::{Load, References};
use crate::values::Values;

/// Mean and RMS noise of a channel with nothing connected, in its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Silence {
    /// Mean, the calibration's offset not taken off.
    pub dc: f64,
    /// RMS without the mean, the calibration's noise not taken off.
    pub noise: f64,
}

/// What a board reads.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Nothing is connected.
    pub silence: Channels<Silence>,
    /// The load of PF 1.
    pub gain: Values,
    /// The loads of PF 0.5.
    pub phase: Vec<Values>,
}

/// A correction before it is rounded, in the units of people.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    gain_ppm: f64,
    phase_mdeg: f64,
    /// 1/256 sample.
    delay: f64,
    /// Parts of the full-scale peak.
    offset: f64,
    noise: f64,
}

/// Most that a correction may be, either way: what is beyond comes from a wrong reference, a wrong range or a fault.
pub mod limits {
    /// Gain in ppm.
    pub const GAIN_PPM: f64 = 250_000.0;
    /// Phase in thousandths of a degree.
    pub const PHASE_MDEG: f64 = 10_000.0;
    /// Delay in 256ths of a sample.
    pub const DELAY: f64 = 2_560.0;
    /// Offset as a part of the full-scale peak.
    pub const OFFSET: f64 = 0.1;
    /// Noise as a part of the full-scale peak.
    pub const NOISE: f64 = 0.01;
    /// Sample clock in ppm.
    pub const CLOCK_PPM: f64 = 1_000.0;
}

/// The calibration; channels that were not read stay as they were in `before`, the calibration that the readings were
/// taken with.
///
/// # Errors
/// One sentence for each value that is out of range.
pub fn solve(
    references: &References,
    readings: &Readings,
    ranges: &Channels<f64>,
    rate_hz: f64,
    before: &Calibration,
) -> Result<Calibration, Vec<String>> {
    let mut refused = Vec::new();
    let clock = clock(references, readings, before);
    within(&mut refused, Place::Clock, "sample clock", clock * 1e6, limits::CLOCK_PPM, "ppm");
    let mut solved = Calibration { clock: (clock * 1e7).round() as i16, ..before.clone() };
    let channel = |was: Option<&Correction>, silence: &Silence, reference: f64, read: Option<f64>, range: f64| {
        let was = was.copied().unwrap_or_default();
        level(&was, silence, reference, read.unwrap_or(f64::NAN), range)
    };
    let gain = &references.gain;
    if let (Some(silence), Some(range)) = (&readings.silence.voltage, ranges.voltage) {
        let found = channel(before.voltage.as_ref(), silence, gain.voltage_v, readings.gain.voltage_v, range);
        solved.voltage = Some(found.checked(Place::Voltage, &mut refused));
    }
    for (n, (silence, range)) in readings.silence.currents.iter().zip(&ranges.currents).enumerate() {
        let was = before.currents.get(n).copied().flatten();
        let read = readings.gain.get(Quantity::CurrentA, n);
        let mut found = channel(was.as_ref(), silence, gain.current_a, read, *range);
        turn(&mut found, references, readings, n, rate_hz * (1.0 + clock));
        while solved.currents.len() <= n.min(MAX_CURRENTS - 1) {
            // There is room for as many as a board has.
            let _full = solved.currents.push(None);
        }
        solved.currents[n] = Some(found.checked(Place::Current(n as u8), &mut refused));
    }
    if let (Some(silence), Some(range)) = (&readings.silence.residual, ranges.residual) {
        let reference = gain.residual_a.unwrap_or(f64::NAN);
        let found = channel(before.residual.as_ref(), silence, reference, readings.gain.residual_a, range);
        solved.residual = Some(found.checked(Place::Residual, &mut refused));
    }
    if refused.is_empty() { Ok(solved) } else { Err(refused) }
}

/// By what part the clock is too fast: the board reads a frequency lower by it.
fn clock(references: &References, readings: &Readings, before: &Calibration) -> f64 {
    let read = readings.gain.frequency_hz.unwrap_or(f64::NAN);
    (1.0 + f64::from(before.clock) * 1e-7) * references.gain.frequency_hz / read - 1.0
}

/// Gain, offset and noise of a channel.
fn level(was: &Correction, silence: &Silence, reference: f64, read: f64, range: f64) -> Found {
    let factor = 1.0 + f64::from(was.gain_ppm) * 1e-6;
    // The reading had the noise that was known taken off; now more is known.
    let known = f64::from(was.noise) * 2f64.powi(-32) * range;
    let read = (read * read + known * known - silence.noise * silence.noise).sqrt();
    let new = factor * reference / read;
    Found {
        gain_ppm: (new - 1.0) * 1e6,
        phase_mdeg: was.phase.into(),
        delay: was.delay.into(),
        offset: silence.dc / (range * factor),
        noise: silence.noise / (range * factor) * new,
    }
}

/// Phase and delay of a current. A lag makes the angle that is read larger by the same at every frequency, a delay
/// smaller in proportion to it; at one frequency all is taken for a lag.
fn turn(found: &mut Found, references: &References, readings: &Readings, n: usize, rate_hz: f64) {
    let points: Vec<(f64, f64)> = references
        .phase
        .iter()
        .zip(&readings.phase)
        .map(|(load, read)| {
            let read = read.get(Quantity::PhaseDeg, n).unwrap_or(f64::NAN);
            let error = (read - load.phase_deg + 180.0).rem_euclid(360.0) - 180.0;
            // Degrees that 1/256 sample makes.
            (360.0 * load.frequency_hz / rate_hz / 256.0, error)
        })
        .collect();
    let was = found.delay;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x0, y0) = (mean(&|p| p.0), mean(&|p| p.1));
    let spread = mean(&|p| (p.0 - x0).powi(2));
    if two_frequencies(&references.phase) {
        found.delay -= mean(&|p| (p.0 - x0) * (p.1 - y0)) / spread;
    }
    // What is left of the delay by rounding goes into the phase, where the middle of the frequencies lies.
    found.delay = found.delay.round();
    found.phase_mdeg += 1e3 * (y0 + x0 * (found.delay - was));
}

/// Whether the frequencies differ by enough to tell a delay from a lag.
pub fn two_frequencies(loads: &[Load]) -> bool {
    let hertz = loads.iter().map(|load| load.frequency_hz);
    hertz.clone().fold(f64::NEG_INFINITY, f64::max) - hertz.fold(f64::INFINITY, f64::min) >= 2.0
}

impl Found {
    /// Rounded; what is out of range is added to `refused`.
    fn checked(&self, place: Place, refused: &mut Vec<String>) -> Correction {
        let mut check = |what, value, most, unit| within(refused, place, what, value, most, unit);
        check("gain", self.gain_ppm, limits::GAIN_PPM, "ppm");
        check("phase", self.phase_mdeg * 1e-3, limits::PHASE_MDEG * 1e-3, "degree");
        check("delay", self.delay, limits::DELAY, "1/256 sample");
        check("offset", self.offset * 100.0, limits::OFFSET * 100.0, "% of the range");
        check("noise", self.noise * 100.0, limits::NOISE * 100.0, "% of the range");
        Correction {
            gain_ppm: self.gain_ppm.round() as i32,
            phase: self.phase_mdeg.round() as i16,
            delay: self.delay.round() as i16,
            offset: (self.offset * 2f64.powi(31)).round() as i32,
            noise: (self.noise * 2f64.powi(32)).round() as u32,
        }
    }
}

/// What is no number is out of every range.
fn within(refused: &mut Vec<String>, place: Place, what: &str, value: f64, most: f64, unit: &str) {
    if value.is_nan() || value.abs() > most {
        let place = if place == Place::Clock { String::new() } else { format!("{place}: ") };
        refused.push(format!("{place}{what} of {value:.4} {unit} is not within ±{most} {unit}"));
    }
}
