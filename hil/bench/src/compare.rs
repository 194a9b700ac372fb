//! `hil report`: compares two runs.
//!
//! In come two reports, out go a table and whether the later one is no worse. This file must not know what a report holds.

use std::io::IsTerminal;

use anyhow::Result;

use crate::cli::Report;
use crate::report::compare::{differences, document, read};
use crate::terminal::print;

/// Runs the command; tells whether nothing is worse.
///
/// # Errors
/// A report cannot be read.
pub fn command(arguments: &Report) -> Result<bool> {
    let (before, after) = (read(&arguments.before)?, read(&arguments.after)?);
    let found = differences(&before, &after, arguments.grown);
    print(&document(&before, &after, &found, std::io::stdout().is_terminal()))?;
    Ok(!found.iter().any(|(.., change)| change.is_worse()))
}
