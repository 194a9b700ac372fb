//! What follows from a reading by definition (IEEE 1459-2010 for one phase; power factor with IEC's sign).
//!
//! In come readings of a voltage and of a current, out go the powers and factors that depend on nothing else. Computed
//! when asked for, so that a reading stays small. This file must not know samples or the
//! settings of channels.

use crate::quantity::{Ampere, Factor, Power, Ratio, Volt};
use crate::reading::{CurrentReading, PowerReading, Reading, VoltageReading};
use crate::scaled::Scaled;

/// Where the current stands against the voltage (IEC: load view, import positive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quadrant {
    /// P ≥ 0, Q1 ≥ 0: import, lagging.
    I,
    /// P < 0, Q1 ≥ 0: export, leading.
    II,
    /// P < 0, Q1 < 0: export, lagging.
    III,
    /// P ≥ 0, Q1 < 0: import, leading.
    IV,
}

/// Powers and factors of one current. Watt, var and volt-ampere; magnitudes are never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Apparent power S = V·I.
    pub apparent: Power,
    /// Non-active power N = sqrt(S² - P²).
    pub nonactive: Power,
    /// Power factor P/S with the sign of P; 0 where S is 0.
    pub power_factor: Ratio,
    /// Fundamental apparent power S1 = V1·I1.
    pub fundamental_apparent: Power,
    /// Displacement factor PF1 = P1/S1; 0 where S1 is 0.
    pub fundamental_power_factor: Ratio,
    /// Harmonic active power PH = P - P1 (includes V0·I0 where the DC is a signal).
    pub harmonic_active: Power,
    /// Current distortion power DI = V1·IH.
    pub current_distortion: Power,
    /// Voltage distortion power DV = VH·I1.
    pub voltage_distortion: Power,
    /// Harmonic apparent power SH = VH·IH.
    pub harmonic_apparent: Power,
    /// Non-fundamental apparent power SN = sqrt(S² - S1²) = sqrt(DI² + DV² + SH²).
    pub nonfundamental: Power,
    /// Quadrant of P and Q1.
    pub quadrant: Quadrant,
}

/// RMS and fundamental of a channel.
#[derive(Clone, Copy)]
struct Wave {
    rms: Scaled,
    fundamental: Scaled,
}

impl Wave {
    /// RMS of all that is not the fundamental: sqrt(X² - X1²).
    fn harmonic(self) -> Scaled {
        self.rms.times(self.rms).minus(self.fundamental.times(self.fundamental)).root()
    }

    fn distortion(self) -> Factor {
        factor(self.harmonic().over(self.fundamental))
    }
}

impl VoltageReading {
    /// Total harmonic distortion THDV = VH/V1, interharmonics included; 0 without a fundamental.
    pub fn distortion(&self) -> Factor {
        self.wave().distortion()
    }

    /// Crest factor: peak over RMS; 0 where the RMS is 0.
    pub fn crest(&self) -> Factor {
        factor(unsigned(self.peak).over(unsigned(self.rms)))
    }

    fn wave(&self) -> Wave {
        Wave { rms: unsigned(self.rms), fundamental: unsigned(self.fundamental) }
    }
}

impl CurrentReading {
    /// Total harmonic distortion THDI = IH/I1, interharmonics included; 0 without a fundamental.
    pub fn distortion(&self) -> Factor {
        self.wave().distortion()
    }

    /// Crest factor: peak over RMS; 0 where the RMS is 0.
    pub fn crest(&self) -> Factor {
        factor(unsigned(self.peak).over(unsigned(self.rms)))
    }

    fn wave(&self) -> Wave {
        Wave { rms: unsigned(self.rms), fundamental: unsigned(self.fundamental) }
    }
}

impl Derived {
    /// From the readings of a voltage and a current over the same window.
    pub fn new(voltage: &VoltageReading, current: &CurrentReading, power: &PowerReading) -> Self {
        let (v, i) = (voltage.wave(), current.wave());
        let (vh, ih) = (v.harmonic(), i.harmonic());
        let apparent = v.rms.times(i.rms);
        let fundamental_apparent = v.fundamental.times(i.fundamental);
        let active = signed(power.active);
        let fundamental_active = signed(power.fundamental_active);
        let (di, dv, sh) = (v.fundamental.times(ih), vh.times(i.fundamental), vh.times(ih));
        let square = |x: Scaled| x.times(x);
        Self {
            apparent: watt(apparent),
            nonactive: watt(square(apparent).minus(square(active)).root()),
            power_factor: ratio(active.over(apparent)),
            fundamental_apparent: watt(fundamental_apparent),
            fundamental_power_factor: ratio(fundamental_active.over(fundamental_apparent)),
            harmonic_active: watt(active.minus(fundamental_active)),
            current_distortion: watt(di),
            voltage_distortion: watt(dv),
            harmonic_apparent: watt(sh),
            nonfundamental: watt(square(di).plus(square(dv)).plus(square(sh)).root()),
            quadrant: match (power.active >= Power::ZERO, power.reactive >= Power::ZERO) {
                (true, true) => Quadrant::I,
                (false, true) => Quadrant::II,
                (false, false) => Quadrant::III,
                (true, false) => Quadrant::IV,
            },
        }
    }
}

impl<const CURRENTS: usize> Reading<CURRENTS> {
    /// What follows for current `channel`; `None` without voltage or without that channel.
    pub fn derived(&self, channel: usize) -> Option<Derived> {
        let current = self.currents.get(channel)?.as_ref()?;
        Some(Derived::new(self.voltage.as_ref()?, current, current.power.as_ref()?))
    }
}

/// Apparent power S = V·I.
#[cfg(feature = "energy")]
pub(crate) fn apparent(voltage: Volt, current: Ampere) -> Power {
    watt(unsigned(voltage).times(unsigned(current)))
}

// Volt and Ampere are the same type: 32 bits behind the point.
fn unsigned(value: Volt) -> Scaled {
    let _: Ampere = value;
    Scaled::new((value.to_bits() >> 1) as i64, -31)
}

fn signed(value: Power) -> Scaled {
    Scaled::new(value.to_bits(), -24)
}

fn watt(value: Scaled) -> Power {
    Power::from_bits(value.to_bits(24))
}

fn ratio(value: Scaled) -> Ratio {
    let one = i64::from(Ratio::ONE.to_bits());
    Ratio::from_bits(value.to_bits(30).clamp(-one, one) as i32)
}

fn factor(value: Scaled) -> Factor {
    Factor::from_bits(value.to_bits(24).clamp(0, i64::from(u32::MAX)) as u32)
}
