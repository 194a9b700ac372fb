//! Keeps the README true: its picture and its screen are drawn anew, its table of quantities is held against the types.
//!
//! `HIL_UPDATE=1 cargo test -p hil --test readme` rewrites picture and screen.

use std::path::Path;

use datasets::catalogue::{self, Point};
use hil::plan::Plan;
use hil::report::{PointResult, Run, plots};
use hil::{host, judge};
use metering_core::quantity::{Degree, Power, Volt};

const README: &str = include_str!("../../../README.md");
const QUANTITIES: &str = include_str!("../../../metering-core/src/quantity.rs");

/// The quick points of the sine suite, metered on this machine: boards read the same to the last bit.
fn quick_sines() -> Run {
    let suite = catalogue::sine();
    let play = |point: &Point| {
        let nominal = if point.nominal_hz == 50 { hil_link::Nominal::Hz50 } else { hil_link::Nominal::Hz60 };
        let plan = Plan::new(&point.samples(), &point.ranges, point.rate_hz, point.adc_bits, nominal).unwrap();
        judge::judge(&suite.name, point, &plan, &host::meter(&plan).unwrap())
    };
    Run { points: suite.points.iter().filter(|point| point.quick).map(play).collect(), ..Run::default() }
}

#[test]
fn the_picture_is_current() {
    let run = quick_sines();
    assert!(run.points.iter().all(PointResult::pass));
    let drawn = plots::error_overview(&run);
    assert!(README.contains("](hil/bench/report.svg)"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("report.svg");
    if std::env::var_os("HIL_UPDATE").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    let update = "hil/bench/report.svg is not what the meter gives now: HIL_UPDATE=1 cargo test -p hil --test readme";
    assert!(stored == drawn, "{update}");
}

#[test]
fn the_screen_is_current() {
    let drawn = hil::monitor::sample::text(&hil::monitor::sample::model().unwrap()).unwrap();
    // The block of its own section, whatever blocks others have.
    let start = README.find("\n## Watch a board\n").unwrap();
    let start = start + README[start..].find("```text\n").unwrap() + "```text\n".len();
    let (before, rest) = README.split_at(start);
    let (stored, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os("HIL_UPDATE").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        std::fs::write(&path, [before, &drawn, "```\n", after].concat()).unwrap();
        return;
    }
    let update = "README.md does not show the screen as it is drawn now: HIL_UPDATE=1 cargo test -p hil --test readme";
    assert!(stored == drawn, "{update}");
}

/// Least value, greatest value and step of a type of `fixed`, by its name: `I40F24` has 40 bits before the point (with
/// the sign) and 24 behind.
fn of_format(format: &str) -> (f64, f64, f64) {
    let (whole, behind) = format[1..].split_once('F').unwrap();
    let (whole, behind): (i32, i32) = (whole.parse().unwrap(), behind.parse().unwrap());
    let step = 2f64.powi(-behind);
    if format.starts_with('I') {
        (-2f64.powi(whole - 1), 2f64.powi(whole - 1) - step, step)
    } else {
        (0.0, 2f64.powi(whole) - step, step)
    }
}

#[test]
fn formats_are_read_right() {
    assert_eq!(of_format("U32F32"), (Volt::MIN.to_num(), Volt::MAX.to_num(), Volt::DELTA.to_num()));
    assert_eq!(of_format("I40F24"), (Power::MIN.to_num(), Power::MAX.to_num(), Power::DELTA.to_num()));
    assert_eq!(of_format("I9F23"), (Degree::MIN.to_num(), Degree::MAX.to_num(), Degree::DELTA.to_num()));
}

/// Each type of `quantity.rs` has a row in the README with its format, least and greatest value and step.
#[test]
fn the_table_of_quantities_agrees_with_the_types() {
    let types: Vec<(&str, &str)> = QUANTITIES
        .lines()
        .filter_map(|line| line.strip_prefix("pub type ")?.strip_suffix(';')?.split_once(" = "))
        .collect();
    assert!(types.len() >= 7, "{types:?}");
    for (name, format) in types {
        let quoted = format!("`{name}`");
        let row = README
            .lines()
            .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
            .find(|cells| cells.get(1) == Some(&quoted.as_str()))
            .unwrap_or_else(|| panic!("README.md has no row for {quoted} in its table of quantities"));
        let [_, _, _, _, shown, least, greatest, step, _] = row[..] else { panic!("{row:?}: 7 cells are expected") };
        assert_eq!(shown, format!("`{format}`"), "{name}");
        let (min, max, delta) = of_format(format);
        for (cell, truth) in [(least, min), (greatest, max), (step, delta)] {
            let number: f64 = cell.parse().unwrap_or_else(|_| panic!("{name}: {cell:?} is no number"));
            assert!((number - truth).abs() <= 0.005 * truth.abs(), "{name}: {number} is not {truth:e}");
        }
    }
}
