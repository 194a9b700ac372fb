//! What the device tells unasked: events of the mains, overloads, the residual current's monitor.
//!
//! In comes what happened, out goes a line that begins with `#`. This file must not know when it is told.

use core::fmt::{self, Display, Formatter};

use hil_link::residual::Change;
use hil_link::{Event, EventKind};
use metering_core::decimal::Exact;
use metering_core::quantity::Volt;

use crate::device::settings::Settings;
use crate::meter::Unfit;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// An event of voltage or current began or ended.
    Event(Event),
    /// Something changed at the residual current's monitor.
    Residual(Change),
    /// The device was started anew.
    Restarted,
    /// It was, but the meter refuses the settings that are kept: those before stay in use.
    Unfit(Unfit),
    /// The factory's settings could not be made.
    NotReset,
}

/// Its line.
#[derive(Debug)]
pub struct Text<'a>(Alarm, &'a Settings);

impl Alarm {
    /// Its line, without its end; sensors are called by their labels.
    pub const fn text(self, settings: &Settings) -> Text<'_> {
        Text(self, settings)
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Alarm::Event(event) => self.event(f, &event),
            Alarm::Residual(change) => {
                let (what, on) = match change {
                    Change::PreWarning(on) => ("residual current pre-warning", on),
                    Change::Alarm(on) => ("residual current alarm", on),
                    Change::SensorSilent(on) => ("residual current sensor silent", on),
                    Change::SensorSaturated(on) => ("residual current sensor saturated", on),
                    Change::SelfTest(seen) => {
                        let seen = if seen { "seen" } else { "NOT seen" };
                        return write!(f, "#residual current self-test, test current {seen}");
                    }
                };
                write!(f, "#{what} {}", if on { "begins" } else { "ends" })
            }
            Alarm::Restarted => f.write_str("#started anew"),
            Alarm::Unfit(unfit) => write!(f, "#settings NOT in use, those before stay: {unfit}"),
            Alarm::NotReset => f.write_str("#factory settings NOT made: the EEPROM does not take them"),
        }
    }
}

impl Text<'_> {
    /// `#overload of "Rack 7" ends after 12 half cycles, 5.213A`.
    fn event(&self, f: &mut Formatter<'_>, event: &Event) -> fmt::Result {
        match event.kind {
            EventKind::Dip => f.write_str("#dip")?,
            EventKind::Interruption => f.write_str("#interruption")?,
            EventKind::Swell => f.write_str("#swell")?,
            EventKind::Overload(channel) => {
                let label = self.1.sensors.get(usize::from(channel)).map_or("", |sensor| &sensor.label);
                write!(f, "#overload of \"{label}\"")?;
            }
        }
        if event.ended {
            write!(f, " ends after {} half cycles", event.half_cycles)?;
        } else {
            f.write_str(" begins")?;
        }
        let extreme = Exact::voltage(Volt::from_bits(event.extreme));
        if let EventKind::Overload(_) = event.kind {
            let milli = extreme.magnitude(3);
            write!(f, ", {}.{:03}A", milli / 1_000, milli % 1_000)
        } else {
            let tenths = extreme.magnitude(1);
            write!(f, ", {}.{}V", tenths / 10, tenths % 10)
        }
    }
}
