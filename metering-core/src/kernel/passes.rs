//! The loops over a channel, where its sums and its correlation with the reference are loops of their own: all processors
//! but those with the DSP extension.
//!
//! In come codes, out go the same sums as [`plain`](super::plain) gives. This file must not know how the loops are made.

use super::Entry;
use crate::reference::Entries;
use crate::sums::{Running, Sums};

#[cfg(all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32")))]
use super::v6m as loops;
#[cfg(not(all(feature = "v6m", target_arch = "arm", not(target_has_atomic = "32"))))]
mod loops {
    //! Without assembler.
    #[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
    pub(crate) use super::super::narrow::{correlate_32, moments_32, moments_and_product_32};
    #[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
    pub(crate) use super::super::plain::{
        correlate as correlate_32, moments as moments_32, moments_and_product as moments_and_product_32,
    };
    pub(crate) use super::super::plain::{correlate_16, moments_16, moments_and_product_16};
}

/// Makes `$sum`, `$channel` and `$channel_with` of loops over codes of one width.
macro_rules! passes {
    ($code:ty, $entry:ty, $moments:path, $product:path, $correlate:path => $sum:ident, $channel:ident, $channel_with:ident) => {
        /// As [`plain::moments`](super::plain::moments).
        #[inline(always)]
        pub(crate) fn $sum(codes: &[$code], sums: &mut Sums) {
            $moments(codes, &mut sums.moments, &mut sums.extremes);
        }

        /// As [`plain::channel`](super::plain::channel).
        #[inline(always)]
        pub(crate) fn $channel(codes: &[$code], entries: Entries<'_, $entry>, running: &mut Running) {
            let codes = codes.get(..entries.frames()).unwrap_or(codes);
            $sum(codes, &mut running.sums);
            $correlate(codes, entries, &mut running.segment);
        }

        /// As [`plain::channel_with`](super::plain::channel_with).
        #[inline(always)]
        pub(crate) fn $channel_with(
            codes: &[$code],
            others: &[$code],
            entries: Entries<'_, $entry>,
            running: &mut Running,
        ) {
            let codes = codes.get(..others.len().min(entries.frames())).unwrap_or(codes);
            let Sums { moments, product, extremes, .. } = &mut running.sums;
            $product(codes, others, moments, product, extremes);
            $correlate(codes, entries, &mut running.segment);
        }
    };
}

passes!(i16, Entry, loops::moments_16, loops::moments_and_product_16, loops::correlate_16
    => moments_16, channel_16, channel_with_16);
passes!(i32, i32, loops::moments_32, loops::moments_and_product_32, loops::correlate_32
    => moments_32, channel_32, channel_with_32);
