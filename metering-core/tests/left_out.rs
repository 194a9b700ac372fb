//! The core without its default features: what is left out is refused or stays zero, the rest meters as ever.
#![cfg(not(any(feature = "residual", feature = "energy")))]

use std::f64::consts::TAU;

use metering_core::calibration::Channel;
use metering_core::config::{Config, ConfigError, Settings};
use metering_core::energy::Energy;
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::{Residual, ResidualFault};
use metering_core::{Block, Meter};

fn settings() -> Settings<1> {
    Settings {
        voltage: Some(Channel::new(Volt::const_from_int(400))),
        currents: [Some(Channel::new(Ampere::const_from_int(25)))],
        ..Settings::new(SampleRate::const_from_int(8_000), 16)
    }
}

#[test]
fn a_residual_channel_is_refused() {
    let residual = Some(Residual::new(Channel::new(Ampere::ONE)));
    let error = Config::<i16, 1>::new(Settings { residual, ..settings() }).unwrap_err();
    assert_eq!(error, ConfigError::Residual(ResidualFault::LeftOut));
}

/// 230 V and 10 A at 50 Hz, the current 60 degrees behind, with 800 frames lost after a second.
#[test]
fn all_but_energy_is_metered() {
    let mut meter = Meter::new(Config::<i16, 1>::new(settings()).unwrap());
    let mut readings = Vec::new();
    let mut take = |reading: &Reading<1>| readings.push(*reading);
    let code =
        |n: u32, part: f64, lag: f64| (part * 32_768.0 * (f64::from(n) / 160.0 * TAU - lag).sin()).round() as i16;
    for from in (0..8_000).chain(8_800..24_000).step_by(100) {
        if from == 8_800 {
            meter.gap(800, &mut take);
        }
        let voltage: Vec<_> = (from..from + 100).map(|n| code(n, 230.0 * 2f64.sqrt() / 400.0, 0.0)).collect();
        let current: Vec<_> = (from..from + 100).map(|n| code(n, 10.0 * 2f64.sqrt() / 25.0, TAU / 6.0)).collect();
        meter.push(&Block { voltage: &voltage, currents: [&current], residual: &[] }, &mut take);
    }
    let elapsed: f64 = readings.iter().map(|reading| reading.elapsed.to_num::<f64>()).sum();
    let end = readings.last().unwrap().end_frame as f64 / 8_000.0;
    assert!((elapsed - end).abs() < 2.0 / 8_000.0, "{elapsed} s of {end} s");
    let reading = readings.last().unwrap();
    assert!(reading.flags.is_empty() && reading.residual.is_none());
    let current = reading.currents[0].unwrap();
    assert!((reading.voltage.unwrap().rms.to_num::<f64>() - 230.0).abs() < 0.02);
    assert!((current.rms.to_num::<f64>() - 10.0).abs() < 0.001);
    assert!((current.power.unwrap().active.to_num::<f64>() - 1_150.0).abs() < 0.2);
    assert!(readings.iter().all(|reading| reading.currents[0].unwrap().energy == Energy::default()));
}
