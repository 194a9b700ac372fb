//! The loops over samples: sums, squares, products, extremes and the correlation with the reference.
//!
//! In come codes of one channel, or of two, out go exact sums of them. What a loop gives is defined by [`plain`], the
//! same on every processor; other files may only get there in fewer instructions. This file must not know cycles.
//!
//! Codes beyond the width of their type give sums that wrap and mean nothing; their extremes tell.

#[cfg(feature = "cost")]
#[doc(hidden)]
pub mod check;
#[cfg_attr(
    any(dsp_loops, all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32"))),
    allow(dead_code, reason = "assembler takes the place of what is not the reference of a check")
)]
pub(crate) mod plain;

#[cfg(dsp_loops)]
pub(crate) mod dsp;
// Of the Cortex-M0, M0+, M3, M4, M7 and M33 those without exclusive access are also those without a multiplication to 64 bits.
#[cfg(all(not(feature = "v6m"), target_arch = "arm", not(target_has_atomic = "32")))]
mod narrow;
#[cfg(not(dsp_loops))]
pub(crate) mod passes;
#[cfg(all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32")))]
mod v6m;

#[cfg(dsp_loops)]
pub(crate) use dsp as best;
#[cfg(not(dsp_loops))]
pub(crate) use passes as best;

/// Type of the reference's entries for 16-bit codes: four are loaded at once.
#[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
pub type Entry = i32;
/// Type of the reference's entries for 16-bit codes: two are multiplied at once.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
pub type Entry = i16;
