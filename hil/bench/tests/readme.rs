//! Keeps the README true: its picture, its screen and its display are drawn anew, its table of quantities is held against the types.
//!
//! `HIL_UPDATE=1 cargo test -p hil --test readme` rewrites them.

use std::path::Path;
use std::sync::Mutex;

use datasets::Channels;
use datasets::catalogue::{self, Point};
use hil::plan::Plan;
use hil::report::{PointResult, Run, plots};
use hil::{host, judge};
use hil_board::device::{Page, Panel, Snapshot};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Degree, Power, Second, Volt, WattSecond};

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

/// Holds the text block of a section against what is drawn now, or writes it anew.
#[track_caller]
fn keep(section: &str, drawn: &str) {
    /// The texts before the block, in it, and behind it; whatever blocks other sections have.
    fn block<'a>(readme: &'a str, section: &str) -> [&'a str; 3] {
        let start = readme.find(section).unwrap();
        let start = start + readme[start..].find("```text\n").unwrap() + "```text\n".len();
        let (before, rest) = readme.split_at(start);
        let (stored, _) = rest.split_once("```\n").unwrap();
        [before, stored, &rest[stored.len()..]]
    }
    /// One writes at a time, upon what the others have written.
    static PEN: Mutex<()> = Mutex::new(());
    let [_, stored, _] = block(README, section);
    if std::env::var_os("HIL_UPDATE").is_some() {
        let _pen = PEN.lock();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = std::fs::read_to_string(&path).unwrap();
        let [before, _, after] = block(&readme, section);
        std::fs::write(&path, [before, drawn, after].concat()).unwrap();
        return;
    }
    let update = "README.md does not show what is drawn now: HIL_UPDATE=1 cargo test -p hil --test readme";
    assert!(stored == drawn, "{update}");
}

#[test]
fn the_screen_is_current() {
    keep("\n## Watch a board\n", &hil::monitor::sample::text(&hil::monitor::sample::model().unwrap()).unwrap());
}

/// Each page of the display and each prompt, over 225.3 V and 5.014 A that lag by 25.8 degrees: two rows of boxes.
#[test]
fn the_display_is_current() {
    let wave = |rms: f64, lag: f64| -> Vec<f64> {
        let angle = |n: usize| (n as f64 * 50.0 / 2_000.0 - lag / 360.0) * std::f64::consts::TAU;
        (0..3_200).map(|n| rms * std::f64::consts::SQRT_2 * angle(n).sin()).collect()
    };
    let channels = |voltage, current, residual| Channels {
        voltage: Some(voltage),
        currents: vec![current],
        residual: Some(residual),
    };
    let samples = channels(wave(225.3, 0.0), wave(5.014, 25.84), wave(0.0012, 0.0));
    let ranges = Channels { voltage: Some(400.0), currents: vec![25.0], residual: Some(0.1) };
    let plan = Plan::new(&samples, &ranges, 2_000.0, 24, hil_link::Nominal::Hz50).unwrap();
    let watt_hours = |wh: u64| Energy { forward_active: WattSecond::from_num(wh * 3_600), ..Energy::default() };
    let mut accounts = [Account::default(); hil_link::MAX_CURRENTS];
    accounts[0] =
        Account { continuous: watt_hours(13_257), at_reset: watt_hours(12_836), reset_at: Second::from_num(1_000) };
    let mut registers = Registers::restore(Second::from_num(29_138), accounts).unwrap();
    let mut snapshot = Snapshot::new(&registers);
    for reading in host::readings(&plan).unwrap() {
        registers.add(&reading);
        snapshot.window(&reading);
        snapshot.set_registers(&registers);
    }
    assert!(snapshot.number() > 3);

    let mut panel = Panel::new(0, false);
    let mut now_us = 0;
    let mut screens = vec![];
    let mut keep_so = |is_pressed: bool, ms: u64, panel: &mut Panel| {
        panel.step(now_us, is_pressed);
        now_us += ms * 1_000;
        panel.step(now_us, is_pressed);
        panel.lines(&snapshot).map(|line| line.to_string())
    };
    screens.push(keep_so(false, 10, &mut panel));
    for _ in 1..Page::ALL.len() {
        keep_so(true, 50, &mut panel);
        screens.push(keep_so(false, 50, &mut panel));
    }
    // Through the prompts of the manual: each is seen while it waits.
    keep_so(false, 6_000, &mut panel);
    screens.push(keep_so(true, 3_100, &mut panel));
    keep_so(false, 100, &mut panel);
    keep_so(true, 100, &mut panel);
    screens.push(keep_so(false, 100, &mut panel));
    screens.push(keep_so(true, 3_100, &mut panel));
    screens.push(keep_so(true, 3_000, &mut panel));
    keep_so(false, 100, &mut panel);
    screens.push(keep_so(true, 100, &mut panel));

    let mut drawn = String::new();
    for row in screens.chunks(4) {
        let edge = row.iter().map(|_| "+------------------+").collect::<Vec<_>>().join(" ");
        let line = |n: usize| row.iter().map(|lines| format!("| {} |", lines[n])).collect::<Vec<_>>().join(" ");
        drawn += &[&edge, &line(0), &line(1), &edge, ""].join("\n");
    }
    keep("\n## The device\n", &drawn);
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
