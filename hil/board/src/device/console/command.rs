//! From a line to a command.
//!
//! In comes a line, out goes what it asks for, or why it cannot be. This file must not know how anything is done.

use core::fmt::{self, Display, Formatter};

use crate::device::settings::line::{self, Change, Ignored};
use crate::device::settings::table::{Entry, LINE, PORT};
use crate::device::settings::words::{Unclosed, Word, Words};
use crate::device::{Field, Sensor};

/// What a line asks for.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Nothing: it is blank, or a comment.
    Nothing,
    /// These figures of sensors, as bits of [`Field::number`].
    Readings(Sensors, u32),
    /// The residual current.
    Residual,
    /// Clears the resettable registers of all sensors.
    EnergyReset,
    /// The settings that are kept, as an export.
    Settings,
    /// One of them.
    Setting(Entry),
    /// How the settings stand.
    SettingsState,
    /// A change of the settings: the line itself says which.
    Change,
    /// Keeps what was changed.
    Apply,
    /// Forgets what was changed.
    Cancel,
    /// Starts the device anew.
    Restart,
    /// Versions, uptime, reset cause.
    Version,
    /// The commands.
    Help,
}

/// Which sensors: one, or all of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensors {
    /// This one.
    One(Sensor),
    /// All lines.
    Lines,
    /// All ports.
    Ports,
}

impl Sensors {
    /// One after the other.
    pub fn nth(self, number: usize) -> Option<Sensor> {
        let sensor = match (self, number) {
            (Self::One(sensor), 0) => sensor,
            (Self::One(_), _) => return None,
            (Self::Lines, _) => Sensor::Line(number + 1),
            (Self::Ports, _) => Sensor::Port(number + 1),
        };
        sensor.channel().map(|_| sensor)
    }
}

/// Why a line is refused.
#[derive(Clone, Copy, Debug)]
pub enum Refused {
    /// There is no such command.
    Command,
    /// There is no such sensor of this object.
    Sensor(&'static str, usize),
    /// There is no such figure.
    Field,
    /// It is no setting, or out of range.
    Setting(Ignored),
}

impl From<Unclosed> for Refused {
    fn from(error: Unclosed) -> Self {
        Self::Setting(error.into())
    }
}

impl From<Ignored> for Refused {
    fn from(ignored: Ignored) -> Self {
        Self::Setting(ignored)
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => write!(f, "no such command, help lists them"),
            Self::Sensor(object, last) => write!(f, "no such {object}, allowed: 1..{last}, all"),
            Self::Field => write!(f, "no such figure, allowed: all, or numbers 0..20 as in \"0,1,2\""),
            Self::Setting(ignored) => write!(f, "{ignored}"),
        }
    }
}

/// Reads a line.
///
/// # Errors
/// Why it cannot be done.
pub fn read(text: &str) -> Result<Command, Refused> {
    let mut words = Words::new(text);
    // Of a line that is longer, the settings' own reader says what is wrong.
    let mut all = [""; 5];
    let mut count = 0;
    for word in words.by_ref() {
        let word = word?;
        if let Some(place) = all.get_mut(count) {
            *place = word.text;
        }
        count += 1;
    }
    let known = all.get(..count).unwrap_or(&all);
    match *known {
        [] => return Ok(Command::Nothing),
        ["help"] => return Ok(Command::Help),
        ["residual", "show"] => return Ok(Command::Residual),
        ["energy", "reset"] => return Ok(Command::EnergyReset),
        ["settings", "show"] => return Ok(Command::Settings),
        ["settings", "state"] => return Ok(Command::SettingsState),
        ["settings", "apply"] => return Ok(Command::Apply),
        ["settings", "cancel"] => return Ok(Command::Cancel),
        ["system", "restart"] => return Ok(Command::Restart),
        ["system", "version"] => return Ok(Command::Version),
        ["system", "fabsettings"] => return Ok(Command::Change),
        ["settings" | "system" | "help", ..] => return Err(Refused::Command),
        // What is set may be a label of this name.
        [.., "set", "show"] => {}
        [LINE | PORT, "all", .., "show"] => return readings(known),
        [LINE | PORT, _, fields, "show"] if fields == "all" || fields.starts_with(|c: char| c.is_ascii_digit()) => {
            return readings(known);
        }
        [.., "show"] => return setting(text),
        _ => {}
    }
    match line::read(text) {
        Ok(Change::Nothing) => Ok(Command::Nothing),
        Ok(Change::Factory | Change::Set(..)) => Ok(Command::Change),
        Err(Ignored::Command) => Err(Refused::Command),
        Err(ignored) => Err(ignored.into()),
    }
}

fn readings(words: &[&str]) -> Result<Command, Refused> {
    let &[object, number, fields, _] = words else { return Err(Refused::Field) };
    let is_line = object == LINE;
    let sensors = if number == "all" {
        if is_line { Sensors::Lines } else { Sensors::Ports }
    } else {
        let (object, last) = if is_line { (LINE, 1) } else { (PORT, 7) };
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits);
        let sensor = number.map(if is_line { Sensor::Line } else { Sensor::Port });
        Sensors::One(sensor.filter(|sensor| sensor.channel().is_some()).ok_or(Refused::Sensor(object, last))?)
    };
    Ok(Command::Readings(sensors, fields_of(fields)?))
}

/// The bits of a list such as `0,1,12`.
fn fields_of(list: &str) -> Result<u32, Refused> {
    if list == "all" {
        return Ok((1 << Field::ALL.len()) - 1);
    }
    list.split(',').map(str::trim).try_fold(0, |bits, word| {
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let field = word.parse().ok().filter(|_| digits).and_then(Field::numbered).ok_or(Refused::Field)?;
        Ok(bits | 1 << field.number())
    })
}

/// A setting that is to be shown.
fn setting(text: &str) -> Result<Command, Refused> {
    let mut words = Words::new(text);
    let first = words.next().transpose()?.unwrap_or(Word { text: "", is_quoted: false });
    let entry = match line::entry(first, &mut words) {
        Err(Ignored::Command) => return Err(Refused::Command),
        other => other?,
    };
    let is_shown = words.next().transpose()?.is_some_and(|word| word.text == "show");
    if is_shown && words.next().is_none() { Ok(Command::Setting(entry)) } else { Err(Refused::Command) }
}
