//! COMTRADE: the common format for transient data exchange, IEEE C37.111 (IEC 60255-24).
//!
//! In comes a pair of files (`.cfg`, `.dat`, perhaps `.hdr` and `.inf`) or a single one (`.cff`) of the revisions 1991,
//! 1999 or 2013, or its bytes; out goes a recording, and the other way round in the revision 2013. This file must not
//! know what a channel is used for.
//!
//! What is read beside the letter of the standard, because recorders write it: other revision years (taken for the
//! nearest revision before), blank lines between samples, spaces around cells, line ends of any kind, names in other
//! encodings than UTF-8 (guessed, which a remark tells), a `nrates` of 0 with or without its line, rates that change
//! with every few cycles, data that go on behind the last section (left out, which a remark tells).
//!
//! A missing sample is NaN: an empty cell; 99999 in ASCII since 1999; in BINARY 0x8000 since 1999 and 0xFFFF before; in
//! BINARY32 0x80000000; in FLOAT32 the most negative number, or one that is not finite.
//!
//! The crates at hand were tried on a set of real files: `comtrade` 0.2.1 reads the ASCII files of tidy recorders only
//! and leaves the factors to its caller, as its README says; `comtrade-io` 0.1.0 reads more, but expects that a `nrates`
//! of 0 has no line after it, so that files with time stamps only are refused, takes every foreign encoding for GBK, and
//! keeps no raw values, so that codes come back only as far as three decimals tell.

mod cff;
mod cfg;
mod dat;
mod fault;
mod text;
mod write;

pub use fault::{ComtradeError, Fault};
pub use write::{Form, Made, make};

pub(crate) use cfg::{Config, parse as parse_config};
pub(crate) use write::{config as write_config, plain_cell};

use crate::recording::Recording;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest configuration in bytes.
pub const MAX_CONFIG_BYTES: u64 = 16 << 20;

/// Largest file of data in bytes.
pub const MAX_DATA_BYTES: u64 = 1 << 30;

/// Most channels of one recording, analogue and status together.
pub const MAX_CHANNELS: usize = 100_000;

/// Most sections of one recording.
pub const MAX_SECTIONS: usize = 10_000;

/// Most bytes of samples in memory: 8 for each analogue value and time stamp, 1 for each state.
pub const MAX_SAMPLE_BYTES: usize = 800_000_000;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// Decimal numbers.
    Ascii,
    /// Codes of 16 bits.
    Binary,
    /// Codes of 32 bits.
    Binary32,
    /// IEEE 754 single precision.
    Float32,
}

impl DataType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ascii, Self::Binary, Self::Binary32, Self::Float32];

    /// The word for it in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ASCII",
            Self::Binary => "BINARY",
            Self::Binary32 => "BINARY32",
            Self::Float32 => "FLOAT32",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|data| data.name().eq_ignore_ascii_case(text))
    }
}

/// Revision of the standard that a file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Revision {
    R1991,
    R1999,
    R2013,
}

/// Reads the recording that a `.cff` file, or one of a pair `.cfg` and `.dat`, belongs to.
///
/// # Errors
/// The first fault of the files, with its place.
pub fn read(path: &Path) -> Result<Recording, ComtradeError> {
    let fault = |path: &Path| {
        let file = path.to_owned();
        move |fault| ComtradeError { file, fault }
    };
    if has_extension(path, "cff") {
        let bytes = bytes(path, MAX_DATA_BYTES).map_err(fault(path))?;
        return parse_cff(&bytes).map_err(fault(path));
    }
    let cfg_path = sibling(path, "cfg");
    let dat_path = sibling(path, "dat");
    let cfg = bytes(&cfg_path, MAX_CONFIG_BYTES).map_err(fault(&cfg_path))?;
    let config = cfg::parse(&cfg, 0).map_err(fault(&cfg_path))?;
    let dat = bytes(&dat_path, MAX_DATA_BYTES).map_err(fault(&dat_path))?;
    let mut recording = dat::parse(config, &dat, 0).map_err(fault(&dat_path))?;
    drop(dat);
    recording.details.notes = beside(path, "hdr")?;
    recording.details.information = beside(path, "inf")?;
    Ok(recording)
}

/// What stands above the samples: the configuration and the lines for programs, without a sample.
///
/// # Errors
/// The first fault of the configuration.
pub fn head(path: &Path) -> Result<Recording, ComtradeError> {
    if has_extension(path, "cff") {
        let fault = |fault| ComtradeError { file: path.to_owned(), fault };
        let bytes = bytes(path, MAX_DATA_BYTES).map_err(fault)?;
        let parts = cff::split(&bytes);
        let mut recording = parts.config().map_err(fault)?.recording;
        recording.details.information = text::lines(parts.information);
        return Ok(recording);
    }
    let cfg_path = sibling(path, "cfg");
    let config = bytes(&cfg_path, MAX_CONFIG_BYTES).and_then(|bytes| cfg::parse(&bytes, 0));
    let mut recording = config.map_err(|fault| ComtradeError { file: cfg_path, fault })?.recording;
    recording.details.information = beside(path, "inf")?;
    Ok(recording)
}

/// Lines of the file beside `path` with another extension; none where there is no such file.
fn beside(path: &Path, extension: &str) -> Result<Vec<String>, ComtradeError> {
    let file = sibling(path, extension);
    if !file.is_file() {
        return Ok(Vec::new());
    }
    bytes(&file, MAX_CONFIG_BYTES).map(|bytes| text::lines(&bytes)).map_err(|fault| ComtradeError { file, fault })
}

/// The recording in the bytes of a `.cfg` and a `.dat` file.
///
/// # Errors
/// The first fault, with its line or sample.
pub fn parse(cfg: &[u8], dat: &[u8]) -> Result<Recording, Fault> {
    dat::parse(cfg::parse(cfg, 0)?, dat, 0)
}

/// The recording in the bytes of a `.cff` file.
///
/// # Errors
/// The first fault, with its line or sample.
pub fn parse_cff(bytes: &[u8]) -> Result<Recording, Fault> {
    let parts = cff::split(bytes);
    let config = parts.config()?;
    let (data, lines_before) = parts.data(config.data)?;
    let mut recording = dat::parse(config, data, lines_before)?;
    recording.details.notes = text::lines(parts.header);
    recording.details.information = text::lines(parts.information);
    Ok(recording)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// The file beside `path` with another extension, in the case of letters that exists.
pub(crate) fn sibling(path: &Path, extension: &str) -> PathBuf {
    if has_extension(path, extension) {
        return path.to_owned();
    }
    let upper = extension.to_ascii_uppercase();
    let is_upper = path.extension().and_then(OsStr::to_str).is_some_and(|own| own.chars().all(char::is_uppercase));
    let (first, second) = if is_upper { (upper.as_str(), extension) } else { (extension, upper.as_str()) };
    let (first, second) = (path.with_extension(first), path.with_extension(second));
    if !first.exists() && second.exists() { second } else { first }
}

/// All of a file, at most `limit` bytes of it.
fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Fault::Unreadable("is a folder".to_owned()));
    }
    if metadata.len() > limit {
        return Err(Fault::TooLarge { limit });
    }
    // A device tells no length, and a file may grow.
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit { Err(Fault::TooLarge { limit }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests;
