//! Boards that fall silent, go, come back or were never there.

use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::support::{call, names, refusal};
use crate::terminal::{SETTLED, Terminal};
use hil::board::Board;
use serialport::{SerialPort, TTYPort};
use tempfile::TempDir;

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

/// A board at a link in the folder, and a monitor that reads it.
fn monitored(folder: &TempDir) -> (PathBuf, Plugged, Terminal) {
    let link = folder.path().join("board");
    let plugged = Plugged::at(&link);
    let terminal = Terminal::monitor(&["--board", link.to_str().expect("a path of ASCII")], &[]);
    terminal.wait_for(&SETTLED);
    (link, plugged, terminal)
}

#[test]
fn a_board_that_is_unplugged_is_told_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (link, plugged, mut terminal) = monitored(&folder);
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
    let (link, plugged, mut terminal) = monitored(&folder);
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
