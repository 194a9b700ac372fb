//! A power strip as the signal of a board itself: a feed and seven outlets, in sines whose readings are known in closed form.
//!
//! In comes nothing, out go a configuration and a signal. This file must not know how a board plays it. The line to a board
//! carries none of it, so a board behind the slowest line meters it in real time.

use anyhow::Result;
use datasets::Channels;
use hil_link::residual::Monitor;
use hil_link::{Config, Nominal, Signal};

use crate::capture::signal as told;
use crate::plan;

/// Frequency.
pub const HZ: f64 = 50.0;

/// Frames per second.
pub const RATE_HZ: f64 = 4_000.0;

/// RMS voltage.
pub const VOLT: f64 = 230.0;

/// RMS of the residual current, in ampere.
pub const RESIDUAL: f64 = 0.003_5;

/// Outlets: RMS current in ampere, and by how many degrees it lags the voltage. A heater, a motor, a power supply, a lamp,
/// standby, a solar inverter that feeds back, and one that is not used.
pub const OUTLETS: [(f64, f64); 7] =
    [(4.0, 0.0), (1.5, 40.0), (0.8, -8.0), (0.12, -15.0), (0.05, -80.0), (1.2, 178.0), (0.0, 0.0)];

/// Full scale: peaks in volt, ampere, ampere.
const RANGES: (f64, f64, f64) = (400.0, 25.0, 0.1);

/// RMS and lag of each current: that of the feed, current 0, is the sum of its outlets.
pub fn currents() -> Vec<(f64, f64)> {
    let sum = OUTLETS.iter().fold((0.0, 0.0), |(re, im), (rms, lag)| {
        let angle = lag.to_radians();
        (re + rms * angle.cos(), im + rms * angle.sin())
    });
    std::iter::once((sum.0.hypot(sum.1), sum.1.atan2(sum.0).to_degrees())).chain(OUTLETS).collect()
}

/// What meters it: 16 bits, eight currents, a residual current of 30 mA.
///
/// # Errors
/// None that can happen: the ranges fit the formats.
pub fn config() -> Result<Config> {
    let ranges = Channels { voltage: Some(RANGES.0), currents: vec![RANGES.1; 8], residual: Some(RANGES.2) };
    let mut config = plan::config(&ranges, RATE_HZ, 16, Nominal::Hz50)?;
    if let Some(residual) = &mut config.residual {
        residual.monitor = Some(Monitor::new((0.03 * 2f64.powi(32)) as u64));
    }
    Ok(config)
}

/// The signal, for [`config`].
///
/// # Errors
/// None that can happen: there are as many channels as a signal may have.
pub fn signal() -> Result<Signal> {
    at(&config()?)
}

/// The signal for the ranges of a configuration; currents that it has not are left out.
///
/// # Errors
/// None that can happen: there are as many channels as a signal may have.
pub fn at(config: &Config) -> Result<Signal> {
    let currents = currents().into_iter().map(|(rms, lag)| (rms, -lag));
    told::Signal::sines(HZ, (VOLT, 0.0), currents, (RESIDUAL, 90.0)).wire(config)
}
