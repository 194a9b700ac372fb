//! Recordings in CSV.
//!
//! In comes the path of a file, the names of columns and perhaps a sampling rate; out go the numbers of those columns
//! and the rate that the column `time_s` tells; or all columns as a recording. This file must not know which column is a
//! voltage.
//!
//! The form: UTF-8, comma between cells, point in numbers; one header line, before which empty lines and lines that
//! start with `#` may stand; one sample per line. A byte-order mark and Windows line ends are simply read. Cells of
//! columns that nobody asked for are not looked at.

mod comments;
mod fault;
mod source;
mod time;
mod whole;
mod write;

pub use fault::{CsvError, Fault};
pub use whole::{parse_whole, read_whole};
pub use write::Sheet;

pub(crate) use fault::quote;
pub(crate) use time::TimeColumn;

use comments::Comments;
use csv::{ByteRecord, ReaderBuilder, Trim};
use source::LimitedSource;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Name of the column that holds the time of each sample in seconds.
pub const TIME_COLUMN: &str = "time_s";

/// Largest number of values read from one file, over all columns asked for (800 MB of memory).
pub const MAX_VALUES: usize = 100_000_000;

/// The columns of a file that were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Sampling rate in hertz: the one given, or else the one that the comments tell for all of the file, or else the one
    /// that `time_s` tells, or else `None`.
    pub rate_hz: Option<f64>,
    /// The channels that the comments describe.
    pub described: Vec<Described>,
    /// Lines for programs.
    pub information: Vec<String>,
    /// Name and samples of each column, all of the same length (2 or more samples), in the order asked for.
    pub columns: Vec<(String, Vec<f64>)>,
}

impl Table {
    /// Samples of the column `name`, if it was read.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, samples)| samples.as_slice())
    }
}

/// Reads the columns `required`, and those of `optional` that exist. With `rate_hz` given the time column is not looked
/// at.
///
/// # Errors
/// The first fault of the file, with its line and column.
pub fn read(path: &Path, required: &[&str], optional: &[&str], rate_hz: Option<f64>) -> Result<Table, CsvError> {
    read_inner(path, required, optional, rate_hz).map_err(|fault| CsvError { file: path.to_owned(), fault })
}

/// A channel as comments describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its unit, as written.
    pub unit: String,
    /// Time of its sample after that of the frame, in microseconds.
    pub skew_us: f64,
}

/// What stands above the samples of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Names of all columns.
    pub columns: Vec<String>,
    /// The channels that the comments describe.
    pub described: Vec<Described>,
    /// Lines for programs.
    pub information: Vec<String>,
}

/// Names of all columns of a file, and what its comments tell of them.
///
/// # Errors
/// The file cannot be read, has no header, or its comments describe a recording wrongly.
pub fn head(path: &Path) -> Result<Head, CsvError> {
    head_inner(path).map_err(|fault| CsvError { file: path.to_owned(), fault })
}

fn head_inner(path: &Path) -> Result<Head, Fault> {
    let mut source = open(path)?;
    let comments = skip_comments(&mut source)?;
    let columns = header(&mut reader(source), comments.lines)?.names;
    Ok(Head { columns, described: comments.described()?, information: comments.information })
}

type Source = BufReader<LimitedSource<Box<dyn Read>>>;
type Reader = csv::Reader<Source>;

