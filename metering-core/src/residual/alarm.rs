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
    /// Reached for so many frames, the last of them for so many intervals not.
    Rising(u32, u8),
    On,
    /// Below for so many frames.
    Falling(u32),
}

/// Delays of one response, in frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    /// A current that ends within so many frames is none.
    non_actuating: u32,
    /// The same when the current is high.
    non_actuating_high: u32,
    response: u32,
    release: u32,
    latching: bool,
}

/// A response with its state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response {
    delays: Delays,
    phase: Phase,
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
            non_actuating: frames(rate, low),
            non_actuating_high: frames(rate, high),
            response: frames(rate, monitor.response_delay_ms),
            release: frames(rate, monitor.release_delay_ms),
            latching: monitor.latching,
        }
    }

    pub(crate) fn of_pre_warning(monitor: &Monitor, rate: u64) -> Self {
        Self {
            non_actuating: 0,
            non_actuating_high: 0,
            response: frames(rate, monitor.pre_warning_delay_ms),
            release: frames(rate, monitor.release_delay_ms),
            latching: false,
        }
    }
}

impl Response {
    pub(crate) const fn new(delays: Delays) -> Self {
        Self { delays, phase: Phase::Off }
    }

    pub(crate) const fn is_on(&self) -> bool {
        matches!(self.phase, Phase::On | Phase::Falling(_))
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
        self.delays.non_actuating > 0 && matches!(self.phase, Phase::Rising(..))
    }

    /// An interval has ended; returns the new state where it changes.
    #[inline(never)]
    pub(crate) fn interval(&mut self, seen: Seen) -> Option<bool> {
        let Delays { non_actuating, non_actuating_high, response, release, latching } = self.delays;
        let (phase, change) = match self.phase {
            Phase::Off if seen.reached && non_actuating == 0 && response == 0 => (Phase::On, Some(true)),
            Phase::Off if seen.reached => (Phase::Rising(0, 0), None),
            Phase::Off => (Phase::Off, None),
            Phase::Rising(_, unseen) if !seen.reached && unseen >= GAP => (Phase::Off, None),
            Phase::Rising(since, unseen) => {
                let since = since.saturating_add(seen.frames);
                let silent = if seen.high { non_actuating_high } else { non_actuating };
                // What shows a current after the non-actuating time must have begun after it.
                let silent = if silent > 0 { silent.saturating_add(seen.frames) } else { 0 };
                let stays = since >= silent.saturating_add(response) && (silent == 0 || seen.flows);
                if seen.reached && stays {
                    (Phase::On, Some(true))
                } else {
                    (Phase::Rising(since, if seen.reached { 0 } else { unseen + 1 }), None)
                }
            }
            Phase::On if seen.below && !latching => {
                if release == 0 {
                    (Phase::Off, Some(false))
                } else {
                    (Phase::Falling(0), None)
                }
            }
            Phase::On => (Phase::On, None),
            Phase::Falling(_) if !seen.below => (Phase::On, None),
            Phase::Falling(since) => {
                let since = since.saturating_add(seen.frames);
                if since >= release { (Phase::Off, Some(false)) } else { (Phase::Falling(since), None) }
            }
        };
        self.phase = phase;
        change
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
        (1..1_000_000).find(|_| response.interval(seen) == Some(to)).unwrap()
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
        assert!((0..2_000).all(|_| response.interval(seen(false, false)).is_none()) && response.is_on());
        assert_eq!(until(&mut response, seen(false, true), false), 801, "1 s after the first interval below");
    }

    #[test]
    fn a_current_that_goes_within_the_delay_is_forgotten() {
        let mut response = alarm(|monitor| monitor.response_delay_ms = 10);
        for _ in 0..8 {
            assert_eq!(response.interval(seen(true, false)), None);
        }
        for _ in 0..=GAP {
            assert_eq!(response.interval(seen(false, false)), None);
        }
        assert_eq!(until(&mut response, seen(true, false), true), 9);
        // A pulse that comes later than a window is long is still the same current.
        let mut response = alarm(|monitor| monitor.response_delay_ms = 10);
        assert!([true, false, false].iter().all(|reached| response.interval(seen(*reached, false)).is_none()));
        assert_eq!(until(&mut response, seen(true, false), true), 6);
    }

    #[test]
    fn a_latched_alarm_stays_until_it_is_reset() {
        let mut response = alarm(|monitor| monitor.latching = true);
        response.interval(seen(true, false));
        assert!((0..10_000).all(|_| response.interval(seen(false, true)).is_none()) && response.is_on());
        response.reset();
        assert!(!response.is_on());
    }

    #[test]
    fn selective_wants_a_current_that_still_flows_after_its_time() {
        for (high, after) in [(false, 130), (true, 60)] {
            let mut response = alarm(|monitor| monitor.characteristic = Characteristic::Selective);
            let gone = Seen { flows: false, high, ..seen(true, false) };
            assert!((0..1_000).all(|_| response.interval(gone).is_none()), "what has gone does not trip");
            let mut response = alarm(|monitor| monitor.characteristic = Characteristic::Selective);
            let intervals = until(&mut response, Seen { high, ..seen(true, false) }, true);
            assert_eq!(intervals, after * 8 / 10 + 2, "the interval that decides begins after the time");
        }
    }
}
