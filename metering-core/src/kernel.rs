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

#[cfg(not(dsp_loops))]
use crate::{
    reference::{Pair, SEGMENT},
    sums::Phasor,
};

#[cfg(dsp_loops)]
pub(crate) mod dsp;
// Of the Cortex-M0, M0+, M3, M4, M7 and M33 those without exclusive access are also those without a multiplication to 64 bits.
#[cfg(all(not(feature = "v6m"), target_arch = "arm", not(target_has_atomic = "32")))]
mod narrow;
#[cfg(all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32")))]
pub(crate) mod v6m;

#[cfg(dsp_loops)]
pub(crate) use dsp as best;
#[cfg(all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32")))]
pub(crate) use v6m as best;
#[cfg(not(any(dsp_loops, all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32")))))]
pub(crate) mod best {
    //! Without assembler.
    #[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
    pub(crate) use super::narrow::{correlate_32, moments_32, moments_and_product_32};
    #[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
    pub(crate) use super::plain::{
        correlate as correlate_32, moments as moments_32, moments_and_product as moments_and_product_32,
    };
    pub(crate) use super::plain::{correlate_16, moments_16, moments_and_product_16};
}

#[cfg(dsp_loops)]
pub(crate) use dsp::correlate_two_16;

/// As [`plain::correlate_16`] of two channels with as many codes.
#[cfg(not(dsp_loops))]
pub(crate) fn correlate_two_16(
    [codes, others]: [&[i16]; 2],
    table: &[Pair<Entry>; SEGMENT / 2],
    at: usize,
    [phasor, other]: [&mut Phasor; 2],
) {
    best::correlate_16(codes, table, at, phasor);
    best::correlate_16(others, table, at, other);
}

/// Type of the reference's entries for 16-bit codes: four are loaded at once.
#[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
pub type Entry = i32;
/// Type of the reference's entries for 16-bit codes: two are multiplied at once.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
pub type Entry = i16;
