//! The register map: what stands at which address, and what a write there does.
//!
//! In come addresses and a snapshot, out go words. This file must not know frames or functions.
//!
//! As the manual of the 8311 (v1.5, p. 68 and 69) has it: line sensors from 0x400, port sensors from 0x3a00, each
//! 0x120 registers long, the fields of its first phase in the first of them, two registers a field, high word first.
//! The residual current stands where that family documents a module of type B; here it is type A, whose true RMS takes
//! the place of the RMS.

use metering_core::registers;
use metering_core::residual::State;

use crate::device::{Field, Sensor, Snapshot};

/// First register of the line sensors.
pub const LINES: u16 = 0x400;

/// First register of the port sensors, and the one after the last line sensor.
pub const PORTS: u16 = 0x3a00;

/// First register of the residual current, behind the port sensors.
pub const RESIDUAL: u16 = 0x8280;

/// The register after the last port sensor.
const PORTS_END: u16 = 0x8200;

/// From one sensor to the next.
pub const STRIDE: u16 = 0x120;

/// What a measured field of 32 bits reads where there is no reading: no valid window for a second, or no such channel
/// configured. Of readings only a power beyond all that a meter measures would have this value. The energies and the time
/// since the reset are always there.
pub const NO_READING: i32 = i32::MIN;

/// The same of 16 bits.
pub const NO_READING_16: i16 = i16::MIN;

/// A field of the residual current; the discriminant is its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidualField {
    /// True RMS without smooth DC, 0.1 mA.
    Rms = 0,
    /// Mean of the pulsation, with its sign, 0.1 mA.
    Dc = 1,
    /// 1: the pre-warning is on.
    PreWarning = 2,
    /// 1: the alarm is on.
    Alarm = 3,
    /// State of the monitor: the sum of 1 pre-warning, 2 alarm, 4 sensor silent, 8 sensor saturated, 16 self-test.
    State = 4,
}

impl ResidualField {
    /// All, by their offsets.
    pub const ALL: [Self; 5] = [Self::Rms, Self::Dc, Self::PreWarning, Self::Alarm, Self::State];

    /// What it is, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rms => "residual current, true RMS",
            Self::Dc => "residual current, mean of the pulsation",
            Self::PreWarning => "pre-warning",
            Self::Alarm => "alarm",
            Self::State => "state of the monitor",
        }
    }

    /// Unit of the integer.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Rms | Self::Dc => "0.1mA",
            Self::PreWarning | Self::Alarm => "0 or 1",
            Self::State => "bits",
        }
    }

    fn of(self, snapshot: &Snapshot) -> i16 {
        let state = snapshot.residual();
        let residual = snapshot.reading().and_then(|reading| reading.residual.as_ref());
        match self {
            Self::Rms => residual.map_or(NO_READING_16, |residual| registers::residual(residual.rms)),
            Self::Dc => residual.map_or(NO_READING_16, |residual| registers::residual_dc(residual.dc).max(-i16::MAX)),
            Self::PreWarning => state.contains(State::PRE_WARNING).into(),
            Self::Alarm => state.contains(State::ALARM).into(),
            Self::State => state.bits().into(),
        }
    }
}

/// A register of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// The high word of a sensor's field.
    High(Sensor, Field),
    /// The low word.
    Low(Sensor, Field),
    /// Of the residual current.
    Residual(ResidualField),
}

impl Register {
    /// What stands at an address; `None`: nothing.
    pub fn at(address: u16) -> Option<Self> {
        let (sensor, offset): (fn(usize) -> Sensor, u16) = match address {
            LINES..PORTS => (Sensor::Line, address - LINES),
            PORTS..PORTS_END => (Sensor::Port, address - PORTS),
            _ => {
                let offset = usize::from(address.checked_sub(RESIDUAL)?);
                return ResidualField::ALL.get(offset).copied().map(Self::Residual);
            }
        };
        let sensor = sensor(usize::from(offset / STRIDE) + 1);
        sensor.channel()?;
        let within = offset % STRIDE;
        let field = Field::numbered(u8::try_from(within / 2).ok()?)?;
        Some(if within.is_multiple_of(2) { Self::High(sensor, field) } else { Self::Low(sensor, field) })
    }

    /// Address of a field's high word; `None`: there is no such sensor.
    pub fn address(sensor: Sensor, field: Field) -> Option<u16> {
        sensor.channel()?;
        let (first, number) = match sensor {
            Sensor::Line(number) => (LINES, number),
            Sensor::Port(number) => (PORTS, number),
        };
        Some(first + (number as u16 - 1) * STRIDE + 2 * u16::from(field.number()))
    }

    /// Its value.
    pub fn value(self, snapshot: &Snapshot) -> u16 {
        match self {
            Self::High(sensor, field) => (long(sensor, field, snapshot) >> 16) as u16,
            Self::Low(sensor, field) => long(sensor, field, snapshot) as u16,
            Self::Residual(field) => field.of(snapshot) as u16,
        }
    }

    /// The current whose resettable registers a 0 written here resets; `None`: here nothing can be written.
    pub fn resets(self) -> Option<usize> {
        match self {
            Self::High(sensor, Field::AbsoluteActiveResettable)
            | Self::Low(sensor, Field::AbsoluteActiveResettable) => sensor.channel(),
            _ => None,
        }
    }
}

/// The low 32 bits of an energy, anything else as it is.
fn long(sensor: Sensor, field: Field, snapshot: &Snapshot) -> i32 {
    let figure = sensor.channel().and_then(|channel| field.of(snapshot, channel));
    figure.map_or(NO_READING, |figure| figure as i32)
}
