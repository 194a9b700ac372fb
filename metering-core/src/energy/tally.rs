//! The energy of a window, as the meter makes it.
//!
//! In come the sums of cycles and the reading of a window, out go its energies. This file must not know
//! frames or registers.

use super::direction::{CycleVoltage, Directions, Pair};
use super::{Flow, Integrator};
use crate::config::Config;
use crate::cycle::Cycle;
use crate::derived;
use crate::reading::Reading;
use crate::sample::Sample;

/// What a meter keeps from window to window so that no energy is lost.
#[derive(Clone, Debug)]
pub(crate) struct Tally<const N: usize> {
    currents: [Current; N],
}

/// One current.
#[derive(Clone, Debug)]
struct Current {
    /// `None` without a voltage, or where the current is not configured.
    pair: Option<Pair>,
    directions: Directions,
    integrator: Integrator,
}

impl<const N: usize> Tally<N> {
    /// `step`: turns (Q32) per frame.
    #[inline(never)]
    pub(crate) fn new<S: Sample>(config: &Config<S, N>, step: u32) -> Self {
        let settings = config.settings();
        let current = |channel: &Option<_>| Current {
            pair: settings
                .voltage
                .as_ref()
                .zip(channel.as_ref())
                .map(|(voltage, channel)| Pair::new(voltage, channel, step)),
            directions: Directions::default(),
            integrator: Integrator::default(),
        };
        Self { currents: settings.currents.each_ref().map(current) }
    }

    /// Takes a whole cycle of the mains. One that was cut by lost frames or by the search for the mains has no sign of
    /// its own: it is not given, and its energy goes the way of its window. `per_frame` is 1 over its length in frames, Q36.
    ///
    /// Not inlined, as nothing that does not run per sample should be: it would take registers from what does.
    #[inline(never)]
    pub(crate) fn cycle<S: Sample>(&mut self, cycle: &Cycle<N>, per_frame: u32) {
        if self.currents.iter().all(|current| current.pair.is_none()) {
            return;
        }
        let voltage = CycleVoltage::new::<S>(&cycle.voltage, cycle.length, per_frame);
        for (Current { pair, directions, .. }, share) in self.currents.iter_mut().zip(&cycle.currents) {
            if let Some(pair) = pair {
                directions.cycle::<S>(pair, &voltage, share);
            }
        }
    }

    /// Ends a window: completes its reading, whose duration and no-load state are known. `step` is that of the next one.
    #[inline(never)]
    pub(crate) fn window<S: Sample>(&mut self, config: &Config<S, N>, reading: &mut Reading<N>, step: u32) {
        let settings = config.settings();
        let channels = settings.currents.iter().zip(&mut reading.currents);
        for (Current { pair, directions, integrator }, (channel, current)) in self.currents.iter_mut().zip(channels) {
            let directions = core::mem::take(directions);
            let (Some(pair), Some(voltage), Some(channel)) = (pair, &settings.voltage, channel) else { continue };
            // What the delays mean as an angle follows the frequency.
            if voltage.delay != channel.delay {
                *pair = Pair::new(voltage, channel, step);
            }
            let Some(current) = current else { continue };
            let (Some(power), Some(volts)) = (&current.power, &reading.voltage) else { continue };
            if current.no_load {
                continue;
            }
            let scale = || voltage.per_code(settings.code_bits).times(channel.per_code(settings.code_bits)).magnitude();
            let (reverse_active, reverse_reactive) = directions.reverse::<S>(reading.length_q16, scale);
            let flow = Flow {
                active: power.active,
                reverse_active,
                reactive: power.reactive,
                reverse_reactive,
                apparent: derived::apparent(volts.rms, current.rms),
            };
            current.energy = integrator.add(&flow, reading.duration);
        }
    }
}
