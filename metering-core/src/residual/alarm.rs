//! Pre-warning and alarm: from "the current reaches the response" to "trip", with delays, hysteresis and latch.
//!
//! In come answers about each interval, out go states. This file must not know currents; times are in frames.

use crate::residual::settings::{Characteristic, Monitor};

/// What is asked about the interval that has just ended.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four answers to four questions, none follows from another")]
pub(crate) struct Seen {
    /// The current reaches the response.
    pub(crate) reached: bool,
    /// The current is below the response less the hysteresis.
    pub(crate) below: bool,
    /// This interval itself shows a current, not only those before it.
    pub(crate) flows: bool,
    /// The current's peak is above ten times the rated current.
    pub(crate) high: bool,
    /// Frames of the interval.
    pub(crate) frames: u32,
}

/// For how many intervals a current that rises may not be seen. Without a voltage the cycle is a nominal one: at 42.5 Hz a
/// pulse comes 6.9 ms after the last has left a window of 1/60 s, which are seven intervals.
const GAP: u8 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Off,
    /// Reached, but not for long enough.
    Rising,
    On,
    /// Below, but not for long enough.
    Falling,
}

/// Delays of one response, in frames: at most 300 s, and what is in `u16` 130 ms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    response: u32,
    release: u32,
    /// A current that ends within so many frames is none.
    non_actuating: u16,
    /// The same when the current is high.
    non_actuating_high: u16,
    latching: bool,
}

/// A response with its state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response {
    delays: Delays,
    /// Frames since the current began to rise or to fall.
    since: u32,
    phase: Phase,
    /// For how many intervals a rising current was not seen.
    unseen: u8,
}

/// Frames in `ms`, rounded up; `rate` in Q32 hertz.
#[inline(never)]
pub(crate) fn frames(rate: u64, ms: u32) -> u32 {
    // At most 64 000·1.001 Hz for 300 s: below 2⁵³ in Q8.
    let frames = ((rate >> 24) * u64::from(ms)).div_ceil(256_000);
    frames.min(u64::from(u32::MAX)) as u32
}

impl Delays {
    pub(crate) fn of_alarm(monitor: &Monitor, rate: u64) -> Self {
        let (low, high) = match monitor.characteristic {
            Characteristic::General => (0, 0),
            Characteristic::ShortDelay => (10, 10),
            // IEC 61008-1: 130 ms at the rated current, 60 ms at twice, 50 and 40 ms beyond; break within 500, 200, 150.
            // 130 ms hold all but the last for a pulsating current, which may pause for 17.5 ms, at seven times.
            Characteristic::Selective => (130, 60),
        };
        Self {
            response: frames(rate, monitor.response_delay_ms),
            release: frames(rate, monitor.release_delay_ms),
            non_actuating: frames(rate, low) as u16,
            non_actuating_high: frames(rate, high) as u16,
            latching: monitor.latching,
        }
    }

    pub(crate) fn of_pre_warning(monitor: &Monitor, rate: u64) -> Self {
        Self {
            response: frames(rate, monitor.pre_warning_delay_ms),
            release: frames(rate, monitor.release_delay_ms),
            non_actuating: 0,
            non_actuating_high: 0,
            latching: false,
        }
    }
}

impl Response {
    pub(crate) const fn new(delays: Delays) -> Self {
        Self { delays, since: 0, phase: Phase::Off, unseen: 0 }
    }

    pub(crate) const fn is_on(&self) -> bool {
        matches!(self.phase, Phase::On | Phase::Falling)
    }

    /// Neither on nor pending.
    pub(crate) const fn is_off(&self) -> bool {
        matches!(self.phase, Phase::Off)
    }

    /// Takes the response back, latched or not.
    pub(crate) fn reset(&mut self) {
        self.phase = Phase::Off;
    }

    /// What was pending is forgotten.
    pub(crate) fn restart(&mut self) {
        self.phase = if self.is_on() { Phase::On } else { Phase::Off };
    }

    /// Whether the next interval has to be asked whether it shows a current by itself.
    pub(crate) const fn waits(&self) -> bool {
        self.delays.non_actuating > 0 && matches!(self.phase, Phase::Rising)
    }

