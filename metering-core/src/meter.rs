//! The meter: takes blocks of any length and gives a reading per window.
//!
//! In come blocks, out go readings. Here stands only in which order the stages work and how a cycle boundary divides
//! the two frames around it; what a stage computes it knows itself.
//!
//! Boundary: with u the distance in frames from the last frame before the wrap to the wrap, that frame belongs to the
//! ending cycle by 1-(1-u)²/2 and the next one by u²/2, the rest to the new cycle: a rectangle smoothed by a hat of two
//! frames, which keeps the cut from beating with the sampling. A code is divided into two whole codes first and
//! multiplied then, so nothing is lost or counted twice.

#[cfg(feature = "harmonics")]
use crate::analysis::Analysis;
#[cfg(feature = "harmonics")]
use crate::config::ChannelName;
use crate::config::{Config, Nominal, Settings};
use crate::frames::{Frame, Frames};
use crate::halves::Halves;
use crate::reading::{Flags, Reading};
use crate::rotor::Rotor;
use crate::sample::{Block, Sample};
use crate::sink::Sink;
use crate::sums::{self, CHUNK, Extremes, Reference};
use crate::synchroniser::{Finished, Synchroniser, Voltage};
use crate::totals::{Totals, Turns};
use crate::window;

const ONE: u64 = 1 << 16;

/// Interleaved frames that are sorted at a time.
const PIECE: usize = 16;

