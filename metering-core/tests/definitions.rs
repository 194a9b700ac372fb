//! Quantities by their definitions: the worked vector of IEEE 1459 and a half-wave whose DC is a signal.

use std::collections::BTreeMap;

use metering_core::calibration::{Channel, Dc};
use metering_core::config::{Config, Settings};
use metering_core::derived::Quadrant;
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::{Block, Meter};

const FULL: f64 = 8_388_608.0;

/// Order, RMS, phase in degrees; sine reference.
type Wave<'a> = &'a [(f64, f64, f64)];

fn sample(wave: Wave<'_>, hertz: f64, seconds: f64, start: f64) -> f64 {
    let turn = hertz * seconds + start;
    wave.iter()
        .map(|(order, rms, phase)| {
            rms * 2f64.sqrt() * ((turn * order).fract() * std::f64::consts::TAU + phase.to_radians()).sin()
        })
        .sum()
}

fn last_readings(voltage: Channel, current: Channel, rate: f64, of: impl Fn(f64) -> (f64, f64)) -> Vec<Reading<1>> {
    let config = Config::<i32, 1>::new(Settings {
        voltage: Some(voltage),
        currents: [Some(current)],
        ..Settings::new(SampleRate::from_num(rate), 24)
    })
    .unwrap();
    let (ranges, mut out) = ((voltage.range.to_num::<f64>(), current.range.to_num::<f64>()), vec![]);
    let frames = (rate * 2.5) as usize;
    let (v, i): (Vec<i32>, Vec<i32>) = (0..frames)
        .map(|n| {
            let (v, i) = of(n as f64 / rate);
            ((v / ranges.0 * FULL).round() as i32, (i / ranges.1 * FULL).round() as i32)
        })
        .unzip();
    let block = Block { voltage: &v, currents: [&i], residual: &[] };
    Meter::new(config).push(&block, &mut |reading: &Reading<1>| out.push(*reading));
    out.split_off(5)
}

/// Worst error of each quantity, as a part of its basis.
type Worst = BTreeMap<&'static str, f64>;

/// Notes the error as a part of `basis` and holds it to `allowed`, a part of it as well.
fn note(worst: &mut Worst, name: &'static str, measured: f64, truth: f64, basis: f64, allowed: f64) {
    near(name, measured, truth, allowed * basis);
    let entry = worst.entry(name).or_default();
    *entry = entry.max((measured - truth).abs() / basis);
}

fn near(name: &str, measured: f64, truth: f64, allowed: f64) {
    assert!((measured - truth).abs() <= allowed, "{name}: {measured} instead of {truth}, allowed {allowed}");
}

#[test]
fn the_worked_vector_of_ieee_1459() {
    let v: Wave<'_> = &[(1.0, 230.0, 0.0), (3.0, 6.9, -70.0), (5.0, 11.5, 140.0)];
    let i: Wave<'_> = &[(1.0, 10.0, -30.0), (3.0, 4.0, 165.0), (5.0, 3.0, -130.0), (7.0, 2.0, 40.0)];
    let (volt, ampere) = (Channel::new(Volt::from_num(400)), Channel::new(Ampere::from_num(25)));
    let s = 2_616.734_977;
    for (rate, ppm) in [(8_000.0, 20e-6), (4_000.0, 50e-6)] {
        let mut worst = Worst::new();
        for (hertz, start) in [(50.0, 0.0), (47.3, 0.3), (60.0, 0.71), (63.9, 0.13)] {
            let of = |t| (sample(v, hertz, t, start), sample(i, hertz, t, start));
            let readings = last_readings(volt, ampere, rate, of);
            assert!(readings.len() >= 6);
            for reading in readings {
                let (voltage, current) = (reading.voltage.unwrap(), reading.currents[0].unwrap());
                let (power, derived) = (current.power.unwrap(), reading.derived(0).unwrap());
                let mut note = |name, measured: f64, truth, basis| note(&mut worst, name, measured, truth, basis, ppm);
                note("V", voltage.rms.to_num(), 230.390_668, 230.390_668);
                note("I", current.rms.to_num(), 11.357_817, 11.357_817);
                note("V1", voltage.fundamental.to_num(), 230.0, 230.0);
                note("I1", current.fundamental.to_num(), 10.0, 10.0);
                note("THDV", voltage.distortion().to_num(), 0.058_309_52, 1.0);
                note("THDI", current.distortion().to_num(), 0.538_516_48, 1.0);
                note("P", power.active.to_num(), 1_976.027_719, s);
                note("P1", power.fundamental_active.to_num(), 1_991.858_429, s);
                note("Q1", power.reactive.to_num(), 1_150.0, s);
                note("PH", derived.harmonic_active.to_num(), -15.830_710, s);
                note("S", derived.apparent.to_num(), s, s);
                note("S1", derived.fundamental_apparent.to_num(), 2_300.0, s);
                note("SN", derived.nonfundamental.to_num(), 1_247.919_044, s);
                note("DI", derived.current_distortion.to_num(), 1_238.587_906, s);
                note("DV", derived.voltage_distortion.to_num(), 134.111_894, s);
                note("SH", derived.harmonic_apparent.to_num(), 72.221_465, s);
                note("N", derived.nonactive.to_num(), 1_715.405_606, s);
                note("PF", derived.power_factor.to_num(), 0.755_150, 1.0);
                note("PF1", derived.fundamental_power_factor.to_num(), 0.866_025_4, 1.0);
                near("phase", power.phase.to_num(), 30.0, 0.0005);
                assert_eq!(derived.quadrant, Quadrant::I);
            }
        }
        let list: Vec<String> = worst.iter().map(|(name, error)| format!("{name} {:.2}", error * 1e6)).collect();
        println!("{rate} Hz, worst error in ppm of its basis: {}", list.join(", "));
    }
}

