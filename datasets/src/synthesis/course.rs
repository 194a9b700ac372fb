//! A waveform that changes on the way: steps of amplitude and phase, a ramp of the frequency.
//!
//! In comes a waveform and what happens to it when, out go its samples and the phase of the mains at any time. This file
//! must not know why it changes or what a meter makes of it.

use super::Waveform;
use crate::Channels;

/// A waveform and its changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// What is played as long as nothing changes.
    pub waveform: Waveform,
    /// Steps in the order of their times.
    pub steps: Vec<Step>,
    /// A ramp of the frequency; before and after it the frequency stands still.
    pub ramp: Option<Ramp>,
}

/// From a time on the amplitudes are others, and all phases have jumped.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When, in seconds.
    pub at_s: f64,
    /// By what voltage sines and DC are multiplied from then on, noise excepted.
    #[serde(default = "one")]
    pub voltage: f64,
    /// The same for the currents and the residual current.
    #[serde(default = "one")]
    pub current: f64,
    /// By how much the mains jumps ahead, in degrees of the fundamental.
    #[serde(default)]
    pub turn_deg: f64,
}

/// The frequency changes steadily.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// Begin in seconds.
    pub from_s: f64,
    /// End in seconds.
    pub to_s: f64,
    /// Hertz per second.
    pub hz_per_s: f64,
}

fn one() -> f64 {
    1.0
}

impl Course {
    /// A waveform that does not change.
    pub fn steady(waveform: Waveform) -> Self {
        Self { waveform, ..Self::default() }
    }

    /// Samples of every channel from t = 0 on.
    pub fn sample(&self, rate_hz: f64, frames: usize) -> Channels<Vec<f64>> {
        let hz = self.waveform.fundamental_hz;
        if self.steps.is_empty() && self.ramp.is_none() {
            return self.waveform.sample(rate_hz, frames);
        }
        let lead: Vec<f64> = (0..frames).map(|n| self.lead(n as f64 / rate_hz)).collect();
        let factors = |of: fn(&Step) -> f64| -> Vec<f64> {
            (0..frames).map(|n| self.last_step(n as f64 / rate_hz).map_or(1.0, of)).collect()
        };
        let (voltage, current) = (factors(|step| step.voltage), factors(|step| step.current));
        let channels = &self.waveform.channels;
        Channels {
            voltage: channels.voltage.as_ref().map(|signal| signal.sample_along(hz, rate_hz, &lead, &voltage)),
            currents: channels.currents.iter().map(|s| s.sample_along(hz, rate_hz, &lead, &current)).collect(),
            residual: channels.residual.as_ref().map(|signal| signal.sample_along(hz, rate_hz, &lead, &current)),
        }
    }

    /// Phase of the mains in turns, whole ones included, at a time in seconds.
    pub fn turns(&self, seconds: f64) -> f64 {
        self.waveform.fundamental_hz * seconds + self.lead(seconds)
    }

    /// By how many turns the mains is ahead of one that had never changed.
    fn lead(&self, seconds: f64) -> f64 {
        let jumps = self.steps.iter().take_while(|step| step.at_s <= seconds).map(|step| step.turn_deg / 360.0);
        let ramp = self.ramp.map_or(0.0, |ramp| {
            let within = (seconds.min(ramp.to_s) - ramp.from_s).max(0.0);
            let after = (seconds - ramp.to_s).max(0.0);
            ramp.hz_per_s * within * (0.5 * within + after)
        });
        jumps.sum::<f64>() + ramp
    }

    fn last_step(&self, seconds: f64) -> Option<&Step> {
        self.steps.iter().take_while(|step| step.at_s <= seconds).last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthesis::Signal;

    fn sine(hz: f64) -> Waveform {
        let channels = Channels {
            voltage: Some(Signal::sine(2.0, 0.0)),
            currents: vec![Signal::sine(1.0, -60.0)],
            residual: None,
        };
        Waveform { fundamental_hz: hz, channels }
    }

    /// A step halves the voltage and turns both channels by 60 degrees: the samples after it are those of another sine.
    #[test]
    fn a_step_changes_amplitude_and_phase_of_what_follows() {
        let step = Step { at_s: 0.05, voltage: 0.5, current: 1.0, turn_deg: 60.0 };
        let course = Course { steps: vec![step], ..Course::steady(sine(50.0)) };
        let (is, before) = (course.sample(8000.0, 800), sine(50.0).sample(8000.0, 800));
        let (v, i) =
            (Signal::sine(1.0, 60.0).sample(50.0, 8000.0, 800), Signal::sine(1.0, 0.0).sample(50.0, 8000.0, 800));
        for n in 0..800 {
            let expected =
                if n < 400 { (before.voltage.as_ref().unwrap()[n], before.currents[0][n]) } else { (v[n], i[n]) };
            assert!((is.voltage.as_ref().unwrap()[n] - expected.0).abs() < 1e-12, "{n}");
            assert!((is.currents[0][n] - expected.1).abs() < 1e-12, "{n}");
        }
        assert!((course.turns(0.1) - 5.0 - 60.0 / 360.0).abs() < 1e-12);
    }

    /// 50 Hz, from 0.5 s to 1.5 s one hertz per second, then 51 Hz: 25 turns, 50.5 turns, 51 turns a second.
    #[test]
    fn a_ramp_adds_up_to_its_frequencies() {
        let ramp = Ramp { from_s: 0.5, to_s: 1.5, hz_per_s: 1.0 };
        let course = Course { ramp: Some(ramp), ..Course::steady(sine(50.0)) };
        for (seconds, turns) in [(0.5, 25.0), (1.0, 50.125), (1.5, 75.5), (2.5, 126.5)] {
            assert!((course.turns(seconds) - turns).abs() < 1e-12, "{seconds}");
        }
        let samples = course.sample(1000.0, 2501).voltage.unwrap();
        let expected = 2.0 * core::f64::consts::SQRT_2 * libm::sin(core::f64::consts::TAU * course.turns(2.123));
        assert!((samples[2123] - expected).abs() < 1e-9);
    }
}
