//! `hil run`, `list`, `ports` and help: what is played, what is written, and how a board that cannot be had is told.

mod support;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hil_board::store::NoChip;
use hil_link::{Decoder, Hello, Kind, Response, encode};
use serialport::{SerialPort, TTYPort};
use support::{call, hil, names, refusal, stderr, stdout};

/// A board that cannot be talked to must be told within this time.
const LIMIT: Duration = Duration::from_secs(5);

/// A folder that does not exist: the suite of recordings is skipped.
const NOWHERE: &str = "/nonexistent/recordings";

/// `hil run` on a board, the shortest suite, nothing on disk but in `out`.
fn run(board: &str, out: &Path, more: &[&str]) -> Output {
    let mut command = hil();
    command.args(["run", "--board", board, "--recordings", NOWHERE, "--out"]).arg(out).args(more);
    command.output().expect("the program starts")
}

/// Asks a board that is none for `sine`; the line it is refused with, which must come in time.
fn refused(board: &str) -> String {
    let out = tempfile::tempdir().expect("a folder for the test");
    let started = Instant::now();
    let line = refusal(&run(board, out.path(), &["--suite", "sine"]));
    assert!(started.elapsed() < LIMIT, "took {:?}: {line}", started.elapsed());
    line
}

/// A pseudo-terminal: this end, and the name of the other.
fn pair() -> (TTYPort, TTYPort, String) {
    let (mut ours, theirs) = TTYPort::pair().expect("a pseudo-terminal");
    ours.set_timeout(Duration::from_millis(10)).expect("a timeout");
    let name = theirs.name().expect("a name");
    (ours, theirs, name)
}

/// Something at the other end of a port; ends with the test.
struct Device {
    name: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _theirs: TTYPort,
}

impl Device {
    /// Hands whatever arrives, perhaps nothing, to `answer`, which says what to send.
    fn start(mut answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        let (mut ours, theirs, name) = pair();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 512];
            while !stopped.load(Ordering::Relaxed) {
                let count = ours.read(&mut buffer).unwrap_or(0);
                // Nobody may be there to read it.
                let _unread = ours.write_all(&answer(&buffer[..count]));
            }
        });
        Self { name, stop, thread: Some(thread), _theirs: theirs }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

#[test]
fn a_port_that_does_not_exist() {
    names(&refused("/dev/ttyNone7"), &["/dev/ttyNone7", "there is none", "hil ports"]);
    names(&refused("virtal"), &["virtal", "virtual"]);
}

#[test]
fn a_port_that_is_none() {
    let file = tempfile::NamedTempFile::new().expect("a file for the test");
    let name = file.path().to_str().expect("a path of ASCII");
    names(&refused(name), &[name, "no serial port"]);
}

#[test]
fn a_port_that_somebody_has() {
    let (_ours, _theirs, name) = pair();
    let port = std::fs::File::options().read(true).write(true).open(&name).expect("the port opens");
    port.lock().expect("the port can be locked");
    names(&refused(&name), &[&name, "another program has it open"]);
}

#[test]
fn a_board_that_does_not_answer() {
    let (_ours, _theirs, name) = pair();
    // Closed at this end: `pair` locks nothing.
    names(&refused(&name), &["does not answer", "nothing received", "115200 baud"]);
}

#[test]
fn a_baud_rate_that_does_not_fit() {
    let mut noise = 0x9e37_79b9_u32;
    let device = Device::start(move |_| {
        let byte = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        };
        std::iter::repeat_with(byte).take(64).collect()
    });
    names(&refused(&device.name), &["does not answer", "bytes received", "baud rate", "--baud"]);
}

#[test]
fn a_board_of_another_protocol_version() {
    let mut decoder = Decoder::<8192>::new();
    let device = Device::start(move |bytes| {
        let mut out = Vec::new();
        for &byte in bytes {
            let Some(Ok(frame)) = decoder.push(byte) else { continue };
            let hello = Response::Hello(Hello {
                version: 99,
                board: "from the future".try_into().expect("a short name"),
                firmware: "9.0".try_into().expect("a short name"),
                max_data: 1024,
                clock_hz: 0,
            });
            let mut room = [0; 256];
            let length = encode(Kind::Response, frame.seq, &hello, &mut room).expect("room for a greeting");
            out.extend_from_slice(&room[..length]);
        }
        out
    });
    let own = format!("version {}", hil_link::PROTOCOL_VERSION);
    names(&refused(&device.name), &["version 99", &own, "flash"]);
}

