//! Two runs side by side: what is new, gone, judged otherwise, or further from the truth.
//!
//! In come two `report.json`, out goes a table of what differs and whether anything is worse. This file must not know how
//! a point was played or judged: it takes the word of the reports.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use comfy_table::{Cell, CellAlignment, Color};
use serde::Deserialize;

use super::{format, table};
use crate::bounded;
use crate::terminal::plain;

/// Most bytes of a report that are read: fifty times what all suites write.
const MOST: u64 = 1 << 28;

/// A judged quantity, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    suite: String,
    point: String,
    quantity: String,
    channel: Option<String>,
    error: f64,
    limit: f64,
    pass: bool,
    digest: Option<String>,
}

type Key<'a> = (&'a str, &'a str, &'a str, Option<&'a str>);

impl Entry {
    fn key(&self) -> Key<'_> {
        (&self.suite, &self.point, &self.quantity, self.channel.as_deref())
    }

    /// Error in percent of the limit.
    fn used(&self) -> f64 {
        if self.error == 0.0 { 0.0 } else { (self.error / self.limit * 100.0).abs() }
    }

    fn cell(&self) -> String {
        format!("{}{}", format::percent(self.used()), if self.pass { "" } else { " FAIL" })
    }
}

/// What became of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Held, and fails.
    Fails,
    /// Failed, and holds.
    Holds,
    /// Was judged, and is not.
    Gone,
    /// Is judged for the first time.
    New,
    /// New, and fails.
    NewFails,
    /// The error takes more of its limit than before, beyond the threshold.
    Grown,
    /// As far from the truth as before, with other readings.
    Digest,
}

impl Change {
    /// Whether the later run is worse for it.
    pub fn is_worse(self) -> bool {
        matches!(self, Self::Fails | Self::Gone | Self::NewFails | Self::Grown)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Fails => "fails now",
            Self::Holds => "holds now",
            Self::Gone => "gone",
            Self::New => "new",
            Self::NewFails => "new, fails",
            Self::Grown => "error grown",
            Self::Digest => "other readings",
        }
    }
}

/// What differs, in the order of the later run, what is gone at the end: the entries before and after, and the change.
pub type Differences<'a> = Vec<(Option<&'a Entry>, Option<&'a Entry>, Change)>;

/// Compares; an error has grown when it takes more than `grown` percent of its limit more than before.
pub fn differences<'a>(before: &'a [Entry], after: &'a [Entry], grown: f64) -> Differences<'a> {
    let mut known: HashMap<Key<'_>, &Entry> = before.iter().map(|entry| (entry.key(), entry)).collect();
    let mut found = Vec::new();
    for now in after {
        let then = known.remove(&now.key());
        let change = match then {
            None if now.pass => Some(Change::New),
            None => Some(Change::NewFails),
            Some(then) if then.pass != now.pass => Some(if now.pass { Change::Holds } else { Change::Fails }),
            Some(then) if now.used() > then.used() + grown => Some(Change::Grown),
            Some(then) => (then.digest != now.digest).then_some(Change::Digest),
        };
        found.extend(change.map(|change| (then, Some(now), change)));
    }
    let gone = before.iter().filter(|entry| known.contains_key(&entry.key()));
    found.extend(gone.map(|entry| (Some(entry), None, Change::Gone)));
    found
}

/// Reads a report: the file, or the one in a folder.
///
/// # Errors
/// It cannot be read, or is no report: entries contradict themselves or each other, or there are none.
pub fn read(path: &Path) -> Result<Vec<Entry>> {
    let path: PathBuf = if path.is_dir() { path.join("report.json") } else { path.to_owned() };
    let bytes = bounded::read(&path, MOST)?;
    let entries: Vec<Entry> = serde_json::from_slice(&bytes)
        .with_context(|| format!("{}: no report.json of hil run, name one or its folder", path.display()))?;
    ensure!(!entries.is_empty(), "{}: nothing was judged in that run, there is nothing to compare", path.display());
    let mut seen = HashSet::new();
    for entry in &entries {
        let fault = if !seen.insert(entry.key()) {
            "stands there twice"
        } else if entry.limit < 0.0 {
            "has a limit below 0"
        } else if entry.pass && entry.error.abs() > entry.limit {
            "passes beyond its limit"
        } else {
            continue;
        };
        let Entry { suite, point, quantity, .. } = entry;
        bail!("{}: {quantity:?} of {suite:?}, {point:?} {fault}: not as hil run writes it", path.display());
    }
    Ok(entries)
}

