//! The currents of one row: the product of frequencies, sensors, polarities, smooth DC and points on the wave.
//!
//! In come a row's current and its axes, out go trials. This file must not know what is asked about them.

use crate::catalogue::decision::Trial;
use crate::catalogue::nominal_for;
use crate::synthesis::{Fault, FaultForm, Level, Surge, SurgeShape};
use core::f64::consts::TAU;

/// Begin of the current: after the half second in which a monitor decides nothing.
const ONSET_S: f64 = 0.6;

/// Standing leakage beneath a surge over the rated current.
const STANDING: f64 = 0.3;

/// What a filter's capacitor is charged through, in ohm.
const CHARGED_THROUGH_OHM: f64 = 10.0;

/// For how long after a surge a monitor is watched.
const SURGE_WATCHED_S: f64 = 0.25;

/// A low-pass of the fourth order is tried for rated currents above this.
const FOURTH_ORDER_ABOVE_A: f64 = 0.01;

/// Places of a surge between two samples.
const PLACES: u32 = 4;

/// A row's current and what it is combined with.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::catalogue) struct Stimulus {
    pub(super) kind: Kind,
    pub(super) axes: Axes,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axes {
    pub(super) frequency_hz: Vec<f64>,
    pub(super) corner_hz: Vec<Option<f64>>,
    pub(super) smooth_dc_a: Vec<f64>,
    /// Points on the wave.
    pub(super) points: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Switched on. `noise` over the rated current, `order` over the mains' frequency.
    Sudden { form: FaultForm, rms: f64, noise: f64, order: f64, lasts_s: f64, watched_s: f64 },
    /// Raised, from the begin of the stream on.
    Rising { form: FaultForm, rms: f64, level: Level, lasts_s: f64 },
    /// A surge.
    Surge { shape: Shape, peak: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    Impulse,
    RingWave,
    FastTransients,
    Charge,
}

/// One combination of frequency, sensor and smooth DC.
struct Case {
    hertz: f64,
    corner_hz: Option<f64>,
    dc_a: f64,
}

impl Stimulus {
    pub(in crate::catalogue) fn trials(&self, rated_a: f64, rate_hz: f64) -> Vec<Trial> {
        let axes = &self.axes;
        let mut trials = Vec::new();
        for &hertz in &axes.frequency_hz {
            for &corner_hz in &axes.corner_hz {
                for &dc_a in &axes.smooth_dc_a {
                    let case = Case { hertz, corner_hz, dc_a };
                    match self.kind {
                        Kind::Surge { shape, peak } => case.surges(&mut trials, shape, peak, rated_a, rate_hz),
                        kind => case.currents(&mut trials, kind, axes.points, rated_a, rate_hz),
                    }
                }
            }
        }
        trials
    }
}

impl Case {
    fn currents(&self, trials: &mut Vec<Trial>, kind: Kind, points: u32, rated_a: f64, rate_hz: f64) {
        let form = match kind {
            Kind::Sudden { form, .. } | Kind::Rising { form, .. } => form,
            Kind::Surge { .. } => return,
        };
        // A sine's other polarity is half a turn away on the wave.
        let polarities: &[bool] = if form == FaultForm::Sine { &[false] } else { &[false, true] };
        for &negative in polarities {
            for point in 0..points {
                let start_deg = match kind {
                    Kind::Rising { .. } => 90.0 * f64::from(point),
                    _ => 360.0 * f64::from(point) / f64::from(points),
                };
                // Between two samples, at another place each time.
                let place = f64::from(point * 7 % 16) / 16.0 / rate_hz;
                let trial = match kind {
                    Kind::Sudden { rms, noise, order, lasts_s, watched_s, .. } => {
                        let from_s = ONSET_S + place;
                        let mut fault = Fault::sudden(form, rms, order * self.hertz, start_deg, from_s);
                        fault.to_s = from_s + lasts_s;
                        self.trial(fault, noise * rated_a, ONSET_S + watched_s)
                    }
                    Kind::Rising { rms, level, lasts_s, .. } => {
                        let fault = Fault { level, ..Fault::sudden(form, rms, self.hertz, start_deg, ONSET_S + place) };
                        self.trial(fault, 0.0, ONSET_S + lasts_s)
                    }
                    Kind::Surge { .. } => continue,
                };
                trials.push(self.finish(trial, negative, point as usize));
            }
        }
    }

    fn trial(&self, fault: Fault, noise_a: f64, seconds: f64) -> Trial {
        Trial {
            faults: vec![fault],
            surge: None,
            noise_a,
            corner_hz: self.corner_hz,
            mains_hz: self.hertz,
            has_voltage: false,
            nominal_hz: nominal_for(self.hertz),
            seconds,
        }
    }

    /// Polarity; smooth DC, which flows from the start on or comes with the current; and every other trial a voltage,
    /// every other of the rest the wrong nominal frequency.
    fn finish(&self, mut trial: Trial, negative: bool, number: usize) -> Trial {
        let onset_s = trial.onset_s();
        trial.faults.iter_mut().for_each(|fault| fault.negative = negative);
        if self.dc_a != 0.0 {
            let from_s = if number.is_multiple_of(2) { 0.0 } else { onset_s };
            let mut dc = Fault::sudden(FaultForm::Smooth, self.dc_a.abs(), self.hertz, 0.0, from_s);
            dc.negative = self.dc_a < 0.0;
            trial.faults.push(dc);
        }
        trial.has_voltage = number % 4 >= 2;
        if number % 4 == 1 {
            trial.nominal_hz = if trial.nominal_hz == 50 { 60 } else { 50 };
        }
        trial
    }

    fn surges(&self, trials: &mut Vec<Trial>, shape: Shape, peak: f64, rated_a: f64, rate_hz: f64) {
        for place in 0..PLACES {
            for (negative, standing, order) in
                [(false, 0.0, 2), (true, 0.0, 2), (false, STANDING, 2), (true, STANDING, 2), (false, 0.0, 4)]
            {
                if order > 2 && rated_a <= FOURTH_ORDER_ABOVE_A {
                    continue;
                }
                let at_s = ONSET_S + f64::from(place) / f64::from(PLACES) / rate_hz;
                let leakage = Fault::sudden(FaultForm::Sine, standing * rated_a, self.hertz, 90.0, 0.0);
                let mut trial = self.trial(leakage, 0.0, ONSET_S + SURGE_WATCHED_S);
                let signed = if negative { -peak } else { peak };
                let shape = match shape {
                    Shape::Impulse => SurgeShape::Impulse,
                    Shape::RingWave => SurgeShape::RingWave,
                    Shape::FastTransients => SurgeShape::FastTransients,
                    Shape::Charge => {
                        // From then on the capacitor leaks: at the crest of the voltage its current passes zero.
                        let leaks = Fault::sudden(FaultForm::Sine, STANDING * rated_a, self.hertz, 180.0, at_s);
                        trial.faults = vec![Fault { negative, ..leaks }];
                        let farad = STANDING * rated_a / (TAU * self.hertz * 230.0);
                        SurgeShape::Charge { tau_s: CHARGED_THROUGH_OHM * farad }
                    }
                };
                trial.surge = Some((Surge { shape, peak: signed, at_s }, order));
                trials.push(self.finish(trial, negative, place as usize));
            }
        }
    }
}
