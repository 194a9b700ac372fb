//! The README's table of costs, and whether a figure rose above what stands there.
//!
//! In come rows, out goes text; in comes the README, out go the figures that are too high. This file must not know how
//! anything is measured.

use std::fmt::Write as _;

use anyhow::{Context, ensure};

use crate::counted::Counted;
use crate::emulator::CORES;
use crate::host;
use crate::peers;
use crate::size::{CONFIGS, Size};

const BEGIN: &str = "<!-- cost: scripts/cost --update -->\n";
const END: &str = "<!-- /cost -->";

/// By how much a figure may rise before the check fails.
const ALLOWED: f64 = 1.03;

/// What the table shows: a name, bits, currents, residual, block, the stage that is all of it.
const ROWS: [(&str, u32, u32, bool, u32, &str); 12] = [
    ("V + 1 I, 16 bits, blocks of 64", 16, 1, false, 64, "all"),
    ("V + 1 I, 24 bits, blocks of 64", 24, 1, false, 64, "all"),
    ("V + 2 I, 16 bits, blocks of 64", 16, 2, false, 64, "all"),
    ("V + 7 I, 16 bits, blocks of 64", 16, 7, false, 64, "all"),
    ("V + 8 I, 16 bits, blocks of 64", 16, 8, false, 64, "all"),
    ("V + 7 I + residual, 16 bits, blocks of 64", 16, 7, true, 64, "all"),
    ("V + 7 I + residual, 24 bits, blocks of 64", 24, 7, true, 64, "all"),
    ("V + 1 I, 16 bits, blocks of 256", 16, 1, false, 256, "all"),
    ("V + 1 I, 16 bits, blocks of 16", 16, 1, false, 16, "all"),
    ("V + 1 I, 16 bits, one frame per call", 16, 1, false, 1, "all"),
    ("V + 1 I, 16 bits, blocks of 64, mains that wander", 16, 1, false, 64, "wandering"),
    ("V + 7 I + residual, 16 bits, blocks of 64, mains that wander", 16, 7, true, 64, "wandering"),
];

