//! From halves of the DMA's buffer, by way of a queue, to single frames.
//!
//! In come the codes of full halves in an interrupt, out go frames in the main loop, each with the number of those that
//! found no room in the queue before it. This file must not know a register, so it is tested on the PC.

use heapless::spsc::{Consumer, Producer, Queue};
use hil_link::signal::MAX_CHANNELS;

/// Frames in a half.
pub const FRAMES: usize = 16;

/// Most codes in a half.
pub const CODES: usize = FRAMES * MAX_CHANNELS;

/// Halves in the queue and one more: 1 008 frames, an eighth of a second at 8 kHz. So long the main loop may do something
/// else: send a block (22 ms at 921 600 baud), begin a page of the EEPROM (1 ms).
const ROOM: usize = 64;

/// The ADC's codes go from 0; the middle of its range is a frame's 0.
const MIDDLE: i32 = 1 << 11;

/// The queue, one for the life of the board.
pub type Halves = Queue<Half, ROOM>;

/// Codes of `FRAMES` frames, one after the other.
pub struct Half {
    /// Halves since the start of the board, those that found no room among them.
    number: u32,
    codes: [u16; CODES],
}

/// The interrupt's end of the queue.
pub struct Filler {
    queue: Producer<'static, Half>,
    number: u32,
}

impl Filler {
    /// Hands a full half over; one without room is lost.
    pub fn fill(&mut self, codes: impl Iterator<Item = u16>) {
        let mut half = Half { number: self.number, codes: [0; CODES] };
        half.codes.iter_mut().zip(codes).for_each(|(place, code)| *place = code);
        self.number = self.number.wrapping_add(1);
        // The next number tells.
        let _lost = self.queue.enqueue(half);
    }
}

/// The main loop's end of the queue.
pub struct Taker {
    queue: Consumer<'static, Half>,
    half: Option<Half>,
    /// Frames of it that were taken.
    taken: usize,
    /// Number of the next half; `None` before the first one.
    next: Option<u32>,
    /// Frames lost before the half, as long as none of it is taken.
    lost: u32,
}

/// Both ends.
pub fn ends(queue: &'static mut Halves) -> (Filler, Taker) {
    let (into, from) = queue.split();
    (Filler { queue: into, number: 0 }, Taker { queue: from, half: None, taken: 0, next: None, lost: 0 })
}

impl Taker {
    /// Forgets what waits, and that anything was lost.
    pub fn restart(&mut self) {
        while self.queue.dequeue().is_some() {}
        (self.half, self.taken, self.next, self.lost) = (None, 0, None, 0);
    }

    /// Whether there is a frame.
    pub fn is_ready(&self) -> bool {
        self.half.is_some() || self.queue.ready()
    }

    /// Frames lost before the next one, if there is a next one.
    pub fn lost(&mut self) -> Option<u32> {
        if self.half.is_none() {
            let half = self.queue.dequeue()?;
            let halves = self.next.map_or(0, |next| half.number.wrapping_sub(next));
            self.lost = halves.saturating_mul(FRAMES as u32);
            self.next = Some(half.number.wrapping_add(1));
            (self.half, self.taken) = (Some(half), 0);
        }
        Some(self.lost)
    }

    /// Takes a frame of `channels` codes; 0 where there is none.
    pub fn take(&mut self, channels: usize, codes: &mut [i16]) {
        let from = self.half.iter().flat_map(|half| half.codes.iter().skip(self.taken * channels).take(channels));
        for (place, &code) in codes.iter_mut().zip(from) {
            *place = (i32::from(code) - MIDDLE) as i16;
        }
        self.taken += 1;
        self.lost = 0;
        if self.taken >= FRAMES {
            self.half = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both() -> (Filler, Taker) {
        ends(Box::leak(Box::new(Halves::new())))
    }

    /// A half whose codes count on from `first`.
    fn fill(filler: &mut Filler, first: u16, channels: usize) {
        filler.fill((0..(FRAMES * channels) as u16).map(|n| first + n));
    }

    fn frame(taker: &mut Taker, channels: usize) -> Option<(u32, Vec<i16>)> {
        let lost = taker.lost()?;
        let mut codes = [i16::MIN; MAX_CHANNELS];
        taker.take(channels, &mut codes);
        assert!(codes.iter().skip(channels).all(|&code| code == i16::MIN), "only the frame's own");
        Some((lost, codes[..channels].to_vec()))
    }

    #[test]
    fn frames_come_in_order_and_the_middle_is_0() {
        for channels in [1, 3, MAX_CHANNELS] {
            let (mut filler, mut taker) = both();
            assert!(!taker.is_ready() && taker.lost().is_none());
            for half in 0..3 {
                fill(&mut filler, half * (FRAMES * channels) as u16, channels);
            }
            let all: Vec<i16> = std::iter::from_fn(|| frame(&mut taker, channels))
                .flat_map(|(lost, codes)| {
                    assert_eq!(lost, 0);
                    codes
                })
                .collect();
            let count = 3 * FRAMES * channels;
            assert_eq!(all, (-2_048..).take(count).collect::<Vec<i16>>(), "{channels}");
        }
    }

    #[test]
    fn what_finds_no_room_is_told_before_the_next_frame() {
        let (mut filler, mut taker) = both();
        // The queue holds one less than its room; a part of the first half is taken before it overflows.
        fill(&mut filler, 0, 2);
        assert_eq!(frame(&mut taker, 2), Some((0, vec![-2_048, -2_047])));
        for _ in 0..ROOM - 1 + 3 {
            fill(&mut filler, 100, 2);
        }
        for n in 1..FRAMES * ROOM {
            assert_eq!(taker.lost(), Some(0), "{n}");
            assert!(frame(&mut taker, 2).is_some(), "{n}");
        }
        assert!(!taker.is_ready());
        fill(&mut filler, 200, 2);
        assert_eq!((taker.lost(), taker.lost()), (Some(48), Some(48)), "told until the frame is taken");
        assert_eq!(frame(&mut taker, 2), Some((48, vec![-1_848, -1_847])));
        assert_eq!(taker.lost(), Some(0), "told once");
    }

    #[test]
    fn a_restart_forgets() {
        let (mut filler, mut taker) = both();
        for _ in 0..ROOM + 5 {
            fill(&mut filler, 0, 1);
        }
        assert!(frame(&mut taker, 1).is_some());
        taker.restart();
        assert!(!taker.is_ready());
        fill(&mut filler, 7, 1);
        assert_eq!(frame(&mut taker, 1), Some((0, vec![-2_041])));
    }
}
