//! Frames that came one by one, until there are enough of them to be worth a loop.
//!
//! In come single frames inside a cycle, out they go together. Nothing is told later than it would be without: no frame
//! waits with which something could be told. This file must not know what that is.

use crate::frames::Channels;
use crate::sample::{Block, Sample};

/// Frames that are kept at most.
const MOST: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct Buffer<S, const N: usize> {
    count: usize,
    /// So many frames may wait.
    spare: usize,
    voltage: [S; MOST],
    currents: [[S; MOST]; N],
    residual: [S; MOST],
}

impl<S: Sample, const N: usize> Buffer<S, N> {
    pub(super) fn new() -> Self {
        let none = [S::default(); MOST];
        Self { count: 0, spare: 0, voltage: none, currents: [none; N], residual: none }
    }

    /// Begins anew; `spare` frames may wait.
    pub(super) fn begin(&mut self, spare: usize) {
        (self.count, self.spare) = (0, spare.min(MOST - 1));
    }

    /// Frames that are kept.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether the frame kept last may not wait.
    pub(super) fn is_due(&self) -> bool {
        self.count > self.spare
    }

    /// Keeps a block, if it has one code of each configured channel. There is room: all that is kept is taken when a frame is
    /// due.
    #[inline(always)]
    pub(super) fn keep(&mut self, channels: Channels, block: &Block<'_, S, N>) -> bool {
        if channels.are_none() {
            return false;
        }
        let at = self.count;
        let keep = |is_configured: bool, codes: &[S], kept: &mut [S; MOST]| {
            if !is_configured {
                return true;
            }
            let (&[code], Some(kept)) = (codes, kept.get_mut(at)) else { return false };
            *kept = code;
            true
        };
        if !keep(channels.voltage(), block.voltage, &mut self.voltage) {
            return false;
        }
        for (number, (codes, current)) in block.currents.iter().zip(&mut self.currents).enumerate() {
            if !keep(channels.current(number), codes, current) {
                return false;
            }
        }
        if !keep(channels.residual(), block.residual, &mut self.residual) {
            return false;
        }
        self.count = at + 1;
        true
    }

    /// The frames that are kept.
    pub(super) fn block(&self) -> Block<'_, S, N> {
        let currents = self.currents.each_ref().map(|codes| self.part(codes));
        Block { voltage: self.part(&self.voltage), currents, residual: self.part(&self.residual) }
    }

    fn part<'a>(&self, codes: &'a [S; MOST]) -> &'a [S] {
        codes.get(..self.count).unwrap_or_default()
    }
}