/// The section of the README; what was left out has empty cells.
pub fn section(counted: &Counted) -> String {
    let mut text = String::from("\n| instructions per frame |");
    for core in CORES {
        let short = short(core.name);
        let _ = write!(text, " {short} kernel | {short} all |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(2 * CORES.len()));
    for (name, bits, currents, residual, block, all) in ROWS {
        let _ = write!(text, "\n| {name} |");
        for core in CORES {
            for stage in ["kernel", all] {
                let cost = counted.cost.iter().find(|row| {
                    (row.core.as_str(), row.stage.as_str()) == (core.name, stage)
                        && (row.bits, row.currents, row.residual, row.block) == (bits, currents, residual, block)
                });
                let _ = match cost {
                    Some(cost) => write!(text, " {:.1} |", cost.instructions_per_frame),
                    None => write!(text, " |"),
                };
            }
        }
    }
    text.push_str("\n\n| bytes | flash | RAM | stack |\n|---|---|---|---|\n");
    for core in CORES {
        for config in CONFIGS {
            let size = |size: &&Size| (size.core.as_str(), size.config.as_str()) == (core.name, config);
            let _ = write!(text, "| {}, {config} |", short(core.name));
            let _ = match counted.size.iter().find(size) {
                Some(Size { flash_bytes, ram_bytes, stack_bytes, .. }) => {
                    writeln!(text, " {flash_bytes} | {ram_bytes} | {stack_bytes} |")
                }
                None => writeln!(text, " | | |"),
            };
        }
    }
    text.push('\n');
    text.push_str(&peers::table(&counted.peer));
    text.push('\n');
    text.push_str(&host::table(&counted.host));
    text.push('\n');
    text
}

fn short(core: &str) -> &str {
    match core {
        "cortex-m0plus" => "M0+",
        "cortex-m4" => "M4",
        "cortex-m33" => "M33",
        other => other,
    }
}

/// Where the section lies in the README.
fn place(readme: &str) -> anyhow::Result<(usize, usize)> {
    let begin = readme.find(BEGIN).context("README.md has no section of costs")? + BEGIN.len();
    let end = begin + readme[begin..].find(END).context("the section of costs in README.md has no end")?;
    Ok((begin, end))
}

/// The section that stands in the README.
///
/// # Errors
/// If there is none.
pub fn of(readme: &str) -> anyhow::Result<&str> {
    place(readme).map(|(begin, end)| &readme[begin..end])
}

/// The rows of tables, as cells; the first and the last are what lies outside of the table.
fn cells(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    text.lines().filter(|line| line.starts_with('|')).map(cells).collect()
}

/// The figure in the row and the column of these names.
///
/// # Errors
/// If there is none.
pub fn figure(section: &str, row: &str, column: &str) -> anyhow::Result<f64> {
    let mut index = None;
    for line in cells(section) {
        if let Some(at) = line.iter().position(|cell| cell == column) {
            index = Some(at);
        }
        if line.get(1).is_some_and(|name| name == row)
            && let Some(cell) = index.and_then(|index| line.get(index))
        {
            return cell.parse().with_context(|| format!("{row}, {column}: no number in {cell:?}"));
        }
    }
    anyhow::bail!("the section of costs has no row {row:?} with a column {column:?}: scripts/cost --update")
}

/// The README with a new section.
///
/// # Errors
/// If it has no place for one.
pub fn update(readme: &str, section: &str) -> anyhow::Result<String> {
    let (begin, end) = place(readme)?;
    Ok(format!("{}{section}{}", &readme[..begin], &readme[end..]))
}

/// Figures of `section` that are higher than the README says, one line each. Those of a core that was left out, and of the
/// PC where it is no x86-64, are not looked at.
///
/// # Errors
/// If the README has not the same rows and columns, or no number where there is one now.
pub fn risen(readme: &str, section: &str) -> anyhow::Result<Vec<String>> {
    let (old, new) = (cells(of(readme)?), cells(section));
    let names = |rows: &[Vec<String>]| rows.iter().map(|row| (row[1].clone(), row.len())).collect::<Vec<_>>();
    let (all, counted) = (names(&old), names(&new));
    // The last table, or none of it.
    let emulated = all.iter().position(|(name, _)| name == host::TITLE).map_or(&all[..], |host| &all[..host]);
    ensure!(counted == all || counted == emulated, "README.md has other rows of costs: scripts/cost --update");
    let mut risen = Vec::new();
    for (old, new) in old.iter().zip(&new) {
        for (column, (before, now)) in old.iter().zip(new).enumerate().skip(2) {
            // The first row of each table names the columns, the second is a line.
            let Ok(value) = now.parse::<f64>() else { continue };
            let limit: f64 =
                before.parse().with_context(|| format!("README.md, {}: no number in {before:?}", new[1]))?;
            if value > limit * ALLOWED {
                risen.push(format!("{}, column {}: {now}, README.md says {before}", new[1], column - 1));
            }
        }
    }
    Ok(risen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Cost;

    fn readme(figure: f64) -> String {
        let cost = Cost {
            core: "cortex-m4".to_owned(),
            bits: 16,
            stage: "all".to_owned(),
            currents: 1,
            residual: false,
            block: 64,
            instructions_per_frame: figure,
        };
        let empty = format!("before\n{BEGIN}{END}\nafter\n");
        update(&empty, &section(&Counted { cost: vec![cost], ..Counted::default() })).unwrap()
    }

    #[test]
    fn a_figure_may_fall_or_rise_by_three_percent() {
        let new = |figure| readme(figure).split_once(BEGIN).unwrap().1.split_once(END).unwrap().0.to_owned();
        assert!(risen(&readme(100.0), &new(50.0)).unwrap().is_empty());
        assert!(risen(&readme(100.0), &new(103.0)).unwrap().is_empty());
        let found = risen(&readme(100.0), &new(103.2)).unwrap();
        assert!(found.len() == 1 && found[0].contains("103.2") && found[0].contains("100.0"), "{found:?}");
        assert!(risen(&format!("{BEGIN}{END}"), &new(1.0)).is_err());
        assert!(risen(&readme(f64::NAN).replace("NaN", "x"), &new(1.0)).is_err());
        // Nothing measured, nothing risen.
        assert!(risen(&readme(1.0), &section(&Counted::default())).unwrap().is_empty());
        assert!(risen("", &new(1.0)).is_err());
    }

    /// Else scripts/cost --check could compare nothing.
    #[test]
    fn the_readme_has_the_rows_that_are_counted() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
        assert!(risen(&readme, &section(&Counted::default())).unwrap().is_empty());
    }

    #[test]
    fn the_figures_of_this_machine_are_held_as_well() {
        let section = |all, error| {
            let host = host::Host { meter: "m".to_owned(), kernel: None, all, errors_ppm: vec![error, 7.0] };
            section(&Counted { host: vec![host], ..Counted::default() })
        };
        let readme = format!("{BEGIN}{}{END}", section(100.0, 2.0));
        assert!(risen(&readme, &section(102.9, 2.0)).unwrap().is_empty());
        assert_eq!(risen(&readme, &section(103.2, 2.0)).unwrap().len(), 1);
        assert_eq!(risen(&readme, &section(100.0, 2.2)).unwrap().len(), 1);
    }

    #[test]
    fn another_machine_holds_the_emulated_cores_alone() {
        let host = |meter: &str| host::Host { meter: meter.to_owned(), kernel: None, all: 9.0, errors_ppm: vec![] };
        let section = |figure, meters: &[&str]| {
            let mut text = of(&readme(figure)).unwrap().to_owned();
            text.push_str(&host::table(&meters.iter().map(|meter| host(meter)).collect::<Vec<_>>()));
            text
        };
        let readme = format!("{BEGIN}{}{END}", section(100.0, &["m", "n"]));
        assert!(risen(&readme, &section(100.0, &[])).unwrap().is_empty());
        assert_eq!(risen(&readme, &section(104.0, &[])).unwrap().len(), 1);
        // The whole table or none of it.
        assert!(risen(&readme, &section(100.0, &["m"])).is_err());
    }

    #[test]
    fn figures_are_found_by_their_names() {
        let text = readme(12.3);
        let found = |row, column| figure(of(&text).unwrap(), row, column);
        assert!((found("V + 1 I, 16 bits, blocks of 64", "M4 all").unwrap() - 12.3).abs() < 1e-9);
        assert!(found("V + 1 I, 16 bits, blocks of 64", "M4 kernel").is_err());
        assert!(found("V + 1 I, 16 bits, blocks of 64", "nothing").is_err());
        assert!(found("nothing", "M4 all").is_err());
    }
}
