//! A board ended in the middle of its work, again and again, its EEPROM kept.
//!
//! In comes how to start a board, out goes a point with a row per restart. The emulator gets SIGKILL at a random time;
//! the virtual board's plug is pulled after a random number of transfers to its chip, which tears a page. This file must
//! not know pages or records.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use hil_link::{EnergyRequest, MAX_CURRENTS, Memory};
use metering_core::energy::Registers;
use metering_core::reading::Reading;

use super::{Random, Starter, check, load};
use crate::board::Eeprom;
use crate::energy::{moved, watt_hours};
use crate::host;
use crate::plan::Plan;
use crate::report::{Conditions, PointResult, WindowRow, WindowTable};
use crate::session::Session;

/// 230 V and 2 000 A: 460 kW, 25.6 Wh in a window, so that a save falls due every four windows.
const AMPERES: [f64; 5] = [2_000.0, 2_000.0, 2_000.0, -2_000.0, 2_000.0];
const WINDOW_WH: f64 = 460_000.0 * 0.2 / 3_600.0;

/// At most so long after the start the emulator is killed; the plan lasts longer.
const MOST_MS: u32 = 900;
const SECONDS: f64 = 30.0;

/// Transfers to the virtual board's chip, from its first page on, before its plug is pulled: a save takes 47.
const MOST_TRANSFERS: u32 = 330;

/// What is known of a board between two cuts.
struct Known {
    /// What was acknowledged as saved.
    acknowledged: Registers<MAX_CURRENTS>,
    /// What was counted as far as the board answered, and as far as it was asked to.
    answered: Registers<MAX_CURRENTS>,
    sent: Registers<MAX_CURRENTS>,
}

impl Known {
    /// Begins a save, or a reset with one, and waits for its end.
    fn save(&mut self, session: &mut Session, request: EnergyRequest) -> Result<()> {
        let mut state = session.energy(request)?;
        self.answered = self.sent;
        while state.pending {
            state = session.energy(EnergyRequest::Show)?;
        }
        // A save that was given up is no acknowledgement; it is told as a fault.
        if state.faults == 0 && state.saved.is_some() {
            self.acknowledged = self.answered;
        }
        Ok(())
    }

    /// Plays until the board is gone: that error is what is waited for.
    fn run(&mut self, session: &mut Session, load: &Load, turn: u32) -> Result<()> {
        if turn.is_multiple_of(3) {
            let channel = (turn / 3 % MAX_CURRENTS as u32) as u8;
            self.sent.reset(channel.into());
            self.save(session, EnergyRequest::Reset { channel: Some(channel) })?;
        }
        let base = self.answered;
        let most = session.configure(&load.plan.config)?;
        let mut windows = 0;
        for (number, from) in (0..load.plan.frames()).step_by(most).enumerate() {
            let to = (from + most).min(load.plan.frames());
            let due = load.readings.iter().take_while(|reading| reading.end_frame <= to as u64).count();
            self.sent = load.after(&base, due);
            windows += session.samples(from as u64, &load.plan.packed(from, to))?.len();
            self.answered = load.after(&base, windows);
            if number % 4 == 3 {
                self.sent = self.answered;
                self.save(session, EnergyRequest::Save)?;
            }
        }
        bail!("the board outlived the load")
    }

    /// What the promise says of the registers after a restart; an empty text when it holds.
    fn broken(&self, restored: &Registers<MAX_CURRENTS>) -> &'static str {
        let pairs = || restored.accounts().iter().zip(self.acknowledged.accounts()).zip(self.sent.accounts());
        if !pairs().all(|((is, low), _)| is.continuous.at_least(&low.continuous)) {
            "less than what was acknowledged as saved"
        } else if !pairs().all(|((is, _), high)| high.continuous.at_least(&is.continuous)) {
            "more than what was counted"
        } else if !(self.acknowledged.operation()..=self.sent.operation()).contains(&restored.operation()) {
            "a time of operation that never was"
        } else if !pairs().all(|((is, low), high)| {
            let reset = (is.at_reset, is.reset_at);
            reset == (low.at_reset, low.reset_at) || reset == (high.at_reset, high.reset_at)
        }) {
            "half a reset"
        } else {
            ""
        }
    }
}

/// What is played, and what the core on this machine makes of it.
struct Load {
    plan: Plan,
    readings: Vec<Reading<MAX_CURRENTS>>,
}

