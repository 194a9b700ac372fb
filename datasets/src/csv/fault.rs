//! What may be wrong with a file, each in one line of text.
//!
//! In come the place and the kind of a fault, out goes its line. This file must not know how files are read; it only
//! sees that text out of a file cannot break the line or fill the screen.

use crate::located::Located;

/// A file and what is wrong with it. Displays as one line: file, line, column, fault.
pub type CsvError = Located<Fault>;

/// What is wrong with a CSV file. Lines count from 1 as an editor shows them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Not a single line besides comments.
    #[error("line 1: the file is empty, a header line is expected")]
    Empty,
    /// A header and nothing after it.
    #[error("line {line}: no samples after the header line")]
    NoSamples {
        /// Line of the header.
        line: u64,
    },
    /// A single sample has no duration.
    #[error("line {line}: one sample only after the header line")]
    OneSample {
        /// Line of the header.
        line: u64,
    },
    /// A column that the caller named does not exist.
    #[error("line {line}: no column \"{column}\"; the columns are {existing}")]
    MissingColumn {
        /// Line of the header.
        line: u64,
        /// Name asked for.
        column: String,
        /// Names that exist, quoted.
        existing: String,
    },
    /// A cell holds something else than a number with a decimal point.
    #[error("line {line}, column \"{column}\": {text} is not a number")]
    NotANumber {
        /// Line of the cell.
        line: u64,
        /// Name of the column.
        column: String,
        /// The cell, quoted.
        text: String,
    },
    /// A cell holds NaN, an infinity, or a number beyond the range of a double.
    #[error("line {line}, column \"{column}\": {text} is not a finite number")]
    NotFinite {
        /// Line of the cell.
        line: u64,
        /// Name of the column.
        column: String,
        /// The cell, quoted.
        text: String,
    },
    /// A line has more or fewer cells than the header.
    #[error("line {line}: {found} cells, the header has {expected}")]
    Ragged {
        /// The line.
        line: u64,
        /// Cells of the header.
        expected: usize,
        /// Cells of the line.
        found: usize,
    },
    /// Time stands still or runs back.
    #[error("line {line}, column \"time_s\": time does not increase")]
    TimeNotIncreasing {
        /// The first such line.
        line: u64,
    },
    /// Two samples are further apart or closer together than the others.
    #[error("line {line}, column \"time_s\": step of {step} s, but {mean} s on average: sampling is not uniform")]
    TimeNotUniform {
        /// The line with the worst step before it.
        line: u64,
        /// That step in seconds.
        step: f64,
        /// Mean step of the file in seconds.
        mean: f64,
    },
    /// More bytes than a recording may have.
    #[error("larger than {} GiB", super::source::MAX_BYTES >> 30)]
    TooLarge,
    /// A line that no recording has.
    #[error("a line is longer than {} KiB", super::source::MAX_LINE >> 10)]
    LineTooLong,
    /// More comments than are kept in memory.
    #[error("line {line}: more than {} MiB of comments", super::comments::MAX_BYTES >> 20)]
    TooManyComments {
        /// The line that was one too many.
        line: u64,
    },
    /// The comments that describe the recording are damaged; the line is that of this file.
    #[error("{0}")]
    Config(crate::comtrade::Fault),
    /// The comments that describe the recording tell of another one.
    #[error("line {line}: the \"cfg\" comments do not fit the file: {reason}")]
    Misfit {
        /// Line of the header.
        line: u64,
        /// What differs.
        reason: String,
    },
    /// A cell of a status channel.
    #[error("line {line}, column \"{column}\": {text} is not 0 or 1")]
    NotAState {
        /// Line of the cell.
        line: u64,
        /// Name of the column.
        column: String,
        /// The cell, quoted.
        text: String,
    },
    /// More values than are kept in memory.
    #[error("line {line}: more than {} million values", super::MAX_VALUES / 1_000_000)]
    TooManyValues {
        /// The line that was one too many.
        line: u64,
    },
}

/// The limits of the source travel through the CSV parser as an error of the operating system: take them out again.
pub(super) fn from_io(error: &std::io::Error) -> Fault {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
        Some(fault) => fault.clone(),
        None => Fault::Unreadable(error.to_string()),
    }
}

/// Fault of the CSV parser; `lines_before` lines were read before it began to count.
pub(super) fn from_csv(error: &csv::Error, lines_before: u64) -> Fault {
    match error.kind() {
        csv::ErrorKind::Io(error) => from_io(error),
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => Fault::Ragged {
            line: lines_before + pos.as_ref().map_or(1, csv::Position::line),
            expected: *expected_len as usize,
            found: *len as usize,
        },
        _ => Fault::Unreadable(error.to_string()),
    }
}

/// Text out of a file, fit for one line: escaped, at most 40 characters.
pub(crate) fn quote(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let cut = text.chars().take(40).collect::<String>();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{dots}")
}
