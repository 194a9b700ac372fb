//! A board, and the source that is connected to its front end: loads are connected, readings come back.
//!
//! In come loads and the calibration to measure with, out go readings. The source is this program: it plays each load
//! through the front end to the board as codes. This file must not know corrections.

use anyhow::{Context, Result, ensure};
use datasets::Channels;
use hil_link::{Calibration, Nominal};
use indicatif::ProgressBar;
use metering_core::reading::Flags;

use super::reference::Load;
use super::solve::Silence;
use crate::front_end::FrontEnd;
use crate::plan::Plan;
use crate::session::Session;
use crate::setup::Setup;
use crate::values::Values;
use datasets::reference::Quantity;

/// Windows that are played, and how many of them from the first on are not used.
const WINDOWS: usize = 10;
const SKIPPED: usize = 5;

/// What the mean of the channels is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dc {
    /// An offset that is removed, as a meter of alternating current does.
    Removed,
    /// The same, but that of the residual current counts in its total.
    RemovedButResidual,
    /// A signal in all channels.
    Signal,
}

/// A board behind a front end.
pub struct Rig<'a> {
    /// The talk with the board.
    pub session: Session,
    front: &'a FrontEnd,
    setup: &'a Setup,
    plays: u64,
}

impl<'a> Rig<'a> {
    /// A board that has been greeted, behind a front end.
    pub fn new(session: Session, front: &'a FrontEnd, setup: &'a Setup) -> Self {
        Self { session, front, setup, plays: 0 }
    }

    /// Readings of a load.
    ///
    /// # Errors
    /// The board is lost, a channel clips, or the board does not lock to the mains.
    pub fn load(&mut self, load: &Load, calibration: &Calibration) -> Result<Values> {
        self.play(Some(load), calibration, Dc::Removed)
    }

    /// Mean and noise of every channel with nothing connected. Gains are those of `calibration`.
    ///
    /// # Errors
    /// As of [`Rig::load`].
    pub fn silence(&mut self, calibration: &Calibration) -> Result<Channels<Silence>> {
        let mut bare = calibration.clone();
        let corrections = bare.voltage.iter_mut().chain(bare.currents.iter_mut().flatten()).chain(&mut bare.residual);
        corrections.for_each(|correction| (correction.offset, correction.noise) = (0, 0));
        let values = self.play(None, &bare, Dc::RemovedButResidual)?;
        let given = |quantity, n| {
            values.get(quantity, n).with_context(|| format!("the board gives no {} without a load", quantity.name()))
        };
        let residual = match self.setup.ranges.residual {
            Some(range) => {
                let noise = given(Quantity::ResidualAcA, 0)?;
                let distance = distance(&values, noise)?;
                // The total has no sign: whether it grows or goes tells on which side zero lies.
                let gain = 1.0 + f64::from(bare.residual.map_or(0, |correction| correction.gain_ppm)) * 1e-6;
                let mut residual = bare.residual.unwrap_or_default();
                residual.offset = (distance / (range * gain) * 2f64.powi(31)).round() as i32;
                bare.residual = Some(residual);
                let again = self.play(None, &bare, Dc::RemovedButResidual)?;
                let noise_again = again.get(Quantity::ResidualAcA, 0).unwrap_or(noise);
                let negative = self::distance(&again, noise_again)? > distance;
                Some(Silence { dc: if negative { -distance } else { distance }, noise })
            }
            None => None,
        };
        let currents = (0..self.setup.ranges.currents.len())
            .map(|n| Ok(Silence { dc: given(Quantity::CurrentDcA, n)?, noise: given(Quantity::CurrentA, n)? }));
        Ok(Channels {
            voltage: Some(Silence { dc: given(Quantity::VoltageDcV, 0)?, noise: given(Quantity::VoltageV, 0)? }),
            currents: currents.collect::<Result<_>>()?,
            residual,
        })
    }

    /// RMS of every channel with nothing connected, direct current included.
    ///
    /// # Errors
    /// As of [`Rig::load`].
    pub fn rest(&mut self, calibration: &Calibration) -> Result<Values> {
        self.play(None, calibration, Dc::Signal)
    }

    fn play(&mut self, load: Option<&Load>, calibration: &Calibration, dc: Dc) -> Result<Values> {
        let setup = self.setup;
        let hertz = load.map_or(50.0, |load| load.frequency_hz);
        let nothing = Load { voltage_v: 0.0, current_a: 0.0, residual_a: None, frequency_hz: hertz, phase_deg: 0.0 };
        let (nominal, cycles) = if hertz < 55.0 { (Nominal::Hz50, 10) } else { (Nominal::Hz60, 12) };
        let frames = ((WINDOWS * cycles + 3) as f64 / hertz * setup.rate_hz).ceil() as usize;
        self.plays += 1;
        let course = load.unwrap_or(&nothing).course(setup.ranges.currents.len());
        let samples = self.front.samples(&course, &setup.ranges, setup.rate_hz, frames, self.plays);
        let mut plan = Plan::new(&samples, &setup.ranges, setup.rate_hz, setup.adc_bits, nominal)?;
        let config = &mut plan.config;
        let residual = config.residual.as_mut().map(|residual| &mut residual.channel);
        let signals = match dc {
            Dc::Removed => vec![],
            Dc::RemovedButResidual => residual.into_iter().collect(),
            Dc::Signal => config.voltage.iter_mut().chain(&mut config.currents).chain(residual).collect(),
        };
        for channel in signals {
            channel.zero = Some(0);
        }
        calibration.apply(config);
        let bar = ProgressBar::new(frames as u64).with_message(load.map_or_else(|| "no load".into(), Load::words));
        let windows = self.session.play(&plan, &mut |sent| bar.set_position(sent as u64));
        bar.finish_and_clear();
        let windows = windows?;
        let mut kept = Vec::new();
        for window in windows.iter().skip(SKIPPED) {
            let flags = Flags::from_bits_retain(window.flags);
            ensure!(
                !flags.contains(Flags::CLIPPED),
                "a channel is clipped: is a range (--current-range ...) too small?"
            );
            if load.is_none() || !flags.intersects(Flags::SETTLING | Flags::NO_VOLTAGE) {
                kept.push(Values::from(window));
            }
        }
        ensure!(!kept.is_empty(), "the board does not lock to the mains: is the voltage connected?");
        Ok(Values::mean(&kept))
    }
}

/// How far the residual current's mean lies from its zero, without a sign.
fn distance(values: &Values, noise: f64) -> Result<f64> {
    let total = values.residual.and_then(|residual| residual.total_a);
    let total = total.context("the board gives no total of the residual current")?;
    Ok((total * total - noise * noise).max(0.0).sqrt())
}
