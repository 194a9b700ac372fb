//! The further ports: whatever goes on there, the link and the meter do not wait.

use std::cell::RefCell;
use std::rc::Rc;

use hil_board::store::mock::Mock24C64;
use hil_link::{Config, EnergyRequest, EnergyState, Response, Signal, Status, Tone, Waveform};
use hil_link::{MAX_CURRENTS, Request};
use metering_core::energy::Registers;

use crate::wire::{Bench, config};

/// 230 V and 5 A at 2 kHz.
fn signal() -> Signal {
    let tone = |amplitude: f64| Tone { order: 1, amplitude: (amplitude * 2f64.powi(31)) as u32, phase: 0 };
    let wave = |amplitude| Waveform { dc: 0, tones: [tone(amplitude)].into_iter().collect() };
    Signal { frequency: 50 << 32, channels: [wave(0.8), wave(0.28)].into_iter().collect() }
}

/// Plays four seconds, whatever `between` does between two requests.
fn play(bench: &mut Bench, config: &Config, mut between: impl FnMut(&mut Bench)) -> (Status, EnergyState) {
    assert_eq!(bench.ask(&Request::Configure(config.clone())), Response::Configured);
    assert_eq!(bench.ask(&Request::Signal(signal())), Response::SignalSet);
    for _ in 0..80 {
        between(bench);
        let Response::Readings(_) = bench.ask(&Request::Run { frames: 100, with_codes: false }) else {
            panic!("no readings")
        };
    }
    let Response::Status(status) = bench.ask(&Request::Status) else { panic!("no status") };
    let Response::Energy(energy) = bench.ask(&Request::Energy(EnergyRequest::Show)) else { panic!("no energy") };
    (status, energy)
}

#[test]
fn floods_on_all_ports_change_no_reading() {
    let chip = || Rc::new(RefCell::new(Mock24C64::default()));
    let config = config(1);
    let (calm, counted) = play(&mut Bench::start(&chip()), &config, |_| {});
    assert_eq!((calm.frames, calm.damaged_frames), (8_000, 0));
    let registers: Registers<MAX_CURRENTS> = counted.registers().unwrap();
    assert!(
        registers.accounts()[0].continuous.forward_active.to_num::<f64>() > 3_000.0,
        "there was something to count"
    );

    let mut bench = Bench::start(&chip());
    bench.board.platform().further.iter_mut().for_each(|port| port.is_flooded = true);
    let mut seed = 1_u32;
    let (flooded, also_counted) = play(&mut bench, &config, |bench| {
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .take(500)
        .collect();
        // Time passes on the Modbus port as well, so that its noise falls into frames.
        bench.board.platform().now_us += 3_000;
        // The line of the link is noisy; a zero ends what the noise has begun.
        bench.send(&noise);
        bench.send(&[0]);
    });
    assert_eq!((flooded.digest, flooded.frames, flooded.windows), (calm.digest, calm.frames, calm.windows));
    assert_eq!(also_counted.channels, counted.channels);
    assert!(flooded.damaged_frames > 80, "the link was flooded: {} damaged frames", flooded.damaged_frames);
    // 64 bytes at each look, and no more.
    let taken = bench.board.platform().further.each_ref().map(|port| port.taken);
    assert!(taken.iter().all(|&taken| taken > 5_000), "the ports were flooded: {taken:?}");
}
