//! What the RAM of a meter is for.
//!
//! In comes the type of a meter, out go the bytes of its parts. Only to be shown beside what a frame costs. This file must
//! not know what a part does.

use super::Meter;
use super::buffer::Buffer;
use crate::config::Config;
#[cfg(feature = "energy")]
use crate::energy::Tally;
use crate::halves::Halves;
use crate::reference::Reference;
use crate::residual::Stage;
use crate::sample::Sample;
use crate::sums::{Running, Sums};
use crate::synchroniser::Synchroniser;
use crate::totals::Totals;

/// Without the feature a meter has none.
#[cfg(not(feature = "energy"))]
type Tally<const CURRENTS: usize> = [(); CURRENTS];

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// Bytes of the large parts, and those of the whole meter.
    #[doc(hidden)]
    pub const fn ram() -> ([(&'static str, usize); 9], usize) {
        let parts = [
            ("residual current", size_of::<Option<Stage>>()),
            ("reference", size_of::<Reference<S::Reference>>()),
            ("sums that run on", size_of::<Totals<Running, CURRENTS>>()),
            ("sums at the last boundary", size_of::<Totals<Sums, CURRENTS>>()),
            ("configuration", size_of::<Config<S, CURRENTS>>()),
            ("single frames that wait", size_of::<Buffer<S, CURRENTS>>()),
            ("half cycles", size_of::<Halves<CURRENTS>>()),
            ("lock", size_of::<Synchroniser>()),
            ("energy", size_of::<Tally<CURRENTS>>()),
        ];
        (parts, size_of::<Self>())
    }
}
