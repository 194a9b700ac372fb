//! Keeps one 32-bit phase accumulator in step with the voltage's fundamental: its wrap is the cycle boundary.
//!
//! In comes the voltage's phasor of each finished cycle, out go the step of the next cycle, a jump of its phase while
//! the lock is being sought, and how far the mains turned against the accumulator. There is no zero-crossing detector,
//! so harmonics and noise do not reach the boundaries. This file must not know currents, windows or units.

use crate::config::Nominal;
use crate::mains::{Level, is_mains};
use crate::scaled::{self, Scaled};
use crate::sums::{Moments, Phasor};
use crate::trig;

/// An angle of 1/256 turn: nearer than this twice running counts as locked.
const NEAR: u32 = 1 << 24;
/// An angle of 1/8 turn: further away than this the lock is lost.
const FAR: u32 = 1 << 29;
/// An angle of 1/64 turn: a cycle that was made longer or shorter by more than this is not used to measure.
const USABLE: u32 = 1 << 26;
/// Cycles for which the frequency from before a phase jump or an interruption is trusted.
const TRUSTED: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The frequency was measured `measured` times; the mains was `near` that many times running.
    Seeking {
        measured: u8,
        near: u8,
        trusted: u8,
    },
    Locked,
    /// No mains voltage for this many frames.
    Absent {
        frames: u64,
    },
}

/// What a finished cycle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    /// Turn of the mains against the accumulator from the cycle before to this one, fraction of a turn in Q32; `None`
    /// where it is not known.
    pub(crate) turn: Option<i32>,
    pub(crate) lock: Lock,
}

/// How the mains and the accumulator stand to each other after a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    Held,
    /// The lock was found with this cycle.
    Found,
    Sought,
    /// There is no mains.
    Absent,
}

impl Finished {
    /// A cycle from which no turn is known.
    pub(crate) const fn without_turn(lock: Lock) -> Self {
        Self { turn: None, lock }
    }
}

/// The last cycle that was measured.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// Turns of the accumulator beyond half a one from the middle of that cycle to the begin of the present one, jumps left
    /// out, Q32: 0 where it was the cycle just before.
    more: i64,
    /// Frames in the same time, Q17: below 2³², as two cycles and a stretched one have 6 000 frames at most.
    time: u32,
    /// Angle of its phasor, less all jumps since.
    angle: i32,
}

