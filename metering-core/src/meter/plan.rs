//! Where the stream is cut: at the boundary of a cycle, at its middle, and where the reference's table ends.
//!
//! In come the phase of a cycle's first frame and the step per frame, out go segments: stretches of frames that one
//! pass of the table covers. The middle is a cut as well, so that a half cycle costs no piece of its own. This file must
//! not know codes or sums.

use crate::reference::{MOST, first_entry};

/// A cycle divided into segments, and how far the present one has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Turns per frame, Q32.
    step: u32,
    /// Phase of the present segment's first frame.
    phase: u32,
    /// Entry of the reference's table that the present segment begins with: kept, as each piece asks for it; odd for an
    /// odd frame of the stream.
    first_entry: u32,
    /// Frames of the present segment, and those of them that have not come yet.
    length: u32,
    left: u32,
    /// Frames of the cycle behind the present segment, and those of them that belong to its first half.
    behind: u32,
    behind_in_first: u32,
    /// The present segment lies in the first half.
    is_first: bool,
}

impl Plan {
    /// At the end of a cycle: the next frame is at phase 0, the one before it was silence.
    pub(super) const fn ended(step: u32) -> Self {
        Self { step, phase: 0, first_entry: 0, length: 0, left: 0, behind: 0, behind_in_first: 0, is_first: false }
    }

    /// A cycle, or what is left of one, that begins with frame `frame` of the stream at `phase`.
    pub(super) fn cycle(phase: u32, step: u32, frame: u32) -> Self {
        // A step is never 0; said so that the division cannot fail.
        let step = step.max(1);
        let behind = (u32::MAX - phase) / step + 1;
        let behind_in_first = (1u32 << 31).saturating_sub(phase).div_ceil(step).min(behind);
        let mut plan =
            Self { step, phase, first_entry: frame & 1, length: 0, left: 0, behind, behind_in_first, is_first: false };
        plan.next();
        plan
    }

    /// Takes the next segment; one without frames at the end of the cycle.
    pub(super) fn next(&mut self) {
        self.phase = self.phase.wrapping_add(self.length.wrapping_mul(self.step));
        let behind = self.first_entry + self.length;
        self.is_first = self.behind_in_first > 0;
        let half = if self.is_first { self.behind_in_first } else { self.behind };
        self.length = half.min(MOST);
        self.left = self.length;
        self.first_entry = first_entry(behind, self.length);
        self.behind -= self.length;
        self.behind_in_first = self.behind_in_first.saturating_sub(self.length);
    }

    /// Frames are taken, not more than are left of the segment. Returns whether it is over.
    #[inline(always)]
    pub(super) fn take(&mut self, frames: usize) -> bool {
        self.left -= frames as u32;
        self.left == 0
    }

    /// Frames that the present segment still wants.
    #[inline(always)]
    pub(super) fn left(&self) -> usize {
        self.left as usize
    }

    /// Frames of the present segment that have been taken.
    #[inline(always)]
    pub(super) fn taken(&self) -> usize {
        (self.length - self.left) as usize
    }

    /// Entries of the reference's table for the segment's first frame and for the next one.
    #[inline(always)]
    pub(super) fn first_entry(&self) -> usize {
        self.first_entry as usize
    }

    #[inline(always)]
    pub(super) fn entry(&self) -> usize {
        self.first_entry() + self.taken()
    }

    /// Phase of the present segment's first frame.
    pub(super) fn phase(&self) -> u32 {
        self.phase
    }

    /// Whether the first half of the cycle ends with the present segment.
    pub(super) fn ends_half(&self) -> bool {
        self.is_first && self.behind_in_first == 0
    }

    /// Turns from the begin of the cycle to the next frame, Q32: once all of the cycle has come, that of the next one.
    pub(super) fn turns(&self) -> u64 {
        let phase = u64::from(self.phase.wrapping_add((self.length - self.left).wrapping_mul(self.step)));
        if self.left == 0 { phase | 1 << 32 } else { phase }
    }

    /// Phase of the cycle's last frame, once all of it has come.
    pub(super) fn last(&self) -> u32 {
        self.phase.wrapping_sub(self.step)
    }

    /// Distance from the cycle's last frame to the boundary, Q16 frames: above 0, at most 1.
    pub(super) fn distance_q16(&self) -> u32 {
        // Sixteen bits of the quotient by long division: below 2²⁸, so that four more fit.
        let mut rest = self.last().wrapping_neg().min(self.step);
        if rest >= self.step {
            return 1 << 16;
        }
        let mut quotient = 0;
        for _ in 0..4 {
            let more = rest << 4;
            let digit = digit(more, self.step);
            (quotient, rest) = (quotient << 4 | digit, more - digit * self.step);
        }
        quotient.max(1)
    }
}

/// A quotient below 16.
#[cfg(not(all(target_arch = "arm", not(target_has_atomic = "32"))))]
fn digit(dividend: u32, divisor: u32) -> u32 {
    dividend / divisor
}

/// A quotient below 16, bit by bit: a processor without division.
#[cfg(all(target_arch = "arm", not(target_has_atomic = "32")))]
fn digit(dividend: u32, divisor: u32) -> u32 {
    let (mut rest, mut quotient) = (dividend, 0);
    for place in [8, 4, 2, 1] {
        if rest >= divisor * place {
            rest -= divisor * place;
            quotient += place;
        }
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::SEGMENT;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn segments_cover_a_cycle(phase: u32, step in 2_500_000u32..174_000_000, frame: u32) {
            let mut plan = Plan::cycle(phase, step, frame);
            let (mut frames, mut first) = (0u64, None);
            loop {
                prop_assert!((1..=MOST as usize).contains(&plan.left()));
                prop_assert!(plan.first_entry() + plan.left() <= SEGMENT);
                prop_assert_eq!(plan.first_entry() as u64 % 2, (u64::from(frame) + frames) % 2);
                prop_assert_eq!(u64::from(plan.phase()), u64::from(phase) + frames * u64::from(step));
                frames += plan.left() as u64;
                prop_assert!(plan.take(plan.left()));
                if plan.ends_half() {
                    prop_assert!(first.is_none());
                    first = Some(frames);
                }
                plan.next();
                if plan.left() == 0 {
                    break;
                }
            }
            prop_assert_eq!(plan.turns(), u64::from(phase) + frames * u64::from(step));
            let at = |frame: u64| u64::from(phase) + frame * u64::from(step);
            prop_assert!(at(frames - 1) < 1 << 32 && at(frames) >= 1 << 32);
            match first {
                Some(first) => prop_assert!(at(first - 1) < 1 << 31 && (at(first) >= 1 << 31 || first == frames)),
                None => prop_assert!(phase >= 1 << 31),
            }
            let distance = (f64::from(u32::MAX - plan.last()) + 1.0) / f64::from(step);
            prop_assert!((f64::from(plan.distance_q16()) / 65_536.0 - distance).abs() <= 1.0 / 65_536.0);
        }
    }
}
