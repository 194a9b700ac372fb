//! `report.json`: the judged points for machines.
//!
//! In: a run. Out: a JSON list, one object per judged quantity of a point, each the worst window; where something is wrong
//! that is no quantity, or nothing was judged, a count of it as well. Numbers are always finite; points that were skipped do
//! not appear. It must not decide anything: `pass` is what the model says.

use super::{
    format,
    model::{Check, PointResult, Run},
};
use serde::Serialize;

#[derive(Serialize)]
struct Entry<'a> {
    suite: &'a str,
    point: &'a str,
    quantity: &'a str,
    expected: f64,
    measured: f64,
    error: f64,
    limit: f64,
    channel: Option<&'a str>,
    pass: bool,
    digest: Option<String>,
}

/// The whole document, with a line end.
///
/// A quantity passes only if its point has no other failure either, so that no list of passes hides one.
pub fn document(run: &Run) -> String {
    let entries: Vec<Entry<'_>> = run.points.iter().flat_map(entries).collect();
    let mut text = serde_json::to_string_pretty(&entries).expect("text and finite numbers always serialise");
    text.push('\n');
    text
}

/// Quantity under which the reasons are counted why a point fails that are no limit of a quantity.
const FAILURES: &str = "failures";

fn entries(point: &PointResult) -> impl Iterator<Item = Entry<'_>> {
    let judged = point.worst_checks().into_iter().map(|check| entry(point, check));
    // So that a point is there even if it failed before anything could be judged.
    let wrong = if point.checks.is_empty() { point.reasons().len() } else { point.failures.len() };
    let wrong = (wrong > 0).then_some(wrong as f64).map(|count| Entry {
        suite: &point.suite,
        point: &point.point,
        quantity: FAILURES,
        expected: 0.0,
        measured: count,
        error: count,
        limit: 0.0,
        channel: None,
        pass: false,
        digest: point.digest.map(format::digest),
    });
    judged.chain(wrong)
}

fn entry<'a>(point: &'a PointResult, check: &'a Check) -> Entry<'a> {
    Entry {
        suite: &point.suite,
        point: &point.point,
        quantity: &check.quantity,
        expected: finite(check.expected),
        measured: finite(check.measured),
        error: finite(check.error),
        limit: finite(check.limit),
        channel: check.channel.as_deref(),
        pass: check.pass && point.failures.is_empty(),
        digest: point.digest.map(format::digest),
    }
}

/// JSON has no infinity: what is not finite becomes the largest number there is, which no limit forgives.
fn finite(value: f64) -> f64 {
    if value.is_nan() { f64::MAX } else { value.clamp(f64::MIN, f64::MAX) }
}
