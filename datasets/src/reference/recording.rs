//! Truth of a recording: least squares over whole cycles.
//!
//! In come samples of all channels and their rate, out go the quantities over the leading whole cycles and how steady
//! they were. This file must not know of files, nor which recordings are worth judging.

use super::{CurrentTruth, Phasor, PowerTruth, Truth, WaveTruth, fit};
use crate::Channels;
use crate::quantise::peak;

/// Band in hertz in which the fundamental is looked for; wider than a meter's, so that a stray one is named.
const BAND_HZ: (f64, f64) = (30.0, 120.0);

/// What a recording holds over its leading whole cycles.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The quantities.
    pub truth: Truth,
    /// Whole cycles in the recording.
    pub cycles: usize,
    /// Leading samples that those cycles take, rounded to whole samples.
    pub frames: usize,
    /// Standard deviation of the RMS of single cycles over its mean, per channel; 0 where fewer than two cycles.
    pub unsteadiness: Channels<f64>,
}

/// Measures a recording that has a voltage. `None` where the voltage has no fundamental between 30 and 120 Hz, or is
/// shorter than one cycle of it; all channels are of the voltage's length.
pub fn measure(channels: &Channels<Vec<f64>>, rate_hz: f64) -> Option<Measured> {
    let voltage = channels.voltage.as_ref()?;
    let band = (BAND_HZ.0 / rate_hz, (BAND_HZ.1 / rate_hz).min(0.5));
    if (voltage.len() as f64) * band.1 < 1.0 {
        return None;
    }
    let first = fit::frequency(voltage, band.0, band.1)?;
    // Seldom a cycle too few: a length that is whole but for rounding counts as whole.
    let cycles = (voltage.len() as f64 * first + 1e-3) as usize;
    let frames = ((cycles as f64 / first).round() as usize).min(voltage.len());
    if cycles == 0 {
        return None;
    }
    let turns = fit::frequency(&voltage[..frames], band.0, band.1)?;
    let channels = channels.map(|samples| samples[..frames.min(samples.len())].to_vec());
    let means = channels.map(|samples| mean(samples.iter().copied(), samples.len()));
    let channels = channels.map(|samples| without_mean(samples));
    let truth = truth(&channels, &means, turns, rate_hz);
    let unsteadiness = channels.map(|samples| unsteadiness(samples, turns));
    Some(Measured { truth, cycles, frames, unsteadiness })
}

fn truth(channels: &Channels<Vec<f64>>, means: &Channels<f64>, turns: f64, rate_hz: f64) -> Truth {
    let voltage = channels.voltage.as_ref().map(|samples| (samples, rms(samples), fit::phasor(samples, turns)));
    let currents = channels.currents.iter().zip(&means.currents).map(|(current, dc)| {
        let current_a = rms(current);
        let power = voltage.map(|(v, voltage_v, v1)| {
            let active = mean(v.iter().zip(current).map(|(v, i)| v * i), current.len());
            PowerTruth::new(voltage_v, current_a, active, v1, fit::phasor(current, turns))
        });
        let i1 = fit::phasor(current, turns);
        CurrentTruth { current_a, wave: Some(wave(current, i1, *dc)), power }
    });
    Truth {
        frequency_hz: Some(turns * rate_hz),
        voltage_v: voltage.map(|(_, rms, _)| rms),
        voltage_wave: voltage.zip(means.voltage).map(|((samples, _, v1), dc)| wave(samples, v1, dc)),
        currents: currents.collect(),
        residual_a: channels.residual.as_deref().map(rms),
        residual_wave: None,
    }
}

fn wave(samples: &[f64], fundamental: Phasor, dc: f64) -> WaveTruth {
    WaveTruth { fundamental: libm::sqrt(fundamental.square()), dc, peak: Some(peak(samples)) }
}

fn mean(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    values.sum::<f64>() / count as f64
}

fn without_mean(samples: &[f64]) -> Vec<f64> {
    let mean = mean(samples.iter().copied(), samples.len());
    samples.iter().map(|sample| sample - mean).collect()
}

fn rms(samples: &[f64]) -> f64 {
    libm::sqrt(mean(samples.iter().map(|x| x * x), samples.len()))
}

