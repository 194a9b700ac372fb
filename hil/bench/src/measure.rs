//! `hil measure`: readings of a recording, metered by the core on this machine.
//!
//! In comes a file and how to read it, out goes a table or JSON Lines. This file must not know boards.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use datasets::Channels;
use datasets::file::Format;
use hil_link::Window;
use serde_json::{Map, Value, json};

use crate::cli::Measure;
use crate::host;
use crate::plan::Plan;
use crate::terminal::{print, say};
use crate::values::{CurrentValues, Values, flags, is_settling};
use recorded::Recorded;

pub(crate) mod recorded;
mod take;

/// Runs the command.
///
/// # Errors
/// The file, or what was asked of it, is at fault; the text names file, line or sample, and column or channel.
pub fn command(arguments: &Measure) -> Result<()> {
    let Recorded { plan, ranges, rate_hz, remarks, digest, gaps, .. } = recorded::read(arguments)?;
    let file = arguments.file.display();
    let windows = host::meter_around(&plan, &gaps).with_context(|| format!("{file}"))?;
    if !windows.iter().any(|window| !is_settling(window)) {
        let end = match Format::of(&arguments.file) {
            Format::Csv => format!("line {}", last_line(&arguments.file)?),
            _ => format!("sample {}", plan.frames()),
        };
        bail!("{file}: {end}: {}", unlocked(&windows, plan.frames() as f64 / rate_hz));
    }
    for remark in remarks {
        say(&format!("{file}: {remark}"));
    }
    describe(arguments, &plan, &ranges, rate_hz);
    let read = host::digest(&windows);
    if let Some(digest) = digest {
        say(&if digest == read {
            format!("{file}: the same readings as the board gave: digest {read:016x}")
        } else {
            format!(
                "{file}: not the readings that the board gave, whose digest was {digest:016x}: the samples were changed, \
                 or its firmware has another metering core"
            )
        });
    }
    print(&if arguments.json { lines(&windows, rate_hz)? } else { table(&windows, rate_hz)? })
}

/// Number of the last line of a file, as an editor shows it.
fn last_line(file: &Path) -> Result<usize> {
    let text = std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    Ok(text.trim_ascii_end().split(|&byte| byte == b'\n').count())
}

/// Why no window of a recording is whole.
fn unlocked(windows: &[Window], seconds: f64) -> String {
    if windows.len() < 3 {
        format!(
            "the recording ends after {seconds:.3} s, before the meter has locked and completed one window (about \
             0.4 s)"
        )
    } else {
        format!(
            "no window in {seconds:.3} s is locked to a mains frequency: is there one of 42.5 to 69 Hz, and is the rate right?"
        )
    }
}

/// Says on standard error what was chosen.
fn describe(arguments: &Measure, plan: &Plan, ranges: &Channels<f64>, rate_hz: f64) {
    let list = |values: &[f64]| values.iter().map(|value| format!("{value:.6} A")).collect::<Vec<_>>().join(", ");
    let mut parts = vec![format!("{} bits", plan.config.adc_bits), format!("{rate_hz} Hz")];
    parts.extend(ranges.voltage.map(|range| format!("voltage range {range:.6} V")));
    if !ranges.currents.is_empty() {
        parts.push(format!("current range {}", list(&ranges.currents)));
    }
    parts.extend(ranges.residual.map(|range| format!("residual range {range:.6} A")));
    let file = arguments.file.display();
    say(&format!("{file}: {} (ranges are full-scale peaks)", parts.join(", ")));
    if plan.clipped > 0 {
        say(&format!("{file}: {} samples lie beyond their range and were clipped", plan.clipped));
    }
}

fn summary(windows: &[Window]) -> (Values, usize) {
    let whole: Vec<Values> = windows.iter().filter(|window| !is_settling(window)).map(Values::from).collect();
    (Values::mean(&whole), whole.len())
}

/// Windows as JSON Lines, the last of which is their summary.
pub(crate) fn lines(windows: &[Window], rate_hz: f64) -> Result<String> {
    let mut out = String::new();
    for window in windows {
        let mut object = Map::new();
        object.insert("t_s".into(), json!(window.end_frame as f64 / rate_hz));
        fill(&mut object, &Values::from(window));
        object.insert("flags".into(), json!(flags(window)));
        writeln!(out, "{}", Value::Object(object))?;
    }
    let (values, count) = summary(windows);
    let mut object = Map::new();
    object.insert("summary".into(), json!(true));
    fill(&mut object, &values);
    object.insert("windows".into(), json!(count));
    object.insert("digest".into(), json!(format!("{:016x}", host::digest(windows))));
    writeln!(out, "{}", Value::Object(object))?;
    Ok(out)
}

