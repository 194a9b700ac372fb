//! What the cycles of a window say together.
//!
//! In comes what is restored of a cycle, out go counts and sums over several. This file must not know where it comes from.

use crate::residual::baseline::Restored;
use crate::residual::reading::Kind;

/// What the cycles since the last window said that were looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cycles {
    pub(crate) count: u32,
    /// Those of them with a rest, and the sum of its levels.
    pub(crate) rests: u32,
    pub(crate) levels: i64,
    /// Sum of the squares that the transformer took.
    pub(crate) taken: u64,
    /// How many were of each shape.
    pub(crate) sinusoidal: u32,
    pub(crate) positive: u32,
    pub(crate) negative: u32,
}

impl Cycles {
    #[inline(never)]
    pub(crate) fn add(&mut self, cycle: &Restored) {
        self.count += 1;
        if let Some(rest) = cycle.rest {
            self.rests += 1;
            self.levels += i64::from(rest);
        }
        self.taken = self.taken.saturating_add(cycle.taken);
        match cycle.kind {
            Kind::Sinusoidal => self.sinusoidal += 1,
            Kind::PulsatingPositive => self.positive += 1,
            Kind::PulsatingNegative => self.negative += 1,
            Kind::None | Kind::Other => {}
        }
    }
}
