//! Readings of a point against the truth.
//!
//! In come a point of the catalogue, the windows a board gave and the core's own, out goes what the report shows of it.
//! This file must not know how the windows came about.

use datasets::catalogue::{Basis, Judged, Limits, Point, Source, Span};
use datasets::reference::{Quantity, Truth, measure_span};
use hil_link::Window;

use crate::closeup;
use crate::plan::Plan;
use crate::report::{Check, Conditions, PointResult, WindowRow, WindowTable};
use crate::values::{Values, flags, is_settling};

/// By how much the truth over a window is sampled more finely than the meter samples.
const FINER: u32 = 4;

/// Judges the windows of a point.
pub fn judge(suite: &str, point: &Point, plan: &Plan, windows: &[Window]) -> PointResult {
    let values: Vec<Values> = windows.iter().map(Values::from).collect();
    let whole = point.spans.is_empty() || !point.limits.is_empty();
    let judged: Vec<bool> = windows
        .iter()
        .enumerate()
        .map(|(n, window)| {
            let steady = whole && n >= point.skip_windows && !is_settling(window);
            steady || point.spans.iter().any(|span| within(span, window, point.rate_hz))
        })
        .collect();
    let mut verdict = Verdict { suite, point, checks: Vec::new(), failures: Vec::new() };
    // A residual current may be beyond the range of its sensor.
    if plan.clipped > 0 && !matches!(point.source, Source::Trial(_)) {
        verdict.failures.push(format!("{} samples lie beyond the range of the ADC", plan.clipped));
    }
    if whole {
        verdict.steady(windows, &values);
    }
    for span in &point.spans {
        verdict.span(span, windows, &values);
    }
    PointResult {
        suite: suite.to_owned(),
        point: point.name.clone(),
        digest: None,
        checks: verdict.checks,
        failures: verdict.failures,
        waveform: Some(closeup::beginning(point, plan)),
        closeup: None,
        windows: table(windows, &values, &judged),
        seconds: 0.0,
        conditions: conditions(point),
        figures: Vec::new(),
        is_listed: false,
    }
}

/// Whether a window lies within a span.
fn within(span: &Span, window: &Window, rate_hz: f64) -> bool {
    let end = window.end_frame as f64;
    (end - length(window)) / rate_hz >= span.from_s && end / rate_hz <= span.to_s
}

/// Length of a window in samples.
fn length(window: &Window) -> f64 {
    window.length_q16 as f64 / 65536.0
}

/// Where the windows end, in samples from the first one: a reading rounds it up, but the lengths between are exact, and
/// the only begin that fits them all is known the better the more windows there are.
fn ends(windows: &[Window]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut since = Vec::new();
    let mut bounds = (f64::NEG_INFINITY, f64::INFINITY);
    for (n, window) in windows.iter().enumerate() {
        sum += if n > 0 { length(window) } else { 0.0 };
        since.push(sum);
        let latest = window.end_frame as f64 - sum;
        bounds = (bounds.0.max(latest - 1.0), bounds.1.min(latest));
    }
    since.iter().map(|since| since + 0.5 * (bounds.0 + bounds.1)).collect()
}

struct Verdict<'a> {
    suite: &'a str,
    point: &'a Point,
    checks: Vec<Check>,
    failures: Vec<String>,
}

