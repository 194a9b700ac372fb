//! Decisions on residual currents, swept in process: the link adds nothing to a decision, and some hundred thousand
//! currents would take weeks on a serial line. That a board decides alike is shown by the points that are played.
//!
//! In come the decisions of a suite, out goes what the report shows of each. This file must not know how a current is
//! metered or an outcome judged.

mod monitor;
mod tally;
mod waves;

pub use monitor::monitor;
pub use waves::waves;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;
use datasets::catalogue::{Decision, Point, Source};
use hil_link::Notices;
use hil_link::residual::Change;

use crate::closeup;
use crate::report::{Check, Conditions, NormRow, PointResult};
use tally::Tally;

/// Sweeps decisions on as many threads as there are cores. `done` is told each result, whatever their order; the results
/// are in the order of the decisions.
///
/// # Errors
/// The core refuses a configuration.
pub fn sweep(suite: &str, decisions: &[&Decision], done: &(dyn Fn(&PointResult) + Sync)) -> Result<Vec<PointResult>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(decision) = decisions.get(number) else { return Ok(()) };
            let result = decide(suite, decision)?;
            done(&result);
            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((number, result));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(worked) => worked,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// All trials of one decision.
fn decide(suite: &str, decision: &Decision) -> Result<PointResult> {
    let started = Instant::now();
    let mut tally = Tally::new(decision.asked, decision.rate_hz);
    let trials = decision.trials();
    let mut wrong = None;
    for trial in &trials {
        if !tally.count(trial, monitor::tripped(decision, trial)?) {
            wrong = wrong.or(Some(trial));
        }
    }
    let point = decision.name();
    let (checks, failures) = tally.verdict(suite, &point);
    let row = NormRow {
        name: decision.row.clone(),
        rated_ma: decision.rated_a * 1e3,
        characteristic: decision.characteristic.name().into(),
        trials: trials.len() as u64,
    };
    Ok(PointResult {
        suite: suite.to_owned(),
        point,
        checks,
        failures,
        closeup: wrong.map(|trial| closeup::of_trial(decision, trial)),
        conditions: Conditions {
            note: format!("{} currents, in process", trials.len()),
            row: Some(row),
            ..Conditions::default()
        },
        seconds: started.elapsed().as_secs_f64(),
        ..PointResult::default()
    })
}

/// Judges what a board told of a trial that was played to it.
pub fn judge(suite: &str, point: &Point, notices: &Notices) -> (Vec<Check>, Vec<String>) {
    let (Source::Trial(trial), Some(settings)) = (&point.source, point.residual.and_then(|sensor| sensor.monitor))
    else {
        return (vec![], vec![]);
    };
    let alarm = notices.notices.iter().find(|notice| notice.change == Change::Alarm(true));
    let mut tally = Tally::new(settings.asked, point.rate_hz);
    tally.count(trial, alarm.map(|notice| notice.frame));
    tally.verdict(suite, &point.name)
}
