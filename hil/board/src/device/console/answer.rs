//! What a command shows, line by line.
//!
//! In come a command's answer and what the device shows, out goes text. Figures are those of [`Field`], so they agree with
//! the registers to the last digit. This file must not know terminals.

use core::fmt::{self, Write as _};

use heapless::String;
use hil_link::{BoardInfo, Memory, SettingsState};
use metering_core::decimal::Exact;
use metering_core::residual::{Kind, State};

use super::command::Sensors;
use crate::device::settings::Settings;
use crate::device::settings::line::{self, Line};
use crate::device::settings::table::Entry;
use crate::device::{Field, Sensor, Snapshot};

/// Most characters of a line, its end included.
pub const LINE: usize = 512;

/// What can be shown.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Readings and registers.
    pub snapshot: &'a Snapshot,
    /// The settings in use.
    pub in_use: &'a Settings,
    /// Those that are kept.
    pub kept: &'a Settings,
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// `OK.` alone.
    Nothing,
    /// Figures of sensors, a line each; the bits are those of [`Field::number`].
    Readings(Sensors, u32),
    /// The residual current.
    Residual,
    /// All settings that are kept.
    Settings,
    /// One of them.
    Setting(Entry),
    /// How the settings stand.
    State(SettingsState),
    /// What the device is.
    Version(BoardInfo),
    /// The commands.
    Help,
}

const HELP: [&str; 14] = [
    "linesensor 1|all \"0,1,2\"|all show    figures of the line, by their numbers 0..20",
    "portsensor 1..7|all \"0,1,2\"|all show of the ports",
    "residual show                        the residual current and its monitor",
    "energy reset                         clears the resettable registers of all",
    "settings show                        all settings that are kept, with their ranges",
    "linesensor 1 label show              one of them, and so on",
    "linesensor 1 label set \"Feed\"        changes one, and so on; nothing is kept before",
    "system fabsettings                   changes all to those of the factory",
    "settings apply|cancel                keeps what was changed, or forgets it",
    "settings state                       what is in use, kept, changed",
    "system restart                       takes what is kept into use; energy stays",
    "system version                       versions, uptime, reset cause",
    "help                                 this",
    "Lines that begin with # are told unasked. # hides the rest of a line that is typed.",
];

impl Answer {
    /// Its lines by their number, from 0; `None` behind the last one.
    pub fn line(&self, number: usize, view: &View<'_>) -> Option<String<LINE>> {
        let mut out = String::new();
        let is_single = number == 0;
        // There is room for the longest line (a test says so).
        let _room = match self {
            Self::Readings(sensors, fields) => readings(&mut out, sensors.nth(number)?, *fields, view),
            Self::Residual if is_single => residual(&mut out, view.snapshot),
            Self::Settings => out.push_str(&line::export(view.kept, number).next()?).map_err(|_| fmt::Error),
            Self::Setting(entry) if is_single => write!(out, "{}", Line(*entry, view.kept)),
            Self::State(state) if is_single => settings(&mut out, state),
            Self::Version(info) => version(&mut out, info, number)?,
            Self::Help => out.push_str(HELP.get(number)?).map_err(|_| fmt::Error),
            Self::Nothing | Self::Residual | Self::Setting(_) | Self::State(_) => return None,
        };
        Some(out)
    }
}

/// `P=1,L="Rack 7",0="13000Wh",2="225V"`.
fn readings(out: &mut String<LINE>, sensor: Sensor, fields: u32, view: &View<'_>) -> fmt::Result {
    let channel = sensor.channel().unwrap_or_default();
    match sensor {
        Sensor::Line(number) => write!(out, "L={number}")?,
        Sensor::Port(number) => write!(out, "P={number}")?,
    }
    let label = view.in_use.sensors.get(channel).map_or("", |sensor| &sensor.label);
    write!(out, ",L=\"{label}\"")?;
    for field in Field::ALL.into_iter().filter(|field| fields >> field.number() & 1 == 1) {
        write!(out, ",{}=\"", field.number())?;
        match field.of(view.snapshot, channel) {
            Some(figure) => decimal(out, figure, field)?,
            // No valid window for a second, or none such is configured.
            None => out.write_str("-")?,
        }
        out.write_str("\"")?;
    }
    Ok(())
}

