//! The core on the PC: what every board's readings must equal to the last bit.
//!
//! In comes a plan, out go its windows and their digest. This file must not know the link.

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
    listen(plan).map(|(windows, _)| windows)
}

/// The same, with the notices of the residual-current monitor as a board keeps them.
///
/// # Errors
/// As of [`meter`].
pub fn listen(plan: &Plan) -> Result<(Vec<Window>, Notices)> {
    let (readings, notices) = run(plan)?;
    Ok((readings.iter().map(Window::from).collect(), notices))
}

/// The readings of a plan, with their energies.
///
/// # Errors
/// The core refuses the configuration.
pub fn readings(plan: &Plan) -> Result<Vec<Reading<MAX_CURRENTS>>> {
    run(plan).map(|(readings, _)| readings)
}

fn run(plan: &Plan) -> Result<(Vec<Reading<MAX_CURRENTS>>, Notices)> {
    if plan.config.adc_bits <= 16 { hear(plan, |code| code as i16) } else { hear(plan, |code| code) }
}

/// Digest over windows in order.
pub fn digest(windows: &[Window]) -> u64 {
    let mut digest = Digest::new();
    for window in windows {
        digest.update(window);
    }
    digest.value()
}

fn hear<S: Sample>(plan: &Plan, code: impl Fn(i32) -> S) -> Result<(Vec<Reading<MAX_CURRENTS>>, Notices)> {
    let config =
        Config::<S, MAX_CURRENTS>::new(hil_board::settings(&plan.config)).map_err(|error| anyhow!("{error}"))?;
    let codes = plan.codes.map(|codes| codes.iter().map(|&wide| code(wide)).collect::<Vec<S>>());
    let channel = |codes: Option<&Vec<S>>| codes.cloned().unwrap_or_default();
    let (voltage, residual) = (channel(codes.voltage.as_ref()), channel(codes.residual.as_ref()));
    let currents = std::array::from_fn(|n| codes.currents.get(n).map_or(&[][..], Vec::as_slice));
    let mut listener = Listener::new(&plan.config).map_err(|error| anyhow!("{error}"))?;
    let mut readings = Vec::new();
    let block = Block { voltage: &voltage, currents, residual: &residual };
    let mut sink = listener.sink(|reading: &Reading<MAX_CURRENTS>| readings.push(*reading));
    Meter::new(config).push(&block, &mut sink);
    drop(sink);
    Ok((readings, listener.notices()))
}
