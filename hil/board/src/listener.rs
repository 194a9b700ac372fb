//! What happens to the meter's results on their way to the bench.
//!
//! In come windows, half cycles and notices, out go windows to whoever wants them, and events and notices into queues: one
//! for the bench, which asks for them, and one for whoever is told unasked. This file must not know requests or frames.

use heapless::Deque;
use hil_link::{Config, Event, Events, MAX_CURRENTS, MAX_EVENTS, MAX_NOTICES, Notice, Notices};
use metering_core::events::{Active, Detector, LimitError, Limits, Settings};
use metering_core::reading::Reading;
use metering_core::{HalfCycle, Sink};

use crate::device::console::alarm::Alarm;

/// Most alarms of one block; more are counted.
const MAX_ALARMS: usize = 16;

/// Detects events, if any are wanted, and keeps the notices of the residual current.
#[derive(Clone, Debug)]
pub struct Listener {
    detector: Option<Detector<MAX_CURRENTS, MAX_EVENTS>>,
    events: Deque<Event, MAX_EVENTS>,
    lost_events: u32,
    notices: Deque<Notice, MAX_NOTICES>,
    lost_notices: u32,
    /// Interruptions are among the events.
    interruptions: bool,
    alarms: Deque<Alarm, MAX_ALARMS>,
    lost_alarms: u32,
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
        Ok(Self {
            detector,
            events: Deque::new(),
            lost_events: 0,
            notices: Deque::new(),
            lost_notices: 0,
            interruptions,
            alarms: Deque::new(),
            lost_alarms: 0,
        })
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
        let mut events = Events { lost: self.lost_events, ..Events::default() };
        while let Some(event) = self.events.pop_front() {
            // The queue is as long as the answer.
            let _room = events.events.push(event);
        }
        events
    }

    /// Takes what is to be told unasked.
    pub fn alarm(&mut self) -> Option<Alarm> {
        self.alarms.pop_front()
    }

    /// Takes how many alarms found no room.
    pub fn take_lost_alarms(&mut self) -> u32 {
        core::mem::take(&mut self.lost_alarms)
    }

    fn tell(&mut self, alarm: Alarm) {
        if self.alarms.push_back(alarm).is_err() {
            self.lost_alarms = self.lost_alarms.saturating_add(1);
        }
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
        let notice = Notice::from(notice);
        if self.listener.notices.push_back(notice).is_err() {
            self.listener.lost_notices = self.listener.lost_notices.saturating_add(1);
        }
        self.listener.tell(Alarm::Residual(notice.change));
    }

    fn half_cycle(&mut self, half: &HalfCycle<MAX_CURRENTS>) -> bool {
        let Some(detector) = &mut self.listener.detector else { return false };
        detector.follow(half);
        let is_active = detector.active().intersects(Active::VOLTAGE);
        while let Some(notice) = self.listener.detector.as_mut().and_then(Detector::pop) {
            let event = Event::from(&notice);
            if self.listener.events.push_back(event).is_err() {
                self.listener.lost_events = self.listener.lost_events.saturating_add(1);
            }
            self.listener.tell(Alarm::Event(event));
        }
        is_active
    }
}
