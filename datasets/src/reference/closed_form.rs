//! Closed forms for synthetic waveforms.
//!
//! In come the sines a waveform is made of, out goes the truth over whole cycles. This file must not look at samples.

use super::{CurrentTruth, Phasor, PowerTruth, ResidualTruth, Truth, WaveTruth};
use crate::synthesis::{Signal, Waveform};

impl Truth {
    /// Truth of a waveform over whole cycles of its fundamental, exact when all orders are whole numbers (or the sines
    /// between them come to whole cycles as well). DC is an offset and part of nothing but its own mean. Noise counts
    /// with its RMS and correlates with nothing.
    pub fn of(waveform: &Waveform) -> Self {
        Self::from_spectra(waveform, false)
    }

    /// The same where DC is a signal: it is part of RMS, P and all that follows from them.
    pub fn with_dc(waveform: &Waveform) -> Self {
        Self::from_spectra(waveform, true)
    }

    fn from_spectra(waveform: &Waveform, with_dc: bool) -> Self {
        let channels = waveform.channels.map(|signal| Spectrum::of(signal, with_dc));
        let voltage = channels.voltage.as_ref();
        Self {
            frequency_hz: voltage.map(|_| waveform.fundamental_hz),
            voltage_v: voltage.map(Spectrum::rms),
            voltage_wave: voltage.map(Spectrum::wave),
            currents: channels.currents.iter().map(|current| current_truth(voltage, current)).collect(),
            residual_a: channels.residual.as_ref().map(Spectrum::true_rms),
            residual_wave: channels.residual.as_ref().map(Spectrum::residual),
        }
    }
}

fn current_truth(voltage: Option<&Spectrum>, current: &Spectrum) -> CurrentTruth {
    let power = voltage.map(|voltage| {
        let common = voltage.lines.iter().map(|(order, v)| v.times_conjugate(current.line(*order)).re);
        let active = common.sum::<f64>() + voltage.signal_dc() * current.signal_dc();
        PowerTruth::new(voltage.rms(), current.rms(), active, voltage.line(1.0), current.line(1.0))
    });
    CurrentTruth { current_a: current.rms(), wave: Some(current.wave()), power }
}

/// The sines of one channel; those of equal order are one line.
struct Spectrum {
    lines: Vec<(f64, Phasor)>,
    noise_rms: f64,
    dc: f64,
    /// DC is a signal.
    with_dc: bool,
}

impl Spectrum {
    fn of(signal: &Signal, with_dc: bool) -> Self {
        let mut lines: Vec<(f64, Phasor)> = Vec::new();
        for component in &signal.components {
            let phasor = Phasor::polar(component.rms, component.phase_deg);
            match lines.iter_mut().find(|(order, _)| order.to_bits() == component.order.to_bits()) {
                Some((_, line)) => *line = line.plus(phasor),
                None => lines.push((component.order, phasor)),
            }
        }
        Self { lines, noise_rms: signal.noise.map_or(0.0, |noise| noise.rms), dc: signal.dc, with_dc }
    }

    fn line(&self, order: f64) -> Phasor {
        let found = self.lines.iter().find(|(other, _)| other.to_bits() == order.to_bits());
        found.map_or_else(Phasor::default, |(_, line)| *line)
    }

    fn rms(&self) -> f64 {
        let squares = self.lines.iter().map(|(_, line)| line.square()).sum::<f64>();
        let dc = self.signal_dc();
        libm::sqrt(squares + self.noise_rms * self.noise_rms + dc * dc)
    }

    /// RMS with the DC of a pulsation: of a residual current it is no offset.
    fn true_rms(&self) -> f64 {
        let ResidualTruth { ac_a, dc_a } = self.residual();
        libm::hypot(ac_a, dc_a)
    }

    fn residual(&self) -> ResidualTruth {
        let squares = self.lines.iter().map(|(_, line)| line.square()).sum::<f64>();
        ResidualTruth { ac_a: libm::sqrt(squares + self.noise_rms * self.noise_rms), dc_a: self.dc }
    }

    fn signal_dc(&self) -> f64 {
        if self.with_dc { self.dc } else { 0.0 }
    }

