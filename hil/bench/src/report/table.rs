//! The run as tables for the terminal.
//!
//! In: a run. Out: text, per suite one table with a row per point: each quantity as measured, the truth below it, and
//! the share of its limit that the worst quantity used. Colours only on request. It must not print.

use super::{
    format,
    model::{self, PointResult, Run, Verdict, WindowTable},
};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use std::{
    fmt::Write,
    io::{IsTerminal, stdout},
};

/// All suites, what was skipped and the verdict; coloured and fitted to the width if standard output is a terminal.
pub fn document(run: &Run) -> String {
    render(run, stdout().is_terminal())
}

/// The same with or without colours.
pub fn render(run: &Run, colour: bool) -> String {
    let mut out = String::new();
    for name in run.suites() {
        let is_held_row = |point: &&PointResult| point.conditions.row.is_some() && point.pass();
        let (held, points): (Vec<_>, Vec<_>) = run.points_of(name).partition(is_held_row);
        if !points.is_empty() {
            line(&mut out, format_args!("suite {name}: measured, expected below"));
            line(&mut out, format_args!("{}", suite(&points, colour)));
        }
        let trials: u64 = held.iter().filter_map(|point| point.conditions.row.as_ref()).map(|row| row.trials).sum();
        if !held.is_empty() {
            line(&mut out, format_args!("suite {name}: {} rows of the norm hold over {trials} currents", held.len()));
        }
        for point in points.iter().filter(|point| point.is_listed) {
            line(&mut out, format_args!("{name}/{}: {}", point.point, point.conditions.note));
            line(&mut out, format_args!("{}", readings(&point.windows)));
        }
    }
    for point in run.points.iter().filter(|point| !point.pass()) {
        for reason in point.reasons() {
            line(&mut out, format_args!("failed  {}/{}: {reason}", point.suite, point.point));
        }
    }
    for skipped in &run.skipped {
        line(&mut out, format_args!("skipped {}/{}: {}", skipped.suite, skipped.point, skipped.reason));
    }
    if let Some(told) = run.line() {
        line(&mut out, format_args!("{told}"));
    }
    line(&mut out, format_args!("{}", verdict(run)));
    out
}

/// The verdict in one line.
pub fn verdict(run: &Run) -> String {
    let counts = format!("{} of {} points hold, {} not judged", run.passed(), run.points.len(), run.skipped.len());
    let worst = run.worst().map_or_else(String::new, |check| {
        let used = format::percent(check.used().abs());
        format!("; at most {used} of a limit used ({}, {}/{})", check.label(), check.suite, check.point)
    });
    match (run.verdict(), &run.broken) {
        (Verdict::Pass, _) => format!("PASS: {counts}{worst}"),
        (Verdict::Empty, _) => format!("NOTHING JUDGED: {counts}"),
        (Verdict::Broken, Some(reason)) => format!("BROKEN OFF: {reason}; {counts}"),
        (Verdict::Broken | Verdict::Fail, _) => format!("FAIL: {counts}{worst}"),
    }
}

/// A table without rows, fitted to the terminal where there is one.
pub(super) fn empty(colour: bool) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    if colour {
        table.enforce_styling().set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.force_no_tty();
    }
    table
}

fn suite(points: &[&PointResult], colour: bool) -> Table {
    let labels = model::quantities(points.iter().copied());
    let mut table = empty(colour);
    let mut head = vec![Cell::new("point")];
    head.extend(labels.iter().map(|label| Cell::new(title(points, label)).set_alignment(CellAlignment::Right)));
    head.push(Cell::new("of limit").set_alignment(CellAlignment::Right));
    head.push(Cell::new(""));
    table.set_header(head);
    for point in points {
        table.add_row(row(point, &labels));
    }
    table
}

/// All readings of a point.
fn readings(windows: &WindowTable) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_header(windows.columns.iter().map(|head| Cell::new(head).set_alignment(CellAlignment::Right)));
    for row in &windows.rows {
        // Counts as they are, all else as readings.
        let text = |value: f64| if value.fract() == 0.0 { format!("{value}") } else { format::reading(value) };
        let values = row.values.iter().map(|value| value.map_or_else(String::new, text));
        let mut cells: Vec<Cell> = values.map(|text| Cell::new(text).set_alignment(CellAlignment::Right)).collect();
        cells.extend((!row.flags.is_empty()).then(|| Cell::new(row.flags.join(", "))));
        table.add_row(cells);
    }
    table
}

fn title(points: &[&PointResult], label: &str) -> String {
    let unit = points.iter().flat_map(|point| &point.checks).find(|check| check.label() == label);
    format!("{label}\n{}", unit.map_or("", |check| &check.unit))
}

fn row(point: &PointResult, labels: &[String]) -> Vec<Cell> {
    let worst = point.worst_checks();
    let mut cells = vec![Cell::new(&point.point)];
    for label in labels {
        let cell = match worst.iter().find(|check| check.label() == *label) {
            None => Cell::new(""),
            Some(check) => {
                let text = format!("{}\n{}", format::reading(check.measured), format::reading(check.expected));
                let cell = Cell::new(text).set_alignment(CellAlignment::Right);
                if check.pass { cell } else { cell.fg(Color::Red).add_attribute(Attribute::Bold) }
            }
        };
        cells.push(cell);
    }
    let used = worst.iter().map(|check| check.used().abs()).fold(0.0, f64::max);
    cells.push(Cell::new(format::percent(used)).set_alignment(CellAlignment::Right));
    cells.push(if point.pass() { Cell::new("pass").fg(Color::Green) } else { Cell::new("FAIL").fg(Color::Red) });
    cells
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes any text");
}
