//! Writes a recording in the format that an extension tells.
//!
//! In comes a recording and a path, out go files and what they do not hold. This file must not know how a format is
//! written.

use super::{FileError, Format};
use crate::comtrade::{self, DataType};
use crate::recording::Recording;
use crate::{csv, wav};
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The files.
    pub files: Vec<PathBuf>,
    /// What of the recording they do not hold, one line each.
    pub lost: Vec<String>,
}

/// What goes into one file.
enum Content<'a> {
    Bytes(Vec<u8>),
    Sheet(csv::Sheet<'a>),
}

impl Content<'_> {
    fn write(&self, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::new(out);
        match self {
            Self::Bytes(bytes) => out.write_all(bytes)?,
            Self::Sheet(sheet) => sheet.write(&mut out)?,
        }
        out.flush()
    }
}

/// Whether a recording could be written here, before there is one: the extension tells a format, the folder is there, and
/// without `force` no file of that name. What else stands in the way only [`write()`] can tell.
///
/// # Errors
/// As of [`write()`].
pub fn check(path: &Path, force: bool) -> Result<(), FileError> {
    let unwritable = |file: &Path, reason: &str| FileError::Unwritable { file: file.to_owned(), reason: reason.into() };
    let format = format(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(unwritable(path, "there is no such folder"));
    }
    let files = match format {
        Format::Comtrade => ["cfg", "dat", "hdr", "inf"].map(|extension| comtrade::sibling(path, extension)).to_vec(),
        Format::Csv | Format::Cff | Format::Wav => vec![path.to_owned()],
    };
    match files.iter().find(|file| !force && file.exists()) {
        Some(file) => Err(unwritable(file, EXISTS)),
        None => Ok(()),
    }
}

/// Why a file is not replaced.
const EXISTS: &str = "exists already; --force replaces it";

fn format(path: &Path) -> Result<Format, FileError> {
    let reason = || "the name must end in .csv, .cff, .cfg or .wav".to_owned();
    Format::told(path).ok_or_else(|| FileError::Unwritable { file: path.to_owned(), reason: reason() })
}

/// Writes a recording, with samples of the type given or else of the smallest that holds them. Files that exist are
/// replaced only with `force`; without it none is touched.
///
/// # Errors
/// The extension tells no format; the format cannot hold the recording; a file exists or cannot be written.
pub fn write(recording: &Recording, path: &Path, data: Option<DataType>, force: bool) -> Result<Written, FileError> {
    let unwritable = |file: &Path, reason: String| FileError::Unwritable { file: file.to_owned(), reason };
    let refuse = |reason: String| unwritable(path, reason);
    let (contents, lost) = match format(path)? {
        Format::Csv => {
            if data.is_some() {
                return Err(refuse("CSV holds decimal numbers only: no other type of data".to_owned()));
            }
            let mut sheet = csv::Sheet::of(recording).map_err(refuse)?;
            let lost = std::mem::take(&mut sheet.lost);
            (vec![(path.to_owned(), Content::Sheet(sheet))], lost)
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
            (vec![(path.to_owned(), Content::Bytes(made.bytes))], made.lost)
        }
        format @ (Format::Cff | Format::Comtrade) => {
            let form = comtrade::Form { data, single: format == Format::Cff };
            let made = comtrade::make(recording, form).map_err(refuse)?;
            let file = |(extension, bytes)| (comtrade::sibling(path, extension), Content::Bytes(bytes));
            (made.files.into_iter().map(file).collect(), made.lost)
        }
    };
    if !force && let Some((file, _)) = contents.iter().find(|(file, _)| file.exists()) {
        return Err(unwritable(file, EXISTS.to_owned()));
    }
    for (file, content) in &contents {
        // A file that came into being meanwhile is not replaced either.
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).create_new(!force);
        let written = options.open(file).and_then(|open| content.write(open));
        written.map_err(|error| unwritable(file, format!("cannot be written: {error}")))?;
    }
    Ok(Written { files: contents.into_iter().map(|(file, _)| file).collect(), lost })
}
