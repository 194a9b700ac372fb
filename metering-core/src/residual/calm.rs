//! Calm cycles: as long as the current is far from every response only half a cycle's sums are kept.
//!
//! In come the sums of the half cycle so far, out goes whether it is calm still, and where not, the intervals that it is
//! made of: those before the first code that is not calm have even shares of what flowed up to there. That code is a
//! frame of the stream, whatever the blocks are, so block cuts change nothing. This file must not know a decision.
//!
//! The last sixteen intervals lie within the last two half cycles and the present one: while the squares of all three are
//! below what the least response needs in one cycle, no sliding cycle can reach it. Nor is a half cycle calm that has more
//! squares than both before it together and an eighth of what that response needs: a fault begins, whose first codes must
//! not be spread over all that came before.

use crate::residual::stage::Stage;
use crate::sample::Sample;
use crate::sums::{Extremes, Moments, Sums};

impl Stage {
    /// A half cycle begins that is calm as far as it is known; its frames.
    #[inline(always)]
    pub(super) fn begin_half(&mut self) -> u32 {
        let before = self.ring.square();
        self.room = self.alert.saturating_sub(before).min(before.saturating_add(self.alert / 8));
        self.clock.half()
    }

    /// Whether the half cycle is calm with these sums of it so far and these extremes.
    #[inline(always)]
    pub(super) fn is_calm<S: Sample>(&self, begun: &Moments, frames: u32, extremes: Extremes) -> bool {
        let square = self.centred::<S>(begun, frames).square as u64;
        square < self.room && !self.is_beyond(extremes)
    }

    /// Frames of the half cycle before the codes that are summed next.
    #[inline(always)]
    pub(super) fn passed(&self) -> u32 {
        self.length - self.left
    }

    /// Codes of a calm half cycle were added to `total`, and it is not calm any more: takes them back up to the first code
    /// that is not, and goes on by intervals. Returns the number of codes before that one.
    #[cold]
    #[inline(never)]
    pub(super) fn rouse<S: Sample>(&mut self, codes: &[S], total: &mut Sums) -> usize {
        let mut again = Sums::new();
        Self::sum(codes, &mut again);
        total.moments.remove(&again.moments);
        let mut begun = total.moments;
        begun.remove(&self.mark);
        let mut frames = self.passed();
        let calm = codes
            .iter()
            .position(|&code| {
                let seen = Extremes::of(&[code]);
                let code = S::saturate(code.into());
                begun.part(code, code);
                frames += 1;
                !self.is_calm::<S>(&begun, frames, seen)
            })
            // There is one: it was seen.
            .unwrap_or_default();
        Self::sum(codes.get(..calm).unwrap_or_default(), total);
        self.left -= calm as u32;
        let mut begun = total.moments;
        begun.remove(&self.mark);
        let present = self.divide::<S>(&begun);
        self.mark = total.moments;
        self.mark.remove(&present);
        calm
    }

    /// The half cycle so far has these sums, and what comes is not calm: divides them evenly between the intervals that
    /// have passed and the present one, whose share is returned.
    pub(super) fn divide<S: Sample>(&mut self, begun: &Moments) -> Moments {
        let passed = self.passed();
        // Counted from the middle first: what an offset makes of a sum's rounding is more than a small current's square.
        let begun = self.centred::<S>(begun, passed);
        let (mut left, mut rest) = (begun, passed);
        self.calm = false;
        self.ring.end_halves();
        loop {
            let length = self.clock.next();
            if length > rest {
                (self.length, self.left) = (length, length - rest);
                return Self::counted_from::<S>(-self.middle, &left, rest);
            }
            let share = Moments { sum: share(begun.sum, length, passed), square: share(begun.square, length, passed) };
            self.ring.push(share.sum as i32, share.square, length);
            left.remove(&share);
            rest -= length;
        }
    }
}

/// What falls to `length` of `passed` frames. Half a cycle has at most 915 of them: 56 bits of squares times 7.
#[inline(never)]
fn share(all: i64, length: u32, passed: u32) -> i64 {
    all * i64::from(length) / i64::from(passed.max(1))
}
