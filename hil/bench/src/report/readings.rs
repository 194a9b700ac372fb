//! `readings.jsonl`: every reading of every window, for machines.
//!
//! In: a run. Out: JSON Lines, an object per point that has readings: `suite`, `point`, `columns`, and `windows`, each with
//! its `values` in the order of the columns (`null` where there is none), its `flags`, and whether it was `judged`. It must
//! not choose: the page shows a part of this.

use super::model::{Run, WindowRow};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    suite: &'a str,
    point: &'a str,
    columns: &'a [String],
    windows: &'a [WindowRow],
}

/// The whole document, a line end behind each point.
pub fn document(run: &Run) -> String {
    let mut text = String::new();
    for point in run.points.iter().filter(|point| !point.windows.rows.is_empty()) {
        let line = Line {
            suite: &point.suite,
            point: &point.point,
            columns: &point.windows.columns,
            windows: &point.windows.rows,
        };
        text.push_str(&serde_json::to_string(&line).expect("text and numbers always serialise"));
        text.push('\n');
    }
    text
}