impl Verdict<'_> {
    /// Windows from the first judged one on, by the limits of the point.
    fn steady(&mut self, windows: &[Window], values: &[Values]) {
        let point = self.point;
        let skip = if point.spans.is_empty() { point.skip_windows.max(1) } else { point.skip_windows };
        for (n, window) in windows.iter().enumerate().skip(skip) {
            if point.windows.is_some() && is_settling(window) {
                self.failures.push(format!("window {n} is not locked to the mains"));
            }
        }
        let kept: Vec<usize> =
            (0..windows.len()).filter(|&n| n >= point.skip_windows && !is_settling(&windows[n])).collect();
        if kept.is_empty() && point.windows.is_some() {
            self.failures.push("there is no window to judge".into());
        }
        let mean = |of: &[usize]| Values::mean(&of.iter().map(|&n| values[n].clone()).collect::<Vec<_>>());
        match point.judged {
            Judged::EveryWindow => {
                for &n in &kept {
                    self.check(n, &values[n], &point.expected, &point.limits);
                }
            }
            // The truth of a recording is one over its whole length, in which the load may wander.
            Judged::Mean => {
                if !kept.is_empty() {
                    self.check(values.len() - 1, &mean(&kept), &point.expected, &point.limits);
                }
            }
            Judged::Pairs => {
                for pair in kept.windows(2).filter(|pair| pair[0] + 1 == pair[1]) {
                    self.check(pair[1], &mean(pair), &point.expected, &point.limits);
                }
            }
            Judged::Reference => self.reference(windows, values, &kept),
            Judged::Energy => self.energy(windows, values, &kept),
        }
        if let Some(no_load) = point.no_load {
            for &n in &kept {
                self.idle(n, &windows[n], no_load.idle);
            }
        }
    }

    /// Windows within a span.
    fn span(&mut self, span: &Span, windows: &[Window], values: &[Values]) {
        let mut found = false;
        for (n, window) in windows.iter().enumerate().filter(|(_, window)| within(span, window, self.point.rate_hz)) {
            found = true;
            if is_settling(window) && !span.may_settle {
                self.failures.push(format!("window {n} is not locked to the mains"));
            }
            self.check(n, &values[n], &span.expected, &span.limits);
        }
        if !found {
            self.failures.push(format!("no window lies within {} to {} s", span.from_s, span.to_s));
        }
    }

    /// Each window against the truth over the time that it covers, from the waveform between the samples too: a window
    /// does not begin on one, and what is straight between samples errs by the square of their distance.
    fn reference(&mut self, windows: &[Window], values: &[Values], kept: &[usize]) {
        let Source::Synthetic(course) = &self.point.source else { return };
        let rate_hz = f64::from(FINER) * self.point.rate_hz;
        let (samples, ends) = (course.sample(rate_hz, FINER as usize * self.point.frames()), ends(windows));
        for &n in kept {
            let end = f64::from(FINER) * ends[n];
            let span = (end - f64::from(FINER) * length(&windows[n]), end);
            let turns = |at: f64| course.turns(at / rate_hz);
            let truth = measure_span(&samples, span, rate_hz, self.point.dc_is_signal, turns);
            self.check(n, &values[n], &truth, &self.point.limits);
        }
    }

    /// Energy over all windows, in watt-hours; the time is that of the windows, which must leave no gap.
    fn energy(&mut self, windows: &[Window], values: &[Values], kept: &[usize]) {
        let (Some(&first), Some(&last)) = (kept.first(), kept.last()) else { return };
        let time: f64 = kept.iter().map(|&n| length(&windows[n])).sum();
        let frames = (windows[last].end_frame - windows[first].end_frame) as f64 + length(&windows[first]);
        if (frames - time).abs() > 1.0 {
            self.failures.push(format!("the windows cover {time} samples of {frames}"));
        }
        let hours = 1.0 / (3600.0 * self.point.rate_hz);
        for current in 0..self.point.expected.currents.len() {
            let energy = kept
                .iter()
                .map(|&n| values[n].get(Quantity::ActiveW, current).unwrap_or(f64::NAN) * length(&windows[n]) * hours);
            let Some(limit) = self.point.limits.get(&Quantity::ActiveW) else { continue };
            let expected = self.point.expected.value(Quantity::ActiveW, current).unwrap_or(f64::NAN) * time * hours;
            let measured: f64 = energy.sum();
            let (error, limit_shown) = ((measured / expected - 1.0) * 1e6, limit.limit * 1e6);
            self.checks.push(Check {
                suite: self.suite.to_owned(),
                point: self.point.name.clone(),
                window: last as u32,
                limit_unit: "ppm".into(),
                basis: "value".into(),
                ..Check::absolute("energy_wh", "Wh", (expected, measured), error, limit_shown)
            });
        }
    }

    /// Whether every current is flagged as no load, 1, or as load, 0.
    fn idle(&mut self, n: usize, window: &Window, idle: bool) {
        for current in window.currents.iter().flatten() {
            let (expected, measured) = (f64::from(u8::from(idle)), f64::from(u8::from(current.no_load)));
            self.checks.push(Check {
                suite: self.suite.to_owned(),
                point: self.point.name.clone(),
                window: n as u32,
                ..Check::absolute("no_load", "", (expected, measured), measured - expected, 0.5)
            });
        }
    }

    fn check(&mut self, window: usize, values: &Values, truth: &Truth, limits: &Limits) {
        for (&quantity, limit) in limits {
            let channels = if quantity.is_per_current() { truth.currents.len() } else { 1 };
            for current in 0..channels {
                let Some(whole) = limit.whole(truth, quantity, current) else { continue };
                let Some(allowed) = limit.allowed(truth, quantity, current) else { continue };
                let expected = truth.value(quantity, current).unwrap_or(f64::NAN);
                // A reading that is missing is not near anything.
                let measured = values.get(quantity, current).unwrap_or(f64::NAN);
                let (factor, unit) = shown(quantity, limit.basis, 1.0 / whole);
                let error = quantity.error(measured, expected) * factor;
                let limit_shown = allowed * factor;
                self.checks.push(Check {
                    suite: self.suite.to_owned(),
                    point: self.point.name.clone(),
                    channel: (channels > 1).then(|| (current + 1).to_string()),
                    window: window as u32,
                    limit_unit: unit.to_owned(),
                    basis: basis(limit.basis).to_owned(),
                    ..Check::absolute(quantity.name(), quantity.unit(), (expected, measured), error, limit_shown)
                });
            }
        }
    }
}

