//! The one list of all settings: the words that name one, its range, its meaning, and how it is read and set.
//!
//! In comes nothing, out goes the list. This file must not know lines of text, bytes or chips. A setting that is not here
//! can neither be seen nor changed; a test says that each of them has its effect.

use core::fmt::{self, Display, Formatter};
use core::ops::RangeInclusive;

use hil_link::Nominal;
use hil_link::residual::{Characteristic, Type};

use super::{MAX_LABEL, Parity, Sensor, Settings};

/// The numbers that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least, beside 0 where that switches off.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// 0 switches off.
    pub or_zero: bool,
}

impl Range {
    /// Whether a number is allowed.
    pub const fn contains(&self, value: u32) -> bool {
        value >= self.least && value <= self.most || self.or_zero && value == 0
    }
}

impl Display for Range {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let zero = if self.or_zero { "0," } else { "" };
        write!(f, "{zero}{}..{}", self.least, self.most)
    }
}

/// What a setting holds, and how it is read and set. A sensor's number (0 the line) tells whose.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A number.
    Number {
        /// The allowed ones.
        range: Range,
        /// Reads it.
        get: fn(&Settings, usize) -> u32,
        /// Sets it; for numbers that are allowed.
        set: fn(&mut Settings, usize, u32),
    },
    /// A text of up to [`MAX_LABEL`] printable ASCII characters without `"`.
    Text {
        /// Reads it.
        get: fn(&Settings, usize) -> &str,
        /// The place it is kept in.
        place: fn(&mut Settings, usize) -> Option<&mut heapless::String<MAX_LABEL>>,
    },
}

/// A setting, or the same one of several ports.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it belongs to: first word of its command.
    pub object: &'static str,
    /// Its name: second word, behind the number of the port.
    pub item: &'static str,
    /// Numbers of the ports on the console, from 1 as there; `None`: there is but one of it.
    pub ports: Option<(u8, u8)>,
    /// What it means, with its unit.
    pub about: &'static str,
    /// What it holds.
    pub kind: Kind,
}

impl Row {
    /// The numbers of its ports; one without a number has 0.
    pub fn numbers(&self) -> RangeInclusive<u8> {
        let (first, last) = self.ports.unwrap_or((0, 0));
        first..=last
    }

    /// Number of the sensor of a port: the line is the first one.
    fn sensor(&self, number: u8) -> usize {
        if self.object == LINE { 0 } else { number.into() }
    }
}

/// A setting of one port, or of the device.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it is.
    pub row: &'static Row,
    /// Number of its port as on the console; 0 without one.
    pub number: u8,
}

/// What a setting holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number.
    Number(u32),
    /// A text.
    Text(&'a str),
}

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

/// What a setting may hold, as its comment says it.
#[derive(Clone, Copy, Debug)]
pub struct Allowed(pub Kind);

impl Display for Allowed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Number { range, .. } => write!(f, "range: {range}"),
            Kind::Text { .. } => write!(f, "len: 0..{MAX_LABEL}"),
        }
    }
}

impl Entry {
    /// All, in the order of an export.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().flat_map(|row| row.numbers().map(move |number| Self { row, number }))
    }

    /// What it holds.
    pub fn get(self, settings: &Settings) -> Value<'_> {
        let sensor = self.row.sensor(self.number);
        match self.row.kind {
            Kind::Number { get, .. } => Value::Number(get(settings, sensor)),
            Kind::Text { get, .. } => Value::Text(get(settings, sensor)),
        }
    }

    /// Whether it may hold this.
    pub fn allows(self, value: Value<'_>) -> bool {
        match (self.row.kind, value) {
            (Kind::Number { range, .. }, Value::Number(number)) => range.contains(number),
            (Kind::Text { .. }, Value::Text(text)) => {
                text.len() <= MAX_LABEL && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"')
            }
            _ => false,
        }
    }

    /// Sets it, where it may hold this; tells whether it may.
    pub fn set(self, settings: &mut Settings, value: Value<'_>) -> bool {
        if !self.allows(value) {
            return false;
        }
        let sensor = self.row.sensor(self.number);
        match (self.row.kind, value) {
            (Kind::Number { set, .. }, Value::Number(number)) => set(settings, sensor, number),
            (Kind::Text { place, .. }, Value::Text(text)) => {
                if let Some(place) = place(settings, sensor) {
                    place.clear();
                    // Its length is allowed, so it has room.
                    let _room = place.push_str(text);
                }
            }
            _ => return false,
        }
        true
    }
}

