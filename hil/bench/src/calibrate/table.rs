//! A calibration as text: what is corrected, what the board reads before and after, what it keeps.
//!
//! In come calibrations and rows of readings, out go tables. This file must not know boards or how corrections are found.

use comfy_table::{Cell, CellAlignment, Table, presets};
use hil_link::{Calibration, CalibrationState, Correction, Memory, Place};

use super::check::Row;

/// The readings as text.
pub fn readings(rows: &[Row]) -> String {
    let mut table =
        table(&["load", "quantity", "reference", "before", "error", "after", "error", "limit", "unit"], 2..8);
    for row in rows {
        table.add_row(cells(
            vec![
                row.load.clone(),
                row.quantity.clone(),
                format!("{:.6}", row.reference),
                format!("{:.6}", row.before),
                number(row.error(row.before)),
                format!("{:.6}", row.after),
                number(row.error(row.after)),
                number(row.limit),
                format!("{}{}", row.unit, if row.holds() { "" } else { "  FAIL" }),
            ],
            2..8,
        ));
    }
    table.to_string()
}

/// The verdict in one line.
pub fn verdict(rows: &[Row]) -> String {
    let good = rows.iter().filter(|row| row.holds()).count();
    let worst = rows.iter().max_by(|a, b| a.used().total_cmp(&b.used()));
    let worst = worst.map_or_else(String::new, |row| {
        format!("; at most {:.0} % of a limit used ({}, {})", row.used() * 100.0, row.quantity, row.load)
    });
    let verdict = if good == rows.len() { "PASS" } else { "FAIL" };
    format!("{verdict}: {good} of {} readings hold{worst}", rows.len())
}

/// The corrections as text, those of `after` beside those of `before` where there are any to compare with.
pub fn corrections(before: Option<&Calibration>, after: &Calibration) -> String {
    let values = if before.is_some() { 2..4 } else { 2..3 };
    let heads: &[&str] = match before {
        Some(_) => &["channel", "correction", "before", "after", "unit"],
        None => &["channel", "correction", "value", "unit"],
    };
    let mut table = table(heads, values.clone());
    let mut put = |place: Place, name: &str, was: Option<f64>, is: Option<f64>, unit: &str| {
        let text = |value: Option<f64>| value.map_or_else(|| "-".into(), number);
        let mut row = vec![place.to_string(), name.into()];
        row.extend(before.map(|_| text(was)));
        row.extend([text(is), unit.into()]);
        table.add_row(cells(row, values.clone()));
    };
    let clock = |calibration: &Calibration| f64::from(calibration.clock) / 10.0;
    put(Place::Clock, "rate", before.map(clock), Some(clock(after)), "ppm");
    for (place, correction) in after.channels() {
        let was = before.and_then(|before| before.channels().find(|(other, _)| *other == place)?.1);
        if was.is_none() && correction.is_none() {
            continue;
        }
        let turns = matches!(place, Place::Current(_));
        for (name, value, unit) in VALUES.into_iter().filter(|(name, ..)| turns || !["phase", "delay"].contains(name)) {
            put(place, name, was.map(value), correction.map(value), unit);
        }
    }
    table.to_string()
}

type Value = fn(&Correction) -> f64;

/// Name, value in the units of people, and unit of each correction.
const VALUES: [(&str, Value, &str); 5] = [
    ("gain", |c| c.gain_ppm as f64, "ppm"),
    ("phase", |c| c.phase as f64 / 1e3, "degree"),
    ("delay", |c| c.delay as f64, "1/256 sample"),
    ("offset", |c| c.offset as f64 * 100.0 / (1_u64 << 31) as f64, "% of the range"),
    ("noise", |c| c.noise as f64 * 100.0 / (1_u64 << 32) as f64, "% of the range"),
];

/// What the board keeps, in one line.
pub fn state(state: &CalibrationState) -> String {
    let found = match state.memory {
        Memory::Absent => "no EEPROM answers",
        Memory::Blank => "none",
        Memory::Restored => "",
        Memory::Corrupt => "CORRUPT: not used",
        Memory::Foreign => "FOREIGN or of a later version: not used",
    };
    match (&state.calibration, state.saved) {
        (Some(calibration), Some(number)) if calibration.is_empty() => format!("none, copy {number} is empty"),
        (Some(calibration), Some(number)) => {
            let made = match calibration.made {
                0 => String::new(),
                seconds => {
                    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds.into());
                    format!(" of {}", crate::clock::utc(time))
                }
            };
            format!("copy {number}{made}")
        }
        _ => found.into(),
    }
}

fn table(heads: &[&str], right: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_header(cells(heads.iter().map(|&head| head.into()).collect(), right));
    table
}

fn cells(texts: Vec<String>, right: std::ops::Range<usize>) -> Vec<Cell> {
    let cell = |(n, text): (usize, String)| {
        let cell = Cell::new(text);
        if right.contains(&n) { cell.set_alignment(CellAlignment::Right) } else { cell }
    };
    texts.into_iter().enumerate().map(cell).collect()
}

/// Enough digits to see a part in 10⁴ of it, at least four behind the point for small ones.
fn number(value: f64) -> String {
    if value.abs() >= 1000.0 { format!("{value:.1}") } else { format!("{value:.4}") }
}