fn read_inner(path: &Path, required: &[&str], optional: &[&str], rate_hz: Option<f64>) -> Result<Table, Fault> {
    let mut source = open(path)?;
    let comments = skip_comments(&mut source)?;
    let lines_before = comments.lines;
    let rate_hz = rate_hz.or(comments.rate_hz()?);
    let mut reader = reader(source);
    let header = header(&mut reader, lines_before)?;

    let mut picked = Vec::new();
    for name in required {
        picked.push((*name, header.find(name).ok_or_else(|| header.missing(name))?));
    }
    for name in optional.iter().filter(|name| !required.contains(name)) {
        picked.extend(header.find(name).map(|index| (*name, index)));
    }
    let time_index = if rate_hz.is_none() { header.find(TIME_COLUMN) } else { None };
    let mut time = TimeColumn::default();
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); picked.len()];
    let mut rows = 0;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| fault::from_csv(&error, lines_before))? {
        // The parser now stands behind the end of the record's line; where it stood before may be empty lines above it.
        let line = lines_before + reader.position().line() - 1;
        if record.len() != header.names.len() {
            return Err(Fault::Ragged { line, expected: header.names.len(), found: record.len() });
        }
        if (rows + 1) * (picked.len() + usize::from(time_index.is_some())) > MAX_VALUES {
            return Err(Fault::TooManyValues { line });
        }
        for ((name, index), samples) in picked.iter().zip(&mut columns) {
            samples.push(number(&record[*index], line, name)?);
        }
        if let Some(index) = time_index {
            time.push(&record[index], number(&record[index], line, TIME_COLUMN)?, line)?;
        }
        rows += 1;
    }
    match rows {
        0 => return Err(Fault::NoSamples { line: header.line }),
        1 => return Err(Fault::OneSample { line: header.line }),
        _ => {}
    }
    let rate_hz = match (rate_hz, time_index) {
        (None, Some(_)) => Some(time.rate()?),
        (given, _) => given,
    };
    let columns = picked.iter().map(|(name, _)| (*name).to_owned()).zip(columns).collect();
    Ok(Table { rate_hz, described: comments.described()?, information: comments.information, columns })
}

fn open(path: &Path) -> Result<Source, Fault> {
    let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Fault::Unreadable("is a folder".to_owned()));
    }
    if metadata.len() > source::MAX_BYTES {
        return Err(Fault::TooLarge);
    }
    Ok(limited(Box::new(file)))
}

fn limited(source: Box<dyn Read>) -> Source {
    BufReader::with_capacity(1 << 16, LimitedSource::new(source))
}

/// Reads past the byte-order mark, empty lines and comments.
fn skip_comments(source: &mut Source) -> Result<Comments, Fault> {
    let unreadable = |error: std::io::Error| fault::from_io(&error);
    if source.fill_buf().map_err(unreadable)?.starts_with(b"\xef\xbb\xbf") {
        source.consume(3);
    }
    let mut comments = Comments::default();
    loop {
        match source.fill_buf().map_err(unreadable)?.first() {
            None => return Err(Fault::Empty),
            Some(b'#' | b'\n' | b'\r') => {}
            Some(_) => return Ok(comments),
        }
        let mut line = Vec::new();
        source.by_ref().read_until(b'\n', &mut line).map_err(unreadable)?;
        comments.push(&line)?;
    }
}

fn reader(source: Source) -> Reader {
    ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(source)
}

struct Header {
    line: u64,
    names: Vec<String>,
}

impl Header {
    fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column == name)
    }

    fn missing(&self, name: &str) -> Fault {
        let existing = self.names.iter().map(|name| quote(name.as_bytes())).collect::<Vec<_>>().join(", ");
        Fault::MissingColumn { line: self.line, column: name.to_owned(), existing }
    }
}

fn header(reader: &mut Reader, lines_before: u64) -> Result<Header, Fault> {
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| fault::from_csv(&error, lines_before))? {
        return Err(Fault::Empty);
    }
    let names = record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    Ok(Header { line: lines_before + 1, names })
}

fn number(cell: &[u8], line: u64, column: &str) -> Result<f64, Fault> {
    let value = std::str::from_utf8(cell).ok().and_then(|text| text.parse::<f64>().ok());
    match value {
        Some(value) if value.is_finite() => Ok(value),
        Some(_) => Err(Fault::NotFinite { line, column: column.to_owned(), text: quote(cell) }),
        None => Err(Fault::NotANumber { line, column: column.to_owned(), text: quote(cell) }),
    }
}

#[cfg(test)]
mod tests;
