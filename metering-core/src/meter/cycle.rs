//! A cycle of the mains: its frames, and the two frames around each boundary.
//!
//! In come frames, out go the sums of a cycle. This file must not know windows or what a sum is for.

use super::{Meter, ONE, PIECE};
use crate::frames::{Frame, Frames, Span};
use crate::reference::{SEGMENT, Unit};
use crate::residual::{Notice, Stage};
use crate::sample::{Block, Sample};
use crate::sink::Sink;
use crate::sums::{Extremes, Moments, Phasor, Sums};
#[cfg(feature = "harmonics")]
use crate::synchroniser::Synchroniser;
use crate::totals::Totals;

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// Frames inside a cycle, at most [`MOST`](crate::kernel::plain::MOST) of them.
    #[inline(never)]
    pub(super) fn bulk(&mut self, frames: &Frames<'_, S, CURRENTS>, span: Span, sink: &mut impl Sink<CURRENTS>) {
        #[cfg(feature = "harmonics")]
        self.analysis.frames(frames, span);
        #[cfg(feature = "harmonics")]
        if let Some((channel, spectrum)) = self.analysis.take() {
            sink.spectrum(channel, &spectrum);
        }
        self.moments(frames, span);
        if S::MAX_BITS > 16 && !self.is_within() {
            self.clamped(frames, span);
        } else {
            self.correlate(frames, span);
        }
        self.cycle.length += (span.count as u64) << 16;
        if !frames.residual.is_empty() {
            self.residual(span.of(frames.residual), sink);
        }
    }

    /// Sums, squares, products with the voltage and extremes of voltage and currents.
    fn moments(&mut self, frames: &Frames<'_, S, CURRENTS>, span: Span) {
        let cycle = &mut self.cycle;
        let voltage = span.of(frames.voltage);
        if !voltage.is_empty() {
            S::moments(voltage, &mut cycle.voltage.moments, &mut cycle.voltage.extremes);
        }
        for ((codes, sums), product) in frames.currents.iter().zip(&mut cycle.currents).zip(&mut cycle.products) {
            let codes = span.of(codes);
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

    /// Correlations with the reference, segment by segment.
    #[inline(never)]
    fn correlate(&mut self, frames: &Frames<'_, S, CURRENTS>, mut span: Span) {
        while span.count > 0 {
            let at = self.reference.at;
            let now = span.take(span.count.min(SEGMENT - at));
            let table = &self.reference.table;
            let channel = |codes: &[S], phasor: &mut Phasor| {
                if !codes.is_empty() {
                    S::correlate(now.of(codes), table, at, phasor);
                }
            };
            channel(frames.voltage, &mut self.segment.voltage);
            for (codes, phasor) in frames.currents.iter().zip(&mut self.segment.currents) {
                channel(codes, phasor);
            }
            self.reference.at = at + now.count;
            if self.reference.at == SEGMENT {
                self.end_segment();
                self.reference.next();
            }
        }
    }

    /// Turns the sums of the present segment and adds them to the cycle's.
    #[inline(never)]
    pub(super) fn end_segment(&mut self) {
        let reference = &self.reference;
        let take = |segment: &mut Phasor, phasor: &mut Phasor| {
            phasor.add(&reference.turn::<S>(&core::mem::take(segment)));
        };
        take(&mut self.segment.voltage, &mut self.cycle.voltage.phasor);
        for (segment, sums) in self.segment.currents.iter_mut().zip(&mut self.cycle.currents) {
            take(segment, &mut sums.phasor);
        }
    }

    /// Whether all codes of the cycle up to here were such as their type may hold.
    fn is_within(&self) -> bool {
        self.cycle.voltage.extremes.holds::<S>() && self.cycle.currents.iter().all(|sums| sums.extremes.holds::<S>())
    }

    /// Frames of which some code is beyond what the type may hold: rare. Their extremes are noted; their sums are taken
    /// back and made anew of codes that the type holds.
    #[cold]
    #[inline(never)]
    fn clamped(&mut self, frames: &Frames<'_, S, CURRENTS>, mut span: Span) {
        let cycle = &mut self.cycle;
        let voltage = span.of(frames.voltage);
        let take_back = |codes: &[S], sums: &mut Sums, total: &mut i64| {
            let (mut moments, mut extremes, mut product) = (Moments::default(), Extremes::NONE, 0);
            S::moments(codes, &mut moments, &mut extremes);
            S::moments_and_product(codes, voltage, &mut Moments::default(), &mut product, &mut extremes);
            *total = total.wrapping_sub(product);
            sums.moments.sum = sums.moments.sum.wrapping_sub(moments.sum);
            sums.moments.square = sums.moments.square.wrapping_sub(moments.square);
        };
        take_back(voltage, &mut cycle.voltage, &mut 0);
        for ((codes, sums), product) in frames.currents.iter().zip(&mut cycle.currents).zip(&mut cycle.products) {
            take_back(span.of(codes), sums, product);
        }
        while span.count > 0 {
            let now = span.take(span.count.min(PIECE));
            let clamp = |codes: &[S], piece: &mut [S; PIECE]| {
                for (clamped, &code) in piece.iter_mut().zip(now.of(codes)) {
                    *clamped = S::saturate(code.into());
                }
            };
            let (mut voltage, mut currents) = ([S::default(); PIECE], [[S::default(); PIECE]; CURRENTS]);
            clamp(frames.voltage, &mut voltage);
            for (codes, piece) in frames.currents.iter().zip(&mut currents) {
                clamp(codes, piece);
            }
            let currents = currents.each_ref().map(<[S; PIECE]>::as_slice);
            let block = Block { voltage: &voltage, currents, residual: &voltage };
            let (frames, piece) = (Frames::of(self.channels, &block), Span { from: 0, count: now.count });
            self.moments(&frames, piece);
            self.correlate(&frames, piece);
        }
    }

    /// Codes of the residual current, all of them inside a cycle.
    #[inline(never)]
    fn residual(&mut self, mut codes: &[S], sink: &mut impl Sink<CURRENTS>) {
        let Some(stage) = &mut self.residual else { return };
        let total = &mut self.cycle.residual;
        let count = codes.len();
        while let Some(later) = stage.stretch(codes, total, self.synchroniser.step) {
            // The stretch is counted when it has been taken.
            tell(stage, self.frames.saturating_add((count - later.len()) as u64), sink);
            codes = later;
        }
    }

    /// One of the two frames around a boundary.
    #[inline(never)]
    pub(super) fn boundary(&mut self, frame: Frame<S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        let raw = frame;
        let frame = frame.map(|code| S::saturate(code.into()));
        if let Some(stage) = &mut self.residual {
            if self.held.is_none() {
                stage.suspend(&self.cycle.residual.moments);
            }
            if stage.frame(frame.residual, self.cycle.residual.extremes, self.synchroniser.step) {
                tell(stage, self.frames, sink);
            }
        }
        if self.held.is_none() {
            self.distance = self.synchroniser.distance_q16();
        }
        let u = self.distance;
        let last_weight = ONE - (((ONE - u) * (ONE - u)) >> 17);
        let Some(held) = self.held.take() else {
            // The last frame of the ending cycle.
            self.see(&raw);
            self.around = self.reference.end(self.synchroniser.phase);
            self.part(&frame.divide(last_weight), &frame, self.around.0);
            self.cycle.length += u64::from(last_weight);
            #[cfg(feature = "harmonics")]
            self.analysis.frame(&raw);
            self.held = Some(frame);
            return;
        };
        // The first frame of the new cycle.
        // u² has 33 bits.
        let weight = ((u >> 1) * u) >> 16;
        let old = frame.divide(weight);
        self.part(&old, &frame, self.around.1);
        self.cycle.length += u64::from(weight);
        let phase = self.synchroniser.phase.wrapping_add(self.synchroniser.step);
        self.synchroniser.phase = phase;
        if self.frames > 1 {
            self.finish(sink);
        } else {
            self.cycle = Totals::new();
        }

        #[cfg(feature = "harmonics")]
        {
            let begins = (self.turns.cycles == 0).then(|| self.cycles_per_window());
            let Synchroniser { phase, step, .. } = self.synchroniser;
            if self.config.settings().voltage.is_some() && !self.synchroniser.is_cycle() {
                self.analysis.restart();
            }
            self.analysis.cycle(begins, self.config.settings().code_bits, phase, step);
            self.analysis.frame(&raw);
        }
        // Over a window, because what is no new extreme of a window is passed over quickly.
        self.cycle.voltage.extremes = self.window.voltage.extremes;
        for (cycle, window) in self.cycle.currents.iter_mut().zip(&self.window.currents) {
            cycle.extremes = window.extremes;
        }
        if !sink.residual_cycles() {
            self.cycle.residual.extremes = self.window.residual.extremes;
        }
        // Not where the synchroniser made the phase jump.
        let known = Some(self.around).filter(|_| self.frames > 1 && self.synchroniser.phase == phase);
        let (before, first) = self.reference.begin(self.synchroniser.phase, self.synchroniser.step, known);
        self.part(&held.minus(&held.divide(last_weight)), &held, before);
        self.part(&frame.minus(&old), &frame, first);
        self.see(&raw);
        if let Some(stage) = &mut self.residual {
            stage.resume(&self.cycle.residual.moments);
        }
        self.cycle.length = u64::from(2 * ONE - last_weight - weight);
        self.synchroniser.phase = self.synchroniser.phase.wrapping_add(self.synchroniser.step);
        self.plan();
    }

    /// Plans the cycle from the frame at the synchroniser's phase on.
    pub(super) fn plan(&mut self) {
        let half = 1u32 << 31;
        let to_half = half.saturating_sub(self.synchroniser.phase).div_ceil(self.synchroniser.step.max(1));
        self.whole = self.synchroniser.plan();
        self.first_half = to_half.min(self.whole);
    }

    /// Notes the extremes of a frame.
    pub(super) fn see(&mut self, frame: &Frame<S, CURRENTS>) {
        let cycle = &mut self.cycle;
        cycle.voltage.extremes.add(Extremes::of(&[frame.voltage]));
        for (code, sums) in frame.currents.iter().zip(&mut cycle.currents) {
            sums.extremes.add(Extremes::of(&[*code]));
        }
        cycle.residual.extremes.add(Extremes::of(&[frame.residual]));
    }

    /// Takes the part of a frame that belongs to the present cycle, at its reference.
    #[inline(never)]
    fn part(&mut self, part: &Frame<S, CURRENTS>, frame: &Frame<S, CURRENTS>, reference: Unit) {
        let reference = reference.entry();
        let cycle = &mut self.cycle;
        cycle.voltage.moments.part(part.voltage, frame.voltage);
        cycle.voltage.phasor.part(part.voltage, reference);
        let codes = part.currents.iter().zip(&frame.currents);
        for (((&part, &code), channel), product) in codes.zip(&mut cycle.currents).zip(&mut cycle.products) {
            channel.moments.part(part, code);
            channel.phasor.part(part, reference);
            *product += part.product(frame.voltage);
        }
        cycle.residual.moments.part(part.residual, frame.residual);
    }
}

/// Tells the sink what changed with the interval that has just ended.
#[cold]
fn tell<const CURRENTS: usize>(stage: &mut Stage, frame: u64, sink: &mut impl Sink<CURRENTS>) {
    for change in stage.changes() {
        sink.residual_notice(&Notice { frame, change });
    }
}
