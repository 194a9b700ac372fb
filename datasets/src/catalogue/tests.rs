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
    assert_eq!(hash, 0x1ecb_a8e2_2d11_f11f, "{hash:#018x}");
}

/// The emulated board takes 20 kB/s: the quick points of the metering norms fit into three minutes, those of all suites
/// into what the quick profile may last.
#[test]
fn the_quick_points_suit_a_slow_line() {
    let bytes = |point: &Point| point.frames() * point.ranges.count() * if point.adc_bits <= 16 { 2 } else { 3 };
    let quick = |suite: &Suite| suite.points.iter().filter(|point| point.quick).map(bytes).sum::<usize>();
    for suite in [iec62053(), ieee1459(), iec61000_4_30(), dynamics()] {
        assert!(quick(&suite) > 0, "{}", suite.name);
    }
    let norms: usize = [iec62053(), ieee1459(), iec61000_4_30(), dynamics()].iter().map(quick).sum();
    assert!(norms <= 2_500_000, "{norms}");
}

/// Limits of the catalogue meet a truth: a quantity that is limited is known at every point that limits it.
#[test]
fn what_is_limited_is_known() {
    for suite in synthetic() {
        for point in &suite.points {
            let own = point.limits.iter().map(|limit| (&point.expected, limit));
            let spans = point.spans.iter().flat_map(|span| span.limits.iter().map(|limit| (&span.expected, limit)));
            for (truth, (quantity, limit)) in own.chain(spans) {
                let needless = *quantity == Quantity::ResidualA && point.ranges.residual.is_none();
                let allowed = limit.allowed(truth, *quantity, 0);
                assert!(needless || allowed.is_some_and(|allowed| allowed > 0.0), "{}: {quantity:?}", point.name);
            }
        }
    }
}

/// The points of the norms have the norms' own values.
#[test]
fn expected_values_of_the_norms() {
    let expected = |suite: Suite, name: &str, quantity| {
        suite.points.iter().find(|point| point.name == name).unwrap().expected.value(quantity, 0).unwrap()
    };
    let vector = |quantity| expected(ieee1459(), "vector, phases, 24 bits, 8 kHz, from 45 deg", quantity);
    assert!((vector(Quantity::ActiveW) - 1976.027719).abs() < 1e-6);
    assert!((vector(Quantity::NonactiveVa) - 1715.405606).abs() < 1e-6);
    let burst = |quantity| expected(iec62053(), "burst fire, mean, 24 bits, 8 kHz", quantity);
    assert!((burst(Quantity::ActiveW) / (230.0 * 8.0) - 0.5).abs() < 1e-9);
    assert!((burst(Quantity::CurrentA) / 8.0 - f64::sqrt(0.5)).abs() < 1e-6);
    let half = |quantity| expected(iec62053(), "half-wave, 24 bits, 8 kHz, 50 Hz", quantity);
    assert!((half(Quantity::CurrentDcA) / 8.0 - 0.450158).abs() < 1e-6);
    assert!((half(Quantity::CurrentA) / 8.0 - f64::sqrt(0.5)).abs() < 1e-4);
    let fired = |quantity| expected(iec62053(), "phase-fired 90, 24 bits, 8 kHz, 50 Hz", quantity);
    assert!((fired(Quantity::ReactiveVar) / (230.0 * 8.0) - core::f64::consts::FRAC_1_PI).abs() < 1e-9);
}
