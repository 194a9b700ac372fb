//! The meter: takes blocks of any length and gives a reading per window.
//!
//! In come blocks, out go readings. Here stands what its user sees, and that single frames wait for each other; the work is
//! that of the engine.

mod boundary;
mod buffer;
mod clock;
mod cycle;
mod ending;
mod engine;
mod plan;
#[cfg(feature = "cost")]
mod ram;

use buffer::Buffer;
use engine::Engine;

#[cfg(feature = "harmonics")]
use crate::config::ChannelName;
use crate::config::Config;
use crate::frames::Frames;
use crate::residual::{self, Stage};
use crate::sample::{Block, Sample};
use crate::sink::Sink;

/// Interleaved frames that are sorted at a time.
const PIECE: usize = 16;

/// Meters one voltage, up to `CURRENTS` currents that share it, and one residual current.
///
/// The result does not depend on how the stream is cut into blocks, and is the same to the last bit on every core.
/// Nothing here can fail or overflow, whatever the codes are.
#[derive(Clone, Debug)]
pub struct Meter<S: Sample, const CURRENTS: usize> {
    /// Frames that came one by one and that the engine has not got yet.
    buffer: Buffer<S, CURRENTS>,
    engine: Engine<S, CURRENTS>,
}

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// A meter that has seen no sample.
    pub fn new(config: Config<S, CURRENTS>) -> Self {
        Self { buffer: Buffer::new(), engine: Engine::new(config) }
    }

    /// Asks for the spectrum of a channel over the next whole window; [`Sink::spectrum`] gets it. A request that is
    /// still open is dropped. A channel that is not configured gives a spectrum of zeros.
    #[cfg(feature = "harmonics")]
    pub fn request_spectrum(&mut self, channel: ChannelName) {
        self.engine.analysis.request(channel);
    }

    /// The configuration the meter was made with.
    pub const fn config(&self) -> &Config<S, CURRENTS> {
        &self.engine.config
    }

    /// Frames taken so far, lost ones included.
    pub fn frames(&self) -> u64 {
        self.engine.frames().saturating_add(self.buffer.count() as u64)
    }

    /// What is on of the residual current's pre-warning, alarm and supervision; nothing without a monitor.
    pub fn residual_state(&self) -> residual::State {
        self.engine.residual.as_ref().map_or(residual::State::empty(), Stage::state)
    }

    /// Begins a self-test of the residual-current monitor: switch on a test current of 1.5 times the rated one, and off
    /// when [`Sink::residual_notice`] tells the outcome. It must reach the rated current within 300 ms, and is no fault;
    /// what still flows half a second after the outcome is one. Returns whether the test has begun: not without a
    /// monitor, during the start-up delay, within a cycle after lost frames, during an alarm or another test.
    pub fn test_residual(&mut self) -> bool {
        self.engine.residual.as_mut().is_some_and(Stage::begin_test)
    }

    /// Takes the residual current's alarm and pre-warning back, latched or not, without a notice. A current that still
    /// flows brings them again, with one.
    pub fn reset_residual(&mut self) {
        if let Some(stage) = &mut self.engine.residual {
            stage.reset();
        }
    }

    /// Takes a block of any length; gives `sink` each window that ends in it.
    pub fn push(&mut self, block: &Block<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        let channels = self.engine.channels;
        if self.buffer.keep(channels, block) {
            if self.buffer.is_due() {
                self.take_due(sink);
            }
            return;
        }
        self.empty_buffer(sink);
        // A copy, so that the caller's own block need not lie in memory where it is a single frame.
        let block = *block;
        self.engine.take(Frames::of(channels, &block), sink);
    }

    /// Takes the frames that were kept, the last of which may not wait.
    #[inline(always)]
    fn take_due(&mut self, sink: &mut impl Sink<CURRENTS>) {
        let channels = self.engine.channels;
        if self.engine.is_between() {
            // The first frame of a cycle ends the one before; it is not worth a loop of its own.
            self.engine.begin(&Frames::of(channels, &self.buffer.block()), sink);
            self.buffer.wait(self.engine.spare());
            if !self.buffer.is_due() {
                return;
            }
        }
        self.engine.take(Frames::of(channels, &self.buffer.block()), sink);
        self.buffer.begin(self.engine.is_odd(), self.engine.spare());
    }

    /// Takes the frames that were kept; none are kept again before a single frame comes.
    fn empty_buffer(&mut self, sink: &mut impl Sink<CURRENTS>) {
        if self.buffer.count() > 0 {
            self.engine.take(Frames::of(self.engine.channels, &self.buffer.block()), sink);
        }
        self.buffer.begin(false, 0);
    }

    /// The per-sample work of a block alone: no boundary, no half cycle. To count what it costs; the readings after it
    /// mean nothing.
    #[cfg(feature = "cost")]
    #[doc(hidden)]
    pub fn kernel(&mut self, block: &Block<'_, S, CURRENTS>) {
        self.engine.kernel(Frames::of(self.engine.channels, block));
    }

    /// Takes frames as a scanning ADC leaves them in one buffer: the codes of the configured channels in the order
    /// voltage, currents, residual, frame after frame. A last frame that is not whole is not taken.
    ///
    /// The codes are sorted by channel in small pieces first; blocks per channel spare that.
    pub fn push_interleaved(&mut self, codes: &[S], sink: &mut impl Sink<CURRENTS>) {
        let channels = self.engine.config.settings().channels();
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
            let settings = self.engine.config.settings();
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
        if frames > 0 {
            self.empty_buffer(sink);
            self.engine.gap(frames, sink);
        }
    }
}