/// The first setting that is out of its range.
pub fn fault(settings: &Settings) -> Option<Entry> {
    Entry::all().find(|entry| !entry.allows(entry.get(settings)))
}

/// The line's commands begin so.
pub const LINE: &str = "linesensor";
/// And those of a port.
pub const PORT: &str = "portsensor";

const fn row(object: &'static str, item: &'static str, about: &'static str, kind: Kind) -> Row {
    let ports = match object.as_bytes() {
        b"linesensor" => Some((1, 1)),
        b"portsensor" => Some((1, 7)),
        _ => None,
    };
    Row { object, item, ports, about, kind }
}

const fn number(
    (least, most): (u32, u32),
    get: fn(&Settings, usize) -> u32,
    set: fn(&mut Settings, usize, u32),
) -> Kind {
    Kind::Number { range: Range { least, most, or_zero: false }, get, set }
}

const fn off_or(
    (least, most): (u32, u32),
    get: fn(&Settings, usize) -> u32,
    set: fn(&mut Settings, usize, u32),
) -> Kind {
    Kind::Number { range: Range { least, most, or_zero: true }, get, set }
}

fn sensor(settings: &Settings, number: usize) -> Option<&Sensor> {
    settings.sensors.get(number)
}

const LABEL: Kind = Kind::Text {
    get: |s, n| sensor(s, n).map_or("", |sensor| &sensor.label),
    place: |s, n| s.sensors.get_mut(n).map(|sensor| &mut sensor.label),
};
const RANGE: Kind = number(
    (1_000, 2_000_000),
    |s, n| sensor(s, n).map_or(0, |sensor| sensor.range_ma),
    |s, n, value| {
        if let Some(sensor) = s.sensors.get_mut(n) {
            sensor.range_ma = value;
        }
    },
);
const OVERLOAD: Kind = off_or(
    (1, 2_000_000),
    |s, n| sensor(s, n).map_or(0, |sensor| sensor.overload_ma),
    |s, n, value| {
        if let Some(sensor) = s.sensors.get_mut(n) {
            sensor.overload_ma = value;
        }
    },
);

/// A number of the device: field, and range.
macro_rules! field {
    ($make:ident($least:literal, $most:literal), $($field:ident).+) => {
        $make(($least, $most), |s, _| u32::from(s.$($field).+), |s, _, value| s.$($field).+ = value as _)
    };
}

/// A switch of the device.
macro_rules! switch {
    ($($field:ident).+) => {
        number((0, 1), |s, _| u32::from(s.$($field).+), |s, _, value| s.$($field).+ = value == 1)
    };
}

/// One of several, by its place among them.
macro_rules! choice {
    ($($field:ident).+, [$($one:expr),+], $most:literal) => {
        number(
            (0, $most),
            |s, _| [$($one),+].iter().take_while(|&&one| one != s.$($field).+).count() as u32,
            |s, _, value| {
                if let Some(&one) = [$($one),+].get(value as usize) {
                    s.$($field).+ = one;
                }
            },
        )
    };
}

