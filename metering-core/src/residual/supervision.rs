//! Whether the sensor is there, and whether the chain from it to the alarm works.
//!
//! In come answers about each interval and cycle, out go states. This file must not know currents; times are in frames.

use crate::residual::alarm::frames;

/// Cycles without the sensor's own noise before it is called silent.
const SILENT_CYCLES: u8 = 25;
/// Cycles at one end of the range before the sensor is called saturated: an overload changes ends within a cycle.
const SATURATED_CYCLES: u8 = 2;
/// A test current has to be seen within this time: the break time at the rated current.
const TEST_MS: u32 = 300;
/// After that, or after it was seen, the current is left so long to go.
const GRACE_MS: u32 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    None,
    /// The current has so many frames left to be seen.
    Waiting(u16),
    /// It has so many frames left to go.
    Leaving(u16),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Supervision {
    quiet: u8,
    silent: bool,
    /// Cycles at the lower (negative) or upper end, running.
    stuck: i8,
    saturated: bool,
    test: Test,
    /// In frames: below 2¹⁵ at the highest rate.
    time: u16,
    grace: u16,
}

impl Supervision {
    pub(crate) fn new(rate: u64) -> Self {
        let (time, grace) = (frames(rate, TEST_MS) as u16, frames(rate, GRACE_MS) as u16);
        Self { quiet: 0, silent: false, stuck: 0, saturated: false, test: Test::None, time, grace }
    }

    pub(crate) const fn is_silent(&self) -> bool {
        self.silent
    }

    pub(crate) const fn is_saturated(&self) -> bool {
        self.saturated
    }

    pub(crate) const fn is_testing(&self) -> bool {
        !matches!(self.test, Test::None)
    }

    /// Begins a self-test.
    pub(crate) fn begin(&mut self) {
        self.test = Test::Waiting(self.time);
    }

    /// A cycle has ended, quieter than the sensor's own noise or not; whether the state changes.
    pub(crate) fn noise(&mut self, quiet: bool) -> bool {
        self.quiet = if quiet { self.quiet.saturating_add(1) } else { 0 };
        change(&mut self.silent, self.quiet >= SILENT_CYCLES)
    }

    /// All codes of a cycle lay at the lower end of the range (`Some(false)`), the upper one, or neither; whether the
    /// state changes.
    pub(crate) fn ends(&mut self, end: Option<bool>) -> bool {
        self.stuck = match end {
            None => 0,
            Some(true) => self.stuck.max(0).saturating_add(1),
            Some(false) => self.stuck.min(0).saturating_sub(1),
        };
        change(&mut self.saturated, self.stuck.unsigned_abs() >= SATURATED_CYCLES)
    }

    /// An interval of a self-test: whether the test current is `seen`, and whether it is `gone`. Returns how the test
    /// ended.
    pub(crate) fn test(&mut self, frames: u32, seen: bool, gone: bool) -> Option<bool> {
        let left = |of: u16| of.saturating_sub(frames as u16);
        let (test, outcome) = match self.test {
            Test::Waiting(of) if !seen && left(of) > 0 => (Test::Waiting(left(of)), None),
            Test::Waiting(_) => (Test::Leaving(self.grace), Some(seen)),
            Test::Leaving(of) if !gone && left(of) > 0 => (Test::Leaving(left(of)), None),
            Test::Leaving(_) | Test::None => (Test::None, None),
        };
        self.test = test;
        outcome
    }
}

/// Sets a state; whether it is new.
fn change(state: &mut bool, to: bool) -> bool {
    core::mem::replace(state, to) != to
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 8_000 << 32;

    #[test]
    fn a_sensor_is_silent_after_half_a_second_and_back_at_once() {
        let mut supervision = Supervision::new(RATE);
        let cycles = (1..10_000).find(|_| supervision.noise(true)).unwrap();
        assert_eq!(cycles, 25);
        assert!(supervision.is_silent() && !supervision.noise(true));
        assert!(supervision.noise(false) && !supervision.is_silent());
    }

    #[test]
    fn only_one_end_for_two_cycles_is_saturation() {
        let mut supervision = Supervision::new(RATE);
        for n in 0..100 {
            assert!(!supervision.ends(Some(n % 2 == 0)), "an overload changes ends");
        }
        assert!(!supervision.ends(None) && !supervision.ends(Some(false)) && supervision.ends(Some(false)));
        assert!(supervision.is_saturated() && supervision.ends(None) && !supervision.is_saturated());
    }

    #[test]
    fn a_test_ends_once_with_its_outcome() {
        let mut supervision = Supervision::new(RATE);
        assert_eq!(supervision.test(10, true, false), None, "no test was begun");
        supervision.begin();
        assert_eq!(supervision.test(10, false, true), None);
        assert_eq!(supervision.test(10, true, false), Some(true));
        assert!(supervision.is_testing(), "until the current has gone");
        assert_eq!(supervision.test(10, true, false), None);
        assert_eq!(supervision.test(10, false, true), None);
        assert!(!supervision.is_testing());
    }

    #[test]
    fn a_test_current_that_does_not_come_fails_after_300_ms() {
        let mut supervision = Supervision::new(RATE);
        supervision.begin();
        assert_eq!((1..10_000).find(|_| supervision.test(10, false, true) == Some(false)), Some(240));
    }

    #[test]
    fn a_current_that_does_not_go_is_a_fault_after_half_a_second() {
        let mut supervision = Supervision::new(RATE);
        supervision.begin();
        supervision.test(10, true, false);
        let intervals = (1..10_000).find(|_| supervision.test(10, true, false).is_none() && !supervision.is_testing());
        assert_eq!(intervals, Some(400));
    }
}
