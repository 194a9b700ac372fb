//! Time per frame on the PC: the meter beside loops in floats and beside another meter, in one run.
//!
//! In comes a second of one voltage and one current at 8 kHz, out goes the time for all of it; the name says the worst
//! error of a reading at 50 Hz and at 50.3 Hz. What takes part: [`benches::meters`].
#![allow(missing_docs, reason = "criterion makes public items")]

use std::hint::black_box;

use benches::meters::{NAMES, RATE, SETTLED, Signal, WINDOW, meter, worst_error};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn frames(criterion: &mut Criterion) {
    let windows = SETTLED + RATE / WINDOW;
    let signal = Signal::new(50.0, windows);
    let mut group = criterion.benchmark_group("V + 1 I");
    group.throughput(Throughput::Elements(RATE as u64));
    for name in NAMES {
        let error = |hertz| worst_error(name, hertz).expect("each of the names reads");
        let name_and_error = format!("{name}, worst error {:.1e} and {:.1e} ppm", error(50.0), error(50.3));
        let mut meter = meter(name, &signal).expect("each of the names is known");
        meter.play(0..SETTLED * WINDOW, &mut |_| ());
        group.bench_function(name_and_error, |b| {
            // Whole cycles, so that the second of one round goes on where the last one ended.
            b.iter(|| {
                meter.play(SETTLED * WINDOW..windows * WINDOW, &mut |read| {
                    black_box(read);
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