/// All settings.
pub static TABLE: [Row; 38] = [
    row(LINE, "label", "name", LABEL),
    row(LINE, "range", "peak at full scale, mA", RANGE),
    row(LINE, "overload", "RMS limit, mA; 0: none", OVERLOAD),
    row(PORT, "label", "name", LABEL),
    row(PORT, "range", "peak at full scale, mA", RANGE),
    row(PORT, "overload", "RMS limit, mA; 0: none", OVERLOAD),
    row("voltage", "range", "peak at full scale, V", field!(number(50, 2_000), voltage_range_v)),
    row("voltage", "nominal", "V", field!(number(10, 1_000), nominal_v)),
    row(
        "frequency",
        "nominal",
        "0: as measured, 1: 50 Hz, 2: 60 Hz",
        choice!(nominal, [Nominal::Auto, Nominal::Hz50, Nominal::Hz60], 2),
    ),
    row("events", "dip", "0.01 % of nominal; 0: none", field!(off_or(2_000, 9_800), events.dip)),
    row("events", "swell", "0.01 % of nominal; 0: none", field!(off_or(10_200, 20_000), events.swell)),
    row("events", "interruption", "0.01 % of nominal; 0: none", field!(off_or(1, 1_999), events.interruption)),
    row("events", "hysteresis", "0.01 % of nominal", field!(number(0, 200), events.hysteresis)),
    row("overload", "hysteresis", "0.01 % of the limit", field!(number(0, 5_000), events.overload_hysteresis)),
    row("overload", "delay", "half cycles", field!(number(0, 65_535), events.overload_delay)),
    row("residual", "range", "peak at full scale, 0.1 mA", field!(number(15_000, 61_000), residual.range)),
    row("residual", "corner", "of the transformer, mHz; 0: direct", field!(off_or(500, 10_000), residual.corner_mhz)),
    row("residual", "alarm", "0: off, 1: on", switch!(residual.alarm)),
    row("residual", "rated", "0.1 mA", field!(number(60, 5_000), residual.rated)),
    row("residual", "type", "0: AC, 1: A", choice!(residual.detects, [Type::Ac, Type::A], 1)),
    row("residual", "prewarning", "% of the alarm", field!(number(50, 100), residual.pre_warning_percent)),
    row("residual", "hysteresis", "%", field!(number(10, 25), residual.hysteresis_percent)),
    row(
        "residual",
        "characteristic",
        "0: general, 1: short delay, 2: selective",
        choice!(
            residual.characteristic,
            [Characteristic::General, Characteristic::ShortDelay, Characteristic::Selective],
            2
        ),
    ),
    row("residual", "prewarningdelay", "ms", field!(number(0, 10_000), residual.pre_warning_delay_ms)),
    row("residual", "release", "ms", field!(number(0, 300_000), residual.release_delay_ms)),
    row("residual", "startup", "ms", field!(number(0, 10_000), residual.start_up_delay_ms)),
    row("residual", "latching", "0: off, 1: until reset", switch!(residual.latching)),
    row("residual", "noise", "least of the sensor, uA; 0: any", field!(number(0, 6_000), residual.least_noise_ua)),
    row("noload", "power", "mW; 0: every load counts", field!(number(0, 1_000_000), no_load.power_mw)),
    row("noload", "current", "mA; 0: every load counts", field!(number(0, 1_000), no_load.current_ma)),
    row("noload", "hysteresis", "%", field!(number(0, 100), no_load.hysteresis_percent)),
    row("display", "return", "to the first page, s", field!(number(1, 60), display_return_s)),
    row("energy", "interval", "between saves, s", field!(number(1, 3_600), saving.interval_s)),
    row("energy", "step", "between saves, Wh", field!(number(1, 10_000), saving.energy_wh)),
    row("energy", "interruption", "0: no, 1: save at one", switch!(saving.on_interruption)),
    row("modbus", "address", "slave's address", field!(number(1, 247), modbus.address)),
    row("modbus", "baud", "baud; 8 data bits, 1 stop bit", field!(number(1_200, 115_200), modbus.baud)),
    row(
        "modbus",
        "parity",
        "0: none, 1: even, 2: odd",
        choice!(modbus.parity, [Parity::None, Parity::Even, Parity::Odd], 2),
    ),
];

const _: () = assert!(hil_link::MAX_CURRENTS == 8, "one line and seven ports");
