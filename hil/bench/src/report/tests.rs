//! What the outputs of one run promise, read back the way their readers do.

use super::{Verdict, html, json, junit, model::Check, plots, sample, table, write_all};
use std::fs;

#[test]
fn the_model_concludes() {
    let mut run = sample::run();
    assert_eq!(run.verdict(), Verdict::Pass, "{}", table::render(&run, false));
    assert_eq!(run.suites(), ["sine", "recorded"]);
    assert_eq!(run.points[0].worst_checks().len(), 6);
    run.points[3].failures.push("digest differs from the host's".to_owned());
    assert_eq!((run.verdict(), run.passed()), (Verdict::Fail, run.points.len() - 1));
    run.broken = Some("the emulator ended".to_owned());
    assert_eq!(run.verdict(), Verdict::Broken);
    run = super::Run::default();
    assert_eq!(run.verdict(), Verdict::Empty);
    run.points.push(super::PointResult::default());
    assert_eq!((run.verdict(), run.points[0].reasons().len()), (Verdict::Fail, 1));
}

#[test]
fn a_line_that_is_not_good_is_told() {
    let mut run = sample::run();
    assert!(!table::render(&run, false).contains("the line"));
    (run.resent, run.damaged) = (12, 3);
    let told = table::render(&run, false);
    let lines: Vec<&str> = told.lines().rev().take(2).collect();
    assert!(lines[0].starts_with("PASS"), "{told}");
    assert!(lines[1].contains("12 requests were sent again, 3 answers came damaged"), "{told}");
}

#[test]
fn the_worst_window_is_a_failed_one_or_the_largest() {
    let mut point = sample::run().points.swap_remove(0);
    point.checks.truncate(1);
    let first = point.checks[0].clone();
    point.checks[0] = Check { error: -90.0, ..first.clone() };
    point.checks.push(Check { error: 20.0, window: 6, ..first.clone() });
    assert_eq!(point.worst_checks()[0].window, first.window);
    point.checks.push(Check { error: 10.0, pass: false, window: 7, ..first.clone() });
    assert_eq!(point.worst_checks()[0].window, 7);
    assert!(!Check::holds(f64::NAN, 1.0));
    assert!(Check { error: 1.0, limit: 0.0, ..first.clone() }.used().is_infinite());
    assert!(Check { error: 0.0, limit: 0.0, ..first }.used().abs() < 1e-9);
}

#[test]
fn json_lists_each_judged_quantity_once() {
    let mut run = sample::run();
    run.points[1].checks[0].measured = f64::NAN;
    run.points[1].checks[0].error = f64::INFINITY;
    run.points[1].checks[0].pass = false;
    run.points[2].failures.push("digest differs".to_owned());
    let list: Vec<serde_json::Value> = serde_json::from_str(&json::document(&run)).unwrap();
    assert_eq!(list.len(), run.points.len() * 6);
    for entry in &list {
        assert!(entry["suite"].is_string() && entry["point"].is_string() && entry["quantity"].is_string());
        for field in ["expected", "measured", "error", "limit"] {
            assert!(entry[field].as_f64().is_some_and(f64::is_finite), "{field}: {entry}");
        }
        assert!(entry["channel"].is_null() && entry["pass"].is_boolean());
        let digest = entry["digest"].as_str().unwrap();
        assert!(digest.len() == 16 && digest.chars().all(|c| c.is_ascii_hexdigit()));
        assert!(entry["point"] != "drill_start", "skipped points stay out");
    }
    assert_eq!(list[6]["pass"], false);
    assert!(list[12..18].iter().all(|entry| entry["pass"] == false), "a failed point has no passing quantity");
}

#[test]
fn html_stands_alone_and_is_escaped() {
    let run = sample::run();
    let page = html::document(&run);
    for point in &run.points[..30] {
        assert!(page.contains(&point.point), "{}", point.point);
    }
    assert!(page.contains("PASS") && page.contains("drill_start") && page.contains("0123456789abcdef"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("href=") && !page.contains("src=") && !page.contains("url("));
    assert!(page.matches("<svg").count() > 60 && !page.contains("NaN"));
    assert_eq!(page, html::document(&run), "the same run gives the same page");
}

#[test]
fn html_of_an_empty_or_broken_run_says_so() {
    let mut run = super::Run::default();
    assert!(html::document(&run).contains("NOTHING JUDGED"));
    run.broken = Some("board lost: <eof>".to_owned());
    let page = html::document(&run);
    assert!(page.contains("BROKEN OFF") && page.contains("&lt;eof&gt;"));
}

#[test]
fn junit_counts_failures_skips_and_the_lost_board() {
    let mut run = sample::run();
    run.points[0].checks[2].pass = false;
    run.broken = Some("the emulator ended".to_owned());
    let text = junit::document(&run);
    let document = roxmltree::Document::parse(&text).unwrap();
    let count = |tag| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!(count("testcase"), run.points.len() + 2);
    assert_eq!((count("failure"), count("skipped"), count("error")), (1, 1, 1));
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failure.attribute("message").unwrap().contains("active"));
    let root = document.root_element();
    assert_eq!((root.attribute("failures"), root.attribute("errors")), (Some("1"), Some("1")));
}

#[test]
fn the_overview_is_a_standalone_picture() {
    let run = sample::run();
    let picture = plots::error_overview(&run);
    let document = roxmltree::Document::parse(&picture).unwrap();
    assert!(document.root_element().has_tag_name(("http://www.w3.org/2000/svg", "svg")));
    assert!(
        document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "circle"))).count()
            >= 192
    );
    assert_eq!(picture, plots::error_overview(&run));
    assert!(plots::error_overview(&super::Run::default()).starts_with("<svg"));
}

#[test]
fn the_table_shows_values_and_colours_only_on_request() {
    let mut run = sample::run();
    run.points[0].checks[0].pass = false;
    let plain = table::render(&run, false);
    assert!(!plain.contains('\u{1b}') && plain.contains("230.0000") && plain.contains("FAIL: "));
    assert!(plain.contains("failed  sine/45Hz-pf1-1pct: voltage") && plain.contains("skipped recorded/drill_start"));
    assert!(table::render(&run, true).contains('\u{1b}'));
}

#[test]
fn all_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target/hil");
    write_all(&sample::run(), &target).unwrap();
    let mut names: Vec<_> = fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["junit.xml", "report.html", "report.json"]);
    if let Some(keep) = std::env::var_os("HIL_KEEP_SAMPLE_REPORT") {
        write_all(&sample::run(), std::path::Path::new(&keep)).unwrap();
    }
}
