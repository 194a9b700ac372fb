//! What the cycles of a window say together.
//!
//! In comes what is restored of a cycle, out go counts and sums over several. This file must not know where it comes from.

use crate::residual::baseline::Restored;
use crate::residual::reading::Kind;

/// What the cycles since the last window said that were looked at. A window has at most 12 cycles of 35 Hz, in which 28 of
/// 81 Hz fit: so far apart steps may be while the lock is sought.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cycles {
    /// Sum of the squares that the transformer took.
    pub(crate) taken: u64,
    /// Sum of the levels of those with a rest.
    pub(crate) levels: i64,
    pub(crate) count: u8,
    /// Those of them with a rest.
    pub(crate) rests: u8,
    /// How many were of each shape.
    pub(crate) sinusoidal: u8,
    pub(crate) positive: u8,
    pub(crate) negative: u8,
}

impl Cycles {
    #[inline(never)]
    pub(crate) fn add(&mut self, cycle: &Restored) {
        self.count += 1;
        if cycle.rests {
            self.rests += 1;
            self.levels += i64::from(cycle.rest);
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