impl Last {
    /// Whether it was the cycle just before the present one.
    fn is_adjacent(&self) -> bool {
        self.more == 0
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Synchroniser {
    /// Phase per frame, Q32 of a turn.
    pub(crate) step: u32,
    /// The step the mains has as far as known: `step` without what makes good a phase error.
    mains: u32,
    /// Phase of the first frame of the present cycle.
    pub(crate) phase: u32,
    /// Least phasor that counts as mains: magnitude per frame.
    floor: i64,
    /// The reference's amplitude is [`AMPLITUDE`](crate::reference::AMPLITUDE) times two to this.
    reference: u8,
    nominal: u32,
    least: u32,
    most: u32,
    second: u64,
    state: State,
    last: Option<Last>,
    /// Of the fundamental's amplitude times the frames in the cycle before; none where it is not known.
    level: Level,
    /// That of the last cycle of which all was asked that makes a mains.
    sure: Level,
    /// The present cycle was cut or stretched: its phasor says nothing.
    partial: bool,
    /// The lock was found once, and no time has passed since that the frequency could not be trusted over.
    known: bool,
    /// Jump of the phase at the begin of the present cycle, forward as seen by `u32`.
    jumped: i32,
}

impl Synchroniser {
    /// `rate`: frames per second, Q32; `floor`: least phasor that counts as mains, magnitude per frame; `reference`: the
    /// reference's amplitude is [`AMPLITUDE`](crate::reference::AMPLITUDE) times two to this.
    pub(crate) fn new(rate: u64, nominal: Nominal, floor: i64, reference: u32) -> Self {
        // 2³²·f/rate; a sixteenth of a millihertz of the rate does not matter to where the search begins.
        let step = |hertz: u32| ((u64::from(hertz) << 48) / (rate >> 16).max(1)) as u32;
        Self {
            step: step(nominal.hertz()),
            mains: step(nominal.hertz()),
            phase: 0,
            floor,
            reference: reference as u8,
            nominal: step(nominal.hertz()),
            least: step(40),
            most: step(72),
            second: rate >> 32,
            state: State::Seeking { measured: 0, near: 0, trusted: 0 },
            last: None,
            level: Level::NONE,
            sure: Level::NONE,
            partial: false,
            known: false,
            jumped: 0,
        }
    }

    /// Ends a cycle of `length` Q16 frames, given the voltage's sums: sets `step` for the next one and moves `phase` where the
    /// mains is sought.
    #[inline(always)]
    pub(crate) fn finish(&mut self, moments: &Moments, phasor: &Phasor, length: u32) -> Finished {
        // Most cycles are like the one before.
        if self.state == State::Locked && !self.partial {
            let level = Level::of(phasor);
            // It has the length of the one before to a part in 256: the frames need not be divided out.
            if level.is_near(self.level) && (level.is_near(self.sure) || self.is_mains(moments, level, length)) {
                let angle = trig::angle(phasor.sine, phasor.cosine);
                if angle.unsigned_abs() < FAR {
                    self.level = level;
                    return self.follow(angle, length);
                }
            }
        }
        self.find(moments, phasor, length)
    }

    /// Whether all is there that makes a mains.
    #[inline(never)]
    fn is_mains(&mut self, moments: &Moments, level: Level, length: u32) -> bool {
        let is_mains = is_mains(moments, level, length >> 16, self.step, self.floor, self.reference.into());
        if is_mains {
            self.sure = level;
        }
        is_mains
    }

    /// The same of all other cycles.
    #[inline(never)]
    fn find(&mut self, moments: &Moments, phasor: &Phasor, length: u32) -> Finished {
        let was_locked = self.state == State::Locked;
        if self.partial && was_locked {
            // After a gap: the lock is kept, and the next cycle is whole.
            (self.partial, self.last) = (false, None);
            return Finished::without_turn(Lock::Held);
        }
        let level = Level::of(phasor);
        let steady = was_locked && level.is_near(self.level);
        if !(steady && level.is_near(self.sure) || self.is_mains(moments, level, length)) {
            return self.miss(length);
        }
        self.level = level;
        if was_locked && !steady {
            // The voltage stepped within this cycle: its angle is that of neither part. A cycle is waited for.
            (self.step, self.last) = (self.mains, None);
            return Finished::without_turn(Lock::Held);
        }
        let angle = trig::angle(phasor.sine, phasor.cosine);
        if let State::Absent { frames } = self.state {
            // It came back somewhere in this cycle: only the next one is whole.
            let trusted = if frames <= self.second { TRUSTED } else { 0 };
            self.state = State::Seeking { measured: trusted, near: 0, trusted };
            (self.last, self.partial) = (None, true);
        }
        let jumped = core::mem::take(&mut self.jumped);
        if core::mem::take(&mut self.partial) {
            self.step = self.mains;
            if let Some(last) = &mut self.last {
                last.more += (1 << 32) - i64::from(jumped as u32);
                last.time += 2 * length;
            }
            return Finished::without_turn(Lock::Sought);
        }
        // The window wants to know how far the mains turned from the cycle just before this one.
        let turn = self.last.filter(Last::is_adjacent).map(|last| angle.wrapping_sub(last.angle));
        let jump = if was_locked {
            // It is far off, or the cycle would have been followed.
            self.state = State::Seeking { measured: TRUSTED, near: 0, trusted: TRUSTED };
            self.correct(angle)
        } else {
            let measured = self.last.map(|last| self.measured(&last, angle, length));
            self.seek(angle, measured)
        };
        self.jumped = jump;
        self.last = Some(Last { angle: angle.wrapping_sub(jump), more: 0, time: length });
        if self.state != State::Locked {
            return Finished { turn, lock: Lock::Sought };
        }
        // It was not before.
        self.known = true;
        Finished { turn, lock: Lock::Found }
    }

    /// `frames` frames were lost; the next one is at `phase`.
    pub(crate) fn skip(&mut self, phase: u32, frames: u64) {
        (self.phase, self.partial, self.last, self.jumped) = (phase, true, None, 0);
        if frames > self.second {
            self.state = State::Seeking { measured: 0, near: 0, trusted: 0 };
            self.known = false;
        }
    }

    /// Whether the present cycle has the length of a cycle of the mains.
    pub(crate) fn is_cycle(&self) -> bool {
        self.known && !self.partial
    }

    /// A cycle ends of which no voltage is known.
    pub(crate) fn pass(&mut self) {
        self.partial = false;
    }

    /// Whether the present cycle was cut or stretched.
    pub(crate) fn is_partial(&self) -> bool {
        self.partial || self.jumped != 0
    }

    fn miss(&mut self, length: u32) -> Finished {
        let before = if let State::Absent { frames } = self.state { frames } else { 0 };
        let frames = before.saturating_add(u64::from((length + 0x8000) >> 16));
        self.state = State::Absent { frames };
        (self.last, self.level) = (None, Level::NONE);
        if frames > self.second {
            self.mains = self.nominal;
            self.known = false;
        }
        self.step = self.mains;
        Finished::without_turn(Lock::Absent)
    }

    /// The step that the mains had from the middle of the last cycle measured to the middle of this one.
    #[inline(never)]
    fn measured(&self, last: &Last, angle: i32, length: u32) -> u32 {
        let turns = last.more + (1 << 32) + i64::from(angle.wrapping_sub(last.angle));
        let time = i64::from(last.time) + i64::from(length);
        let step = Scaled::new(turns, 0).over(Scaled::new(time, -17)).to_unsigned_bits(0);
        step.min(u64::from(self.most)).max(u64::from(self.least)) as u32
    }

    /// By how much the mains was ahead of the step from the middle of the last cycle measured to that of this one, in
    /// steps, at most 1/256 of one: a cycle with a phase jump in it looks like another frequency, and no grid moves so far
    /// in a cycle.
    #[inline(always)]
    fn ahead(&self, last: &Last, turn: i32, angle: i32, length: u32) -> i32 {
        let step = self.step as i32;
        if !last.is_adjacent() {
            return (self.measured(last, angle, length) as i32 - step).min(step >> 8).max(-(step >> 8));
        }
        // One turn: so far off in turns is so far off in steps. By how much the step took both cycles for more than a turn:
        // hardly a part of one, as a lock's step moves slowly.
        let passed = (scaled::product(last.time + length, self.step) >> 17) as i32;
        let off = turn.saturating_sub(passed).clamp(-(1 << 24), 1 << 24);
        (scaled::signed_product(off, step) >> 32) as i32
    }

    /// Locked: the loop of the design, gains 0.4 for the frequency and 0.15 for the phase.
    #[inline(always)]
    fn follow(&mut self, angle: i32, length: u32) -> Finished {
        let step = self.step as i32;
        let (mut off, mut known) = (0, None);
        if let Some(last) = &self.last {
            let turn = angle.wrapping_sub(last.angle);
            off = self.ahead(last, turn, angle, length);
            known = last.is_adjacent().then_some(turn);
        }
        // A step is below 2²⁸, `off` 1/256 of it at most and `pull` 1/8.
        let pull = (scaled::signed_product(angle, step) >> 32) as i32;
        let next = step + ((off * 102 + pull * 38) >> 8);
        // Not `clamp`: it panics where the ends are the wrong way round, which the compiler cannot rule out.
        self.step = next.min(self.most as i32).max(self.least as i32) as u32;
        self.mains = self.step;
        self.last = Some(Last { more: 0, time: length, angle });
        self.known = true;
        Finished { turn: known, lock: Lock::Held }
    }

    /// Not locked: takes each measured frequency as it is; returns the phase jump made.
    fn seek(&mut self, angle: i32, found: Option<u32>) -> i32 {
        let State::Seeking { measured, near, trusted } = self.state else { return 0 };
        let measured = measured.saturating_add(u8::from(found.is_some()));
        // Not the turn is asked to be small, which a stretched cycle has on purpose, but the frequency to be the same.
        let same = found.is_some_and(|found| found.abs_diff(self.mains) < self.mains >> 8);
        let close = angle.unsigned_abs() < NEAR && same;
        if let Some(found) = found.filter(|_| trusted == 0) {
            self.mains = found;
        }
        self.step = self.mains;
        let near = if close { near + 1 } else { 0 };
        if near >= 2 {
            self.state = State::Locked;
            return 0;
        }
        self.state = State::Seeking { measured, near, trusted: trusted.saturating_sub(1) };
        // The first frequency was measured over cycles of a wrong length: no phase from there.
        if measured >= 2 { self.correct(angle) } else { 0 }
    }

    /// Makes a phase error good in the next cycle: a small one by stretching it, a large one by a jump of the phase,
    /// which is returned.
    fn correct(&mut self, angle: i32) -> i32 {
        self.partial = angle.unsigned_abs() > USABLE;
        if angle.unsigned_abs() < FAR {
            let pull = scaled::signed_product(angle, self.mains as i32) >> 32;
            self.step = self.mains.saturating_add_signed(pull as i32);
            return 0;
        }
        // Never so near to the wrap that the cycle would have no whole frame.
        let limit = 0u32.wrapping_sub(self.step.saturating_mul(2));
        let target = self.phase.wrapping_add_signed(angle).min(limit);
        let jump = target.wrapping_sub(self.phase) as i32;
        self.phase = target;
        jump
    }
}
