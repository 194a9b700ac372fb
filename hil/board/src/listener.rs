//! What happens to the meter's results on their way to the bench.
//!
//! In come windows, half cycles and notices, out go windows to whoever wants them, and events and notices into queues. This file must not
//! know requests or the link's frames.

use heapless::Deque;
use hil_link::{Config, Event, Events, MAX_CURRENTS, MAX_EVENTS, MAX_NOTICES, Notice, Notices};
use metering_core::events::{Active, Detector, LimitError, Limits, Settings};
use metering_core::reading::Reading;
use metering_core::{HalfCycle, Sink};

/// Detects events, if any are wanted, and keeps the notices of the residual current.
#[derive(Clone, Debug)]
pub struct Listener {
    detector: Option<Detector<MAX_CURRENTS, MAX_EVENTS>>,
    notices: Deque<Notice, MAX_NOTICES>,
    lost_notices: u32,
    /// Interruptions are among the events.
    interruptions: bool,
}

impl Listener {
    /// For the events of a configuration.
    ///
    /// # Errors
    /// A limit is out of its range.
    pub fn new(config: &Config) -> Result<Self, LimitError> {
        let detector = match &config.events {
            Some(limits) => Some(Detector::new(Limits::new(&Settings::from(limits))?)),
            None => None,
        };
        let interruptions = config.events.as_ref().is_some_and(|limits| limits.interruption.is_some());
        Ok(Self { detector, interruptions, notices: Deque::new(), lost_notices: 0 })
    }

    /// A sink that gives windows to `take`.
    pub fn sink<F: FnMut(&Reading<MAX_CURRENTS>)>(&mut self, take: F) -> impl Sink<MAX_CURRENTS> {
        Hearing { listener: self, take }
    }

    /// Takes the notices of the residual current since the last time.
    pub fn notices(&mut self) -> Notices {
        let mut notices = Notices { lost: self.lost_notices, ..Notices::default() };
        while let Some(notice) = self.notices.pop_front() {
            // The queue is as long as the answer.
            let _room = notices.notices.push(notice);
        }
        notices
    }

    /// Whether an interruption is on; `None` where interruptions are no events.
    pub fn interrupted(&self) -> Option<bool> {
        let detector = self.detector.as_ref().filter(|_| self.interruptions)?;
        Some(detector.active().contains(Active::INTERRUPTION))
    }

    /// Takes the events seen since the last time.
    pub fn events(&mut self) -> Events {
        let mut events = Events::default();
        if let Some(detector) = &mut self.detector {
            while let Some(notice) = detector.pop() {
                // The queue is as long as the answer.
                let _room = events.events.push(Event::from(&notice));
            }
            events.lost = detector.lost();
        }
        events
    }
}

struct Hearing<'a, F> {
    listener: &'a mut Listener,
    take: F,
}

impl<F: FnMut(&Reading<MAX_CURRENTS>)> Sink<MAX_CURRENTS> for Hearing<'_, F> {
    fn half_cycles(&self) -> bool {
        self.listener.detector.is_some()
    }

    fn window(&mut self, reading: &Reading<MAX_CURRENTS>) {
        (self.take)(reading);
    }

    fn residual_notice(&mut self, notice: &metering_core::residual::Notice) {
        if self.listener.notices.push_back(Notice::from(notice)).is_err() {
            self.listener.lost_notices = self.listener.lost_notices.saturating_add(1);
        }
    }

    fn half_cycle(&mut self, half: &HalfCycle<MAX_CURRENTS>) -> bool {
        let Some(detector) = &mut self.listener.detector else { return false };
        detector.follow(half);
        detector.active().intersects(Active::VOLTAGE)
    }
}
