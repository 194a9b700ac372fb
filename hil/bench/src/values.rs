//! From a window's integers to values in volt, ampere and watt, by the names of the reports.
//!
//! In come windows as they travel, out go `f64` and their mean. This file must not know limits or outputs.

use datasets::reference::Quantity;
use hil_link::{MAX_CURRENTS, Window};
use metering_core::derived::Derived;
use metering_core::quantity::{Ampere, Hertz};
use metering_core::reading::{CurrentReading, Flags, VoltageReading};
use metering_core::residual::{Kind, ResidualReading};

/// Readings of one window, or the mean over several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// Frequency in hertz.
    pub frequency_hz: Option<f64>,
    /// RMS voltage in volt.
    pub voltage_v: Option<f64>,
    /// One entry per current.
    pub currents: Vec<CurrentValues>,
    /// True RMS of the residual current without smooth DC, in ampere.
    pub residual_a: Option<f64>,
    /// What more is read of the residual current.
    pub residual: Option<ResidualValues>,
    /// What more is read of the voltage.
    pub voltage: More,
}

/// Readings of the residual current beside its true RMS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResidualValues {
    /// RMS without any DC, in ampere.
    pub ac_a: f64,
    /// Mean of the pulsation in ampere.
    pub dc_a: f64,
    /// True RMS with smooth DC, where it is known, in ampere.
    pub total_a: Option<f64>,
    /// Largest distance from the level at rest, in ampere.
    pub peak_a: f64,
    /// Shape; over several windows theirs if it is one, else `Other`.
    pub kind: Kind,
}

impl ResidualValues {
    /// Name of the shape, as in JSON and tables.
    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::None => "none",
            Kind::Sinusoidal => "sinusoidal",
            Kind::PulsatingPositive => "pulsating-positive",
            Kind::PulsatingNegative => "pulsating-negative",
            Kind::Other => "other",
        }
    }

    /// Mean over windows: RMS of RMS values, the largest peak. `None` where a window has none.
    fn mean(windows: &[Values]) -> Option<Self> {
        let all: Vec<Self> = windows.iter().map(|window| window.residual).collect::<Option<_>>()?;
        let first = all.first()?;
        let mean = |of: &dyn Fn(&Self) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
        let totals: Option<Vec<f64>> = all.iter().map(|values| values.total_a).collect();
        let same = all.iter().all(|values| values.kind == first.kind);
        Some(Self {
            ac_a: mean(&|values| values.ac_a * values.ac_a).sqrt(),
            dc_a: mean(&|values| values.dc_a),
            total_a: totals.map(|totals| average(Quantity::ResidualA, &totals)),
            peak_a: all.iter().fold(0.0, |peak, values| values.peak_a.max(peak)),
            kind: if same { first.kind } else { Kind::Other },
        })
    }
}

impl From<&ResidualReading> for ResidualValues {
    fn from(reading: &ResidualReading) -> Self {
        Self {
            ac_a: reading.ac.to_num(),
            dc_a: reading.dc.to_num(),
            total_a: reading.total.map(Ampere::to_num),
            peak_a: reading.peak.to_num(),
            kind: reading.kind,
        }
    }
}

/// Quantities beside those that have a place of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct More([Option<f64>; Quantity::ALL.len()]);

/// Readings of one current.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CurrentValues {
    /// RMS in ampere.
    pub current_a: Option<f64>,
    /// P in watt.
    pub active_w: Option<f64>,
    /// Q1 in var.
    pub reactive_var: Option<f64>,
    /// S in volt-ampere.
    pub apparent_va: Option<f64>,
    /// P/S.
    pub power_factor: Option<f64>,
    /// arg V1 - arg I1 in degrees.
    pub phase_deg: Option<f64>,
    /// What more is read of the current and its powers.
    pub more: More,
}

impl More {
    fn get(&self, quantity: Quantity) -> Option<f64> {
        self.0[quantity as usize]
    }

    fn with(mut self, values: &[(Quantity, f64)]) -> Self {
        for (quantity, value) in values {
            self.0[*quantity as usize] = Some(*value);
        }
        self
    }

    fn of_voltage(reading: &VoltageReading) -> Self {
        Self::default().with(&[
            (Quantity::FundamentalV, reading.fundamental.to_num()),
            (Quantity::VoltageDcV, reading.dc.to_num()),
            (Quantity::VoltageCrest, reading.crest().to_num()),
            (Quantity::Thdv, reading.distortion().to_num()),
        ])
    }

    fn of_current(reading: &CurrentReading) -> Self {
        Self::default().with(&[
            (Quantity::FundamentalA, reading.fundamental.to_num()),
            (Quantity::CurrentDcA, reading.dc.to_num()),
            (Quantity::CurrentCrest, reading.crest().to_num()),
            (Quantity::Thdi, reading.distortion().to_num()),
        ])
    }

    fn and_derived(self, derived: &Derived) -> Self {
        self.with(&[
            (Quantity::FundamentalApparentVa, derived.fundamental_apparent.to_num()),
            (Quantity::FundamentalPowerFactor, derived.fundamental_power_factor.to_num()),
            (Quantity::HarmonicActiveW, derived.harmonic_active.to_num()),
            (Quantity::NonactiveVa, derived.nonactive.to_num()),
            (Quantity::CurrentDistortionVa, derived.current_distortion.to_num()),
            (Quantity::VoltageDistortionVa, derived.voltage_distortion.to_num()),
            (Quantity::HarmonicApparentVa, derived.harmonic_apparent.to_num()),
            (Quantity::NonfundamentalVa, derived.nonfundamental.to_num()),
        ])
    }
}

