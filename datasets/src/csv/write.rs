//! Writer of CSV.
//!
//! In comes a recording, out goes text that [`super::read_whole`] reads as the same recording; it is written as it is made,
//! since it takes far more room than the numbers. This file must not know which channel is a voltage.

use std::io::{self, Write};

use super::TIME_COLUMN;
use super::comments::{CONFIG, COUNTED, INFORMATION, STAMPS};
use crate::comtrade::{plain_cell, write_config};
use crate::recording::{Details, Recording, Times};

/// A recording that CSV can hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet<'a> {
    recording: &'a Recording,
    seconds: Option<Vec<f64>>,
    /// Comments and header.
    head: String,
    /// What of the recording CSV does not hold, one line each.
    pub lost: Vec<String>,
}

impl<'a> Sheet<'a> {
    /// Looks at a recording.
    ///
    /// # Errors
    /// One line: what makes it impossible.
    pub fn of(recording: &'a Recording) -> Result<Self, String> {
        let mut lost = Vec::new();
        let names = recording.channels.iter().map(|channel| &channel.name);
        let names = names.chain(recording.status.iter().map(|status| &status.name));
        // As the comments name them, so that a reader finds the one in the other.
        let bare = is_bare(recording);
        let written = |name: &String| if bare { name.trim().to_owned() } else { plain_cell(name) };
        let names: Vec<String> = names.map(written).collect();
        if names.iter().any(|name| name == TIME_COLUMN) {
            return Err(format!("a channel has the name {TIME_COLUMN:?}, which is that of the times"));
        }
        let seconds = recording.seconds();
        if seconds.is_none() && matches!(recording.times, Times::Ticks { .. }) {
            return Err("some time stamps are missing and no rate is told".to_owned());
        }
        let mut head = notes(&recording.details);
        if !bare {
            for line in write_config(recording).lines() {
                head += &[CONFIG, line, "\n"].concat();
            }
            let marker = match &recording.times {
                Times::Untold => Some(COUNTED),
                Times::Ticks { ticks, .. } if ticks.iter().all(Option::is_some) => Some(STAMPS),
                Times::Ticks { ticks, .. } => {
                    let missing = ticks.iter().filter(|tick| tick.is_none()).count();
                    lost.push(format!(
                        "time stamps, of which {missing} are missing: the times are counted from the rates"
                    ));
                    Some(COUNTED)
                }
                Times::Seconds(_) => None,
            };
            head += &marker.map_or_else(String::new, |marker| format!("{marker}\n"));
        }
        let time = seconds.is_some().then(|| TIME_COLUMN.to_owned());
        head += &time.into_iter().chain(names.iter().map(|name| quoted(name))).collect::<Vec<_>>().join(",");
        head.push('\n');
        Ok(Self { recording, seconds, head, lost })
    }

    /// Writes comments, a header, and a line for each frame. Values are the shortest decimals that are read as the same
    /// number; a missing sample is an empty cell.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Recording { channels, status, .. } = self.recording;
        out.write_all(self.head.as_bytes())?;
        for frame in 0..self.recording.frames {
            let mut cells = Vec::with_capacity(channels.len() + status.len() + 1);
            cells.extend(self.seconds.as_ref().map(|seconds| number(seconds[frame])));
            cells.extend(channels.iter().map(|channel| {
                let raw = channel.raw[frame];
                if raw.is_nan() { String::new() } else { number(channel.a * raw + channel.b) }
            }));
            cells.extend(status.iter().map(|status| status.states[frame].to_string()));
            let line = cells.join(",");
            // An empty line would be no sample.
            writeln!(out, "{}", if line.is_empty() { "\"\"" } else { &line })?;
        }
        Ok(())
    }
}

/// The lines for readers and those for programs.
fn notes(details: &Details) -> String {
    let mut out = String::new();
    for note in &details.notes {
        let line = format!("# {}", note.replace(['\r', '\n'], " "));
        // A note that looks like one of the other lines is told by the space that it lacks.
        let is_mistaken = [CONFIG, INFORMATION].iter().any(|begin| line.starts_with(begin.trim_end()))
            || [COUNTED, STAMPS].contains(&line.trim_end());
        out += if is_mistaken { format!("#{}", &line[2..]) } else { line }.trim_end();
        out.push('\n');
    }
    for line in &details.information {
        out += [INFORMATION, &line.replace(['\r', '\n'], " ")].concat().trim_end();
        out.push('\n');
    }
    out
}

/// Whether the columns tell all that there is.
fn is_bare(recording: &Recording) -> bool {
    let Recording { channels, status, sections, times, details, .. } = recording;
    let plain = |channel: &crate::recording::Channel| {
        let told = crate::recording::Channel { raw: vec![], ..channel.clone() };
        told == crate::recording::Channel::new(channel.name.clone(), "", vec![])
    };
    let Details { notes, information, .. } = details.clone();
    let untold = Details { notes, information, ..Details::default() };
    let timed = matches!(times, Times::Seconds(_)) || (sections.is_empty() && *times == Times::Untold);
    timed && status.is_empty() && *details == untold && channels.iter().all(plain)
}

/// A name as CSV holds it.
fn quoted(name: &str) -> String {
    let needs = name.is_empty() || name.starts_with('#') || name.contains([',', '"', '\r', '\n']);
    if needs { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

fn number(value: f64) -> String {
    if value == 0.0 || (1e-7..1e15).contains(&value.abs()) { format!("{value}") } else { format!("{value:e}") }
}
