//! What pressing must not touch: readings, digest and energy registers of a board, against the core on this machine.
//!
//! In comes a hand, out goes a point. While a load is played the button goes through every mode, factory settings are made
//! and the device is started anew. This file must not know limits.

use anyhow::Result;
use hil_link::{PanelMode, ResetCause};

use super::Hand;
use crate::cases::check;
use crate::energy::watt_hours;
use crate::report::PointResult;
use crate::suite_energy::load;

/// Levels of the button and for how long, over and over: pages, maintenance, factory settings, back.
const DEEDS: [(bool, u32, PanelMode); 12] = [
    (true, 100, PanelMode::View(1)),
    (false, 100, PanelMode::View(1)),
    (true, 100, PanelMode::View(2)),
    (false, 6_000, PanelMode::View(0)),
    (true, 3_100, PanelMode::AskMaintenance),
    (false, 100, PanelMode::AskMaintenance),
    (true, 100, PanelMode::Maintenance),
    (false, 100, PanelMode::Maintenance),
    (true, 6_100, PanelMode::AskFactory),
    (false, 100, PanelMode::AskFactory),
    (true, 100, PanelMode::Resetting),
    (false, 2_000, PanelMode::View(0)),
];

/// Frames between two deeds: a tenth of a second, so that each falls at another place in a window.
const BETWEEN: usize = load::RATE as usize / 10 + 7;

/// Plays the point.
pub fn play(hand: &mut Hand) -> Result<PointResult> {
    let mut point = PointResult::default();
    let plan = load::plan(4.0, &[900.0, 900.0, -400.0], 40.0)?;
    let most = hand.session.configure(&plan.config)?;
    let (mut windows, mut deeds) = (Vec::new(), 0);
    for (number, from) in (0..plan.frames()).step_by(BETWEEN.min(most)).enumerate() {
        let to = (from + BETWEEN.min(most)).min(plan.frames());
        windows.extend(hand.session.samples(from as u64, &plan.packed(from, to))?);
        let (level, ms, mode) = DEEDS[number % DEEDS.len()];
        let state = hand.hold(level, ms)?;
        if state.mode != mode {
            point.failures.push(format!("{:?} after deed {number}, {mode:?} should be", state.mode));
        }
        if number % DEEDS.len() == DEEDS.len() - 1 {
            hand.restart()?;
        }
        deeds += 1;
    }
    let [registers, truth] = hand.judge(&plan, &windows, &mut point)?;
    let (is, should) = (registers.accounts()[0].continuous, truth.accounts()[0].continuous);
    for (name, is, should) in [
        ("forward_wh", is.forward_active, should.forward_active),
        ("reverse_wh", is.reverse_active, should.reverse_active),
    ] {
        point.checks.push(check(name, "Wh", 0, (watt_hours(should), watt_hours(is)), 0.0));
    }
    let info = hand.session.info()?;
    let rounds = deeds / DEEDS.len() as u32;
    for (name, is) in [("factory_resets", info.factory_resets), ("restarts", info.restarts)] {
        point.checks.push(check(name, "", 0, (rounds.into(), is.into()), 0.0));
    }
    if rounds == 0 || info.reset_cause != ResetCause::Software {
        point.failures.push(format!("{rounds} rounds of deeds, and {:?} as the cause of the start", info.reset_cause));
    }
    Ok(point)
}
