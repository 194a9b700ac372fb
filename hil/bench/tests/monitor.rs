//! `hil monitor` in a pseudo-terminal of 80 columns and 24 lines: what stands on the screen, and how the terminal is left.
//!
//! A terminal in memory takes what the program writes; `stty` tells the mode of the line.

mod support;

use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hil::board::Board;
use hil::own_signal;
use portable_pty::{Child, CommandBuilder, ExitStatus, PtyPair, PtySize, native_pty_system};
use serialport::{SerialPort, TTYPort};
use support::{call, names, refusal};
use vt100::{Color, Parser, Screen};

const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

/// Everything asked for must stand on the screen within this time.
const LIMIT: Duration = Duration::from_secs(30);

/// A program in a terminal.
struct Terminal {
    pair: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<Parser>>,
    keys: Box<dyn Write + Send>,
}

impl Terminal {
    fn start(program: &str, arguments: &[&str], environment: &[(&str, &str)], size: PtySize) -> Self {
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let screen = Arc::new(Mutex::new(Parser::new(size.rows, size.cols, 0)));
        let (mut reader, taken) = (pair.master.try_clone_reader().expect("a reader"), screen.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4_096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                taken.lock().expect("no test thread panics here").process(&buffer[..count]);
            }
        });
        let keys = pair.master.take_writer().expect("a writer");
        Self { pair, child, screen, keys }
    }

    fn monitor(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_hil"), &[&["monitor"], arguments].concat(), environment, SIZE)
    }

    fn with<T>(&self, look: impl Fn(&Screen) -> T) -> T {
        look(self.screen.lock().expect("the reader does not panic").screen())
    }

    fn text(&self) -> String {
        self.with(Screen::contents)
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until the screen is as wanted; its lines then.
    #[track_caller]
    fn wait(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if wanted(&text) {
                return text.lines().map(str::to_owned).collect();
            }
            assert!(begun.elapsed() < LIMIT, "never came; there stands:\n{text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn wait_for(&self, parts: &[&str]) -> Vec<String> {
        self.wait(|text| parts.iter().all(|part| text.contains(part)))
    }

    /// Whether the line is in cooked mode, as `stty` sees it.
    fn is_cooked(&self) -> bool {
        let name = self.pair.master.tty_name().expect("a name");
        let output = Command::new("stty").arg("-a").arg("-F").arg(name).output().expect("stty is there");
        let said = String::from_utf8_lossy(&output.stdout).replace(';', " ");
        let has = |word: &str| said.split_whitespace().any(|said| said == word);
        assert!(has("icanon") || has("-icanon"), "{said}");
        has("icanon") && has("echo") && has("isig")
    }

    /// Waits for the end of the program; the terminal must be as it was before.
    #[track_caller]
    fn end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the program can be asked") {
                break status;
            }
            assert!(begun.elapsed() < LIMIT, "does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        };
        // The last bytes may still be on their way.
        self.wait(|_| self.with(|screen| !screen.alternate_screen() && !screen.hide_cursor()));
        assert!(self.is_cooked());
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Has ended already, where the test went well.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Readings of the built-in strip: its RMS voltage is 230.0615 V, each to be seen whole.
const SETTLED: [&str; 6] = ["LIVE", "Voltage   230.06", "Frequency  50.0000 Hz", "sinusoidal", "I7 ", "no load"];

/// What must stand on each page, apart from what changes.
const PAGES: [(&str, &[&str]); 6] = [
    ("2", &["[2 Scope]", "±400 V", "±15 A", "±6 mA", "from its rising zero", "40.00 ms"]),
    ("3", &["[3 Spectrum]", "Spectrum of V", "THD 2.30 %", "-100 dB", "2000 Hz"]),
    ("4", &["[4 Phasors]", "angle, deg", "I2         1.5"]),
    ("5", &["[5 Energy]", "Operation ", "EEPROM: blank at the start", "I7 continuous", "resettable"]),
    ("6", &["[6 Events]", "Board    virtual", "10 channels", "digest ", "0 double", "board virtual"]),
    ("?", &["Ctrl-C   leave"]),
];

/// The frame that all pages share stands whole, and no line is cut.
#[track_caller]
fn is_whole(lines: &[String]) {
    is_framed(lines, ": strip (built in)");
}

/// The same with another signal.
#[track_caller]
fn is_framed(lines: &[String], signal: &str) {
    let text = lines.join("\n");
    assert_eq!(lines.len(), 24, "{text}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains(['…', '#']), "{text}");
    assert!(lines[0].ends_with("LIVE"), "{text}");
    names(&lines[0], &["1 Readings", "2 Scope", "3 Spectrum", "4 Phasors", "5 Energy", "6 Events"]);
    names(&lines[1], &["virtual", signal, "pace ", " damaged, ", " repeats"]);
    names(&lines[22], &["no alarms", "board virtual"]);
    names(
        &lines[23],
        &["1-6 page", "↑↓ channel", "+- cycles", "p pause", "s picture", "w samples", "? keys", "q quit"],
    );
}

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
    let samples = out.path().join("hil-samples-001.csv");
    let measured = call(["measure", samples.to_str().expect("a path of ASCII"), "--json"]);
    let last = support::stdout(&measured).lines().last().map(str::to_owned).unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    for (name, truth) in [("voltage_v", 230.0607), ("frequency_hz", 50.0), ("current_a", 6.1658)] {
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
    let samples = out.path().join("hil-samples-001.csv");
    let measured = call(["measure", samples.to_str().expect("a path of ASCII"), "--json"]);
    let last = support::stdout(&measured).lines().last().map(str::to_owned).unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    for (name, truth) in [("voltage_v", own_signal::VOLT), ("frequency_hz", own_signal::HZ)] {
        let is = summary[name].as_f64().unwrap_or_default();
        assert!((is / truth - 1.0).abs() < 3e-5, "{name}: {is}");
    }
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
fn a_signal_from_outside_leaves_the_terminal_clean() {
    let mut terminal = Terminal::monitor(&[], &[]);
    terminal.wait_for(&SETTLED);
    let id = terminal.child.process_id().expect("a process").to_string();
    // The shell has it built in.
    assert!(Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().expect("a shell").success());
    assert_eq!(terminal.end().exit_code(), 0);
}

/// The window is closed, or the connection lost: the program must not stay behind.
#[test]
fn a_terminal_that_goes_away_takes_the_program_with_it() {
    let pair = native_pty_system().openpty(SIZE).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hil"));
    command.arg("monitor");
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let (mut screen, mut buffer) = (Parser::new(24, 80, 0), [0; 4_096]);
    while !screen.screen().contents().contains("LIVE") {
        let count = reader.read(&mut buffer).expect("the program draws");
        screen.process(&buffer[..count]);
    }
    drop((reader, pair));
    let begun = Instant::now();
    while child.try_wait().expect("the program can be asked").is_none() {
        if begun.elapsed() > Duration::from_secs(5) {
            child.kill().expect("the program can be ended");
            panic!("it stays behind");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
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

/// What the test below runs in a terminal of its own.
#[test]
#[ignore = "panics on purpose; run by a_panic_leaves_the_terminal_clean"]
fn panics_on_the_screen() {
    let mut screen = hil::monitor::screen::Screen::take().expect("a terminal");
    screen.terminal.draw(|frame| frame.render_widget("drawn before the panic", frame.area())).expect("drawn");
    std::thread::sleep(Duration::from_millis(300));
    panic!("on purpose");
}

#[test]
fn a_panic_leaves_the_terminal_clean() {
    let own = std::env::current_exe().expect("this program knows where it is");
    let arguments = ["--exact", "panics_on_the_screen", "--ignored", "--nocapture", "--test-threads=1"];
    let mut terminal = Terminal::start(own.to_str().expect("a path of ASCII"), &arguments, &[], SIZE);
    terminal.wait_for(&["drawn before the panic"]);
    assert!(terminal.with(|screen| screen.alternate_screen() && screen.hide_cursor()));
    assert_ne!(terminal.end().exit_code(), 0);
    // Told on the terminal's own screen, where it can be read.
    terminal.wait_for(&["on purpose"]);
}

/// A board behind a pseudo-terminal that can be unplugged: bytes go to and fro between it and a virtual board.
struct Plugged {
    stop: Arc<AtomicBool>,
    /// Nothing goes through the cable.
    hold: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Plugged {
    fn at(link: &Path) -> Self {
        let (mut ours, theirs) = TTYPort::pair().expect("a pseudo-terminal");
        ours.set_timeout(Duration::from_millis(2)).expect("a timeout");
        let board = Board::open("virtual", Path::new(""), 115_200).expect("a virtual board");
        symlink(theirs.name().expect("a name"), link).expect("a link");
        let (stop, hold) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (told, held) = (stop.clone(), hold.clone());
        let thread = std::thread::spawn(move || {
            // All of the board, or its thread would end here.
            let (_theirs, mut board, mut buffer) = (theirs, board, [0; 8_192]);
            while !told.load(Ordering::Relaxed) {
                if held.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(2));
                    continue;
                }
                if let Ok(count @ 1..) = ours.read(&mut buffer) {
                    board.write_all(&buffer[..count]).expect("the board takes bytes");
                }
                if let Ok(count @ 1..) = board.read(&mut buffer, Duration::from_millis(2)) {
                    ours.write_all(&buffer[..count]).expect("the bench takes bytes");
                }
            }
        });
        Self { stop, hold, thread: Some(thread) }
    }

    fn unplug(mut self, link: &Path) {
        std::fs::remove_file(link).expect("the link was there");
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("runs").join().expect("the cable does not panic");
    }
}

#[test]
fn a_board_that_is_unplugged_is_told_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let link = folder.path().join("board");
    let plugged = Plugged::at(&link);
    let mut terminal = Terminal::monitor(&["--board", link.to_str().expect("a path of ASCII")], &[]);
    terminal.wait_for(&SETTLED);
    // Silent for a moment, then heard again, in the same session.
    plugged.hold.store(true, Ordering::Relaxed);
    terminal.wait_for(&["NO ANSWER", "silent for "]);
    plugged.hold.store(false, Ordering::Relaxed);
    terminal.wait_for(&SETTLED);
    plugged.unplug(&link);
    let lines = terminal.wait_for(&["NO BOARD", "looked for it "]);
    assert!(!lines.join("\n").contains("230."), "old readings must not stand there:\n{}", lines.join("\n"));
    terminal.wait_for(&["there is none"]);
    let again = Plugged::at(&link);
    terminal.wait_for(&SETTLED);
    terminal.press("6");
    terminal.wait_for(&["the board went: the board is lost", "board virtual"]);
    // Leaving while it is gone works as well.
    again.unplug(&link);
    terminal.wait_for(&["NO BOARD"]);
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn leaving_does_not_wait_for_a_silent_board() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let link = folder.path().join("board");
    let plugged = Plugged::at(&link);
    let mut terminal = Terminal::monitor(&["--board", link.to_str().expect("a path of ASCII")], &[]);
    terminal.wait_for(&SETTLED);
    plugged.hold.store(true, Ordering::Relaxed);
    terminal.wait_for(&["NO ANSWER"]);
    let begun = Instant::now();
    terminal.press("q");
    assert_eq!(terminal.end().exit_code(), 0);
    // The talk would be given up 4 s after its request, 2 of which have passed.
    assert!(begun.elapsed() < Duration::from_millis(1_200), "{:?}", begun.elapsed());
    plugged.unplug(&link);
}

#[test]
fn without_a_terminal_a_signal_or_a_board_one_line_says_so() {
    names(&refusal(&call(["monitor", "--board", "virtual"])), &["terminal", "hil measure"]);
    // Looked at before the board, which a start would cost its session.
    names(&refusal(&call(["monitor", "--board", "/dev/none"])), &["terminal"]);
    let mut terminal = Terminal::monitor(&["--board", "/dev/none"], &[]);
    terminal.wait_for(&["/dev/none", "hil ports"]);
    assert_eq!(terminal.end().exit_code(), 2);
    names(&refusal(&call(["monitor", "--signal", "nothing"])), &["--signal nothing", "strip", "sine", "hil list"]);
    names(&refusal(&call(["monitor", "--signal", "sine: 1 Hz"])), &["sine: 1 Hz", "hil list"]);
    names(&refusal(&call(["monitor", "--voltage", "u"])), &["--signal strip", "--voltage", "recordings"]);
    let own = ["monitor", "--source", "board", "--signal", "sine"];
    names(&refusal(&call(own)), &["--signal sine", "own source", "--source bench"]);
    names(&refusal(&call(["monitor", "--udin", "5"])), &["--udin", "10 to 1000"]);
}
