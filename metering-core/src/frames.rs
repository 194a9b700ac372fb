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
    /// Each code, or the nearest one that the type may hold.
    pub(crate) fn within_type(&self) -> Self {
        let within = |code: S| S::saturate(code.into());
        let Self { voltage, currents, residual } = self;
        Self { voltage: within(*voltage), currents: currents.map(within), residual: within(*residual) }
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

    /// Whether a block is a single frame: it has one code of each of them, and of others one at most.
    #[inline(always)]
    pub(crate) fn are_single<S, const N: usize>(self, block: &Block<'_, S, N>) -> bool {
        let mut longest = block.voltage.len() | block.residual.len();
        // Lengths of 1 are the bits of channels.
        let mut mask = block.voltage.len() as u32 | (block.residual.len() as u32) << 1;
        for (n, codes) in block.currents.iter().enumerate() {
            longest |= codes.len();
            mask |= (codes.len() as u32) << (n + 2);
        }
        longest <= 1 && self.0 & !mask == 0
    }

    #[inline(always)]
    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    #[inline(always)]
    pub(crate) fn residual(self) -> bool {
        self.has(Self::RESIDUAL)
    }
}

/// The configured channels of a block, as far as all of them have codes; one that is not configured has none.
#[derive(Clone, Copy)]
pub(crate) struct Frames<'a, S, const N: usize> {
    pub(crate) voltage: &'a [S],
    pub(crate) currents: [&'a [S]; N],
    pub(crate) residual: &'a [S],
    pub(crate) count: usize,
}

impl<'a, S: Sample, const N: usize> Frames<'a, S, N> {
    /// Those of a block: as many frames as the shortest of the configured channels has.
    #[inline(always)]
    pub(crate) fn of(channels: Channels, block: &Block<'a, S, N>) -> Self {
        let mut count = usize::MAX;
        let mut take = |bit, codes: &'a [S]| {
            if !channels.has(bit) {
                return <&[S]>::default();
            }
            count = count.min(codes.len());
            codes
        };
        let voltage = take(Channels::VOLTAGE, block.voltage);
        let mut currents = block.currents;
        for (n, codes) in currents.iter_mut().enumerate() {
            *codes = take(Channels::FIRST << n, codes);
        }
        let residual = take(Channels::RESIDUAL, block.residual);
        Self { voltage, currents, residual, count: if channels.has(Channels::NONE) { 0 } else { count } }
    }

    /// A stretch of them.
    #[inline(always)]
    pub(crate) fn part(&self, span: Span) -> Self {
        let mut currents = [<&[S]>::default(); N];
        for (mine, codes) in currents.iter_mut().zip(&self.currents) {
            *mine = span.of(codes);
        }
        Self { voltage: span.of(self.voltage), currents, residual: span.of(self.residual), count: span.count }
    }

    /// The frame at `at`.
    pub(crate) fn frame(&self, at: usize) -> Frame<S, N> {
        let code = |codes: &[S]| codes.get(at).copied().unwrap_or_default();
        let mut currents = [S::default(); N];
        for (mine, codes) in currents.iter_mut().zip(&self.currents) {
            *mine = code(codes);
        }
        Frame { voltage: code(self.voltage), currents, residual: code(self.residual) }
    }
}

/// A stretch of frames.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: usize,
    pub(crate) count: usize,
}

impl Span {
    /// Of it the first `frames` frames, which are left out of the rest.
    #[inline(always)]
    pub(crate) fn take(&mut self, frames: usize) -> Self {
        let now = Self { from: self.from, count: frames };
        self.from += frames;
        self.count -= frames;
        now
    }

    /// The codes of a channel in it; none of one that has no codes.
    #[inline(always)]
    fn of<S>(self, codes: &[S]) -> &[S] {
        codes.get(self.from..self.from + self.count).unwrap_or_default()
    }
}