#[test]
fn dc_counts_where_it_is_a_signal() {
    let (v, i): (Wave<'_>, Wave<'_>) = (&[(1.0, 230.0, 0.0)], &[(1.0, 4.0, -60.0)]);
    let of = |t| (2.0 + sample(v, 50.0, t, 0.1), 3.0 + sample(i, 50.0, t, 0.1));
    let removed = |range| Channel::new(Volt::from_num(range));
    let signal = |range| Channel { dc: Dc::Signal { zero: 0 }, ..removed(range) };
    for (voltage, current, rms, active) in [
        (removed(400.0), removed(25.0), 4.0, 460.0),
        (removed(400.0), signal(25.0), 5.0, 460.0),
        (signal(400.0), signal(25.0), 5.0, 466.0),
    ] {
        for reading in last_readings(voltage, current, 8_000.0, of) {
            let current = reading.currents[0].unwrap();
            near("I", current.rms.to_num(), rms, 5e-6 * rms);
            near("I DC", current.dc.to_num(), 3.0, 5e-6 * rms);
            near("peak", current.peak.to_num(), 4.0 * 2f64.sqrt() + if rms > 4.5 { 3.0 } else { 0.0 }, 0.01);
            near("P", current.power.unwrap().active.to_num(), active, 5e-6 * 1_150.0);
        }
    }
    let shifted = Channel { dc: Dc::Signal { zero: (3.0 / 25.0 * FULL * 256.0) as i32 }, ..removed(25.0) };
    for reading in last_readings(removed(400.0), shifted, 8_000.0, of) {
        near("I", reading.currents[0].unwrap().rms.to_num(), 4.0, 2e-5);
        near("I DC", reading.currents[0].unwrap().dc.to_num(), 0.0, 2e-5);
    }
}

#[test]
fn corrections_give_back_what_the_sensor_took() {
    let v: Wave<'_> = &[(1.0, 230.0, 0.0)];
    let rate = 8_000.0;
    // The current's sensor reads 3 % too little, is wired the wrong way round, lags by 1.5 degrees, is sampled 0.25
    // frames late.
    let of = |t: f64| {
        let current = sample(&[(1.0, 4.0, -60.0 - 1.5)], 50.0, t + 0.25 / rate, 0.1);
        (sample(v, 50.0, t, 0.1), -0.97 * current)
    };
    let volt = Channel::new(Volt::from_num(400));
    let ampere =
        Channel { gain_ppm: 30_928, inverted: true, phase: 1_500, delay: 64, ..Channel::new(Ampere::from_num(25)) };
    for reading in last_readings(volt, ampere, rate, of) {
        let current = reading.currents[0].unwrap();
        let power = current.power.unwrap();
        near("I", current.rms.to_num(), 4.0, 4.0 * 6e-6);
        near("P", power.active.to_num(), 460.0, 920.0 * 6e-6);
        near("P1", power.fundamental_active.to_num(), 460.0, 920.0 * 6e-6);
        near("Q1", power.reactive.to_num(), 460.0 * 3f64.sqrt(), 920.0 * 6e-6);
        near("phase", power.phase.to_num(), 60.0, 0.0005);
    }
    let noisy = Channel { noise: Ampere::from_num(3), ..Channel::new(Ampere::from_num(25)) };
    let of = |t| (sample(v, 50.0, t, 0.1), sample(&[(1.0, 5.0, 0.0)], 50.0, t, 0.1));
    for reading in last_readings(volt, noisy, rate, of) {
        near("I", reading.currents[0].unwrap().rms.to_num(), 4.0, 4.0 * 5e-6);
    }
}

/// A clock that runs 123.4 ppm fast takes its samples nearer to each other than it says: all frequencies look too low.
#[test]
fn the_clock_corrects_the_frequency() {
    let (rate, fast) = (8_000.0, 1.000_123_4);
    let wave: Wave<'_> = &[(1.0, 230.0, 0.0)];
    let config = Config::<i32, 1>::new(Settings {
        clock: 1_234,
        voltage: Some(Channel::new(Volt::from_num(400))),
        ..Settings::new(SampleRate::from_num(rate), 24)
    })
    .unwrap();
    let codes: Vec<i32> =
        (0..20_000).map(|n| (sample(wave, 50.0, f64::from(n) / (rate * fast), 0.2) / 400.0 * FULL) as i32).collect();
    let mut last = None;
    Meter::new(config).push(&Block { voltage: &codes, currents: [&[]], residual: &[] }, &mut |reading: &Reading<1>| {
        last = Some(*reading);
    });
    near("frequency", last.unwrap().frequency.unwrap().to_num(), 50.0, 1e-5);
}
