//! The crate `metrology_insight`, set up as its documentation says. This file must not know what it is held against.

use std::ops::Range;

use metrology_insight::{MetrologyInsight, MetrologyInsightConfig};

use super::{CYCLE, Meters, RATE, Readings, Signal, WINDOW};

/// The meter and what it reads.
pub struct Insight {
    meter: MetrologyInsight,
    voltage: Vec<f32>,
    current: Vec<f32>,
}

impl Insight {
    /// A meter that has seen nothing.
    pub fn new(signal: &Signal) -> Self {
        let config = MetrologyInsightConfig {
            adc_samples_seconds: RATE as f32,
            adc_samples_per_cycle: CYCLE as f64,
            avg_sec: CYCLE as f32 / RATE as f32,
            ..MetrologyInsightConfig::default()
        };
        let mut meter = MetrologyInsight::new(config);
        meter.set_nominal_voltage(230.0);
        let (voltage, current) = signal.values(|value| value as f32);
        Self { meter, voltage, current }
    }
}

impl Meters for Insight {
    fn play(&mut self, frames: Range<usize>, each: &mut dyn FnMut(Readings)) {
        // It has a reading of each cycle: those of a window are put together.
        let mut sums = [0f64; 3];
        for from in frames.step_by(CYCLE) {
            let phase = &mut self.meter.socket.phases[0];
            phase.voltage.real_wave[..CYCLE].copy_from_slice(&self.voltage[from..from + CYCLE]);
            phase.voltage.real_wave_len = CYCLE;
            phase.current.real_wave[..CYCLE].copy_from_slice(&self.current[from..from + CYCLE]);
            phase.current.real_wave_len = CYCLE;
            self.meter.process_and_update_metrics(1);
            let phase = &mut self.meter.socket.phases[0];
            let (voltage, current) = (f64::from(phase.voltage.rms), f64::from(phase.current.rms));
            let active = f64::from(phase.power_metrics.real_power);
            for (sum, value) in sums.iter_mut().zip([voltage * voltage, current * current, active]) {
                *sum += value / (WINDOW / CYCLE) as f64;
            }
            phase.voltage.clear_samples();
            phase.current.clear_samples();
            if (from + CYCLE).is_multiple_of(WINDOW) {
                let [voltage, current, active] = std::mem::take(&mut sums);
                each(Readings { voltage: voltage.sqrt(), current: current.sqrt(), active });
            }
        }
    }
}
