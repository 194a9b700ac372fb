//! The limits of the button: when each state of the panel is left, and into which.
//!
//! In comes a hand, out goes a point. The limits are the manual's, written here anew. This file must not know lines.

use anyhow::Result;
use hil_link::{PanelMode, Pattern};

use super::Hand;
use crate::cases::check;
use crate::report::PointResult;

/// What a limit may miss, and the steps in which it is looked for.
const SLACK_MS: f64 = 20.0;
const STEP_MS: u32 = 2;

/// How a state is reached: the button's level, and for how long.
type Way = &'static [(bool, u32)];

/// To maintenance mode, the button released.
const MAINTENANCE: [(bool, u32); 4] = [(true, 3_100), (false, 200), (true, 100), (false, 200)];

/// A limit: its name; in maintenance mode or not; the way from there; the level that is kept from then on; after how long
/// the state is another, and which.
struct Limit {
    name: &'static str,
    maintenance: bool,
    way: Way,
    level: bool,
    after_ms: u32,
    then: PanelMode,
}

const fn limit(name: &'static str, maintenance: bool, way: Way, level: bool, after_ms: u32, then: PanelMode) -> Limit {
    Limit { name, maintenance, way, level, after_ms, then }
}

/// All. The last step of a way brings the state whose end is looked for, 100 ms before the time begins to be counted where
/// it is a press: those are part of the limit.
const LIMITS: [Limit; 12] = [
    limit("select", false, &[(false, 100)], true, 0, PanelMode::View(1)),
    limit("view_5_s", false, &[(true, 100)], false, 4_900, PanelMode::View(0)),
    limit("hold_3_s", false, &[(true, 100)], true, 2_900, PanelMode::AskMaintenance),
    limit("bootloader_prompt_3_s", false, &[(true, 3_100)], false, 2_900, PanelMode::View(0)),
    limit("bootloader_prompt_3_s, held on", false, &[(true, 3_100)], true, 2_900, PanelMode::View(0)),
    limit("bootloader_press", false, &[(true, 3_100), (false, 1_500)], true, 0, PanelMode::Maintenance),
    limit("leave_hold_3_s", true, &[(true, 100)], true, 2_900, PanelMode::AskFirmware),
    limit("leave_prompt_6_s", true, &[(true, 3_100)], false, 5_900, PanelMode::Maintenance),
    limit("leave_press", true, &[(true, 3_100), (false, 4_000)], true, 0, PanelMode::View(0)),
    limit("factory_hold_6_s", true, &[(true, 3_100)], true, 2_900, PanelMode::AskFactory),
    limit("factory_prompt_6_s", true, &[(true, 6_100)], false, 5_900, PanelMode::Maintenance),
    limit("factory_press", true, &[(true, 6_100), (false, 4_000)], true, 0, PanelMode::Resetting),
];

/// Plays the point.
pub fn play(hand: &mut Hand) -> Result<PointResult> {
    let mut point = PointResult::default();
    for (number, limit) in LIMITS.iter().enumerate() {
        hand.restart()?;
        let prefix: &[(bool, u32)] = if limit.maintenance { &MAINTENANCE } else { &[] };
        for &(level, ms) in prefix.iter().chain(limit.way) {
            hand.hold(level, ms)?;
        }
        let (passed, then) = until_change(hand, limit.level, limit.after_ms)?;
        if then != limit.then {
            point.failures.push(format!("{}: {then:?} follows, {:?} should", limit.name, limit.then));
        }
        // One column each for presses, holds and waits; a limit that is missed is named.
        let kind = if limit.after_ms == 0 {
            "press"
        } else if limit.name.contains("hold") {
            "hold"
        } else {
            "wait"
        };
        let check = check(kind, "ms", number, (f64::from(limit.after_ms), passed), SLACK_MS);
        if !check.pass {
            point.failures.push(format!("{}: {passed} ms, {} ms are asked for", limit.name, limit.after_ms));
        }
        point.checks.push(check);
    }
    let mut expect = |what: &str, holds: bool| {
        if !holds {
            point.failures.push(what.to_owned());
        }
    };
    // The last one has pressed for factory settings.
    let state = hand.hold(true, 0)?;
    expect("the LED does not flash fast while resetting", state.pattern == Pattern::Fast);
    let mut state = hand.hold(false, 2_000)?;
    // A chip may take longer to keep the settings than the requests until here.
    for _ in 0..100 {
        if state.mode != PanelMode::Resetting {
            break;
        }
        state = hand.hold(false, STEP_MS)?;
    }
    expect("a factory reset does not lead back to the normal view", state.mode == PanelMode::View(0));
    hand.session.device(hil_link::DeviceRequest::Restart { held: true })?;
    let state = hand.hold(true, 20_000)?;
    expect("held at power-up it is not in maintenance mode", state.mode == PanelMode::Maintenance);
    expect("the LED does not blink in maintenance mode", state.pattern == Pattern::Periodic);
    Ok(point)
}

/// Keeps the button so until the state is another: after how long, in ms, and which. Looks from some time before the limit
/// on, so that a state that ends sooner is seen as well.
fn until_change(hand: &mut Hand, level: bool, limit_ms: u32) -> Result<(f64, PanelMode)> {
    let begun = hand.panel(hil_link::DeviceRequest::Panel)?;
    let mut state = hand.hold(level, limit_ms.saturating_sub(40))?;
    // 60 ms beyond the limit: by steps, as the panel's time may be what is at fault.
    for _ in 0..100 / STEP_MS {
        if state.mode != begun.mode {
            break;
        }
        state = hand.hold(level, STEP_MS)?;
    }
    // One that goes back has not passed.
    Ok((state.time_us.saturating_sub(begun.time_us) as f64 / 1e3, state.mode))
}
