//! Energy of windows against closed forms, whichever way it flows.
#![cfg(feature = "energy")]

mod common;

use common::Mains;
use metering_core::calibration::{Channel, Dc};
use metering_core::config::{Config, NoLoad, Settings};
use metering_core::energy::{Energy, Registers};
use metering_core::quantity::{Ampere, Power, SampleRate, Volt, WattSecond};
use metering_core::reading::Reading;
use metering_core::{Block, Meter, Sample};

const RATE: f64 = 8_000.0;
const VOLT: f64 = 230.0;

/// A current whose amplitude, with its sign, changes from cycle to cycle of the mains.
struct Load<'a> {
    hertz: f64,
    lag: f64,
    /// RMS of each cycle, over and over.
    amperes: &'a [f64],
    /// DC of voltage and current, parts of the range.
    offset: f64,
    /// By how much the current's sensor lags, degrees: part of `lag`, and made good by the channel's settings.
    sensor: f64,
}

impl Load<'_> {
    fn codes<S>(&self, seconds: f64, bits: u32, convert: impl Fn(i32) -> S) -> (Vec<S>, Vec<S>) {
        let full = f64::from(1 << (bits - 1));
        let code =
            |value: f64, range: f64| convert(((value * 2f64.sqrt() / range + self.offset) * full).round() as i32);
        (0..(seconds * RATE) as usize)
            .map(|n| {
                let turns = self.hertz / RATE * n as f64;
                let angle = turns.fract() * std::f64::consts::TAU;
                let current = self.ampere(turns) * (angle - self.lag.to_radians()).sin();
                (code(VOLT * angle.sin(), common::VOLT), code(current, common::AMPERE))
            })
            .unzip()
    }

    /// The amplitude goes over from one cycle's to the next smoothly.
    fn ampere(&self, turns: f64) -> f64 {
        let ampere = |cycle: usize| self.amperes[cycle % self.amperes.len()];
        let part = turns.fract();
        let over = part * part * (3.0 - 2.0 * part);
        ampere(turns as usize) * (1.0 - over) + ampere(turns as usize + 1) * over
    }

    /// Mean of the powers of all cycles that flow forward and in reverse, W and var: the waveform integrated in f64.
    fn truth(&self) -> [f64; 4] {
        const STEPS: usize = 4_096;
        let mut sums = [0.0; 4];
        for cycle in 0..self.amperes.len() {
            let (mut sine, mut cosine) = (0.0, 0.0);
            for step in 0..STEPS {
                let part = (step as f64 + 0.5) / STEPS as f64;
                let angle = part * std::f64::consts::TAU;
                let current = self.ampere(cycle as f64 + part) * (angle - self.lag.to_radians()).sin();
                sine += 2.0 * current * angle.sin() / STEPS as f64;
                cosine += 2.0 * current * angle.cos() / STEPS as f64;
            }
            let (across, along) = self.sensor.to_radians().sin_cos();
            let power = [sine * along - cosine * across, -cosine * along - sine * across];
            for (n, power) in power.map(|power| VOLT * power).into_iter().enumerate() {
                sums[2 * n + usize::from(power < 0.0)] += power.abs() / self.amperes.len() as f64;
            }
        }
        sums
    }
}

fn settings(bits: u32) -> Settings<1> {
    Settings {
        voltage: Some(Channel::new(Volt::from_num(common::VOLT))),
        currents: [Some(Channel::new(Ampere::from_num(common::AMPERE)))],
        ..Settings::new(SampleRate::from_num(RATE), bits)
    }
}

fn readings<S: Sample>(settings: Settings<1>, (v, i): &(Vec<S>, Vec<S>)) -> Vec<Reading<1>> {
    let mut out = vec![];
    let mut meter = Meter::new(Config::<S, 1>::new(settings).unwrap());
    meter.push(&Block { voltage: v, currents: [i], residual: &[] }, &mut |reading: &Reading<1>| out.push(*reading));
    out
}

fn parts(energy: &Energy) -> [f64; 4] {
    [energy.forward_active, energy.reverse_active, energy.forward_reactive, energy.reverse_reactive]
        .map(WattSecond::to_num)
}

/// Energies of windows between one and two seconds in, over their time: W and var.
fn mean(readings: &[Reading<1>]) -> [f64; 4] {
    let mut registers = Registers::<1>::default();
    let windows = readings.iter().filter(|reading| reading.end_frame > 8_100);
    windows.for_each(|reading| registers.add(reading));
    let time: f64 = registers.operation().to_num();
    assert!(time > 0.9, "{time}");
    parts(&registers.account(0).unwrap().continuous).map(|sum| sum / time)
}

