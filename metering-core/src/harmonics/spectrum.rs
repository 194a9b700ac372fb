//! What a window of harmonics says: shares, angles and values of each order.
//!
//! In come the subgroups' RMS and the angles of their centre bins, out go quantities. This file must not know how they
//! are measured.

use super::ORDERS;
use crate::quantity::{Ampere, Degree, Factor, Volt};
use crate::scaled::Scaled;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// RMS of the subgroup as a fraction of the range.
    pub(super) rms: Scaled,
    /// Of the centre bin against the synchroniser's phase, Q32 of a turn.
    pub(super) angle: i32,
}

/// Harmonic subgroups of one channel over one window. 820 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spectrum {
    pub(super) orders: u8,
    pub(super) length_q16: u64,
    pub(super) components: [Component; ORDERS],
}

/// One harmonic against the fundamental of the same channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Harmonic {
    /// RMS of the harmonic's subgroup as a share of the RMS of the fundamental's subgroup, 0 to 256 in steps of 0.06
    /// ppm; 0 where there is no fundamental, saturated above.
    pub share: Factor,
    /// Angle of the harmonic's centre bin, both taken as sines, where the fundamental of this channel passes through
    /// zero rising: arg h - h·arg 1. Does not depend on where the window begins. 0 for the fundamental and for what is 0.
    pub angle: Degree,
    /// The same where the synchroniser's phase is zero, which is the rising zero of the voltage's fundamental while
    /// locked: the common base of the spectra of several channels.
    pub angle_to_mains: Degree,
}

impl Spectrum {
    /// How many orders there are: 50, or those below 0.475 of the sampling rate.
    pub const fn orders(&self) -> u8 {
        self.orders
    }

    /// Length of the window in samples, in steps of 2⁻¹⁶ sample.
    pub const fn length_q16(&self) -> u64 {
        self.length_q16
    }

    /// The harmonic of an order, 1 for the fundamental. `None` for 0, above 50 and above 0.475 of the sampling rate.
    /// About 150 instructions on a Cortex-M4.
    pub fn harmonic(&self, order: u8) -> Option<Harmonic> {
        let component = self.component(order)?;
        let fundamental = self.component(1)?;
        let share = component.rms.over(fundamental.rms).to_unsigned_bits(24).min(u64::from(u32::MAX));
        let turned = fundamental.angle.wrapping_mul(i32::from(order));
        let absent = component.rms.is_zero();
        let angle = if absent { 0 } else { component.angle.wrapping_sub(turned) };
        Some(Harmonic {
            share: Factor::from_bits(share as u32),
            angle: degree(angle),
            angle_to_mains: degree(component.angle),
        })
    }

    /// RMS of an order's subgroup in volt, of a voltage channel of this range (full-scale peak). `None` as in
    /// [`harmonic`](Self::harmonic). Right to 10⁻⁹ of itself beyond the window's own error.
    pub fn volt(&self, order: u8, range: Volt) -> Option<Volt> {
        self.absolute(order, range.to_bits()).map(Volt::from_bits)
    }

    /// RMS of an order's subgroup in ampere, of a current channel of this range (full-scale peak). `None` as in
    /// [`harmonic`](Self::harmonic). Right to 10⁻⁹ of itself beyond the window's own error.
    pub fn ampere(&self, order: u8, range: Ampere) -> Option<Ampere> {
        self.absolute(order, range.to_bits()).map(Ampere::from_bits)
    }

    fn absolute(&self, order: u8, range: u64) -> Option<u64> {
        // Ranges end far below 2³¹ V or A: one bit of 64 is not missed.
        let range = Scaled::new((range >> 1) as i64, -31);
        self.component(order).map(|component| component.rms.times(range).to_unsigned_bits(32))
    }

    fn component(&self, order: u8) -> Option<&Component> {
        self.components.get(..usize::from(self.orders))?.get(usize::from(order).checked_sub(1)?)
    }
}

/// A fraction of a turn in Q32 as degrees.
fn degree(turn: i32) -> Degree {
    Degree::from_bits(((i64::from(turn) * 360 + (1 << 8)) >> 9) as i32)
}
