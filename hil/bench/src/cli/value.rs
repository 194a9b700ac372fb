//! Values on the command line.
//!
//! In comes the text of an argument, out goes a value in its range, or the words that say what is expected.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::front_end::FrontEnd;

/// Range of sampling rates that the meter takes, in hertz.
pub(crate) const RATES: RangeInclusive<f64> = 2_000.0..=64_000.0;

fn number(text: &str, fits: impl FnOnce(f64) -> bool, expected: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| value.is_finite() && fits(*value));
    value.ok_or_else(|| format!("{expected} is expected"))
}

pub(crate) fn rate(text: &str) -> Result<f64, String> {
    number(text, |hz| RATES.contains(&hz), "a number of hertz from 2000 to 64000")
}

pub(crate) fn corner(text: &str) -> Result<f64, String> {
    number(text, |hz| (0.5..=10.0).contains(&hz), "a number of hertz from 0.5 to 10")
}

pub(crate) fn positive(text: &str) -> Result<f64, String> {
    number(text, |value| value > 0.0, "a number above 0")
}

pub(crate) fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |value| value >= 0.0, "a number not below 0")
}

pub(crate) fn udin(text: &str) -> Result<f64, String> {
    number(text, |volt| (10.0..=1_000.0).contains(&volt), "a number of volt from 10 to 1000")
}

pub(crate) fn rated(text: &str) -> Result<f64, String> {
    number(text, |ampere| (0.006..=10.0).contains(&ampere), "a number of ampere from 0.006 to 10")
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "a time such as 10m, 5s or 200ms is expected".into())
}

pub(crate) fn nominal(text: &str) -> Result<hil_link::Nominal, String> {
    match text.parse::<f64>() {
        Ok(50.0) => Ok(hil_link::Nominal::Hz50),
        Ok(60.0) => Ok(hil_link::Nominal::Hz60),
        _ => Err("50 or 60 is expected".into()),
    }
}

pub(crate) fn errors(text: &str) -> Result<FrontEnd, String> {
    text.parse()
}
