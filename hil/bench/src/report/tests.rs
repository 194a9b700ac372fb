//! What the outputs of one run promise, read back the way their readers do.

use super::{
    Closeup, Sight, Trace, Verdict, html, json, junit, model::Check, plots, readings, sample, table, write_all,
};
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
    // Failed before anything was judged.
    run.points[3].checks.clear();
    let list: Vec<serde_json::Value> = serde_json::from_str(&json::document(&run)).unwrap();
    assert_eq!(list.len(), (run.points.len() - 1) * 6 + 2);
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
    assert!(list[12..19].iter().all(|entry| entry["pass"] == false), "a failed point has no passing quantity");
    for (entry, point) in [(&list[18], 2), (&list[19], 3)] {
        assert_eq!(entry["point"], run.points[point].point.as_str());
        assert_eq!((&entry["quantity"], &entry["measured"]), (&"failures".into(), &1.0.into()), "{entry}");
        assert!(entry["expected"] == 0.0 && entry["error"] == 1.0 && entry["limit"] == 0.0 && entry["pass"] == false);
    }
}

#[test]
fn every_reading_is_written() {
    let run = sample::run();
    let text = readings::document(&run);
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), run.points.len());
    for (line, point) in lines.iter().zip(&run.points) {
        assert_eq!((&line["suite"], &line["point"]), (&point.suite.as_str().into(), &point.point.as_str().into()));
        assert_eq!(line["columns"].as_array().map(Vec::len), Some(6));
        assert_eq!(line["windows"].as_array().map(Vec::len), Some(8));
        assert_eq!(
            (&line["windows"][0]["values"][0], &line["windows"][0]["flags"][0]),
            (&().into(), &"settling".into())
        );
        assert_eq!(line["windows"][7]["values"][3].as_f64(), point.windows.rows[7].values[3], "to the last bit");
        assert_eq!(line["windows"][7]["judged"], true);
    }
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
    assert_eq!(page.matches("href=").count(), page.matches("href=\"#").count(), "links lead within the page");
    assert!(!page.contains("src=") && !page.contains("url("));
    assert!(page.matches("<svg").count() > 50 && !page.contains("NaN"));
    assert_eq!(page, html::document(&run), "the same run gives the same page");
}

#[test]
fn a_failed_point_is_linked_and_shown_closely() {
    let mut run = sample::run();
    let held = html::document(&run);
    assert!(!held.contains("<details") && !held.contains("Signal at the") && !held.contains("href="));
    let (point, samples) = (&mut run.points[4], vec![0.0, 1.0, 0.0, -1.0]);
    point.checks[2].pass = false;
    let seen = Trace { samples, orders: vec![0.0, 230.0, 0.0, 11.5] };
    let sight = Sight { name: "Voltage".into(), unit: "V".into(), seen, meant: None };
    let place = "end of window 5".to_owned();
    point.closeup = Some(Closeup { place, rate_hz: 200.0, begin_s: 0.5, fundamental_hz: 50.0, channels: vec![sight] });
    let page = html::document(&run);
    let (_, name) = page.split_once("<a href=\"#").unwrap();
    let (name, _) = name.split_once('"').unwrap();
    let (_, shown) = page.split_once(&format!("<tbody id=\"{name}\">")).unwrap();
    let (shown, _) = shown.split_once("</tbody>").unwrap();
    assert!(shown.contains("Signal at the end of window 5") && shown.contains("<td>3</td><td>150</td><td>11.5</td>"));
    assert_eq!((shown.matches("<figure>").count(), shown.matches("<details>").count()), (2, 1), "{shown}");
    assert_eq!(page.matches("<details>").count(), 1);
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
    assert_eq!(names, ["junit.xml", "readings.jsonl", "report.html", "report.json"]);
    if let Some(keep) = std::env::var_os("HIL_KEEP_SAMPLE_REPORT") {
        write_all(&sample::run(), std::path::Path::new(&keep)).unwrap();
    }
}
