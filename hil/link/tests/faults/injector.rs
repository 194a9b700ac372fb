//! One direction of a bad line: it drops, doubles, damages, splits, delays and stalls frames, and is cut.
//!
//! In come frames and the time they are sent, out come bytes and the time they are there. A line keeps the order of its
//! bytes, so what is late makes all that follows late. This file must not know what a frame holds or who talks, nor whether
//! the time is simulated: the tests of the link say what time it is, those of the bench read a clock.

use std::collections::VecDeque;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A millisecond; all times here are microseconds.
pub const MS: u64 = 1_000;

/// Bits per second of the line; ten make a byte.
pub const BAUD: u32 = 115_200;

/// What a frame may suffer, each one time in a hundred, never two at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of it comes.
    Drop,
    /// It comes twice.
    Double,
    /// One to four of its bits are turned over, its closing zero's among them.
    Corrupt,
    /// A pause between two of its bytes.
    Split,
    /// It sets out late.
    Delay,
    /// The line stands still, and what is under way on it with it.
    Stall,
}

impl Fault {
    /// In the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Drop, Self::Double, Self::Corrupt, Self::Split, Self::Delay, Self::Stall];

    /// The longest pause that it makes.
    pub const fn longest_pause(self) -> u64 {
        match self {
            Self::Drop | Self::Double | Self::Corrupt => 0,
            Self::Split => 50 * MS,
            Self::Delay => 150 * MS,
            Self::Stall => 300 * MS,
        }
    }
}

/// A fault that was done, and the pause that it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub fault: Fault,
    pub pause: u64,
}

/// One direction of the line.
pub struct Injector {
    random: Xoshiro256PlusPlus,
    /// Bytes and when they are there.
    way: VecDeque<(u64, Vec<u8>)>,
    free_at: u64,
    /// Until when nothing comes through.
    cut_until: u64,
    /// The last byte that was put on the line.
    last: u8,
    /// How often each of [`Fault::ALL`] was done.
    pub injected: [u64; Fault::ALL.len()],
    /// Time that the bytes themselves took, without pauses.
    pub busy: u64,
}

impl Injector {
    pub fn new(seed: u64) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let way = VecDeque::new();
        Self { random, way, free_at: 0, cut_until: 0, last: 0, injected: [0; Fault::ALL.len()], busy: 0 }
    }

    /// Sends a frame of at least two bytes; tells what it suffered.
    pub fn send(&mut self, frame: &[u8], now: u64) -> Option<Done> {
        if now < self.cut_until {
            return None;
        }
        let drawn = self.below(100) as usize;
        let fault = Fault::ALL.get(drawn).copied();
        if let Some(count) = self.injected.get_mut(drawn) {
            *count += 1;
        }
        let pause = fault.map_or(0, |fault| self.below(fault.longest_pause() + 1));
        match fault {
            None => self.put(frame, now),
            Some(Fault::Drop) => {}
            Some(Fault::Double) => {
                self.put(frame, now);
                self.put(frame, now);
            }
            Some(Fault::Corrupt) => {
                let mut damaged = frame.to_vec();
                for _ in 0..=self.below(4) {
                    let bit = self.below(8 * damaged.len() as u64);
                    damaged[bit as usize / 8] ^= 1 << (bit % 8);
                }
                self.put(&damaged, now);
            }
            Some(Fault::Split) => {
                let (head, tail) = frame.split_at(1 + self.below(frame.len() as u64 - 1) as usize);
                self.put(head, now);
                self.put(tail, self.free_at + pause);
            }
            Some(Fault::Delay) => self.put(frame, now + pause),
            Some(Fault::Stall) => {
                self.way.iter_mut().for_each(|(at, _)| *at += pause);
                self.free_at = self.free_at.max(now) + pause;
                self.put(frame, now);
            }
        }
        fault.map(|fault| Done { fault, pause })
    }

    /// Cuts the line from now on: what is under way is lost, but for the bytes that are through, and all that is sent until
    /// then as well.
    pub fn cut(&mut self, now: u64, until: u64) {
        let under_way = std::mem::take(&mut self.way);
        if let Some((at, mut bytes)) = under_way.into_iter().next() {
            let begun = at.saturating_sub(Self::time(bytes.len()));
            let through = bytes.len() as u64 * now.saturating_sub(begun) / Self::time(bytes.len()).max(1);
            bytes.truncate(through as usize);
            self.last = bytes.last().copied().unwrap_or(self.last);
            self.way.push_back((now, bytes));
        }
        (self.free_at, self.cut_until) = (until, until);
    }

    /// When the next bytes are there; the end of time when none are under way.
    pub fn next_at(&self) -> u64 {
        self.way.front().map_or(u64::MAX, |(at, _)| *at)
    }

    /// The next bytes, once they are there.
    pub fn arrive(&mut self, now: u64) -> Option<Vec<u8>> {
        self.way.pop_front_if(|(at, _)| *at <= now).map(|(_, bytes)| bytes)
    }

    /// Nothing is under way, and the receiver is not left inside a frame whose closing zero was damaged.
    pub fn quiet(&self) -> bool {
        self.way.is_empty() && self.last == 0
    }

    /// Time that a frame takes on a free line.
    pub fn time(bytes: usize) -> u64 {
        (bytes as u64 * 10_000_000).div_ceil(BAUD.into())
    }

    fn put(&mut self, bytes: &[u8], now: u64) {
        let time = Self::time(bytes.len());
        self.busy += time;
        self.free_at = self.free_at.max(now) + time;
        self.last = bytes.last().copied().unwrap_or(self.last);
        self.way.push_back((self.free_at, bytes.to_vec()));
    }

    /// A number below `end`; what a remainder prefers is nothing against 2^64.
    fn below(&mut self, end: u64) -> u64 {
        self.random.next_u64() % end
    }
}
