//! A board with loads that are known in closed form.

use std::cell::RefCell;
use std::f64::consts::SQRT_2;
use std::rc::Rc;

use crate::wire::{Bench, config};
use hil_board::store::mock::Mock24C64;
use hil_link::{Channel, Config, MAX_CURRENTS, Request, Residual, Response, Signal, Tone, Waveform};

pub fn board() -> Bench {
    Bench::start(&Rc::new(RefCell::new(Mock24C64::default())))
}

/// RMS current and lag of a channel: to the load and from it, lagging and leading.
pub fn load(channel: usize) -> (f64, f64) {
    let lag = [10.03, -34.87, 60.02, 90.0, -120.4, 179.9, 140.6, 0.0][channel];
    (100.017 * (channel as f64 + 1.0), lag)
}

/// 230.4 V, the loads above, and a residual current of 30.04 mA.
pub fn signal() -> Signal {
    let tone = |order, peak: f64, turn: f64| Tone {
        order,
        amplitude: (peak * 2f64.powi(31)) as u32,
        phase: (turn.rem_euclid(1.0) * 2f64.powi(32)) as u64 as u32,
    };
    let sine = |peak, lag: f64| Waveform { dc: 0, tones: [tone(1, peak, -lag / 360.0)].into_iter().collect() };
    let voltage = sine(230.4 * SQRT_2 / 400.0, 0.0);
    let currents = (0..MAX_CURRENTS).map(|channel| {
        let (rms, lag) = load(channel);
        sine(rms * SQRT_2 / 4_000.0, lag)
    });
    let residual = sine(0.030_04 * SQRT_2, 30.0);
    Signal {
        frequency: (49.984 * 2f64.powi(32)) as u64,
        channels: std::iter::once(voltage).chain(currents).chain([residual]).collect(),
    }
}

/// Meters the signal for some seconds.
pub fn play(bench: &mut Bench, seconds: u32) -> usize {
    let pieces = (0..seconds * 20).map(|_| match bench.ask(&Request::Run { frames: 100, with_codes: false }) {
        Response::Readings(windows) => windows.len(),
        other => panic!("{other:?}"),
    });
    pieces.sum()
}

pub fn loaded(bench: &mut Bench) {
    let config = Config {
        adc_bits: 24,
        currents: (0..8).map(|_| Channel::new(4_000 << 32)).collect(),
        residual: Some(Residual::new(Channel::new(1 << 32))),
        ..config(0)
    };
    assert_eq!(bench.ask(&Request::Configure(config)), Response::Configured);
    assert_eq!(bench.ask(&Request::Signal(signal())), Response::SignalSet);
}
