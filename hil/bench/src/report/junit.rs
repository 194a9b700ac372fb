//! `junit.xml`: the run as build servers read it.
//!
//! In: a run. Out: one test suite per suite and one test case per point; skipped points as skipped, a lost board as an
//! error. It must not know more of a point than the model concludes.

use super::{
    format,
    model::{PointResult, Run},
};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The whole document.
pub fn document(run: &Run) -> String {
    let mut report = Report::new("hil");
    let mut names = run.suites();
    for skipped in &run.skipped {
        if !names.contains(&skipped.suite.as_str()) {
            names.push(&skipped.suite);
        }
    }
    for name in names {
        let mut suite = TestSuite::new(name);
        suite.add_property(("board", run.board.as_str()));
        suite.add_property(("firmware", run.firmware.as_str()));
        for point in run.points_of(name) {
            suite.add_test_case(case(point));
        }
        for skipped in run.skipped.iter().filter(|skipped| skipped.suite == name) {
            let mut status = TestCaseStatus::skipped();
            status.set_message(skipped.reason.as_str());
            suite.add_test_case(TestCase::new(skipped.point.as_str(), status));
        }
        report.add_test_suite(suite);
    }
    if let Some(reason) = &run.broken {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(reason.as_str()).set_type("board lost");
        let mut suite = TestSuite::new("bench");
        suite.add_test_case(TestCase::new(format!("board {}", run.board), status));
        report.add_test_suite(suite);
    }
    report.to_string().expect("a report in memory always serialises")
}

fn case(point: &PointResult) -> TestCase {
    let status = if point.pass() {
        TestCaseStatus::success()
    } else {
        let reasons = point.reasons();
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(reasons[0].as_str()).set_type("limit").set_description(reasons.join("\n"));
        status
    };
    let mut case = TestCase::new(point.point.as_str(), status);
    case.set_classname(point.suite.as_str());
    case.set_time(Duration::try_from_secs_f64(point.seconds).unwrap_or_default());
    if let Some(digest) = point.digest {
        case.add_property(("digest", format::digest(digest).as_str()));
    }
    case
}
