//! The finished points of a run that has not ended, so that a broken one can be taken up again.
//!
//! In come the run's circumstances and each point as it is finished, out go those that an earlier run under the same
//! circumstances has finished. This file must not know how a point is played.
//!
//! `unfinished.jsonl` holds the circumstances in its first line and a point in each further one. A line is written when
//! its point is finished; one that was torn by the end of the program, or that holds what JSON cannot (an infinite error),
//! is dropped together with what follows it, and its point is played again. A run that comes to its end takes the file
//! away.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::bounded;
use crate::report::PointResult;

/// Name of the file in the report's folder.
pub const FILE: &str = "unfinished.jsonl";

/// Most bytes that are read: a hundred times what all suites take.
const MOST: u64 = 1 << 30;

/// What must be the same for points of two runs to stand in one report: name and value.
pub type Circumstances = Vec<(String, String)>;

/// Where finished points are noted.
pub struct Journal {
    path: PathBuf,
    file: File,
    done: Vec<PointResult>,
}

/// A line that borrows what it writes; [`Line`] is what is read.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Written<'a> {
    Run(&'a Circumstances),
    Point(&'a PointResult),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Run(Circumstances),
    Point(Box<PointResult>),
}

impl Journal {
    /// Begins a journal in `folder`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(folder: &Path, circumstances: &Circumstances) -> Result<Self> {
        let path = folder.join(FILE);
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        let mut journal = Self { path, file, done: Vec::new() };
        journal.write(&Written::Run(circumstances))?;
        Ok(journal)
    }

    /// Goes on with the journal in `folder`, or begins one where there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or is of a run under other circumstances.
    pub fn resume(folder: &Path, circumstances: &Circumstances) -> Result<Self> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Self::begin(folder, circumstances);
        }
        let name = || path.display().to_string();
        let bytes = bounded::read(&path, MOST)?;
        let mut whole = 0;
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').map_while(|line| {
            let parsed = line.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok())?;
            whole += line.len();
            Some(parsed)
        });
        let before = match lines.next() {
            Some(Line::Run(before)) => before,
            Some(Line::Point(_)) | None => {
                // Torn before its first line was whole, or no journal: there is nothing in it to keep.
                drop(lines);
                return Self::begin(folder, circumstances);
            }
        };
        for (name, now) in circumstances {
            let then = before.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
            ensure!(
                then == now,
                "{}: is of a run with another {name} ({then}, now {now}): call it as it was called then, or without \
                 --resume",
                path.display()
            );
        }
        let points = lines.map_while(|line| if let Line::Point(point) = line { Some(*point) } else { None });
        let done = points.collect();
        let mut file = OpenOptions::new().write(true).open(&path).with_context(name)?;
        file.set_len(whole as u64).with_context(name)?;
        file.seek(SeekFrom::End(0)).with_context(name)?;
        Ok(Self { path, file, done })
    }

    /// How many points are done that were not asked for yet.
    pub fn done(&self) -> usize {
        self.done.len()
    }

    /// The point, if it is done already.
    pub fn take(&mut self, suite: &str, point: &str) -> Option<PointResult> {
        let at = self.done.iter().position(|done| done.suite == suite && done.point == point)?;
        Some(self.done.remove(at))
    }

    /// Notes a finished point.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, point: &PointResult) -> Result<()> {
        self.write(&Written::Point(point))
    }

    fn write(&mut self, line: &Written<'_>) -> Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        // At once: what comes next may be the end of the program.
        self.file.write_all(&bytes).with_context(|| self.path.display().to_string())
    }

    /// The run has come to its end.
    ///
    /// # Errors
    /// The file cannot be taken away.
    pub fn finish(self) -> Result<()> {
        fs::remove_file(&self.path).with_context(|| self.path.display().to_string())
    }
}

/// Size and time of a file, by which another build of a program or an image is told; empty where there is none.
pub fn stamp(path: &Path) -> String {
    let Ok(found) = fs::metadata(path) else { return String::new() };
    let since = found.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    format!("{} bytes of {}", found.len(), since.map_or(0, |since| since.as_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circumstances(board: &str) -> Circumstances {
        vec![("board".into(), board.into())]
    }

    fn point(name: &str, value: f64) -> PointResult {
        let check = crate::report::Check {
            suite: "sine".into(),
            point: name.into(),
            quantity: "voltage".into(),
            unit: "V".into(),
            channel: Some("0".into()),
            window: 3,
            expected: 230.0,
            measured: value,
            error: value - 230.0,
            limit: 0.1,
            limit_unit: "V".into(),
            basis: "absolute".into(),
            pass: true,
        };
        PointResult {
            suite: "sine".into(),
            point: name.into(),
            digest: Some(u64::MAX),
            checks: vec![check],
            seconds: 0.1 + 0.2,
            ..PointResult::default()
        }
    }

    #[test]
    fn what_was_finished_comes_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let here = circumstances("virtual");
        let wanted = [point("a", 230.000_000_000_000_03), point("b", 1.0 / 3.0)];
        let mut journal = Journal::begin(folder.path(), &here).unwrap();
        for point in &wanted {
            journal.add(point).unwrap();
        }
        drop(journal);
        let mut journal = Journal::resume(folder.path(), &here).unwrap();
        assert_eq!(journal.done(), 2);
        assert_eq!(journal.take("sine", "b").as_ref(), Some(&wanted[1]));
        assert_eq!(journal.take("sine", "a").as_ref(), Some(&wanted[0]));
        assert_eq!(journal.take("sine", "a"), None);
        journal.finish().unwrap();
        assert!(!folder.path().join(FILE).exists());
    }

    /// Cut after any byte: the points of whole lines are there, and what is added afterwards is as well.
    #[test]
    fn a_torn_line_costs_its_point_alone() {
        let folder = tempfile::tempdir().unwrap();
        let here = circumstances("virtual");
        let mut journal = Journal::begin(folder.path(), &here).unwrap();
        for name in ["a", "b"] {
            journal.add(&point(name, 1.0)).unwrap();
        }
        let whole = fs::read(folder.path().join(FILE)).unwrap();
        for cut in 0..=whole.len() {
            fs::write(folder.path().join(FILE), &whole[..cut]).unwrap();
            let lines = str::from_utf8(&whole[..cut]).unwrap().matches('\n').count();
            let mut journal = Journal::resume(folder.path(), &here).unwrap();
            assert_eq!(journal.done(), lines.saturating_sub(1), "cut after {cut}");
            journal.add(&point("c", 2.0)).unwrap();
            let journal = Journal::resume(folder.path(), &here).unwrap();
            assert_eq!(journal.done(), lines.saturating_sub(1) + 1, "cut after {cut}");
        }
    }

    #[test]
    fn another_run_s_points_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(Journal::begin(folder.path(), &circumstances("virtual")).unwrap());
        let told = Journal::resume(folder.path(), &circumstances("emulated")).err().unwrap().to_string();
        for part in [FILE, "another board", "virtual", "emulated", "without --resume"] {
            assert!(told.contains(part), "{part:?} is not in {told:?}");
        }
    }
}
