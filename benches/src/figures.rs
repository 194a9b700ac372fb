//! The rows of `cost.json`: instructions per frame.
//!
//! In come the lines of the counting firmware, out go rows. This file must not know how they were counted.

use anyhow::{Context, bail, ensure};
use serde::Serialize;

use crate::emulator::Core;

/// Instructions that a frame costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Name of the core.
    pub core: String,
    /// Bits of a code: 16 or 24.
    pub bits: u32,
    /// `kernel`: the per-sample work alone; `all`: everything, amortised; `wandering`: the same on mains whose frequency
    /// wanders, as real ones do; `residual`: what a residual channel adds to
    /// `all`; `harmonics`: what a spectrum of one channel over every other window adds to `all`.
    pub stage: String,
    /// Number of currents.
    pub currents: u32,
    /// Whether there is a residual channel.
    pub residual: bool,
    /// Frames per block.
    pub block: u32,
    /// Instructions per frame over whole windows.
    pub instructions_per_frame: f64,
}

impl Cost {
    fn is_beside(&self, other: &Self) -> bool {
        (&self.core, self.bits, self.currents, self.block) == (&other.core, other.bits, other.currents, other.block)
    }
}

/// Rows of the stages `kernel`, `all` and `wandering` from what the firmware printed, or of `harmonics` where it was built for that.
///
/// # Errors
/// If a line is not what the firmware prints, or the counter does not count what the core's should.
pub fn rows(core: Core, lines: &[String]) -> anyhow::Result<Vec<Cost>> {
    let mut lines = lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>());
    known(core, &lines.next().unwrap_or_default())?;
    lines.map(|fields| row(core, &fields).with_context(|| format!("{fields:?} is no row"))).collect()
}

/// Holds the first line of what counts against the loop whose length is known.
///
/// # Errors
/// If it is another line, or the counter does not count what the core's should.
pub fn known(core: Core, first: &[&str]) -> anyhow::Result<()> {
    let ["known", instructions, ticks] = first[..] else { bail!("{first:?} is not the known loop") };
    let counted = ticks.parse::<f64>()? * core.per_tick;
    let known = instructions.parse::<f64>()?;
    ensure!((counted / known - 1.0).abs() < 1e-5, "{known} instructions were counted as {counted}");
    Ok(())
}

fn row(core: Core, fields: &[&str]) -> anyhow::Result<Cost> {
    let ["row", bits, stage, currents, residual, block, frames, ticks] = fields[..] else { bail!("8 fields expected") };
    let cost = ticks.parse::<f64>()? * core.per_tick / frames.parse::<f64>()?;
    Ok(Cost {
        core: core.name.to_owned(),
        bits: bits.parse()?,
        stage: stage.to_owned(),
        currents: currents.parse()?,
        residual: residual.parse()?,
        block: block.parse()?,
        instructions_per_frame: rounded(cost),
    })
}

/// The rows of `with`, less those of `without` beside them, as rows of `stage`.
fn differences(stage: &str, with: &[&Cost], without: &[&Cost]) -> Vec<Cost> {
    let difference = |row: &&Cost| {
        let base = without.iter().find(|base| row.is_beside(base))?;
        let extra = row.instructions_per_frame - base.instructions_per_frame;
        Some(Cost { stage: stage.to_owned(), instructions_per_frame: rounded(extra), ..(*row).clone() })
    };
    with.iter().filter_map(difference).collect()
}

/// What a residual channel adds to `all`.
pub fn residual(rows: &[Cost]) -> Vec<Cost> {
    let all = |residual| rows.iter().filter(|row| row.stage == "all" && row.residual == residual).collect::<Vec<_>>();
    differences("residual", &all(true), &all(false))
}

/// What spectra add to `all`: `rows` without, `with` with them.
pub fn harmonics(rows: &[Cost], with: &[Cost]) -> Vec<Cost> {
    let of = |rows, residual| {
        let rows: &[Cost] = rows;
        rows.iter().filter(|row| row.stage == "all" && row.residual == residual).collect::<Vec<_>>()
    };
    let mut all = differences("harmonics", &of(with, false), &of(rows, false));
    all.extend(differences("harmonics", &of(with, true), &of(rows, true)));
    all
}

/// To hundredths of an instruction.
pub fn rounded(cost: f64) -> f64 {
    (cost * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_instructions_by_the_known_loop() {
        let core = Core { name: "m", target: "", machine: "", per_tick: 20.0 };
        let lines = ["known 1000 50", "row 16 all 1 false 64 320 160", "row 16 all 1 true 64 320 176"];
        let rows = rows(core, &lines.map(str::to_owned)).unwrap();
        assert_eq!(rows.len(), 2);
        // 160 ticks of 20 instructions over 320 frames.
        assert!((rows[0].instructions_per_frame - 10.0).abs() < 1e-9);
        let extra = residual(&rows);
        assert!(extra.len() == 1 && extra[0].residual && (extra[0].instructions_per_frame - 1.0).abs() < 1e-9);
        for wrong in [&["row"][..], &["known 1000 51"], &["known 1000 50", "row 16 all"]] {
            let lines: Vec<_> = wrong.iter().map(|&line| line.to_owned()).collect();
            assert!(super::rows(core, &lines).is_err(), "{wrong:?}");
        }
    }
}
