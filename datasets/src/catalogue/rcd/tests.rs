//! The decisions are those of the norm.

use super::*;
use crate::catalogue::{Trial, rcd_type_a};
use std::collections::BTreeSet;

fn decision<'a>(suite: &'a Suite, row: &str, rated_a: f64, characteristic: Characteristic) -> &'a Decision {
    let wanted = |decision: &&Decision| {
        decision.row == row && (decision.rated_a - rated_a).abs() < 1e-9 && decision.characteristic == characteristic
    };
    suite.decisions.iter().find(wanted).unwrap_or_else(|| panic!("{row}, {rated_a}, {characteristic:?}"))
}

/// Currents and times of IEC 61008-1, written down once more.
#[test]
fn rows_have_the_norms_currents_and_times() {
    use Characteristic::{General, Selective, ShortDelay};
    let suite = rcd_type_a();
    for (row, rated_a, characteristic, rms, after_s, norm_s) in [
        ("sine, 1 x", 0.03, General, 0.03, 0.0, 0.3),
        ("sine, 2 x", 0.3, Selective, 0.6, 0.06, 0.2),
        ("sine, 5 x", 0.1, Selective, 0.5, 0.05, 0.15),
        ("sine, 500 A", 0.5, Selective, 500.0, 0.04, 0.15),
        ("half-wave, 1.4 x", 0.03, General, 0.042, 0.0, 0.3),
        ("half-wave, 1.4 x", 0.01, General, 0.02, 0.0, 0.3),
        ("half-wave, 7 x", 0.006, ShortDelay, 0.06, 0.01, 0.04),
        ("half-wave, 0.35 A", 0.01, General, 0.5, 0.0, 0.04),
        ("135 degrees, 2.8 x", 0.1, General, 0.28, 0.0, 0.15),
    ] {
        let decision = decision(&suite, row, rated_a, characteristic);
        let Asked::Trip { after_s: after, norm_s: norm, within_s } = decision.asked else { panic!("{row}") };
        assert!((after - after_s).abs() < 1e-12 && (norm - norm_s).abs() < 1e-12 && within_s <= norm, "{row}");
        for trial in decision.trials() {
            assert!((trial.faults[0].rms - rms).abs() < 1e-12, "{row} {rated_a}");
        }
    }
    for (row, rated_a, lower, upper) in [
        ("sine, slowly rising", 0.03, 0.5, 1.0),
        ("half-wave, slowly rising", 0.03, 0.35, 1.4),
        ("90 degrees, slowly rising", 0.01, 0.25, 2.0),
        ("135 degrees, slowly rising", 0.5, 0.11, 1.4),
    ] {
        let decision = decision(&suite, row, rated_a, General);
        let Asked::TripCurrent { above, up_to } = decision.asked else { panic!("{row}") };
        assert!((above - lower * rated_a).abs() < 1e-12 && (up_to - upper * rated_a).abs() < 1e-12, "{row}");
        for trial in decision.trials() {
            // At the upper limit after 30 s.
            assert!((trial.rms_at(trial.onset_s() + 30.0) - up_to).abs() < 1e-12, "{row}");
        }
    }
    let small = suite.decisions.iter().filter(|decision| decision.characteristic == Selective);
    assert!(small.map(|decision| decision.rated_a).all(|rated| rated > 0.03));
}

/// 50 and 60 Hz, three sensors, both polarities, three smooth direct currents, 16 points on the wave.
#[test]
fn an_operating_row_is_tried_everywhere() {
    let suite = rcd_type_a();
    let trials = decision(&suite, "135 degrees, 1.4 x", 0.03, Characteristic::General).trials();
    assert_eq!(trials.len(), 2 * 3 * 2 * 3 * 16);
    let distinct = |of: &dyn Fn(&Trial) -> String| trials.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(&|trial| format!("{}", trial.mains_hz)), 2);
    assert_eq!(distinct(&|trial| format!("{:?}", trial.corner_hz)), 3);
    assert_eq!(distinct(&|trial| format!("{}", trial.faults[0].negative)), 2);
    assert_eq!(distinct(&|trial| format!("{}", trial.faults[0].start_deg)), 16);
    assert_eq!(distinct(&|trial| format!("{:?}", trial.faults.get(1).map(|dc| (dc.negative, dc.from_s > 0.0)))), 5);
    assert_eq!(distinct(&|trial| format!("{} {}", trial.has_voltage, trial.nominal_hz)), 4);
    let names: BTreeSet<String> = suite.decisions.iter().map(Decision::name).collect();
    assert_eq!(names.len(), suite.decisions.len());
}

/// A pulse of 135 degrees at seven times the rated current is seen whole: its peak is 32.8 times.
#[test]
fn the_sensor_shows_the_highest_pulse_of_the_norm() {
    let suite = rcd_type_a();
    let decision = decision(&suite, "135 degrees, 7 x", 0.03, Characteristic::General);
    let trial =
        decision.trials().into_iter().find(|trial| trial.corner_hz.is_none() && trial.faults.len() == 1).unwrap();
    let peak = trial.residual(64_000.0, decision.range_a).iter().fold(0.0, |peak: f64, x| peak.max(x.abs()));
    assert!((peak / 0.03 - 32.8).abs() < 0.2 && peak < decision.range_a, "{peak}");
}
