//! `hil settings`: exports, checks and imports a board's settings, and makes those of the factory.
//!
//! In come a board and a file, out go what is ignored, what changes and whether it was kept. This file must not know which
//! settings there are.
//!
//! - [`arguments`]: the command line; [`file`](mod@file): a file of settings on this machine.

pub mod arguments;
pub mod file;

use std::io::stdin;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hil_board::device::settings as device;
use hil_link::settings::MAX_LINE;
use hil_link::{DeviceRequest, LineVerdict, Memory, SettingsAnswer, SettingsRequest, SettingsState};
use indicatif::{ProgressBar, ProgressStyle};

use crate::board::{Board, Eeprom};
use crate::calibrate::guide::Guide;
use crate::session::Session;
use crate::terminal::{plain, print, say};
use arguments::{Action, Keeping, Settings};
use file::{Ignored, Lines};

/// For how long a write may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// So often settings are exported that change meanwhile.
const ATTEMPTS: u32 = 5;

/// Most lines that a board may export.
const MOST_LINES: u16 = 10_000;

/// Runs the command; tells whether the file was taken.
///
/// # Errors
/// The call, a file or the board is at fault.
pub fn command(arguments: &Settings) -> Result<bool> {
    match &arguments.action {
        Action::Check { file, strict } => check(&Lines::read(file)?, *strict),
        Action::Export { file, force } => {
            let is_output = file == Path::new("-");
            // Before a board is looked for.
            ensure!(is_output || *force || !file.exists(), "{} exists; --force writes over it", file.display());
            export(&mut open(arguments)?, file, is_output)
        }
        Action::Import { file, strict, keeping } => {
            let is_input = file == Path::new("-");
            ensure!(!is_input || keeping.yes, "standard input is the file, so nothing can be asked: --yes");
            let lines = Lines::read(file)?;
            import(&mut open(arguments)?, &lines, *strict, *keeping)
        }
        Action::FactoryReset { keeping } => factory_reset(&mut open(arguments)?, *keeping),
    }
}

fn open(arguments: &Settings) -> Result<Session> {
    let eeprom = Eeprom::of(&arguments.board, arguments.eeprom.as_deref(), true)?;
    let board = Board::with_eeprom(&arguments.board, &arguments.link.image, arguments.link.baud, &eeprom)?;
    let mut session = Session::start(board)?;
    let state = session.settings_state(SettingsRequest::Show)?;
    if let Some(trouble) = trouble(state.memory) {
        say(&format!("hil: {trouble}"));
    }
    Ok(session)
}

/// What is wrong with what stands on the chip.
const fn trouble(memory: Memory) -> Option<&'static str> {
    match memory {
        Memory::Blank | Memory::Restored => None,
        Memory::Absent => {
            Some("the board has no EEPROM that answers: it runs by factory settings and cannot keep others")
        }
        Memory::Corrupt => Some("the settings on the board's EEPROM are CORRUPT: it runs by factory settings"),
        Memory::Foreign => {
            Some("something FOREIGN stands where the board keeps its settings: it runs by factory settings")
        }
    }
}

fn check(lines: &Lines, strict: bool) -> Result<bool> {
    let mut settings = device::Settings::default();
    let (taken, ignored) = lines.apply(&mut settings);
    for one in &ignored {
        print(&lines.tell(one))?;
    }
    print(&format!("{}: {taken} lines set something, {} are ignored\n", lines.name, ignored.len()))?;
    Ok(!refused(strict, &ignored))
}

/// Whether a file is refused, which is said.
fn refused(strict: bool, ignored: &[Ignored]) -> bool {
    let is_refused = strict && !ignored.is_empty();
    if is_refused {
        say("hil: refused by --strict");
    }
    is_refused
}

fn export(session: &mut Session, file: &Path, is_output: bool) -> Result<bool> {
    let text = kept(session)?;
    if is_output {
        print(&text)?;
    } else {
        std::fs::write(file, &text).with_context(|| format!("{} cannot be written", file.display()))?;
        print(&format!("{}: {} settings\n", file.display(), file::count(&text)))?;
    }
    Ok(true)
}

/// The settings that the board keeps, as text.
///
/// # Errors
/// The board is lost, does not come to an end, or keeps others again and again.
pub fn kept(session: &mut Session) -> Result<String> {
    let digest = |session: &mut Session| Ok(session.settings_state(SettingsRequest::Show)?.kept);
    unchanged(session, digest, exported)
}

/// What is read in several pieces, of one state: where its digest is another one afterwards, it is read anew.
fn unchanged<S, T>(
    source: &mut S,
    digest: impl Fn(&mut S) -> Result<u64>,
    read: impl Fn(&mut S) -> Result<T>,
) -> Result<T> {
    for _ in 0..ATTEMPTS {
        let before = digest(source)?;
        let text = read(source)?;
        if digest(source)? == before {
            return Ok(text);
        }
    }
    bail!("the board's settings are changed by somebody else while they are exported")
}

fn exported(session: &mut Session) -> Result<String> {
    let (mut out, mut from) = (String::new(), 0);
    loop {
        let SettingsAnswer::Text { text, next } = session.settings(SettingsRequest::Export { from })? else {
            bail!("the board gives no fitting answer to the request for its settings");
        };
        for line in text.lines() {
            out.push_str(&plain(line));
            out.push('\n');
        }
        match next {
            None => return Ok(out),
            Some(next) if next > from && next < MOST_LINES => from = next,
            Some(next) => bail!("the board exports line {next} after line {from}"),
        }
    }
}

