//! A program in a terminal, and what must stand on each of its pages.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::names;
use portable_pty::{Child, CommandBuilder, ExitStatus, PtyPair, PtySize, native_pty_system};
use vt100::{Parser, Screen};

pub const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

/// Everything asked for must stand on the screen within this time.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A program in a terminal.
pub struct Terminal {
    pub pair: PtyPair,
    pub child: Box<dyn Child + Send + Sync>,
    pub screen: Arc<Mutex<Parser>>,
    pub keys: Box<dyn Write + Send>,
}

impl Terminal {
    pub fn start(program: &str, arguments: &[&str], environment: &[(&str, &str)], size: PtySize) -> Self {
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

    pub fn monitor(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_hil"), &[&["monitor"], arguments].concat(), environment, SIZE)
    }

    pub fn with<T>(&self, look: impl Fn(&Screen) -> T) -> T {
        look(self.screen.lock().expect("the reader does not panic").screen())
    }

    pub fn text(&self) -> String {
        self.with(Screen::contents)
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until the screen is as wanted; its lines then.
    #[track_caller]
    pub fn wait(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
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
    pub fn wait_for(&self, parts: &[&str]) -> Vec<String> {
        self.wait(|text| parts.iter().all(|part| text.contains(part)))
    }

    /// Whether the line is in cooked mode, as `stty` sees it.
    pub fn is_cooked(&self) -> bool {
        let name = self.pair.master.tty_name().expect("a name");
        let output = Command::new("stty").arg("-a").arg("-F").arg(name).output().expect("stty is there");
        let said = String::from_utf8_lossy(&output.stdout).replace(';', " ");
        let has = |word: &str| said.split_whitespace().any(|said| said == word);
        assert!(has("icanon") || has("-icanon"), "{said}");
        has("icanon") && has("echo") && has("isig")
    }

    /// Waits for the end of the program; the terminal must be as it was before.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
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
pub const SETTLED: [&str; 6] = ["LIVE", "Voltage   230.06", "Frequency  50.0000 Hz", "sinusoidal", "I7 ", "no load"];

/// The frame that all pages share stands whole, and no line is cut.
#[track_caller]
pub fn is_whole(lines: &[String]) {
    is_framed(lines, ": strip (built in)");
}

/// The same with another signal.
#[track_caller]
pub fn is_framed(lines: &[String], signal: &str) {
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
