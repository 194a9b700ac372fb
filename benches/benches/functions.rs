//! Sine, angle and square root: the core's own beside those of other crates, with the worst error of each.
//!
//! In come inputs spread over the whole range, out goes the time per call; the name says the worst error against f64 of
//! the very same input: of the sine as a part of full scale, of the angle in rad, of the root as a part of itself.
//!
//! - `metering-core`: integers, as the meter takes them once per cycle or window. Its errors are held to what its
//!   documentation says.
//! - `idsp`: integers as well. Its `cossin` gives both at once; its root is the hyperbolic CORDIC, √a as
//!   √((a + ¼)² - (a - ¼)²), of mantissas that somebody has normalised.
//! - `micromath`: approximations in f32.
//! - `f32`, `f64`: the standard library of this machine.
//!
//! The core uses neither. Its readings are right to 10⁻⁶: idsp's sine is off by 2·10⁻⁵ and its angle by 2·10⁻⁶,
//! micromath's by 10⁻³ and 3·10⁻³. Where the core starts from an approximation and refines it (the root and the
//! reciprocal of `scaled.rs`, by Newton's iteration), it starts from a line in integers that is within 3 % and 6 %, for
//! one product and one subtraction. micromath's root is off by up to 6 %, and takes floats, which the core must do
//! without: on a processor without a unit for them each operation is a call. So micromath has no place in it.
#![allow(missing_docs, reason = "criterion makes public items")]

use std::f64::consts::{PI, TAU};
use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use idsp::{CORDIC_HYPERBOLIC_GAIN, sqrt_atanh2};
use metering_core::functions::{angle, root, sine};
use micromath::F32Ext;

/// Inputs that the error is looked for at, and those of them that are timed.
const LOOKED_AT: u32 = 1 << 18;
const TIMED: usize = 1 << 12;

/// Turns of the whole, spread evenly: multiples of the golden ratio.
fn turns() -> impl Iterator<Item = u32> {
    (0..LOOKED_AT).map(|n| n.wrapping_mul(2_654_435_769))
}

/// What is measured: the truth for an input, and how far a value is off it.
struct Contest<'a, 'b> {
    group: &'a mut BenchmarkGroup<'b, WallTime>,
    off: fn(f64, f64) -> f64,
}

impl Contest<'_, '_> {
    /// Times `take`, and names the time with the worst error of what `value` makes of its result; gives that error.
    fn enter<I: Copy, O>(
        &mut self,
        name: &str,
        inputs: &[I],
        take: impl Fn(I) -> O,
        value: impl Fn(O) -> f64,
        truth: impl Fn(I) -> f64,
    ) -> f64 {
        let error = |&input: &I| (self.off)(value(take(black_box(input))), truth(input)).abs();
        let worst = inputs.iter().map(error).fold(0.0, f64::max);
        self.group.bench_function(format!("{name}, worst error {worst:.1e}"), |b| {
            b.iter(|| {
                for &input in &inputs[..TIMED] {
                    black_box(take(black_box(input)));
                }
            });
        });
        worst
    }
}

fn contest(
    criterion: &mut Criterion,
    name: &str,
    off: fn(f64, f64) -> f64,
    entries: impl FnOnce(&mut Contest<'_, '_>),
) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(TIMED as u64));
    entries(&mut Contest { group: &mut group, off });
    group.finish();
}

fn sines(criterion: &mut Criterion) {
    let phases: Vec<u32> = turns().collect();
    let double: Vec<f64> = phases.iter().map(|&phase| f64::from(phase) / 2f64.powi(32) * TAU).collect();
    let single: Vec<f32> = double.iter().map(|&phase| phase as f32).collect();
    let exact = |phase: u32| (f64::from(phase) / 2f64.powi(32) * TAU).sin();
    let of = |phase: f32| f64::from(phase).sin();
    contest(
        criterion,
        "sine",
        |got, truth| got - truth,
        |contest| {
            let core = contest.enter("metering-core", &phases, sine, |sine| f64::from(sine) / 2f64.powi(30), exact);
            assert!(core < 4e-9, "{core:e}");
            let scaled = |both: (i32, i32)| f64::from(both.1) / 2f64.powi(31);
            contest.enter("idsp", &phases, |phase| idsp::cossin(phase.cast_signed()), scaled, exact);
            contest.enter("micromath", &single, F32Ext::sin, f64::from, of);
            contest.enter("f32", &single, f32::sin, f64::from, of);
            contest.enter("f64", &double, f64::sin, |sine| sine, f64::sin);
        },
    );
}

