//! The end of a half cycle, a cycle and a window: what the sums are handed to.
//!
//! In come sums, out go half cycles and readings to the sink. This file must not know frames.

use super::engine::Engine;
use crate::calibration::Channel;
use crate::config::{Nominal, Settings};
use crate::cycle::Cycle;
use crate::reading::{Flags, Reading};
use crate::residual::{self, ResidualCycle, Stage};
use crate::sample::Sample;
use crate::scaled;
use crate::sink::{HalfCycle, Sink};
use crate::sums::Sums;
use crate::synchroniser::{Finished, Lock};
use crate::totals::{Totals, Turns};
use crate::window::{self, Window};

impl<S: Sample, const CURRENTS: usize> Engine<S, CURRENTS> {
    /// A cycle has ended; returns whether the window ends with it, complete or early.
    #[inline(always)]
    pub(super) fn finish(&mut self, cycle: &Cycle<CURRENTS>, sink: &mut impl Sink<CURRENTS>) -> bool {
        let end_frame = self.frames;
        let per_frame = per_frame(cycle.length, self.synchroniser.step);
        if self.wants_halves(sink) {
            let mut half = HalfCycle::new(end_frame);
            if self.halves.end::<S>(self.config.settings(), cycle, per_frame, &mut half) {
                self.tell_half(&half, sink);
            }
        }
        self.residual_cycle(cycle, end_frame, sink);
        #[cfg(feature = "energy")]
        if !self.synchroniser.is_partial() {
            self.energy.cycle::<S>(cycle, per_frame);
        }
        let finished = self.synchronise(cycle);
        self.turns.last = cycle.length;
        if self.turns.cycles == 0 {
            self.turns.first = self.turns.last;
        } else {
            match finished.turn {
                Some(turn) => self.turns.turn += i64::from(turn),
                None => self.turns.unknown = true,
            }
        }
        self.turns.cycles = self.turns.cycles.saturating_add(1);
        match finished.lock {
            Lock::Held => {}
            Lock::Found | Lock::Sought => self.flags |= Flags::SETTLING,
            Lock::Absent => self.flags |= Flags::NO_VOLTAGE,
        }
        // The first window after the lock was found begins there: what came before is given as a shorter one.
        finished.lock == Lock::Found || self.turns.cycles >= self.cycles_per_window()
    }

    /// Ends the window, if it is complete.
    pub(super) fn end_window(&mut self, step: u32, end_frame: u64, sink: &mut impl Sink<CURRENTS>) {
        if self.turns.cycles >= self.cycles_per_window() {
            self.tell_window(step, end_frame, sink);
        }
    }

    /// Ends the window with the last cycle, of `step` turns (Q32) per frame.
    #[inline(never)]
    pub(super) fn tell_window(&mut self, step: u32, end_frame: u64, sink: &mut impl Sink<CURRENTS>) {
        self.mark.see(&mut self.sums);
        let window = &self.mark;
        if is_clipped::<S, CURRENTS>(self.config.settings(), window) {
            self.flags |= Flags::CLIPPED;
        }
        let residual = self.residual.as_mut().map(Stage::window).unwrap_or_default();
        let (duration, elapsed) = self.clock.end_window(window.length);
        let mut reading = Reading {
            end_frame,
            length_q16: window.length,
            duration,
            elapsed,
            flags: self.flags,
            frequency: None,
            voltage: None,
            currents: [None; CURRENTS],
            residual: None,
        };
        window::read(&self.config, window, &self.turns, step, &residual, &mut reading);
        self.judge_load(&mut reading);
        #[cfg(feature = "energy")]
        self.energy.window(&self.config, &mut reading, self.synchroniser.step);
        sink.window(&reading);
        // Of a few frames there is no mean.
        if !reading.flags.contains(Flags::GAP) {
            self.halves.settle::<S>(self.config.settings(), &self.mark);
        }
        self.begin_window();
        (self.turns, self.flags) = (Turns::default(), Flags::empty());
    }

    /// A window begins with the last boundary.
    pub(super) fn begin_window(&mut self) {
        self.sums.remove(&self.mark);
        self.halves.begin_window(&self.mark);
        if let Some(stage) = &mut self.residual {
            stage.begin_window(&self.mark.residual.moments);
        }
        self.mark = Totals::new(Sums::new());
    }

    /// A cycle is at its middle.
    #[inline(never)]
    pub(super) fn middle(&mut self, sink: &mut impl Sink<CURRENTS>) {
        if self.wants_halves(sink) {
            let mut half = HalfCycle::new(self.frames);
            if self.halves.middle::<S>(self.config.settings(), &self.sums, &mut half) {
                self.tell_half(&half, sink);
            }
        }
    }

