//! Instructions of this machine, counted by callgrind: the same on each run, however busy the machine is.
//!
//! In come the meters of [`benches::meters`], warmed up, out goes what 20 windows cost each; `scripts/cost` runs it, makes
//! instructions per frame of it and holds them to the README. What the setup does is not counted.
#![allow(missing_docs, reason = "gungraun makes public items")]

use std::hint::black_box;

use benches::host::WINDOWS;
use benches::meters::{Core, Meters, NAMES, SETTLED, Signal, WINDOW, meter};
use gungraun::{library_benchmark, library_benchmark_group, main};

fn settled(mut meter: Box<dyn Meters>) -> Box<dyn Meters> {
    meter.play(0..SETTLED * WINDOW, &mut |_| ());
    meter
}

fn signal() -> Signal {
    Signal::new(50.0, SETTLED + WINDOWS)
}

fn one(index: usize) -> Box<dyn Meters> {
    settled(meter(NAMES[index], &signal()).expect("each of the names is known"))
}

fn strip(residual: bool) -> Box<dyn Meters> {
    settled(Box::new(Core::<i16, 7>::new(&signal(), residual)))
}

fn core_16() -> Core<i16, 1> {
    Core::new(&signal(), false)
}

fn core_24() -> Core<i32, 1> {
    Core::new(&signal(), false)
}

fn strip_16() -> Core<i16, 7> {
    Core::new(&signal(), true)
}

#[library_benchmark]
#[bench::core_16(args = (0), setup = one)]
#[bench::core_24(args = (1), setup = one)]
#[bench::strip_16(args = (true), setup = strip)]
#[bench::naive_f64(args = (2), setup = one)]
#[bench::naive_f32(args = (3), setup = one)]
#[bench::insight(args = (4), setup = one)]
fn all(mut meter: Box<dyn Meters>) -> Box<dyn Meters> {
    meter.play(SETTLED * WINDOW..(SETTLED + WINDOWS) * WINDOW, &mut |read| {
        black_box(read);
    });
    meter
}

#[library_benchmark]
#[bench::core_16(core_16())]
fn kernel_16(mut meter: Core<i16, 1>) -> Core<i16, 1> {
    meter.kernel(0..WINDOWS * WINDOW);
    meter
}

#[library_benchmark]
#[bench::core_24(core_24())]
fn kernel_24(mut meter: Core<i32, 1>) -> Core<i32, 1> {
    meter.kernel(0..WINDOWS * WINDOW);
    meter
}

#[library_benchmark]
#[bench::strip_16(strip_16())]
fn kernel_strip(mut meter: Core<i16, 7>) -> Core<i16, 7> {
    meter.kernel(0..WINDOWS * WINDOW);
    meter
}

library_benchmark_group!(name = frames, benchmarks = [all, kernel_16, kernel_24, kernel_strip]);
main!(library_benchmark_groups = frames);
