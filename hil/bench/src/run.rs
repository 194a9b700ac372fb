//! `hil run`: plays the catalogue to a board, judges it and writes the report.
//!
//! In come a board and a choice of suites, out go files, a table and whether every point holds. This file must not know
//! how a point is judged or a board is reached.

mod choice;
mod play;

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use datasets::catalogue::Point;
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::SIGINT;

use crate::board::{Board, Eeprom};
use crate::cases::{Case, Starter};
use crate::cli::{Profile, Run as Arguments};
use crate::journal::{self, Circumstances, Journal};
use crate::rcd;
use crate::report::{self, PointResult, Run, Skipped};
use crate::session::{Session, Terms};
use crate::suite_energy::Scope;
use crate::terminal::{plain, print, say};
use crate::{clock, interruption};

pub use choice::{Catalogue, catalogue};
use choice::{choice, decisions, profile};
use play::{Front, play};

/// Runs the command; tells whether every point holds.
///
/// # Errors
/// The call is wrong, or the board cannot be reached or was lost; the finished points are in the report all the same.
pub fn command(arguments: &Arguments) -> Result<bool> {
    let Catalogue { suites, mut skipped } = catalogue(&arguments.recordings.folder)?;
    let (chosen, cases) = choice(arguments, &suites, &mut skipped)?;
    // Sooner than after minutes of playing.
    if let Some(end) = &arguments.errors {
        chosen.iter().try_for_each(|(_, point)| end.takes(point))?;
    }
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("--out {}", arguments.out.display()))?;
    let eeprom = Eeprom::of(&arguments.board, arguments.eeprom.as_deref(), arguments.errors.is_some())?;
    let board = Board::with_eeprom(&arguments.board, &arguments.link.image, arguments.link.baud, &eeprom)?;
    let stop = interruption::on(&[SIGINT])?;
    let mut session = Session::on(board, Terms { stop: stop.clone(), ..Terms::default() })?;
    let front = Front::of(arguments, &mut session)?;
    let mut run = describe(arguments, &mut session, &front, skipped)?;
    let circumstances = circumstances(arguments, &run);
    let begin = if arguments.resume { Journal::resume } else { Journal::begin };
    let mut journal = begin(&arguments.out, &circumstances)?;
    if arguments.resume {
        say(&format!("{} points are done already", journal.done()));
    }
    let bar = bar(&chosen);
    let decisions = decisions(arguments, &suites);
    let rows = decisions.iter().map(|(_, decisions)| decisions.len()).sum::<usize>();
    let played = chosen.len() + rows;
    let count = played + cases.len();
    let mut lost = None;
    for (n, (suite, point)) in chosen.into_iter().enumerate() {
        bar.set_message(format!("{}/{count} {suite}: {}", n + 1, point.name));
        if let Some(result) = journal.take(suite, &point.name) {
            bar.inc(bytes(point));
            run.points.push(result);
            continue;
        }
        match play(&mut session, suite, point, &front, &bar) {
            Ok(result) => {
                tell(&bar, n + 1, count, &result);
                journal.add(&result)?;
                run.points.push(result);
            }
            // The emulator hears a Ctrl-C as well.
            Err(_) if stop.load(Ordering::Relaxed) => {
                lost = Some(anyhow!("interrupted"));
                break;
            }
            Err(error) => {
                lost = Some(error);
                break;
            }
        }
    }
    // They need no board; with a lost one there is nothing left to say.
    for (suite, decisions) in decisions.iter().filter(|_| lost.is_none() && !stop.load(Ordering::Relaxed)) {
        let done = AtomicUsize::new(run.points.len());
        let told = |result: &PointResult| tell(&bar, done.fetch_add(1, Ordering::Relaxed) + 1, count, result);
        bar.set_message(format!("{suite}: decisions on this machine"));
        if !decisions.is_empty() {
            run.points.extend(rcd::sweep(suite, decisions, &told)?);
            run.figures.extend(rcd::waves(suite)?);
        }
    }
    bar.finish_and_clear();
    (run.resent, run.damaged) = (session.resent(), session.damaged());
    run.environment.push(("requests sent again".into(), run.resent.to_string()));
    // Its points start boards of their own.
    drop(session);
    if lost.is_none() {
        lost = play_cases(arguments, &cases, &stop, &mut journal, &mut run, &mut |run, result| {
            tell(&bar, run, count, result);
        })?;
    }
    run.broken = lost.as_ref().map(|error| format!("{error:#}"));
    report::write_all(&run, &arguments.out)?;
    let html = arguments.out.join("report.html");
    print(&format!("{}{}\n", report::table::document(&run), html.display()))?;
    let Some(error) = lost else {
        journal.finish()?;
        return Ok(run.points.iter().all(PointResult::pass));
    };
    Err(anyhow!(
        "{error:#}; {} of {count} points are done and in {}; --resume goes on from there",
        run.points.len(),
        html.display()
    ))
}

