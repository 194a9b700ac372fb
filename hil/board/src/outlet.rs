//! What goes out of a further port, kept until the port takes it.
//!
//! In come bytes and the time, out they go as the port has room. Nobody waits for a port: what it does not take for a second
//! is thrown away. This file must not know what the bytes mean.

use heapless::Deque;

use crate::platform::{Platform, Port};

/// So long a port may take nothing, in microseconds, until what waits for it is thrown away.
const DEAD_US: u64 = 1_000_000;

/// So often a port that has no room is asked again, in microseconds: some bytes at 115 200 baud.
const AGAIN_US: u32 = 500;

/// Room for `ROOM` bytes on their way out.
pub(crate) struct Outlet<const ROOM: usize> {
    port: Port,
    bytes: Deque<u8, ROOM>,
    /// When the port took something last, or there was nothing to take.
    moved_us: u64,
}

impl<const ROOM: usize> Outlet<ROOM> {
    pub(crate) const fn new(port: Port) -> Self {
        Self { port, bytes: Deque::new(), moved_us: 0 }
    }

    /// Throws away what still waits and takes these bytes in its place; what finds no room is lost.
    pub(crate) fn replace(&mut self, bytes: &[u8], now_us: u64) {
        self.bytes.clear();
        self.moved_us = now_us;
        for &byte in bytes {
            let _room = self.bytes.push_back(byte);
        }
    }

    /// Hands over what the port takes. Tells in how many microseconds to come again; `None`: nothing waits.
    pub(crate) fn step<P: Platform>(&mut self, platform: &mut P) -> Option<u32> {
        loop {
            let (first, _) = self.bytes.as_slices();
            if first.is_empty() {
                return None;
            }
            let taken = platform.send(self.port, first);
            if taken == 0 {
                break;
            }
            for _ in 0..taken {
                let _taken = self.bytes.pop_front();
            }
            self.moved_us = platform.microseconds();
        }
        if platform.microseconds().saturating_sub(self.moved_us) > DEAD_US {
            self.bytes.clear();
            return None;
        }
        Some(AGAIN_US)
    }
}
