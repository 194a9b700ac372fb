//! What a board meters: a built-in power strip, a point of the catalogue, a recording, or what its own source gives.
//!
//! In comes its name as on the command line, out goes a plan that may be played again and again, or what the board is told.
//! This file must not know screens or boards.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use datasets::catalogue::{self, Point, Source, nominal_for};
use datasets::reference::measure;
use datasets::synthesis::{Component, Noise, NoiseShape, Signal as Wave, Waveform};
use datasets::{Channels, file::Format};
use hil_link::{NoLoad, Nominal};

use super::feed::Metered;
use crate::cli::shared::Columns;
use crate::cli::{Measure, Monitor as Arguments};
use crate::measure::recorded::{self, Recorded};
use crate::own_signal;
use crate::plan::Plan;
use crate::setup;

/// Name of the built-in signal.
pub const STRIP: &str = "strip";

/// Something to play.
#[derive(Clone, Debug)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// Configuration and codes; the codes are repeated, and their end fits their begin as well as it can.
    pub plan: Plan,
}

impl Signal {
    /// The signal that the command line names, with events and residual alarm where it brings none of its own.
    ///
    /// # Errors
    /// There is none of this name, or the recording is at fault.
    pub fn named(arguments: &Arguments) -> Result<Self> {
        let name = arguments.signal.as_str();
        let path = Path::new(name);
        let is_named = arguments.columns != Columns::default();
        ensure!(
            path.is_file() || !is_named,
            "--signal {name}: there is no such file, and --voltage, --current, --residual and --rate are for recordings"
        );
        let mut signal = if path.is_file() {
            recording(path, arguments)?
        } else if name == STRIP {
            strip()?
        } else {
            point(name)?
        };
        setup::alarms(&arguments.alarms, &mut signal.plan.config);
        Ok(signal)
    }
}

/// The strip that the board's own source gives, and its name.
///
/// # Errors
/// Another signal was named, which that source does not give.
pub fn own(arguments: &Arguments) -> Result<(String, Metered)> {
    let name = &arguments.signal;
    ensure!(
        name == STRIP && arguments.columns == Columns::default(),
        "--signal {name}: the board's own source gives its power strip alone; leave --signal and what belongs to it, or \
         take --source bench"
    );
    let mut config = own_signal::config()?;
    // The rating is that of the command line.
    config.residual.iter_mut().for_each(|residual| residual.monitor = None);
    setup::alarms(&arguments.alarms, &mut config);
    config.no_load = Some(NO_LOAD);
    Ok(("strip (board's own)".into(), Metered::Own(config, Box::new(own_signal::signal()?))))
}

/// Half a watt and 5 mA: above the noise, below the standby.
const NO_LOAD: NoLoad = NoLoad { power: 1 << 23, current: (1 << 32) / 200, hysteresis: 10 };

/// A power strip with its feed as current 0 and seven outlets: heater, motor, power supply, lamp, standby, two unused.
///
/// # Errors
/// None that can happen: the ranges fit the formats.
pub fn strip() -> Result<Signal> {
    const HZ: f64 = 50.0;
    const RATE_HZ: f64 = 4_000.0;
    let sines = |list: &[(f64, f64, f64)]| -> Vec<Component> {
        list.iter().map(|&(order, rms, phase_deg)| Component { order, rms, phase_deg }).collect()
    };
    // The ADC's own, so that a channel without load is not silent.
    let noisy = |components: Vec<Component>, rms: f64, seed: u64| Wave {
        noise: Some(Noise { shape: NoiseShape::Gaussian, rms, seed }),
        components,
        ..Wave::default()
    };
    let outlets = [
        sines(&[(1.0, 4.0, 0.0), (5.0, 0.08, 0.0)]),
        sines(&[(1.0, 1.5, -40.0), (3.0, 0.06, 20.0)]),
        sines(&[(1.0, 0.8, 8.0), (3.0, 0.62, -160.0), (5.0, 0.41, 30.0), (7.0, 0.2, -150.0), (9.0, 0.08, 20.0)]),
        sines(&[(1.0, 0.12, 15.0), (3.0, 0.03, -170.0)]),
        sines(&[(1.0, 0.05, 80.0)]),
        Vec::new(),
        Vec::new(),
    ];
    let feed: Vec<Component> = outlets.iter().flatten().copied().collect();
    let currents = std::iter::once(feed).chain(outlets).zip(1..);
    let voltage = sines(&[(1.0, 230.0, 0.0), (3.0, 1.2, 10.0), (5.0, 4.6, 180.0), (7.0, 2.3, 0.0)]);
    let channels = Channels {
        voltage: Some(noisy(voltage, 0.02, 11)),
        currents: currents.map(|(components, seed)| noisy(components, 0.001, seed)).collect(),
        residual: Some(noisy(sines(&[(1.0, 0.0035, 90.0), (3.0, 0.0006, 0.0)]), 2e-6, 12)),
    };
    let ranges = Channels { voltage: Some(400.0), currents: vec![25.0; 8], residual: Some(0.1) };
    let samples = Waveform { fundamental_hz: HZ, channels }.sample(RATE_HZ, 16_000);
    let mut plan = Plan::new(&samples, &ranges, RATE_HZ, 16, Nominal::Hz50)?;
    plan.config.no_load = Some(NO_LOAD);
    Ok(Signal { name: "strip (built in)".into(), plan })
}

