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
    pairs: [Option<Pair>; N],
    directions: [Directions; N],
    integrators: [Integrator; N],
}

impl<const N: usize> Tally<N> {
    /// `step`: turns (Q32) per frame.
    #[inline(never)]
    pub(crate) fn new<S: Sample>(config: &Config<S, N>, step: u32) -> Self {
        Self {
            pairs: pairs(config, step),
            directions: [Directions::default(); N],
            integrators: [Integrator::default(); N],
        }
    }

    /// Takes a whole cycle of the mains. One that was cut by lost frames or by the search for the mains has no sign of
    /// its own: it is not given, and its energy goes the way of its window. `per_frame` is 1 over its length in frames, Q36.
    ///
    /// Not inlined, as nothing that does not run per sample should be: it would take registers from what does.
    #[inline(never)]
    pub(crate) fn cycle<S: Sample>(&mut self, cycle: &Cycle<N>, per_frame: u32) {
        if self.pairs.iter().all(Option::is_none) {
            return;
        }
        let voltage = CycleVoltage::new::<S>(&cycle.voltage, cycle.length, per_frame);
        for ((directions, pair), current) in self.directions.iter_mut().zip(&self.pairs).zip(&cycle.currents) {
            if let Some(pair) = pair {
                directions.cycle::<S>(pair, &voltage, current);
            }
        }
    }

    /// Ends a window: completes its reading, whose duration and no-load state are known. `step` is that of the next one.
    #[inline(never)]
    pub(crate) fn window<S: Sample>(&mut self, config: &Config<S, N>, reading: &mut Reading<N>, step: u32) {
        let settings = config.settings();
        let kept = self.directions.iter_mut().zip(&mut self.integrators);
        let channels = settings.currents.iter().zip(&mut reading.currents);
        for ((directions, integrator), (channel, current)) in kept.zip(channels) {
            let directions = core::mem::take(directions);
            let (Some(voltage), Some(channel), Some(current)) = (&settings.voltage, channel, current) else { continue };
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
        for (pair, current) in self.pairs.iter_mut().zip(&settings.currents) {
            let (Some(pair), Some(voltage), Some(current)) = (pair, &settings.voltage, current) else { continue };
            // What the delays mean as an angle follows the frequency.
            if voltage.delay != current.delay {
                *pair = Pair::new(voltage, current, step);
            }
        }
    }
}

fn pairs<S: Sample, const N: usize>(config: &Config<S, N>, step: u32) -> [Option<Pair>; N] {
    let settings = config.settings();
    settings.currents.map(|current| Some(Pair::new(settings.voltage.as_ref()?, &current?, step)))
}
