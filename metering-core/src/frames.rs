//! Frames: one code of each channel, and stretches of them.
//!
//! In comes a block, out go its configured channels, divided where the meter wants; a frame's codes divided between two
//! cycles. This file must not know why.

use crate::config::Settings;
use crate::sample::{Block, Sample};
use crate::scaled;

/// One code of each channel; 0 for a channel that is not configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<S, const N: usize> {
    pub(crate) voltage: S,
    pub(crate) currents: [S; N],
    pub(crate) residual: S,
}

impl<S: Sample, const N: usize> Frame<S, N> {
    pub(crate) fn map(&self, of: impl Fn(S) -> S) -> Self {
        Self { voltage: of(self.voltage), currents: self.currents.map(&of), residual: of(self.residual) }
    }

    /// What is left of each code after `part` of it went elsewhere.
    pub(crate) fn minus(&self, part: &Self) -> Self {
        let minus = |whole: S, part: S| S::saturate(whole.into() - part.into());
        let mut currents = self.currents;
        for (mine, &theirs) in currents.iter_mut().zip(&part.currents) {
            *mine = minus(*mine, theirs);
        }
        Self { voltage: minus(self.voltage, part.voltage), currents, residual: minus(self.residual, part.residual) }
    }

    /// The part `weight` (Q16) of each code, rounded.
    pub(crate) fn divide(&self, weight: u64) -> Self {
        self.map(|code| S::saturate(((scaled::signed_product(code.into(), weight as i32) + 0x8000) >> 16) as i32))
    }
}

/// Which channels are configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channels(u32);

impl Channels {
    const VOLTAGE: u32 = 1;
    const RESIDUAL: u32 = 2;
    const FIRST: u32 = 4;

    pub(crate) fn of<const N: usize>(settings: &Settings<N>) -> Self {
        const { assert!(N <= 30, "there is one bit for each of up to 30 currents") };
        let mut mask = if settings.voltage.is_some() { Self::VOLTAGE } else { 0 };
        if settings.residual.is_some() {
            mask |= Self::RESIDUAL;
        }
        for (n, channel) in settings.currents.iter().enumerate() {
            if channel.is_some() {
                mask |= Self::FIRST << n;
            }
        }
        Self(mask)
    }

    #[inline(always)]
    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    #[inline(always)]
    pub(crate) fn voltage(self) -> bool {
        self.has(Self::VOLTAGE)
    }

    #[inline(always)]
    pub(crate) fn current(self, n: usize) -> bool {
        self.has(Self::FIRST << n)
    }

    #[inline(always)]
    pub(crate) fn residual(self) -> bool {
        self.has(Self::RESIDUAL)
    }
}

/// A stretch of a block's configured channels, as far as all of them have codes.
#[derive(Clone, Copy)]
pub(crate) struct Frames<'a, S, const N: usize> {
    block: &'a Block<'a, S, N>,
    channels: Channels,
    from: usize,
    pub(crate) count: usize,
}

impl<'a, S: Sample, const N: usize> Frames<'a, S, N> {
    /// Those of a block: as many frames as the shortest of the configured channels has.
    #[inline(always)]
    pub(crate) fn of(channels: Channels, block: &'a Block<'a, S, N>) -> Self {
        let mut count = usize::MAX;
        if channels.has(Channels::VOLTAGE) {
            count = block.voltage.len();
        }
        for (n, codes) in block.currents.iter().enumerate() {
            if channels.has(Channels::FIRST << n) {
                count = count.min(codes.len());
            }
        }
        if channels.has(Channels::RESIDUAL) {
            count = count.min(block.residual.len());
        }
        Self { block, channels, from: 0, count: if channels.0 == 0 { 0 } else { count } }
    }

    /// The first `frames` frames, which are left out of the rest.
    #[inline(always)]
    pub(crate) fn take(&mut self, frames: usize) -> Self {
        let now = Self { count: frames, ..*self };
        self.from += frames;
        self.count -= frames;
        now
    }

    #[inline(always)]
    fn part(&self, codes: &'a [S], bit: u32) -> Option<&'a [S]> {
        if self.channels.has(bit) { codes.get(self.from..self.from + self.count) } else { None }
    }

    /// Codes of the voltage; `None` where it is not configured.
    #[inline(always)]
    pub(crate) fn voltage(&self) -> Option<&'a [S]> {
        self.part(self.block.voltage, Channels::VOLTAGE)
    }

    /// The same of each current.
    #[inline(always)]
    pub(crate) fn currents(&self) -> impl Iterator<Item = Option<&'a [S]>> + use<'a, S, N> {
        let frames = *self;
        frames.block.currents.iter().enumerate().map(move |(n, codes)| frames.part(codes, Channels::FIRST << n))
    }

    /// The same of the residual current.
    #[inline(always)]
    pub(crate) fn residual(&self) -> Option<&'a [S]> {
        self.part(self.block.residual, Channels::RESIDUAL)
    }

    pub(crate) fn first(&self) -> Frame<S, N> {
        let code = |codes: &'a [S], bit| {
            if self.channels.has(bit) { codes.get(self.from).copied().unwrap_or_default() } else { S::default() }
        };
        let mut currents = [S::default(); N];
        for (n, (mine, codes)) in currents.iter_mut().zip(&self.block.currents).enumerate() {
            *mine = code(codes, Channels::FIRST << n);
        }
        let voltage = code(self.block.voltage, Channels::VOLTAGE);
        Frame { voltage, currents, residual: code(self.block.residual, Channels::RESIDUAL) }
    }
}
