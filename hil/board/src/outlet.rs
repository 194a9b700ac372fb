//! The way out of a further port.
//!
//! In come what waits, and the time; out it goes as the port has room. Nobody waits for a port: where it takes nothing for a
//! second, all that waits is thrown away. This file must not know what the bytes mean.

use heapless::Deque;

use crate::platform::{Platform, Port};

/// So long a port may take nothing of what waits, in microseconds, until that is thrown away.
const DEAD_US: u64 = 1_000_000;

/// So often a port that has no room is asked again, in microseconds: some bytes at 115 200 baud.
const AGAIN_US: u32 = 500;

/// What waits on its way out.
pub(crate) trait Waiting {
    /// The next bytes, not always all; none: nothing waits.
    fn bytes(&self) -> &[u8];

    /// So many of them are out.
    fn sent(&mut self, count: usize);

    /// Throws all away.
    fn throw_away(&mut self);
}

impl<const ROOM: usize> Waiting for Deque<u8, ROOM> {
    fn bytes(&self) -> &[u8] {
        let (first, second) = self.as_slices();
        if first.is_empty() { second } else { first }
    }

    fn sent(&mut self, count: usize) {
        for _ in 0..count {
            let _sent = self.pop_front();
        }
    }

    fn throw_away(&mut self) {
        self.clear();
    }
}

/// The way out of one port.
#[derive(Debug)]
pub(crate) struct Outlet {
    port: Port,
    /// Since when the port has taken nothing of what waits; `None`: nothing waited at the last look.
    stuck_us: Option<u64>,
}

impl Outlet {
    pub(crate) const fn new(port: Port) -> Self {
        Self { port, stuck_us: None }
    }

    /// Hands over what the port takes. Tells in how many microseconds to come again; `None`: nothing waits.
    pub(crate) fn step<P: Platform>(&mut self, waiting: &mut impl Waiting, platform: &mut P) -> Option<u32> {
        loop {
            let bytes = waiting.bytes();
            if bytes.is_empty() {
                self.stuck_us = None;
                return None;
            }
            let taken = platform.send(self.port, bytes);
            if taken == 0 {
                break;
            }
            waiting.sent(taken);
            self.stuck_us = None;
        }
        let now_us = platform.microseconds();
        let stuck_us = *self.stuck_us.get_or_insert(now_us);
        if now_us.saturating_sub(stuck_us) > DEAD_US {
            waiting.throw_away();
            self.stuck_us = None;
            return None;
        }
        Some(AGAIN_US)
    }
}
