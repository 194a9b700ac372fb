//! A loop as one writes it first, in floats of either width. This file must not know a frequency but 50 Hz.

use std::f64::consts::TAU;
use std::hint::black_box;
use std::ops::{AddAssign, Mul, Range};

use super::{CYCLE, Meters, Readings, Signal, WINDOW};

/// Nine sums over ten cycles of 50 Hz: v, i, v², i², v·i, v and i times cosine and sine.
pub struct Naive<T> {
    voltage: Vec<T>,
    current: Vec<T>,
    /// Cosine and sine over one cycle.
    table: Vec<(T, T)>,
}

impl<T> Naive<T> {
    /// `made` makes a number of a double.
    pub fn new(signal: &Signal, made: impl Fn(f64) -> T) -> Self {
        let angle = |n: usize| n as f64 / CYCLE as f64 * TAU;
        let table = (0..CYCLE).map(|n| (made(libm::cos(angle(n))), made(libm::sin(angle(n))))).collect();
        let (voltage, current) = signal.values(made);
        Self { voltage, current, table }
    }
}

impl<T: Copy + Default + Into<f64> + AddAssign + Mul<Output = T>> Meters for Naive<T> {
    fn play(&mut self, frames: Range<usize>, each: &mut dyn FnMut(Readings)) {
        for from in frames.step_by(WINDOW) {
            let mut sums = [T::default(); 9];
            for from in (from..from + WINDOW).step_by(CYCLE) {
                let (voltage, current) = (&self.voltage[from..from + CYCLE], &self.current[from..from + CYCLE]);
                for ((&v, &i), &(cosine, sine)) in voltage.iter().zip(current).zip(&self.table) {
                    let terms = [v, i, v * v, i * i, v * i, v * cosine, v * sine, i * cosine, i * sine];
                    for (sum, term) in sums.iter_mut().zip(terms) {
                        *sum += term;
                    }
                }
            }
            // All nine, or the compiler leaves out those that nothing is read of.
            let means = black_box(sums).map(|sum| sum.into() / WINDOW as f64);
            let [v, i, vv, ii, vi, ..] = means;
            each(Readings { voltage: (vv - v * v).sqrt(), current: (ii - i * i).sqrt(), active: vi - v * i });
        }
    }
}
