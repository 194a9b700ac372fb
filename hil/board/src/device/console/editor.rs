//! The line that is being typed: echo, backspace, history of one line.
//!
//! In come bytes, out go their echo and, at its end, a line of printable ASCII. This file must not know commands.
//!
//! | byte | what it does |
//! |---|---|
//! | printable ASCII | goes to the end of the line; a bell where that is full |
//! | backspace, delete | takes the last one away |
//! | Ctrl-U | takes all away |
//! | Ctrl-C | leaves the line, which does nothing |
//! | arrow up, arrow down | the last line; an empty one |
//! | CR, LF, CR LF | ends the line |
//! | anything else, other sequences of ESC | nothing |

use heapless::String;
use hil_link::settings::MAX_LINE;

use super::output::Output;

/// Most bytes that one byte may lead to: a line that is taken back.
pub const MOST_ECHO: usize = MAX_LINE + 8;

/// Most bytes of a sequence of ESC; one that is longer was none.
const MOST_SEQUENCE: u8 = 16;

/// Where a sequence of ESC stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    /// There is none.
    #[default]
    None,
    /// After ESC.
    Begun,
    /// After ESC and `O`: one more byte.
    Single,
    /// After ESC and `[`: so many bytes.
    Sequence(u8),
}

/// The line, the last one, and where the terminal stands.
#[derive(Debug, Default)]
pub struct Editor {
    line: String<MAX_LINE>,
    last: String<MAX_LINE>,
    escape: Escape,
    /// The byte before was a CR: an LF belongs to it.
    is_after_return: bool,
}

impl Editor {
    /// What was typed so far.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The line is done: the next one begins, and it becomes the last one.
    pub fn clear(&mut self) {
        if !self.line.is_empty() {
            core::mem::swap(&mut self.last, &mut self.line);
        }
        self.line.clear();
    }

    /// A byte was typed. Tells whether it ended the line; [`clear`](Self::clear) begins the next.
    pub fn byte(&mut self, byte: u8, out: &mut Output) -> bool {
        let is_after_return = core::mem::take(&mut self.is_after_return);
        match core::mem::take(&mut self.escape) {
            Escape::Begun => match byte {
                b'[' => {
                    self.escape = Escape::Sequence(0);
                    return false;
                }
                b'O' => {
                    self.escape = Escape::Single;
                    return false;
                }
                // A lone ESC, and then a byte as any other.
                _ => {}
            },
            Escape::Single => {
                self.arrow(byte, out);
                return false;
            }
            Escape::Sequence(length) => match byte {
                b' '..=b'?' if length < MOST_SEQUENCE => {
                    self.escape = Escape::Sequence(length + 1);
                    return false;
                }
                b'@'..=b'~' => {
                    if length == 0 {
                        self.arrow(byte, out);
                    }
                    return false;
                }
                // It was no sequence.
                _ => {}
            },
            Escape::None => {}
        }
        match byte {
            b' '..=b'~' => match self.line.push(byte.into()) {
                Ok(()) => out.write(&[byte]),
                Err(_) => out.write(b"\x07"),
            },
            0x08 | 0x7f if self.line.pop().is_some() => out.write(b"\x08 \x08"),
            0x15 => self.replace(false, out),
            0x03 => {
                out.write(b"^C\r\n");
                self.line.clear();
            }
            0x1b => self.escape = Escape::Begun,
            b'\n' if is_after_return => {}
            b'\r' | b'\n' => {
                self.is_after_return = byte == b'\r';
                out.write(b"\r\n");
                return true;
            }
            _ => {}
        }
        false
    }

    fn arrow(&mut self, byte: u8, out: &mut Output) {
        match byte {
            b'A' => self.replace(true, out),
            b'B' => self.replace(false, out),
            _ => {}
        }
    }

    /// Takes what was typed away, and puts the last line in its place or none.
    fn replace(&mut self, by_last: bool, out: &mut Output) {
        if !self.line.is_empty() {
            // To the begin of the line, and all that is behind it away.
            out.write(b"\r\x1b[K");
        }
        self.line.clear();
        if by_last {
            self.line.clone_from(&self.last);
            out.write(self.line.as_bytes());
        }
    }
}