    fn wave(&self) -> WaveTruth {
        WaveTruth { fundamental: libm::sqrt(self.line(1.0).square()), dc: self.dc, peak: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channels;
    use crate::reference::Quantity;
    use crate::synthesis::{Component, Noise, NoiseShape};

    fn signal(lines: &[(f64, f64, f64)]) -> Signal {
        let components = lines.iter().map(|&(order, rms, phase_deg)| Component { order, rms, phase_deg }).collect();
        Signal { components, ..Signal::default() }
    }

    fn waveform(voltage: Signal, current: Signal) -> Waveform {
        let channels = Channels { voltage: Some(voltage), currents: vec![current], residual: None };
        Waveform { fundamental_hz: 50.0, channels }
    }

    fn assert_near(truth: &Truth, quantity: Quantity, expected: f64, tolerance: f64) {
        let value = truth.value(quantity, 0).unwrap();
        assert!((value - expected).abs() <= tolerance, "{quantity:?} {value} {expected}");
    }

    /// The worked vector of IEEE 1459-2010, single phase, to the last printed digit.
    #[test]
    fn ieee_1459_vector() {
        let voltage = signal(&[(1.0, 230.0, 0.0), (3.0, 6.9, -70.0), (5.0, 11.5, 140.0)]);
        let current = signal(&[(1.0, 10.0, -30.0), (3.0, 4.0, 165.0), (5.0, 3.0, -130.0), (7.0, 2.0, 40.0)]);
        let truth = Truth::of(&waveform(voltage, current));
        for (quantity, expected) in [
            (Quantity::VoltageV, 230.390668),
            (Quantity::CurrentA, 11.357817),
            (Quantity::ActiveW, 1976.027719),
            (Quantity::ReactiveVar, 1150.0),
            (Quantity::ApparentVa, 2616.734977),
            (Quantity::PowerFactor, 0.755150),
            (Quantity::PhaseDeg, 30.0),
            (Quantity::FundamentalV, 230.0),
            (Quantity::FundamentalA, 10.0),
            (Quantity::Thdv, 0.05830952),
            (Quantity::Thdi, 0.53851648),
            (Quantity::FundamentalActiveW, 1991.858429),
            (Quantity::HarmonicActiveW, -15.830710),
            (Quantity::FundamentalApparentVa, 2300.0),
            (Quantity::NonfundamentalVa, 1247.919044),
            (Quantity::CurrentDistortionVa, 1238.587906),
            (Quantity::VoltageDistortionVa, 134.111894),
            (Quantity::HarmonicApparentVa, 72.221465),
            (Quantity::NonactiveVa, 1715.405606),
            (Quantity::FundamentalPowerFactor, 0.866025),
        ] {
            assert_near(&truth, quantity, expected, 5.1e-7);
        }
    }

    /// IEC 62053-21, fifth harmonic in voltage and current: P = 1.04·U1·I1, P/S = 0.960824.
    #[test]
    fn iec_62053_fifth_harmonic() {
        let truth = Truth::of(&waveform(
            signal(&[(1.0, 230.0, 0.0), (5.0, 23.0, 0.0)]),
            signal(&[(1.0, 5.0, 0.0), (5.0, 2.0, 0.0)]),
        ));
        assert_near(&truth, Quantity::ActiveW, 1.04 * 230.0 * 5.0, 1e-9);
        assert_near(&truth, Quantity::CurrentA, 1.077033 * 5.0, 3e-6);
        assert_near(&truth, Quantity::PowerFactor, 0.960824, 5e-7);
        assert_near(&truth, Quantity::ReactiveVar, 0.0, 1e-9);
    }

    #[test]
    fn signs_in_the_four_quadrants() {
        for (lag, active, reactive) in
            [(60.0, 0.5, 0.75), (120.0, -0.5, 0.75), (-120.0, -0.5, -0.75), (-60.0, 0.5, -0.75)]
        {
            let truth = Truth::of(&waveform(Signal::sine(10.0, 77.0), Signal::sine(2.0, 77.0 - lag)));
            assert_near(&truth, Quantity::ActiveW, 20.0 * active, 1e-12);
            let sine = f64::sqrt(0.75) * if reactive > 0.0 { 1.0 } else { -1.0 };
            assert_near(&truth, Quantity::ReactiveVar, 20.0 * sine, 1e-12);
            assert_near(&truth, Quantity::PowerFactor, active, 1e-12);
            assert_near(&truth, Quantity::PhaseDeg, lag, 1e-12);
        }
    }

    #[test]
    fn dc_is_no_part_and_noise_adds_in_quadrature() {
        let noise = Some(Noise { shape: NoiseShape::Gaussian, rms: 3.0, seed: 1 });
        let current = Signal { dc: 5.0, noise, ..Signal::sine(4.0, 0.0) };
        let truth = Truth::of(&waveform(Signal { dc: 100.0, ..Signal::sine(230.0, 0.0) }, current));
        assert_near(&truth, Quantity::CurrentA, 5.0, 1e-12);
        assert_near(&truth, Quantity::VoltageV, 230.0, 1e-12);
        assert_near(&truth, Quantity::ActiveW, 920.0, 1e-9);
    }

    /// RMS 5 of 3 and 4, P of 230·4 and 2·3; the DC is harmonic by IEEE 1459.
    #[test]
    fn dc_as_a_signal_counts_in_rms_power_and_distortion() {
        let current = Signal { dc: 3.0, ..Signal::sine(4.0, 0.0) };
        let truth = Truth::with_dc(&waveform(Signal { dc: 2.0, ..Signal::sine(230.0, 0.0) }, current));
        for (quantity, expected) in [
            (Quantity::CurrentA, 5.0),
            (Quantity::CurrentDcA, 3.0),
            (Quantity::VoltageDcV, 2.0),
            (Quantity::ActiveW, 926.0),
            (Quantity::HarmonicActiveW, 6.0),
            (Quantity::Thdi, 0.75),
            (Quantity::HarmonicApparentVa, 6.0),
        ] {
            assert_near(&truth, quantity, expected, 1e-9);
        }
    }

    #[test]
    fn sines_of_one_order_are_one_line_and_silence_has_no_angle() {
        let opposed = signal(&[(1.0, 2.0, 0.0), (1.0, 2.0, 90.0)]);
        let truth = Truth::of(&waveform(Signal::sine(1.0, 0.0), opposed));
        assert_near(&truth, Quantity::CurrentA, f64::sqrt(8.0), 1e-12);
        let silent = Truth::of(&waveform(Signal::sine(1.0, 40.0), Signal::default()));
        assert_near(&silent, Quantity::PowerFactor, 0.0, 0.0);
        assert_near(&silent, Quantity::PhaseDeg, 0.0, 0.0);
    }

    #[test]
    fn without_voltage_a_current_has_no_power() {
        let channels = Channels { voltage: None, currents: vec![Signal::sine(2.0, 0.0)], residual: None };
        let truth = Truth::of(&Waveform { fundamental_hz: 50.0, channels });
        assert_eq!(truth.value(Quantity::CurrentA, 0), Some(2.0));
        assert!(
            [Quantity::FrequencyHz, Quantity::VoltageV, Quantity::ActiveW, Quantity::ResidualA]
                .iter()
                .all(|quantity| truth.value(*quantity, 0).is_none())
        );
        assert_eq!(truth.value(Quantity::CurrentA, 1), None);
    }
}
