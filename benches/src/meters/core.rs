//! The meter of this workspace, from codes of 16 or 24 bits. This file must not know what it is held against.

use std::ops::Range;

use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::residual::Residual;
use metering_core::{Block, Meter, Sample};

use super::{CYCLE, Meters, RANGES, RATE, Readings, Signal};

/// One voltage, N times the same current, and if asked for the same as a residual current.
pub struct Core<S: Sample, const N: usize> {
    meter: Meter<S, N>,
    voltage: Vec<S>,
    current: Vec<S>,
    residual: bool,
}

impl<S: Sample + TryFrom<i32>, const N: usize> Core<S, N> {
    /// A meter that has seen nothing.
    pub fn new(signal: &Signal, residual: bool) -> Self {
        let ampere = Channel::new(Ampere::from_num(RANGES.1));
        let settings = Settings {
            voltage: Some(Channel::new(Volt::from_num(RANGES.0))),
            currents: [Some(ampere); N],
            residual: residual.then(|| Residual::new(ampere)),
            ..Settings::new(SampleRate::const_from_int(RATE as u64), S::MAX_BITS)
        };
        let meter = Meter::new(Config::new(settings).expect("constants within their limits"));
        let (voltage, current) = signal.codes(S::MAX_BITS as u8);
        let narrow = |codes: Vec<i32>| codes.into_iter().filter_map(|code| S::try_from(code).ok()).collect();
        Self { meter, voltage: narrow(voltage), current: narrow(current), residual }
    }

    /// The per-sample work alone.
    pub fn kernel(&mut self, frames: Range<usize>) {
        for from in frames.step_by(CYCLE) {
            self.meter.kernel(&block(&self.voltage, &self.current, self.residual, from));
        }
    }
}

fn block<'a, S: Sample, const N: usize>(
    voltage: &'a [S],
    current: &'a [S],
    residual: bool,
    from: usize,
) -> Block<'a, S, N> {
    let current = &current[from..from + CYCLE];
    Block {
        voltage: &voltage[from..from + CYCLE],
        currents: [current; N],
        residual: if residual { current } else { &[] },
    }
}

impl<S: Sample, const N: usize> Meters for Core<S, N> {
    fn play(&mut self, frames: Range<usize>, each: &mut dyn FnMut(Readings)) {
        for from in frames.step_by(CYCLE) {
            let block = block(&self.voltage, &self.current, self.residual, from);
            self.meter.push(&block, &mut |reading: &Reading<N>| {
                let Some((voltage, current)) = reading.voltage.zip(reading.currents.first().copied().flatten()) else {
                    return;
                };
                let active = current.power.map_or(0.0, |power| power.active.to_num());
                each(Readings { voltage: voltage.rms.to_num(), current: current.rms.to_num(), active });
            });
        }
    }
}
