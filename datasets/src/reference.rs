//! What a perfect meter reads, in double precision.
//!
//! In comes a waveform (closed forms, [`Truth::of`]) or a recording ([`measure`]), out go the quantities by the
//! definitions of IEEE 1459 and the signs of IEC: P and Q1 positive towards the load and for a lagging current. DC is a
//! sensor's offset and part of nothing. This file must not know how the meter computes, nor by how much it may err.

mod closed_form;
mod fit;
mod recording;

pub use recording::{Measured, measure};

/// A quantity of a reading; the words are those of the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// RMS of the voltage in volt, without DC.
    VoltageV,
    /// RMS of a current in ampere, without DC.
    CurrentA,
    /// Active power P in watt.
    ActiveW,
    /// Fundamental reactive power Q1 in var.
    ReactiveVar,
    /// Apparent power S in volt-ampere.
    ApparentVa,
    /// Power factor P/S.
    PowerFactor,
    /// arg V1 - arg I1 in degrees, -180 to 180.
    PhaseDeg,
    /// Mains frequency in hertz.
    FrequencyHz,
    /// RMS of the residual current in ampere, without DC.
    ResidualA,
}

impl Quantity {
    /// All quantities in the order of a report.
    pub const ALL: [Self; 9] = [
        Self::VoltageV,
        Self::CurrentA,
        Self::ActiveW,
        Self::ReactiveVar,
        Self::ApparentVa,
        Self::PowerFactor,
        Self::PhaseDeg,
        Self::FrequencyHz,
        Self::ResidualA,
    ];

    /// Name in reports and limits.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VoltageV => "voltage_v",
            Self::CurrentA => "current_a",
            Self::ActiveW => "active_w",
            Self::ReactiveVar => "reactive_var",
            Self::ApparentVa => "apparent_va",
            Self::PowerFactor => "power_factor",
            Self::PhaseDeg => "phase_deg",
            Self::FrequencyHz => "frequency_hz",
            Self::ResidualA => "residual_a",
        }
    }

    /// How far `measured` is from `expected`, in the unit of the quantity; angles the short way round.
    pub fn error(self, measured: f64, expected: f64) -> f64 {
        let error = measured - expected;
        if self == Self::PhaseDeg { error - 360.0 * (error / 360.0).round() } else { error }
    }

    /// Whether there is one value for each current.
    pub const fn is_per_current(self) -> bool {
        !matches!(self, Self::VoltageV | Self::FrequencyHz | Self::ResidualA)
    }
}

/// The truth about all channels; `None` where a channel is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Mains frequency in hertz; needs a voltage.
    pub frequency_hz: Option<f64>,
    /// RMS of the voltage in volt.
    pub voltage_v: Option<f64>,
    /// One entry for each current.
    pub currents: Vec<CurrentTruth>,
    /// RMS of the residual current in ampere.
    pub residual_a: Option<f64>,
}

/// The truth about one current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurrentTruth {
    /// RMS in ampere.
    pub current_a: f64,
    /// Powers against the voltage, if there is one.
    pub power: Option<PowerTruth>,
}

/// The truth about the powers of one current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerTruth {
    /// P in watt: mean of v·i, both without DC.
    pub active_w: f64,
    /// Q1 in var, positive when the current lags.
    pub reactive_var: f64,
    /// S = Vrms·Irms in volt-ampere.
    pub apparent_va: f64,
    /// P/S, -1 to 1, with the sign of P; 0 where S is 0.
    pub power_factor: f64,
    /// arg V1 - arg I1 in degrees, -180 to 180, positive when the current lags; 0 where either has no fundamental.
    pub phase_deg: f64,
}

impl Truth {
    /// Value of a quantity; `current` (from 0) matters only for those that each current has.
    pub fn value(&self, quantity: Quantity, current: usize) -> Option<f64> {
        let of_current = self.currents.get(current);
        let power = of_current.and_then(|truth| truth.power);
        match quantity {
            Quantity::FrequencyHz => self.frequency_hz,
            Quantity::VoltageV => self.voltage_v,
            Quantity::ResidualA => self.residual_a,
            Quantity::CurrentA => of_current.map(|truth| truth.current_a),
            Quantity::ActiveW => power.map(|power| power.active_w),
            Quantity::ReactiveVar => power.map(|power| power.reactive_var),
            Quantity::ApparentVa => power.map(|power| power.apparent_va),
            Quantity::PowerFactor => power.map(|power| power.power_factor),
            Quantity::PhaseDeg => power.map(|power| power.phase_deg),
        }
    }
}

impl PowerTruth {
    /// From RMS values, P and the fundamental phasors (any common scale and angle).
    fn new(voltage_v: f64, current_a: f64, active_w: f64, v1: Phasor, i1: Phasor) -> Self {
        let apparent_va = voltage_v * current_a;
        let power_factor = if apparent_va > 0.0 { active_w / apparent_va } else { 0.0 };
        let turned = v1.times_conjugate(i1);
        Self { active_w, reactive_var: turned.im, apparent_va, power_factor, phase_deg: turned.degrees() }
    }
}

/// An RMS phasor: rms·e^(j·phase), sine reference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Phasor {
    re: f64,
    im: f64,
}

impl Phasor {
    fn polar(rms: f64, degrees: f64) -> Self {
        let angle = degrees.to_radians();
        Self { re: rms * libm::cos(angle), im: rms * libm::sin(angle) }
    }

    fn plus(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    /// self · conjugate of other: P + jQ of a voltage and a current.
    fn times_conjugate(self, other: Self) -> Self {
        Self { re: self.re * other.re + self.im * other.im, im: self.im * other.re - self.re * other.im }
    }

    fn square(self) -> f64 {
        self.re * self.re + self.im * self.im
    }

    fn degrees(self) -> f64 {
        libm::atan2(self.im, self.re).to_degrees()
    }
}
