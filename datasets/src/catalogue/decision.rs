//! Decisions on a residual current: what is asked of a monitor, and the currents that it is asked with.
//!
//! Plain data and their samples. This file must not know the rows of a norm, nor how a monitor decides.

use crate::synthesis::{Fault, FaultForm, Level, Noise, NoiseShape, Surge, SurgeShape, saturated};

use super::rcd::Stimulus;

/// RMS of the voltage of trials that have one, in volt.
const VOLTAGE_V: f64 = 230.0;

/// Full-scale peak of that voltage.
pub const VOLTAGE_RANGE_V: f64 = 400.0;

/// When an alarm may respond at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characteristic {
    /// At once.
    General,
    /// Not for a current that ends within 10 ms.
    ShortDelay,
    /// Type S.
    Selective,
}

impl Characteristic {
    /// Name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::ShortDelay => "short-delay",
            Self::Selective => "selective",
        }
    }
}

/// Steps a sample where a sensor saturates.
const FINER: usize = 8;

/// Cut-off of the low-pass before a sensor that a surge saturates, as a part of the sampling rate.
const CUT_OFF: f64 = 0.4;

/// What a monitor must do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// Trip after the current has begun: not before `after_s`, and within `within_s`. Seconds.
    Trip {
        /// Non-actuating time.
        after_s: f64,
        /// Figure that is asked for.
        within_s: f64,
        /// Longest break time of the norm.
        norm_s: f64,
    },
    /// Trip while the current rises, at an RMS in ampere above the first and at or below the second.
    TripCurrent {
        /// Non-operating current.
        above: f64,
        /// Operating current.
        up_to: f64,
    },
    /// Not trip.
    Stay,
}

/// A row of the norm at one rated current: all its trials are decided alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Row of the norm.
    pub row: String,
    /// Rated residual operating current in ampere.
    pub rated_a: f64,
    /// Full-scale peak of the sensor in ampere.
    pub range_a: f64,
    /// Sampling rate in hertz.
    pub rate_hz: f64,
    /// Resolution of the ADC.
    pub adc_bits: u8,
    /// When the alarm may respond.
    pub characteristic: Characteristic,
    /// What must happen.
    pub asked: Asked,
    /// Whether the quick profile asks it.
    pub quick: bool,
    /// The currents that are tried.
    pub(super) stimulus: Stimulus,
}

/// One current that a monitor is asked with.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Residual currents; times count from the first, which is the one that is asked about.
    pub faults: Vec<Fault>,
    /// A surge on top, and the order of the low-pass it comes through.
    pub surge: Option<(Surge, usize)>,
    /// RMS of noise in ampere.
    pub noise_a: f64,
    /// High-pass of the transformer; `None`: the sensor passes direct current.
    pub corner_hz: Option<f64>,
    /// Frequency of the mains.
    pub mains_hz: f64,
    /// The meter has a voltage; else it takes the nominal frequency.
    pub has_voltage: bool,
    /// Nominal frequency that the meter is told, 50 or 60: without a voltage not always that of the mains.
    pub nominal_hz: u8,
    /// Length in seconds.
    pub seconds: f64,
}

impl Decision {
    /// Name, unique within the suite.
    pub fn name(&self) -> String {
        format!("{}, {} mA, {}", self.row, self.rated_a * 1e3, self.characteristic.name())
    }

    /// The currents that are tried, in an order that is always the same.
    pub fn trials(&self) -> Vec<Trial> {
        self.stimulus.trials(self.rated_a, self.rate_hz)
    }
}

impl Trial {
    /// Number of samples.
    pub fn frames(&self, rate_hz: f64) -> usize {
        (self.seconds * rate_hz).ceil() as usize
    }

    /// When the current that is asked about begins, in seconds.
    pub fn onset_s(&self) -> f64 {
        self.surge.map_or_else(|| self.faults.first().map_or(0.0, |fault| fault.from_s), |(surge, _)| surge.at_s)
    }

    /// Its RMS at a time, in ampere.
    pub fn rms_at(&self, seconds: f64) -> f64 {
        self.faults.first().map_or(0.0, |fault| fault.rms * fault.level.at(seconds - fault.from_s))
    }

    /// What a sensor of that full-scale peak gives of the residual current, in ampere.
    pub fn residual(&self, rate_hz: f64, range_a: f64) -> Vec<f64> {
        let peak: f64 = self.faults.iter().map(|fault| fault.rms * fault.form.peak_over_rms()).sum();
        let mut samples = if self.surge.is_some() || (peak > range_a && self.corner_hz.is_some()) {
            self.saturated(rate_hz, range_a)
        } else {
            let mut samples = vec![0.0; self.frames(rate_hz)];
            self.faults.iter().for_each(|fault| fault.add_to(&mut samples, rate_hz, self.corner_hz));
            samples
        };
        if self.noise_a > 0.0 {
            Noise { shape: NoiseShape::Gaussian, rms: self.noise_a, seed: 1 }.add_to(&mut samples);
        }
        samples
    }

    /// The same of currents beyond the range, finely stepped.
    fn saturated(&self, rate_hz: f64, range_a: f64) -> Vec<f64> {
        let fine_hz = FINER as f64 * rate_hz;
        let mut primary = vec![0.0; FINER * self.frames(rate_hz)];
        self.faults.iter().for_each(|fault| fault.add_to(&mut primary, fine_hz, None));
        if let Some((surge, order)) = &self.surge {
            surge.add_to(&mut primary, fine_hz, CUT_OFF * rate_hz, *order);
        }
        saturated(&primary, fine_hz, FINER, self.corner_hz, range_a)
    }

    /// The voltage, if there is one.
    pub fn voltage(&self, rate_hz: f64) -> Option<Vec<f64>> {
        let mut samples = vec![0.0; self.frames(rate_hz)];
        let voltage = Fault::sudden(FaultForm::Sine, VOLTAGE_V, self.mains_hz, 77.0, 0.0);
        self.has_voltage.then(|| voltage.add_to(&mut samples, rate_hz, None)).map(|()| samples)
    }

    /// In words, for a report.
    pub fn words(&self) -> String {
        let mut parts = vec![format!("{} Hz", self.mains_hz)];
        parts.push(self.corner_hz.map_or_else(|| "direct".into(), |corner| format!("behind {corner} Hz")));
        for fault in &self.faults {
            let sign = if fault.negative { "-" } else { "" };
            parts.push(match fault.form {
                FaultForm::Smooth => format!("{sign}{:.0} mA DC", fault.rms * 1e3),
                _ if fault.level != Level::Sudden => format!("rising from {} degrees", fault.start_deg),
                _ => format!("{sign}{:.1} mA from {} degrees", fault.rms * 1e3, fault.start_deg),
            });
        }
        if let Some((surge, order)) = &self.surge {
            let tau = if let SurgeShape::Charge { tau_s } = surge.shape { tau_s * 1e6 } else { 0.0 };
            parts.push(format!("surge of {} A (tau {tau:.1} us), low-pass of order {order}", surge.peak));
        }
        parts.push(if self.has_voltage {
            "voltage".into()
        } else {
            format!("no voltage, nominal {} Hz", self.nominal_hz)
        });
        parts.join(", ")
    }
}
