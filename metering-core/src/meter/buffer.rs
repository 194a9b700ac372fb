//! Frames that came one by one, until there are enough of them to be worth a loop.
//!
//! In come single frames, out they go together. Nothing is told later than it would be without: no frame waits before what
//! could be told with it is told. This file must not know what that is.

use crate::frames::Channels;
use crate::sample::{Block, Sample};

/// Frames that are kept at most.
const MOST: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct Buffer<S, const N: usize> {
    /// Places of the frames that are kept. The first place is 1 for an odd frame of the stream, so that codes lie on words as
    /// the reference's entries do; it is 0 where blocks came before, as what comes next is not known.
    from: usize,
    to: usize,
    /// With a frame at this place no more may wait.
    last: usize,
    voltage: [S; MOST],
    currents: [[S; MOST]; N],
    residual: [S; MOST],
}

impl<S: Sample, const N: usize> Buffer<S, N> {
    pub(super) fn new() -> Self {
        let none = [S::default(); MOST];
        Self { from: 0, to: 0, last: 0, voltage: none, currents: [none; N], residual: none }
    }

    /// Begins anew, with an odd frame of the stream or an even one; `spare` frames may wait.
    pub(super) fn begin(&mut self, odd: bool, spare: usize) {
        self.from = usize::from(odd);
        self.to = self.from;
        self.wait(spare);
    }

    /// `spare` frames may wait, with those that are kept.
    pub(super) fn wait(&mut self, spare: usize) {
        self.last = self.from.saturating_add(spare).min(MOST - 1);
    }

    /// Frames that are kept.
    pub(super) fn count(&self) -> usize {
        self.to - self.from
    }

    /// Whether the frame kept last may not wait.
    pub(super) fn is_due(&self) -> bool {
        self.to > self.last
    }

    /// Keeps a block, if it has one code of each configured channel. There is room: all that is kept is taken when a frame is
    /// due.
    #[inline(always)]
    pub(super) fn keep(&mut self, channels: Channels, block: &Block<'_, S, N>) -> bool {
        let at = self.to;
        let keep = |codes: &[S], kept: &mut [S; MOST]| {
            let (&[code], Some(kept)) = (codes, kept.get_mut(at)) else { return false };
            *kept = code;
            true
        };
        if channels.voltage() {
            if !keep(block.voltage, &mut self.voltage) {
                return false;
            }
        } else if channels.are_none() {
            return false;
        }
        for (number, (codes, current)) in block.currents.iter().zip(&mut self.currents).enumerate() {
            if channels.current(number) && !keep(codes, current) {
                return false;
            }
        }
        if channels.residual() && !keep(block.residual, &mut self.residual) {
            return false;
        }
        self.to = at + 1;
        true
    }

    /// The frames that are kept.
    pub(super) fn block(&self) -> Block<'_, S, N> {
        let currents = self.currents.each_ref().map(|codes| self.part(codes));
        Block { voltage: self.part(&self.voltage), currents, residual: self.part(&self.residual) }
    }

    fn part<'a>(&self, codes: &'a [S; MOST]) -> &'a [S] {
        codes.get(self.from..self.to).unwrap_or_default()
    }
}
