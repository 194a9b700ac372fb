//! A quantity in a field of so many characters: it changes its unit before it would overflow.
//!
//! In comes an exact quantity, out goes text, right-aligned, of exactly the field's width. This file must not know pages.
//!
//! The finest figure that fits is shown: digits behind the point go first, then the unit becomes k, M, G or T. A figure
//! that fits in no unit is the over-range sign `>` and the unit; one that there is not, dashes.

use core::fmt::{self, Display, Formatter};

use metering_core::decimal::{Exact, MOST};

/// Prefixes and the power of ten that each is.
const PREFIXES: [(&str, i8); 6] = [("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12)];

/// A quantity, or none, in a field.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// The quantity; `None`: there is no reading.
    pub exact: Option<Exact>,
    /// Unit without a prefix.
    pub unit: &'static str,
    /// The smallest unit is a thousandth of it: mA.
    pub in_thousandths: bool,
    /// Digits behind the point, at most, of the quantity in `unit`: its resolution.
    pub decimals: i8,
    /// Characters.
    pub width: usize,
}

/// How a figure is written so that it fits.
struct Fit {
    magnitude: u64,
    /// Digits behind the point.
    decimals: i8,
    prefix: &'static str,
    is_negative: bool,
    length: usize,
}

impl Figure {
    fn fit(&self, exact: Exact) -> Option<Fit> {
        let prefixes = PREFIXES.iter().skip(usize::from(!self.in_thousandths));
        let all = prefixes.flat_map(|&(prefix, power)| {
            (0..=MOST.min(self.decimals.saturating_add(power))).rev().map(move |d| (prefix, power, d))
        });
        let mut fits = all.map(|(prefix, power, decimals)| {
            let magnitude = exact.magnitude(decimals - power);
            let digits = digits(magnitude).max(decimals.unsigned_abs().into());
            let whole = usize::from(digits == usize::from(decimals.unsigned_abs()));
            let is_negative = exact.is_negative() && magnitude > 0;
            let length =
                usize::from(is_negative) + digits + whole + usize::from(decimals > 0) + prefix.len() + self.unit.len();
            Fit { magnitude, decimals, prefix, is_negative, length }
        });
        fits.find(|fit| fit.length <= self.width)
    }
}

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fit = self.exact.map(|exact| self.fit(exact));
        match fit {
            Some(Some(fit)) => {
                let tens = 10u64.pow(fit.decimals.unsigned_abs().into());
                let sign = if fit.is_negative { "-" } else { "" };
                write!(f, "{:pad$}{sign}{}", "", fit.magnitude / tens, pad = self.width - fit.length)?;
                if fit.decimals > 0 {
                    write!(f, ".{:0width$}", fit.magnitude % tens, width = usize::from(fit.decimals.unsigned_abs()))?;
                }
                write!(f, "{}{}", fit.prefix, self.unit)
            }
            sign => {
                let prefix = if self.in_thousandths { "m" } else { "" };
                let units = prefix.len() + self.unit.len();
                let sign = if sign.is_some() { ">" } else { "---" };
                // The sign comes first: where the unit finds no room it is left away.
                let width = self.width;
                if sign.len() + units <= width {
                    write!(f, "{sign:>lead$}{prefix}{}", self.unit, lead = width - units)
                } else {
                    write!(f, "{sign:>width$.width$}")
                }
            }
        }
    }
}

/// Decimal digits of a number; of 0 it is one.
fn digits(number: u64) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}
