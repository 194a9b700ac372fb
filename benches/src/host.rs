//! Instructions per frame on the PC, with the worst error of what is read for them.
//!
//! In comes what gungraun says of the bench `instructions`, out go rows of `cost.json` and a table of the README. This
//! file must not know how a meter works.

use std::fmt::Write as _;

use anyhow::{Context, ensure};
use serde::Serialize;
use serde_json::Value;

use crate::meters::{NAMES, WINDOW, worst_error};

/// How many windows the bench counts.
pub const WINDOWS: usize = 20;

/// First column, and by it the table is known.
pub const TITLE: &str = "instructions per frame on x86-64";
/// Column of the per-sample work alone.
pub const KERNEL: &str = "kernel";
/// Column of the whole path.
pub const ALL: &str = "all";
/// Frequencies at which the error is looked for, in hertz, and the columns.
pub const ERRORS: [(f64, &str); 2] = [(50.0, "error at 50 Hz, ppm"), (50.3, "error at 50.3 Hz, ppm")];

/// Names of the bench's functions and of what they count; a kernel only the core has.
const ROWS: [(&str, Option<&str>, &str); 6] = [
    ("all core_16", Some("kernel_16 core_16"), NAMES[0]),
    ("all core_24", Some("kernel_24 core_24"), NAMES[1]),
    ("all strip_16", Some("kernel_strip strip_16"), "metering-core, 16 bits, V + 7 I + residual"),
    ("all naive_f64", None, NAMES[2]),
    ("all naive_f32", None, NAMES[3]),
    ("all insight", None, NAMES[4]),
];

/// What one meter costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// Name of the meter: V + 1 I in blocks of a cycle, unless it says otherwise.
    pub meter: String,
    /// Instructions per frame of the per-sample work alone.
    pub kernel: Option<f64>,
    /// Instructions per frame of the whole path.
    pub all: f64,
    /// Worst error in ppm at each of the frequencies of [`ERRORS`].
    pub errors_ppm: Vec<f64>,
}

/// Rows from the lines of JSON that gungraun prints, one for each function.
///
/// # Errors
/// If a line is not such a one, or a function is missing.
pub fn rows(lines: &str) -> anyhow::Result<Vec<Host>> {
    let counts = lines.lines().map(count).collect::<anyhow::Result<Vec<_>>>()?;
    let per_frame = |function: &str| -> anyhow::Result<f64> {
        let found = counts.iter().find(|(name, _)| name == function);
        let count = found.with_context(|| format!("gungraun did not count {function:?}"))?.1;
        Ok((count as f64 / (WINDOWS * WINDOW) as f64 * 100.0).round() / 100.0)
    };
    let row = |(all, kernel, meter): (&str, Option<&str>, &str)| {
        let errors = if NAMES.contains(&meter) { &ERRORS[..] } else { &[] };
        Ok(Host {
            meter: meter.to_owned(),
            kernel: kernel.map(per_frame).transpose()?,
            all: per_frame(all)?,
            errors_ppm: errors.iter().map(|(hertz, _)| worst_error(meter, *hertz)).collect::<anyhow::Result<_>>()?,
        })
    };
    ROWS.into_iter().map(row).collect()
}

/// Function and id, and how many instructions it took.
fn count(line: &str) -> anyhow::Result<(String, u64)> {
    let summary: Value = serde_json::from_str(line).with_context(|| format!("{line:?} is no summary of gungraun"))?;
    let text = |key: &str| summary[key].as_str().with_context(|| format!("gungraun tells no {key}"));
    let name = format!("{} {}", text("function_name")?, text("id")?);
    let count = &summary["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"];
    let count = count.as_u64().with_context(|| format!("gungraun tells no instructions of {name:?}"))?;
    ensure!(count > 0, "{name:?} took no instructions: callgrind did not see it");
    Ok((name, count))
}

/// The table of the README; nothing without rows.
pub fn table(rows: &[Host]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let [(_, first), (_, second)] = ERRORS;
    let mut text = format!("| {TITLE} | {KERNEL} | {ALL} | {first} | {second} |\n");
    text.push_str("|---|---|---|---|---|\n");
    for row in rows {
        let kernel = row.kernel.map(|kernel| format!("{kernel:.1}"));
        let errors = (0..ERRORS.len()).map(|index| row.errors_ppm.get(index).copied().map(significant));
        let cells = [Some(row.meter.clone()), kernel, Some(format!("{:.1}", row.all))].into_iter().chain(errors);
        for cell in cells {
            let _ = write!(text, "| {}", cell.map_or(String::new(), |cell| cell + " "));
        }
        text.push('|');
        text.push('\n');
    }
    text
}

/// Two digits that say something.
pub fn significant(value: f64) -> String {
    let behind = (1 - value.abs().max(1e-9).log10().floor() as i32).max(0) as usize;
    format!("{value:.behind$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, count: u64) -> String {
        let (function, id) = name.split_once(' ').unwrap();
        let total = serde_json::json!({"metrics": {"Ir": {"values": {"new": count, "old": 7}}}});
        let profiles = serde_json::json!([{"data": {"total": total}}]);
        serde_json::json!({"function_name": function, "id": id, "profiles": profiles}).to_string()
    }

    #[test]
    fn counts_become_instructions_per_frame() {
        let names: Vec<&str> = ROWS.iter().flat_map(|row| [Some(row.0), row.1]).flatten().collect();
        let lines = |count| names.iter().map(|name| line(name, count)).collect::<Vec<_>>();
        let rows = rows(&lines(64_000).join("\n")).unwrap();
        assert_eq!(rows.len(), ROWS.len());
        assert!(
            rows.iter().all(|row| (row.all - 2.0).abs() < 1e-9 && row.kernel.is_none_or(|k| (k - 2.0).abs() < 1e-9))
        );
        let text = table(&rows);
        assert!(text.contains("| naive f64 | | 2.0 |") && text.contains("+ residual | 2.0 | 2.0 | | |"), "{text}");
        assert!(super::rows(&lines(0).join("\n")).is_err());
        assert!(super::rows(&lines(9)[1..].join("\n")).is_err());
        assert!(super::rows("no summary").is_err());
    }

    #[test]
    fn errors_keep_two_digits() {
        assert_eq!([0.00314, 0.5, 4.62, 31.4, 12_345.6].map(significant), ["0.0031", "0.50", "4.6", "31", "12346"]);
    }
}
