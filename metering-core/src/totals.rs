//! The sums of all channels over a cycle or a window.
//!
//! In come sums of cycles, out go sums of windows: nothing but additions. Extremes are those of a window from the first
//! on: what is no new one is passed over quickly. This file must not know what a sum means.

use crate::sums::Sums;

/// Sums of all channels over a cycle or a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals<const N: usize> {
    pub(crate) voltage: Sums,
    pub(crate) currents: [Sums; N],
    /// Σ v·i of each current.
    pub(crate) products: [i64; N],
    pub(crate) residual: Sums,
    /// Frames, Q16: the sum of the weights. Below 0, wrapped, between a boundary and the frame after it.
    pub(crate) length: u64,
}

impl<const N: usize> Totals<N> {
    pub(crate) const fn new() -> Self {
        Self { voltage: Sums::new(), currents: [Sums::new(); N], products: [0; N], residual: Sums::new(), length: 0 }
    }

    /// Adds all but extremes.
    pub(crate) fn add(&mut self, other: &Self) {
        self.voltage.add(&other.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&other.currents) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.products.iter_mut().zip(&other.products) {
            *mine += theirs;
        }
        self.residual.add(&other.residual);
        self.length = self.length.wrapping_add(other.length);
    }

    /// Takes all but extremes away.
    pub(crate) fn remove(&mut self, other: &Self) {
        self.voltage.remove(&other.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&other.currents) {
            mine.remove(theirs);
        }
        for (mine, theirs) in self.products.iter_mut().zip(&other.products) {
            *mine -= theirs;
        }
        self.residual.remove(&other.residual);
        self.length = self.length.wrapping_sub(other.length);
    }

    /// Begins anew with what `other` has of all but extremes.
    pub(crate) fn begin(&mut self, other: &Self) {
        self.voltage.begin(&other.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&other.currents) {
            mine.begin(theirs);
        }
        self.products = other.products;
        self.residual.begin(&other.residual);
        self.length = other.length;
    }

    /// Takes the extremes of `other`, which has none from then on.
    pub(crate) fn see(&mut self, other: &mut Self) {
        self.voltage.see(&mut other.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&mut other.currents) {
            mine.see(theirs);
        }
        self.residual.see(&mut other.residual);
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