    /// An interval has ended; whether the response is on from now on and was not, or the other way round.
    #[inline(never)]
    pub(crate) fn interval(&mut self, seen: Seen) -> bool {
        let Delays { non_actuating, non_actuating_high, response, release, latching } = self.delays;
        self.since = self.since.saturating_add(seen.frames);
        let (phase, changes) = match self.phase {
            Phase::Off if seen.reached => {
                (self.since, self.unseen) = (0, 0);
                if non_actuating == 0 && response == 0 { (Phase::On, true) } else { (Phase::Rising, false) }
            }
            Phase::Rising if seen.reached => {
                self.unseen = 0;
                let silent = u32::from(if seen.high { non_actuating_high } else { non_actuating });
                // What shows a current after the non-actuating time must have begun after it.
                let (wait, shows) = if silent > 0 { (silent + seen.frames, seen.flows) } else { (0, true) };
                if self.since >= wait + response && shows { (Phase::On, true) } else { (Phase::Rising, false) }
            }
            Phase::Rising if self.unseen < GAP => {
                self.unseen += 1;
                (Phase::Rising, false)
            }
            Phase::Off | Phase::Rising => (Phase::Off, false),
            Phase::On if seen.below && !latching => {
                self.since = 0;
                if release == 0 { (Phase::Off, true) } else { (Phase::Falling, false) }
            }
            Phase::Falling if seen.below => {
                if self.since >= release {
                    (Phase::Off, true)
                } else {
                    (Phase::Falling, false)
                }
            }
            Phase::On | Phase::Falling => (Phase::On, false),
        };
        self.phase = phase;
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Ampere;

    const RATE: u64 = 8_000 << 32;

    fn seen(reached: bool, below: bool) -> Seen {
        Seen { reached, below, flows: reached, high: false, frames: 10 }
    }

    fn alarm(change: impl FnOnce(&mut Monitor)) -> Response {
        let mut monitor = Monitor::new(Ampere::from_num(0.03));
        change(&mut monitor);
        Response::new(Delays::of_alarm(&monitor, RATE))
    }

    /// Intervals of 10 frames until the response changes.
    fn until(response: &mut Response, seen: Seen, to: bool) -> usize {
        (1..1_000_000).find(|_| response.interval(seen) && response.is_on() == to).unwrap()
    }

    #[test]
    fn delays_are_whole_frames() {
        assert_eq!(frames(RATE, 0), 0);
        assert_eq!(frames(RATE, 10), 80);
        assert_eq!(frames(2_000 << 32, 1), 2);
        assert_eq!(frames(64_000 << 32, 300_000), 19_200_000);
    }

    #[test]
    fn general_responds_at_once_and_releases_after_its_delay() {
        let mut response = alarm(|_| ());
        assert_eq!(until(&mut response, seen(true, false), true), 1);
        // Between response and hysteresis nothing changes.
        assert!((0..2_000).all(|_| !response.interval(seen(false, false))) && response.is_on());
        assert_eq!(until(&mut response, seen(false, true), false), 801, "1 s after the first interval below");
    }

    #[test]
    fn a_current_that_goes_within_the_delay_is_forgotten() {
        let mut response = alarm(|monitor| monitor.response_delay_ms = 10);
        for _ in 0..8 {
            assert!(!response.interval(seen(true, false)));
        }
        for _ in 0..=GAP {
            assert!(!response.interval(seen(false, false)));
        }
        assert_eq!(until(&mut response, seen(true, false), true), 9);
        // A pulse that comes later than a window is long is still the same current.
        let mut response = alarm(|monitor| monitor.response_delay_ms = 10);
        assert!([true, false, false].iter().all(|reached| !response.interval(seen(*reached, false))));
        assert_eq!(until(&mut response, seen(true, false), true), 6);
    }

    #[test]
    fn a_latched_alarm_stays_until_it_is_reset() {
        let mut response = alarm(|monitor| monitor.latching = true);
        response.interval(seen(true, false));
        assert!((0..10_000).all(|_| !response.interval(seen(false, true))) && response.is_on());
        response.reset();
        assert!(!response.is_on());
    }

    #[test]
    fn selective_wants_a_current_that_still_flows_after_its_time() {
        for (high, after) in [(false, 130), (true, 60)] {
            let mut response = alarm(|monitor| monitor.characteristic = Characteristic::Selective);
            let gone = Seen { flows: false, high, ..seen(true, false) };
            assert!((0..1_000).all(|_| !response.interval(gone)), "what has gone does not trip");
            let mut response = alarm(|monitor| monitor.characteristic = Characteristic::Selective);
            let intervals = until(&mut response, Seen { high, ..seen(true, false) }, true);
            assert_eq!(intervals, after * 8 / 10 + 2, "the interval that decides begins after the time");
        }
    }
}
