//! Text of unknown encoding, line by line.
//!
//! In come bytes, out go lines of Unicode and the name of the encoding that was guessed. This file must not know what
//! the lines mean.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

/// Text and, where it was not UTF-8, the encoding it was taken for.
pub(super) fn decode(bytes: &[u8]) -> (String, Option<&'static str>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.trim_start_matches('\u{feff}').to_owned(), None);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    (encoding.decode(bytes).0.into_owned(), Some(encoding.name()))
}

/// Text without what ended the files of old systems.
pub(super) fn clean(text: &str) -> &str {
    text.trim_matches(|sign: char| sign.is_whitespace() || sign == '\u{1a}' || sign == '\0')
}

/// Lines of a text for readers, without the empty ones at its ends.
pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = decode(bytes).0;
    let text = text.trim_matches(['\r', '\n', '\u{1a}']);
    let lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    if lines.iter().all(String::is_empty) { Vec::new() } else { lines }
}
