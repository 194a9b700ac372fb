//! The sums of all channels since a window began, and up to its last boundary.
//!
//! Sums run on over a window, and what they were at the last boundary is kept: a [`Cycle`](crate::cycle::Cycle) is what was
//! added since, the middle of a cycle the same between two middles. Extremes are those of a window from the first code on:
//! what is no new one is passed over quickly. This file must not know what a sum means.

use crate::sums::{Running, Sums};

/// Sums of all channels over a part of a window, those of voltage and currents running on or as they were once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals<T, const N: usize> {
    pub(crate) voltage: T,
    pub(crate) currents: [T; N],
    pub(crate) residual: Sums,
    /// Frames, Q16: the sum of the weights. Where a window begins below 0, wrapped, up to its first frame.
    pub(crate) length: u64,
}

impl<T: Copy, const N: usize> Totals<T, N> {
    /// Of no frame, as `none` is of one channel.
    pub(crate) const fn new(none: T) -> Self {
        Self { voltage: none, currents: [none; N], residual: Sums::new(), length: 0 }
    }
}

impl<const N: usize> Totals<Running, N> {
    /// Takes away what there was of all but extremes.
    pub(crate) fn remove(&mut self, mark: &Totals<Sums, N>) {
        self.voltage.sums.remove(&mark.voltage);
        for (mine, theirs) in self.currents.iter_mut().zip(&mark.currents) {
            mine.sums.remove(theirs);
        }
        self.residual.remove(&mark.residual);
        self.length = self.length.wrapping_sub(mark.length);
    }
}

impl<const N: usize> Totals<Sums, N> {
    /// Goes on to where the sums are; extremes stay where they are.
    pub(crate) fn follow(&mut self, sums: &Totals<Running, N>) {
        let follow = |mine: &mut Sums, sums: &Sums| *mine = Sums { extremes: mine.extremes, ..*sums };
        follow(&mut self.voltage, &sums.voltage.sums);
        for (mine, theirs) in self.currents.iter_mut().zip(&sums.currents) {
            follow(mine, &theirs.sums);
        }
        follow(&mut self.residual, &sums.residual);
        self.length = sums.length;
    }

    /// Takes the extremes, of which `sums` have none from then on.
    pub(crate) fn see(&mut self, sums: &mut Totals<Running, N>) {
        self.voltage.see(&mut sums.voltage.sums);
        for (mine, theirs) in self.currents.iter_mut().zip(&mut sums.currents) {
            mine.see(&mut theirs.sums);
        }
        self.residual.see(&mut sums.residual);
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