fn import(session: &mut Session, lines: &Lines, strict: bool, keeping: Keeping) -> Result<bool> {
    let before = file::known(&kept(session)?);
    session.settings_state(SettingsRequest::Begin)?;
    let ignored = upload(session, lines)?;
    for one in &ignored {
        print(&lines.tell(one))?;
    }
    if refused(strict, &ignored) {
        session.settings_state(SettingsRequest::Cancel)?;
        return Ok(false);
    }
    let after = before.clone().map(|mut settings| {
        lines.apply(&mut settings);
        settings
    });
    keep(session, before.as_ref().zip(after.as_ref()), keeping)
}

fn factory_reset(session: &mut Session, keeping: Keeping) -> Result<bool> {
    let before = file::known(&kept(session)?);
    session.settings_state(SettingsRequest::Begin)?;
    match line(session, device::line::FACTORY)? {
        LineVerdict::Taken => {}
        other => bail!("the board does not know its factory settings: {other:?}"),
    }
    keep(session, before.as_ref().zip(Some(&device::Settings::default())), keeping)
}

/// Sends all lines; gives those that the board ignores.
fn upload(session: &mut Session, lines: &Lines) -> Result<Vec<Ignored>> {
    let style = ProgressStyle::with_template("settings [{bar:24}] {pos}/{len} lines")?;
    // Hidden where standard error is no terminal.
    let bar = ProgressBar::new(lines.numbered().len() as u64).with_style(style);
    let mut ignored = vec![];
    for (number, text) in lines.numbered() {
        bar.inc(1);
        if text.len() > MAX_LINE {
            ignored.push((number, format!("longer than {MAX_LINE} bytes")));
        } else if let LineVerdict::Ignored(why) = line(session, text)? {
            ignored.push((number, why.to_string()));
        }
    }
    bar.finish_and_clear();
    Ok(ignored)
}

fn line(session: &mut Session, text: &str) -> Result<LineVerdict> {
    match session.settings(SettingsRequest::Line { text })? {
        SettingsAnswer::Line(verdict) => Ok(verdict),
        _ => bail!("the board gives no fitting answer to a line of settings"),
    }
}

/// Shows what an import changes, asks, and lets the board keep it.
fn keep(
    session: &mut Session,
    known: Option<(&device::Settings, &device::Settings)>,
    keeping: Keeping,
) -> Result<bool> {
    let state = session.settings_state(SettingsRequest::Show)?;
    let imported = state.imported.context("the board has forgotten what it was sent")?;
    if imported == state.kept {
        session.settings_state(SettingsRequest::Cancel)?;
        print("nothing changes\n")?;
        return Ok(true);
    }
    // Only where this program makes of the file what the board makes of it.
    match known.filter(|(before, after)| before.digest() == state.kept && after.digest() == imported) {
        Some((before, after)) => {
            for change in file::differences(before, after) {
                print(&format!("{change}\n"))?;
            }
        }
        None => print("the board has other settings than this program knows: what changes cannot be shown\n")?,
    }
    let mut input = stdin().lock();
    let mut guide = if keeping.yes { Guide::Yes } else { Guide::Asks(&mut input) };
    if !guide.agrees("Shall the board keep these settings?")? {
        session.settings_state(SettingsRequest::Cancel)?;
        say("nothing is changed");
        return Ok(false);
    }
    let done = applied(session)?;
    ensure!(done.kept == imported, "the board keeps other settings than those it was sent");
    if keeping.restart {
        session.device(DeviceRequest::Restart { held: false })?;
        let now = session.settings_state(SettingsRequest::Show)?;
        ensure!(now.in_use == imported, "the board has started anew, but not with these settings");
        print(&format!("kept and in use, digest {imported:016x}\n"))?;
    } else {
        print(&format!("kept, digest {imported:016x}; in use after a restart of the board (--restart)\n"))?;
    }
    Ok(true)
}

/// Lets the board write what was imported and waits until it is kept.
///
/// # Errors
/// The board refuses, is lost, or its chip does not take it.
pub fn applied(session: &mut Session) -> Result<SettingsState> {
    let before = session.settings_state(SettingsRequest::Show)?;
    let mut state = session.settings_state(SettingsRequest::Apply)?;
    let begun = Instant::now();
    while state.pending {
        ensure!(begun.elapsed() < PATIENCE, "the board does not finish writing its settings");
        state = session.settings_state(SettingsRequest::Show)?;
    }
    ensure!(
        state.saves > before.saves,
        "the board could not keep the settings: its EEPROM does not hold what is written; those before are still there"
    );
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings that change after so many pieces, which are read two at a time.
    struct Other {
        pieces: u64,
        changes_at: Vec<u64>,
    }

    impl Other {
        fn state(&mut self) -> u64 {
            self.changes_at.iter().filter(|&&at| at <= self.pieces).count() as u64
        }

        fn text(&mut self) -> [u64; 2] {
            [(); 2].map(|()| {
                self.pieces += 1;
                self.state()
            })
        }
    }

    #[test]
    fn what_changes_while_it_is_read_is_read_anew() {
        let read = |changes_at: &[u64]| {
            let mut other = Other { pieces: 0, changes_at: changes_at.to_vec() };
            unchanged(&mut other, |other| Ok(other.state()), |other| Ok(other.text())).ok()
        };
        assert_eq!(read(&[]), Some([0, 0]));
        assert_eq!(read(&[2]), Some([1, 1]));
        assert_eq!(read(&[1, 4, 5]), Some([3, 3]));
        assert_eq!(read(&[1, 3, 5, 7, 9, 11]), None, "it never comes to rest");
    }
}
