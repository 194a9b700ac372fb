//! Comments before the header of a CSV file.
//!
//! In come lines that start with `#`, out go notes for readers and what comments tell of the recording. This file must
//! not know the columns.
//!
//! CSV has no place for units, factors, rates and dates. The writer puts the configuration of COMTRADE there, each of its
//! lines behind `# cfg:`, the lines for programs behind `# inf:`, and behind `# time_s:` whether the times are stamps of
//! the recorder or counted from the rates.

use super::{Described, Fault};
use crate::comtrade;
use crate::recording::Channel;

/// Most bytes of comments that are kept.
pub(super) const MAX_BYTES: usize = 16 << 20;

/// What begins a line of the configuration.
pub(super) const CONFIG: &str = "# cfg: ";

/// What begins a line for programs.
pub(super) const INFORMATION: &str = "# inf: ";

/// Says that the times are counted from the rates.
pub(super) const COUNTED: &str = "# time_s: counted from the rates";

/// Says that the times are stamps of the recorder.
pub(super) const STAMPS: &str = "# time_s: stamps of the recorder";

/// The lines before the header.
#[derive(Default)]
pub(super) struct Comments {
    /// How many lines there are.
    pub lines: u64,
    /// Those that are for readers, without the `#`.
    pub notes: Vec<String>,
    /// Those that are for programs, without what begins them.
    pub information: Vec<String>,
    /// The times are counted from the rates.
    pub counted: bool,
    /// The times are stamps of the recorder.
    pub stamps: bool,
    config: Vec<u8>,
    lines_before_config: u64,
    bytes: usize,
}

impl Comments {
    /// Takes the next line.
    pub(super) fn push(&mut self, line: &[u8]) -> Result<(), Fault> {
        self.lines += 1;
        self.bytes += line.len();
        if self.bytes > MAX_BYTES {
            return Err(Fault::TooManyComments { line: self.lines });
        }
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        match line {
            "" => {}
            COUNTED => self.counted = true,
            STAMPS => self.stamps = true,
            _ => self.note(line),
        }
        Ok(())
    }

    fn note(&mut self, line: &str) {
        let after = |text: &str| text.strip_prefix(' ').unwrap_or(text).to_owned();
        if let Some(information) = line.strip_prefix(INFORMATION.trim_end()) {
            self.information.push(after(information));
            return;
        }
        let Some(config) = line.strip_prefix(CONFIG.trim_end()) else {
            self.notes.push(after(line.strip_prefix('#').unwrap_or(line)));
            return;
        };
        if self.config.is_empty() {
            self.lines_before_config = self.lines - 1;
        }
        self.config.extend(after(config).into_bytes());
        self.config.push(b'\n');
    }

    /// The channels that the comments describe.
    pub(super) fn described(&self) -> Result<Vec<Described>, Fault> {
        let channels = self.config()?.into_iter().flat_map(|config| config.recording.channels);
        Ok(channels.map(|Channel { name, unit, skew_us, .. }| Described { name, unit, skew_us }).collect())
    }

    /// Rate in hertz, where the comments tell one for all of the file.
    pub(super) fn rate_hz(&self) -> Result<Option<f64>, Fault> {
        let Some(config) = self.config()? else { return Ok(None) };
        let span = config.recording.span().ok().filter(|span| span.begin == 0 && Some(span.end) == config.frames);
        Ok(span.map(|span| span.rate_hz))
    }

    /// The recording that the comments describe, without samples.
    pub(super) fn config(&self) -> Result<Option<comtrade::Config>, Fault> {
        if self.config.is_empty() {
            return Ok(None);
        }
        comtrade::parse_config(&self.config, self.lines_before_config).map(Some).map_err(Fault::Config)
    }
}
