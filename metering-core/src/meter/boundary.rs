//! The boundary between two cycles, which divides the two frames around it.
//!
//! In come the last frame before the boundary and the first one behind it, each in the sums of its own cycle; out goes
//! what of them belongs to the other one. This file must not know what a sum is for.
//!
//! With u the distance in frames from the last frame before the boundary to it, that frame belongs to the next cycle by
//! (1-u)²/2, and the first one behind it to the ending cycle by u²/2: a rectangle smoothed by a hat of two frames, which
//! keeps the cut from beating with the sampling. A code is divided into two whole codes first and multiplied then, and
//! what one cycle gets the other one loses, so nothing is lost or counted twice.

use core::sync::atomic::{Ordering, compiler_fence};

use super::engine::Engine;
use crate::cycle::{Cycle, Share};
use crate::frames::{Channels, Frame};
use crate::reference::Unit;
use crate::sample::Sample;
use crate::sink::Sink;
use crate::sums::{Moments, Phasor, Running, Sums};
#[cfg(feature = "harmonics")]
use crate::synchroniser::Synchroniser;
use crate::totals::Totals;
use crate::trig;

const ONE: u32 = 1 << 16;

/// How the frames around a boundary are divided.
struct Edge {
    /// What of the last frame goes to the next cycle, and of the first one to the ending cycle, Q16.
    last: u32,
    first: u32,
    /// Their references, as entries of the table would be of the amplitude that finished phasors have.
    before: Unit,
    behind: Unit,
    /// The voltage's codes in them, which a current is multiplied with; 0 while the voltage itself is divided. Here, as a call
    /// for each channel has more to hand over than there are registers.
    voltage: (i32, i32),
}

/// The codes of one channel around a boundary.
#[derive(Clone, Copy)]
struct Codes {
    last: i32,
    first: i32,
    /// What of each goes to the other cycle.
    last_part: i32,
    first_part: i32,
}

impl Codes {
    /// As [`Edge::channel`], of sum and square alone.
    #[inline(always)]
    fn cut_moments<S: Sample>(&self, sums: &Moments, mark: &mut Moments) -> Moments {
        let &Self { last, first, last_part, first_part } = self;
        Moments {
            sum: cut(sums.sum, i64::from(last_part - first_part), &mut mark.sum),
            square: cut(sums.square, S::balance(last_part, last, first_part, first), &mut mark.square),
        }
    }
}

/// What a sum has got since `mark`, without what goes to the next cycle; `mark` goes on to here.
#[inline(always)]
fn cut(sum: i64, moved: i64, mark: &mut i64) -> i64 {
    let now = sum - moved;
    let since = now - core::mem::replace(mark, now);
    // No instruction: one sum after the other, as the words of all at once are more than there are registers.
    compiler_fence(Ordering::SeqCst);
    since
}

impl Edge {
    /// `distance` in Q16 frames; `phase` of the last frame, `step` per frame.
    fn at<S: Sample>(distance: u32, phase: u32, step: u32) -> Self {
        let rest = ONE - distance;
        let unit = |phase: u32| {
            let Unit { cosine, sine } = Unit::near_zero(phase as i32);
            Unit { cosine: cosine << S::REFERENCE_SHIFT, sine: sine << S::REFERENCE_SHIFT }
        };
        Self {
            last: (rest * rest) >> 17,
            // u² has 33 bits.
            first: ((distance >> 1) * distance) >> 16,
            before: unit(phase),
            behind: unit(phase.wrapping_add(step)),
            voltage: (0, 0),
        }
    }

    #[inline(always)]
    fn codes<S: Sample>(&self, last: S, first: S) -> Codes {
        let (last_part, first_part) = (last.share(self.last).into(), first.share(self.first).into());
        Codes { last: last.into(), first: first.into(), last_part, first_part }
    }

    /// The sums of one channel over the cycle that ends, `sums` having all whole frames of the window up to here; `mark`
    /// goes on from the boundary before to this one.
    #[inline(never)]
    fn channel<S: Sample>(&self, (last, first): (S, S), sums: &Sums, mark: &mut Sums, cycle: &mut Share) {
        let codes = self.codes(last, first);
        let moved = |last, first| S::balance(codes.last_part, last, codes.first_part, first);
        let (from, to) = (&sums.phasor, &mut mark.phasor);
        cycle.moments = codes.cut_moments::<S>(&sums.moments, &mut mark.moments);
        cycle.product = cut(sums.product, moved(self.voltage.0, self.voltage.1), &mut mark.product);
        cycle.phasor = Phasor {
            cosine: cut(from.cosine, moved(self.before.cosine, self.behind.cosine), &mut to.cosine),
            sine: cut(from.sine, moved(self.before.sine, self.behind.sine), &mut to.sine),
        };
    }

