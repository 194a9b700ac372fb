//! Settings as lines of text, in the console's own commands, and back.
//!
//! In come lines and settings, out go the others, or why a line is ignored and what is allowed there. This file must not
//! know where lines come from.
//!
//! ```text
//! system fabsettings
//! portsensor 3 label set "Rack 7"          #len: 0..15 name
//! residual rated set 300                   #range: 60..5000 0.1 mA
//! ```
//!
//! The first line makes all settings those of the factory, so that what a file does not name is known as well; a `#` hides
//! what is behind it.

use core::fmt::{self, Display, Formatter};

use heapless::String;
use hil_link::settings::MAX_LINE;

use super::Settings;
use super::table::{Allowed, Entry, Kind, TABLE, Value};
use super::words::{Unclosed, Word, Words};

/// What a line does.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Nothing: it is blank, or hidden.
    Nothing,
    /// All settings as they leave the factory.
    Factory,
    /// This setting.
    Set(Entry, Value<'a>),
}

/// Why a line is ignored; says what is allowed.
#[derive(Clone, Copy, Debug)]
pub enum Ignored {
    /// It is longer than a line may be.
    TooLong,
    /// A quote is not closed.
    Quote,
    /// There is no such command.
    Command,
    /// There is no such setting of this object.
    Item(&'static str),
    /// There is no such port of this object.
    Port(&'static str, u8),
    /// `set` and one value are expected.
    Form(Entry),
    /// The value is out of its range.
    Value(Entry),
}

impl From<Unclosed> for Ignored {
    fn from(_: Unclosed) -> Self {
        Self::Quote
    }
}

impl Display for Ignored {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooLong => write!(f, "longer than {MAX_LINE} bytes"),
            Self::Quote => write!(f, "{Unclosed}"),
            Self::Command => {
                write!(f, "no such setting, allowed: system fabsettings")?;
                let mut last = "";
                for row in TABLE.iter().filter(|row| core::mem::replace(&mut last, row.object) != row.object) {
                    write!(f, ", {}", row.object)?;
                }
                Ok(())
            }
            Self::Item(object) => {
                write!(f, "no such setting of {object}, allowed:")?;
                TABLE.iter().filter(|row| row.object == object).try_for_each(|row| write!(f, " {}", row.item))
            }
            Self::Port(object, last) => write!(f, "no such {object}, allowed: 1..{last}"),
            Self::Form(entry) => write!(f, "allowed: {} set VALUE", Path(entry)),
            Self::Value(entry) => match entry.row.kind {
                Kind::Number { range, .. } => write!(f, "out of range, allowed: {range} ({})", entry.row.about),
                Kind::Text { .. } => {
                    write!(
                        f,
                        "no such {}, allowed: printable ASCII in quotes, {}",
                        entry.row.about,
                        Allowed(entry.row.kind)
                    )
                }
            },
        }
    }
}

/// The words that name a setting.
#[derive(Clone, Copy, Debug)]
pub struct Path(pub Entry);

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(Entry { row, number }) = self;
        match row.ports {
            Some(_) => write!(f, "{} {number} {}", row.object, row.item),
            None => write!(f, "{} {}", row.object, row.item),
        }
    }
}

/// Reads a line.
///
/// # Errors
/// Why it is ignored.
pub fn read(line: &str) -> Result<Change<'_>, Ignored> {
    if line.len() > MAX_LINE {
        return Err(Ignored::TooLong);
    }
    let mut words = Words::new(line);
    let Some(first) = words.next().transpose()? else { return Ok(Change::Nothing) };
    if first.text == "system" {
        let is_factory = words.next().transpose()?.is_some_and(|word| word.text == "fabsettings");
        return if is_factory && words.next().is_none() { Ok(Change::Factory) } else { Err(Ignored::Command) };
    }
    let entry = entry(first, &mut words)?;
    let is_set = words.next().transpose()?.is_some_and(|word| word.text == "set");
    match (is_set, words.next().transpose()?, words.next()) {
        (true, Some(word), None) => {
            let value = value(word).filter(|&value| entry.allows(value)).ok_or(Ignored::Value(entry))?;
            Ok(Change::Set(entry, value))
        }
        _ => Err(Ignored::Form(entry)),
    }
}

/// The setting that words name, the first of which was taken.
///
/// # Errors
/// There is none.
pub fn entry(first: Word<'_>, words: &mut Words<'_>) -> Result<Entry, Ignored> {
    let known = TABLE.iter().find(|row| row.object == first.text).ok_or(Ignored::Command)?;
    let number = match known.ports {
        None => 0,
        Some((least, most)) => words
            .next()
            .transpose()?
            .and_then(|word| digits(word.text))
            .and_then(|number| u8::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .ok_or(Ignored::Port(known.object, most))?,
    };
    let item = words.next().transpose()?.map_or("", |word| word.text);
    let row = TABLE.iter().find(|row| row.object == known.object && row.item == item);
    Ok(Entry { row: row.ok_or(Ignored::Item(known.object))?, number })
}

fn value(word: Word<'_>) -> Option<Value<'_>> {
    if word.is_quoted { Some(Value::Text(word.text)) } else { digits(word.text).map(Value::Number) }
}

/// A number in digits alone.
fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl Change<'_> {
    /// Does it.
    pub fn apply(self, settings: &mut Settings) {
        match self {
            Self::Nothing => {}
            Self::Factory => *settings = Settings::default(),
            Self::Set(entry, value) => {
                // It was found to be allowed when the line was read.
                let _allowed = entry.set(settings, value);
            }
        }
    }
}

/// The line of a setting, with what is allowed there as a comment.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a>(pub Entry, pub &'a Settings);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let &Self(entry, settings) = self;
        let mut command = String::<MAX_LINE>::new();
        fmt::write(&mut command, format_args!("{} set {}", Path(entry), entry.get(settings)))?;
        write!(f, "{command:<40} #{} {}", Allowed(entry.row.kind), entry.row.about)
    }
}

/// The lines of an export from this one on, each without its end.
pub fn export(settings: &Settings, from: usize) -> impl Iterator<Item = String<MAX_LINE>> {
    let line = |text: &dyn Display| {
        let mut line = String::new();
        // A test says that every line has room.
        let _room = fmt::write(&mut line, format_args!("{text}"));
        line
    };
    let first = (from == 0).then(|| line(&FACTORY));
    let entries = Entry::all().skip(from.saturating_sub(1));
    first.into_iter().chain(entries.map(move |entry| line(&Line(entry, settings))))
}

/// The first line of an export.
pub const FACTORY: &str = "system fabsettings";
