//! A fault with the file that it is in.
//!
//! In come a path and a fault of any format, out goes one line. This file must not know formats.

use std::fmt::Display;
use std::path::PathBuf;

/// A file and what is wrong with it. Displays as one line: file, place, fault.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}: {fault}", file.display())]
pub struct Located<F: Display> {
    /// The file as it was named by the caller, or the one of several that is at fault.
    pub file: PathBuf,
    /// What is wrong.
    pub fault: F,
}
