//! Calm cycles, of which the stage keeps only halves: they change nothing that is told, wherever the blocks are cut.
#![cfg(feature = "residual")]

mod current;

use current::{Form, Heard, Primary, RATE, Sensor, codes, monitored};
use metering_core::config::{Config, Settings};
use metering_core::quantity::SampleRate;
use metering_core::residual::Change;
use metering_core::{Block, Meter, Sample};
use proptest::prelude::*;

const RATED: f64 = 0.03;
const SENSORS: [Sensor; 3] = [Sensor::Direct, Sensor::Transformer(1.0), Sensor::Transformer(5.0)];

/// A leakage that stands, and a current that is added to it.
fn samples(leakage: f64, primary: &Primary, sensor: Sensor, seconds: f64) -> Vec<f64> {
    let standing = Primary { rms: leakage, start_deg: 77.0, onset_s: 0.0, ..Primary::default() };
    let added = primary.samples(sensor, seconds);
    standing.samples(sensor, seconds).iter().zip(added).map(|(a, b)| a + b).collect()
}

fn hear<S: Sample>(codes: &[S], bits: u32, sensor: Sensor, windows_only: bool, cuts: &[usize]) -> Heard {
    hear_at(RATE, codes, bits, sensor, windows_only, cuts)
}

/// The same with another rate told: half a cycle has another number of frames.
fn hear_at<S: Sample>(rate: f64, codes: &[S], bits: u32, sensor: Sensor, windows_only: bool, cuts: &[usize]) -> Heard {
    let mut heard = Heard { windows_only, ..Heard::default() };
    let settings = monitored(sensor, bits, RATED, |_| ());
    let settings = Settings { sample_rate: SampleRate::from_num(rate), ..settings };
    let mut meter = Meter::<S, 0>::new(Config::new(settings).unwrap());
    let mut rest = codes;
    for &length in cuts.iter().cycle() {
        let (now, later) = rest.split_at(length.min(rest.len()));
        meter.push(&Block { voltage: &[], currents: [], residual: now }, &mut heard);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    heard
}

/// The same limits as without a leakage, and an interval from what a stage says that tells all intervals apart.
#[test]
fn a_fault_on_top_of_a_leakage_is_decided_in_time() {
    let mut differs = false;
    for (form, rms, limit) in [
        (Form::Sine, 1.0, 20e-3),
        (Form::Sine, 5.0, 5e-3),
        (Form::Pulses(0.0), 1.4, 22e-3),
        (Form::Pulses(90.0), 2.8, 22e-3),
        (Form::Pulses(135.0), 7.0, 22e-3),
    ] {
        let mut furthest = 0f64;
        for (sensor, n) in SENSORS.into_iter().flat_map(|sensor| (0..16u8).map(move |n| (sensor, n))) {
            let primary = Primary {
                form,
                rms: rms * RATED,
                start_deg: f64::from(n) * 22.5,
                onset_s: 0.7003 + 0.00137 * f64::from(n),
                negative: n % 2 == 0,
                ..Primary::default()
            };
            // Below the 0.265 times from which on every interval is told apart.
            let codes = codes::<i32>(&samples(0.2 * RATED, &primary, sensor, 0.8), 24, 40.0 * RATED);
            let [calm, each] = [true, false].map(|windows_only| {
                let heard = hear(&codes, 24, sensor, windows_only, &[codes.len()]);
                let alarm = heard.notices.iter().find(|notice| notice.change == Change::Alarm(true));
                alarm.map_or(f64::INFINITY, |notice| notice.frame as f64 / RATE - primary.onset_s)
            });
            assert!(calm > 0.0 && calm <= limit && each <= limit, "{sensor:?} {primary:?}: {calm} {each}");
            furthest = furthest.max((calm - each).abs());
        }
        println!("{form:?} at {rms} times rated: {:.3} ms apart at most", furthest * 1e3);
        assert!(furthest <= 1.26e-3, "{form:?}: {furthest}");
        differs |= furthest > 0.0;
    }
    assert!(differs, "no cycle was calm");
}

/// A leakage below every response never trips, whichever part of it is told apart.
#[test]
fn a_leakage_alone_brings_nothing() {
    for (sensor, n) in SENSORS.into_iter().flat_map(|sensor| (1..8u8).map(move |n| (sensor, n))) {
        let leakage = 0.04 * f64::from(n) * RATED;
        let nothing = Primary { rms: 0.0, ..Primary::default() };
        let codes = codes::<i16>(&samples(leakage, &nothing, sensor, 2.0), 16, 40.0 * RATED);
        for windows_only in [true, false] {
            assert!(hear(&codes, 16, sensor, windows_only, &[64]).notices.is_empty(), "{sensor:?} {leakage}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// Neither a notice nor a reading depends on the blocks, with codes of each kind.
    #[test]
    fn block_cuts_change_nothing(
        cuts in prop::collection::vec(1usize..300, 1..8),
        leakage in 0.0..0.4,
        times in 0.1..8.0,
        onset_s in 0.6..0.75,
        hertz in 42.5..69.0,
        pulses: bool,
        sensor in 0usize..3,
        rate in 2_000.0..16_000.0,
    ) {
        let form = if pulses { Form::Pulses(90.0) } else { Form::Sine };
        let primary = Primary { form, rms: times * RATED, hertz, onset_s, end_s: 0.9, ..Primary::default() };
        let sensor = SENSORS[sensor];
        let samples = samples(leakage * RATED, &primary, sensor, 1.3);
        let told = |cuts: &[usize], bits| {
            let codes = codes::<i32>(&samples, bits, 40.0 * RATED);
            let heard = match bits {
                24 => hear_at(rate, &codes, 24, sensor, true, cuts),
                16 => {
                    let narrow: Vec<i16> = codes.iter().map(|&code| code as i16).collect();
                    hear_at(rate, &narrow, 16, sensor, true, cuts)
                }
                _ => {
                    let offset: Vec<u16> = codes.iter().map(|&code| (code + (1 << (bits - 1))) as u16).collect();
                    hear_at(rate, &offset, bits, sensor, true, cuts)
                }
            };
            (heard.notices, heard.windows)
        };
        for bits in [24, 16, 12] {
            let whole = told(&[samples.len()], bits);
            prop_assert_eq!(&whole, &told(&cuts, bits));
            prop_assert_eq!(&whole, &told(&[1], bits));
        }
    }
}
