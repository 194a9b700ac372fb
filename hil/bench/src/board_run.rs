//! `hil board run`: keeps a board running for other programs, with a signal on.
//!
//! In comes a board to start, out go the names of its serial ports. This file must not know what is said over them.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use hil_board::device::settings::Modbus;
use hil_link::{Config, SettingsAnswer, SettingsRequest};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::board::{Eeprom, Ports, Running};
use crate::cli::{BoardCommand, BoardRun};
use crate::interruption;
use crate::own_signal;
use crate::session::{Session, Terms};
use crate::settings;
use crate::terminal::{print, say};

/// Frames that the board samples at once, in seconds.
const PIECE_S: f64 = 0.1;

/// So far behind the clock it begins anew to keep time: a machine that was asleep does not catch up.
const BEHIND: Duration = Duration::from_secs(1);

/// Runs the command; comes back when a signal asks for the end.
///
/// # Errors
/// The board cannot be started, or is lost.
pub fn command(board: &BoardCommand, arguments: &BoardRun) -> Result<()> {
    let stop = interruption::on(&[SIGINT, SIGTERM, SIGHUP])?;
    let eeprom = Eeprom::of(&board.board, arguments.eeprom.as_deref(), false)?;
    let running = Running::start(&board.board, &board.link.image, &eeprom)?;
    let ports = running.ports().clone();
    let done = if arguments.silent {
        tell(&ports, true, None)?;
        wait(running, &stop)
    } else {
        let terms = Terms { stop: stop.clone(), ..Terms::default() };
        running.open().and_then(|board| Session::on(board, terms)).and_then(|session| play(session, &ports, &stop))
    };
    match done {
        // The emulator hears a Ctrl-C as well.
        Err(_) if stop.load(Ordering::Relaxed) => Ok(()),
        other => other,
    }
}

/// Has the board meter its own signal by its own settings: what is changed on the console is in use after a restart there.
fn play(mut session: Session, ports: &Ports, stop: &AtomicBool) -> Result<()> {
    let config = start(&mut session)?;
    session.set_signal(&own_signal::at(&config)?)?;
    // Once more now that it has the signal, which stays: no front end stands before that whose calibration it would need.
    start(&mut session)?;
    let modbus = settings::file::known(&settings::kept(&mut session)?).map(|settings| settings.modbus);
    tell(ports, false, modbus)?;
    meter(&mut session, stop)
}

/// Begins to meter by the settings; the configuration that they make.
fn start(session: &mut Session) -> Result<Config> {
    let start = SettingsRequest::Start { sample_rate: (own_signal::RATE_HZ * 2f64.powi(32)) as u64, adc_bits: 24 };
    let SettingsAnswer::Started(config) = session.settings(start)? else {
        bail!("the board gives no fitting answer to the request to meter by its settings");
    };
    Ok(config)
}

/// Tells the names, and the settings of the Modbus port where they are known.
fn tell(ports: &Ports, is_silent: bool, modbus: Option<Modbus>) -> Result<()> {
    let mut out = String::new();
    let whose = if is_silent { "free, for hil run --board and others" } else { "taken: this program plays a signal" };
    let modbus = match modbus {
        Some(Modbus { address, baud, parity }) => format!("{baud} baud 8{}1, RTU, address {address}", parity.letter()),
        None => "RTU; hil settings export tells its speed and address".into(),
    };
    writeln!(out, "link     {}  {whose}", ports.link)?;
    writeln!(out, "console  {}  115200 baud 8N1", ports.console)?;
    writeln!(out, "modbus   {}  {modbus}", ports.modbus)?;
    print(&out)?;
    say("running; Ctrl-C ends it");
    Ok(())
}

fn wait(mut running: Running, stop: &AtomicBool) -> Result<()> {
    while !stop.load(Ordering::Relaxed) {
        if let Some(gone) = running.gone() {
            bail!("the board is lost: {gone}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Lets the board meter its own signal in real time.
fn meter(session: &mut Session, stop: &AtomicBool) -> Result<()> {
    let piece = Duration::from_secs_f64(PIECE_S);
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        session.run((PIECE_S * own_signal::RATE_HZ) as u32)?;
        due += piece;
        if due + BEHIND < Instant::now() {
            due = Instant::now();
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    Ok(())
}
