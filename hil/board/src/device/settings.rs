//! The device's settings: what they are, as they leave the factory, and as bytes.
//!
//! In come bytes, out go settings in their ranges, and the other way round. This module must not know chips, ports or who
//! changes a setting.
//!
//! - [`table`]: the one list of all settings, with name, range and meaning: export, import and console go by it.
//! - [`words`], [`line`](mod@line): a line of text, and what it sets.
//! - [`config`]: what the settings mean to the meter.
//!
//! Ranges are chosen so that each setting can be judged alone: any settings in their ranges make a configuration that the
//! meter takes, on an ADC of 14 bits or more; for a coarser one whoever runs a meter asks before they are kept.
pub mod config;
pub mod line;
pub mod table;
pub mod words;

use crc::{CRC_64_XZ, Crc, Table};
use heapless::{String, Vec};
use hil_link::residual::{Characteristic, Type};
use hil_link::{MAX_CURRENTS, Nominal};
use serde::{Deserialize, Serialize};

/// Most characters of a label.
pub const MAX_LABEL: usize = 15;

/// Most bytes of all settings.
pub const MAX_BYTES: usize = 240;

/// Version of the bytes. Those of version 1, which had no Modbus port, are read as well: its settings are the factory's then.
pub const VERSION: u8 = 2;

static SUM: Crc<u64, Table<1>> = Crc::<u64, Table<1>>::new(&CRC_64_XZ);

/// A line or port: its name, its sensor, its limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sensor {
    /// Name, printable ASCII without `"`.
    pub label: String<MAX_LABEL>,
    /// Peak at full scale in mA.
    pub range_ma: u32,
    /// RMS above which it is overloaded, in mA; 0: not looked at.
    pub overload_ma: u32,
}

/// What counts as an event, in 0.01 % of the nominal voltage or of the overload; 0: is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// Dip threshold.
    pub dip: u16,
    /// Swell threshold.
    pub swell: u16,
    /// Interruption threshold.
    pub interruption: u16,
    /// Hysteresis of all three.
    pub hysteresis: u16,
    /// Hysteresis of the overloads.
    pub overload_hysteresis: u16,
    /// Half cycles for which an overload must last.
    pub overload_delay: u16,
}

/// The residual current's sensor and monitor; meaning as in `metering_core::residual`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residual {
    /// Peak at full scale in 0.1 mA.
    pub range: u16,
    /// Corner of the transformer in mHz; 0: the sensor passes direct current.
    pub corner_mhz: u16,
    /// The monitor is on.
    pub alarm: bool,
    /// Rated current in 0.1 mA.
    pub rated: u16,
    /// What must be detected.
    pub detects: Type,
    /// Pre-warning in percent of the alarm's response.
    pub pre_warning_percent: u8,
    /// Hysteresis in percent.
    pub hysteresis_percent: u8,
    /// When the alarm may respond.
    pub characteristic: Characteristic,
    /// Delay of the pre-warning in ms.
    pub pre_warning_delay_ms: u16,
    /// Release delay in ms.
    pub release_delay_ms: u32,
    /// Delay at the start in ms.
    pub start_up_delay_ms: u16,
    /// The alarm stays until it is reset.
    pub latching: bool,
    /// Least noise of the sensor in µA; 0: not looked at.
    pub least_noise_ua: u16,
}

/// Below which a current counts as none; 0 of either: every current counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoLoad {
    /// Active power in mW.
    pub power_mw: u32,
    /// RMS current in mA.
    pub current_ma: u16,
    /// Hysteresis of both in percent.
    pub hysteresis_percent: u8,
}

/// When the energy registers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saving {
    /// After this time of operation in s.
    pub interval_s: u16,
    /// When any register has moved by this, in Wh.
    pub energy_wh: u16,
    /// At once when the voltage is interrupted.
    pub on_interruption: bool,
}

/// Parity of a serial port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parity {
    /// No parity bit.
    #[default]
    None,
    /// The parity bit makes the number of ones even.
    Even,
    /// The parity bit makes it odd.
    Odd,
}

impl Parity {
    /// As it is written between data and stop bits: `8N1`.
    pub const fn letter(self) -> char {
        match self {
            Self::None => 'N',
            Self::Even => 'E',
            Self::Odd => 'O',
        }
    }
}

