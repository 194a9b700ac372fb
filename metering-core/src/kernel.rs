//! The loops over samples: sums, squares, products, extremes and the correlation with the reference.
//!
//! In come codes of one channel, or of two, out go exact sums of them. What a loop gives is defined by [`plain`], the
//! same on every processor; other files may only get there in fewer instructions. This file must not know cycles.
//!
//! Codes beyond the width of their type give sums that wrap and mean nothing; their extremes tell.

#[cfg(feature = "cost")]
#[doc(hidden)]
pub mod check;
pub(crate) mod plain;

#[cfg(all(feature = "dsp", target_arch = "arm"))]
pub(crate) mod dsp;
#[cfg(all(feature = "dsp", target_arch = "arm"))]
pub(crate) use dsp as best;
#[cfg(not(all(feature = "dsp", target_arch = "arm")))]
pub(crate) use plain as best;
