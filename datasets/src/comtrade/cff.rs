//! The single file of the revision 2013: its parts.
//!
//! In come its bytes, out go those of the configuration, the header, the information and the data. This file must not
//! know what stands in them. A part begins behind a line such as `--- file type: DAT BINARY: 702 ---`.

use super::cfg::{self, Config};
use super::{DataType, Fault};

/// Longest line that may part two sections.
const MAX_SEPARATOR: usize = 200;

/// The parts of a single file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts<'a> {
    config: Option<Part<'a>>,
    data: Option<Part<'a>>,
    /// The header, for readers.
    pub header: &'a [u8],
    /// The information, for programs.
    pub information: &'a [u8],
    lines: u64,
}

#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    bytes: &'a [u8],
    /// Lines of the file before the part.
    lines_before: u64,
    /// Type that the separator tells.
    kind: &'a str,
}

/// What a separator tells.
struct Separator<'a> {
    section: &'a str,
    kind: &'a str,
    length: Option<usize>,
}

/// Cuts a file into its parts. Of parts that stand there twice the last counts.
pub(super) fn split(bytes: &[u8]) -> Parts<'_> {
    let mut parts = Parts::default();
    let mut open: Option<(Separator<'_>, usize, u64)> = None;
    let (mut at, mut lines) = (0, 0);
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| at + length + 1);
        let line = &bytes[at..end];
        lines += 1;
        if let Some(separator) = separator(line) {
            parts.close(open.take(), &bytes[..at]);
            let binary = separator.section.eq_ignore_ascii_case("DAT") && !separator.kind.eq_ignore_ascii_case("ASCII");
            if binary {
                // Bytes of any value follow, to the end of the file or as many as are told.
                let data = &bytes[end..];
                let data = &data[..separator.length.unwrap_or(data.len()).min(data.len())];
                parts.data = Some(Part { bytes: data, lines_before: lines, kind: separator.kind });
                at = end + data.len();
                continue;
            }
            open = Some((separator, end, lines));
        }
        at = end;
    }
    parts.close(open.take(), bytes);
    parts.lines = lines.max(1);
    parts
}

fn separator(line: &[u8]) -> Option<Separator<'_>> {
    if !line.starts_with(b"---") || line.len() > MAX_SEPARATOR {
        return None;
    }
    let line = std::str::from_utf8(line).ok()?.trim().trim_matches('-').trim();
    let told = line.get(..10).filter(|start| start.eq_ignore_ascii_case("file type:")).and_then(|_| line.get(10..))?;
    let (words, length) = match told.split_once(':') {
        Some((words, length)) => (words, length.trim().parse().ok()),
        None => (told, None),
    };
    let mut words = words.split_whitespace();
    Some(Separator { section: words.next()?, kind: words.next().unwrap_or_default(), length })
}

impl<'a> Parts<'a> {
    fn close(&mut self, open: Option<(Separator<'a>, usize, u64)>, bytes: &'a [u8]) {
        let Some((separator, begin, lines_before)) = open else { return };
        let bytes = &bytes[begin..];
        let part = Part { bytes, lines_before, kind: separator.kind };
        match separator.section.to_ascii_uppercase().as_str() {
            "CFG" => self.config = Some(part),
            "DAT" => self.data = Some(part),
            "HDR" => self.header = bytes,
            "INF" => self.information = bytes,
            _ => {}
        }
    }

    /// The configuration.
    pub(super) fn config(&self) -> Result<Config, Fault> {
        let part = self.config.ok_or(Fault::NoSection { line: self.lines, section: "CFG" })?;
        if part.bytes.len() as u64 > super::MAX_CONFIG_BYTES {
            return Err(Fault::TooLarge { limit: super::MAX_CONFIG_BYTES });
        }
        cfg::parse(part.bytes, part.lines_before)
    }

    /// The data, which must be of a type, and the lines before them.
    pub(super) fn data(&self, expected: DataType) -> Result<(&'a [u8], u64), Fault> {
        let part = self.data.ok_or(Fault::NoSection { line: self.lines, section: "DAT" })?;
        // BINARY is also the word for all that is not text.
        let fits = part.kind.eq_ignore_ascii_case(expected.name())
            || (part.kind.eq_ignore_ascii_case("BINARY") && expected != DataType::Ascii);
        if fits {
            return Ok((part.bytes, part.lines_before));
        }
        let found = crate::csv::quote(part.kind.as_bytes());
        Err(Fault::Type { line: part.lines_before, found, expected: expected.name() })
    }
}