/// Difference of two angles, the shorter way round.
fn turned(got: f64, truth: f64) -> f64 {
    (got - truth + PI).rem_euclid(TAU) - PI
}

fn angles(criterion: &mut Criterion) {
    let around = |size: f64| {
        turns()
            .map(move |turn| (f64::from(turn) / 2f64.powi(32) * TAU).sin_cos())
            .map(move |(y, x)| (x * size, y * size))
    };
    let wide: Vec<(i64, i64)> = around(4e18).map(|(x, y)| (x as i64, y as i64)).collect();
    let narrow: Vec<(i32, i32)> = around(2e9).map(|(x, y)| (x as i32, y as i32)).collect();
    let single: Vec<(f32, f32)> = around(1.0).map(|(x, y)| (x as f32, y as f32)).collect();
    let double: Vec<(f64, f64)> = around(1.0).collect();
    let radian = |angle: i32| f64::from(angle) / 2f64.powi(31) * PI;
    let of = |(x, y): (f32, f32)| f64::from(y).atan2(f64::from(x));
    contest(criterion, "atan2", turned, |contest| {
        let exact = |(x, y): (i64, i64)| (y as f64).atan2(x as f64);
        let core = contest.enter("metering-core", &wide, |(x, y)| angle(x, y), radian, exact);
        assert!(core < TAU / 2f64.powi(28), "{core:e}");
        let exact = |(x, y): (i32, i32)| f64::from(y).atan2(f64::from(x));
        contest.enter("idsp", &narrow, |(x, y)| idsp::atan2(y, x), radian, exact);
        contest.enter("micromath", &single, |(x, y)| F32Ext::atan2(y, x), f64::from, of);
        contest.enter("f32", &single, |(x, y)| f32::atan2(y, x), f64::from, of);
        contest.enter("f64", &double, |(x, y)| f64::atan2(y, x), |angle| angle, |(x, y)| y.atan2(x));
    });
}

/// √a of a in Q31 from an eighth to a half, in Q31.
fn cordic_root(a: i32) -> i32 {
    const QUARTER: i32 = 1 << 29;
    // The CORDIC makes its result smaller by its gain. Q30.
    const UNDO: i64 = (1.0 / CORDIC_HYPERBOLIC_GAIN * (1u64 << 30) as f64) as i64;
    let (grown, _) = sqrt_atanh2(a + QUARTER, a - QUARTER, 0);
    ((i64::from(grown) * UNDO) >> 30) as i32
}

fn roots(criterion: &mut Criterion) {
    // Sums as a window leaves them: each size from 2²⁴ to 2⁶².
    let sums: Vec<i64> = turns().map(|turn| ((1 << 62) + (i64::from(turn) << 29)) >> (turn % 39)).collect();
    let mantissas: Vec<i32> = turns().map(|turn| (1 << 28) + ((u64::from(turn) * 3) >> 4) as i32).collect();
    let single: Vec<f32> = sums.iter().map(|&sum| sum as f32).collect();
    let double: Vec<f64> = sums.iter().map(|&sum| sum as f64).collect();
    let of = |sum: f32| f64::from(sum).sqrt();
    contest(
        criterion,
        "square root",
        |got, truth| got / truth - 1.0,
        |contest| {
            let core = contest.enter(
                "metering-core",
                &sums,
                root,
                |root| root as f64 / 2f64.powi(32),
                |sum| (sum as f64).sqrt(),
            );
            assert!(core < 1.5 * 2f64.powi(-30), "{core:e}");
            let fraction = |bits: i32| f64::from(bits) / 2f64.powi(31);
            contest.enter("idsp", &mantissas, cordic_root, fraction, |a| fraction(a).sqrt());
            let micromath = contest.enter("micromath", &single, F32Ext::sqrt, f64::from, of);
            assert!(micromath > 0.03, "nearer than the line that the core starts from: {micromath}");
            contest.enter("f32", &single, f32::sqrt, f64::from, of);
            contest.enter("f64", &double, f64::sqrt, |root| root, f64::sqrt);
        },
    );
}

criterion_group!(benches, sines, angles, roots);
criterion_main!(benches);
