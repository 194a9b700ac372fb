//! Time per frame on the PC: the meter beside loops in floats and beside another meter, in one run.
//!
//! In comes a second of one voltage and one current at 8 kHz, out goes the time for all of it; the name says the worst
//! error of a reading at 50 Hz and at 50.3 Hz. What takes part: [`benches::meters`]. Then the core's stages: the
//! per-sample work alone, and what a residual current and more currents add to the whole path.
#![allow(missing_docs, reason = "criterion makes public items")]

use std::hint::black_box;

use benches::host::significant;
use benches::meters::{Core, Meters, NAMES, RATE, SETTLED, Signal, WINDOW, meter, worst_error};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

const WINDOWS: usize = SETTLED + RATE / WINDOW;

/// Times a second of the whole path, once settled. It is whole cycles, so that one round goes on where the last ended.
fn whole_path(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, meter: &mut dyn Meters) {
    meter.play(0..SETTLED * WINDOW, &mut |_| ());
    group.bench_function(name, |b| {
        b.iter(|| {
            meter.play(SETTLED * WINDOW..WINDOWS * WINDOW, &mut |read| {
                black_box(read);
            });
        });
    });
}

fn meters(criterion: &mut Criterion) {
    let signal = Signal::new(50.0, WINDOWS);
    let mut group = criterion.benchmark_group("V + 1 I");
    group.throughput(Throughput::Elements(RATE as u64));
    for name in NAMES {
        let error = |hertz| significant(worst_error(name, hertz).expect("each of the names reads"));
        let name_and_error = format!("{name}, worst error {} and {} ppm", error(50.0), error(50.3));
        whole_path(&mut group, &name_and_error, &mut *meter(name, &signal).expect("each of the names is known"));
    }
    group.finish();
}

fn stages(criterion: &mut Criterion) {
    let signal = Signal::new(50.0, WINDOWS);
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(RATE as u64));
    let mut narrow = Core::<i16, 1>::new(&signal, false);
    group.bench_function("kernel, 16 bits", |b| b.iter(|| narrow.kernel(0..RATE)));
    let mut wide = Core::<i32, 1>::new(&signal, false);
    group.bench_function("kernel, 24 bits", |b| b.iter(|| wide.kernel(0..RATE)));
    whole_path(&mut group, "V + 1 I + residual, 16 bits", &mut Core::<i16, 1>::new(&signal, true));
    whole_path(&mut group, "V + 7 I + residual, 16 bits", &mut Core::<i16, 7>::new(&signal, true));
    group.finish();
}

criterion_group!(benches, meters, stages);
criterion_main!(benches);
