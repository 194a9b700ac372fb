//! The ADC of the virtual board: a power strip, sampled by the clock whether anybody asks or not.
//!
//! In comes a configuration, out go frames, as many as are due; what finds no room is lost and counted. This file must not
//! know who asks, or why so seldom.

use std::f64::consts::{SQRT_2, TAU};
use std::time::{Duration, Instant};

use hil_board::Adc;
use hil_board::adc::Refusal;
use hil_link::Config;

use crate::header::{full_scale, range, rate_hz};
use crate::own_signal;

/// Frequency of what it samples: no cycle falls on the same frames as the one before.
pub const HZ: f64 = 50.02;

/// So many seconds of frames have room.
const ROOM_S: f64 = 0.25;

/// Bits of a code at the most: a frame goes as `i16`.
const MOST_BITS: u8 = 16;

/// The ADC.
#[derive(Default)]
pub struct VirtualAdc {
    running: Option<Running>,
}

/// What it samples, and how far it is.
struct Running {
    begun: Instant,
    rate_hz: f64,
    /// Peak in codes and phase in turns of each channel.
    sines: Vec<(f64, f64)>,
    limit: f64,
    /// Number of the next frame to be taken, and how many are lost before it as soon as somebody has waited for it.
    next: u64,
    lost: Option<u32>,
}

/// RMS value and lag in degrees of what the channels of a configuration see, in the order of a frame.
pub fn seen(config: &Config) -> Vec<(f64, f64)> {
    let voltage = config.voltage.map(|_| (own_signal::VOLT, 0.0));
    let currents = own_signal::currents().into_iter().take(config.currents.len());
    let residual = config.residual.as_ref().map(|_| (own_signal::RESIDUAL, -90.0));
    voltage.into_iter().chain(currents).chain(residual).collect()
}

impl Running {
    fn new(config: &Config) -> Self {
        let residual = config.residual.iter().map(|residual| &residual.channel);
        let channels = config.voltage.iter().chain(&config.currents).chain(residual);
        let full_scale = full_scale(config.adc_bits);
        let sines = seen(config).into_iter().zip(channels);
        Self {
            begun: Instant::now(),
            rate_hz: rate_hz(config),
            sines: sines
                .map(|((rms, lag), channel)| (rms * SQRT_2 / range(channel) * full_scale, -lag / 360.0))
                .collect(),
            limit: full_scale,
            next: 0,
            lost: None,
        }
    }

    /// Frames that have been sampled by now, kept or not.
    fn due(&self) -> u64 {
        (self.begun.elapsed().as_secs_f64() * self.rate_hz) as u64
    }

    fn wait(&mut self) -> u32 {
        if let Some(lost) = self.lost {
            return lost;
        }
        while self.due() <= self.next {
            std::thread::sleep(Duration::from_secs_f64(1.0 / self.rate_hz));
        }
        let oldest = self.due().saturating_sub((ROOM_S * self.rate_hz) as u64);
        let lost = u32::try_from(oldest.saturating_sub(self.next)).unwrap_or(u32::MAX);
        *self.lost.insert(lost)
    }

    fn take(&mut self, codes: &mut [i16]) {
        self.next += u64::from(self.lost.take().unwrap_or(0));
        let turns = (HZ * self.next as f64 / self.rate_hz).fract();
        for (code, (peak, phase)) in codes.iter_mut().zip(&self.sines) {
            let value = peak * (TAU * (turns + phase)).sin();
            *code = value.round().clamp(-self.limit, self.limit - 1.0) as i16;
        }
        self.next += 1;
    }
}

impl Adc for VirtualAdc {
    fn start(&mut self, config: &Config) -> Result<(), Refusal> {
        if config.adc_bits > MOST_BITS {
            return Err(Refusal::new("adc_bits", &format_args!("this ADC gives up to {MOST_BITS}")));
        }
        self.running = Some(Running::new(config));
        Ok(())
    }

    fn stop(&mut self) {
        self.running = None;
    }

    fn wait(&mut self) -> Result<u32, Refusal> {
        self.running.as_mut().map(Running::wait).ok_or_else(|| Refusal::new("adc", &"it does not sample"))
    }

    fn take(&mut self, codes: &mut [i16]) {
        if let Some(running) = &mut self.running {
            running.take(codes);
        }
    }
}