/// The table and the verdict; colours where they are wanted.
pub fn document(before: &[Entry], after: &[Entry], found: &Differences<'_>, colour: bool) -> String {
    let mut table = table::empty(colour);
    table.set_header(["point", "quantity", "before, of limit", "after, of limit", ""]);
    for (then, now, change) in found {
        let Some(entry) = now.or(*then) else { continue };
        let cell = |entry: Option<&Entry>| {
            Cell::new(entry.map_or_else(String::new, Entry::cell)).set_alignment(CellAlignment::Right)
        };
        let channel = entry.channel.as_ref().map_or_else(String::new, |channel| format!(" {channel}"));
        let word = Cell::new(change.word());
        table.add_row([
            Cell::new(plain(&format!("{}: {}", entry.suite, entry.point))),
            Cell::new(plain(&format!("{}{channel}", entry.quantity))),
            cell(*then),
            cell(*now),
            if change.is_worse() { word.fg(Color::Red) } else { word },
        ]);
    }
    let worse = found.iter().filter(|(.., change)| change.is_worse()).count();
    let counts = format!("{} judgements before, {} after, {} differ", before.len(), after.len(), found.len());
    let verdict = if worse > 0 { format!("WORSE: {worse}; {counts}") } else { format!("NOTHING WORSE: {counts}") };
    if found.is_empty() { format!("{verdict}\n") } else { format!("{table}\n{verdict}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(point: &str, error: f64, pass: bool, digest: &str) -> Entry {
        Entry {
            suite: "sine".into(),
            point: point.into(),
            quantity: "voltage_v".into(),
            channel: None,
            error,
            limit: 100.0,
            pass,
            digest: Some(digest.into()),
        }
    }

    #[test]
    fn each_change_is_told_and_only_bad_ones_are_worse() {
        let before = [
            entry("same", 1.0, true, "a"),
            entry("fails", 90.0, true, "a"),
            entry("holds", 110.0, false, "a"),
            entry("gone", 1.0, true, "a"),
            entry("grown", -50.0, true, "a"),
            entry("hardly grown", 50.0, true, "a"),
            entry("digest", 1.0, true, "a"),
        ];
        let after = [
            entry("same", 1.0, true, "a"),
            entry("fails", 101.0, false, "b"),
            entry("holds", 90.0, true, "b"),
            entry("grown", 61.0, true, "b"),
            entry("hardly grown", 60.0, true, "a"),
            entry("digest", 1.0, true, "b"),
            entry("new", 1.0, true, "a"),
            entry("new fails", 200.0, false, "a"),
        ];
        let found = differences(&before, &after, 10.0);
        let told: Vec<(&str, Change)> = found
            .iter()
            .map(|(then, now, change)| (now.or(*then).map_or("", |entry| entry.point.as_str()), *change))
            .collect();
        let expected = [
            ("fails", Change::Fails),
            ("holds", Change::Holds),
            ("grown", Change::Grown),
            ("digest", Change::Digest),
            ("new", Change::New),
            ("new fails", Change::NewFails),
            ("gone", Change::Gone),
        ];
        assert_eq!(told, expected);
        let text = document(&before, &after, &found, false);
        assert!(text.ends_with("WORSE: 4; 7 judgements before, 8 after, 7 differ\n"), "{text}");
        let equal = differences(&before, &before, 10.0);
        assert_eq!(
            document(&before, &before, &equal, false),
            "NOTHING WORSE: 7 judgements before, 7 after, 0 differ\n"
        );
    }

    /// What `read` says of a file with this text.
    fn said(text: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).map_or_else(|error| format!("{error:#}"), |entries| format!("{} entries", entries.len()))
    }

    #[test]
    fn what_hil_run_does_not_write_is_refused() {
        let entry = |point: &str, error: f64, limit: f64| {
            format!(
                r#"{{"suite": "s", "point": "{point}", "quantity": "q", "channel": null, "error": {error}, "limit": {limit},
                "pass": true, "digest": null}}"#
            )
        };
        let good = entry("a", 1.0, 1.0);
        assert_eq!(said(&format!("[{good}]")), "1 entries");
        assert!(said(&format!("[{good}, {good}]")).contains("stands there twice"));
        assert!(said(&format!("[{}]", entry("a", 2.0, 1.0))).contains("passes beyond its limit"));
        assert!(said(&format!("[{}]", entry("a", 0.0, -1.0))).contains("limit below 0"));
        assert!(said("[]").contains("nothing was judged"));
        assert!(said("{}").contains("no report.json of hil run"));
        let endless = format!("{:#}", read(Path::new("/dev/zero")).unwrap_err());
        assert!(endless.contains("/dev/zero") && endless.contains("no file"), "{endless}");
        assert_eq!(plain("a\u{1b}[2J\nb"), "a?[2J?b");
    }

    #[test]
    fn an_error_without_a_limit_has_grown() {
        let mut now = entry("p", 1.0, true, "a");
        now.limit = 0.0;
        let then = [entry("p", 1.0, true, "a")];
        let after = [now];
        assert_eq!(differences(&then, &after, 10.0).first().map(|(.., change)| *change), Some(Change::Grown));
    }
}