#[test]
fn a_board_behind_a_port_is_played_to() {
    // The program opens the port that its own virtual board would serve: here another thread serves it.
    let (ours, _theirs, name) = pair();
    let stop = Arc::new(AtomicBool::new(false));
    let wire = Wire { port: ours, stop: stop.clone() };
    let thread = std::thread::spawn(move || {
        let mut board = Box::new(hil_board::Board::<_, { hil_link::samples_frame(1024) }>::new(wire));
        while matches!(board.poll(), Ok(1..)) {}
    });
    let out = tempfile::tempdir().expect("a folder for the test");
    // A pseudo-terminal knows no speed, but short requests are needed at this one.
    let output = run(&name, out.path(), &["--suite", "sine", "--profile", "quick", "--baud", "9600"]);
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("the board ends well");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// The board's end of a pseudo-terminal.
struct Wire {
    port: TTYPort,
    stop: Arc<AtomicBool>,
}

impl embedded_io::ErrorType for Wire {
    type Error = std::io::Error;
}

impl embedded_io::Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.port.read(buffer) {
                Err(_) if self.stop.load(Ordering::Relaxed) => return Ok(0),
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {}
                other => return other,
            }
        }
    }
}

impl embedded_io::Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.port.write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl hil_board::Platform for Wire {
    const NAME: &'static str = "test";
    const FIRMWARE: &'static str = "0";
    type Chip = NoChip;

    fn chip(&mut self) -> NoChip {
        NoChip
    }
}

