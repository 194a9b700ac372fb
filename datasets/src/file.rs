//! The front door: any recording, whatever its format.
//!
//! In comes the path of a file, out go its channels, those asked for in volt and ampere with their rate, or all of it;
//! and the other way round. The format is told by the extension: `.cfg`, `.dat` and `.cff` are COMTRADE, `.wav` is WAV,
//! `.csv` and all others CSV. This file must not know how a format is read or written.

mod error;
mod select;
mod write;

pub use error::FileError;
pub use select::{Column, Selection, select, select_with_gaps};
pub use write::{Written, check, write};

use crate::recording::Recording;
use crate::{comtrade, csv, wav};
use std::path::Path;

/// Format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// COMTRADE, a pair of files.
    Comtrade,
    /// COMTRADE, a single file.
    Cff,
    /// RIFF sound.
    Wav,
}

/// What stands above the samples of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The channels.
    pub channels: Vec<Listing>,
    /// Lines for programs: the information file of COMTRADE, the lines of CSV behind `# inf:`.
    pub information: Vec<String>,
}

/// What a channel is called and what it is measured in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its name.
    pub name: String,
    /// Its unit; empty where none is told.
    pub unit: String,
}

impl Format {
    /// The format that the extension tells, `None` for others than those of the four.
    pub fn told(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "cfg" | "dat" => Some(Self::Comtrade),
            "cff" => Some(Self::Cff),
            "wav" => Some(Self::Wav),
            _ => None,
        }
    }

    /// The format a file is read in.
    pub fn of(path: &Path) -> Self {
        Self::told(path).unwrap_or(Self::Csv)
    }
}

/// Names and units of the channels of a file, and its lines for programs. Columns of CSV may hold anything; the column of
/// the times is none.
///
/// # Errors
/// The first fault of what stands above the samples.
pub fn head(path: &Path) -> Result<Head, FileError> {
    let list = |(name, unit): (String, String)| Listing { name, unit };
    let (channels, information) = match Format::of(path) {
        Format::Csv => {
            let csv::Head { columns, described, information } = csv::head(path)?;
            let unit = |name: &str| described.iter().find(|told| told.name == name).map_or("", |told| &told.unit);
            let names = columns.iter().filter(|name| *name != csv::TIME_COLUMN);
            (names.map(|name| list((name.clone(), unit(name).to_owned()))).collect(), information)
        }
        Format::Comtrade | Format::Cff => {
            let Recording { channels, details, .. } = comtrade::head(path)?;
            (channels.into_iter().map(|channel| list((channel.name, channel.unit))).collect(), details.information)
        }
        Format::Wav => {
            let channels = wav::read(path)?.channels;
            (channels.into_iter().map(|channel| list((channel.name, channel.unit))).collect(), Vec::new())
        }
    };
    Ok(Head { channels, information })
}

/// All of a file.
///
/// # Errors
/// The first fault of the file, with its place.
pub fn read(path: &Path) -> Result<Recording, FileError> {
    Ok(match Format::of(path) {
        Format::Csv => csv::read_whole(path)?,
        Format::Comtrade | Format::Cff => comtrade::read(path)?,
        Format::Wav => wav::read(path)?,
    })
}

#[cfg(test)]
mod tests;