impl From<&Window> for Values {
    fn from(window: &Window) -> Self {
        // A window never has more channels than the link allows.
        let Some(reading) = window.reading::<MAX_CURRENTS>() else { return Self::default() };
        let currents = (0..window.currents.len()).map(|n| {
            let channel = reading.currents[n];
            let power = channel.and_then(|channel| channel.power);
            let derived = reading.derived(n);
            let mut more = channel.as_ref().map(More::of_current).unwrap_or_default();
            if let Some((power, derived)) = power.zip(derived) {
                more = more
                    .with(&[(Quantity::FundamentalActiveW, power.fundamental_active.to_num())])
                    .and_derived(&derived);
            }
            CurrentValues {
                current_a: channel.map(|channel| channel.rms.to_num()),
                active_w: power.map(|power| power.active.to_num()),
                reactive_var: power.map(|power| power.reactive.to_num()),
                apparent_va: derived.map(|derived| derived.apparent.to_num()),
                power_factor: derived.map(|derived| derived.power_factor.to_num()),
                phase_deg: power.map(|power| power.phase.to_num()),
                more,
            }
        });
        Self {
            frequency_hz: reading.frequency.map(Hertz::to_num),
            voltage_v: reading.voltage.map(|voltage| voltage.rms.to_num()),
            currents: currents.collect(),
            residual_a: reading.residual.map(|residual| residual.rms.to_num()),
            residual: reading.residual.as_ref().map(ResidualValues::from),
            voltage: reading.voltage.as_ref().map(More::of_voltage).unwrap_or_default(),
        }
    }
}

impl Values {
    /// Value of a quantity; `current` counts from 0 and matters only to what each current has.
    pub fn get(&self, quantity: Quantity, current: usize) -> Option<f64> {
        let channel = self.currents.get(current);
        match quantity {
            Quantity::FrequencyHz => self.frequency_hz,
            Quantity::VoltageV => self.voltage_v,
            Quantity::ResidualA => self.residual_a,
            Quantity::ResidualAcA => self.residual.map(|residual| residual.ac_a),
            Quantity::ResidualDcA => self.residual.map(|residual| residual.dc_a),
            Quantity::CurrentA => channel?.current_a,
            Quantity::ActiveW => channel?.active_w,
            Quantity::ReactiveVar => channel?.reactive_var,
            Quantity::ApparentVa => channel?.apparent_va,
            Quantity::PowerFactor => channel?.power_factor,
            Quantity::PhaseDeg => channel?.phase_deg,
            other if other.is_per_current() => channel?.more.get(other),
            other => self.voltage.get(other),
        }
    }

    /// Mean over windows: RMS of RMS values, the direction of the mean unit phasor for angles, else arithmetic.
    pub fn mean(windows: &[Self]) -> Self {
        let mean = |quantity: Quantity, current: usize| {
            let values: Option<Vec<f64>> = windows.iter().map(|window| window.get(quantity, current)).collect();
            values.filter(|values| !values.is_empty()).map(|values| average(quantity, &values))
        };
        let currents = windows.iter().map(|window| window.currents.len()).max().unwrap_or(0);
        let currents = (0..currents).map(|n| CurrentValues {
            current_a: mean(Quantity::CurrentA, n),
            active_w: mean(Quantity::ActiveW, n),
            reactive_var: mean(Quantity::ReactiveVar, n),
            apparent_va: mean(Quantity::ApparentVa, n),
            power_factor: mean(Quantity::PowerFactor, n),
            phase_deg: mean(Quantity::PhaseDeg, n),
            more: More(Quantity::ALL.map(|quantity| mean(quantity, n))),
        });
        Self {
            frequency_hz: mean(Quantity::FrequencyHz, 0),
            voltage_v: mean(Quantity::VoltageV, 0),
            currents: currents.collect(),
            residual_a: mean(Quantity::ResidualA, 0),
            residual: ResidualValues::mean(windows),
            voltage: More(Quantity::ALL.map(|quantity| mean(quantity, 0))),
        }
    }
}

fn average(quantity: Quantity, values: &[f64]) -> f64 {
    let mean = |of: &dyn Fn(f64) -> f64| values.iter().map(|&value| of(value)).sum::<f64>() / values.len() as f64;
    match quantity {
        Quantity::VoltageV
        | Quantity::CurrentA
        | Quantity::ResidualA
        | Quantity::ResidualAcA
        | Quantity::FundamentalV
        | Quantity::FundamentalA => mean(&|value| value * value).sqrt(),
        Quantity::PhaseDeg => {
            let (sine, cosine) = (mean(&|value| value.to_radians().sin()), mean(&|value| value.to_radians().cos()));
            sine.atan2(cosine).to_degrees()
        }
        _ => mean(&|value| value),
    }
}

/// Names of the flags of a window, as in JSON and reports.
pub fn flags(window: &Window) -> Vec<String> {
    Flags::from_bits_retain(window.flags).iter_names().map(|(name, _)| name.to_lowercase().replace('_', "-")).collect()
}

/// Whether a window was measured before the lock.
pub fn is_settling(window: &Window) -> bool {
    Flags::from_bits_retain(window.flags).contains(Flags::SETTLING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_the_kind_that_the_quantity_asks_for() {
        let window = |rms: f64, phase: f64| Values {
            voltage_v: Some(rms),
            currents: vec![CurrentValues { phase_deg: Some(phase), active_w: Some(rms), ..CurrentValues::default() }],
            ..Values::default()
        };
        let mean = Values::mean(&[window(1.0, 179.0), window(7.0, -177.0)]);
        assert_eq!(mean.voltage_v, Some(5.0));
        assert_eq!(mean.currents[0].active_w, Some(4.0));
        assert!((mean.currents[0].phase_deg.unwrap() + 179.0).abs() < 1e-9);
        assert_eq!(mean.residual_a, None);
    }
}
