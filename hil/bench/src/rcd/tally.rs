//! What the trials of one decision came to: times, trip currents, misses and false trips.
//!
//! In come outcomes, out go checks. This file must not know how an outcome was found.

use datasets::catalogue::{Asked, Trial};

use crate::report::Check;

/// Wrong trials that are told by name; all are counted.
const TOLD: usize = 3;

/// Counts.
pub(super) struct Tally {
    asked: Asked,
    rate_hz: f64,
    misses: u32,
    false_trips: u32,
    /// Least and greatest of what is asked for: seconds from onset to decision, or ampere.
    least: f64,
    most: f64,
    wrong: Vec<String>,
}

impl Tally {
    pub(super) fn new(asked: Asked, rate_hz: f64) -> Self {
        let (least, most) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { asked, rate_hz, misses: 0, false_trips: 0, least, most, wrong: Vec::new() }
    }

    /// Counts a trial that tripped at a frame, or did not; tells whether that is right.
    pub(super) fn count(&mut self, trial: &Trial, tripped: Option<u64>) -> bool {
        let onset_s = trial.onset_s();
        let at_s = tripped.map(|frame| frame as f64 / self.rate_hz);
        let wrong = match (self.asked, at_s) {
            (Asked::Stay, Some(at_s)) => {
                self.false_trips += 1;
                Some(format!("trips after {:.1} ms", (at_s - onset_s) * 1e3))
            }
            (Asked::Stay, None) => None,
            (_, None) => {
                self.misses += 1;
                Some("does not trip".into())
            }
            (_, Some(at_s)) if at_s < onset_s => {
                self.false_trips += 1;
                Some("trips before the current".into())
            }
            (Asked::Trip { after_s, within_s, .. }, Some(at_s)) => {
                let after = at_s - onset_s;
                self.range(after);
                (after < after_s || after > within_s).then(|| format!("trips after {:.2} ms", after * 1e3))
            }
            (Asked::TripCurrent { above, up_to }, Some(at_s)) => {
                let current = trial.rms_at(at_s);
                self.range(current);
                (current <= above || current > up_to).then(|| format!("trips at {:.3} mA", current * 1e3))
            }
        };
        let is_right = wrong.is_none();
        if let Some(what) = wrong.filter(|_| self.wrong.len() < TOLD) {
            self.wrong.push(format!("{what}: {}", trial.words()));
        }
        is_right
    }

    fn range(&mut self, value: f64) {
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    /// Checks and what is wrong, for a point of the report.
    pub(super) fn verdict(self, suite: &str, point: &str) -> (Vec<Check>, Vec<String>) {
        let mut checks = Vec::new();
        let mut check = |quantity: &str, unit: &str, expected: f64, measured: f64, error: f64, limit: f64| {
            checks.push(Check {
                suite: suite.to_owned(),
                point: point.to_owned(),
                ..Check::absolute(quantity, unit, (expected, measured), error, limit)
            });
        };
        match self.asked {
            Asked::Trip { after_s, within_s, norm_s } => {
                let most = self.most * 1e3;
                check("decision_ms", "ms", 0.0, most, most, within_s * 1e3);
                check("break_ms", "ms", 0.0, most, most, norm_s * 1e3);
                if after_s > 0.0 {
                    // By what the earliest is short of the non-actuating time, to the sample.
                    let short = (after_s - self.least).max(0.0) * 1e3;
                    check("earliest_ms", "ms", after_s * 1e3, self.least * 1e3, short, 1e3 / self.rate_hz);
                }
            }
            Asked::TripCurrent { above, up_to } => {
                let (middle, half) = (500.0 * (up_to + above), 500.0 * (up_to - above));
                for current in [self.least * 1e3, self.most * 1e3] {
                    check("trip_ma", "mA", middle, current, current - middle, half);
                }
            }
            Asked::Stay => {}
        }
        if self.asked != Asked::Stay {
            check("misses", "", 0.0, f64::from(self.misses), f64::from(self.misses), 0.5);
        }
        check("false_trips", "", 0.0, f64::from(self.false_trips), f64::from(self.false_trips), 0.5);
        (checks, self.wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::catalogue::rcd_type_a;

    /// What a tally says of one trial whose current begins at 0.6 s.
    fn said(asked: Asked, tripped_s: Option<f64>) -> (Vec<String>, usize) {
        let suite = rcd_type_a();
        let trial = &suite.decisions[0].trials()[0];
        assert!((trial.onset_s() - 0.6).abs() < 1e-12);
        let mut tally = Tally::new(asked, 8000.0);
        tally.count(trial, tripped_s.map(|seconds| (seconds * 8000.0).round() as u64));
        let (checks, wrong) = tally.verdict("suite", "point");
        (checks.iter().filter(|check| !check.pass).map(|check| check.quantity.clone()).collect(), wrong.len())
    }

    #[test]
    fn every_wrong_decision_is_seen() {
        let trip = Asked::Trip { after_s: 0.06, within_s: 0.1, norm_s: 0.2 };
        assert_eq!(said(trip, Some(0.68)), (vec![], 0));
        assert_eq!(said(trip, Some(0.72)), (vec!["decision_ms".into()], 1));
        assert_eq!(said(trip, Some(0.81)), (vec!["decision_ms".into(), "break_ms".into()], 1));
        assert_eq!(said(trip, Some(0.65)), (vec!["earliest_ms".into()], 1));
        assert!(said(trip, None).0.contains(&"misses".to_owned()));
        assert!(said(trip, Some(0.5)).0.contains(&"false_trips".to_owned()));
        assert_eq!(said(Asked::Stay, None), (vec![], 0));
        assert_eq!(said(Asked::Stay, Some(0.7)), (vec!["false_trips".into()], 1));
        // The trial is 6 mA, sudden.
        assert_eq!(said(Asked::TripCurrent { above: 0.003, up_to: 0.006 }, Some(0.7)), (vec![], 0));
        let (checks, wrong) = said(Asked::TripCurrent { above: 0.001, up_to: 0.005 }, Some(0.7));
        assert!(checks.contains(&"trip_ma".to_owned()) && wrong == 1);
    }
}
