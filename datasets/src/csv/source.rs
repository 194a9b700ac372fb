//! A byte source that is bounded whatever stands behind it (a device without an end, a line without an end), and whose
//! lines all end alike.
//!
//! In come bytes, out go the same bytes until a limit is met, each line ended by one line feed: carriage returns alone
//! or before a line feed, and the last line without an end, read as if they had one. This file must not know of cells.

use super::Fault;
use std::io::{Error, Read, Result};

/// Largest file in bytes.
pub(super) const MAX_BYTES: u64 = 2 << 30;

/// Longest line in bytes: 64 channels of 1000 digits.
pub(super) const MAX_LINE: usize = 64 << 10;

/// Reader with both limits.
pub(super) struct LimitedSource<R> {
    inner: R,
    bytes: u64,
    /// Bytes of the line that is being read.
    line: usize,
    /// The last byte was a carriage return: a line feed after it ends no further line.
    after_return: bool,
}

impl<R: Read> LimitedSource<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, bytes: 0, line: 0, after_return: false }
    }

    /// Evens the line ends of `buffer` in place; tells how many bytes are left.
    fn normalise(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut kept = 0;
        for at in 0..buffer.len() {
            let byte = buffer[at];
            let second_half = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if second_half {
                continue;
            }
            let ends = matches!(byte, b'\r' | b'\n');
            buffer[kept] = if ends { b'\n' } else { byte };
            kept += 1;
            self.line = if ends { 0 } else { self.line + 1 };
            if self.line > MAX_LINE {
                return Err(Error::other(Fault::LineTooLong));
            }
        }
        Ok(kept)
    }
}

impl<R: Read> Read for LimitedSource<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let count = self.inner.read(buffer)?;
            self.bytes += count as u64;
            if self.bytes > MAX_BYTES {
                return Err(Error::other(Fault::TooLarge));
            }
            if count == 0 && self.line > 0 && !buffer.is_empty() {
                self.line = 0;
                buffer[0] = b'\n';
                return Ok(1);
            }
            let kept = self.normalise(&mut buffer[..count])?;
            if kept > 0 || count == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, repeat};

    #[test]
    fn passes_lines_up_to_the_limit() {
        let text = [vec![b'1'; MAX_LINE - 1], vec![b'\n'], vec![b'2'; MAX_LINE], vec![b'\n']].concat();
        let mut out = Vec::new();
        LimitedSource::new(Cursor::new(&text)).read_to_end(&mut out).unwrap();
        assert_eq!(out, text);
    }

    #[test]
    fn evens_the_line_ends_wherever_the_stream_is_cut() {
        for cut in 0..8 {
            let (a, b) = b"a\r\n\rb\n\nc".split_at(cut);
            let mut out = String::new();
            LimitedSource::new(a.chain(b)).read_to_string(&mut out).unwrap();
            assert_eq!(out, "a\n\nb\n\nc\n");
        }
    }

    #[test]
    fn stops_at_a_line_without_an_end() {
        let error = LimitedSource::new(repeat(b'1')).read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(super::super::fault::from_io(&error), Fault::LineTooLong);
    }

    #[test]
    fn stops_at_a_file_without_an_end() {
        let mut source = LimitedSource { inner: repeat(b'\n'), bytes: MAX_BYTES - 10, line: 0, after_return: false };
        assert_eq!(source.read(&mut [0; 10]).unwrap(), 10);
        let error = source.read(&mut [0; 10]).unwrap_err();
        assert_eq!(super::super::fault::from_io(&error), Fault::TooLarge);
    }
}
