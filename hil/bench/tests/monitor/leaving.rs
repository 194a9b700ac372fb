//! How the terminal is left.

use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::terminal::{SETTLED, SIZE, Terminal};
use portable_pty::{CommandBuilder, native_pty_system};
use vt100::Parser;

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
    let arguments = ["--exact", "leaving::panics_on_the_screen", "--ignored", "--nocapture", "--test-threads=1"];
    let mut terminal = Terminal::start(own.to_str().expect("a path of ASCII"), &arguments, &[], SIZE);
    terminal.wait_for(&["drawn before the panic"]);
    assert!(terminal.with(|screen| screen.alternate_screen() && screen.hide_cursor()));
    assert_ne!(terminal.end().exit_code(), 0);
    // Told on the terminal's own screen, where it can be read.
    terminal.wait_for(&["on purpose"]);
}
