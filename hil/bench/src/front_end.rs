//! The analogue front end that stands between a source and a board's ADC, with errors of its own.
//!
//! In come waves in volt and ampere, out go what an ADC would see of them. This file must not know codes, boards or
//! calibrations: whoever is to find the errors gets nothing from here but bent samples.

mod errors;

use anyhow::{Result, ensure};
use datasets::Channels;
use datasets::catalogue::{Point, Source};
use datasets::synthesis::{Component, Course, Noise, NoiseShape, Signal};
use hil_link::MAX_CURRENTS;

pub use errors::GRAMMAR;

/// Errors of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct ChannelErrors {
    /// Samples are multiplied by 1 + this.
    gain: f64,
    /// Every sine lags by this angle in degrees.
    lag_deg: f64,
    /// The channel is sampled so much later than its frame, in seconds.
    delay_s: f64,
    /// Added to every sample, as a part of the full-scale peak.
    offset: f64,
    /// RMS of white noise, as a part of the full-scale peak.
    noise: f64,
}

/// A front end; [`FrontEnd::default`] has no errors. Made from the text of `--errors`, see [`GRAMMAR`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontEnd {
    /// As it was told.
    text: String,
    /// The sample clock runs faster than is said by this part.
    clock: f64,
    voltage: ChannelErrors,
    currents: [ChannelErrors; MAX_CURRENTS],
    residual: ChannelErrors,
}

impl FrontEnd {
    /// Whether it bends nothing.
    pub fn is_ideal(&self) -> bool {
        *self == Self { text: self.text.clone(), ..Self::default() }
    }

    /// What the ADC sees of a wave: `frames` samples of every channel, whose full-scale peaks are `ranges`. `seed` makes
    /// the noise another one.
    pub fn samples(
        &self,
        course: &Course,
        ranges: &Channels<f64>,
        rate_hz: f64,
        frames: usize,
        seed: u64,
    ) -> Channels<Vec<f64>> {
        let hz = course.waveform.fundamental_hz;
        let errors = self.errors(course.waveform.channels.currents.len());
        let mut bent = course.clone();
        bent.waveform.channels =
            course.waveform.channels.zip(&errors).map(|(signal, errors)| errors.turned(signal, hz));
        let samples = bent.sample(rate_hz * (1.0 + self.clock), frames);
        let mut number = 0;
        samples.zip(&errors).zip(ranges).map(|((samples, errors), range)| {
            number += 1;
            let mut seen: Vec<f64> =
                samples.iter().map(|sample| sample * (1.0 + errors.gain) + errors.offset * **range).collect();
            if errors.noise > 0.0 {
                let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number);
                Noise { shape: NoiseShape::Gaussian, rms: errors.noise * **range, seed }.add_to(&mut seen);
            }
            seen
        })
    }

    /// Whether a point can pass the front end: a recording cannot be sampled anew.
    ///
    /// # Errors
    /// The point is no wave that is made here, and the front end is not ideal.
    pub fn takes(&self, point: &Point) -> Result<()> {
        ensure!(
            self.is_ideal() || matches!(point.source, Source::Synthetic(_)),
            "--errors: point {:?} is no wave that could be bent; choose suites such as sine with --suite",
            point.name
        );
        Ok(())
    }

    /// What the ADC sees of a point of the catalogue.
    ///
    /// # Errors
    /// As of [`FrontEnd::takes`].
    pub fn of_point(&self, point: &Point) -> Result<Channels<Vec<f64>>> {
        self.takes(point)?;
        match &point.source {
            Source::Synthetic(course) if !self.is_ideal() => {
                let seed =
                    point.name.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
                Ok(self.samples(course, &point.ranges, point.rate_hz, point.frames(), seed))
            }
            _ => Ok(point.samples()),
        }
    }

    fn errors(&self, currents: usize) -> Channels<ChannelErrors> {
        Channels {
            voltage: Some(self.voltage),
            currents: self.currents.iter().take(currents).copied().collect(),
            residual: Some(self.residual),
        }
    }
}

impl core::fmt::Display for FrontEnd {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(if self.text.is_empty() { "ideal" } else { &self.text })
    }
}

impl ChannelErrors {
    /// The signal with its sines turned.
    fn turned(&self, signal: &Signal, fundamental_hz: f64) -> Signal {
        let turn = |component: &Component| Component {
            phase_deg: component.phase_deg - self.lag_deg + 360.0 * component.order * fundamental_hz * self.delay_s,
            ..*component
        };
        Signal { components: signal.components.iter().map(turn).collect(), ..signal.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::synthesis::Waveform;

    /// Each sample against the closed form.
    #[test]
    fn what_the_adc_sees_is_the_closed_form() {
        let front: FrontEnd = "gain=3%,voltage.gain=-2%,phase=1.5,offset=0.5%,clock=200ppm,current1.delay=100us,\
                               residual.offset=-1%"
            .parse()
            .unwrap();
        let channels = Channels {
            voltage: Some(Signal::sine(230.0, 10.0)),
            currents: vec![Signal::sine(5.0, -20.0), Signal::sine(5.0, -20.0)],
            residual: Some(Signal::sine(0.03, 0.0)),
        };
        let course = Course::steady(Waveform { fundamental_hz: 60.0, channels });
        let ranges = Channels { voltage: Some(400.0), currents: vec![25.0, 25.0], residual: Some(0.1) };
        let seen = front.samples(&course, &ranges, 8000.0, 2000, 1);
        for n in [0_usize, 1, 77, 1999] {
            let seconds = n as f64 / (8000.0 * 1.0002);
            let sine = |rms: f64, deg: f64, seconds: f64| {
                rms * 2f64.sqrt() * (core::f64::consts::TAU * (60.0 * seconds + deg / 360.0)).sin()
            };
            for (seen, expected) in [
                (seen.voltage.as_ref().unwrap()[n], 0.98 * sine(230.0, 10.0, seconds) + 2.0),
                (seen.currents[0][n], 1.03 * sine(5.0, -21.5, seconds) + 0.125),
                (seen.currents[1][n], 1.03 * sine(5.0, -21.5, seconds + 100e-6) + 0.125),
                (seen.residual.as_ref().unwrap()[n], 1.03 * sine(0.03, 0.0, seconds) - 0.001),
            ] {
                assert!((seen - expected).abs() < 1e-9, "{n}: {seen} {expected}");
            }
        }
    }

    #[test]
    fn noise_has_its_level_and_differs_from_channel_to_channel() {
        let front: FrontEnd = "noise=0.1%,current0.noise=0".parse().unwrap();
        let silent = || Some(Signal::default());
        let channels = Channels { voltage: silent(), currents: vec![Signal::default()], residual: silent() };
        let course = Course::steady(Waveform { fundamental_hz: 50.0, channels });
        let ranges = Channels { voltage: Some(400.0), currents: vec![25.0], residual: Some(400.0) };
        let seen = front.samples(&course, &ranges, 8000.0, 50_000, 3);
        let rms = |samples: &[f64]| (samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64).sqrt();
        let (voltage, residual) = (seen.voltage.unwrap(), seen.residual.unwrap());
        assert!((rms(&voltage) / 0.4 - 1.0).abs() < 0.02, "{}", rms(&voltage));
        assert!(seen.currents[0].iter().all(|x| x.to_bits() == 0));
        assert_ne!(voltage, residual);
    }
}