/// Standard deviation over mean of the RMS of single cycles. The sample on a cycle's edge is shared in proportion.
fn unsteadiness(samples: &[f64], turns: f64) -> f64 {
    let mut running = vec![0.0; samples.len() + 1];
    for (n, sample) in samples.iter().enumerate() {
        running[n + 1] = running[n] + sample * sample;
    }
    let up_to = |at: f64| {
        let whole = (at as usize).min(samples.len());
        let rest = samples.get(whole).map_or(0.0, |sample| (at - whole as f64) * sample * sample);
        running[whole] + rest
    };
    let cycles = (samples.len() as f64 * turns + 0.01) as usize;
    let square = |k: usize| (up_to((k + 1) as f64 / turns) - up_to(k as f64 / turns)) * turns;
    let each = (0..cycles).map(|k| libm::sqrt(square(k).max(0.0))).collect::<Vec<_>>();
    let mean_rms = mean(each.iter().copied(), cycles.max(1));
    if cycles < 2 || mean_rms <= 0.0 {
        return 0.0;
    }
    let variance = mean(each.iter().map(|rms| (rms - mean_rms) * (rms - mean_rms)), cycles - 1);
    libm::sqrt(variance) / mean_rms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Quantity;
    use crate::synthesis::{Component, Signal, Waveform};

    /// A waveform of whole cycles in whole samples has the same truth measured as in closed form.
    #[test]
    fn agrees_with_the_closed_form() {
        let harmonic = Component { order: 3.0, rms: 4.0, phase_deg: 165.0 };
        let mut current = Signal::sine(10.0, -150.0);
        current.components.push(harmonic);
        let mut voltage = Signal { dc: -3.0, ..Signal::sine(230.0, 10.0) };
        voltage.components.push(Component { rms: 6.9, phase_deg: -70.0, ..harmonic });
        let residual = Some(Signal::sine(0.01, 50.0));
        let channels = Channels { voltage: Some(voltage), currents: vec![current, Signal::sine(0.1, 0.0)], residual };
        let waveform = Waveform { fundamental_hz: 50.0, channels };
        let measured = measure(&waveform.sample(8000.0, 8000), 8000.0).unwrap();
        assert_eq!((measured.cycles, measured.frames), (50, 8000));
        let truth = Truth::of(&waveform);
        // A recording does not tell the mean of a pulsation from smooth DC.
        let told = |quantity: &Quantity| !matches!(quantity, Quantity::ResidualAcA | Quantity::ResidualDcA);
        for quantity in Quantity::ALL.into_iter().filter(told) {
            for current in 0..2 {
                let (is, should) = (measured.truth.value(quantity, current), truth.value(quantity, current));
                let Some(should) = should else { continue };
                let error = is.unwrap() - should;
                // Differences of squares err as the squares do: by a part of the whole.
                let whole = match quantity.unit() {
                    "W" | "var" | "VA" => truth.value(Quantity::ApparentVa, current).unwrap(),
                    "" => 1.0,
                    _ => should.abs(),
                };
                // What is left where they cancel is the root of that: sqrt(2·10⁻⁵) of the whole at most; of small parts, twice as much.
                let part = if should.abs() < 0.01 * whole { 4.5e-3 } else { 4e-5 };
                assert!(error.abs() < part * whole + 1e-6, "{quantity:?} {current}: {is:?} {should}");
            }
        }
        assert!(measured.unsteadiness.iter().all(|ratio| *ratio < 1e-5), "{:?}", measured.unsteadiness);
    }

    /// Cycles of amplitude 1 and 3 in turn: mean 2, standard deviation √(n/(n-1)).
    #[test]
    fn unsteadiness_of_alternating_cycles() {
        let samples = (0..1000).map(|n| {
            let amplitude = if n / 100 % 2 == 0 { 1.0 } else { 3.0 };
            amplitude * libm::sin(core::f64::consts::TAU * f64::from(n) / 100.0)
        });
        let ratio = unsteadiness(&samples.collect::<Vec<_>>(), 0.01);
        assert!((ratio - 0.5 * f64::sqrt(10.0 / 9.0)).abs() < 1e-9, "{ratio}");
    }

    #[test]
    fn silence_and_stubs_are_no_recording() {
        let voltage = |samples: Vec<f64>| Channels { voltage: Some(samples), ..Channels::default() };
        assert_eq!(measure(&voltage(vec![0.0; 8000]), 8000.0), None);
        assert_eq!(measure(&voltage(Signal::sine(1.0, 0.0).sample(50.0, 8000.0, 60)), 8000.0), None);
        assert_eq!(measure(&Channels::default(), 8000.0), None);
    }
}
