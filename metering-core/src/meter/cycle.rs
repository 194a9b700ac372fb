//! A cycle of the mains: its frames.
//!
//! In come frames, out go their sums. This file must not know windows or what a sum is for.

use super::PIECE;
use super::engine::Engine;
use super::plan::Plan;
use crate::frames::Frames;
use crate::reference::{Entries, Reference};
use crate::residual::{Notice, Stage};
use crate::sample::{Block, Sample};
use crate::sink::Sink;
use crate::sums::Running;

impl<S: Sample, const CURRENTS: usize> Engine<S, CURRENTS> {
    /// Frames inside a segment.
    #[inline(always)]
    pub(super) fn bulk(&mut self, frames: &Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        #[cfg(feature = "harmonics")]
        self.analysis.frames(frames);
        #[cfg(feature = "harmonics")]
        if let Some((channel, spectrum)) = self.analysis.take() {
            sink.spectrum(channel, &spectrum);
        }
        self.sum(frames, self.plan.entry());
        if S::MAX_BITS > 16 && !self.is_within() {
            self.clamped(frames);
        }
        if let Some(residual) = frames.residual() {
            self.residual(residual, sink);
        }
    }

    /// Sums, squares, products with the voltage and extremes of voltage and currents, and their correlations with the
    /// reference from entry `at` of its table on.
    #[inline(always)]
    fn sum(&mut self, frames: &Frames<'_, S, CURRENTS>, at: usize) {
        if frames.is_empty() {
            return;
        }
        // There are: the plan gives no more frames to a segment.
        let Some(entries) = Entries::new(&self.reference.table, at, frames.count()) else { return };
        let voltage = frames.voltage();
        if let Some(voltage) = voltage {
            S::channel(voltage, entries, &mut self.sums.voltage);
        }
        for (number, running) in self.sums.currents.iter_mut().enumerate() {
            let Some(codes) = frames.current(number) else { continue };
            match voltage {
                Some(voltage) => S::channel_with(codes, voltage, entries, running),
                None => S::channel(codes, entries, running),
            }
        }
    }

    /// Ends the present segment, or what there was of it: turns its sums and adds them to the window's.
    #[inline(never)]
    pub(super) fn end_segment(&mut self) {
        let taken = self.plan.taken();
        let first = (self.plan.phase(), self.plan.first_entry());
        let rotation = self.reference.rotation(first, self.synchroniser.step, taken);
        let take = |Running { segment, sums }: &mut Running| {
            sums.phasor.add(&Reference::<S::Reference>::turn::<S>(&core::mem::take(segment), &rotation));
        };
        take(&mut self.sums.voltage);
        self.sums.currents.iter_mut().for_each(take);
        self.sums.length = self.sums.length.wrapping_add((taken as u64) << 16);
        self.frames = self.frames.saturating_add(taken as u64);
    }

    /// Begins a cycle, or what is left of one, with a frame at the synchroniser's phase.
    pub(super) fn begin_cycle(&mut self) {
        self.reference.follow(self.synchroniser.step);
        self.plan = Plan::cycle(self.synchroniser.phase, self.synchroniser.step, self.frames as u32);
    }

    /// Whether all codes of the window up to here were such as their type may hold.
    fn is_within(&self) -> bool {
        let holds = |running: &Running| running.sums.extremes.holds::<S>();
        holds(&self.sums.voltage) && self.sums.currents.iter().all(holds)
    }

    /// Frames of which some code is beyond what the type may hold: rare. Their extremes are noted; their sums are taken
    /// back and made anew of codes that the type holds.
    #[cold]
    #[inline(never)]
    fn clamped(&mut self, frames: &Frames<'_, S, CURRENTS>) {
        let (table, totals) = (&self.reference.table, &mut self.sums);
        let mut at = self.plan.entry();
        let Some(entries) = Entries::new(table, at, frames.count()) else { return };
        let voltage = frames.voltage();
        let take_back = |codes: Option<&[S]>, voltage: Option<&[S]>, running: &mut Running| {
            let Some(codes) = codes else { return };
            let mut wrong = Running::new();
            match voltage {
                Some(voltage) => S::channel_with(codes, voltage, entries, &mut wrong),
                None => S::channel(codes, entries, &mut wrong),
            }
            let take = |sum: &mut i64, wrong: i64| *sum = sum.wrapping_sub(wrong);
            take(&mut running.sums.moments.sum, wrong.sums.moments.sum);
            take(&mut running.sums.moments.square, wrong.sums.moments.square);
            take(&mut running.sums.product, wrong.sums.product);
            take(&mut running.segment.cosine, wrong.segment.cosine);
            take(&mut running.segment.sine, wrong.segment.sine);
        };
        take_back(voltage, None, &mut totals.voltage);
        for (number, running) in totals.currents.iter_mut().enumerate() {
            take_back(frames.current(number), voltage, running);
        }
        let mut rest = *frames;
        while rest.count() > 0 {
            let piece = rest.take(rest.count().min(PIECE));
            let clamp = |codes: Option<&[S]>, clamped: &mut [S; PIECE]| {
                for (clamped, &code) in clamped.iter_mut().zip(codes.unwrap_or_default()) {
                    *clamped = S::saturate(code.into());
                }
            };
            let (mut voltage, mut currents) = ([S::default(); PIECE], [[S::default(); PIECE]; CURRENTS]);
            clamp(piece.voltage(), &mut voltage);
            for (number, clamped) in currents.iter_mut().enumerate() {
                clamp(piece.current(number), clamped);
            }
            let currents = currents.each_ref().map(<[S; PIECE]>::as_slice);
            let block = Block { voltage: &voltage, currents, residual: &voltage };
            let clamped = Frames::of(self.channels, &block).take(piece.count());
            self.sum(&clamped, at);
            at += piece.count();
        }
    }

    /// Codes of the residual current.
    #[inline(never)]
    fn residual(&mut self, mut codes: &[S], sink: &mut impl Sink<CURRENTS>) {
        let Some(stage) = &mut self.residual else { return };
        let total = &mut self.sums.residual;
        let count = codes.len();
        while let Some(later) = stage.stretch(codes, total, self.synchroniser.step) {
            let passed = self.plan.taken() + count - later.len();
            tell(stage, self.frames.saturating_add(passed as u64), sink);
            codes = later;
        }
    }
}

/// Tells the sink what changed with the interval that has just ended.
#[cold]
fn tell<const CURRENTS: usize>(stage: &mut Stage, frame: u64, sink: &mut impl Sink<CURRENTS>) {
    while let Some(change) = stage.change() {
        sink.residual_notice(&Notice { frame, change });
    }
}