/// `SUITE: POINT`, or the first point of `SUITE`.
fn point(name: &str) -> Result<Signal> {
    let (suite_name, point_name) = match name.split_once(':') {
        Some((suite, point)) => (suite.trim(), Some(point.trim())),
        None => (name.trim(), None),
    };
    let suites = catalogue::synthetic();
    let Some(suite) = suites.iter().find(|suite| suite.name == suite_name) else {
        let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        bail!(
            "--signal {name}: neither a file nor a suite; there are {STRIP}, {} (as SUITE or \"SUITE: POINT\", see `hil \
             list`), and recordings",
            names.join(", ")
        );
    };
    let wanted = |point: &&Point| point_name.is_none_or(|wanted| point.name == wanted);
    let point = suite.points.iter().find(wanted).with_context(|| {
        format!("--signal {name}: suite {suite_name} has no such point; `hil list` names those there are")
    })?;
    let mut plan = Plan::of_point(point)?;
    if let Source::Synthetic(course) = &point.source {
        shorten(&mut plan, point.rate_hz, course.waveform.fundamental_hz);
    }
    Ok(Signal { name: format!("{}: {}", suite.name, point.name), plan })
}

/// The channels of a file that `hil measure` would take.
fn recording(path: &Path, arguments: &Arguments) -> Result<Signal> {
    let Recorded { mut plan, samples, rate_hz, gaps, .. } = recorded::read(&Measure {
        file: path.to_owned(),
        columns: arguments.columns.clone(),
        side: None,
        adc_bits: None,
        voltage_range: None,
        current_range: None,
        residual_range: None,
        residual_corner: None,
        nominal: None,
        dc_is_signal: false,
        json: false,
    })?;
    let hz = measure(&samples, rate_hz).and_then(|measured| measured.truth.frequency_hz);
    if plan.config.nominal == Nominal::Auto {
        plan.config.nominal = if nominal_for(hz.unwrap_or(50.0)) == 50 { Nominal::Hz50 } else { Nominal::Hz60 };
    }
    if let Some(hz) = hz {
        shorten(&mut plan, rate_hz, hz);
    }
    let what = match Format::of(path) {
        Format::Csv => "CSV",
        Format::Comtrade | Format::Cff => "COMTRADE",
        Format::Wav => "WAV",
    };
    ensure!(plan.frames() > 0, "{}: has no samples", path.display());
    ensure!(gaps.is_empty(), "{}: samples are missing, so it cannot be played", path.display());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Signal { name: format!("{name} ({what})"), plan })
}

/// Leaves off the end of a signal, so that its begin follows without a jump of the mains' phase.
fn shorten(plan: &mut Plan, rate_hz: f64, hz: f64) {
    let frames = whole(plan.frames(), hz / rate_hz);
    let channels = plan.codes.voltage.iter_mut().chain(&mut plan.codes.currents).chain(&mut plan.codes.residual);
    channels.for_each(|codes| codes.truncate(frames));
}

/// The number of frames, at most `frames` and at least half of them, that is nearest to whole cycles; of equals the
/// largest.
fn whole(frames: usize, turns: f64) -> usize {
    let off = |frames: usize| {
        let cycles = frames as f64 * turns;
        // What is less than a ten-thousandth of a turn is none.
        ((cycles - cycles.round()).abs() * 1e4) as u64
    };
    (frames / 2..=frames).rev().min_by_key(|frames| off(*frames)).unwrap_or(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_takes_whole_cycles() {
        assert_eq!(whole(1_700, 50.0 / 8_000.0), 1_600);
        assert_eq!(whole(16_000, 50.0 / 4_000.0), 16_000);
        for hz in [47.3, 49.987, 63.9] {
            let frames = whole(9_000, hz / 8_000.0);
            let cycles = frames as f64 * hz / 8_000.0;
            assert!((cycles - cycles.round()).abs() < 0.005 && frames >= 4_500, "{hz} Hz: {cycles}");
        }
        assert_eq!(whole(0, 0.1), 0);
    }

    #[test]
    fn the_strip_fits_its_ranges() {
        let signal = strip().unwrap();
        assert_eq!((signal.plan.clipped, signal.plan.config.channels()), (0, 10));
    }

    #[test]
    fn points_are_found_by_suite_and_name() {
        assert_eq!(point("sine").unwrap().name, "sine: 45 Hz, PF 1, 1 % I");
        assert_eq!(point("sine: 45 Hz, PF 1, 1 % I").unwrap().name, "sine: 45 Hz, PF 1, 1 % I");
        let refused = |name: &str| format!("{:#}", point(name).unwrap_err());
        assert!(refused("sine: no such").contains("hil list"), "{}", refused("sine: no such"));
        assert!(refused("nothing").contains("rcd-type-a"), "{}", refused("nothing"));
    }
}
