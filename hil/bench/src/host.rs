//! The core on the PC: what every board's readings must equal to the last bit.
//!
//! In comes a plan, out go its windows and their digest. This file must not know the link.

use std::ops::Range;

use anyhow::{Result, anyhow};
use hil_board::Listener;
use hil_link::{Digest, MAX_CURRENTS, Notices, Window};
use metering_core::config::Config;
use metering_core::reading::Reading;
use metering_core::{Block, Meter, Sample};

use crate::plan::Plan;

/// Meters a plan in one go.
///
/// # Errors
/// The core refuses the configuration.
pub fn meter(plan: &Plan) -> Result<Vec<Window>> {
    meter_around(plan, &[])
}

/// The same without the frames of these `gaps`, in their order: the meter is told how many were lost, and their codes are not
/// looked at.
///
/// # Errors
/// As of [`meter`].
pub fn meter_around(plan: &Plan, gaps: &[Range<usize>]) -> Result<Vec<Window>> {
    Ok(run(plan, gaps)?.0.iter().map(Window::from).collect())
}

/// The same, with the notices of the residual-current monitor as a board keeps them.
///
/// # Errors
/// As of [`meter`].
pub fn listen(plan: &Plan) -> Result<(Vec<Window>, Notices)> {
    let (readings, notices) = run(plan, &[])?;
    Ok((readings.iter().map(Window::from).collect(), notices))
}

/// The readings of a plan, with their energies.
///
/// # Errors
/// The core refuses the configuration.
pub fn readings(plan: &Plan) -> Result<Vec<Reading<MAX_CURRENTS>>> {
    run(plan, &[]).map(|(readings, _)| readings)
}

fn run(plan: &Plan, gaps: &[Range<usize>]) -> Result<(Vec<Reading<MAX_CURRENTS>>, Notices)> {
    if plan.config.adc_bits <= 16 { hear(plan, gaps, |code| code as i16) } else { hear(plan, gaps, |code| code) }
}

/// Digest over windows in order.
pub fn digest(windows: &[Window]) -> u64 {
    let mut digest = Digest::new();
    for window in windows {
        digest.update(window);
    }
    digest.value()
}

fn hear<S: Sample>(
    plan: &Plan,
    gaps: &[Range<usize>],
    code: impl Fn(i32) -> S,
) -> Result<(Vec<Reading<MAX_CURRENTS>>, Notices)> {
    let config =
        Config::<S, MAX_CURRENTS>::new(hil_board::settings(&plan.config)).map_err(|error| anyhow!("{error}"))?;
    let codes = plan.codes.map(|codes| codes.iter().map(|&wide| code(wide)).collect::<Vec<S>>());
    let mut listener = Listener::new(&plan.config).map_err(|error| anyhow!("{error}"))?;
    let mut readings = Vec::new();
    let mut sink = listener.sink(|reading: &Reading<MAX_CURRENTS>| readings.push(*reading));
    let mut meter = Meter::new(config);
    let (mut at, end) = (0, plan.frames());
    for gap in gaps.iter().cloned().chain(std::iter::once(end..end)) {
        let frames = || at..gap.start;
        let block = Block {
            voltage: part(codes.voltage.as_ref(), frames()),
            currents: std::array::from_fn(|n| part(codes.currents.get(n), frames())),
            residual: part(codes.residual.as_ref(), frames()),
        };
        meter.push(&block, &mut sink);
        meter.gap(gap.len() as u64, &mut sink);
        at = gap.end;
    }
    drop(sink);
    Ok((readings, listener.notices()))
}

/// Some frames of a channel; none of one that is not there.
fn part<S>(codes: Option<&Vec<S>>, frames: Range<usize>) -> &[S] {
    codes.map_or(&[][..], |codes| &codes[frames])
}
