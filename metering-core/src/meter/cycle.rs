//! A cycle of the mains: its frames.
//!
//! In come frames, out go their sums. This file must not know windows or what a sum is for.

use super::PIECE;
use super::engine::Engine;
use super::plan::Plan;
use crate::frames::{Frames, Span};
use crate::reference::Reference;
use crate::residual::{Notice, Stage};
use crate::sample::{Block, Sample};
use crate::sink::Sink;
use crate::sums::{Extremes, Moments, Phasor, Sums};

impl<S: Sample, const CURRENTS: usize> Engine<S, CURRENTS> {
    /// Frames inside a segment.
    #[inline(never)]
    pub(super) fn bulk(&mut self, frames: &Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        #[cfg(feature = "harmonics")]
        self.analysis.frames(frames);
        #[cfg(feature = "harmonics")]
        if let Some((channel, spectrum)) = self.analysis.take() {
            sink.spectrum(channel, &spectrum);
        }
        self.moments(frames);
        if S::MAX_BITS > 16 && !self.is_within() {
            self.clamped(frames);
        } else {
            self.correlate(frames, self.plan.entry());
        }
        if !frames.residual.is_empty() {
            self.residual(frames.residual, sink);
        }
    }

    /// Sums, squares, products with the voltage and extremes of voltage and currents.
    #[inline(always)]
    fn moments(&mut self, frames: &Frames<'_, S, CURRENTS>) {
        let totals = &mut self.sums;
        let voltage = frames.voltage;
        if !voltage.is_empty() {
            S::moments(voltage, &mut totals.voltage.moments, &mut totals.voltage.extremes);
        }
        for ((codes, sums), product) in frames.currents.iter().zip(&mut totals.currents).zip(&mut totals.products) {
            if codes.is_empty() {
                continue;
            }
            if voltage.is_empty() {
                S::moments(codes, &mut sums.moments, &mut sums.extremes);
            } else {
                S::moments_and_product(codes, voltage, &mut sums.moments, product, &mut sums.extremes);
            }
        }
    }

    /// Correlations with the reference from entry `at` of its table on, two channels at a time.
    #[inline(always)]
    fn correlate(&mut self, frames: &Frames<'_, S, CURRENTS>, at: usize) {
        let table = &self.reference.table;
        let mut alone: Option<(&[S], &mut Phasor)> = None;
        let mut channel = |codes, phasor| {
            alone = match alone.take() {
                None => Some((codes, phasor)),
                Some((first, other)) => {
                    S::correlate_two([first, codes], table, at, [other, phasor]);
                    None
                }
            }
        };
        if !frames.voltage.is_empty() {
            channel(frames.voltage, &mut self.segment.voltage);
        }
        for (codes, phasor) in frames.currents.iter().zip(&mut self.segment.currents) {
            if !codes.is_empty() {
                channel(codes, phasor);
            }
        }
        if let Some((codes, phasor)) = alone {
            S::correlate(codes, table, at, phasor);
        }
    }

    /// Ends the present segment, or what there was of it: turns its sums and adds them to the window's.
    #[inline(never)]
    pub(super) fn end_segment(&mut self) {
        let taken = self.plan.taken();
        let first = (self.plan.phase(), self.plan.first_entry());
        let rotation = self.reference.rotation(first, self.synchroniser.step, taken);
        let take = |segment: &mut Phasor, phasor: &mut Phasor| {
            phasor.add(&Reference::<S::Reference>::turn::<S>(&core::mem::take(segment), &rotation));
        };
        take(&mut self.segment.voltage, &mut self.sums.voltage.phasor);
        for (segment, sums) in self.segment.currents.iter_mut().zip(&mut self.sums.currents) {
            take(segment, &mut sums.phasor);
        }
        self.sums.length = self.sums.length.wrapping_add((taken as u64) << 16);
        self.frames = self.frames.saturating_add(taken as u64);
    }

    /// Begins a cycle, or what is left of one, with a frame at the synchroniser's phase.
    pub(super) fn begin_cycle(&mut self) {
        self.reference.follow(self.synchroniser.step);
        self.plan = Plan::cycle(self.synchroniser.phase, self.synchroniser.step);
    }

    /// Whether all codes of the window up to here were such as their type may hold.
    fn is_within(&self) -> bool {
        self.sums.voltage.extremes.holds::<S>() && self.sums.currents.iter().all(|sums| sums.extremes.holds::<S>())
    }

    /// Frames of which some code is beyond what the type may hold: rare. Their extremes are noted; their sums are taken
    /// back and made anew of codes that the type holds.
    #[cold]
    #[inline(never)]
    fn clamped(&mut self, frames: &Frames<'_, S, CURRENTS>) {
        let totals = &mut self.sums;
        let take_back = |codes: &[S], sums: &mut Sums, total: &mut i64| {
            let (mut moments, mut extremes, mut product) = (Moments::default(), Extremes::NONE, 0);
            S::moments(codes, &mut moments, &mut extremes);
            S::moments_and_product(codes, frames.voltage, &mut Moments::default(), &mut product, &mut extremes);
            *total = total.wrapping_sub(product);
            sums.moments.sum = sums.moments.sum.wrapping_sub(moments.sum);
            sums.moments.square = sums.moments.square.wrapping_sub(moments.square);
        };
        take_back(frames.voltage, &mut totals.voltage, &mut 0);
        for ((codes, sums), product) in frames.currents.iter().zip(&mut totals.currents).zip(&mut totals.products) {
            take_back(codes, sums, product);
        }
        let mut at = self.plan.entry();
        let mut rest = Span { from: 0, count: frames.count };
        while rest.count > 0 {
            let piece = frames.part(rest.take(rest.count.min(PIECE)));
            let clamp = |codes: &[S], clamped: &mut [S; PIECE]| {
                for (clamped, &code) in clamped.iter_mut().zip(codes) {
                    *clamped = S::saturate(code.into());
                }
            };
            let (mut voltage, mut currents) = ([S::default(); PIECE], [[S::default(); PIECE]; CURRENTS]);
            clamp(piece.voltage, &mut voltage);
            for (codes, piece) in piece.currents.iter().zip(&mut currents) {
                clamp(codes, piece);
            }
            let currents = currents.each_ref().map(<[S; PIECE]>::as_slice);
            let block = Block { voltage: &voltage, currents, residual: &voltage };
            let clamped = Frames::of(self.channels, &block).part(Span { from: 0, count: piece.count });
            self.moments(&clamped);
            self.correlate(&clamped, at);
            at += piece.count;
        }
    }

    /// Codes of the residual current.
    #[inline(never)]
    fn residual(&mut self, mut codes: &[S], sink: &mut impl Sink<CURRENTS>) {
        let before = self.frames.saturating_add(self.plan.taken() as u64);
        let Some(stage) = &mut self.residual else { return };
        let total = &mut self.sums.residual;
        let count = codes.len();
        while let Some(later) = stage.stretch(codes, total, self.synchroniser.step) {
            tell(stage, before.saturating_add((count - later.len()) as u64), sink);
            codes = later;
        }
    }
}

/// Tells the sink what changed with the interval that has just ended.
#[cold]
fn tell<const CURRENTS: usize>(stage: &mut Stage, frame: u64, sink: &mut impl Sink<CURRENTS>) {
    for change in stage.changes() {
        sink.residual_notice(&Notice { frame, change });
    }
}
