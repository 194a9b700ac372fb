//! What may be wrong with a COMTRADE file, each in one line of text.
//!
//! In come the place and the kind of a fault, out goes its line. This file must not know how files are read.

use crate::csv::quote;
use crate::located::Located;

/// A file and what is wrong with it. Displays as one line: file, line or sample, field, fault.
pub type ComtradeError = Located<Fault>;

/// What is wrong with a COMTRADE file. Lines and samples count from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// More bytes than are read.
    #[error("larger than {} MiB", limit >> 20)]
    TooLarge {
        /// Most bytes that are read.
        limit: u64,
    },
    /// A field of the configuration or of ASCII data holds something else.
    #[error("line {line}, field \"{field}\": {text} is not {expected}")]
    Field {
        /// Line of the field.
        line: u64,
        /// Name of the field in the standard, or of the channel.
        field: String,
        /// What stands there, quoted.
        text: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// The configuration ends too early.
    #[error("line {line}: the file ends where {expected} is expected")]
    Ended {
        /// First line that is not there.
        line: u64,
        /// What should stand there.
        expected: &'static str,
    },
    /// More than is kept in memory.
    #[error("line {line}: more than {limit} {what}")]
    TooMany {
        /// Line that asks for it.
        line: u64,
        /// What there is too much of.
        what: &'static str,
        /// Most of it that is taken.
        limit: usize,
    },
    /// The samples take more memory than is granted.
    #[error("{frames} samples of {channels} channels are more than {} MB", super::MAX_SAMPLE_BYTES / 1_000_000)]
    TooManySamples {
        /// Samples of each channel.
        frames: usize,
        /// Channels, analogue and status.
        channels: usize,
    },
    /// A line of ASCII data has another count of cells.
    #[error("line {line}: {found} cells, the configuration has {expected}")]
    Ragged {
        /// The line.
        line: u64,
        /// Cells by the configuration.
        expected: usize,
        /// Cells of the line.
        found: usize,
    },
    /// The data end before the last section does.
    #[error("sample {}: the data end here, the configuration tells of {expected} samples", found + 1)]
    Short {
        /// Whole samples in the data.
        found: usize,
        /// Samples by the configuration.
        expected: usize,
    },
    /// No sample at all.
    #[error("sample 1: there is none")]
    NoSamples,
    /// A single file without one of its parts.
    #[error("line {line}: no section \"{section}\" in the file")]
    NoSection {
        /// Last line.
        line: u64,
        /// Name of the section.
        section: &'static str,
    },
    /// A single file whose data are in another form than its configuration says.
    #[error("line {line}: data of type {found}, the configuration says {expected}")]
    Type {
        /// Line that announces the data.
        line: u64,
        /// What it says, quoted.
        found: String,
        /// What the configuration says.
        expected: &'static str,
    },
}

impl Fault {
    /// A field that holds something else than expected.
    pub(super) fn field(line: u64, field: impl Into<String>, text: &str, expected: &'static str) -> Self {
        // The name of a channel is text out of the file as well.
        let field = quote(field.into().as_bytes()).trim_matches('"').to_owned();
        Self::Field { line, field, text: quote(text.as_bytes()), expected }
    }
}
