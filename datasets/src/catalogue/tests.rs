//! The catalogue holds what it promises.

use super::*;
use crate::quantise::Quantiser;
use std::collections::BTreeSet;

#[test]
fn names_are_unique_and_nothing_clips() {
    for suite in synthetic() {
        let names = suite.points.iter().map(|point| &point.name).collect::<BTreeSet<_>>();
        assert_eq!(names.len(), suite.points.len(), "{}", suite.name);
        for point in suite.points.iter().filter(|point| point.quick) {
            let samples = point.samples();
            for (samples, range) in samples.zip(&point.ranges).iter() {
                let adc = Quantiser { bits: point.adc_bits, range: **range };
                assert_eq!(adc.quantise(samples).clipped, 0, "{}", point.name);
            }
            assert_eq!(samples.count(), point.ranges.count());
        }
    }
}

#[test]
fn the_quick_sines_reach_every_value_of_the_grid() {
    let suite = sine();
    let quick = suite.points.iter().filter(|point| point.quick).collect::<Vec<_>>();
    assert!((10..=18).contains(&quick.len()), "{}", quick.len());
    let parts = |points: &[&Point]| {
        points.iter().flat_map(|point| point.name.split(", ").take(3).map(str::to_owned)).collect::<BTreeSet<_>>()
    };
    assert_eq!(parts(&quick), parts(&suite.points.iter().collect::<Vec<_>>()));
    assert!(quick.iter().any(|point| point.ranges.residual.is_some()));
}

#[test]
fn expected_values_and_limits_of_a_point() {
    let suite = sine();
    let point = suite.points.iter().find(|point| point.name == "50 Hz, PF 0.8 leading, 5 % I").unwrap();
    assert_eq!((point.nominal_hz, point.cycles_per_window(), point.windows, point.skip_windows), (50, 10, Some(8), 5));
    let near = |value: Option<f64>, expected: f64| (value.unwrap() - expected).abs() < 1e-9;
    assert!(near(point.expected.value(Quantity::ActiveW, 0), 230.0 * 0.8 * 0.8));
    assert!(near(point.expected.value(Quantity::ReactiveVar, 0), -230.0 * 0.8 * 0.6));
    assert!(near(point.allowed(Quantity::ActiveW, 0), 230.0 * 0.8 * 1e-4));
    assert!(near(point.allowed(Quantity::VoltageV, 0), 0.023));
    assert!(near(point.allowed(Quantity::FrequencyHz, 0), 0.005));
    assert_eq!(point.allowed(Quantity::ResidualA, 0), None);
    assert_eq!(point.allowed(Quantity::PowerFactor, 0), None);
    assert_eq!(point.samples().currents[0].len(), 83 * 160);
}

#[test]
fn the_same_bits_on_every_machine() {
    // FNV-1a over the codes of the quick sines: sin and cos come from libm, so no machine may differ.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for point in sine().points.iter().filter(|point| point.quick) {
        let samples = point.samples();
        for (samples, range) in samples.zip(&point.ranges).iter() {
            for code in (Quantiser { bits: point.adc_bits, range: **range }).quantise(samples).codes {
                for byte in code.to_le_bytes() {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                }
            }
        }
    }
    assert_eq!(hash, 0x1b24_3482_38ac_ed75, "{hash:#018x}");
}
