//! The stages in their order.
//!
//! In come frames, out go readings. Here stands only in which order the stages work; what a stage computes it knows
//! itself. This file must not know how frames were handed over.

use super::clock::Clock;
use super::plan::Plan;
#[cfg(feature = "harmonics")]
use crate::analysis::Analysis;
use crate::config::{Config, Nominal};
#[cfg(feature = "energy")]
use crate::energy::Tally;
use crate::frames::{Channels, Frame, Frames};
use crate::halves::Halves;
use crate::reading::Flags;
use crate::reference::Reference;
use crate::residual::Stage;
use crate::sample::Sample;
use crate::sink::Sink;
use crate::sums::{Running, Sums};
use crate::synchroniser::Synchroniser;
use crate::totals::{Totals, Turns};

/// The stages, and what they keep of the stream.
#[derive(Clone, Debug)]
pub(super) struct Engine<S: Sample, const CURRENTS: usize> {
    pub(super) config: Config<S, CURRENTS>,
    pub(super) channels: Channels,
    pub(super) synchroniser: Synchroniser,
    pub(super) reference: Reference<S::Reference>,
    /// Where the stream is cut.
    pub(super) plan: Plan,
    /// The last frame of the cycle, once it has come.
    pub(super) last: Frame<S, CURRENTS>,
    /// Of whole frames since the window began, and what of them lies before the last boundary.
    pub(super) sums: Totals<Running, CURRENTS>,
    pub(super) mark: Totals<Sums, CURRENTS>,
    pub(super) halves: Halves<CURRENTS>,
    pub(super) turns: Turns,
    pub(super) flags: Flags,
    pub(super) twelve: bool,
    /// No-load state of each current.
    pub(super) idle: [bool; CURRENTS],
    #[cfg(feature = "energy")]
    pub(super) energy: Tally<CURRENTS>,
    pub(super) clock: Clock,
    /// Up to the present segment.
    pub(super) frames: u64,
    pub(super) residual: Option<Stage>,
    #[cfg(feature = "harmonics")]
    pub(super) analysis: Analysis,
}

impl<S: Sample, const CURRENTS: usize> Engine<S, CURRENTS> {
    /// Nothing was seen yet.
    #[inline(always)]
    pub(super) fn new(config: Config<S, CURRENTS>) -> Self {
        let nominal = config.settings().nominal;
        // 1/1024 of the range as RMS: amplitude/√2 per frame over the reference's amplitude; 1/2 and 1/724 together.
        let floor = const { (S::REFERENCE_AMPLITUDE << 8) / 1_448 } << (config.settings().code_bits - 1) >> 8;
        let synchroniser = Synchroniser::new(config.rate(), nominal, floor, S::REFERENCE_SHIFT);
        let residual = Stage::new(&config, synchroniser.step);
        // The stream begins on a boundary: the frame before the first one is silence, and the first one belongs to the
        // first cycle by half.
        Self {
            channels: Channels::of(config.settings()),
            halves: Halves::new::<S>(config.settings()),
            #[cfg(feature = "energy")]
            energy: Tally::new(&config, synchroniser.step),
            clock: Clock::new(config.rate()),
            config,
            synchroniser,
            reference: Reference::new(),
            plan: Plan::ended(synchroniser.step),
            last: Frame::silence(),
            sums: Totals::new(Running::new()),
            mark: Totals::new(Sums::new()),
            turns: Turns::default(),
            flags: Flags::empty(),
            twelve: nominal == Nominal::Hz60,
            idle: [false; CURRENTS],
            frames: 0,
            residual,
            #[cfg(feature = "harmonics")]
            analysis: Analysis::new(),
        }
    }

    /// Frames that may be taken later than they came: with the one after them something may be told.
    pub(super) fn spare(&self) -> usize {
        let left = self.residual.as_ref().map_or(usize::MAX, Stage::left);
        // A spectrum ends inside a cycle.
        #[cfg(feature = "harmonics")]
        if self.analysis.is_open() {
            return 0;
        }
        left.min(self.plan.left()).saturating_sub(1)
    }

    /// Whether the next frame is an odd one of the stream.
    pub(super) fn is_odd(&self) -> bool {
        self.plan.entry() % 2 == 1
    }

    /// Frames taken so far, lost ones included.
    pub(super) fn frames(&self) -> u64 {
        self.frames.saturating_add(self.plan.taken() as u64)
    }

    /// Whether a cycle has had its last frame, and the next one no frame yet.
    pub(super) fn is_between(&self) -> bool {
        self.plan.left() == 0
    }

    /// Ends a cycle with the first of the frames, which are not taken.
    #[inline(never)]
    pub(super) fn begin(&mut self, frames: &Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        self.look(sink);
        self.boundary(&frames.first(), sink);
    }

    #[inline(always)]
    fn look(&mut self, sink: &impl Sink<CURRENTS>) {
        if let Some(stage) = &mut self.residual {
            stage.look_at_each(sink.residual_cycles());
        }
    }

    /// Takes frames.
    #[inline(never)]
    pub(super) fn take(&mut self, mut frames: Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        self.look(sink);
        while !frames.is_empty() {
            if self.is_between() {
                self.boundary(&frames.first(), sink);
            }
            let now = frames.take(self.plan.left().min(frames.count()));
            self.bulk(&now, sink);
            if self.plan.take(now.count()) {
                self.end_segment();
                if self.plan.ends_half() {
                    self.middle(sink);
                }
                self.plan.next();
                if self.is_between() {
                    now.read_last(&mut self.last);
                }
            }
        }
    }

    /// The per-sample work alone.
    #[cfg(feature = "cost")]
    pub(super) fn kernel(&mut self, mut frames: Frames<'_, S, CURRENTS>) {
        while !frames.is_empty() {
            if self.is_between() {
                self.synchroniser.phase = 0;
                self.begin_cycle();
            }
            let now = frames.take(self.plan.left().min(frames.count()));
            self.bulk(&now, &mut |_: &crate::reading::Reading<CURRENTS>| {});
            if self.plan.take(now.count()) {
                self.end_segment();
                self.plan.next();
            }
        }
    }

    /// `frames` frames were lost.
    pub(super) fn gap(&mut self, frames: u64, sink: &mut impl Sink<CURRENTS>) {
        // Turns pass at most every 29 frames: more than 2³² frames need no exact phase.
        let turned = if self.frames() == 0 { 0 } else { self.plan.turns() };
        let passed = turned + frames.min(1 << 31) * u64::from(self.synchroniser.step);
        self.end_segment();
        self.frames = self.frames.saturating_add(frames);
        self.flags |= Flags::GAP;
        self.turns.unknown = true;
        self.mark.follow(&self.sums);
        self.turns.cycles = self.turns.cycles.saturating_add((passed >> 32) as u32);
        self.end_window(self.synchroniser.step, self.frames, sink);
        self.clock.lose(frames);
        self.flags |= Flags::GAP;
        self.turns.unknown = true;
        self.synchroniser.skip(passed as u32, frames);
        self.begin_cycle();
        self.halves.restart();
        if let Some(stage) = &mut self.residual {
            stage.gap(&self.sums.residual.moments);
        }
        #[cfg(feature = "harmonics")]
        self.analysis.restart();
    }
}
