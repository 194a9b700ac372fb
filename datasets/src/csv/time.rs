//! The sampling rate out of a column of times.
//!
//! In come the times with their text and line, out goes the rate of a uniform sampling. This file must not know of the
//! other columns.
//!
//! A step may differ from the mean step by 1 %, or by one unit of the last printed decimal where that is more: times
//! printed in microseconds at 20 kHz are uniform although their steps jump by 2 %. It may never differ by half a step,
//! so a lost sample is always seen.

use super::Fault;

/// The steps seen so far.
#[derive(Default)]
pub(crate) struct TimeColumn {
    count: u64,
    first: f64,
    last: f64,
    /// One unit of the last decimal of the most precise cell, in seconds; 0 before the first cell.
    unit: f64,
    shortest: Option<(f64, u64)>,
    longest: Option<(f64, u64)>,
}

impl TimeColumn {
    /// Takes the next time; `text` is its cell.
    pub(super) fn push(&mut self, text: &[u8], time: f64, line: u64) -> Result<(), Fault> {
        self.push_time(unit(text), time, line)
    }

    /// Takes the next time, which is told in units of `unit` seconds.
    pub(crate) fn push_time(&mut self, unit: f64, time: f64, line: u64) -> Result<(), Fault> {
        self.unit = if self.count == 0 { unit } else { self.unit.min(unit) };
        if self.count == 0 {
            self.first = time;
        } else {
            let step = time - self.last;
            if !step.is_finite() || step <= 0.0 {
                return Err(Fault::TimeNotIncreasing { line });
            }
            if self.shortest.is_none_or(|(shortest, _)| step < shortest) {
                self.shortest = Some((step, line));
            }
            if self.longest.is_none_or(|(longest, _)| step > longest) {
                self.longest = Some((step, line));
            }
        }
        self.last = time;
        self.count += 1;
        Ok(())
    }

    /// Rate in hertz from the first and the last of two or more times.
    pub(crate) fn rate(&self) -> Result<f64, Fault> {
        let mean = (self.last - self.first) / (self.count - 1) as f64;
        // A thousandth more than one unit: the subtraction of two rounded decimals is itself rounded.
        let tolerance = (0.01 * mean).max(1.001 * self.unit).min(0.5 * mean);
        let worst = self.shortest.into_iter().chain(self.longest);
        let worst = worst.max_by(|(a, _), (b, _)| (a - mean).abs().total_cmp(&(b - mean).abs()));
        match worst {
            Some((step, line)) if (step - mean).abs() > tolerance => Err(Fault::TimeNotUniform { line, step, mean }),
            _ => Ok(1.0 / mean),
        }
    }
}

/// Value of one unit in the last printed place of a decimal number.
fn unit(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len().min(400));
    let exponent = exponent.parse::<i32>().unwrap_or(0).clamp(-400, 400);
    f64::powi(10.0, exponent - decimals as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_of_the_last_place() {
        for (text, expected) in [("12", 1.0), ("0.125", 1e-3), ("1.25e-4", 1e-6), ("-3E+2", 100.0), (".5", 0.1)] {
            let is = unit(text.as_bytes());
            assert!((is / expected - 1.0).abs() < 1e-12, "{text}: {is}");
        }
    }
}