#[test]
fn the_virtual_board_holds_and_leaves_a_report() {
    let out = tempfile::tempdir().expect("a folder for the test");
    // A folder that is not there yet.
    let out = out.path().join("deep/report");
    let output = run("virtual", &out, &["--suite", "sine", "--profile", "quick"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stdout(&output), &["suite sine", "PASS", "report.html"]);
    let text = std::fs::read_to_string(out.join("report.json")).expect("report.json");
    let points: Vec<serde_json::Value> = serde_json::from_str(&text).expect("a list");
    assert!(points.len() > 20);
    for point in &points {
        let names: Vec<&str> = point.as_object().expect("an object").keys().map(String::as_str).collect();
        let expected =
            ["suite", "point", "quantity", "expected", "measured", "error", "limit", "channel", "pass", "digest"];
        assert_eq!(names, expected);
        assert_eq!((&point["suite"], &point["pass"]), (&"sine".into(), &true.into()));
        assert_eq!(point["digest"].as_str().map(str::len), Some(16));
    }
    let junit = std::fs::read_to_string(out.join("junit.xml")).expect("junit.xml");
    roxmltree::Document::parse(&junit).expect("well-formed XML");
    let html = std::fs::read_to_string(out.join("report.html")).expect("report.html");
    assert!(html.contains("<svg"), "the report has plots");
    // Without a terminal every finished point has its line.
    let told = stderr(&output);
    let lines = told.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(lines >= 10 && told.contains(&format!("{lines}/{lines} sine: ")), "{told}");
}

#[test]
fn absent_recordings_are_skipped_and_told() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let output = run("virtual", out.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    names(&stderr(&output), &["suite recorded is skipped", NOWHERE, "--recordings", "HIL_RECORDINGS"]);
    names(&stdout(&output), &["skipped recorded"]);
    let line = refusal(&run("virtual", out.path(), &["--suite", "recorded"]));
    names(&line, &["recorded", "skipped", NOWHERE, "--recordings"]);
}

#[test]
fn an_unknown_suite_names_those_there_are() {
    let out = tempfile::tempdir().expect("a folder for the test");
    names(&refusal(&run("virtual", out.path(), &["--suite", "sini"])), &["sini", "sine", "recorded"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_playing() {
    let file = tempfile::NamedTempFile::new().expect("a file for the test");
    let out = file.path().join("report");
    names(&refusal(&run("virtual", &out, &["--suite", "sine"])), &["--out", out.to_str().expect("a path of ASCII")]);
}

#[test]
fn list_ports_and_help() {
    let list = call(["list", "--recordings", NOWHERE]);
    assert_eq!(list.status.code(), Some(0));
    names(&stdout(&list), &["sine: ", "45 Hz, PF 1, 1 % I (quick)", "not judged: recorded", "--recordings"]);
    let ports = call(["ports"]);
    assert_eq!(ports.status.code(), Some(0));
    assert!(!stdout(&ports).is_empty());
    let help = call(["--help"]);
    assert_eq!(help.status.code(), Some(0));
    names(&stdout(&help), &["measure", "run", "list", "ports", "Exit codes"]);
    let help = call(["run", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    names(&stdout(&help), &["--board", "virtual", "emulated", "--suite", "--out", "--baud", "--recordings"]);
    names(&stdout(&call(["--version"])), &[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn a_wrong_call_is_one_line() {
    names(&refusal(&call(["run", "--bord", "virtual"])), &["--bord", "--help"]);
    names(&refusal(&call(["plan"])), &["plan"]);
    names(&refusal(&call(["run", "--baud", "1"])), &["--baud", "1"]);
    names(&refusal(&call(["list", "more"])), &["more"]);
    assert_eq!(call::<&str>([]).status.code(), Some(2));
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let out = out.path().to_str().expect("a path of ASCII");
    let run = ["run", "--board", "virtual", "--suite", "sine", "--profile", "quick", "--out", out];
    for arguments in [&["list"][..], &["ports"], &["--help"], &run] {
        for both in [false, true] {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            let mut command: Command = hil();
            command.args(arguments).env("HIL_RECORDINGS", NOWHERE);
            command.stderr(if both { writer.try_clone().expect("a second end").into() } else { Stdio::piped() });
            let output = command.stdout(writer).output().expect("the program starts");
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
            assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
        }
    }
}

/// Killed in the middle, the run is taken up again: the report has all points, and each was played once.
#[test]
fn a_broken_run_is_taken_up_again() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let journal = out.path().join("unfinished.jsonl");
    let lines = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
    let call = |more: &[&str]| {
        let mut command = hil();
        command.args(["run", "--board", "virtual", "--suite", "sine", "--recordings", NOWHERE, "--out"]);
        command.arg(out.path()).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let mut killed = call(&[]);
    let started = Instant::now();
    while lines() < 4 {
        assert!(started.elapsed() < Duration::from_mins(1), "no point is noted");
        std::thread::sleep(Duration::from_millis(1));
    }
    killed.kill().expect("it runs");
    killed.wait().expect("it has ended");
    // The line of the run's circumstances, and perhaps one that was torn.
    let done = std::fs::read_to_string(&journal).expect("the journal is kept").matches('\n').count() - 1;
    assert!(done >= 2);
    let resumed = call(&["--resume"]).wait_with_output().expect("it ends");
    let said = stderr(&resumed);
    assert_eq!(resumed.status.code(), Some(0), "{said}");
    names(&said, &[&format!("{done} points are done already")]);
    assert!(!journal.exists(), "a run that came to its end leaves none");
    let points = |output: &str| {
        let entries: Vec<serde_json::Value> = serde_json::from_str(output).expect("report.json");
        let mut points: Vec<String> = entries.iter().map(|entry| entry["point"].to_string()).collect();
        points.dedup();
        points
    };
    let report = |name: &str| std::fs::read_to_string(out.path().join(name)).expect("a report");
    let taken_up = report("report.json");
    let played = said.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(played + done, points(&taken_up).len(), "{said}");
    // An undisturbed run says the same.
    assert_eq!(call(&[]).wait_with_output().expect("it ends").status.code(), Some(0));
    assert_eq!(report("report.json"), taken_up);
}

/// Ctrl-C: what is finished has its report, and the line says how to go on.
#[test]
fn an_interrupted_run_keeps_what_is_finished() {
    let out = tempfile::tempdir().expect("a folder for the test");
    let journal = out.path().join("unfinished.jsonl");
    let mut command = hil();
    command.args(["run", "--board", "virtual", "--suite", "sine", "--recordings", NOWHERE, "--out"]).arg(out.path());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let started = Instant::now();
    while std::fs::read_to_string(&journal).unwrap_or_default().lines().count() < 3 {
        assert!(started.elapsed() < Duration::from_mins(1), "no point is noted");
        std::thread::sleep(Duration::from_millis(1));
    }
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("a signal is sent");
    assert!(told.success());
    let output = child.wait_with_output().expect("it ends");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    names(said.lines().last().expect("a line"), &["interrupted", "points are done", "report.html", "--resume"]);
    assert!(out.path().join("report.html").is_file() && journal.is_file());
    // Of another call it is not taken up.
    let other = run("virtual", out.path(), &["--suite", "dynamics", "--resume"]);
    names(
        stderr(&other).lines().last().expect("a line"),
        &["unfinished.jsonl", "choice of suites", "sine", "dynamics"],
    );
    assert_eq!(other.status.code(), Some(2));
}

/// Two runs of the same are equal; a report that was changed by hand to fail is worse; what is no report is refused.
#[test]
fn two_runs_are_compared() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder for the test"));
    for folder in &folders {
        assert_eq!(run("virtual", folder.path(), &["--suite", "dynamics"]).status.code(), Some(0));
    }
    let [before, after] = folders.each_ref().map(tempfile::TempDir::path);
    let compare = || hil().arg("report").args([before, after]).output().expect("the program starts");
    let equal = compare();
    assert_eq!(equal.status.code(), Some(0), "{}", stderr(&equal));
    names(&stdout(&equal), &["NOTHING WORSE", " 0 differ"]);
    let file = after.join("report.json");
    let text = std::fs::read_to_string(&file).expect("a report");
    std::fs::write(&file, text.replacen("\"pass\": true", "\"pass\": false", 1)).expect("it is written");
    let worse = compare();
    assert_eq!(worse.status.code(), Some(1), "{}", stderr(&worse));
    names(&stdout(&worse), &["fails now", "WORSE: 1;", " 1 differ"]);
    std::fs::write(&file, &text[..text.len() / 2]).expect("it is written");
    names(&refusal(&compare()), &["report.json", "no report.json of hil run", "line"]);
    std::fs::remove_file(&file).expect("it is there");
    names(&refusal(&compare()), &["report.json", "No such file"]);
}
