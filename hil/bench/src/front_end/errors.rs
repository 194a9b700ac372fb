//! The text that tells the errors of a front end.
//!
//! In comes text from the command line, out goes a front end or what is wrong with the text. This file must not know what
//! the errors do.

use std::str::FromStr;

use super::{ChannelErrors, FrontEnd};
use crate::place::Place;

/// How errors are told, for `--help`.
pub const GRAMMAR: &str = "\
Errors of a front end: [CHANNEL.]QUANTITY=VALUE, separated by commas; later ones take the place of earlier ones.
  CHANNEL   voltage, current (all), current0 to current7, residual
            [default: all; phase and delay: the currents, as against the voltage]
  gain      too much by this part: 3%, -250ppm
  phase     every sine lags by this angle in degrees: 1.5
  delay     sampled later by this time: 40us, -0.1ms
  offset    added, as a part of the full-scale peak: 0.5%, 20ppm
  noise     RMS of white noise, as a part of the full-scale peak: 100ppm
  clock     of the samples (no CHANNEL), too fast by this part: 50ppm
Example: gain=3%,phase=1.5,offset=0.5%,voltage.gain=-2%,clock=50ppm";

impl FromStr for FrontEnd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut front = Self { text: text.into(), ..Self::default() };
        for item in text.split(',') {
            front.put(item.trim()).map_err(|why| format!("{:?}: {why}", item.trim()))?;
        }
        Ok(front)
    }
}

impl FrontEnd {
    fn put(&mut self, item: &str) -> Result<(), String> {
        let (name, value) = item.split_once('=').ok_or("[CHANNEL.]QUANTITY=VALUE is expected, such as gain=3%")?;
        let (channel, quantity) = match name.split_once('.') {
            Some((channel, quantity)) => (Some(channel), quantity),
            None => (None, name),
        };
        if quantity == "clock" {
            return match channel {
                Some(_) => Err("the clock has no channel".into()),
                None => part(value, 0.01).map(|part| self.clock = part),
            };
        }
        let set: fn(&mut ChannelErrors, f64) = match quantity {
            "gain" => |errors, value| errors.gain = value,
            "offset" => |errors, value| errors.offset = value,
            "noise" => |errors, value| errors.noise = value,
            "phase" => |errors, value| errors.lag_deg = value,
            "delay" => |errors, value| errors.delay_s = value,
            _ => return Err("the quantities are gain, phase, delay, offset, noise and clock".into()),
        };
        let value = match quantity {
            "phase" => number(value.strip_suffix("deg").unwrap_or(value), 180.0)?,
            "delay" => time(value)?,
            "noise" => part(value, 0.5)?.abs(),
            _ => part(value, 0.9)?,
        };
        let angle = ["phase", "delay"].contains(&quantity);
        for errors in self.named(channel, angle)? {
            set(errors, value);
        }
        Ok(())
    }

    /// The channels of that name; without a name all, or the currents where it is an `angle`.
    fn named(&mut self, channel: Option<&str>, angle: bool) -> Result<Vec<&mut ChannelErrors>, String> {
        let Self { voltage, currents, residual, .. } = self;
        Ok(match channel.map(str::parse).transpose()? {
            None if angle => currents.iter_mut().collect(),
            None => currents.iter_mut().chain([voltage, residual]).collect(),
            Some(Place::Voltage) => vec![voltage],
            Some(Place::Residual) => vec![residual],
            Some(Place::Current(None)) => currents.iter_mut().collect(),
            Some(Place::Current(Some(number))) => currents.get_mut(number).into_iter().collect(),
        })
    }
}

/// A part of a whole, `%` or `ppm`.
fn part(text: &str, most: f64) -> Result<f64, String> {
    let (number, factor) = match (text.strip_suffix('%'), text.strip_suffix("ppm")) {
        (Some(number), _) => (number, 1e-2),
        (_, Some(number)) => (number, 1e-6),
        _ if text == "0" => (text, 1.0),
        _ => return Err("a part in % or ppm is expected, such as 3% or -250ppm".into()),
    };
    let value = number.parse::<f64>().map_or(f64::NAN, |number| number * factor);
    if value.abs() <= most { Ok(value) } else { Err(format!("a part of up to ±{} % is expected", most * 100.0)) }
}

/// A time in seconds.
fn time(text: &str) -> Result<f64, String> {
    let (number, factor) = match (text.strip_suffix("us"), text.strip_suffix("ms")) {
        (Some(number), _) => (number, 1e-6),
        (_, Some(number)) => (number, 1e-3),
        _ if text == "0" => (text, 1.0),
        _ => return Err("a time in us or ms is expected, such as 40us".into()),
    };
    number_times(number, factor, 0.01).ok_or_else(|| "a time of up to ±10 ms is expected".into())
}

fn number(text: &str, most: f64) -> Result<f64, String> {
    number_times(text, 1.0, most).ok_or_else(|| format!("a number of degrees from -{most} to {most} is expected"))
}

fn number_times(text: &str, factor: f64, most: f64) -> Option<f64> {
    text.trim().parse::<f64>().ok().map(|number| number * factor).filter(|value| value.abs() <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> FrontEnd {
        text.parse().unwrap()
    }

    #[test]
    fn later_and_narrower_items_take_the_place_of_earlier_ones() {
        let front = parsed("gain=3%, phase=1.5,offset=0.5%,current2.gain=-250ppm,voltage.phase=-0.25deg,delay=40us");
        assert_eq!(front.voltage.gain.to_bits(), 0.03_f64.to_bits());
        assert_eq!(
            front.voltage,
            ChannelErrors { gain: 0.03, lag_deg: -0.25, offset: 0.005, ..ChannelErrors::default() }
        );
        let current = ChannelErrors { gain: 0.03, lag_deg: 1.5, offset: 0.005, delay_s: 40.0 * 1e-6, noise: 0.0 };
        assert_eq!(front.currents[0], current);
        assert_eq!(front.currents[2], ChannelErrors { gain: -250.0 * 1e-6, ..current });
        assert_eq!(front.residual, ChannelErrors { gain: 0.03, offset: 0.005, ..ChannelErrors::default() });
        assert!(parsed("gain=1%,gain=0").is_ideal());
        assert_eq!(parsed("clock=-50ppm").clock.to_bits(), (-50.0 * 1e-6_f64).to_bits());
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, part) in [
            ("", "QUANTITY=VALUE"),
            ("gain", "QUANTITY=VALUE"),
            ("gain=3", "% or ppm"),
            ("gain=NaN%", "±90 %"),
            ("gain=inf%", "±90 %"),
            ("gain=91%", "±90 %"),
            ("gian=3%", "the quantities are"),
            ("current8.gain=3%", "current0 to current7"),
            ("voltage.clock=1ppm", "no channel"),
            ("clock=2%", "±1 %"),
            ("phase=NaN", "degrees"),
            ("phase=1%", "degrees"),
            ("delay=1", "us or ms"),
            ("delay=1e9us", "10 ms"),
            ("gain=3%,,", "QUANTITY=VALUE"),
        ] {
            let refused = text.parse::<FrontEnd>().unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
