//! Cuts the stream into sixteen intervals of a mains cycle.
//!
//! In comes the mains' phase step as far as it is known, out go lengths in whole frames. The clock runs on its own: it
//! does not jump where the synchroniser does, so every interval is near a sixteenth of a cycle, with or without mains.
//! This file must not know samples.

/// Intervals of a cycle.
pub(crate) const INTERVALS: usize = 16;
/// Intervals of half a cycle.
pub(crate) const HALF: usize = INTERVALS / 2;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Phase step per frame that `length` belongs to, Q32 of a turn.
    step: u32,
    /// Frames of an interval, Q16.
    length: u32,
    /// What is left over of the intervals so far, Q16 frames, below 1.
    rest: u32,
}

impl Clock {
    pub(crate) fn new(step: u32) -> Self {
        Self { step, length: length(step), rest: 0 }
    }

    /// Takes the mains' present step. Small changes are left, so that a steady mains costs no division.
    pub(crate) fn follow(&mut self, step: u32) {
        if step.abs_diff(self.step) > self.step >> 11 {
            (self.step, self.length) = (step, length(step));
        }
    }

    /// Frames of the next interval: at least 1.
    pub(crate) fn next(&mut self) -> u32 {
        let length = self.length + self.rest;
        self.rest = length & 0xffff;
        length >> 16
    }

    /// Frames of the next half cycle: as many as its intervals have together.
    pub(crate) fn half(&self) -> u32 {
        (self.length * HALF as u32 + self.rest) >> 16
    }

    /// Half a cycle has passed.
    pub(crate) fn pass_half(&mut self) {
        self.rest = (self.length * HALF as u32 + self.rest) & 0xffff;
    }

    /// More than the frames of a cycle, by one at most.
    pub(crate) fn cycle(&self) -> u32 {
        (self.length >> 12) + 1
    }
}

/// A sixteenth of a turn over the step, Q16. Steps are those of 40 Hz or more at most at 64 kHz: 100 frames.
#[inline(never)]
fn length(step: u32) -> u32 {
    ((1u64 << 44) / u64::from(step.max(1 << 20))).max(1 << 16) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_add_up_to_cycles() {
        for (hertz, rate) in [(50.0, 8_000.0), (47.3, 4_000.0), (69.0, 2_000.0), (42.5, 64_000.0)] {
            let mut clock = Clock::new((hertz / rate * 2f64.powi(32)) as u32);
            let mut halves = clock;
            let frames: u32 = (0..100 * INTERVALS).map(|_| clock.next()).sum();
            let of_halves = (0..200).map(|_| {
                let frames = halves.half();
                halves.pass_half();
                frames
            });
            assert_eq!(frames, of_halves.sum::<u32>(), "{hertz}");
            assert!((f64::from(frames) - 100.0 * rate / hertz).abs() < 1.1 + 100.0 * rate / hertz * 2e-4, "{hertz}");
        }
    }
}
