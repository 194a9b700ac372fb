//! A cycle of the mains: its frames, and the two frames around each boundary.
//!
//! In come frames, out go the sums of a cycle. This file must not know windows or what a sum is for.

use super::{Meter, ONE};
use crate::frames::{Frame, Frames};
use crate::residual::{Notice, Stage};
use crate::rotor::Rotor;
use crate::sample::Sample;
use crate::sink::Sink;
use crate::sums::{self, Extremes, Moments, Reference};
#[cfg(feature = "harmonics")]
use crate::synchroniser::Synchroniser;
use crate::totals::Totals;

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// Frames inside a cycle, at most [`CHUNK`] of them.
    pub(super) fn bulk(&mut self, block: &Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        #[cfg(feature = "harmonics")]
        self.analysis.frames(block);
        let cycle = &mut self.cycle;
        let mut within = true;
        let mut look = |extremes: &mut Extremes, codes: &[S]| {
            let new = Extremes::of(codes);
            within &= S::saturate(new.low).into() == new.low && S::saturate(new.high).into() == new.high;
            extremes.add(new);
        };
        if let Some(codes) = block.voltage {
            look(&mut cycle.voltage.extremes, codes);
        }
        for (codes, sums) in block.currents.iter().zip(&mut cycle.currents) {
            if let Some(codes) = codes {
                look(&mut sums.extremes, codes);
            }
        }
        if let Some(codes) = block.residual {
            // The stage takes the extremes of its own intervals: here only the codes' width is looked at.
            look(&mut { Extremes::NONE }, codes);
        }
        if !within {
            return self.clamped(block, sink);
        }
        let reference = Reference::<S>::new(&mut self.rotor, block.count);
        if let Some(voltage) = block.voltage {
            cycle.voltage.moments.bulk(voltage);
            cycle.voltage.phasor.bulk(voltage, &reference);
        }
        for ((codes, channel), product) in block.currents.iter().zip(&mut cycle.currents).zip(&mut cycle.products) {
            let Some(codes) = codes else { continue };
            channel.moments.bulk(codes);
            channel.phasor.bulk(codes, &reference);
            if let Some(voltage) = block.voltage {
                *product += sums::product(voltage, codes);
            }
        }
        cycle.length += (block.count as u64) << 16;
        if let Some(residual) = block.residual {
            self.residual(residual, sink);
        }
    }

    /// Codes of the residual current, all of them inside a cycle.
    fn residual(&mut self, mut codes: &[S], sink: &mut impl Sink<CURRENTS>) {
        let Some(stage) = &mut self.residual else { return };
        let total = &mut self.cycle.residual;
        while !codes.is_empty() {
            let (now, later) = codes.split_at_checked(stage.left()).unwrap_or((codes, &[]));
            let mut moments = Moments::default();
            moments.bulk(now);
            let extremes = Extremes::of(now);
            total.moments.add(&moments);
            total.extremes.add(extremes);
            if stage.take(now, &moments, extremes, self.synchroniser.step) {
                tell(stage, sink);
            }
            codes = later;
        }
    }

    /// One code of the residual current on its way to the stage alone: its part of a cycle is taken elsewhere.
    fn residual_frame(&mut self, code: S, sink: &mut impl Sink<CURRENTS>) {
        let Some(stage) = &mut self.residual else { return };
        let code = S::saturate(code.into());
        let moments = Moments { sum: i64::from(code.into()), square: code.product(code) };
        if stage.take(&[code], &moments, Extremes::of(&[code]), self.synchroniser.step) {
            tell(stage, sink);
        }
    }

    /// Frames of which some code is beyond what the type may hold: rare, so one by one.
    #[cold]
    fn clamped(&mut self, block: &Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        for n in 0..block.count {
            let raw = block.split(n).1.first();
            let frame = raw.map(|code| S::saturate(code.into()));
            self.part(&frame, &frame);
            self.cycle.residual.extremes.add(Extremes::of(&[raw.residual]));
            self.residual_frame(raw.residual, sink);
            self.rotor.forward();
            self.cycle.length += ONE;
        }
    }

    /// One of the two frames around a boundary.
    pub(super) fn boundary(&mut self, frame: Frame<S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        let raw = frame;
        let frame = frame.map(|code| S::saturate(code.into()));
        self.residual_frame(frame.residual, sink);
        let u = self.synchroniser.distance_q16();
        let last_weight = ONE - (((ONE - u) * (ONE - u)) >> 17);
        let Some(held) = self.held.take() else {
            // The last frame of the ending cycle.
            self.see(&raw);
            self.part(&frame.divide(last_weight), &frame);
            self.cycle.length += last_weight;
            self.rotor.forward();
            #[cfg(feature = "harmonics")]
            self.analysis.frame(&raw);
            self.held = Some(frame);
            return;
        };
        // The first frame of the new cycle.
        let weight = (u * u) >> 17;
        let old = frame.divide(weight);
        self.part(&old, &frame);
        self.cycle.length += weight;
        self.synchroniser.phase = self.synchroniser.phase.wrapping_add(self.synchroniser.step);
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
        let rotor = Rotor::new::<S>(self.synchroniser.phase, self.synchroniser.step);
        self.rotor = rotor.backward();
        self.part(&held.minus(&held.divide(last_weight)), &held);
        self.rotor = rotor;
        self.part(&frame.minus(&old), &frame);
        self.rotor.forward();
        self.see(&raw);
        self.cycle.length = (ONE - last_weight) + (ONE - weight);
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

    /// Takes the part of a frame that belongs to the present cycle, at the rotor's reference.
    pub(super) fn part(&mut self, part: &Frame<S, CURRENTS>, frame: &Frame<S, CURRENTS>) {
        let reference = self.rotor.reference::<S>();
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
fn tell<const CURRENTS: usize>(stage: &mut Stage, sink: &mut impl Sink<CURRENTS>) {
    let frame = stage.frames();
    for change in stage.changes() {
        sink.residual_notice(&Notice { frame, change });
    }
}