/// A figure in the unit that people read, with all its digits.
fn decimal(out: &mut String<LINE>, figure: i64, field: Field) -> fmt::Result {
    let (decimals, unit) = match field {
        Field::Current => (3, "A"),
        Field::Frequency => (2, "Hz"),
        Field::PowerFactor => (3, ""),
        Field::PhaseAngle => (1, "deg"),
        other => (0, other.unit()),
    };
    let (sign, magnitude) = (if figure < 0 { "-" } else { "" }, figure.unsigned_abs());
    number(out, sign, magnitude, decimals)?;
    out.write_str(unit)
}

/// A magnitude in units of `10^-decimals`.
fn number(out: &mut String<LINE>, sign: &str, magnitude: u64, decimals: u8) -> fmt::Result {
    let tens = 10u64.pow(decimals.into());
    write!(out, "{sign}{}", magnitude / tens)?;
    if decimals > 0 {
        write!(out, ".{:0width$}", magnitude % tens, width = decimals.into())?;
    }
    Ok(())
}

/// `rms="1.2mA",ac="1.2mA",dc="0.0mA",peak="1.7mA",kind="sinusoidal",state="none"`.
fn residual(out: &mut String<LINE>, snapshot: &Snapshot) -> fmt::Result {
    let reading = snapshot.reading().and_then(|reading| reading.residual);
    let figures = [
        ("rms", reading.map(|it| Exact::current(it.rms))),
        ("ac", reading.map(|it| Exact::current(it.ac))),
        ("dc", reading.map(|it| Exact::mean(it.dc))),
        ("peak", reading.map(|it| Exact::current(it.peak))),
    ];
    for (name, exact) in figures {
        match exact {
            Some(exact) => {
                // 0.1 mA, as the register has it.
                let tenths = exact.magnitude(4);
                let sign = if exact.is_negative() && tenths > 0 { "-" } else { "" };
                write!(out, "{name}=\"{sign}{}.{}mA\",", tenths / 10, tenths % 10)?;
            }
            None => write!(out, "{name}=\"-\",")?,
        }
    }
    let kind = match reading.map(|it| it.kind) {
        None => "-",
        Some(Kind::None) => "none",
        Some(Kind::Sinusoidal) => "sinusoidal",
        Some(Kind::PulsatingPositive) => "pulsating positive",
        Some(Kind::PulsatingNegative) => "pulsating negative",
        Some(Kind::Other) => "other",
    };
    write!(out, "kind=\"{kind}\",state=\"")?;
    let mut separator = "";
    for (flag, name) in [
        (State::PRE_WARNING, "pre-warning"),
        (State::ALARM, "alarm"),
        (State::SENSOR_SILENT, "sensor silent"),
        (State::SENSOR_SATURATED, "sensor saturated"),
        (State::SELF_TEST, "self-test"),
    ] {
        if snapshot.residual().contains(flag) {
            write!(out, "{separator}{name}")?;
            separator = ", ";
        }
    }
    out.write_str(if separator.is_empty() { "none\"" } else { "\"" })
}

fn settings(out: &mut String<LINE>, state: &SettingsState) -> fmt::Result {
    write!(out, "in use=\"{:016x}\",kept=\"{:016x}\",changed=\"", state.in_use, state.kept)?;
    match state.imported {
        Some(digest) => write!(out, "{digest:016x}\"")?,
        None => out.write_str("-\"")?,
    }
    let memory = match state.memory {
        Memory::Absent => "absent",
        Memory::Blank => "blank",
        Memory::Restored => "restored",
        Memory::Corrupt => "CORRUPT",
        Memory::Foreign => "FOREIGN",
    };
    let writing = if state.pending { "yes" } else { "no" };
    write!(out, ",memory=\"{memory}\",writing=\"{writing}\",saves={},faults={}", state.saves, state.faults)
}

fn version(out: &mut String<LINE>, info: &BoardInfo, number: usize) -> Option<fmt::Result> {
    Some(match number {
        0 => {
            let BoardInfo { board, firmware, program, protocol, .. } = info;
            write!(out, "board=\"{board}\",firmware=\"{firmware}\",program=\"{program}\",protocol={protocol}")
        }
        1 => {
            let BoardInfo { uptime_us, reset_cause, restarts, factory_resets, .. } = info;
            let uptime = match uptime_us {
                Some(us) => write!(out, "uptime=\"{}.{:06}s\"", us / 1_000_000, us % 1_000_000),
                None => out.write_str("uptime=\"-\""),
            };
            let cause = reset_cause.name();
            uptime.and_then(|()| write!(out, ",cause=\"{cause}\",restarts={restarts},factory resets={factory_resets}"))
        }
        2 => write!(out, "settings=\"{:016x}\"", info.settings?),
        _ => return None,
    })
}
