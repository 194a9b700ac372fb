//! What a frame of V + 1 I costs others on the emulated cores, counted as ours is.
//!
//! In come the lines of the firmware `peers`, out go rows of `cost.json` and a table of the README. This file must not know
//! how a meter works.

use std::f64::consts::SQRT_2;
use std::fmt::Write as _;

use anyhow::{Context, bail, ensure};
use serde::Serialize;

use crate::emulator::Core;
use crate::figures::{known, rounded};

/// The cores, each as its owner would use it for floats: the Cortex-M4 with its unit for single precision.
pub const CORES: [Core; 2] = [
    Core { name: "cortex-m0plus", target: "thumbv6m-none-eabi", machine: "mps2-an385", per_tick: 40.0 },
    Core { name: "cortex-m4f", target: "thumbv7em-none-eabihf", machine: "mps2-an386", per_tick: 40.0 },
];

/// Names that the firmware prints, and those of the table.
const NAMES: [(&str, &str); 3] = [
    ("naive_f32", "naive f32"),
    ("idsp", "nine sums in integers, `cossin` of `idsp`"),
    ("metrology_insight", "metrology_insight"),
];

/// Of what is to be read an error of this part is none here: it is looked whether a meter meters.
const ALLOWED: f64 = 0.005;

/// What another meter costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Peer {
    /// Name of the core.
    pub core: String,
    /// Name of the meter.
    pub meter: String,
    /// Instructions per frame over whole windows.
    pub instructions_per_frame: f64,
}

/// Volt, ampere and watt of the firmware's signal, by its amplitudes as parts of 400 V and 25 A.
fn truth() -> [f64; 3] {
    let rms = |range: f64, first: f64, other: f64| range * first.hypot(other) / SQRT_2;
    [rms(400.0, 0.80, 0.02), rms(25.0, 0.40, 0.10), 400.0 * 25.0 / 2.0 * 0.80 * 0.40 * 0.6f64.cos()]
}

/// Rows from what the firmware printed.
///
/// # Errors
/// If a line is not what the firmware prints, a meter is missing or does not read what was there, or the counter does not
/// count what the core's should.
pub fn rows(core: Core, lines: &[String]) -> anyhow::Result<Vec<Peer>> {
    let mut lines = lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>());
    known(core, &lines.next().unwrap_or_default())?;
    let rows: Vec<_> = lines
        .map(|fields| row(core, &fields).with_context(|| format!("{fields:?} is no row")))
        .collect::<anyhow::Result<_>>()?;
    ensure!(rows.iter().map(|row| row.meter.as_str()).eq(NAMES.map(|(_, name)| name)), "a meter is missing: {rows:?}");
    Ok(rows)
}

fn row(core: Core, fields: &[&str]) -> anyhow::Result<Peer> {
    let ["peer", name, frames, ticks, read @ ..] = fields else { bail!("7 fields expected") };
    let (_, meter) = NAMES.into_iter().find(|(printed, _)| printed == name).context("no meter of ours")?;
    let read = read.iter().map(|milli| Ok(milli.parse::<f64>()? / 1e3)).collect::<anyhow::Result<Vec<_>>>()?;
    let is_near = |(read, truth): (&f64, f64)| (read / truth - 1.0).abs() < ALLOWED;
    ensure!(read.len() == 3 && read.iter().zip(truth()).all(is_near), "{meter} reads {read:?} of {:?}", truth());
    let cost = ticks.parse::<f64>()? * core.per_tick / frames.parse::<f64>()?;
    Ok(Peer { core: core.name.to_owned(), meter: meter.to_owned(), instructions_per_frame: rounded(cost) })
}

/// The table of the README; a core that was left out has empty cells.
pub fn table(rows: &[Peer]) -> String {
    let mut text = String::from("| V + 1 I, 24 bits, others | M0+ | M4 with FPU |\n|---|---|---|");
    for (_, meter) in NAMES {
        let _ = write!(text, "\n| {meter} |");
        for core in CORES {
            let found = rows.iter().find(|row| (row.core.as_str(), row.meter.as_str()) == (core.name, meter));
            let _ = match found {
                Some(row) => write!(text, " {:.1} |", row.instructions_per_frame),
                None => write!(text, " |"),
            };
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(names: &[&str], volt: u32) -> Vec<String> {
        let rows = names.iter().map(|name| format!("peer {name} 1000 50 {volt} 7288 1320536"));
        std::iter::once("known 1000 25".to_owned()).chain(rows).collect()
    }

    #[test]
    fn a_meter_counts_only_where_it_reads_what_is_there() {
        let core = CORES[0];
        let names = NAMES.map(|(printed, _)| printed);
        let rows = rows(core, &printed(&names, 226_344)).unwrap();
        // 50 ticks of 40 instructions over 1000 frames.
        assert!(rows.iter().all(|row| (row.instructions_per_frame - 2.0).abs() < 1e-9));
        let text = table(&rows);
        assert!(text.contains("\n| naive f32 | 2.0 | |\n"), "{text}");
        for wrong in [printed(&names, 228_000), printed(&names[1..], 226_344), vec!["known 1000 26".to_owned()]] {
            assert!(super::rows(core, &wrong).is_err(), "{wrong:?}");
        }
    }
}
