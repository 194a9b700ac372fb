//! The fuzz targets in stable Rust without libFuzzer: what they found, and random cases.
#![cfg(all(feature = "aggregates", feature = "harmonics"))]

#[path = "../fuzz/src/harmonics.rs"]
mod harmonics;
#[path = "../fuzz/src/meter.rs"]
mod meter;
#[path = "../fuzz/src/settings.rs"]
mod settings;

use std::fs;
use std::path::Path;

use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::{Block, Meter};
use proptest::prelude::*;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target);
    let cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!cases.is_empty());
    for case in cases {
        println!("{}", case.display());
        body(&fs::read(case).unwrap());
    }
}

#[test]
fn found_cases_of_the_meter() {
    replay("meter", meter::meter);
}

#[test]
fn found_cases_of_the_harmonics() {
    replay("harmonics", harmonics::harmonics);
}

/// Found: the peak was that of the codes before they were clamped.
#[test]
fn the_peak_is_of_the_clamped_codes() {
    let voltage = Some(Channel::new(Volt::const_from_int(1)));
    let config = Config::<i32, 1>::new(Settings { voltage, ..Settings::new(SampleRate::const_from_int(8_000), 24) });
    let codes: Vec<i32> = (0..8_000).map(|n| if (n / 80) % 2 == 0 { i32::MAX } else { i32::MIN }).collect();
    let mut peak = Volt::ZERO;
    let mut listen = |reading: &Reading<1>| peak = peak.max(reading.voltage.unwrap().peak);
    Meter::new(config.unwrap()).push(&Block { voltage: &codes, currents: [&[]], residual: &[] }, &mut listen);
    assert!(peak > 0 && peak <= 2, "{peak}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn random_cases(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        meter::meter(&bytes);
        harmonics::harmonics(&bytes);
    }
}