/// A run on this board that has no point yet.
fn describe(arguments: &Arguments, session: &mut Session, front: &Front, skipped: Vec<Skipped>) -> Result<Run> {
    let info = session.info()?;
    let mut run = Run {
        board: arguments.board.clone(),
        firmware: format!("{} {}", session.hello().board, session.hello().firmware),
        started: clock::utc(SystemTime::now()),
        skipped,
        environment: vec![
            ("hil".into(), env!("CARGO_PKG_VERSION").into()),
            // `scripts/run` tells it to the compiler; whoever calls that directly may have changed anything since.
            ("git revision".into(), option_env!("HIL_REVISION").unwrap_or("not told at the build").into()),
            ("machine".into(), format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
            ("program on the board".into(), plain(&info.program)),
            ("protocol".into(), hil_link::PROTOCOL_VERSION.to_string()),
            ("profile".into(), format!("{:?}", profile(arguments)).to_lowercase()),
        ],
        ..Run::default()
    };
    run.environment.extend(front.told.clone());
    Ok(run)
}

/// Plays the suites that start boards of their own; what broke it off, if anything did.
fn play_cases(
    arguments: &Arguments,
    cases: &[Case],
    stop: &Arc<AtomicBool>,
    journal: &mut Journal,
    run: &mut Run,
    told: &mut dyn FnMut(usize, &PointResult),
) -> Result<Option<anyhow::Error>> {
    let scope = Scope::of(profile(arguments) == Profile::Quick, !arguments.suite.is_empty());
    let starter = Starter { board: &arguments.board, image: &arguments.link.image, baud: arguments.link.baud, stop };
    for case in cases {
        if stop.load(Ordering::Relaxed) {
            return Ok(Some(anyhow!("interrupted")));
        }
        if let Some(reason) = case.hindrance(&starter) {
            let (suite, point) = (case.suite().into(), case.name().into());
            run.skipped.push(Skipped { suite, point, reason: reason.into() });
            continue;
        }
        let result = match journal.take(case.suite(), case.name()) {
            Some(result) => result,
            None => match case.play(&starter, scope, &mut |word| say(&word)) {
                Ok(result) => {
                    journal.add(&result)?;
                    told(run.points.len() + 1, &result);
                    result
                }
                Err(_) if stop.load(Ordering::Relaxed) => return Ok(Some(anyhow!("interrupted"))),
                Err(error) => return Ok(Some(error)),
            },
        };
        run.points.push(result);
    }
    Ok(None)
}

/// What must be the same for points of two runs to stand in one report.
fn circumstances(arguments: &Arguments, run: &Run) -> Circumstances {
    let program = std::env::current_exe().map_or_else(|_| String::new(), |path| journal::stamp(&path));
    let mut circumstances = vec![
        ("program".into(), program),
        ("board".into(), run.board.clone()),
        ("firmware".into(), run.firmware.clone()),
        ("choice of suites".into(), arguments.suite.join(", ")),
    ];
    if run.board == "emulated" {
        circumstances.push(("image".into(), journal::stamp(&Board::image(&arguments.link.image).unwrap_or_default())));
    }
    circumstances.extend(run.environment.iter().cloned());
    circumstances
}

/// A line per finished point; where a bar moves, only for the points that fail.
fn tell(bar: &ProgressBar, number: usize, count: usize, result: &PointResult) {
    let verdict = if result.pass() { "ok  " } else { "FAIL" };
    let line = format!("{verdict} {number}/{count} {}: {} ({:.1} s)", result.suite, result.point, result.seconds);
    if bar.is_hidden() || !std::io::stderr().is_terminal() {
        say(&line);
    } else if !result.pass() {
        bar.println(line);
    }
}

/// What a point sends.
fn bytes(point: &Point) -> u64 {
    (point.frames() * point.ranges.count() * if point.adc_bits <= 16 { 2 } else { 3 }) as u64
}

/// A bar over the bytes to send: that is what takes the time.
fn bar(points: &[(&str, &Point)]) -> ProgressBar {
    let bar = ProgressBar::new(points.iter().map(|(_, point)| bytes(point)).sum());
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {bytes}/{total_bytes} {eta_precise} left  {msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