/// The Modbus port: 8 data bits, one stop bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modbus {
    /// Address of the slave.
    pub address: u8,
    /// Speed in baud.
    pub baud: u32,
    /// Parity.
    pub parity: Parity,
}

impl Modbus {
    /// As it leaves the factory: address 1, 19 200 baud, no parity.
    const FACTORY: Self = Self { address: 1, baud: 19_200, parity: Parity::None };
}

/// All settings. Public fields may be out of range: [`table::fault`] tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The line, then the ports.
    pub sensors: [Sensor; MAX_CURRENTS],
    /// Peak of the voltage at full scale in V.
    pub voltage_range_v: u16,
    /// Nominal voltage in V.
    pub nominal_v: u16,
    /// Nominal frequency.
    pub nominal: Nominal,
    /// Events.
    pub events: Events,
    /// Residual current.
    pub residual: Residual,
    /// No load.
    pub no_load: NoLoad,
    /// For how long a page of the display stays, in s.
    pub display_return_s: u8,
    /// When energy is kept.
    pub saving: Saving,
    /// The Modbus port.
    pub modbus: Modbus,
}

impl Default for Settings {
    /// As they leave the factory: no event, no alarm.
    fn default() -> Self {
        let sensor = |(number, name): (usize, &str)| Sensor {
            label: name.try_into().unwrap_or_default(),
            range_ma: if number == 0 { 100_000 } else { 25_000 },
            overload_ma: 0,
        };
        let mut sensors: [Sensor; MAX_CURRENTS] = Default::default();
        let names = ["Line", "Port 1", "Port 2", "Port 3", "Port 4", "Port 5", "Port 6", "Port 7"];
        for (place, named) in sensors.iter_mut().zip(names.into_iter().enumerate()) {
            *place = sensor(named);
        }
        Self {
            sensors,
            voltage_range_v: 400,
            nominal_v: 230,
            nominal: Nominal::Auto,
            events: Events {
                dip: 0,
                swell: 0,
                interruption: 0,
                hysteresis: 200,
                overload_hysteresis: 500,
                overload_delay: 0,
            },
            residual: Residual {
                range: 20_000,
                corner_mhz: 0,
                alarm: false,
                rated: 300,
                detects: Type::A,
                pre_warning_percent: 50,
                hysteresis_percent: 15,
                characteristic: Characteristic::General,
                pre_warning_delay_ms: 0,
                release_delay_ms: 1_000,
                start_up_delay_ms: 500,
                latching: false,
                least_noise_ua: 0,
            },
            no_load: NoLoad { power_mw: 0, current_ma: 0, hysteresis_percent: 20 },
            display_return_s: 5,
            saving: Saving { interval_s: 300, energy_wh: 100, on_interruption: true },
            modbus: Modbus::FACTORY,
        }
    }
}

impl Settings {
    /// As bytes: postcard of the fields in their order. Settings in their ranges always have room (a test says so).
    pub fn encode(&self) -> Vec<u8, MAX_BYTES> {
        let mut bytes = Vec::new();
        let mut room = [0; MAX_BYTES];
        // What is out of range and too long is kept as nothing, which is never read as settings.
        let whole = postcard::to_slice(self, &mut room).map(|used| bytes.extend_from_slice(used));
        debug_assert!(matches!(whole, Ok(Ok(()))), "settings in their ranges have room");
        bytes
    }

    /// From bytes of this [`VERSION`] or an earlier one; `None` where they make no settings that could have been kept: other
    /// ones, too many, out of range.
    pub fn decode(version: u8, bytes: &[u8]) -> Option<Self> {
        let mut all = Vec::<u8, MAX_BYTES>::from_slice(bytes).ok()?;
        match version {
            // The fields of the port stand behind all others.
            1 => all.extend_from_slice(postcard::to_slice(&Modbus::FACTORY, &mut [0; 8]).ok()?).ok()?,
            VERSION => {}
            _ => return None,
        }
        let (settings, rest) = postcard::take_from_bytes::<Self>(&all).ok()?;
        (rest.is_empty() && table::fault(&settings).is_none()).then_some(settings)
    }

    /// CRC-64/XZ over the bytes: two boards with the same digest have the same settings.
    pub fn digest(&self) -> u64 {
        SUM.checksum(&self.encode())
    }
}
