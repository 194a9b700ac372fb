//! A load on a board: its registers against those of the core on this machine, to the last step.
//!
//! In comes how to start a board, out goes a point. This file must not know pages or records.

use std::f64::consts::{SQRT_2, TAU};

use anyhow::{Context, Result};
use datasets::Channels;
use hil_link::{EnergyRequest, MAX_CURRENTS, Memory, Nominal};
use metering_core::energy::Registers;

use super::{Starter, check};
use crate::board::Eeprom;
use crate::energy::{saved, watt_hours};
use crate::host;
use crate::plan::Plan;
use crate::report::{PointResult, WindowRow, WindowTable};

/// Frames per second: as few as the meter takes, because the line is what takes the time.
pub const RATE: f64 = 2_000.0;
const VOLT: f64 = 230.0;

/// Full-scale peaks, V and A.
const RANGES: (f64, f64) = (400.0, 4_000.0);

/// A load that flows to and fro: the amplitude of each cycle, in ampere, `amperes` over and over.
pub fn plan(seconds: f64, amperes: &[f64], lag_degrees: f64) -> Result<Plan> {
    let wave = |n: usize| {
        let turns = n as f64 * 50.0 / RATE;
        let angle = turns.fract() * TAU;
        let ampere = amperes[turns as usize % amperes.len()];
        (VOLT * SQRT_2 * angle.sin(), ampere * SQRT_2 * (angle - lag_degrees.to_radians()).sin())
    };
    let (voltage, current) = (0..(seconds * RATE) as usize).map(wave).unzip();
    let samples = Channels { voltage: Some(voltage), currents: vec![current], residual: None };
    let ranges = Channels { voltage: Some(RANGES.0), currents: vec![RANGES.1], residual: None };
    Plan::new(&samples, &ranges, RATE, 16, Nominal::Hz50)
}

/// Registers of the core on this machine after a plan, from `base` on.
fn truth(base: &Registers<MAX_CURRENTS>, plan: &Plan) -> Result<Registers<MAX_CURRENTS>> {
    let mut registers = *base;
    host::readings(plan)?.iter().for_each(|reading| registers.add(reading));
    Ok(registers)
}

/// Plays the point.
pub fn play(starter: &Starter<'_>) -> Result<PointResult> {
    let folder = tempfile::tempdir().context("no folder for the EEPROM")?;
    let eeprom = Eeprom::at(&folder.path().join("eeprom"));
    let open = || starter.start(&eeprom);
    let mut point = PointResult::default();
    let mut expect = |what: &str, holds: bool| {
        if !holds {
            point.failures.push(what.to_owned());
        }
    };
    // Cycles that go forward and in reverse, lagging: all four registers fill.
    let plan = plan(4.2, &[9.0, 9.0, -4.0, 9.0, -9.0], 40.0)?;
    let mut session = open()?;
    session.play(&plan, &mut |_| {})?;
    let state = session.energy(EnergyRequest::Show)?;
    let board: Registers<MAX_CURRENTS> = state.registers().context("registers that contradict themselves")?;
    let own = truth(&Registers::default(), &plan)?;
    expect("a new EEPROM is not told as blank", state.memory == Memory::Blank);
    expect("the board's registers are not those of the core on this machine", board == own);

    // A reset clears the resettable registers of its channel and the time since, and is there after a restart.
    let state = saved(&mut session, EnergyRequest::Reset { channel: Some(0) })?;
    let reset: Registers<MAX_CURRENTS> = state.registers().context("registers that contradict themselves")?;
    let mut should = board;
    should.reset(0);
    expect("a reset changes more, or less, than the resettable registers and their time", reset == should);
    drop(session);
    let mut session = open()?;
    let state = session.energy(EnergyRequest::Show)?;
    expect("what was saved is not there after a restart", state.registers() == Some(reset));
    expect("the record is not told as restored", state.memory == Memory::Restored);

    // What is counted after that comes on top, in all registers.
    session.play(&plan, &mut |_| {})?;
    let state = session.energy(EnergyRequest::Show)?;
    let again: Registers<MAX_CURRENTS> = state.registers().context("registers that contradict themselves")?;
    let should = truth(&reset, &plan)?;
    expect("after a restart the board does not count on from its record", again == should);
    let (account, truth) = (again.accounts()[0], should.accounts()[0]);
    let pairs = [
        ("forward_wh", "Wh", account.continuous.forward_active, truth.continuous.forward_active),
        ("reverse_wh", "Wh", account.continuous.reverse_active, truth.continuous.reverse_active),
        ("forward_varh", "varh", account.continuous.forward_reactive, truth.continuous.forward_reactive),
        ("reverse_varh", "varh", account.continuous.reverse_reactive, truth.continuous.reverse_reactive),
        ("apparent_vah", "VAh", account.continuous.apparent, truth.continuous.apparent),
        ("resettable_forward_wh", "Wh", account.resettable().forward_active, truth.resettable().forward_active),
    ];
    let mut rows = vec![];
    for (name, unit, measured, expected) in pairs {
        let limit = 0.5 / 65_536.0 / 3_600.0;
        point.checks.push(check(name, unit, 0, (watt_hours(expected), watt_hours(measured)), limit));
        rows.push(Some(watt_hours(measured)));
        if measured == 0 {
            point.failures.push(format!("{name} stayed at 0"));
        }
    }
    point.windows = WindowTable {
        columns: pairs.map(|(name, ..)| name.to_owned()).to_vec(),
        rows: vec![WindowRow { values: rows, flags: vec![], judged: true }],
    };
    Ok(point)
}
