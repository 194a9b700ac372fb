//! What is drawn of a point's signal: its begin, and where the point failed its course and its spectrum.
//!
//! In come a point, what was played of it and what became of it, out go samples and orders in volt and ampere: what the ADC
//! saw, and what was meant where that is something else. This file must not know how a point is judged or a picture looks.

use core::ops::Range;

use datasets::Channels;
use datasets::catalogue::{Decision, Point, Source, Trial};
use hil_link::Window;

use crate::plan::Plan;
use crate::report::{Closeup, PointResult, Sight, Trace, Waveform};
use crate::spectrum::Spectrum;

/// Cycles that are drawn.
const CYCLES: f64 = 3.0;

/// The beginning of what was played; of a residual current that something is decided on, its own.
pub fn beginning(point: &Point, plan: &Plan) -> Waveform {
    let (hz, from) = match &point.source {
        Source::Trial(trial) => {
            (trial.mains_hz, Place::around(trial.onset_s(), "", trial.mains_hz, point.rate_hz).from)
        }
        _ => (point.expected.frequency_hz.unwrap_or(50.0), 0),
    };
    let drawn = seen(point, plan, from..from + (CYCLES * point.rate_hz / hz) as usize);
    Waveform {
        rate_hz: point.rate_hz,
        voltage: drawn.voltage.unwrap_or_default(),
        currents: drawn.currents,
        residual: drawn.residual.unwrap_or_default(),
    }
}

/// The signal where a point failed worst: at the end of a window, at the begin of an event or of a residual current; else
/// at the begin of the point.
pub fn of_point(point: &Point, plan: &Plan, windows: &[Window], result: &PointResult) -> Closeup {
    let failed = result.worst_checks().into_iter().filter(|check| !check.pass);
    let failed = failed.max_by(|a, b| a.used().abs().total_cmp(&b.used().abs()));
    let number = failed.map(|check| check.window as usize);
    // Checks of no window stand at a window that was not judged.
    let window = number.filter(|&n| result.windows.rows.get(n).is_some_and(|row| row.judged));
    let window = window.and_then(|n| Some((n, windows.get(n)?)));
    let told = window.and_then(|(_, window)| window.frequency).map(|bits| f64::from(bits) / 2f64.powi(24));
    let trial = if let Source::Trial(trial) = &point.source { Some(trial) } else { None };
    let hz = told.or(point.expected.frequency_hz).or(trial.map(|trial| trial.mains_hz));
    let hz = hz.unwrap_or(f64::from(point.nominal_hz));
    let place = match (window, point.expected_events.first(), trial) {
        (Some((number, window)), ..) => Place::end_of(number, window, hz, point.rate_hz),
        (None, Some(event), _) => Place::around(event.begin_s, "the event", hz, point.rate_hz),
        (None, None, Some(trial)) => Place::around(trial.onset_s(), "the residual current", hz, point.rate_hz),
        (None, None, None) => Place { words: "begin of the point".into(), from: 0, to: 0 },
    };
    let step = point.ranges.map(|range| 2.0 * range / f64::from(1_u32 << point.adc_bits.min(31)));
    place.view(&seen(point, plan, 0..usize::MAX), &point.samples(), &step, hz, point.rate_hz)
}

/// The residual current of a trial that was decided wrong.
pub fn of_trial(decision: &Decision, trial: &Trial) -> Closeup {
    let place = Place::around(trial.onset_s(), &trial.words(), trial.mains_hz, decision.rate_hz);
    let residual = trial.residual(decision.rate_hz, decision.range_a);
    let seen = Channels { voltage: None, currents: vec![], residual: Some(residual) };
    place.view(&seen, &seen, &seen.map(|_| 0.0), trial.mains_hz, decision.rate_hz)
}

/// What the ADC saw, in the unit of each channel.
fn seen(point: &Point, plan: &Plan, frames: Range<usize>) -> Channels<Vec<f64>> {
    let full = f64::from(1_u32 << (point.adc_bits - 1));
    plan.codes.zip(&point.ranges).map(|(codes, range)| {
        let codes = codes.iter().skip(frames.start).take(frames.len());
        codes.map(|&code| f64::from(code) / full * **range).collect::<Vec<f64>>()
    })
}

/// A stretch of a signal.
struct Place {
    words: String,
    /// First frame that is drawn.
    from: usize,
    /// Frame behind the ten cycles that are transformed, as far as there are as many.
    to: usize,
}

impl Place {
    /// The last cycles of a window.
    fn end_of(number: usize, window: &Window, hz: f64, rate_hz: f64) -> Self {
        let to = window.end_frame as usize;
        let begin_s = (window.end_frame as f64 - window.length_q16 as f64 / 65536.0) / rate_hz;
        let words = format!("end of window {number} ({begin_s:.3} to {:.3} s)", to as f64 / rate_hz);
        Self { words, from: to.saturating_sub((CYCLES * rate_hz / hz) as usize), to }
    }

    /// A cycle before something and the cycles behind it.
    fn around(begin_s: f64, what: &str, hz: f64, rate_hz: f64) -> Self {
        let from = ((begin_s - 1.0 / hz).max(0.0) * rate_hz) as usize;
        Self { words: format!("{what}, from {begin_s:.3} s"), from, to: from + Spectrum::frames(rate_hz, hz) }
    }

