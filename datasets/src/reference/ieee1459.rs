//! What IEEE 1459-2010 (one phase) makes of RMS values, fundamentals and P.
//!
//! In comes the truth about a voltage and a current, out go fundamental, harmonic and non-active quantities. This file
//! must not know where that truth comes from.

use super::{CurrentTruth, Quantity, Truth, WaveTruth};

/// A quantity that follows from others; `None` where those are not known.
pub(super) fn value(quantity: Quantity, truth: &Truth, current: Option<&CurrentTruth>) -> Option<f64> {
    let voltage = Channel::new(truth.voltage_v, truth.voltage_wave);
    let load = Channel::new(current.map(|truth| truth.current_a), current.and_then(|truth| truth.wave));
    match quantity {
        Quantity::FundamentalV => Some(voltage?.wave.fundamental),
        Quantity::VoltageDcV => Some(voltage?.wave.dc),
        Quantity::VoltageCrest => voltage?.crest(),
        Quantity::Thdv => Some(voltage?.distortion()),
        Quantity::FundamentalA => Some(load?.wave.fundamental),
        Quantity::CurrentDcA => Some(load?.wave.dc),
        Quantity::CurrentCrest => load?.crest(),
        Quantity::Thdi => Some(load?.distortion()),
        _ => power(quantity, voltage?, load?, current?),
    }
}

fn power(quantity: Quantity, v: Channel, i: Channel, current: &CurrentTruth) -> Option<f64> {
    let power = current.power?;
    let apparent = v.rms * i.rms;
    let fundamental_apparent = v.wave.fundamental * i.wave.fundamental;
    let displacement = libm::cos(power.phase_deg.to_radians());
    Some(match quantity {
        Quantity::FundamentalActiveW => fundamental_apparent * displacement,
        Quantity::FundamentalApparentVa => fundamental_apparent,
        Quantity::FundamentalPowerFactor => displacement,
        Quantity::HarmonicActiveW => power.active_w - fundamental_apparent * displacement,
        Quantity::NonactiveVa => leg(apparent, power.active_w),
        Quantity::CurrentDistortionVa => v.wave.fundamental * i.harmonic(),
        Quantity::VoltageDistortionVa => v.harmonic() * i.wave.fundamental,
        Quantity::HarmonicApparentVa => v.harmonic() * i.harmonic(),
        Quantity::NonfundamentalVa => leg(apparent, fundamental_apparent),
        _ => return None,
    })
}

#[derive(Clone, Copy)]
struct Channel {
    rms: f64,
    wave: WaveTruth,
}

impl Channel {
    fn new(rms: Option<f64>, wave: Option<WaveTruth>) -> Option<Self> {
        Some(Self { rms: rms?, wave: wave? })
    }

    /// RMS of all that is not the fundamental.
    fn harmonic(self) -> f64 {
        leg(self.rms, self.wave.fundamental)
    }

    fn distortion(self) -> f64 {
        if self.wave.fundamental > 0.0 { self.harmonic() / self.wave.fundamental } else { 0.0 }
    }

    fn crest(self) -> Option<f64> {
        self.wave.peak.filter(|_| self.rms > 0.0).map(|peak| peak / self.rms)
    }
}

/// The other leg of a right triangle; what rounding leaves of two equal sides is 0.
fn leg(hypotenuse: f64, leg: f64) -> f64 {
    let square = (hypotenuse - leg) * (hypotenuse + leg);
    if square > 1e-14 * hypotenuse * hypotenuse { libm::sqrt(square) } else { 0.0 }
}
