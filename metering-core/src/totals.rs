//! The sums of all channels since a window began, and up to its last boundary.
//!
//! Sums run on over a window, and what they were at the last boundary is kept: a [`Cycle`](crate::cycle::Cycle) is what was
//! added since, the middle of a cycle the same between two middles. Extremes are those of a window from the first code on:
//! what is no new one is passed over quickly. This file must not know what a sum means.

use crate::sums::Sums;

/// Sums of all channels over a part of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals<const N: usize> {
    pub(crate) voltage: Sums,
    pub(crate) currents: [Sums; N],
    /// Σ v·i of each current.
    pub(crate) products: [i64; N],
    pub(crate) residual: Sums,
    /// Frames, Q16: the sum of the weights. Where a window begins below 0, wrapped, up to its first frame.
    pub(crate) length: u64,
}

impl<const N: usize> Totals<N> {
    pub(crate) const fn new() -> Self {
        Self { voltage: Sums::new(), currents: [Sums::new(); N], products: [0; N], residual: Sums::new(), length: 0 }
    }

    /// Takes away what there was of all but extremes.
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
    pub(crate) first: u32,
    pub(crate) last: u32,
}
