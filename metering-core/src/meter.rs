//! The meter: takes blocks of any length and gives a reading per window.
//!
//! In come blocks, out go readings. Here stands only in which order the stages work; what a stage computes it knows
//! itself.

mod boundary;
mod buffer;
mod cycle;
mod ending;
mod plan;

use buffer::Buffer;
use plan::Plan;

#[cfg(feature = "harmonics")]
use crate::analysis::Analysis;
#[cfg(feature = "harmonics")]
use crate::config::ChannelName;
use crate::config::{Config, Nominal};
use crate::energy::Tally;
use crate::frames::{Channels, Frame, Frames, Span};
use crate::halves::Halves;
use crate::reading::Flags;
use crate::reference::Reference;
use crate::residual::{self, Stage};
use crate::sample::{Block, Sample};
use crate::sink::Sink;
use crate::sums::Phasor;
use crate::synchroniser::Synchroniser;
use crate::totals::{Totals, Turns};

const ONE: u32 = 1 << 16;

/// Interleaved frames that are sorted at a time.
const PIECE: usize = 16;

/// Meters one voltage, up to `CURRENTS` currents that share it, and one residual current.
///
/// The result does not depend on how the stream is cut into blocks, and is the same to the last bit on every core.
/// Nothing here can fail or overflow, whatever the codes are.
#[derive(Clone, Debug)]
pub struct Meter<S: Sample, const CURRENTS: usize> {
    config: Config<S, CURRENTS>,
    channels: Channels,
    synchroniser: Synchroniser,
    reference: Reference<S::Reference>,
    /// Sums against the reference's table since the present segment began.
    segment: Segment<CURRENTS>,
    /// Where the stream is cut.
    plan: Plan,
    /// The last frame of the cycle, once it has come.
    last: Frame<S, CURRENTS>,
    /// Frames that nothing counts yet.
    buffer: Buffer<S, CURRENTS>,
    /// Of whole frames since the window began, and what of them lies before the last boundary.
    sums: Totals<CURRENTS>,
    mark: Totals<CURRENTS>,
    halves: Halves<CURRENTS>,
    turns: Turns,
    flags: Flags,
    twelve: bool,
    /// No-load state of each current.
    idle: [bool; CURRENTS],
    energy: Tally<CURRENTS>,
    /// Up to the present segment.
    frames: u64,
    residual: Option<Stage>,
    #[cfg(feature = "harmonics")]
    analysis: Analysis,
}

