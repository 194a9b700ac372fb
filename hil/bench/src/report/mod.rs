//! What a run found, for people and for machines.
//!
//! In: one [`Run`], filled by whoever played and judged the points. Out: `report.html`, `report.json`,
//! `readings.jsonl` and `junit.xml` in a folder, and a table for the terminal. It must not know how a board is reached, how a limit was chosen, or
//! where the truth came from: it only shows what the model says.

mod bars;
mod closeup;
pub mod compare;
pub mod curves;
mod format;
pub mod html;
pub mod json;
pub mod junit;
mod lines;
pub mod model;
mod norm;
mod page;
pub(crate) mod panel;
pub mod plots;
pub mod readings;
#[cfg(test)]
mod sample;
mod svg;
pub mod table;
#[cfg(test)]
mod tests;
pub mod write;

pub use model::{
    Check, Closeup, Conditions, Figure, NormRow, PointResult, Run, Sight, Skipped, Trace, Verdict, Waveform, WindowRow,
    WindowTable,
};

use std::{io, path::Path};

/// Writes `report.json`, `readings.jsonl`, `junit.xml` and `report.html` into `folder`, which is made if it is not there.
///
/// Each file is complete or absent, and the page comes last: who sees a new page finds the new data beside it.
///
/// # Errors
/// The first file that cannot be written, with its path in the message.
pub fn write_all(run: &Run, folder: &Path) -> io::Result<()> {
    write::atomic(&folder.join("report.json"), json::document(run).as_bytes())?;
    write::atomic(&folder.join("readings.jsonl"), readings::document(run).as_bytes())?;
    write::atomic(&folder.join("junit.xml"), junit::document(run).as_bytes())?;
    write::atomic(&folder.join("report.html"), html::document(run).as_bytes())
}
