//! `hil energy`: shows, resets and saves a board's energy registers.
//!
//! In come a board and what to do, out goes a table. This file must not know how a board keeps them.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use comfy_table::{Cell, CellAlignment, Table, presets};
use hil_link::{EnergyRequest, EnergyState, MAX_CURRENTS, Memory};
use metering_core::energy::{Energy as Energies, Registers};
use metering_core::quantity::{Second, WattSecond};
use metering_core::registers;

use crate::board::{Board, Eeprom};
use crate::cli::{Energy, EnergyAction};
use crate::session::Session;
use crate::terminal::print;

/// For how long a save may take: a page takes 5 ms, a request some tens on a slow line.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the command.
///
/// # Errors
/// The board cannot be reached, refuses, or does not save.
pub fn command(arguments: &Energy) -> Result<()> {
    let eeprom = Eeprom::of(&arguments.board, arguments.eeprom.as_deref(), false)?;
    let board = Board::with_eeprom(&arguments.board, &arguments.link.image, arguments.link.baud, &eeprom)?;
    let mut session = Session::start(board)?;
    let state = match &arguments.action {
        EnergyAction::Show => session.energy(EnergyRequest::Show)?,
        EnergyAction::Reset { channel } => saved(&mut session, EnergyRequest::Reset { channel: *channel })?,
        EnergyAction::Save => saved(&mut session, EnergyRequest::Save)?,
    };
    print(&document(&state)?)
}

/// Asks for something that is to be saved and waits until it is.
///
/// # Errors
/// The board is lost, or the chip does not take the registers.
pub fn saved(session: &mut Session, request: EnergyRequest) -> Result<EnergyState> {
    let before = session.energy(EnergyRequest::Show)?;
    let mut state = session.energy(request)?;
    let begun = Instant::now();
    while state.pending {
        ensure!(begun.elapsed() < PATIENCE, "the board does not finish its save");
        state = session.energy(EnergyRequest::Show)?;
    }
    if state.saves == before.saves {
        bail!(
            "the board could not save: {}",
            match state.memory {
                Memory::Absent => "it has no EEPROM that answers",
                Memory::Foreign => "its EEPROM holds something foreign; `hil energy save` takes it over",
                _ => "its EEPROM does not hold what is written",
            }
        );
    }
    Ok(state)
}

/// The registers as text.
///
/// # Errors
/// The board's registers contradict themselves.
pub fn document(state: &EnergyState) -> Result<String> {
    let all: Registers<MAX_CURRENTS> = state.registers().context("the board's registers contradict themselves")?;
    let mut out = String::new();
    writeln!(out, "memory: {}", memory(state))?;
    writeln!(out, "operation_s: {}", all.operation_s())?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    let heads = ["channel", "register", "forward", "reverse", "absolute", "unit", "reset_s"];
    table.set_header(heads.map(Cell::new));
    for (channel, account) in all.accounts().iter().enumerate().take(state.channels.len()) {
        let since = all.since_reset_s(channel).map_or_else(String::new, |seconds| seconds.to_string());
        for (name, energy, reset_s) in
            [("continuous", account.continuous, ""), ("resettable", account.resettable(), since.as_str())]
        {
            for (kind, unit, [forward, reverse, absolute]) in rows(&energy) {
                let cells = [format!("{channel}"), format!("{name} {kind}"), forward, reverse, absolute, unit.into()];
                let right = |(n, text): (usize, String)| {
                    let cell = Cell::new(text);
                    if (2..5).contains(&n) { cell.set_alignment(CellAlignment::Right) } else { cell }
                };
                let reset_s = Cell::new(reset_s).set_alignment(CellAlignment::Right);
                table.add_row(cells.into_iter().enumerate().map(right).chain([reset_s]));
            }
        }
    }
    writeln!(out, "{table}")?;
    Ok(out)
}

/// Kind, unit and values of the registers of one energy.
fn rows(energy: &Energies) -> [(&'static str, &'static str, [String; 3]); 3] {
    let active = [energy.forward_active, energy.reverse_active, energy.absolute_active()].map(text);
    let reactive = [energy.forward_reactive, energy.reverse_reactive, energy.absolute_reactive()].map(text);
    let apparent = [String::new(), String::new(), text(energy.apparent)];
    [("active", "Wh", active), ("reactive", "varh", reactive), ("apparent", "VAh", apparent)]
}

/// Whole watt-hours as a register shows them, and the part that is kept behind them, cut after six digits.
fn text(energy: WattSecond) -> String {
    let whole = registers::energy(energy);
    let rest = u128::from(energy.to_bits()) - u128::from(whole) * (3_600 << WattSecond::FRAC_NBITS);
    format!("{whole}.{:06}", rest * 1_000_000 / (3_600 << WattSecond::FRAC_NBITS))
}

/// What was found on the chip and what was saved, in words.
pub fn memory(state: &EnergyState) -> String {
    let found = match state.memory {
        Memory::Absent => "no EEPROM answers",
        Memory::Blank => "blank at the start",
        Memory::Restored => "restored at the start",
        Memory::Corrupt => "CORRUPT at the start: no whole record, the registers began at 0",
        Memory::Foreign => "FOREIGN at the start: nothing is written until `hil energy save`",
    };
    let saved = state.saved.map_or_else(|| "nothing saved".into(), |number| format!("newest record {number}"));
    let faults = if state.faults > 0 { format!(", {} faults", state.faults) } else { String::new() };
    format!("{found}; {saved}, {} saves since the start{faults}", state.saves)
}

/// Watt-hours as a number, for reports.
pub fn watt_hours(energy: WattSecond) -> f64 {
    energy.to_num::<f64>() / 3_600.0
}

/// By how much the register that moved most has moved, in watt-hours, and the time between, in seconds.
pub fn moved(later: &Registers<MAX_CURRENTS>, earlier: &Registers<MAX_CURRENTS>) -> (f64, f64) {
    let (energy, time): (WattSecond, Second) = later.moved(earlier);
    (watt_hours(energy), time.to_num())
}
