//! The meter: takes blocks of any length and gives a reading per window.
//!
//! In come blocks, out go readings. Here stands only in which order the stages work and how a cycle boundary divides
//! the two frames around it; what a stage computes it knows itself.
//!
//! Boundary: with u the distance in frames from the last frame before the wrap to the wrap, that frame belongs to the
//! ending cycle by 1-(1-u)²/2 and the next one by u²/2, the rest to the new cycle: a rectangle smoothed by a hat of two
//! frames, which keeps the cut from beating with the sampling. A code is divided into two whole codes first and
//! multiplied then, so nothing is lost or counted twice.

use crate::config::{Config, Nominal};
use crate::reading::{Flags, Reading};
use crate::rotor::Rotor;
use crate::sample::{Block, Sample};
use crate::sums::{self, CHUNK, Reference};
use crate::synchroniser::{Finished, Synchroniser, Voltage};
use crate::window::{self, Totals, Turns};

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
    /// The last frame before the boundary, once it has come.
    held: Option<Frame<S, CURRENTS>>,
    cycle: Totals<CURRENTS>,
    window: Totals<CURRENTS>,
    turns: Turns,
    flags: Flags,
    twelve: bool,
    frames: u64,
}

/// One code of each channel; 0 for a channel that is not configured.
#[derive(Clone, Copy, Debug)]
struct Frame<S, const N: usize> {
    voltage: S,
    currents: [S; N],
    residual: S,
}

impl<S: Sample, const N: usize> Frame<S, N> {
    fn map(&self, of: impl Fn(S) -> S) -> Self {
        Self { voltage: of(self.voltage), currents: self.currents.map(&of), residual: of(self.residual) }
    }

    fn zip(&self, other: &Self, of: impl Fn(S, S) -> S) -> Self {
        let mut currents = self.currents;
        for (mine, &theirs) in currents.iter_mut().zip(&other.currents) {
            *mine = of(*mine, theirs);
        }
        Self { voltage: of(self.voltage, other.voltage), currents, residual: of(self.residual, other.residual) }
    }
}

impl<S: Sample, const CURRENTS: usize> Meter<S, CURRENTS> {
    /// A meter that has seen no sample.
    pub fn new(config: Config<S, CURRENTS>) -> Self {
        let settings = config.settings();
        let mut synchroniser = Synchroniser::new(settings.sample_rate.to_bits(), settings.nominal);
        // The stream begins on a boundary: the frame before the first one is silence, and the first one belongs to the
        // first cycle by half.
        synchroniser.phase = synchroniser.step.wrapping_neg();
        let silence = Frame { voltage: S::default(), currents: [S::default(); CURRENTS], residual: S::default() };
        Self {
            config,
            synchroniser,
            rotor: Rotor::default(),
            whole: 0,
            held: Some(silence),
            cycle: Totals::new(),
            window: Totals::new(),
            turns: Turns::default(),
            flags: Flags::empty(),
            twelve: settings.nominal == Nominal::Hz60,
            frames: 0,
        }
    }

    /// The configuration the meter was made with.
    pub const fn config(&self) -> &Config<S, CURRENTS> {
        &self.config
    }

    /// Frames taken so far.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Takes a block of any length; calls `sink` with each window that ends in it.
    pub fn push(&mut self, block: &Block<'_, S, CURRENTS>, sink: &mut impl FnMut(&Reading<CURRENTS>)) {
        let mut rest = self.present(block);
        loop {
            let frames = rest.count;
            if frames == 0 {
                return;
            }
            if self.whole > 0 {
                let (now, later) = rest.split((self.whole as usize).min(frames).min(CHUNK));
                self.whole -= now.count as u32;
                self.frames += now.count as u64;
                self.bulk(&now);
                rest = later;
            } else {
                let (now, later) = rest.split(1);
                self.frames += 1;
                self.boundary(now.first(), sink);
                rest = later;
            }
        }
    }

