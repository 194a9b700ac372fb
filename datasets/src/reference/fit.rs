//! Least-squares fit of a sine to samples.
//!
//! In come samples, out go the frequency in turns per sample and the phasor that leave the least squares. This file
//! must not know of volts, nor of cycles per window.

use super::Phasor;
use core::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Phasor (RMS, sine reference at the first sample) of the sine of `turns` per sample that fits best beside a constant.
pub(super) fn phasor(samples: &[f64], turns: f64) -> Phasor {
    let mut normal = Normal::<3>::default();
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = angle(n as f64, turns);
        normal.add([cos, sin, 1.0], *sample);
    }
    // a·cos + b·sin = √2·rms·sin(ωn + phase) with re = b/√2, im = a/√2.
    let [a, b, _] = normal.solve();
    Phasor { re: b * FRAC_1_SQRT_2, im: a * FRAC_1_SQRT_2 }
}

/// Turns per sample of the strongest sine between `low` and `high` turns per sample, to the last bits (four-parameter
/// fit of IEEE 1057). `None` where the samples are no oscillation in that band.
pub(super) fn frequency(samples: &[f64], low: f64, high: f64) -> Option<f64> {
    // The fit converges only from within half a turn over its length: begin with a few cycles, then double.
    let mut length = samples.len().min((12.0 / low) as usize);
    let mut turns = strongest(&samples[..length], low, high)?;
    loop {
        turns = refine(&samples[..length], turns)?;
        if !(low..=high).contains(&turns) {
            return None;
        }
        if length == samples.len() {
            return Some(turns);
        }
        length = samples.len().min(2 * length);
    }
}

/// Scans the band in steps of an eighth of a turn over the length.
fn strongest(samples: &[f64], low: f64, high: f64) -> Option<f64> {
    let step = 0.125 / samples.len() as f64;
    let count = ((high - low) / step) as usize + 1;
    let candidates = (0..=count).map(|k| (low + k as f64 * step).min(high));
    let power = candidates.map(|turns| (turns, phasor(samples, turns).square()));
    let best = power.max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.filter(|(_, square)| *square > 0.0).map(|(turns, _)| turns)
}

/// Gauss-Newton on amplitude, phase, constant and frequency together.
fn refine(samples: &[f64], mut turns: f64) -> Option<f64> {
    let middle = 0.5 * (samples.len() - 1) as f64;
    let mut last = Phasor::default();
    for _ in 0..30 {
        let (a, b) = if last == Phasor::default() { start(samples, turns, middle) } else { (last.re, last.im) };
        let mut normal = Normal::<4>::default();
        for (n, sample) in samples.iter().enumerate() {
            let at = n as f64 - middle;
            let (sin, cos) = angle(at, turns);
            normal.add([cos, sin, 1.0, at / middle * (b * cos - a * sin)], *sample);
        }
        let [a, b, _, slope] = normal.solve();
        last = Phasor { re: a, im: b };
        let change = slope / (TAU * middle);
        turns += change;
        if !turns.is_finite() || turns <= 0.0 {
            return None;
        }
        if change.abs() < 1e-14 * turns {
            break;
        }
    }
    Some(turns)
}

fn start(samples: &[f64], turns: f64, middle: f64) -> (f64, f64) {
    let mut normal = Normal::<3>::default();
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = angle(n as f64 - middle, turns);
        normal.add([cos, sin, 1.0], *sample);
    }
    let [a, b, _] = normal.solve();
    (a, b)
}

fn angle(at: f64, turns: f64) -> (f64, f64) {
    libm::sincos(TAU * libm::fmod(at * turns, 1.0))
}

/// Normal equations of N unknowns.
struct Normal<const N: usize> {
    matrix: [[f64; N]; N],
    right: [f64; N],
}

impl<const N: usize> Default for Normal<N> {
    fn default() -> Self {
        Self { matrix: [[0.0; N]; N], right: [0.0; N] }
    }
}

impl<const N: usize> Normal<N> {
    /// One equation: the sum of unknowns times `row` is `value`.
    fn add(&mut self, row: [f64; N], value: f64) {
        for (k, factor) in row.iter().enumerate() {
            for (sum, other) in self.matrix[k].iter_mut().zip(&row) {
                *sum += factor * other;
            }
            self.right[k] += factor * value;
        }
    }

    /// The unknowns, by elimination with pivots; one that nothing determines is 0.
    fn solve(mut self) -> [f64; N] {
        let scale = self.matrix.iter().flatten().fold(0.0_f64, |largest, x| largest.max(x.abs()));
        for column in 0..N {
            let below =
                (column..N).max_by(|&a, &b| self.matrix[a][column].abs().total_cmp(&self.matrix[b][column].abs()));
            let pivot = below.unwrap_or(column);
            self.matrix.swap(column, pivot);
            self.right.swap(column, pivot);
            if self.matrix[column][column].abs() <= 1e-14 * scale {
                continue;
            }
            for row in column + 1..N {
                let factor = self.matrix[row][column] / self.matrix[column][column];
                for k in column..N {
                    self.matrix[row][k] -= factor * self.matrix[column][k];
                }
                self.right[row] -= factor * self.right[column];
            }
        }
        let mut unknowns = [0.0; N];
        for row in (0..N).rev() {
            let known = (row + 1..N).map(|k| self.matrix[row][k] * unknowns[k]).sum::<f64>();
            let pivot = self.matrix[row][row];
            unknowns[row] = if pivot.abs() <= 1e-14 * scale { 0.0 } else { (self.right[row] - known) / pivot };
        }
        unknowns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthesis::Signal;

    /// The synthesis knows its own frequency and phase: any length, whole cycles or not, gives them back.
    #[test]
    fn finds_frequency_and_phasor_of_a_sine() {
        for (hz, frames) in [(42.5, 400), (49.37, 8000), (50.0, 1603), (69.0, 80_001)] {
            let samples = Signal { dc: 7.0, ..Signal::sine(230.0, 33.0) }.sample(hz, 8000.0, frames);
            let turns = frequency(&samples, 30.0 / 8000.0, 120.0 / 8000.0).unwrap();
            assert!((turns * 8000.0 / hz - 1.0).abs() < 1e-10, "{hz} {}", turns * 8000.0);
            let fitted = phasor(&samples, turns);
            assert!((fitted.square().sqrt() - 230.0).abs() < 1e-6, "{hz} {fitted:?}");
            assert!((fitted.degrees() - 33.0).abs() < 1e-6, "{hz} {fitted:?}");
        }
    }

    #[test]
    fn silence_has_no_frequency() {
        assert_eq!(frequency(&[0.0; 1000], 0.004, 0.015), None);
    }

    #[test]
    fn elimination_needs_its_pivots() {
        let mut normal = Normal::<3>::default();
        for (row, value) in [([0.0, 1.0, 0.0], 2.0), ([1.0, 0.0, 0.0], 1.0), ([0.0, 1.0, 1.0], 5.0)] {
            normal.add(row, value);
        }
        let [a, b, c] = normal.solve();
        assert!((a - 1.0).abs() + (b - 2.0).abs() + (c - 3.0).abs() < 1e-12);
    }
}
