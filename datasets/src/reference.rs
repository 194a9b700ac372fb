//! What a perfect meter reads, in double precision.
//!
//! In comes a waveform (closed forms, [`Truth::of`]) or a recording ([`measure`]), out go the quantities by the
//! definitions of IEEE 1459 and the signs of IEC: P and Q1 positive towards the load and for a lagging current. DC is a
//! sensor's offset and part of nothing, unless it is asked for as a signal ([`Truth::with_dc`]). This file must not know
//! how the meter computes, nor by how much it may err.

mod closed_form;
mod fit;
mod ieee1459;
mod quantity;
mod recording;
mod span;

pub use quantity::Quantity;
pub use recording::{Measured, measure};
pub use span::measure_span;

/// The truth about all channels; `None` where a channel is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Mains frequency in hertz; needs a voltage.
    pub frequency_hz: Option<f64>,
    /// RMS of the voltage in volt.
    pub voltage_v: Option<f64>,
    /// What more is known of the voltage.
    pub voltage_wave: Option<WaveTruth>,
    /// One entry for each current.
    pub currents: Vec<CurrentTruth>,
    /// True RMS of the residual current in ampere, without smooth DC.
    pub residual_a: Option<f64>,
    /// What more is known of the residual current.
    pub residual_wave: Option<ResidualTruth>,
}

/// What is known of a residual current beside its true RMS.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ResidualTruth {
    /// RMS without any DC.
    pub ac_a: f64,
    /// Mean of the pulsation; smooth DC is no part of it.
    pub dc_a: f64,
}

/// What is known of a channel beside its RMS.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WaveTruth {
    /// RMS of the fundamental.
    pub fundamental: f64,
    /// Mean.
    pub dc: f64,
    /// Largest magnitude without DC, where it is known.
    pub peak: Option<f64>,
}

/// The truth about one current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurrentTruth {
    /// RMS in ampere.
    pub current_a: f64,
    /// What more is known of the current.
    pub wave: Option<WaveTruth>,
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
            Quantity::ResidualAcA => self.residual_wave.map(|wave| wave.ac_a),
            Quantity::ResidualDcA => self.residual_wave.map(|wave| wave.dc_a),
            Quantity::CurrentA => of_current.map(|truth| truth.current_a),
            Quantity::ActiveW => power.map(|power| power.active_w),
            Quantity::ReactiveVar => power.map(|power| power.reactive_var),
            Quantity::ApparentVa => power.map(|power| power.apparent_va),
            Quantity::PowerFactor => power.map(|power| power.power_factor),
            Quantity::PhaseDeg => power.map(|power| power.phase_deg),
            other => ieee1459::value(other, self, of_current),
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
