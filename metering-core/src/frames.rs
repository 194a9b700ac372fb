//! Frames: one code of each channel, and stretches of them.
//!
//! In comes a block, out go its configured channels, divided where the meter wants; a frame's codes divided between two
//! cycles. This file must not know why.

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
        self.map(|code| S::saturate(((i64::from(code.into()) * weight as i64 + 0x8000) >> 16) as i32))
    }
}

/// Takes one side of a divided slice.
type Keep<'a, S> = fn((&'a [S], &'a [S])) -> &'a [S];

/// The slices of the configured channels, all of the same length.
pub(crate) struct Frames<'a, S, const N: usize> {
    pub(crate) count: usize,
    pub(crate) voltage: Option<&'a [S]>,
    pub(crate) currents: [Option<&'a [S]>; N],
    pub(crate) residual: Option<&'a [S]>,
}

impl<'a, S: Sample, const N: usize> Frames<'a, S, N> {
    /// The configured channels of a block: as many frames as the shortest of them has.
    pub(crate) fn of(settings: &Settings<N>, block: &Block<'a, S, N>) -> Self {
        let mut currents = [None; N];
        for ((mine, channel), &codes) in currents.iter_mut().zip(&settings.currents).zip(&block.currents) {
            *mine = channel.map(|_| codes);
        }
        let voltage = settings.voltage.map(|_| block.voltage);
        let residual = settings.residual.map(|_| block.residual);
        let lengths = currents.iter().flatten().chain(&voltage).chain(&residual).map(|codes| codes.len());
        let count = lengths.min().unwrap_or(0);
        Self { count, voltage, currents, residual }.split(count).0
    }

    /// The first `frames` frames and the rest.
    pub(crate) fn split(&self, frames: usize) -> (Self, Self) {
        let split = |codes: &'a [S]| codes.split_at_checked(frames).unwrap_or((codes, &[]));
        let cut = |keep: Keep<'a, S>| {
            (
                self.voltage.map(|codes| keep(split(codes))),
                self.currents.map(|codes| codes.map(|codes| keep(split(codes)))),
                self.residual.map(|codes| keep(split(codes))),
            )
        };
        let (voltage, currents, residual) = cut(|(now, _)| now);
        let now = Self { count: frames, voltage, currents, residual };
        let (voltage, currents, residual) = cut(|(_, later)| later);
        (now, Self { count: self.count.saturating_sub(frames), voltage, currents, residual })
    }

    pub(crate) fn first(&self) -> Frame<S, N> {
        let code = |codes: Option<&'a [S]>| codes.and_then(<[S]>::first).copied().unwrap_or_default();
        Frame { voltage: code(self.voltage), currents: self.currents.map(code), residual: code(self.residual) }
    }
}