/// By what an error is multiplied for the report, and the unit it has then. `per_unit` turns the quantity's unit into a
/// part of the limit's basis.
fn shown(quantity: Quantity, basis: Basis, per_unit: f64) -> (f64, &'static str) {
    match (basis, quantity) {
        (Basis::Absolute, Quantity::FrequencyHz) => (1e3, "mHz"),
        (Basis::Absolute, _) => (1.0, quantity.unit()),
        (Basis::Value | Basis::Apparent | Basis::Fundamental, _) => (per_unit * 1e6, "ppm"),
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Value => "value",
        Basis::Apparent => "S",
        Basis::Fundamental => "fundamental",
        Basis::Absolute => "absolute",
    }
}

fn conditions(point: &Point) -> Conditions {
    let current = point.expected.currents.first();
    let range = point.ranges.currents.first();
    let power = current.and_then(|current| current.power);
    let power_factor = power.map(|power| {
        let way = if power.reactive_var.abs() < 1e-6 * power.apparent_va {
            ""
        } else if power.reactive_var > 0.0 {
            " lagging"
        } else {
            " leading"
        };
        format!("{:.3}{way}", power.power_factor)
    });
    Conditions {
        frequency_hz: point.expected.frequency_hz,
        power_factor,
        current_percent: current.zip(range).map(|(current, range)| current.current_a * 2f64.sqrt() / range * 100.0),
        note: format!("{} Hz, {} bits", point.rate_hz, point.adc_bits),
        row: None,
    }
}

fn table(windows: &[Window], values: &[Values], judged: &[bool]) -> WindowTable {
    let currents = values.iter().map(|values| values.currents.len()).max().unwrap_or(0);
    let present: Vec<(Quantity, usize)> = Quantity::ALL
        .into_iter()
        .flat_map(|quantity| (0..if quantity.is_per_current() { currents } else { 1 }).map(move |n| (quantity, n)))
        .filter(|&(quantity, n)| values.iter().any(|values| values.get(quantity, n).is_some()))
        .collect();
    let name = |&(quantity, n): &(Quantity, usize)| {
        if quantity.is_per_current() && currents > 1 {
            format!("{} {}", quantity.name(), n + 1)
        } else {
            quantity.name().into()
        }
    };
    let rows = windows.iter().zip(values).zip(judged).map(|((window, values), &judged)| WindowRow {
        values: present.iter().map(|&(quantity, n)| values.get(quantity, n)).collect(),
        flags: flags(window),
        judged,
    });
    WindowTable { columns: present.iter().map(name).collect(), rows: rows.collect() }
}
