//! A channel as it is named on the command line.
//!
//! In comes a name, out goes a channel. This file must not know what is said of it.

use std::str::FromStr;

use hil_link::MAX_CURRENTS;

/// A channel by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The voltage.
    Voltage,
    /// A current by its number from 0; `None`: all.
    Current(Option<usize>),
    /// The residual current.
    Residual,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "voltage" => Ok(Self::Voltage),
            "residual" => Ok(Self::Residual),
            "current" => Ok(Self::Current(None)),
            _ => {
                let number = name.strip_prefix("current").and_then(|number| number.parse().ok());
                let number = number.filter(|number| *number < MAX_CURRENTS);
                let last = MAX_CURRENTS - 1;
                number
                    .map(|number| Self::Current(Some(number)))
                    .ok_or_else(|| format!("the channels are voltage, current, current0 to current{last} and residual"))
            }
        }
    }
}
