//! The plots: cost against the number of currents, against the length of a block, and error against cost.
//!
//! In comes the README's section of costs, out go SVG texts by name: so the pictures beside the section show what stands
//! in it. This file must not know how anything is counted.

use std::path::Path;

use anyhow::Context;

use crate::chart::{Axis, Series, Style, draw};
use crate::host;
use crate::table;

/// Names of the plots that stand in the README.
pub const SHOWN: [&str; 2] = ["currents.svg", "errors.svg"];

const LINES: [(&str, usize, Style); 4] = [
    ("M0+ all", 0, Style::Line),
    ("M0+ kernel", 0, Style::Broken),
    ("M4 all", 1, Style::Line),
    ("M4 kernel", 1, Style::Broken),
];

/// All plots of a section: name and text.
///
/// # Errors
/// If the section has not the rows that are drawn.
pub fn all(section: &str) -> anyhow::Result<[(&'static str, String); 3]> {
    Ok([("currents.svg", currents(section)?), ("blocks.svg", blocks(section)?), ("errors.svg", errors(section)?)])
}

/// Draws all plots of a section into a folder.
///
/// # Errors
/// If the section has not the rows that are drawn, or the folder cannot be written to.
pub fn write(section: &str, folder: &Path) -> anyhow::Result<()> {
    let context = || format!("{} cannot be written to", folder.display());
    std::fs::create_dir_all(folder).with_context(context)?;
    for (name, svg) in all(section)? {
        std::fs::write(folder.join(name), svg).with_context(context)?;
    }
    Ok(())
}

/// One line per core and stage through these rows.
fn lines(section: &str, rows: &[(f64, &str)]) -> anyhow::Result<Vec<Series>> {
    let line = |(name, colour, style): (&str, usize, Style)| -> anyhow::Result<_> {
        let point = |&(x, row): &(f64, &str)| Ok((x, table::figure(section, row, name)?));
        let points = rows.iter().map(point).collect::<anyhow::Result<_>>()?;
        Ok(Series { name: name.replace('M', "Cortex-M").replace(' ', ", "), colour, style, points })
    };
    LINES.into_iter().map(line).collect()
}

fn values(series: &[Series]) -> impl Iterator<Item = f64> + Clone {
    series.iter().flat_map(|series| series.points.iter().map(|point| point.1))
}

const COST: &str = "instructions per frame";

fn currents(section: &str) -> anyhow::Result<String> {
    let rows = [
        (1.0, "V + 1 I, 16 bits, blocks of 64"),
        (2.0, "V + 2 I, 16 bits, blocks of 64"),
        (7.0, "V + 7 I, 16 bits, blocks of 64"),
        (8.0, "V + 8 I, 16 bits, blocks of 64"),
    ];
    let series = lines(section, &rows)?;
    let up = Axis::linear(COST, values(&series).fold(0.0, f64::max));
    let title = "Cost against the number of currents: one voltage, 16 bits, blocks of 64 frames";
    Ok(draw(title, &Axis::linear("currents", 8.0), &up, &series))
}

fn blocks(section: &str) -> anyhow::Result<String> {
    let rows = [
        (1.0, "V + 1 I, 16 bits, one frame per call"),
        (16.0, "V + 1 I, 16 bits, blocks of 16"),
        (64.0, "V + 1 I, 16 bits, blocks of 64"),
        (256.0, "V + 1 I, 16 bits, blocks of 256"),
    ];
    let mut series = lines(section, &rows)?;
    // Single frames are collected first, which is no part of the kernel: its figure for them is that of no meter.
    series.iter_mut().filter(|series| series.style == Style::Broken).for_each(|series| {
        series.points.remove(0);
    });
    let up = Axis::log(COST, values(&series));
    let across = Axis::factors("frames per block", &[1.0, 4.0, 16.0, 64.0, 256.0]);
    Ok(draw("Cost against the length of a block: V + 1 I, 16 bits", &across, &up, &series))
}

fn errors(section: &str) -> anyhow::Result<String> {
    let mut series = Vec::new();
    for (colour, name) in crate::meters::NAMES.into_iter().enumerate() {
        let figure = |column| table::figure(section, name, column);
        let cost = figure(host::ALL)?;
        for (style, column) in [(Style::Full, host::ERRORS[0].1), (Style::Ring, host::ERRORS[1].1)] {
            let name = if style == Style::Full { name.to_owned() } else { String::new() };
            series.push(Series { name, colour, style, points: vec![(cost, figure(column)?)] });
        }
    }
    let costs = series.iter().flat_map(|series| series.points.iter().map(|point| point.0));
    let across = Axis::log("instructions per frame", costs);
    let up = Axis::log("worst error of V, I and P in ppm: dot at 50 Hz, ring at 50.3 Hz", values(&series));
    Ok(draw("Error against cost on x86-64: V + 1 I, the whole path", &across, &up, &series))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The README shows what its table says.
    #[test]
    fn the_plots_of_the_readme_are_current() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let readme = std::fs::read_to_string(folder.join("../README.md")).unwrap();
        for (name, svg) in all(table::of(&readme).unwrap()).unwrap() {
            if SHOWN.contains(&name) {
                let kept = std::fs::read_to_string(folder.join(name)).unwrap();
                assert!(kept == svg, "benches/{name} is not what the README's table says: scripts/cost --update");
                assert!(readme.contains(&format!("(benches/{name})")), "benches/{name} does not stand in the README");
            }
        }
    }
}
