//! `report.json`: the judged points for machines.
//!
//! In: a run. Out: a JSON list, one object per judged quantity of a point, each the worst window. Numbers are always
//! finite; points that were skipped do not appear. It must not decide anything: `pass` is what the model says.

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

fn entries(point: &PointResult) -> impl Iterator<Item = Entry<'_>> {
    point.worst_checks().into_iter().map(|check| entry(point, check))
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