    /// The configured channels of a block, all of the same length.
    fn present<'a>(&self, block: &Block<'a, S, CURRENTS>) -> Frames<'a, S, CURRENTS> {
        let settings = self.config.settings();
        let mut currents = [None; CURRENTS];
        for ((mine, range), &codes) in currents.iter_mut().zip(&settings.currents).zip(&block.currents) {
            *mine = range.map(|_| codes);
        }
        let all = Frames {
            count: usize::MAX,
            voltage: settings.voltage.map(|_| block.voltage),
            currents,
            residual: settings.residual.map(|_| block.residual),
        };
        let lengths = currents.iter().flatten().chain(&all.voltage).chain(&all.residual).map(|codes| codes.len());
        let frames = lengths.min().unwrap_or(0);
        Frames { count: frames, ..all }.split(frames).0
    }

    /// Frames inside a cycle, at most [`CHUNK`] of them.
    fn bulk(&mut self, block: &Frames<'_, S, CURRENTS>) {
        let limit = (1 << (self.config.settings().code_bits - 1)) - 1;
        let most = block.channels().map(sums::extent).fold(0, i32::max);
        self.cycle.clipped |= most >= limit;
        if S::saturate(most).into() != most {
            // Beyond what the type may hold: rare, so frame by frame.
            for n in 0..block.count {
                let frame = block.split(n).1.first().map(|code| S::saturate(code.into()));
                self.part(&frame, &frame);
                self.rotor.forward();
                self.cycle.length += 1 << 16;
            }
            return;
        }
        let reference = Reference::<S>::new(&mut self.rotor, block.count);
        let cycle = &mut self.cycle;
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
            cycle.residual.bulk(residual);
        }
        cycle.length += (block.count as u64) << 16;
    }

    /// One of the two frames around a boundary.
    fn boundary(&mut self, frame: Frame<S, CURRENTS>, sink: &mut impl FnMut(&Reading<CURRENTS>)) {
        let limit = (1 << (self.config.settings().code_bits - 1)) - 1;
        let extent = |code: S| code.into() ^ (code.into() >> 31);
        let most =
            frame.currents.iter().fold(extent(frame.voltage).max(extent(frame.residual)), |m, &c| m.max(extent(c)));
        let clipped = most >= limit;
        self.cycle.clipped |= clipped;
        let frame = frame.map(|code| S::saturate(code.into()));

        let one = 1u64 << 16;
        let u = self.synchroniser.distance_q16();
        let Some(held) = self.held.take() else {
            // The last frame of the ending cycle.
            let weight = one - (((one - u) * (one - u)) >> 17);
            self.part(&divide(&frame, weight), &frame);
            self.cycle.length += weight;
            self.rotor.forward();
            self.held = Some(frame);
            return;
        };
        // The first frame of the new cycle.
        let held_weight = one - (((one - u) * (one - u)) >> 17);
        let weight = (u * u) >> 17;
        let old = divide(&frame, weight);
        self.part(&old, &frame);
        self.cycle.length += weight;
        self.synchroniser.phase = self.synchroniser.phase.wrapping_add(self.synchroniser.step);
        if self.frames > 1 {
            self.finish(sink);
        } else {
            self.cycle = Totals::new();
        }

        let rotor = Rotor::new::<S>(self.synchroniser.phase, self.synchroniser.step);
        self.rotor = rotor.backward();
        self.part(&held.zip(&divide(&held, held_weight), minus), &held);
        self.rotor = rotor;
        self.part(&frame.zip(&old, minus), &frame);
        self.rotor.forward();
        self.cycle.length = (one - held_weight) + (one - weight);
        self.cycle.clipped = clipped;
        self.synchroniser.phase = self.synchroniser.phase.wrapping_add(self.synchroniser.step);
        self.whole = self.synchroniser.plan();
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
        cycle.residual.part(part.residual, frame.residual);
    }

    /// Ends the present cycle, and the window with it when it is complete.
    fn finish(&mut self, sink: &mut impl FnMut(&Reading<CURRENTS>)) {
        let mut cycle = core::mem::replace(&mut self.cycle, Totals::new());
        let chord = self.rotor.chord();
        for channel in core::iter::once(&mut cycle.voltage).chain(&mut cycle.currents) {
            channel.phasor.straighten::<S>(channel.moments.sum, chord);
        }
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
        self.turns.cycles += 1;
        self.window.add(&cycle);
        self.flags.set(Flags::SETTLING, self.flags.contains(Flags::SETTLING) || finished.seeking || finished.found);
        self.flags.set(Flags::NO_VOLTAGE, self.flags.contains(Flags::NO_VOLTAGE) || finished.absent);
        // The first window after the lock was found begins there: what came before is given as a shorter one.
        if finished.found || self.turns.cycles >= self.cycles_per_window() {
            let flags = self.flags | if self.window.clipped { Flags::CLIPPED } else { Flags::empty() };
            sink(&window::read(&self.config, &self.window, &self.turns, step, self.frames, flags));
            (self.window, self.turns, self.flags) = (Totals::new(), Turns::default(), Flags::empty());
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
        let settings = self.config.settings();
        if settings.nominal == Nominal::Auto {
            // Frequency in 1/1024 Hz.
            let rate = settings.sample_rate.to_bits() >> 16;
            let frequency = (u64::from(self.synchroniser.step) * rate) >> 38;
            self.twelve = frequency >= if self.twelve { 55 * 1024 - 16 } else { 55 * 1024 };
        }
        if self.twelve { 12 } else { 10 }
    }
}

fn minus<S: Sample>(a: S, b: S) -> S {
    S::saturate(a.into() - b.into())
}

/// The part `weight` (Q16) of each code, rounded.
fn divide<S: Sample, const N: usize>(frame: &Frame<S, N>, weight: u64) -> Frame<S, N> {
    frame.map(|code| S::saturate(((i64::from(code.into()) * weight as i64 + 0x8000) >> 16) as i32))
}

/// Takes one side of a divided slice.
type Keep<'a, S> = fn((&'a [S], &'a [S])) -> &'a [S];

/// The slices of the configured channels, all of the same length.
struct Frames<'a, S, const N: usize> {
    count: usize,
    voltage: Option<&'a [S]>,
    currents: [Option<&'a [S]>; N],
    residual: Option<&'a [S]>,
}

impl<'a, S: Sample, const N: usize> Frames<'a, S, N> {
    fn channels(&self) -> impl Iterator<Item = &'a [S]> {
        self.currents.into_iter().flatten().chain(self.voltage).chain(self.residual)
    }

    /// The first `frames` frames and the rest.
    fn split(&self, frames: usize) -> (Self, Self) {
        let split = |codes: &'a [S]| codes.split_at_checked(frames).unwrap_or((codes, &[]));
        let cut = |keep: Keep<'a, S>| {
            (
                self.voltage.map(|codes| keep(split(codes))),
                self.currents.map(|codes| codes.map(|codes| keep(split(codes)))),
                self.residual.map(|codes| keep(split(codes))),
            )
        };
        let (voltage, currents, residual) = cut(|(now, _)| now);
        let now = Self { count: frames, voltage, currents, residual };
        let (voltage, currents, residual) = cut(|(_, later)| later);
        (now, Self { count: self.count.saturating_sub(frames), voltage, currents, residual })
    }

    fn first(&self) -> Frame<S, N> {
        let code = |codes: Option<&'a [S]>| codes.and_then(<[S]>::first).copied().unwrap_or_default();
        Frame { voltage: code(self.voltage), currents: self.currents.map(code), residual: code(self.residual) }
    }
}
