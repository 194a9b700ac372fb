//! The calibration of a board as it travels and is kept: what corrects each channel and the sample clock.
//!
//! In come corrections, out goes a configuration with them. This file must not know chips, nor how corrections are found.
//! Meaning of each correction: `metering_core::calibration::Channel`.
//!
//! A calibration knows no ranges and no resolution: gains are relative, offset and noise are parts of the full scale. So
//! one calibration fits every configuration of the same front end.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::message::{Channel, Config};
use crate::{MAX_CURRENTS, Memory};

/// What is asked of the calibration; the answer is always [`CalibrationState`].
#[expect(clippy::large_enum_variant, reason = "there is no heap to put the calibration on")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CalibrationRequest {
    /// Reads it from the chip.
    Show,
    /// Begins to keep this one instead. One without any channel and with a clock of 0 takes it away.
    Write(Calibration),
}

/// Correction of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Of the gain in ppm, -500 000 to 500 000.
    pub gain_ppm: i32,
    /// Lag of the sensor in thousandths of a degree, -10 000 to 10 000.
    pub phase: i16,
    /// How much later than its frame the channel is sampled, in 256ths of a sample, -2 560 to 2 560.
    pub delay: i16,
    /// Code of no voltage or current, in 2⁻³¹ of the full-scale peak (256ths of a code of 24 bits), -2³⁰ to 2³⁰.
    pub offset: i32,
    /// RMS of the channel's own noise in 2⁻³² of the full-scale peak, 0 to 2³⁰.
    pub noise: u32,
}

/// Corrections of a board's channels, `None` where a channel was never calibrated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// When it was made, in seconds since 1970 (UTC); 0: not told.
    pub made: u32,
    /// How much faster the sample clock runs than is said, in 0.1 ppm, -10 000 to 10 000.
    pub clock: i16,
    /// The voltage channel.
    pub voltage: Option<Correction>,
    /// The current channels, from the first on.
    pub currents: Vec<Option<Correction>, MAX_CURRENTS>,
    /// The residual-current channel; phase and delay mean nothing there.
    pub residual: Option<Correction>,
}

/// What a board keeps, and how its store stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalibrationState {
    /// The newest whole one that is on the chip, unless a value in it is out of range.
    pub calibration: Option<Calibration>,
    /// What stands on the chip; with a value out of range `Corrupt`.
    pub memory: Memory,
    /// Number of the newest copy that is known to be on the chip.
    pub saved: Option<u32>,
    /// It is being written.
    pub pending: bool,
    /// Copies written since the start.
    pub saves: u32,
    /// Copies given up since the start.
    pub faults: u32,
}

/// A channel, as a calibration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Place {
    /// The sample clock.
    #[error("sample clock")]
    Clock,
    /// The voltage channel.
    #[error("voltage")]
    Voltage,
    /// A current channel, from 0.
    #[error("current {0}")]
    Current(u8),
    /// The residual-current channel.
    #[error("residual")]
    Residual,
}

/// A value that is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {field} {value} is not within {least} to {most}")]
pub struct OutOfRange {
    /// Where.
    pub place: Place,
    /// Name of the field of [`Correction`], or `clock`.
    pub field: &'static str,
    /// Its value.
    pub value: i64,
    /// The least that is allowed.
    pub least: i64,
    /// The most that is allowed.
    pub most: i64,
}

impl Calibration {
    /// The first value that is out of its range.
    ///
    /// # Errors
    /// Names channel, field, value and range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        within(Place::Clock, "clock", self.clock.into(), 10_000)?;
        for (place, correction) in self.channels() {
            if let Some(correction) = correction {
                correction.check(place)?;
            }
        }
        Ok(())
    }

    /// Whether it corrects nothing because there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.clock == 0 && self.channels().all(|(_, correction)| correction.is_none())
    }

    /// The channels in the order of a frame: voltage, the currents that it names, residual.
    pub fn channels(&self) -> impl Iterator<Item = (Place, Option<&Correction>)> {
        let currents = self.currents.iter().enumerate();
        core::iter::once((Place::Voltage, self.voltage.as_ref()))
            .chain(currents.map(|(n, correction)| (Place::Current(n as u8), correction.as_ref())))
            .chain(core::iter::once((Place::Residual, self.residual.as_ref())))
    }

    /// Puts the corrections into a configuration, on top of what it corrects itself: gains multiply, phases, delays and
    /// clocks add up, the offset is added to a zero that is told (a DC that is taken for an offset is removed anyway),
    /// noises add up in quadrature. What leaves its range thereby is refused by whoever builds a meter of it.
    pub fn apply(&self, config: &mut Config) {
        config.clock = config.clock.saturating_add(self.clock);
        let bits = config.adc_bits;
        if let (Some(channel), Some(correction)) = (&mut config.voltage, &self.voltage) {
            correction.apply(channel, bits);
        }
        for (channel, correction) in config.currents.iter_mut().zip(&self.currents) {
            if let Some(correction) = correction {
                correction.apply(channel, bits);
            }
        }
        if let (Some(residual), Some(correction)) = (&mut config.residual, &self.residual) {
            // A residual current has no angle: a lag there would but take room from the configuration's own range.
            Correction { phase: 0, delay: 0, ..*correction }.apply(&mut residual.channel, bits);
        }
    }
}

impl Correction {
    /// Puts the correction into a channel of an ADC of `adc_bits`.
    fn apply(&self, channel: &mut Channel, adc_bits: u8) {
        channel.gain_ppm = both(channel.gain_ppm, self.gain_ppm);
        channel.phase = channel.phase.saturating_add(self.phase);
        channel.delay = channel.delay.saturating_add(self.delay);
        channel.zero = channel.zero.map(|zero| zero.saturating_add(self.code_offset(adc_bits)));
        let own = (u128::from(channel.range) * u128::from(self.noise)) >> 32;
        let told = u128::from(channel.noise);
        let both = (own * own).saturating_add(told.saturating_mul(told)).isqrt();
        channel.noise = u64::try_from(both).unwrap_or(u64::MAX);
    }

    /// The offset in 256ths of a code of an ADC of `adc_bits`, rounded.
    fn code_offset(&self, adc_bits: u8) -> i32 {
        match 24_u8.saturating_sub(adc_bits).min(24) {
            0 => self.offset,
            shift => ((i64::from(self.offset) + (1 << (shift - 1))) >> shift) as i32,
        }
    }

    fn check(&self, place: Place) -> Result<(), OutOfRange> {
        within(place, "gain_ppm", self.gain_ppm.into(), 500_000)?;
        within(place, "phase", self.phase.into(), 10_000)?;
        within(place, "delay", self.delay.into(), 2_560)?;
        within(place, "offset", self.offset.into(), 1 << 30)?;
        within(place, "noise", self.noise.into(), 1 << 30)
    }
}

/// What two gains make, in ppm.
fn both(one: i32, other: i32) -> i32 {
    let product = (1_000_000 + i64::from(one)) * (1_000_000 + i64::from(other));
    let rounded = (product + 500_000).div_euclid(1_000_000) - 1_000_000;
    rounded.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

fn within(place: Place, field: &'static str, value: i64, most: i64) -> Result<(), OutOfRange> {
    let least = -most;
    if (least..=most).contains(&value) { Ok(()) } else { Err(OutOfRange { place, field, value, least, most }) }
}
