//! Frames: one code of each channel, and stretches of them.
//!
//! In comes a block, out go its configured channels and stretches of them, and single frames. This file must not
//! know cycles.

use crate::config::Settings;
use crate::sample::{Block, Sample};

/// One code of each channel; 0 for a channel that is not configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<S, const N: usize> {
    pub(crate) voltage: S,
    pub(crate) currents: [S; N],
    pub(crate) residual: S,
}

impl<S: Sample, const N: usize> Frame<S, N> {
    pub(crate) fn silence() -> Self {
        Self { voltage: S::default(), currents: [S::default(); N], residual: S::default() }
    }
}

/// Which channels are configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channels(u32);

impl Channels {
    const VOLTAGE: u32 = 1;
    const RESIDUAL: u32 = 2;
    const FIRST: u32 = 4;
    /// There is none.
    const NONE: u32 = 1 << 31;

    pub(crate) fn of<const N: usize>(settings: &Settings<N>) -> Self {
        const { assert!(N <= 29, "there is one bit for each of up to 29 currents") };
        let mut mask = if settings.voltage.is_some() { Self::VOLTAGE } else { 0 };
        if settings.residual.is_some() {
            mask |= Self::RESIDUAL;
        }
        for (n, channel) in settings.currents.iter().enumerate() {
            if channel.is_some() {
                mask |= Self::FIRST << n;
            }
        }
        Self(if mask == 0 { Self::NONE } else { mask })
    }

    #[inline(always)]
    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    #[inline(always)]
    pub(crate) fn are_none(self) -> bool {
        self.has(Self::NONE)
    }

    #[inline(always)]
    pub(crate) fn voltage(self) -> bool {
        self.has(Self::VOLTAGE)
    }

    #[inline(always)]
    pub(crate) fn current(self, number: usize) -> bool {
        self.has(Self::FIRST << number)
    }

    #[inline(always)]
    pub(crate) fn residual(self) -> bool {
        self.has(Self::RESIDUAL)
    }

    /// Shows the codes of each of them.
    #[inline(always)]
    fn each<S, const N: usize>(self, block: &Block<'_, S, N>, mut see: impl FnMut(&[S])) {
        if self.voltage() {
            see(block.voltage);
        }
        for (number, codes) in block.currents.iter().enumerate() {
            if self.current(number) {
                see(codes);
            }
        }
        if self.residual() {
            see(block.residual);
        }
    }
}

/// A stretch of the configured channels of a block; one that is not configured is `None`.
#[derive(Clone, Copy)]
pub(crate) struct Frames<'a, S, const N: usize> {
    block: &'a Block<'a, S, N>,
    channels: Channels,
    from: usize,
    to: usize,
}

impl<'a, S: Sample, const N: usize> Frames<'a, S, N> {
    /// Those of a block: as many frames as the shortest of the configured channels has.
    #[inline(always)]
    pub(crate) fn of(channels: Channels, block: &'a Block<'a, S, N>) -> Self {
        // All have as many as the voltage in all but rare blocks: bits that differ are sooner found than the least.
        let count = block.voltage.len();
        let mut differing = 0;
        channels.each(block, |codes| differing |= codes.len() ^ count);
        let to = if channels.voltage() && differing == 0 { count } else { Self::shortest(channels, block) };
        Self { block, channels, from: 0, to }
    }

    #[cold]
    #[inline(never)]
    fn shortest(channels: Channels, block: &Block<'_, S, N>) -> usize {
        let mut count = if channels.are_none() { 0 } else { usize::MAX };
        channels.each(block, |codes| count = count.min(codes.len()));
        count
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.from >= self.to
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.to - self.from
    }

    /// Of them the first `frames` frames, which are left out of the rest.
    #[inline(always)]
    pub(crate) fn take(&mut self, frames: usize) -> Self {
        let now = Self { to: self.from + frames, ..*self };
        self.from += frames;
        now
    }

    #[inline(always)]
    fn codes(&self, is_configured: bool, codes: &'a [S]) -> Option<&'a [S]> {
        if is_configured { codes.get(self.from..self.to) } else { None }
    }

    #[inline(always)]
    pub(crate) fn voltage(&self) -> Option<&'a [S]> {
        self.codes(self.channels.voltage(), self.block.voltage)
    }

    #[inline(always)]
    pub(crate) fn current(&self, number: usize) -> Option<&'a [S]> {
        // First of all: a request for a spectrum may name any number.
        let codes = self.block.currents.get(number)?;
        self.codes(self.channels.current(number), codes)
    }

    #[inline(always)]
    pub(crate) fn residual(&self) -> Option<&'a [S]> {
        self.codes(self.channels.residual(), self.block.residual)
    }

    /// The first frame, codes that its type may hold.
    #[inline(always)]
    pub(crate) fn first(&self) -> Frame<S, N> {
        let mut frame = Frame::silence();
        self.read(self.from, &mut frame);
        frame
    }

    /// Reads the last frame, codes that its type may hold.
    #[inline(always)]
    pub(crate) fn read_last(&self, frame: &mut Frame<S, N>) {
        self.read(self.to.wrapping_sub(1), frame);
    }

    /// Reads the frame at a place of the block, to where it is wanted: nothing is copied.
    #[inline(never)]
    fn read(&self, at: usize, frame: &mut Frame<S, N>) {
        let code = |is_configured: bool, codes: &[S]| match codes.get(at) {
            Some(&code) if is_configured => S::saturate(code.into()),
            _ => S::default(),
        };
        frame.voltage = code(self.channels.voltage(), self.block.voltage);
        for (number, (mine, codes)) in frame.currents.iter_mut().zip(&self.block.currents).enumerate() {
            *mine = code(self.channels.current(number), codes);
        }
        frame.residual = code(self.channels.residual(), self.block.residual);
    }
}