fn fill(object: &mut Map<String, Value>, values: &Values) {
    object.insert("voltage_v".into(), json!(values.voltage_v));
    let first = values.currents.first().copied().unwrap_or_default();
    fill_current(object, &first);
    object.insert("frequency_hz".into(), json!(values.frequency_hz));
    object.insert("residual_a".into(), json!(values.residual_a));
    if let Some(residual) = values.residual {
        object.insert("residual_ac_a".into(), json!(residual.ac_a));
        object.insert("residual_dc_a".into(), json!(residual.dc_a));
        object.insert("residual_total_a".into(), json!(residual.total_a));
        object.insert("residual_peak_a".into(), json!(residual.peak_a));
        object.insert("residual_kind".into(), json!(residual.kind_name()));
    }
    if values.currents.len() > 1 {
        let all = values.currents.iter().map(|current| {
            let mut object = Map::new();
            fill_current(&mut object, current);
            Value::Object(object)
        });
        object.insert("currents".into(), all.collect());
    }
}

fn fill_current(object: &mut Map<String, Value>, current: &CurrentValues) {
    for (name, value) in [
        ("current_a", current.current_a),
        ("active_w", current.active_w),
        ("reactive_var", current.reactive_var),
        ("apparent_va", current.apparent_va),
        ("power_factor", current.power_factor),
        ("phase_deg", current.phase_deg),
    ] {
        object.insert(name.into(), json!(value));
    }
}

/// Titles of the columns, two lines each, in the order of [`rows`].
const TITLES: [&str; 16] = [
    "end\ns",
    "U\nV",
    "I\nA",
    "P\nW",
    "Q1\nvar",
    "S\nVA",
    "PF\n",
    "phase\ndeg",
    "f\nHz",
    "residual\nA",
    "AC\nA",
    "DC\nA",
    "total\nA",
    "peak\nA",
    "kind\n",
    "",
];

/// What stands for a quantity that there is not.
const NONE: &str = "-";

fn table(windows: &[Window], rate_hz: f64) -> Result<String> {
    let mut cells: Vec<[String; TITLES.len()]> = Vec::new();
    for window in windows {
        let time = format!("{:.4}", window.end_frame as f64 / rate_hz);
        rows(&mut cells, &time, &Values::from(window), &flags(window).join(" "));
    }
    let (values, count) = summary(windows);
    rows(&mut cells, "mean", &values, &format!("of {count} {}", if count == 1 { "window" } else { "windows" }));
    // A channel that is not there takes no room on the screen.
    let shown: Vec<usize> =
        (0..TITLES.len()).filter(|&n| cells.iter().any(|row| row[n] != NONE && !row[n].is_empty())).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_header(shown.iter().map(|&n| TITLES[n]));
    for row in &cells {
        table.add_row(shown.iter().map(|&n| &row[n]));
    }
    for (column, &n) in table.column_iter_mut().zip(&shown) {
        column.set_cell_alignment(if n + 1 < TITLES.len() { CellAlignment::Right } else { CellAlignment::Left });
    }
    let mut out = String::new();
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "digest {:016x}", host::digest(windows))?;
    Ok(out)
}

/// One row per current; what they share stands in the first.
fn rows(cells: &mut Vec<[String; TITLES.len()]>, time: &str, values: &Values, note: &str) {
    let text = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), |value| significant(value, 7));
    let residual = values.residual;
    let silent = [CurrentValues::default()];
    let currents = if values.currents.is_empty() { &silent[..] } else { &values.currents };
    for (n, current) in currents.iter().enumerate() {
        let shared = |text: String| if n == 0 { text } else { String::new() };
        cells.push([
            shared(time.to_owned()),
            shared(text(values.voltage_v)),
            text(current.current_a),
            text(current.active_w),
            text(current.reactive_var),
            text(current.apparent_va),
            text(current.power_factor),
            text(current.phase_deg),
            shared(text(values.frequency_hz)),
            shared(text(values.residual_a)),
            shared(text(residual.map(|residual| residual.ac_a))),
            shared(text(residual.map(|residual| residual.dc_a))),
            shared(text(residual.and_then(|residual| residual.total_a))),
            shared(text(residual.map(|residual| residual.peak_a))),
            shared(residual.map_or(NONE, |residual| residual.kind_name()).to_owned()),
            shared(note.to_owned()),
        ]);
    }
}

/// A number with so many significant digits, at most 9 behind the point.
fn significant(value: f64, digits: i32) -> String {
    let before = if value == 0.0 { 1 } else { value.abs().log10().floor() as i32 + 1 };
    format!("{value:.*}", (digits - before).clamp(0, 9) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_seven_digits() {
        assert_eq!(significant(227.918_34, 7), "227.9183");
        assert_eq!(significant(0.240_004_47, 7), "0.2400045");
        assert_eq!(significant(-15.343_3, 7), "-15.34330");
        assert_eq!(significant(0.0, 7), "0.000000");
        assert_eq!(significant(918_280.892, 7), "918280.9");
    }
}