/// Worst difference from the truth in parts of the apparent power of the largest current.
fn worst(load: &Load<'_>, readings: &[Reading<1>]) -> f64 {
    let base = VOLT * load.amperes.iter().fold(0.0f64, |most, ampere| most.max(ampere.abs()));
    let pairs = mean(readings).into_iter().zip(load.truth());
    pairs.fold(0.0, |most, (measured, truth)| most.max((measured - truth).abs() / base))
}

/// Forward less reverse is the sum of P·T and Q1·T to the last step, whatever the windows hold.
fn is_exact(readings: &[Reading<1>]) {
    let (mut exact, mut energy) = ([0i128; 2], Energy::default());
    for reading in readings {
        let current = reading.currents[0].unwrap();
        let power = current.power.unwrap();
        energy = energy.plus(&current.energy);
        for (sum, power) in exact.iter_mut().zip([power.active, power.reactive]) {
            *sum += i128::from(power.to_bits()) * i128::from(reading.duration.to_bits());
        }
    }
    let bits = |energy: WattSecond| i128::from(energy.to_bits());
    let net = [
        bits(energy.forward_active) - bits(energy.reverse_active),
        bits(energy.forward_reactive) - bits(energy.reverse_reactive),
    ];
    for (net, exact) in net.into_iter().zip(exact) {
        // Each of the two was cut once at its end.
        assert!((net - (exact >> 40)).abs() <= 1, "{net} {}", exact >> 40);
    }
}

#[test]
fn each_quadrant_fills_its_registers() {
    for lag in [0.0, 30.0, 60.0, 120.0, 179.0, -120.0, -60.0, -1.0] {
        let load = Load { hertz: 50.0, lag, amperes: &[10.0], offset: 0.01, sensor: 0.0 };
        let readings = readings(settings(24), &load.codes(2.2, 24, |code| code));
        assert!(worst(&load, &readings) < 5e-6, "{lag}: {:?} {:?}", mean(&readings), load.truth());
        is_exact(&readings);
        let [forward, reverse, ..] = mean(&readings);
        assert!(forward == 0.0 || reverse == 0.0, "{lag}: all cycles go one way");
        let energy = readings.last().unwrap().currents[0].unwrap().energy;
        let apparent: f64 = energy.apparent.to_num();
        assert!((apparent / (2_300.0 * 0.2) - 1.0).abs() < 1e-5, "{lag}: {apparent}");
    }
}

#[test]
fn what_flows_back_in_a_cycle_is_not_netted() {
    for (hertz, amperes) in [
        (50.0, &[10.0, -10.0][..]),
        (60.0, &[10.0, -3.0, 1.0]),
        (60.0, &[0.02, -0.01, 0.02, 0.02]),
        (47.3, &[16.0, 16.0, 16.0, -16.0, 16.0]),
    ] {
        for lag in [0.0, 35.0, -60.0, 150.0] {
            let load = Load { hertz, lag, amperes, offset: 0.02, sensor: 0.0 };
            let wide = readings(settings(24), &load.codes(2.3, 24, |code| code));
            let most = worst(&load, &wide);
            assert!(most < 1e-4, "{hertz} {lag} {amperes:?}: {most} {:?} {:?}", mean(&wide), load.truth());
            is_exact(&wide);
            if hertz > 59.0 && amperes.len() == 4 {
                // Half a code of 16 bits is 2 % of this current.
                continue;
            }
            let narrow = readings(settings(16), &load.codes(2.3, 16, |code| code as i16));
            let most = worst(&load, &narrow);
            assert!(most < 1e-4, "{hertz} {lag} {amperes:?} i16: {most} {:?} {:?}", mean(&narrow), load.truth());
            is_exact(&narrow);
            let binary = readings(settings(16), &load.codes(2.3, 16, |code| (code + 0x8000) as u16));
            let most = worst(&load, &binary);
            assert!(most < 1e-4, "{hertz} {lag} {amperes:?} u16: {most} {:?} {:?}", mean(&binary), load.truth());
            is_exact(&binary);
        }
    }
}

#[test]
fn the_channels_corrections_reach_the_sign() {
    // The sensor's lag of 3 degrees turns the sign of P, a channel that is wired the wrong way round turns both.
    for (phase, inverted, lag) in [(3_000, false, 91.5), (-2_000, false, 86.5), (0, true, 268.5), (3_000, true, 271.5)]
    {
        let sensor = f64::from(phase) / 1_000.0 + if inverted { 180.0 } else { 0.0 };
        let load = Load { hertz: 50.0, lag, amperes: &[10.0, -4.0], offset: 0.0, sensor };
        let channel = Channel { phase, inverted, ..Channel::new(Ampere::from_num(common::AMPERE)) };
        let settings = |bits| Settings { currents: [Some(channel)], ..settings(bits) };
        let wide = readings(settings(24), &load.codes(2.2, 24, |code| code));
        let most = worst(&load, &wide);
        assert!(most < 1e-4, "{lag}: {most} {:?} {:?}", mean(&wide), load.truth());
        is_exact(&wide);
        let narrow = readings(settings(16), &load.codes(2.2, 16, |code| code as i16));
        let most = worst(&load, &narrow);
        assert!(most < 1e-4, "{lag} i16: {most} {:?} {:?}", mean(&narrow), load.truth());
    }
}