    /// Whether half cycles are wanted, and the present cycle is a whole one of the mains, if those are to be seen; half
    /// cycles begin anew after one of which none are told.
    #[inline(always)]
    fn wants_halves(&mut self, sink: &impl Sink<CURRENTS>) -> bool {
        let synchroniser = &self.synchroniser;
        let has_voltage = self.config.settings().voltage.is_some();
        let wanted =
            sink.half_cycles() && if has_voltage { synchroniser.is_cycle() } else { !synchroniser.is_partial() };
        if !wanted {
            self.halves.restart();
        }
        wanted
    }

    /// Tells the sink of a half cycle.
    #[inline(always)]
    fn tell_half(&mut self, half: &HalfCycle<CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        if sink.half_cycle(half) {
            self.flags |= Flags::EVENT;
        }
    }

    /// Tells the sink of the residual current of a cycle.
    #[inline(always)]
    fn residual_cycle(&mut self, cycle: &Cycle<CURRENTS>, end_frame: u64, sink: &mut impl Sink<CURRENTS>) {
        let settings = self.config.settings();
        if let (true, Some(stage), Some(residual)) = (sink.residual_cycles(), &self.residual, &settings.residual) {
            let mut sums = Sums { moments: cycle.residual, ..Sums::new() };
            sums.see(&mut self.sums.residual);
            let window = Window::new::<S>(settings.code_bits, u64::from(cycle.length), 0);
            let reading = residual::read::<S>(residual, &window, &sums, &stage.last());
            sink.residual_cycle(&ResidualCycle { end_frame, reading });
            self.mark.residual.see(&mut sums);
        }
    }

    pub(super) fn judge_load(&mut self, reading: &mut Reading<CURRENTS>) {
        let Some(limit) = self.config.settings().no_load else { return };
        for (idle, current) in self.idle.iter_mut().zip(&mut reading.currents) {
            let Some(current) = current else { continue };
            let power = current.power.map(|power| power.active.saturating_abs());
            *idle = !limit.is_load(*idle, power, current.rms);
            current.no_load = *idle;
        }
    }

    #[inline(always)]
    fn synchronise(&mut self, cycle: &Cycle<CURRENTS>) -> Finished {
        let settings = self.config.settings();
        if settings.voltage.is_none() {
            self.synchroniser.pass();
            return Finished::without_turn(Lock::Held);
        }
        self.synchroniser.finish(&cycle.voltage.moments, &cycle.voltage.phasor, cycle.length)
    }

    /// 10 or 12; automatic: by the frequency, with a little hysteresis at 55 Hz.
    pub(super) fn cycles_per_window(&mut self) -> u32 {
        if self.config.settings().nominal == Nominal::Auto {
            // Frequency in 1/1024 Hz.
            let frequency = (u64::from(self.synchroniser.step) * (self.config.rate() >> 16)) >> 38;
            self.twelve = frequency >= if self.twelve { 55 * 1024 - 16 } else { 55 * 1024 };
        }
        if self.twelve { 12 } else { 10 }
    }
}

/// 1 over the frames of a cycle of `length` Q16 frames, Q36: a cycle of the mains is one turn of `step` turns (Q32) per
/// frame, to 10⁻⁶, which spares the division. There are at least 27 frames.
fn per_frame(length: u32, step: u32) -> u32 {
    let turns = scaled::product(length, step) >> 16;
    let is_one = turns.wrapping_sub((1 << 32) - (1 << 12) + 1) < (1 << 13) - 1;
    if is_one { step << 4 } else { ((1u64 << 52) / u64::from(length.max((1 << 20) + 1))) as u32 }
}

/// Whether a code of a configured channel reached its clip codes.
fn is_clipped<S: Sample, const N: usize>(settings: &Settings<N>, window: &Totals<Sums, N>) -> bool {
    let reaches = |channel: &Channel, sums: &Sums| {
        let (low, high) = channel.clip::<S>(settings.code_bits);
        sums.extremes.low <= low || sums.extremes.high >= high
    };
    let single = [
        (settings.voltage.as_ref(), &window.voltage),
        (settings.residual.as_ref().map(|residual| &residual.channel), &window.residual),
    ];
    let currents = settings.currents.iter().map(Option::as_ref).zip(&window.currents);
    single.into_iter().chain(currents).any(|(channel, sums)| channel.is_some_and(|channel| reaches(channel, sums)))
}
