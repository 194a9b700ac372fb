//! The board's console and its settings: any bytes that are typed, any lines of an import, any bytes on the chip.
//!
//! Asserted beside that nothing panics: what waits on its way out is bounded, a line that is taken is printable ASCII of at
//! most 120 characters, no setting leaves its range, and bytes that are read as settings are those that are written of them.

use hil_board::device::Snapshot;
use hil_board::device::console::answer::{Answer, View};
use hil_board::device::console::command::Command;
use hil_board::device::console::{Console, Outcome};
use hil_board::device::settings::{Settings, VERSION, line, table};

/// One case: see the head of the file. The first byte tells how many bytes the port takes at a time.
pub fn console(bytes: &[u8]) {
    for version in 0..=VERSION + 1 {
        if let Some(settings) = Settings::decode(version, bytes) {
            assert!((1..=VERSION).contains(&version) && table::fault(&settings).is_none());
            assert_eq!(Settings::decode(VERSION, &settings.encode()), Some(settings));
        }
    }
    let Some((takes, typed)) = bytes.split_first() else { return };
    let mut settings = Settings::default();
    for text in String::from_utf8_lossy(typed).lines() {
        match line::read(text) {
            Ok(change) => change.apply(&mut settings),
            Err(why) => assert!(!why.to_string().is_empty()),
        }
        assert!(table::fault(&settings).is_none(), "{text:?}");
    }
    let (mut console, snapshot) = (Console::new(), Snapshot::default());
    for &byte in typed {
        console.typed(byte);
        turn(&mut console, &snapshot, &settings, usize::from(*takes));
    }
    // A port that takes bytes again is served to the end.
    while turn(&mut console, &snapshot, &settings, 64) {}
    assert!(!console.has_more());
}

/// One look of the board at its console; tells whether anything went on.
fn turn(console: &mut Console, snapshot: &Snapshot, settings: &Settings, takes: usize) -> bool {
    let is_command = console.step(&View { snapshot, in_use: settings, kept: settings });
    if is_command {
        let Some((command, line)) = console.command() else { panic!("there is a command") };
        assert!(line.len() <= 120 && line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{line:?}");
        console.reply(match command {
            Command::Readings(sensors, fields) => Outcome::Show(Answer::Readings(sensors, fields)),
            Command::Residual => Outcome::Show(Answer::Residual),
            Command::Settings => Outcome::Show(Answer::Settings),
            Command::Setting(entry) => Outcome::Show(Answer::Setting(entry)),
            Command::Help => Outcome::Show(Answer::Help),
            _ => Outcome::Done,
        });
    }
    let taken = console.output().len().min(takes);
    assert!(console.output().len() <= 1_536);
    console.sent(taken);
    is_command || taken > 0
}