#[test]
fn direct_current_is_energy_where_it_is_a_signal() {
    // 2 % of both ranges as DC: 8 V and 0.5 A, 4 W, on a current that flows back and forth.
    let load = Load { hertz: 50.0, lag: 0.0, amperes: &[0.05, -0.05], offset: 0.02, sensor: 0.0 };
    let dc = |range| Channel { dc: Dc::Signal { zero: 0 }, ..Channel::new(range) };
    let both = Settings {
        voltage: Some(dc(Volt::from_num(common::VOLT))),
        currents: [Some(dc(Ampere::from_num(common::AMPERE)))],
        ..settings(24)
    };
    let codes = load.codes(2.2, 24, |code| code);
    let [forward, reverse, ..] = mean(&readings(both, &codes));
    // Without the DC each direction would hold the same; with it 4 W more in each cycle, and the sign follows.
    let [back, ..] = load.truth();
    assert!(back < 4.0, "{back}");
    assert!((forward - 4.0).abs() < 4e-4 && reverse == 0.0, "{forward} {reverse}");
    let [forward, reverse, ..] = mean(&readings(settings(24), &codes));
    assert!((forward - back).abs() < 1e-3 && (reverse - back).abs() < 1e-3, "{forward} {reverse} {back}");
}

#[test]
fn nothing_counts_below_the_no_load_threshold() {
    let load = Load { hertz: 50.0, lag: 0.0, amperes: &[0.01], offset: 0.0, sensor: 0.0 };
    let no_load = NoLoad { power: Power::from_num(4), current: Ampere::from_num(0.02), hysteresis: 10 };
    let codes = load.codes(2.2, 24, |code| code);
    let idle = readings(Settings { no_load: Some(no_load), ..settings(24) }, &codes);
    assert!(idle.len() > 8);
    assert!(idle.iter().all(|reading| reading.currents[0].unwrap().energy == Energy::default()));
    assert!(mean(&readings(settings(24), &codes))[0] > 2.2);
}

#[test]
fn time_follows_the_calibrated_clock_and_lost_frames_count_as_time_alone() {
    let load = Load { hertz: 50.0, lag: 0.0, amperes: &[10.0], offset: 0.0, sensor: 0.0 };
    let (v, i) = load.codes(4.0, 24, |code| code);
    // The clock runs 500 ppm faster than its rate says: the same frames are less time.
    let settings = Settings { clock: 5_000, ..settings(24) };
    let mut meter = Meter::new(Config::<i32, 1>::new(settings).unwrap());
    let mut registers = Registers::<1>::default();
    let (mut length, mut last) = (0, 0);
    let mut sink = |reading: &Reading<1>| {
        registers.add(reading);

        length += reading.length_q16;
        last = reading.end_frame;
    };
    meter.push(&Block { voltage: &v[..16_050], currents: [&i[..16_050]], residual: &[] }, &mut sink);
    meter.gap(1 << 20, &mut sink);
    meter.gap(3, &mut sink);
    meter.push(&Block { voltage: &v[16_050..], currents: [&i[16_050..]], residual: &[] }, &mut sink);
    let rate = RATE * 1.0005;
    let time: f64 = registers.operation().to_num();
    // The boundary lies up to a frame before the end that is told in whole frames, and so it does at each gap.
    assert!((time - last as f64 / rate).abs() < 3.0 / RATE, "{time}");
    let counted: f64 = registers.account(0).unwrap().continuous.forward_active.to_num();
    let seen = length as f64 / 65_536.0 / rate;
    // The cycles that the gap cut have means of their own, which are taken for an offset.
    assert!((counted / (2_300.0 * seen) - 1.0).abs() < 1e-3, "{counted} {seen}");
    assert!((time - seen - f64::from((1 << 20) + 3) / rate).abs() < 1e-6, "{time} {seen}");
}

#[test]
fn energy_needs_a_voltage() {
    let mains = Mains::default();
    let (_, i) = mains.codes(1.0, |code| code);
    let alone = Settings { voltage: None, ..settings(24) };
    let readings = readings(alone, &(vec![], i));
    assert!(readings.len() > 3);
    assert!(readings.iter().all(|reading| reading.currents[0].unwrap().energy == Energy::default()));
    let time: f64 = readings.iter().map(|reading| reading.elapsed.to_num::<f64>()).sum();
    assert!(time > 0.7, "{time}");
}
