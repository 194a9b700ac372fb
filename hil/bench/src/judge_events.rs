//! Events that a board told against those that a point provokes.
//!
//! In come the point and the board's events, out go checks and failures for the report. This file must not know
//! windows.

use datasets::catalogue::{EventKind as Kind, ExpectedEvent, Point};
use hil_link::{Event, EventKind, EventLimits, Events};

use crate::report::Check;

/// Nominal voltage of the points that provoke events, in volt.
const NOMINAL_V: f64 = 230.0;

/// Thresholds of IEC 61000-4-30's usual settings: 90, 110 and 5 %, hysteresis 2 %.
pub fn limits() -> EventLimits {
    EventLimits {
        nominal: (NOMINAL_V as u64) << 32,
        dip: Some(9_000),
        swell: Some(11_000),
        interruption: Some(500),
        hysteresis: 200,
        overloads: heapless::Vec::new(),
    }
}

/// Judges the events of a point: each that is expected must have ended once, and no other.
pub fn judge(suite: &str, point: &Point, told: &Events) -> (Vec<Check>, Vec<String>) {
    let ended: Vec<&Event> = told.events.iter().filter(|event| event.ended).collect();
    let (mut checks, mut failures) = (Vec::new(), Vec::new());
    if ended.len() != point.expected_events.len() || told.lost > 0 {
        failures.push(format!(
            "{} events ended and {} were lost, {} are expected",
            ended.len(),
            told.lost,
            point.expected_events.len()
        ));
    }
    for expected in &point.expected_events {
        match ended.iter().find(|event| event.kind == kind(expected.kind)) {
            Some(event) => checks.extend(compare(suite, point, expected, event)),
            None => failures.push(format!("no {:?} was told", expected.kind)),
        }
    }
    (checks, failures)
}

fn kind(kind: Kind) -> EventKind {
    match kind {
        Kind::Dip => EventKind::Dip,
        Kind::Swell => EventKind::Swell,
        Kind::Interruption => EventKind::Interruption,
    }
}

/// Class A: duration within one cycle, residual voltage within 0.2 % of the nominal voltage. The begin is told at the
/// end of the first half cycle whose one-cycle RMS is beyond the threshold: at most a cycle and a half after it.
fn compare(suite: &str, point: &Point, expected: &ExpectedEvent, event: &Event) -> [Check; 3] {
    let cycle = 1.0 / point.expected.frequency_hz.unwrap_or(50.0);
    // Both ends are told in whole frames.
    let frame = 1.0 / point.rate_hz;
    let begin = event.begin_frame as f64 / point.rate_hz;
    let duration = (event.end_frame as f64 - event.begin_frame as f64) / point.rate_hz;
    let extreme = event.extreme as f64 / 2f64.powi(32);
    let name = format!("{:?}", expected.kind).to_lowercase();
    let check = |what: &str, unit: &str, expected: f64, measured: f64, error: f64, limit: f64| Check {
        suite: suite.to_owned(),
        point: point.name.clone(),
        ..Check::absolute(&format!("{name}_{what}"), unit, (expected, measured), error, limit)
    };
    // Half a cycle and the wait for its end are no error: what is left of a cycle and a half on either side is.
    let late = begin - expected.begin_s - 0.75 * cycle;
    [
        check("begin_s", "s", expected.begin_s, begin, late, 0.75 * cycle + frame),
        check("duration_s", "s", expected.duration_s, duration, duration - expected.duration_s, cycle + frame),
        check("extreme_v", "V", expected.extreme, extreme, extreme - expected.extreme, 0.002 * NOMINAL_V),
    ]
}
