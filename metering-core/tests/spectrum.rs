//! A spectrum asked of the meter itself, through its own lock.
#![cfg(feature = "harmonics")]

mod common;

use common::{AMPERE, Mains};
use metering_core::config::ChannelName;
use metering_core::harmonics::Spectrum;
use metering_core::quantity::Ampere;
use metering_core::reading::Reading;
use metering_core::{Block, Meter, Sink};

#[derive(Default)]
struct Spectra(Vec<(ChannelName, Spectrum)>);

impl Sink<1> for Spectra {
    fn window(&mut self, _reading: &Reading<1>) {}

    fn spectrum(&mut self, channel: ChannelName, spectrum: &Spectrum) {
        self.0.push((channel, spectrum.clone()));
    }
}

/// All orders to the 50th at once: within 50 ppm of the fundamental at 24 bits, 0.1 % at 12 bits.
#[test]
fn the_current_of_a_meter_to_the_50th_order() {
    for (bits, ppm) in [(24, 50.0), (12, 1_000.0)] {
        for hertz in [42.5, 47.3, 50.0, 60.0, 69.0] {
            let harmonics = (2..=50).map(|order| (f64::from(order), 0.5 / f64::from(order))).collect();
            let volt_harmonics = vec![(3.0, 0.05), (5.0, 0.03)];
            let mains = Mains { hertz, bits, ampere: 5.0, harmonics, volt_harmonics, ..Mains::default() };
            let (v, i) = mains.codes(2.0, |code| code);
            let mut meter = Meter::<i32, 1>::new(mains.config());
            let mut spectra = Spectra::default();
            let (then, now) = (v.split_at(9_000), i.split_at(9_000));
            meter.push(&Block { voltage: then.0, currents: [now.0], residual: &[] }, &mut spectra);
            assert!(spectra.0.is_empty());
            meter.request_spectrum(ChannelName::Current(0));
            for (v, i) in then.1.chunks(37).zip(now.1.chunks(37)) {
                meter.push(&Block { voltage: v, currents: [i], residual: &[] }, &mut spectra);
            }
            let [(channel, spectrum)] = &spectra.0[..] else { panic!("{} spectra", spectra.0.len()) };
            assert_eq!(*channel, ChannelName::Current(0));
            let mut worst = 0f64;
            for order in 1..=spectrum.orders() {
                let truth = if order == 1 { 5.0 } else { 2.5 / f64::from(order) };
                let measured = spectrum.ampere(order, Ampere::from_num(AMPERE)).unwrap().to_num::<f64>();
                worst = worst.max((measured - truth).abs() / 5.0 * 1e6);
            }
            println!("{bits} bits, {hertz} Hz: {worst:.2} ppm of the fundamental");
            assert!(worst < ppm, "{worst}");
        }
    }
}

/// A request may name any current: one that is not configured gives a spectrum of zeros.
#[test]
fn a_current_that_is_not_there_has_no_harmonics() {
    let mains = Mains { bits: 16, ..Mains::default() };
    let (v, i) = mains.codes(2.0, |code| code);
    for number in [1, 29, 32, 64, usize::MAX] {
        let mut meter = Meter::<i32, 1>::new(mains.config());
        let mut spectra = Spectra::default();
        meter.request_spectrum(ChannelName::Current(number));
        meter.push(&Block { voltage: &v, currents: [&i], residual: &[] }, &mut spectra);
        assert!(!spectra.0.is_empty());
        for (channel, spectrum) in &spectra.0 {
            assert_eq!(*channel, ChannelName::Current(number));
            for order in 1..=spectrum.orders() {
                assert_eq!(spectrum.ampere(order, Ampere::from_num(AMPERE)), Some(Ampere::ZERO), "{order}");
            }
        }
    }
}
