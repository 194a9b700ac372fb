//! A file of settings on this machine: its lines, what they make, and those that are ignored.
//!
//! In come bytes that anybody may have written, out go lines and what the board's own code says of them. This file must not
//! know boards.

use std::io::{Read, stdin};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use hil_board::device::settings::line::{self, Change, Path as Words};
use hil_board::device::settings::table::Entry;
use hil_board::device::settings::{Settings, words};

use crate::bounded;
use crate::terminal::plain;

/// Most bytes of a file: each setting in a line of its own many times over.
const MOST: u64 = 1 << 20;

/// A line that is ignored: its number, from 1, and why.
pub type Ignored = (usize, String);

/// The lines of a file, without their ends.
#[derive(Debug)]
pub struct Lines {
    /// What the file is called.
    pub name: String,
    lines: Vec<String>,
}

impl Lines {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// It cannot be read, or is no text of a mebibyte at the most.
    pub fn read(path: &Path) -> Result<Self> {
        let is_input = path == Path::new("-");
        let name = if is_input { "standard input".into() } else { path.display().to_string() };
        let bytes = if is_input {
            let mut bytes = Vec::new();
            stdin().lock().take(MOST + 1).read_to_end(&mut bytes).context("standard input")?;
            ensure!(bytes.len() as u64 <= MOST, "standard input: more than the {MOST} bytes that are read of it");
            bytes
        } else {
            bounded::read(path, MOST)?
        };
        // What is no UTF-8 is no setting either; the line is ignored and told.
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Ok(Self { name, lines: text.lines().map(ToOwned::to_owned).collect() })
    }

    /// The lines and their numbers, from 1.
    pub fn numbered(&self) -> impl ExactSizeIterator<Item = (usize, &str)> {
        self.lines.iter().enumerate().map(|(number, line)| (number + 1, line.as_str()))
    }

    /// Applies the file to settings; gives how many lines set something, and those that are ignored.
    pub fn apply(&self, settings: &mut Settings) -> (usize, Vec<Ignored>) {
        let (mut taken, mut ignored) = (0, vec![]);
        for (number, text) in self.numbered() {
            match line::read(text) {
                Ok(Change::Nothing) => {}
                Ok(change) => {
                    change.apply(settings);
                    taken += 1;
                }
                Err(why) => ignored.push((number, why.to_string())),
            }
        }
        (taken, ignored)
    }

    /// Says that a line is ignored.
    pub fn tell(&self, (number, why): &Ignored) -> String {
        let text = self.lines.get(number - 1).map_or("", String::as_str);
        let shown: String = text.trim().chars().take(60).collect();
        format!("{}:{number}: ignored: {}: {}\n", self.name, plain(&shown), plain(why))
    }
}

/// What differs between settings: one line each, `portsensor 3 label: "Port 3" -> "Rack 7"`.
pub fn differences(before: &Settings, after: &Settings) -> Vec<String> {
    let changed = Entry::all().filter(|entry| entry.get(before) != entry.get(after));
    changed.map(|entry| format!("{}: {} -> {}", Words(entry), entry.get(before), entry.get(after))).collect()
}

/// Settings from the lines of an export; `None` where one of them is none that this program knows.
pub fn known(export: &str) -> Option<Settings> {
    let mut settings = Settings::default();
    for text in export.lines() {
        line::read(text).ok()?.apply(&mut settings);
    }
    Some(settings)
}

/// How many lines of an export set something.
pub fn count(export: &str) -> usize {
    export.lines().filter(|text| words::Words::new(text).nth(1).is_some()).count().saturating_sub(1)
}
