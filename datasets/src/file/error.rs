//! What may be wrong with a recording, in one line whatever its format.
//!
//! In comes a fault, out goes its line. This file must not know how files are read.

use crate::comtrade::ComtradeError;
use crate::csv::CsvError;
use crate::recording::SpanError;
use crate::wav::WavError;
use std::path::PathBuf;

/// A file and what is wrong with it. Displays as one line: file, place, fault.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// In a CSV file.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// In a COMTRADE file.
    #[error(transparent)]
    Comtrade(#[from] ComtradeError),
    /// In a WAV file.
    #[error(transparent)]
    Wav(#[from] WavError),
    /// A channel that the caller named does not exist.
    #[error("{}: no channel {name:?}; the channels are {existing}", file.display())]
    NoChannel {
        /// The file.
        file: PathBuf,
        /// Name asked for.
        name: String,
        /// Names that exist, quoted.
        existing: String,
    },
    /// A channel has missing samples.
    #[error("{}: sample {sample}, channel {name:?}: the value is missing", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
        /// Name of the channel.
        name: String,
        /// Number of the first such sample, from 1.
        sample: usize,
    },
    /// A value is beyond what a double holds.
    #[error("{}: sample {sample}, channel {name:?}: not a finite number", file.display())]
    NotFinite {
        /// The file.
        file: PathBuf,
        /// Name of the channel.
        name: String,
        /// Number of the first such sample, from 1.
        sample: usize,
    },
    /// A side of the transformer is asked for, but no ratio is told.
    #[error("{}: channel {name:?}: no ratio of a transformer is told", file.display())]
    NoRatio {
        /// The file.
        file: PathBuf,
        /// Name of the channel.
        name: String,
    },
    /// The recording has no single rate.
    #[error("{}: {fault}", file.display())]
    Span {
        /// The file.
        file: PathBuf,
        /// Why.
        fault: SpanError,
    },
    /// A recording cannot be written in a format.
    #[error("{}: {reason}", file.display())]
    Unwritable {
        /// The file that was to be written.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
}