    fn view(
        self,
        seen: &Channels<Vec<f64>>,
        meant: &Channels<Vec<f64>>,
        step: &Channels<f64>,
        hz: f64,
        rate_hz: f64,
    ) -> Closeup {
        let frames = (CYCLES * rate_hz / hz) as usize;
        let trace = |samples: &[f64]| {
            let to = self.to.max(Spectrum::frames(rate_hz, hz)).min(samples.len());
            let spectrum = Spectrum::new(&samples[..to], rate_hz, hz);
            Trace {
                samples: samples.iter().skip(self.from).take(frames).copied().collect(),
                orders: spectrum.map(|spectrum| spectrum.orders).unwrap_or_default(),
            }
        };
        let (pairs, names) = (seen.zip(meant), names(seen.currents.len()));
        let channels = pairs.zip(step).zip(&names).map(|((pair, step), (name, unit))| {
            let (seen, meant) = *pair;
            // What an ADC rounds is as it was meant.
            let is_bent = seen.iter().zip(meant.iter()).any(|(seen, meant)| (seen - meant).abs() > **step);
            Sight {
                name: name.clone(),
                unit: (*unit).to_owned(),
                seen: trace(seen),
                meant: is_bent.then(|| trace(meant)),
            }
        });
        Closeup {
            place: self.words,
            rate_hz,
            begin_s: self.from as f64 / rate_hz,
            fundamental_hz: hz,
            channels: channels.iter().cloned().collect(),
        }
    }
}

/// Name and unit of each channel.
fn names(currents: usize) -> Channels<(String, &'static str)> {
    let current = |number: usize| if currents > 1 { format!("Current {number}") } else { "Current".into() };
    Channels {
        voltage: Some(("Voltage".into(), "V")),
        currents: (1..=currents).map(|number| (current(number), "A")).collect(),
        residual: Some(("Residual current".into(), "A")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front_end::FrontEnd;
    use crate::{host, judge};
    use datasets::catalogue;

    fn view(point: &Point, errors: &str) -> Closeup {
        let front: FrontEnd = errors.parse().unwrap();
        let plan = Plan::through(point, &front).unwrap();
        let windows = host::meter(&plan).unwrap();
        of_point(point, &plan, &windows, &judge::judge("suite", point, &plan, &windows))
    }

    /// A gain of 3 % and an offset: the closed form of what was meant, and of what the ADC saw.
    #[test]
    fn orders_of_both_signals_have_the_rms_of_their_closed_forms() {
        let suite = catalogue::sine();
        let point = suite.points.iter().find(|point| point.quick).unwrap();
        let closeup = view(point, "gain=3%,voltage.offset=1%");
        assert!(closeup.place.starts_with("end of window "), "{}", closeup.place);
        let hz = point.expected.frequency_hz.unwrap();
        assert!((closeup.fundamental_hz - hz).abs() < 1e-4);
        let [voltage, current, ..] = &closeup.channels[..] else { panic!("two channels at least") };
        assert_eq!((voltage.name.as_str(), current.name.as_str()), ("Voltage", "Current"));
        let rms = [point.expected.voltage_v.unwrap(), point.expected.currents[0].current_a];
        for (sight, rms) in [voltage, current].into_iter().zip(rms) {
            let meant = sight.meant.as_ref().unwrap();
            assert!((meant.orders[1] / rms - 1.0).abs() < 3e-4, "{} {rms}", meant.orders[1]);
            assert!((sight.seen.orders[1] / rms - 1.03).abs() < 3e-4, "{} {rms}", sight.seen.orders[1]);
            assert!(sight.seen.orders[3] < 2e-4 * rms);
            assert_eq!(sight.seen.samples.len(), (3.0 * point.rate_hz / closeup.fundamental_hz) as usize);
        }
        let offset = 0.01 * point.ranges.voltage.unwrap();
        assert!((voltage.seen.orders[0] / offset - 1.0).abs() < 1e-3, "{}", voltage.seen.orders[0]);
        assert!(voltage.meant.as_ref().unwrap().orders[0] < 1e-4 * rms[0]);
    }

    #[test]
    fn what_the_adc_rounds_is_as_it_was_meant() {
        let suite = catalogue::sine();
        let closeup = view(&suite.points[0], "gain=0");
        assert!(closeup.channels.iter().all(|channel| channel.meant.is_none()));
    }

    /// A residual current is drawn from a cycle before it on: a cycle of nothing, then the current.
    #[test]
    fn a_residual_current_is_drawn_where_it_begins() {
        let suite = catalogue::rcd_type_a();
        let decision = &suite.decisions[0];
        let trial = &decision.trials()[0];
        let closeup = of_trial(decision, trial);
        let samples = &closeup.channels[0].seen.samples;
        let cycle = (decision.rate_hz / trial.mains_hz) as usize;
        let peak = |samples: &[f64]| samples.iter().fold(0.0, |most: f64, sample| most.max(sample.abs()));
        assert!(peak(&samples[..cycle - 1]) < 0.05 * peak(samples) && peak(samples) > 0.001, "{}", closeup.place);
        assert!((closeup.begin_s + 1.0 / trial.mains_hz - trial.onset_s()).abs() < 1e-3);
    }
}
