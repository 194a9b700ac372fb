//! Standard output and standard error of a program in a pipe.
//!
//! In comes text, out it goes, as far as anybody still reads: `hil list | head -1` is no error and no panic. This file
//! must not know what is said.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Writes text to standard output; when the reader has left, the rest is dropped.
///
/// # Errors
/// Standard output cannot be written for another reason, such as a full disk.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("standard output cannot be written"),
        _ => Ok(()),
    }
}

/// Writes one line to standard error, whoever reads it.
pub fn say(line: &str) {
    // There is no place left to complain at.
    let _unread = writeln!(io::stderr().lock(), "{line}");
}

/// Text that somebody else wrote, a file or a board: nothing of it may steer the terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