/// Meters one voltage, up to `CURRENTS` currents that share it, and one residual current.
///
/// The result does not depend on how the stream is cut into blocks, and is the same to the last bit on every core.
/// Nothing here can fail or overflow, whatever the codes are.
#[derive(Clone, Debug)]
pub struct Meter<S: Sample, const CURRENTS: usize> {
    config: Config<S, CURRENTS>,
    synchroniser: Synchroniser,
    rotor: Rotor,
    /// Frames of the present cycle that belong to it alone and have not come yet.
    whole: u32,
    /// Of these, frames that belong to its first half.
    first_half: u32,
    /// The last frame before the boundary, once it has come.
    held: Option<Frame<S, CURRENTS>>,
    cycle: Totals<CURRENTS>,
    window: Totals<CURRENTS>,
    halves: Halves<CURRENTS>,
    turns: Turns,
    flags: Flags,
    twelve: bool,
    /// No-load state of each current.
    idle: [bool; CURRENTS],
    frames: u64,
    #[cfg(feature = "harmonics")]
    analysis: Analysis,
}

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// A meter that has seen no sample.
    pub fn new(config: Config<S, CURRENTS>) -> Self {
        let nominal = config.settings().nominal;
        let mut synchroniser = Synchroniser::new(config.rate(), nominal);
        // The stream begins on a boundary: the frame before the first one is silence, and the first one belongs to the
        // first cycle by half.
        synchroniser.phase = synchroniser.step.wrapping_neg();
        let silence = Frame { voltage: S::default(), currents: [S::default(); CURRENTS], residual: S::default() };
        Self {
            config,
            synchroniser,
            rotor: Rotor::default(),
            whole: 0,
            first_half: 0,
            held: Some(silence),
            cycle: Totals::new(),
            window: Totals::new(),
            halves: Halves::new(),
            turns: Turns::default(),
            flags: Flags::empty(),
            twelve: nominal == Nominal::Hz60,
            idle: [false; CURRENTS],
            frames: 0,
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
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Takes a block of any length; gives `sink` each window that ends in it.
    pub fn push(&mut self, block: &Block<'_, S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        let mut rest = Frames::of(self.config.settings(), block);
        while rest.count > 0 {
            if self.whole == 0 {
                let (now, later) = rest.split(1);
                self.frames = self.frames.saturating_add(1);
                self.boundary(now.first(), sink);
                rest = later;
                continue;
            }
            let until = if self.first_half > 0 { self.first_half } else { self.whole };
            let (now, later) = rest.split((until as usize).min(rest.count).min(CHUNK));
            self.whole -= now.count as u32;
            self.frames = self.frames.saturating_add(now.count as u64);
            self.bulk(&now);
            #[cfg(feature = "harmonics")]
            if let Some((channel, spectrum)) = self.analysis.take() {
                sink.spectrum(channel, &spectrum);
            }
            if self.first_half > 0 {
                self.first_half -= now.count as u32;
                if self.first_half == 0 {
                    self.half_cycle(self.frames, sink);
                }
            }
            rest = later;
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
        let step = u64::from(self.synchroniser.step);
        let ahead = if self.held.take().is_some() { step } else { 0 };
        let behind = u64::from(self.whole) * step;
        let phase = (u64::from(self.synchroniser.phase) + ahead).wrapping_sub(behind);
        // Turns pass at most every 29 frames: more than 2³² frames need no exact phase.
        let passed = phase.wrapping_add(frames.min(1 << 31) * step);
        self.frames = self.frames.saturating_add(frames);
        self.flags |= Flags::GAP;
        self.turns.unknown = true;
        let cycle = self.take_cycle();
        self.window.add(&cycle);
        self.turns.cycles = self.turns.cycles.saturating_add((passed >> 32) as u32);
        self.end_window(false, self.synchroniser.step, self.frames, sink);
        self.flags |= Flags::GAP;
        self.turns.unknown = true;
        self.synchroniser.skip(passed as u32, frames);
        self.rotor = Rotor::new::<S>(self.synchroniser.phase, self.synchroniser.step);
        self.halves.restart();
        #[cfg(feature = "harmonics")]
        self.analysis.restart();
        self.plan();
    }

    /// Frames inside a cycle, at most [`CHUNK`] of them.
    fn bulk(&mut self, block: &Frames<'_, S, CURRENTS>) {
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
            look(&mut cycle.residual.extremes, codes);
        }
        if !within {
            return self.clamped(block);
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
        if let Some(residual) = block.residual {
            cycle.residual.moments.bulk(residual);
        }
        cycle.length += (block.count as u64) << 16;
    }

    /// Frames of which some code is beyond what the type may hold: rare, so one by one.
    #[cold]
    fn clamped(&mut self, block: &Frames<'_, S, CURRENTS>) {
        for n in 0..block.count {
            let frame = block.split(n).1.first().map(|code| S::saturate(code.into()));
            self.part(&frame, &frame);
            self.rotor.forward();
            self.cycle.length += ONE;
        }
    }

    /// One of the two frames around a boundary.
    fn boundary(&mut self, frame: Frame<S, CURRENTS>, sink: &mut impl Sink<CURRENTS>) {
        let raw = frame;
        let frame = frame.map(|code| S::saturate(code.into()));
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
    fn plan(&mut self) {
        let half = 1u32 << 31;
        let to_half = half.saturating_sub(self.synchroniser.phase).div_ceil(self.synchroniser.step.max(1));
        self.whole = self.synchroniser.plan();
        self.first_half = to_half.min(self.whole);
    }

    /// Notes the extremes of a frame.
    fn see(&mut self, frame: &Frame<S, CURRENTS>) {
        let cycle = &mut self.cycle;
        cycle.voltage.extremes.add(Extremes::of(&[frame.voltage]));
        for (code, sums) in frame.currents.iter().zip(&mut cycle.currents) {
            sums.extremes.add(Extremes::of(&[*code]));
        }
        cycle.residual.extremes.add(Extremes::of(&[frame.residual]));
    }

    /// Takes the part of a frame that belongs to the present cycle, at the rotor's reference.
    fn part(&mut self, part: &Frame<S, CURRENTS>, frame: &Frame<S, CURRENTS>) {
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

    /// The present cycle, its phasors straightened; a new one begins.
    fn take_cycle(&mut self) -> Totals<CURRENTS> {
        let mut cycle = core::mem::replace(&mut self.cycle, Totals::new());
        let chord = self.rotor.chord();
        for channel in core::iter::once(&mut cycle.voltage).chain(&mut cycle.currents) {
            channel.phasor.straighten::<S>(channel.moments.sum, chord);
        }
        cycle
    }

    /// Ends the present cycle, and the window with it when it is complete.
    fn finish(&mut self, sink: &mut impl Sink<CURRENTS>) {
        // The boundary lies before the frame that came last; a count that is full stays so.
        let end_frame = self.frames - u64::from(self.frames < u64::MAX);
        self.half_cycle(end_frame, sink);
        let cycle = self.take_cycle();
        let step = self.synchroniser.step;
        let finished = self.synchronise(&cycle);
        self.turns.last = cycle.length;
        if self.turns.cycles == 0 {
            self.turns.first = cycle.length;
        } else {
            match finished.turn {
                Some(turn) => self.turns.turn += i64::from(turn),
                None => self.turns.unknown = true,
            }
        }
        self.turns.cycles = self.turns.cycles.saturating_add(1);
        self.window.add(&cycle);
        if finished.seeking || finished.found {
            self.flags |= Flags::SETTLING;
        }
        if finished.absent {
            self.flags |= Flags::NO_VOLTAGE;
        }
        // The first window after the lock was found begins there: what came before is given as a shorter one.
        self.end_window(finished.found, step, end_frame, sink);
    }

    fn end_window(&mut self, early: bool, step: u32, end_frame: u64, sink: &mut impl Sink<CURRENTS>) {
        if !early && self.turns.cycles < self.cycles_per_window() {
            return;
        }
        if is_clipped::<S, CURRENTS>(self.config.settings(), &self.window) {
            self.flags |= Flags::CLIPPED;
        }
        let mut reading = window::read(&self.config, &self.window, &self.turns, step, end_frame, self.flags);
        self.judge_load(&mut reading);
        sink.window(&reading);
        self.halves.settle(&self.window);
        (self.window, self.turns, self.flags) = (Totals::new(), Turns::default(), Flags::empty());
    }

    /// Tells the sink of a half cycle that ends here, the cycle's sums being those up to here.
    fn half_cycle(&mut self, end_frame: u64, sink: &mut impl Sink<CURRENTS>) {
        if sink.half_cycles() {
            let settings = self.config.settings();
            if settings.voltage.is_some() && !self.synchroniser.is_cycle() {
                self.halves.restart();
                return;
            }
            let half = self.halves.end::<S>(settings, &self.cycle, self.whole > 0, end_frame);
            if half.is_some_and(|half| sink.half_cycle(&half)) {
                self.flags |= Flags::EVENT;
            }
        }
    }

    fn judge_load(&mut self, reading: &mut Reading<CURRENTS>) {
        let Some(limit) = self.config.settings().no_load else { return };
        for (idle, current) in self.idle.iter_mut().zip(&mut reading.currents) {
            let Some(current) = current else { continue };
            let power = current.power.map(|power| power.active.saturating_abs());
            *idle = !limit.is_load(*idle, power, current.rms);
            current.no_load = *idle;
        }
    }

    fn synchronise(&mut self, cycle: &Totals<CURRENTS>) -> Finished {
        let settings = self.config.settings();
        if settings.voltage.is_none() {
            return Finished { turn: None, seeking: false, absent: false, found: false };
        }
        // 1/1024 of the range as RMS: amplitude/√2 per frame over the reference's amplitude; 1/2 and 1/724 together.
        let full = 1i64 << (settings.code_bits - 1);
        let voltage = Voltage {
            moments: cycle.voltage.moments,
            phasor: cycle.voltage.phasor,
            floor: (full * S::REFERENCE_AMPLITUDE) / 1_448,
            amplitude: S::REFERENCE_AMPLITUDE,
        };
        self.synchroniser.finish(&voltage, cycle.length)
    }

    /// 10 or 12; automatic: by the frequency, with a little hysteresis at 55 Hz.
    fn cycles_per_window(&mut self) -> u32 {
        if self.config.settings().nominal == Nominal::Auto {
            // Frequency in 1/1024 Hz.
            let frequency = (u64::from(self.synchroniser.step) * (self.config.rate() >> 16)) >> 38;
            self.twelve = frequency >= if self.twelve { 55 * 1024 - 16 } else { 55 * 1024 };
        }
        if self.twelve { 12 } else { 10 }
    }
}

/// Whether a code of a configured channel reached its clip codes.
fn is_clipped<S: Sample, const N: usize>(settings: &Settings<N>, window: &Totals<N>) -> bool {
    let currents = settings.currents.iter().zip(&window.currents);
    let single = [(&settings.voltage, &window.voltage), (&settings.residual, &window.residual)];
    currents.chain(single).any(|(channel, sums)| {
        channel.is_some_and(|channel| {
            let (low, high) = channel.clip::<S>(settings.code_bits);
            sums.extremes.low <= low || sums.extremes.high >= high
        })
    })
}
