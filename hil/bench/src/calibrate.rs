//! `hil calibrate`: finds the corrections of a board's front end, keeps them on the board and proves them.
//!
//! In come a board, a front end and reference values, out go tables and whether the board reads right afterwards. This
//! file must not know how corrections are computed.
//!
//! - [`arguments`]: the command line; [`mod@reference`]: loads and their true values; [`rig`]: connecting them and reading the board;
//! - [`solve`]: from readings to corrections; [`check`]: what the board reads before and after;
//! - [`table`]: what is told; [`guide`]: what is asked.

pub mod arguments;
pub mod check;
pub mod guide;
pub mod reference;
pub mod rig;
pub mod solve;
pub mod table;

use std::io::stdin;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use datasets::Channels;
use hil_link::{Calibration, CalibrationRequest, CalibrationState, Memory};

use crate::board::{Board, Eeprom};
use crate::session::Session;
use crate::setup::Setup;
use crate::terminal::{print, say};
use arguments::Calibrate;
use guide::Guide;
use reference::References;
use rig::Rig;
use solve::Readings;

/// For how long a save may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the command; tells whether the board reads right.
///
/// # Errors
/// The call, a file or the board is at fault; what was written by then is told.
pub fn command(arguments: &Calibrate) -> Result<bool> {
    let setup = Setup::of(&arguments.inputs, arguments.currents, !arguments.no_residual)?;
    let residual = setup.ranges.residual.is_some();
    let mut input = stdin().lock();
    let mut guide = if arguments.yes { Guide::Yes } else { Guide::Asks(&mut input) };
    let given = match (arguments.reference.as_deref(), arguments.yes) {
        _ if arguments.show || arguments.clear => None,
        (Some("catalogue"), _) | (None, true) => Some(References::catalogue()?),
        (Some("typed"), true) => bail!("--reference typed: with --yes nothing is asked"),
        (Some("typed") | None, false) => None,
        (Some(file), _) => Some(References::read(Path::new(file))?),
    };
    if let Some(references) = &given {
        references.check(&setup.ranges)?;
    }
    let eeprom = Eeprom::of(&arguments.board, arguments.eeprom.as_deref(), true)?;
    let board = Board::with_eeprom(&arguments.board, &arguments.link.image, arguments.link.baud, &eeprom)?;
    let mut session = Session::start(board)?;
    let kept = session.calibration(CalibrationRequest::Show)?;
    let hello = session.hello();
    print(&format!("board: {} {}\ncalibration on the board: {}\n", hello.board, hello.firmware, table::state(&kept)))?;
    if arguments.show {
        print(&format!("{}\n", table::corrections(None, &kept.calibration.unwrap_or_default())))?;
        return Ok(true);
    }
    ensure!(kept.memory != Memory::Absent, "the board has no EEPROM that answers: it could not keep a calibration");
    if arguments.clear {
        write(&mut session, &Calibration::default())?;
        print("taken away: the board keeps no correction\n")?;
        return Ok(true);
    }
    let references = if let Some(references) = given {
        references
    } else {
        let typed = guide.references(&References::catalogue()?, residual)?;
        typed.check(&setup.ranges)?;
        typed
    };
    let mut rig = Rig::new(session, &arguments.errors, &setup);
    let before = kept.calibration.unwrap_or_default();
    calibrate(&mut rig, &mut guide, &references, &setup, &before, arguments.limits())
}

/// The whole way: measure, solve, write, read back, measure again.
fn calibrate(
    rig: &mut Rig<'_>,
    guide: &mut Guide<'_>,
    references: &References,
    setup: &Setup,
    before: &Calibration,
    limits: check::Limits,
) -> Result<bool> {
    let mut was = read(rig, guide, references, before, "measure")?;
    guide.connect("measure", "no voltage, no load")?;
    was.silence = rig.silence(before)?;
    let mut solved = match solve::solve(references, &was, &setup.ranges, setup.rate_hz, before) {
        Ok(solved) => solved,
        Err(refused) => {
            say(&format!("hil: refused, nothing is written: {}", refused.join("; ")));
            return Ok(false);
        }
    };
    solved.made = now();
    print(&format!("\n{}\n\n", table::corrections(Some(before), &solved)))?;
    if !guide.agrees("Write these corrections to the board?")? {
        say("nothing is written");
        return Ok(false);
    }
    write(&mut rig.session, &solved)?;
    prove(rig, guide, references, setup, (&was, before), &solved, limits).context(
        "the new corrections are on the board but not proved; calibrate again, or `hil calibrate --clear` takes them away",
    )
}

/// Reads back what was written, and measures all again.
fn prove(
    rig: &mut Rig<'_>,
    guide: &mut Guide<'_>,
    references: &References,
    setup: &Setup,
    (was, before): (&Readings, &Calibration),
    solved: &Calibration,
    limits: check::Limits,
) -> Result<bool> {
    let kept = rig.session.calibration(CalibrationRequest::Show)?;
    ensure!(kept.calibration.as_ref() == Some(solved), "the board does not read back what was written");
    print(&format!("calibration on the board: {}\n\n", table::state(&kept)))?;

    guide.connect("verify", "no voltage, no load")?;
    let rest = rig.rest(solved)?;
    let after = read(rig, guide, references, solved, "verify")?;
    let rows = check::rows(references, &setup.ranges, (was, before), (&after, &rest), limits);
    print(&format!("{}\n{}\n", table::readings(&rows), table::verdict(&rows)))?;
    let holds = rows.iter().all(check::Row::holds);
    if !holds {
        say("the board keeps the new corrections although they do not hold; `hil calibrate --clear` takes them away");
    }
    Ok(holds)
}

/// What the board reads of all loads.
fn read(
    rig: &mut Rig<'_>,
    guide: &mut Guide<'_>,
    references: &References,
    calibration: &Calibration,
    step: &str,
) -> Result<Readings> {
    guide.connect(step, &references.gain.words())?;
    let gain = rig.load(&references.gain, calibration)?;
    let mut phase = Vec::new();
    for load in &references.phase {
        guide.connect(step, &load.words())?;
        phase.push(rig.load(load, calibration)?);
    }
    Ok(Readings { silence: Channels::default(), gain, phase })
}

/// Writes a calibration and waits until it is on the chip.
///
/// # Errors
/// The board refuses, is lost, or its chip does not take it.
fn write(session: &mut Session, calibration: &Calibration) -> Result<CalibrationState> {
    let before = session.calibration(CalibrationRequest::Show)?;
    let mut state = session.calibration(CalibrationRequest::Write(calibration.clone()))?;
    let begun = Instant::now();
    while state.pending {
        ensure!(begun.elapsed() < PATIENCE, "the board does not finish writing its calibration");
        state = session.calibration(CalibrationRequest::Show)?;
    }
    ensure!(
        state.saves > before.saves,
        "the board could not keep the calibration: its EEPROM does not hold what is written"
    );
    Ok(state)
}

fn now() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    u32::try_from(since).unwrap_or(0)
}
