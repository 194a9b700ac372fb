//! What stands on the pages, of what is played and of the board's own stream, and what is saved of it.

use std::path::Path;

use crate::support::{call, stdout};
use crate::terminal::{SETTLED, SIZE, Terminal, is_framed, is_whole};
use hil::own_signal;
use portable_pty::PtySize;
use vt100::Color;

/// What must stand on each page, apart from what changes.
const PAGES: [(&str, &[&str]); 6] = [
    ("2", &["[2 Scope]", "±400 V", "±15 A", "±6 mA", "from its rising zero", "40.00 ms"]),
    ("3", &["[3 Spectrum]", "Spectrum of V", "THD 2.30 %", "-100 dB", "2000 Hz"]),
    ("4", &["[4 Phasors]", "angle, deg", "I2         1.5"]),
    ("5", &["[5 Energy]", "Operation ", "EEPROM: blank at the start", "I7 continuous", "resettable"]),
    ("6", &["[6 Events]", "Board    virtual", "10 channels", "digest ", "0 double", "board virtual"]),
    ("?", &["Ctrl-C   leave"]),
];

#[test]
fn a_run_shows_every_page_and_ctrl_c_leaves_the_terminal_clean() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let folder = out.path().to_str().expect("a path of ASCII");
    let mut terminal = Terminal::monitor(&["--out", folder], &[]);
    let lines = terminal.wait_for(&SETTLED);
    assert!(terminal.with(|screen| screen.alternate_screen() && screen.hide_cursor()));
    assert!(!terminal.is_cooked());
    is_whole(&lines);
    // Eight currents, seven readings each, or six where there is no load to speak of.
    let rows: Vec<usize> = (0..8).map(|number| row(&lines, number).len()).collect();
    assert_eq!(rows, [7, 7, 7, 7, 7, 7, 6, 6]);
    for (key, parts) in PAGES {
        terminal.press(key);
        is_whole(&terminal.wait_for(parts));
    }
    // Files: the picture of the page before, and samples that are metered like those on the board.
    terminal.press("2s");
    terminal.wait_for(&["saved ", "hil-scope-001.svg"]);
    terminal.press("w");
    terminal.wait_for(&["saved ", "hil-samples-001.csv"]);
    let svg = std::fs::read_to_string(out.path().join("hil-scope-001.svg")).expect("the picture");
    let picture = roxmltree::Document::parse(&svg).expect("SVG is XML");
    assert!(picture.descendants().filter(|node| node.has_tag_name("polyline")).count() >= 3);
    terminal.press("p");
    terminal.wait_for(&["PAUSED", "the board and its data go on"]);
    terminal.press("p\x03");
    assert_eq!(terminal.end().exit_code(), 0);
    saved_are(out.path(), &[("voltage_v", 230.0607), ("frequency_hz", 50.0), ("current_a", 6.1658)]);
}

/// The means of what was saved in a folder are these to 30 ppm.
#[track_caller]
fn saved_are(out: &Path, truths: &[(&str, f64)]) {
    let samples = out.join("hil-samples-001.csv");
    let measured = call(["measure", samples.to_str().expect("a path of ASCII"), "--json"]);
    let last = stdout(&measured).lines().last().map(str::to_owned).unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    for (name, truth) in truths {
        let is = summary[name].as_f64().unwrap_or_default();
        assert!((is / truth - 1.0).abs() < 3e-5, "{name}: {is}");
    }
}

/// Numbers of the row of a current.
#[track_caller]
fn row(lines: &[String], number: usize) -> Vec<f64> {
    let is = |line: &&String| line.trim_start_matches(['>', ' ']).starts_with(&format!("I{number} "));
    let row = lines.iter().find(is).unwrap_or_else(|| panic!("no I{number}:\n{}", lines.join("\n")));
    row.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// The board samples its own source: readings, scope and spectrum are those of sines known in closed form.
#[test]
fn a_board_s_own_stream_is_watched() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let folder = out.path().to_str().expect("a path of ASCII");
    let mut terminal = Terminal::monitor(&["--source", "board", "--out", folder], &[]);
    let lines = terminal.wait_for(&["LIVE", "Voltage   230.00", "Frequency  50.0000 Hz", "sinusoidal", "no load"]);
    is_framed(&lines, ": strip (board's own)");
    for (number, (rms, lag)) in (0..).zip(own_signal::currents().into_iter().take(7)) {
        let told = row(&lines, number);
        let active = own_signal::VOLT * rms * lag.to_radians().cos();
        assert!((told[0] - rms).abs() < 1e-3 && (told[1] - active).abs() < 0.05, "I{number}: {told:?}");
    }
    let pages: [(&str, &[&str]); 3] = [
        ("2", &["[2 Scope]", "±400 V", "±5 mA", "from its rising zero", "40.00 ms"]),
        ("3", &["[3 Spectrum]", "Spectrum of V", "-100 dB"]),
        ("6", &["[6 Events]", "Signal   strip (board's own)", "10 channels", "digest "]),
    ];
    for (key, parts) in pages {
        terminal.press(key);
        let lines = terminal.wait_for(parts);
        is_framed(&lines, ": strip (board's own)");
        if key == "3" {
            // A sine has its fundamental alone: order and RMS stand before the share.
            let number = |word: &str| word.parse::<f64>().ok();
            let order = |line: &String| {
                let words: Vec<f64> = line.split_whitespace().rev().take(3).filter_map(number).collect();
                (words.len() == 3).then(|| (words[2], words[1]))
            };
            let orders: Vec<(f64, f64)> = lines.iter().filter_map(order).collect();
            assert!(orders.len() > 10 && (orders[0].1 / own_signal::VOLT - 1.0).abs() < 2e-4, "{orders:?}");
            assert!(orders[1..].iter().all(|(_, rms)| *rms < 0.02), "{orders:?}");
        }
    }
    // In real time, not as fast as the board can.
    let lines = terminal.wait(|text| ["pace 0.9", "pace 1.0"].iter().any(|pace| text.contains(pace)));
    is_framed(&lines, ": strip (board's own)");
    // What the board sent is what it metered.
    terminal.press("w");
    terminal.wait_for(&["saved ", "hil-samples-001.csv"]);
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
    saved_are(out.path(), &[("voltage_v", own_signal::VOLT), ("frequency_hz", own_signal::HZ)]);
}

#[test]
fn without_colours_nothing_is_coloured_and_all_is_there() {
    let mut terminal = Terminal::monitor(&[], &[("NO_COLOR", "1")]);
    is_whole(&terminal.wait_for(&SETTLED));
    let coloured = terminal.with(|screen| {
        let cells = (0..24).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
        cells.filter(|cell| cell.fgcolor() != Color::Default || cell.bgcolor() != Color::Default).count()
    });
    assert_eq!(coloured, 0);
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn a_small_terminal_is_told_what_is_needed_and_grows() {
    let small = PtySize { rows: 20, cols: 60, ..SIZE };
    let mut terminal = Terminal::start(env!("CARGO_BIN_EXE_hil"), &["monitor"], &[], small);
    terminal.wait_for(&["has 60x20 cells", "needs 80x24"]);
    terminal.pair.master.resize(SIZE).expect("a terminal can be resized");
    terminal.screen.lock().expect("the reader does not panic").screen_mut().set_size(24, 80);
    is_whole(&terminal.wait_for(&SETTLED));
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
}