/// Correlations with the reference's table.
#[derive(Clone, Debug)]
struct Segment<const N: usize> {
    voltage: Phasor,
    currents: [Phasor; N],
}

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// A meter that has seen no sample.
    pub fn new(config: Config<S, CURRENTS>) -> Self {
        let nominal = config.settings().nominal;
        let synchroniser = Synchroniser::new(config.rate(), nominal);
        let residual = Stage::new(&config, synchroniser.step);
        // The stream begins on a boundary: the frame before the first one is silence, and the first one belongs to the
        // first cycle by half.
        let silence = Frame { voltage: S::default(), currents: [S::default(); CURRENTS], residual: S::default() };
        Self {
            channels: Channels::of(config.settings()),
            halves: Halves::new::<S>(config.settings()),
            energy: Tally::new(&config, synchroniser.step),
            config,
            synchroniser,
            reference: Reference::new(),
            segment: Segment { voltage: Phasor::default(), currents: [Phasor::default(); CURRENTS] },
            plan: Plan::ended(synchroniser.step),
            last: silence,
            buffer: Buffer::new(),
            sums: Totals::new(),
            mark: Totals::new(),
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

    /// Asks for the spectrum of a channel over the next whole window; [`Sink::spectrum`] gets it. A request that is
    /// still open is dropped. A channel that is not configured gives a spectrum of zeros.
    #[cfg(feature = "harmonics")]
    pub fn request_spectrum(&mut self, channel: ChannelName) {
        self.analysis.request(channel);
    }

    /// The configuration the meter was made with.
    pub const fn config(&self) -> &Config<S, CURRENTS> {
        &self.config
    }

    /// Frames taken so far, lost ones included.
    pub fn frames(&self) -> u64 {
        self.frames.saturating_add((self.plan.taken() + self.buffer.frames()) as u64)
    }

    /// What is on of the residual current's pre-warning, alarm and supervision; nothing without a monitor.
    pub fn residual_state(&self) -> residual::State {
        self.residual.as_ref().map_or(residual::State::empty(), Stage::state)
    }

    /// Begins a self-test of the residual-current monitor: switch on a test current of 1.5 times the rated one, and off
    /// when [`Sink::residual_notice`] tells the outcome. It must reach the rated current within 300 ms, and is no fault;
    /// what still flows half a second after the outcome is one. Returns whether the test has begun: not without a
    /// monitor, during the start-up delay, within a cycle after lost frames, during an alarm or another test.
    pub fn test_residual(&mut self) -> bool {
        self.residual.as_mut().is_some_and(Stage::begin_test)
    }

    /// Takes the residual current's alarm and pre-warning back, latched or not, without a notice. A current that still
    /// flows brings them again, with one.
    pub fn reset_residual(&mut self) {
        if let Some(stage) = &mut self.residual {
            stage.reset();
        }
    }

    /// Takes a block of any length; gives `sink` each window that ends in it.
    pub fn push(&mut self, block: &Block<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        if self.buffer.keep(self.channels, block) {
            return;
        }
        self.empty_buffer(sink);
        self.take(&Frames::of(self.channels, block), sink);
    }

    #[inline(never)]
    fn take(&mut self, frames: &Frames<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        if let Some(stage) = &mut self.residual {
            stage.look_at_each(sink.residual_cycles());
        }
        let mut rest = Span { from: 0, count: frames.count };
        while rest.count > 0 {
            if self.plan.left() == 0 {
                self.boundary(&frames.frame(rest.from), sink);
            }
            let now = frames.part(rest.take(self.plan.left().min(rest.count)));
            self.bulk(&now, sink);
            if self.plan.take(now.count) {
                self.end_segment();
                if self.plan.ends_half() {
                    self.middle(sink);
                }
                self.plan.next();
                if self.plan.left() == 0 {
                    self.last = frames.frame(rest.from - 1).within_type();
                }
            }
        }
        if frames.count > buffer::MOST {
            // Blocks that need none.
            self.buffer.allow(0);
            return;
        }
        let left = self.residual.as_ref().map_or(usize::MAX, Stage::left);
        // A spectrum ends inside a cycle.
        #[cfg(feature = "harmonics")]
        let open = self.analysis.is_open();
        #[cfg(not(feature = "harmonics"))]
        let open = false;
        // Up to the frame with which something may be told.
        self.buffer.allow(if open { 0 } else { left.min(self.plan.left()).saturating_sub(1) });
    }

    /// Takes the frames that were kept.
    fn empty_buffer(&mut self, sink: &mut impl Sink<CURRENTS>) {
        if self.buffer.frames() > 0 {
            let kept = core::mem::replace(&mut self.buffer, Buffer::new());
            kept.take(self.channels, |frames| self.take(frames, sink));
        }
    }

    /// The per-sample work of a block alone: no boundary, no half cycle. To count what it costs; the readings after it
    /// mean nothing.
    #[cfg(feature = "cost")]
    #[doc(hidden)]
    pub fn kernel(&mut self, block: &Block<'_, S, CURRENTS>) {
        let frames = Frames::of(self.channels, block);
        let mut rest = Span { from: 0, count: frames.count };
        while rest.count > 0 {
            if self.plan.left() == 0 {
                self.plan = Plan::new(0, self.synchroniser.step);
            }
            let now = frames.part(rest.take(self.plan.left().min(rest.count)));
            self.bulk(&now, &mut |_: &crate::reading::Reading<CURRENTS>| {});
            if self.plan.take(now.count) {
                self.end_segment();
                self.plan.next();
            }
        }
    }

    /// Takes frames as a scanning ADC leaves them in one buffer: the codes of the configured channels in the order
    /// voltage, currents, residual, frame after frame. A last frame that is not whole is not taken.
    ///
    /// The codes are sorted by channel in small pieces first; blocks per channel spare that.
    pub fn push_interleaved(&mut self, codes: &[S], sink: &mut impl Sink<CURRENTS>) {
        let channels = self.config.settings().channels();
        let mut sorted = [[S::default(); PIECE]; CURRENTS];
        let (mut voltage, mut residual) = ([S::default(); PIECE], [S::default(); PIECE]);
        for piece in codes.chunks(PIECE * channels.max(1)) {
            let count = piece.len() / channels.max(1);
            let mut at = 0..channels;
            let mut sort = |into: &mut [S; PIECE], configured: bool| {
                let from = if configured { at.next() } else { None };
                for (code, frame) in into.iter_mut().zip(piece.chunks_exact(channels.max(1))) {
                    *code = from.and_then(|at| frame.get(at)).copied().unwrap_or_default();
                }
            };
            let settings = self.config.settings();
            sort(&mut voltage, settings.voltage.is_some());
            for (into, channel) in sorted.iter_mut().zip(&settings.currents) {
                sort(into, channel.is_some());
            }
            sort(&mut residual, settings.residual.is_some());
            let part = |codes| <[S]>::get(codes, ..count).unwrap_or_default();
            let currents = sorted.each_ref().map(|codes| part(codes));
            self.push(&Block { voltage: part(&voltage), currents, residual: part(&residual) }, sink);
        }
    }

    /// Tells that `frames` frames were lost: the window is flagged and holds what was seen. The lock is kept for up to
    /// one second.
    pub fn gap(&mut self, frames: u64, sink: &mut impl Sink<CURRENTS>) {
        if frames == 0 {
            return;
        }
        self.empty_buffer(sink);
        // Turns pass at most every 29 frames: more than 2³² frames need no exact phase.
        let passed = self.plan.turns() + frames.min(1 << 31) * u64::from(self.synchroniser.step);
        self.end_segment();
        self.frames = self.frames.saturating_add(frames);
        self.flags |= Flags::GAP;
        self.turns.unknown = true;
        self.mark = self.sums;
        self.turns.cycles = self.turns.cycles.saturating_add((passed >> 32) as u32);
        self.end_window(false, self.synchroniser.step, self.frames, sink);
        self.energy.lose(frames);
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
        self.buffer.allow(0);
    }
}
