//! The sums of one cycle of the mains, edges divided.
//!
//! What they are handed to reads them; extremes are those of a window and stand in [`Totals`](crate::totals::Totals). This
//! file must not know what a sum means.

use crate::sums::{Moments, Phasor};

/// Sums of all channels over a cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cycle<const N: usize> {
    pub(crate) voltage: Share,
    pub(crate) currents: [Share; N],
    /// It has no phasor.
    pub(crate) residual: Moments,
    /// Frames, Q16: the sum of the weights. Below 2³¹, as no cycle has more than 2 000.
    pub(crate) length: u32,
}

/// What a cycle has of the sums of one channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) moments: Moments,
    /// Σ v·i of a current.
    pub(crate) product: i64,
    pub(crate) phasor: Phasor,
}

impl Share {
    const NONE: Self =
        Self { moments: Moments { sum: 0, square: 0 }, product: 0, phasor: Phasor { cosine: 0, sine: 0 } };
}

impl<const N: usize> Cycle<N> {
    pub(crate) const fn new() -> Self {
        let residual = Moments { sum: 0, square: 0 };
        Self { voltage: Share::NONE, currents: [Share::NONE; N], residual, length: 0 }
    }
}