impl Load {
    /// Registers after so many windows of it.
    fn after(&self, base: &Registers<MAX_CURRENTS>, windows: usize) -> Registers<MAX_CURRENTS> {
        let mut registers = *base;
        self.readings.iter().take(windows).for_each(|reading| registers.add(reading));
        registers
    }
}

/// Plays the point.
pub fn play(starter: &Starter<'_>, kills: u32, tell: &mut dyn FnMut(String)) -> Result<PointResult> {
    let folder = tempfile::tempdir().context("no folder for the EEPROM")?;
    let mut eeprom = Eeprom::at(&folder.path().join("eeprom"));
    let plan = load::plan(SECONDS, &AMPERES, 0.0)?;
    let load = Load { readings: host::readings(&plan)?, plan };
    let mut random = Random(0x00c0_ffee);
    let mut point = PointResult::default();
    let columns = ["counted Wh", "restored Wh", "loss Wh", "loss s", "newest record"];
    point.windows = WindowTable { columns: columns.map(String::from).to_vec(), rows: vec![] };
    let mut known: Option<Known> = None;
    let (mut worst, mut held) = (0.0f64, 0);
    for turn in 0..=kills {
        eeprom.cut_after = Some(random.below(MOST_TRANSFERS)).filter(|_| turn < kills);
        let mut session = starter.start(&eeprom)?;
        let state = session.energy(EnergyRequest::Show)?;
        let restored: Registers<MAX_CURRENTS> =
            state.registers().context("the board's registers contradict themselves")?;
        if let Some(known) = &known {
            let (energy, time) = moved(&known.answered, &restored);
            let requests = f64::from(session.hello().max_data.min(4_096)) / 4.0 / load::RATE;
            // A trigger, the window in which it falls due, and the windows of the request at whose end it is seen.
            let limit = 100.0 + WINDOW_WH * (1.0 + (requests / 0.2).ceil());
            let number_of = turn as usize - 1;
            point.checks.push(check("loss_wh", "Wh", number_of, (0.0, energy), limit));
            point.checks.push(check("loss_s", "s", number_of, (0.0, time), 300.0 + 1.0));
            let readable = match state.memory {
                Memory::Restored => true,
                // Nothing was acknowledged yet: a first save may have been torn.
                Memory::Blank | Memory::Corrupt => known.acknowledged == Registers::default(),
                Memory::Absent | Memory::Foreign => false,
            };
            let broken = if readable { known.broken(&restored) } else { "no record, though one was acknowledged" };
            if broken.is_empty() {
                held += 1;
            } else {
                point.failures.push(format!("restart {turn}: {broken} ({:?})", state.memory));
            }
            worst = worst.max(energy);
            let counted = watt_hours(known.answered.accounts()[0].continuous.apparent);
            let there = watt_hours(restored.accounts()[0].continuous.apparent);
            let values = [counted, there, energy, time].map(Some).into_iter();
            let values = values.chain([state.saved.map(f64::from)]).collect();
            point.windows.rows.push(WindowRow { values, flags: vec![], judged: true });
            if turn.is_multiple_of(25) {
                tell(format!("{held} of {turn} restarts hold"));
            }
        }
        if turn == kills {
            break;
        }
        let mut now = Known { acknowledged: restored, answered: restored, sent: restored };
        let killer = session.killer();
        let delay = Duration::from_millis(random.below(MOST_MS).into());
        let killing = killer.map(|killer| {
            std::thread::spawn(move || {
                std::thread::sleep(delay);
                killer.kill();
            })
        });
        let ended = now.run(&mut session, &load, turn);
        if let Some(killing) = killing {
            ensure!(killing.join().is_ok(), "the thread that kills the emulator has panicked");
        }
        let gone = ended.err().map_or_else(String::new, |error| format!("{error:#}"));
        ensure!(gone.contains("the board is lost"), "{gone}");
        known = Some(now);
    }
    if held != kills {
        point.failures.push(format!("{held} of {kills} restarts hold"));
    }
    let note =
        format!("{held} of {kills} restarts hold; at most {worst:.1} Wh lost, a window carries {WINDOW_WH:.1} Wh");
    point.conditions = Conditions { note, ..Conditions::default() };
    Ok(point)
}
