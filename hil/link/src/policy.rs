//! How long an answer may take: the line's own time, and on top of it what the answers so far took.
//!
//! In come the speed of the line and answer times, out go waiting times, all in milliseconds. This file must not know
//! requests or frames.

/// How many answer times are kept. The middle one counts: neither the waits for what was lost, nor a line that stood still,
/// make the next wait longer, until they are the rule.
const RECENT: usize = 32;

/// The speed of the line and the patience of the bench.
///
/// A wait is the time that the request takes on the line and an allowance for the rest: twice the middle one of the last
/// 32 answer times (without the line's own time), within the limits given here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Bits per second of the line; ten make a byte. A line without a speed has the one it never exceeds.
    pub baud: u32,
    /// The allowance as long as nothing is learned.
    pub first_ms: u64,
    /// The shortest allowance: what a busy PC or an adapter that collects bytes may hold them up.
    pub least_ms: u64,
    /// The longest allowance that is learned.
    pub most_ms: u64,
    /// Each further attempt waits twice as long as the last one, so that a line that only stands still is not filled with
    /// repeats, but no longer than this or than what was learned, so that one that is back is soon noticed.
    pub pause_ms: u64,
    /// So much waiting for an answer, beyond the line's own time, and the client gives up.
    pub patience_ms: u64,
}

impl Policy {
    /// Gives up after 4 s of silence. On a good line an answer that was lost is asked for again after 60 ms.
    pub const fn at(baud: u32) -> Self {
        Self { baud, first_ms: 250, least_ms: 60, most_ms: 1000, pause_ms: 400, patience_ms: 4000 }
    }

    /// Time that so many bytes take on the line, rounded up.
    pub const fn line_ms(&self, bytes: usize) -> u64 {
        let baud = if self.baud == 0 { 1 } else { self.baud };
        (bytes as u64).saturating_mul(10_000).div_ceil(baud as u64)
    }

    /// Most bytes of samples in a request, of those that one may carry at all: what takes 50 ms on the line, so that losing
    /// it costs little, but at least 128, so that less than a fifth of the line goes into what surrounds them.
    pub const fn data(&self, most: usize) -> usize {
        let by_time = self.baud as usize / 200;
        let wanted = if by_time < 128 { 128 } else { by_time };
        if wanted < most { wanted } else { most }
    }
}

/// The last answer times, and what follows from them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerTimes {
    last: [u64; RECENT],
    next: usize,
    allowance_ms: u64,
}

impl AnswerTimes {
    /// As if each had taken half of the first allowance.
    pub(crate) const fn new(policy: &Policy) -> Self {
        Self { last: [policy.first_ms / 2; RECENT], next: 0, allowance_ms: policy.first_ms }
    }

    /// Takes the time of an answer.
    pub(crate) fn note(&mut self, took_ms: u64, policy: &Policy) {
        if let Some(place) = self.last.get_mut(self.next) {
            *place = took_ms;
        }
        self.next = (self.next + 1) % RECENT;
        let mut sorted = self.last;
        sorted.sort_unstable();
        let middle = sorted.get(RECENT / 2).copied().unwrap_or(0);
        // The lower limit last: it holds even where the two contradict each other.
        self.allowance_ms = middle.saturating_mul(2).min(policy.most_ms).max(policy.least_ms);
    }

    /// What an answer may take now, beyond the line's own time.
    pub(crate) const fn allowance_ms(&self) -> u64 {
        self.allowance_ms
    }
}
