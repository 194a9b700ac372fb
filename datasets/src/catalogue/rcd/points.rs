//! Points of the suite that are played through the link: readings behind transformers, and a choice of decisions.
//!
//! In come the suite's file and its decisions, out go points. This file must not know how a point is judged.

use super::{AccuracyGroup, Asked, File, form};
use crate::Channels;
use crate::catalogue::decision::{Decision, Trial, VOLTAGE_RANGE_V};
use crate::catalogue::{Judged, Limits, MonitorSettings, Point, ResidualSensor, Source, nominal_for};
use crate::reference::Truth;
use crate::synthesis::{Chopped, Course, FaultForm, Halves, Signal, Waveform};
use core::f64::consts::SQRT_2;

/// Highest frequency of a series as a part of the sampling rate: what an anti-alias filter leaves.
const BAND: f64 = 0.4;

/// A trial of that number of every so manyth decision is played.
const PLAYED_STRIDE: usize = 7;

impl File {
    pub(super) fn points(&self, decisions: &[Decision]) -> Vec<Point> {
        let mut points = Vec::new();
        for group in &self.accuracy.group {
            for (n, &rms_ma) in group.rms_ma.iter().enumerate() {
                for (sensor, &corner_hz) in self.corner_hz.iter().enumerate() {
                    for (f, &hertz) in self.frequency_hz.iter().enumerate() {
                        // Polarity, smooth DC and voltage change from point to point.
                        let number = n + sensor + f;
                        points.push(self.reading(group, rms_ma, (corner_hz > 0.0).then_some(corner_hz), hertz, number));
                    }
                }
            }
        }
        // Half a minute of a slow ramp is too long for a line.
        let short = |decision: &&Decision| !matches!(decision.asked, Asked::TripCurrent { .. });
        points.extend(decisions.iter().filter(short).enumerate().map(|(n, decision)| {
            let mut trials = decision.trials();
            let trial = trials.swap_remove(n * 37 % trials.len());
            let named = n.is_multiple_of(PLAYED_STRIDE);
            played(decision, trial, named, named && n.is_multiple_of(16 * PLAYED_STRIDE))
        }));
        points
    }

    fn reading(&self, group: &AccuracyGroup, rms_ma: f64, corner_hz: Option<f64>, hertz: f64, number: usize) -> Point {
        let rms = rms_ma * 1e-3;
        let negative = number % 2 == 1;
        let highest_order = (BAND * self.rate_hz / hertz) as usize;
        let phase_deg = 137.5 * number as f64 % 360.0;
        let primary = match form(group.delay_deg) {
            FaultForm::Pulsating { delay_deg } => {
                let prospective_rms = rms * form(group.delay_deg).peak_over_rms() / SQRT_2;
                let pulses = Chopped { prospective_rms, delay_deg, halves: Halves::Positive, phase_deg };
                turned(pulses.signal(highest_order), negative)
            }
            _ => Signal::sine(rms, phase_deg),
        };
        let voltage = number.is_multiple_of(2).then(|| Signal::sine(230.0, 0.0));
        let channels = |residual| Channels { voltage: voltage.clone(), currents: vec![], residual: Some(residual) };
        let given = corner_hz.map(|corner| primary.behind_transformer(hertz, corner));
        let waveform = |residual| Waveform { fundamental_hz: hertz, channels: channels(residual) };
        let sensor = corner_hz.map_or_else(|| "direct".into(), |corner| format!("behind {corner} Hz"));
        let sign = if negative && group.delay_deg.is_some() { "-" } else { "" };
        let name = format!("{}, {sign}{rms_ma} mA, {sensor}, {hertz} Hz", group.name);
        let all_at_once = corner_hz.is_some_and(|corner| corner > 4.0) && nominal_for(hertz) == 50;
        Point {
            quick: all_at_once && number == 3 && group.delay_deg.is_some(),
            named: all_at_once,
            name,
            rate_hz: self.rate_hz,
            adc_bits: self.adc_bits,
            ranges: Channels {
                voltage: voltage.as_ref().map(|_| VOLTAGE_RANGE_V),
                currents: vec![],
                residual: Some(self.accuracy.range_per_rms * rms),
            },
            nominal_hz: nominal_for(hertz),
            windows: Some(self.accuracy.windows),
            skip_windows: self.accuracy.skip_windows,
            judged: Judged::EveryWindow,
            expected: Truth::of(&waveform(primary.clone())),
            limits: self.accuracy.limits(corner_hz.is_some()),
            source: Source::Synthetic(Course::steady(waveform(given.unwrap_or(primary)))),
            // A sensor that passes direct current has its zero where the code is 0.
            dc_is_signal: false,
            spans: vec![],
            no_load: None,
            expected_events: vec![],
            residual: Some(ResidualSensor { corner_hz, monitor: None }),
        }
    }
}

/// The signal upside down.
fn turned(mut signal: Signal, negative: bool) -> Signal {
    if negative {
        signal.dc = -signal.dc;
        signal.components.iter_mut().for_each(|component| component.phase_deg += 180.0);
    }
    signal
}

fn played(decision: &Decision, trial: Trial, named: bool, quick: bool) -> Point {
    let Decision { rated_a, characteristic, asked, .. } = *decision;
    Point {
        name: format!("{}: {}", decision.name(), trial.words()),
        quick,
        named,
        rate_hz: decision.rate_hz,
        adc_bits: decision.adc_bits,
        ranges: Channels {
            voltage: trial.has_voltage.then_some(VOLTAGE_RANGE_V),
            currents: vec![],
            residual: Some(decision.range_a),
        },
        nominal_hz: trial.nominal_hz,
        windows: None,
        skip_windows: 0,
        judged: Judged::EveryWindow,
        expected: Truth { frequency_hz: trial.has_voltage.then_some(trial.mains_hz), ..Truth::default() },
        limits: Limits::new(),
        dc_is_signal: false,
        spans: vec![],
        no_load: None,
        expected_events: vec![],
        residual: Some(ResidualSensor {
            corner_hz: trial.corner_hz,
            monitor: Some(MonitorSettings { rated_a, characteristic, asked }),
        }),
        source: Source::Trial(trial),
    }
}
