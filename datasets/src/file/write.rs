//! Writes a recording in the format that an extension tells.
//!
//! In comes a recording and a path, out go files and what they do not hold. This file must not know how a format is
//! written.

use super::{FileError, Format};
use crate::comtrade::{self, DataType};
use crate::recording::Recording;
use crate::{csv, wav};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The files.
    pub files: Vec<PathBuf>,
    /// What of the recording they do not hold, one line each.
    pub lost: Vec<String>,
}

/// Writes a recording, with samples of the type given or else of the smallest that holds them. Files that exist are
/// replaced only with `force`; without it none is touched.
///
/// # Errors
/// The extension tells no format; the format cannot hold the recording; a file exists or cannot be written.
pub fn write(recording: &Recording, path: &Path, data: Option<DataType>, force: bool) -> Result<Written, FileError> {
    let unwritable = |file: &Path, reason: String| FileError::Unwritable { file: file.to_owned(), reason };
    let refuse = |reason: String| unwritable(path, reason);
    let format =
        Format::told(path).ok_or_else(|| refuse("the name must end in .csv, .cff, .cfg or .wav".to_owned()))?;
    let (contents, lost) = match format {
        Format::Csv => {
            if data.is_some() {
                return Err(refuse("CSV holds decimal numbers only: no other type of data".to_owned()));
            }
            let made = csv::make(recording).map_err(refuse)?;
            (vec![(path.to_owned(), made.bytes)], made.lost)
        }
        Format::Wav => {
            let form = match data {
                None => None,
                Some(DataType::Binary) => Some(wav::Format::Codes(16)),
                Some(DataType::Binary32) => Some(wav::Format::Codes(32)),
                Some(DataType::Float32) => Some(wav::Format::Float),
                Some(DataType::Ascii) => return Err(refuse("WAV holds no decimal numbers".to_owned())),
            };
            let made = wav::make(recording, form).map_err(refuse)?;
            (vec![(path.to_owned(), made.bytes)], made.lost)
        }
        Format::Cff | Format::Comtrade => {
            let form = comtrade::Form { data, single: format == Format::Cff };
            let made = comtrade::make(recording, form).map_err(refuse)?;
            let contents = made.files.into_iter().map(|(extension, bytes)| (comtrade::sibling(path, extension), bytes));
            (contents.collect(), made.lost)
        }
    };
    if !force && let Some((file, _)) = contents.iter().find(|(file, _)| file.exists()) {
        return Err(unwritable(file, "exists already; --force replaces it".to_owned()));
    }
    for (file, bytes) in &contents {
        // A file that came into being meanwhile is not replaced either.
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).create_new(!force);
        let written = options.open(file).and_then(|mut open| open.write_all(bytes));
        written.map_err(|error| unwritable(file, format!("cannot be written: {error}")))?;
    }
    Ok(Written { files: contents.into_iter().map(|(file, _)| file).collect(), lost })
}
