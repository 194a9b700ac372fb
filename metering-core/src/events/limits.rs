//! What counts as an event: limits as the user gives them, checked, and made into thresholds.
//!
//! In come settings, out go thresholds as bits of a value, or the name of the setting that is wrong. This file must not
//! know how events are followed.

use core::fmt;

use fixed::types::U32F32;

use crate::mean_square::MeanSquare;
use crate::quantity::{Ampere, Volt};
use crate::sink::HalfCycle;

/// A share in steps of 0.01 %: 0 to 655.35 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// From an integer in units of 0.01 %, 0 to 65 535: 9 000 is 90 %.
    pub const fn from_hundredths(hundredths: u16) -> Self {
        Self(hundredths)
    }

    /// As an integer in units of 0.01 %, 0 to 65 535.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// This share of an integer, rounded down, and whether that lost anything. For integers below 2⁵⁸ and up to 200 %.
    #[inline(never)]
    fn of(self, whole: u64) -> (u64, bool) {
        let share = u64::from(self.0);
        let rest = (whole % 10_000) * share;
        ((whole / 10_000) * share + rest / 10_000, !rest.is_multiple_of(10_000))
    }

    fn floor_of(self, whole: u64) -> u64 {
        self.of(whole).0
    }

    fn ceil_of(self, whole: u64) -> u64 {
        let (floor, inexact) = self.of(whole);
        floor + u64::from(inexact)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02} %", self.0 / 100, self.0 % 100)
    }
}

/// When a current counts as overload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overload {
    /// An RMS above this, in ampere, is overload; 1 mA to 10 MA.
    pub threshold: Ampere,
    /// How far below the threshold the RMS has to fall for the overload to end, as a share of the threshold; 0 to 50 %.
    pub hysteresis: Percent,
    /// For how many further half cycles after the first one above the threshold the RMS has to stay above it before an
    /// event begins; 0 to 65 535. One half cycle that is not above starts the count anew.
    pub delay: u16,
}

/// Limits as the user gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<const CURRENTS: usize> {
    /// Nominal voltage Udin, in volt RMS; 1 V to 1 MV. Must be in range even where all voltage events are off.
    pub nominal: Volt,
    /// Below this share of Udin a dip begins; 1 to 99.99 %. `None`: dips are not watched.
    pub dip: Option<Percent>,
    /// Above this share of Udin a swell begins; 100.01 to 200 %. `None`: swells are not watched.
    pub swell: Option<Percent>,
    /// Below this share of Udin an interruption begins; 0.01 % to below the dip threshold, or to 99.99 % where dips are
    /// not watched. `None`: interruptions are not watched.
    pub interruption: Option<Percent>,
    /// By how much of Udin the voltage has to return past a threshold for the event to end; 0 to 10 %, and not so much
    /// that a voltage of Udin does not end the event.
    pub hysteresis: Percent,
    /// Overload of each current. `None`: this current is not watched.
    pub overloads: [Option<Overload>; CURRENTS],
}

impl<const CURRENTS: usize> Settings<CURRENTS> {
    /// The usual settings for a nominal voltage: dip 90 %, swell 110 %, interruption 5 %, hysteresis 2 %, no overload.
    pub const fn new(nominal: Volt) -> Self {
        Self {
            nominal,
            dip: Some(Percent::from_hundredths(9_000)),
            swell: Some(Percent::from_hundredths(11_000)),
            interruption: Some(Percent::from_hundredths(500)),
            hysteresis: Percent::from_hundredths(200),
            overloads: [None; CURRENTS],
        }
    }
}

/// Checked limits, made into thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits<const CURRENTS: usize> {
    pub(super) dip: Option<Band>,
    pub(super) swell: Option<Band>,
    pub(super) interruption: Option<Band>,
    pub(super) overloads: [Option<Band>; CURRENTS],
    pub(super) quiet: Quiet<CURRENTS>,
}

impl<const CURRENTS: usize> Limits<CURRENTS> {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that is out of its range, its value and the range.
    pub fn new(settings: &Settings<CURRENTS>) -> Result<Self, LimitError> {
        const { assert!(CURRENTS <= 8, "there is one activity flag for each of up to 8 currents") };
        let Settings { nominal, dip, swell, interruption, hysteresis, overloads } = *settings;
        if !(1..=1_000_000).contains(&nominal) {
            return Err(LimitError::Nominal { value: nominal });
        }
        let check = |field, value: Option<Percent>, least, most| match value {
            Some(Percent(share)) if share < least || share > most => {
                Err(LimitError::Share { field, value: Percent(share), least: Percent(least), most: Percent(most) })
            }
            _ => Ok(()),
        };
        check(ShareField::Dip, dip, 100, 9_999)?;
        check(ShareField::Swell, swell, 10_001, 20_000)?;
        let below = dip.map_or(9_999, |Percent(dip)| dip.saturating_sub(1));
        check(ShareField::Interruption, interruption, 1, below)?;
        let room = |limit: Option<Percent>| limit.map_or(1_000, |Percent(share)| share.abs_diff(10_000));
        let most = room(dip).min(room(swell)).min(room(interruption)).min(1_000);
        check(ShareField::Hysteresis, Some(hysteresis), 0, most)?;

        for (channel, Overload { threshold, hysteresis, .. }) in
            (0..).zip(overloads).filter_map(|(channel, overload)| Some((channel, overload?)))
        {
            if threshold < Overload::LEAST_THRESHOLD || threshold > 10_000_000 {
                return Err(LimitError::OverloadThreshold { channel, value: threshold });
            }
            check(ShareField::OverloadHysteresis { channel }, Some(hysteresis), 0, 5_000)?;
        }
        let nominal = nominal.to_bits();
        // Checked above: no sum exceeds 100 %, no difference lies below it.
        let fall = |Percent(share): Percent| {
            Band::fall(Percent(share).ceil_of(nominal), Percent(share.saturating_add(hysteresis.0)).ceil_of(nominal))
        };
        let rise = |Percent(share): Percent| {
            let end = Percent(share.saturating_sub(hysteresis.0)).floor_of(nominal);
            Band::rise(Percent(share).floor_of(nominal), end, 0)
        };
        let (dip, swell, interruption) = (dip.map(fall), swell.map(rise), interruption.map(fall));
        let overloads = overloads.map(|overload| overload.map(Band::overload));
        let below = |band: Option<Band>| {
            band.map_or(MeanSquare::ALL, |band| MeanSquare::beside(Volt::from_bits(band.begin), false))
        };
        let quiet = Quiet {
            // An interruption lies below a dip.
            above: dip
                .or(interruption)
                .map_or(MeanSquare::default(), |band| MeanSquare::beside(Volt::from_bits(!band.begin), true)),
            below: below(swell),
            currents: overloads.map(below),
        };
        Ok(Self { dip, swell, interruption, overloads, quiet })
    }
}

