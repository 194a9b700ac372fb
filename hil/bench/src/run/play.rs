//! One point: played to the board, judged, and held against the core on this machine.
//!
//! In come a session and a point, out goes its result. This file must not know which points there are.

use std::time::Instant;

use anyhow::Result;
use datasets::catalogue::Point;
use hil_link::{Calibration, CalibrationRequest};
use indicatif::ProgressBar;

use crate::cli::Run as Arguments;
use crate::front_end::FrontEnd;
use crate::plan::Plan;
use crate::report::PointResult;
use crate::session::Session;
use crate::terminal::say;
use crate::{calibrate, closeup, host, judge, judge_events, rcd};

/// What stands between the waves and the board, and what the board keeps against its errors.
pub(super) struct Front {
    end: FrontEnd,
    calibration: Calibration,
    /// Both in words.
    pub(super) told: Vec<(String, String)>,
}

impl Front {
    /// Without `--errors` the codes are those of an ideal front end, which a calibration would only bend.
    pub(super) fn of(arguments: &Arguments, session: &mut Session) -> Result<Self> {
        let Some(end) = arguments.errors.clone() else {
            return Ok(Self { end: FrontEnd::default(), calibration: Calibration::default(), told: vec![] });
        };
        let kept = session.calibration(CalibrationRequest::Show)?;
        let words = calibrate::table::state(&kept);
        say(&format!("calibration on the board: {words}"));
        let told = vec![("front end".into(), format!("{end}")), ("calibration".into(), words)];
        Ok(Self { end, calibration: kept.calibration.unwrap_or_default(), told })
    }
}

/// Plays one point and judges it; the board's windows and digest must equal the core's on this machine.
pub(super) fn play(
    session: &mut Session,
    suite: &str,
    point: &Point,
    front: &Front,
    bar: &ProgressBar,
) -> Result<PointResult> {
    let started = Instant::now();
    let before = bar.position();
    let mut plan = Plan::through(point, &front.end)?;
    front.calibration.apply(&mut plan.config);
    let bytes = plan.config.frame_bytes() as u64;
    let windows = session.play(&plan, &mut |frames| bar.set_position(before + frames as u64 * bytes))?;
    let status = session.status()?;
    let (own, own_notices) = host::listen(&plan)?;
    let mut result = judge::judge(suite, point, &plan, &windows);
    if !point.expected_events.is_empty() {
        let (checks, failures) = judge_events::judge(suite, point, &session.events()?);
        result.checks.extend(checks);
        result.failures.extend(failures);
    }
    if point.residual.is_some_and(|sensor| sensor.monitor.is_some()) {
        let notices = session.notices()?;
        let (checks, failures) = rcd::judge(suite, point, &notices);
        result.checks.extend(checks);
        result.failures.extend(failures);
        if (&notices.notices, notices.lost) != (&own_notices.notices, own_notices.lost) {
            result.failures.push(format!(
                "the board's notices are not those of the core on this machine: {:?}, expected {:?}",
                notices.notices, own_notices.notices
            ));
        }
    }
    result.digest = Some(status.digest);
    if status.digest != host::digest(&own) || windows != own {
        result.failures.push(format!(
            "the board's readings are not those of the core on this machine: digest {:016x}, expected {:016x}",
            status.digest,
            host::digest(&own)
        ));
    }
    if !result.pass() {
        result.closeup = Some(closeup::of_point(point, &plan, &windows, &result));
    }
    result.seconds = started.elapsed().as_secs_f64();
    Ok(result)
}
