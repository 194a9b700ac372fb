//! Frames that came one by one, until there are enough of them to be worth a loop.
//!
//! In come single frames inside a cycle, out they go together. Nothing is told later than it would be without: there is
//! room only for as many as may come before something could be told. This file must not know what that is.

use crate::frames::{Channels, Frames};
use crate::sample::{Block, Sample};

/// Frames that are kept at most.
pub(super) const MOST: usize = 16;

#[derive(Clone, Debug)]
pub(super) struct Buffer<S, const N: usize> {
    frames: usize,
    /// Up to how many frames may be kept.
    room: usize,
    voltage: [S; MOST],
    currents: [[S; MOST]; N],
    residual: [S; MOST],
}

impl<S: Sample, const N: usize> Buffer<S, N> {
    pub(super) fn new() -> Self {
        let none = [S::default(); MOST];
        Self { frames: 0, room: 0, voltage: none, currents: [none; N], residual: none }
    }

    /// Frames that are kept.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }

    /// As many frames may be kept.
    pub(super) fn allow(&mut self, frames: usize) {
        self.room = frames.min(MOST);
    }

    /// Keeps a block of a single frame, if there is room.
    #[inline(always)]
    pub(super) fn keep(&mut self, channels: Channels, block: &Block<'_, S, N>) -> bool {
        let at = self.frames;
        if at >= self.room || block.voltage.len() > 1 {
            return false;
        }
        let keep = |configured: bool, codes: &[S], kept: &mut [S; MOST]| match (codes, kept.get_mut(at)) {
            (&[code], Some(kept)) if configured => {
                *kept = code;
                true
            }
            _ => !configured,
        };
        let mut kept = keep(channels.voltage(), block.voltage, &mut self.voltage);
        for (n, (codes, current)) in block.currents.iter().zip(&mut self.currents).enumerate() {
            kept &= keep(channels.current(n), codes, current);
        }
        kept &= keep(channels.residual(), block.residual, &mut self.residual);
        self.frames = at + usize::from(kept);
        kept
    }

    /// Hands the frames over.
    pub(super) fn take(self, channels: Channels, take: impl FnOnce(&Frames<'_, S, N>)) {
        let currents = self.currents.each_ref().map(<[S; MOST]>::as_slice);
        let block = Block { voltage: &self.voltage, currents, residual: &self.residual };
        take(&Frames { count: self.frames, ..Frames::of(channels, &block) });
    }
}
