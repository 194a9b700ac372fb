//! The sums of all channels over a cycle or a window.
//!
//! In come sums of cycles, out go sums of windows: nothing but additions. This file must not know what a sum means.

use crate::sums::Sums;

/// Sums of all channels over a cycle or a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals<const N: usize> {
    pub(crate) voltage: Sums,
    pub(crate) currents: [Sums; N],
    /// Σ v·i of each current.
    pub(crate) products: [i64; N],
    pub(crate) residual: Sums,
    /// Frames, Q16: the sum of the weights.
    pub(crate) length: u64,
}

impl<const N: usize> Totals<N> {
    pub(crate) const fn new() -> Self {
        Self { voltage: Sums::new(), currents: [Sums::new(); N], products: [0; N], residual: Sums::new(), length: 0 }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.voltage.add(&other.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&other.currents) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.products.iter_mut().zip(&other.products) {
            *mine += theirs;
        }
        self.residual.add(&other.residual);
        self.length += other.length;
    }
}

/// How the mains turned over a window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turns {
    /// Cycles of the phase accumulator.
    pub(crate) cycles: u32,
    /// Turn of the mains against it from the first to the last cycle, Q32; meaningless where `unknown`.
    pub(crate) turn: i64,
    /// Some cycle after the first had no known turn.
    pub(crate) unknown: bool,
    /// Lengths of the first and the last cycle, Q16 frames.
    pub(crate) first: u64,
    pub(crate) last: u64,
}