    /// The same of all channels.
    #[inline(always)]
    fn cut<S: Sample, const N: usize>(
        &mut self,
        channels: Channels,
        (last, first): (&Frame<S, N>, &Frame<S, N>),
        sums: &Totals<Running, N>,
        mark: &mut Totals<Sums, N>,
        cycle: &mut Cycle<N>,
    ) {
        let voltage = (last.voltage, first.voltage);
        self.channel::<S>(voltage, &sums.voltage.sums, &mut mark.voltage, &mut cycle.voltage);
        self.voltage = (voltage.0.into(), voltage.1.into());
        let codes = last.currents.iter().zip(&first.currents);
        let before = sums.currents.iter().zip(&mut mark.currents).zip(&mut cycle.currents);
        for ((&last, &first), ((Running { sums, .. }, mark), cycle)) in codes.zip(before) {
            self.channel::<S>((last, first), sums, mark, cycle);
        }
        // Written in any case, so that the compiler need not clear the cycle before.
        cycle.residual = if channels.residual() {
            let residual = self.codes(last.residual, first.residual);
            residual.cut_moments::<S>(&sums.residual.moments, &mut mark.residual.moments)
        } else {
            Moments::default()
        };
        let length = sums.length.wrapping_sub(u64::from(self.last)).wrapping_add(u64::from(self.first));
        cycle.length = length.wrapping_sub(core::mem::replace(&mut mark.length, length)) as u32;
    }
}

impl<S: Sample, const CURRENTS: usize> Engine<S, CURRENTS> {
    /// The present cycle has had its last frame, and `first` comes next.
    #[inline(never)]
    pub(super) fn boundary(&mut self, first: &Frame<S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        let (step, end_frame) = (self.synchroniser.step, self.frames);
        // The cycle's sums are gone when the window's reading is made: both at once would take more stack.
        if self.end_cycle(first, sink) {
            self.tell_window(step, end_frame, sink);
        }
        let jump = self.synchroniser.phase.wrapping_sub(self.plan.phase());
        if jump != 0 {
            self.jump(jump);
        }
        #[cfg(feature = "harmonics")]
        {
            let begins = (self.turns.cycles == 0).then(|| self.cycles_per_window());
            let Synchroniser { phase, step, .. } = self.synchroniser;
            if self.config.settings().voltage.is_some() && !self.synchroniser.is_cycle() {
                self.analysis.restart();
            }
            self.analysis.cycle(begins, self.config.settings().code_bits, phase, step);
        }
        self.begin_cycle();
    }

    /// Hands the sums of the present cycle on; returns whether the window ends with it.
    #[inline(never)]
    fn end_cycle(&mut self, first: &Frame<S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) -> bool {
        let mut cycle = Cycle::new();
        self.cut(first, &mut cycle);
        self.synchroniser.phase = self.plan.phase();
        if self.frames == 0 {
            self.begin_window();
            return false;
        }
        self.finish(&cycle, sink)
    }

    /// The synchroniser has made the phase jump: what was moved to the next cycle, all that it has so far, gets the phase
    /// that it has there.
    #[cold]
    #[inline(never)]
    fn jump(&mut self, jump: u32) {
        let (cosine, sine) = trig::cosine_and_sine(jump);
        let by = (cosine.saturating_sub(1 << 30), sine);
        let turn = |Running { sums, .. }: &mut Running, mark: &Sums| {
            let mut moved = sums.phasor;
            moved.remove(&mark.phasor);
            let (cosine, sine) = trig::turned((moved.cosine, moved.sine), by);
            sums.phasor.add(&Phasor { cosine, sine });
        };
        turn(&mut self.sums.voltage, &self.mark.voltage);
        for (sums, mark) in self.sums.currents.iter_mut().zip(&self.mark.currents) {
            turn(sums, mark);
        }
    }

    /// Divides the frames around the boundary.
    #[inline(never)]
    fn cut(&mut self, first: &Frame<S, CURRENTS>, cycle: &mut Cycle<CURRENTS>) {
        let mut edge = Edge::at::<S>(self.plan.distance_q16(), self.plan.last(), self.synchroniser.step);
        edge.cut(self.channels, (&self.last, first), &self.sums, &mut self.mark, cycle);
    }
}