/// Mean squares within which no event can begin; a little narrower than the thresholds, so that no rounding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quiet<const CURRENTS: usize> {
    above: MeanSquare,
    below: MeanSquare,
    currents: [MeanSquare; CURRENTS],
}

impl<const CURRENTS: usize> Quiet<CURRENTS> {
    /// Whether a half cycle lies within them. One without a voltage does not.
    #[inline(always)]
    pub(super) fn holds(&self, half: &HalfCycle<CURRENTS>) -> bool {
        let Some(voltage) = half.voltage else { return false };
        let mut currents = self.currents.iter().zip(&half.currents);
        (self.above..self.below).contains(&voltage)
            && currents.all(|(limit, current)| current.unwrap_or_default() < *limit)
    }
}

impl Overload {
    const LEAST_THRESHOLD: Ampere = Ampere::from_bits((1 << 32) / 1_000);
}

/// A setting that is a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareField {
    /// [`Settings::dip`].
    Dip,
    /// [`Settings::swell`].
    Swell,
    /// [`Settings::interruption`].
    Interruption,
    /// [`Settings::hysteresis`].
    Hysteresis,
    /// [`Overload::hysteresis`].
    OverloadHysteresis {
        /// Index of the current, from 0.
        channel: u8,
    },
}

/// Why limits were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitError {
    /// The nominal voltage is outside 1 V to 1 MV.
    Nominal {
        /// What was given, in volt.
        value: Volt,
    },
    /// A share is outside its range, which may depend on other shares.
    Share {
        /// Which one.
        field: ShareField,
        /// What was given.
        value: Percent,
        /// Least that is allowed beside the other settings.
        least: Percent,
        /// Most that is allowed beside the other settings.
        most: Percent,
    },
    /// The overload threshold of a current is outside 1 mA to 10 MA.
    OverloadThreshold {
        /// Index of the current, from 0.
        channel: u8,
        /// What was given, in ampere.
        value: Ampere,
    },
}

/// A value with the millionths that are below its point: without the formatter of `fixed`, which firmware need not link.
struct Millionths(U32F32);

impl fmt::Display for Millionths {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.to_bits();
        write!(out, "{}.{:06}", bits >> 32, ((bits & 0xffff_ffff) * 1_000_000) >> 32)
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Nominal { value } => {
                write!(out, "nominal voltage is {} V, allowed are 1 to 1000000 V", Millionths(value))
            }
            Self::Share { field, value, least, most } => {
                match field {
                    ShareField::Dip => out.write_str("dip")?,
                    ShareField::Swell => out.write_str("swell")?,
                    ShareField::Interruption => out.write_str("interruption")?,
                    ShareField::Hysteresis => out.write_str("hysteresis")?,
                    ShareField::OverloadHysteresis { channel } => write!(out, "hysteresis of overload {channel}")?,
                }
                write!(out, " is {value}, allowed are {least} to {most}")
            }
            Self::OverloadThreshold { channel, value } => {
                let value = Millionths(value);
                write!(out, "threshold of overload {channel} is {value} A, allowed are 0.001 to 10000000 A")
            }
        }
    }
}

impl core::error::Error for LimitError {}

/// Thresholds of one event, as bits of the value. Falling below is rising above on the complement, so that one machine
/// serves both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Band {
    /// Above this the event begins.
    pub(super) begin: u64,
    /// At or below this it ends; not above `begin`.
    pub(super) end: u64,
    /// Half cycles it has to last before it counts.
    pub(super) delay: u16,
    /// The event is a fall: every value is complemented.
    falls: bool,
}

impl Band {
    const fn rise(begin: u64, end: u64, delay: u16) -> Self {
        Self { begin, end, delay, falls: false }
    }

    const fn fall(begin: u64, end: u64) -> Self {
        Self { begin: !begin, end: !end, delay: 0, falls: true }
    }

    fn overload(overload: Overload) -> Self {
        let threshold = overload.threshold.to_bits();
        let rest = Percent(10_000_u16.saturating_sub(overload.hysteresis.0));
        Self::rise(threshold, rest.floor_of(threshold), overload.delay)
    }

    /// All ones where the event is a fall: what a value is complemented by.
    pub(super) const fn complement(&self) -> u64 {
        if self.falls { u64::MAX } else { 0 }
    }
}
