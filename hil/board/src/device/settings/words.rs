//! A line as words: separated by blanks, or one in quotes; from a `#` on that is not in quotes, nothing counts.
//!
//! In comes a line, out go words. This file must not know commands.

/// A word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Without its quotes.
    pub text: &'a str,
    /// It stood in quotes.
    pub is_quoted: bool,
}

/// The words of a line. `Err`: a quote is not closed, or something stands right behind one.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    rest: &'a str,
}

/// A quote is not closed, or something stands right behind one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote is not closed")]
pub struct Unclosed;

impl<'a> Words<'a> {
    /// Of a line.
    pub const fn new(line: &'a str) -> Self {
        Self { rest: line }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Result<Word<'a>, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.rest = "";
        if rest.is_empty() || rest.starts_with('#') {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('"') {
            let Some((text, behind)) = inner.split_once('"') else { return Some(Err(Unclosed)) };
            if !behind.is_empty() && !behind.starts_with([' ', '\t', '\r', '\n', '#']) {
                return Some(Err(Unclosed));
            }
            self.rest = behind;
            return Some(Ok(Word { text, is_quoted: true }));
        }
        let end = rest.find([' ', '\t', '\r', '\n', '#']).unwrap_or(rest.len());
        let (text, behind) = rest.split_at_checked(end)?;
        self.rest = behind;
        if text.contains('"') {
            return Some(Err(Unclosed));
        }
        Some(Ok(Word { text, is_quoted: false }))
    }
}
