//! Time per frame on the PC: the meter beside a plain loop in double precision and beside another meter, in one run.
//!
//! In comes ten seconds of one voltage and one current at 8 kHz, out goes the time for all of it. Each contender takes
//! one cycle at a time, the codes as it wants them made beforehand.
//!
//! - `metering-core`: the whole path, lock and readings included, from 16-bit and from 24-bit codes.
//! - `naive f64`: the nine sums of a full meter (v, i, v², i², v·i, v and i times cosine and sine from a table of one
//!   cycle), which knows the frequency and has neither lock nor edges: a bound, not a meter.
//! - `metrology_insight` 0.1.5, the only other meter in Rust that was found: its whole pipeline for one phase, events,
//!   flicker and harmonics among it.
#![allow(missing_docs, reason = "criterion makes public items")]

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use metering_core::calibration::Channel;
use metering_core::config::{Config, Settings};
use metering_core::quantity::{Ampere, SampleRate, Volt};
use metering_core::reading::Reading;
use metering_core::{Block, Meter, Sample};
use metrology_insight::{MetrologyInsight, MetrologyInsightConfig};

const RATE: usize = 8_000;
const CYCLE: usize = 160;
const FRAMES: usize = 10 * RATE;

/// Volt and ampere of each frame: 230 V, 10 A 0.5 rad behind, with some third harmonic.
fn signal() -> (Vec<f64>, Vec<f64>) {
    let angle = |n: usize| n as f64 / CYCLE as f64 * TAU;
    let root = 2f64.sqrt();
    let voltage = (0..FRAMES).map(|n| 230.0 * root * angle(n).sin()).collect();
    let current = |angle: f64| 10.0 * root * ((angle - 0.5).sin() + 0.2 * (3.0 * angle).sin());
    (voltage, (0..FRAMES).map(|n| current(angle(n))).collect())
}

fn meter<S: Sample>() -> Meter<S, 1> {
    let settings = Settings {
        voltage: Some(Channel::new(Volt::const_from_int(400))),
        currents: [Some(Channel::new(Ampere::const_from_int(25)))],
        ..Settings::new(SampleRate::const_from_int(RATE as u64), S::MAX_BITS)
    };
    Meter::new(Config::new(settings).expect("constants within their limits"))
}

/// Meters all; the mean active power of the last window, so that nothing can be left out.
fn all<S: Sample>(voltage: &[S], current: &[S]) -> f64 {
    let mut meter = meter::<S>();
    let mut power = 0.0;
    for (voltage, current) in voltage.chunks(CYCLE).zip(current.chunks(CYCLE)) {
        let block = Block { voltage, currents: [current], residual: &[] };
        meter.push(&block, &mut |reading: &Reading<1>| {
            let reading = reading.currents[0].and_then(|current| current.power);
            power = reading.map_or(0.0, |power| power.active.to_num());
        });
    }
    power
}

/// The nine sums of each cycle.
fn naive(voltage: &[f64], current: &[f64], table: &[(f64, f64)]) -> f64 {
    let mut power = 0.0;
    for (voltage, current) in voltage.chunks(CYCLE).zip(current.chunks(CYCLE)) {
        let mut sums = [0.0f64; 9];
        for ((&v, &i), &(cosine, sine)) in voltage.iter().zip(current).zip(table) {
            let terms = [v, i, v * v, i * i, v * i, v * cosine, v * sine, i * cosine, i * sine];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
        power = black_box(sums)[4] / CYCLE as f64;
    }
    power
}

fn insight(voltage: &[f32], current: &[f32]) -> f64 {
    let config = MetrologyInsightConfig {
        adc_samples_seconds: RATE as f32,
        adc_samples_per_cycle: CYCLE as f64,
        avg_sec: CYCLE as f32 / RATE as f32,
        ..MetrologyInsightConfig::default()
    };
    let mut insight = MetrologyInsight::new(config);
    insight.set_nominal_voltage(230.0);
    for (voltage, current) in voltage.chunks(CYCLE).zip(current.chunks(CYCLE)) {
        let phase = &mut insight.socket.phases[0];
        phase.voltage.real_wave[..voltage.len()].copy_from_slice(voltage);
        phase.voltage.real_wave_len = voltage.len();
        phase.current.real_wave[..current.len()].copy_from_slice(current);
        phase.current.real_wave_len = current.len();
        insight.process_and_update_metrics(1);
        insight.socket.phases[0].voltage.clear_samples();
        insight.socket.phases[0].current.clear_samples();
    }
    f64::from(insight.socket.power_metrics_total.real_power)
}

fn frames(criterion: &mut Criterion) {
    let (volt, ampere) = signal();
    let codes = |values: &[f64], range: f64, bits: u32| -> Vec<i32> {
        values.iter().map(|value| (value / range * 2f64.powi(bits as i32 - 1)).round() as i32).collect()
    };
    let narrow = |values: &[f64], range| codes(values, range, 16).iter().map(|&code| code as i16).collect::<Vec<_>>();
    let (voltage_16, current_16) = (narrow(&volt, 400.0), narrow(&ampere, 25.0));
    let (voltage_24, current_24) = (codes(&volt, 400.0, 24), codes(&ampere, 25.0, 24));
    let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<_>>();
    let (voltage_single, current_single) = (single(&volt), single(&ampere));
    let table: Vec<_> = (0..CYCLE).map(|n| (n as f64 / CYCLE as f64 * TAU).sin_cos()).map(|(s, c)| (c, s)).collect();

    // The first three see the same power, or what is timed is not what it seems; what the peer sees is printed.
    let truth = 2_300.0 * 0.5f64.cos();
    for power in [all(&voltage_16, &current_16), all(&voltage_24, &current_24), naive(&volt, &ampere, &table)] {
        assert!((power / truth - 1.0).abs() < 1e-3, "{power} W, not {truth}");
    }
    println!("metrology_insight reads {} W of {truth}", insight(&voltage_single, &current_single));

    let mut group = criterion.benchmark_group("V + 1 I");
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.bench_function("metering-core 16 bits", |b| b.iter(|| all(black_box(&voltage_16), &current_16)));
    group.bench_function("metering-core 24 bits", |b| b.iter(|| all(black_box(&voltage_24), &current_24)));
    group.bench_function("naive f64", |b| b.iter(|| naive(black_box(&volt), &ampere, &table)));
    group.bench_function("metrology_insight", |b| b.iter(|| insight(black_box(&voltage_single), &current_single)));
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
