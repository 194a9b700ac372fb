//! Events of the mains and notices of the residual-current monitor, as the board told them.
//!
//! In come the board's answers, out go lines with times and what is on now. This file must not know screens, and judges
//! nothing itself.

use std::collections::VecDeque;

use hil_link::residual::Change;
use hil_link::{Event, EventKind, Events, Notices};
use metering_core::residual::State;

/// Most lines that are kept.
const MOST: usize = 500;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Seconds of samples since the board was configured; `None` for what the bench saw.
    pub at_s: Option<f64>,
    /// What happened.
    pub text: String,
}

/// What has happened, and what is on.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: VecDeque<Line>,
    active: Vec<EventKind>,
    state: u8,
    lost_events: u32,
    lost_notices: u32,
}

impl Log {
    /// Something that the bench saw: a board that came or went.
    pub fn note(&mut self, text: String) {
        self.add(None, text);
    }

    /// A board begins anew: nothing is on.
    pub fn restart(&mut self) {
        (self.active, self.state) = (Vec::new(), 0);
        (self.lost_events, self.lost_notices) = (0, 0);
    }

    /// Takes events, at so many frames per second.
    pub fn events(&mut self, events: &Events, rate_hz: f64) {
        for event in &events.events {
            self.active.retain(|kind| *kind != event.kind);
            if !event.ended {
                self.active.push(event.kind);
            }
            let frame = if event.ended { event.end_frame } else { event.begin_frame };
            self.add(Some(frame as f64 / rate_hz), told(event));
        }
        let new = events.lost.saturating_sub(self.lost_events);
        self.lost_events = events.lost;
        self.lose(new, "events");
    }

    /// Takes notices, at so many frames per second.
    pub fn notices(&mut self, notices: &Notices, rate_hz: f64) {
        for notice in &notices.notices {
            let text = match notice.change {
                Change::PreWarning(true) => "residual current: pre-warning",
                Change::PreWarning(false) => "residual current: pre-warning is over",
                Change::Alarm(true) => "residual current: ALARM",
                Change::Alarm(false) => "residual current: alarm is over",
                Change::SensorSilent(true) => "residual sensor is silent",
                Change::SensorSilent(false) => "residual sensor is heard again",
                Change::SensorSaturated(true) => "residual sensor is saturated",
                Change::SensorSaturated(false) => "residual sensor is saturated no more",
                Change::SelfTest(true) => "self-test: the test current was seen",
                Change::SelfTest(false) => "self-test: the test current was NOT seen",
            };
            self.add(Some(notice.frame as f64 / rate_hz), text.to_owned());
        }
        self.state = notices.state;
        let new = notices.lost.saturating_sub(self.lost_notices);
        self.lost_notices = notices.lost;
        self.lose(new, "notices");
    }

    /// The lines, the newest first.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().rev()
    }

    /// What is on now, the gravest first.
    pub fn active(&self) -> Vec<String> {
        let state = State::from_bits_retain(self.state);
        let residual = [
            (State::ALARM, "RESIDUAL ALARM"),
            (State::PRE_WARNING, "residual pre-warning"),
            (State::SENSOR_SILENT, "residual sensor silent"),
            (State::SENSOR_SATURATED, "residual sensor saturated"),
            (State::SELF_TEST, "self-test"),
        ];
        let residual = residual.into_iter().filter(|(bit, _)| state.contains(*bit)).map(|(_, text)| text.to_owned());
        residual.chain(self.active.iter().map(|kind| name(*kind).to_uppercase())).collect()
    }

    fn lose(&mut self, new: u32, what: &str) {
        if new > 0 {
            self.add(None, format!("{new} {what} found no room on the board"));
        }
    }

    fn add(&mut self, at_s: Option<f64>, text: String) {
        if self.lines.len() == MOST {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { at_s, text });
    }
}

fn name(kind: EventKind) -> String {
    match kind {
        EventKind::Dip => "dip".into(),
        EventKind::Interruption => "interruption".into(),
        EventKind::Swell => "swell".into(),
        EventKind::Overload(channel) => format!("overload of I{channel}"),
    }
}

fn told(event: &Event) -> String {
    let name = name(event.kind);
    if !event.ended {
        return format!("{name} begins");
    }
    let extreme = event.extreme as f64 / 2f64.powi(32);
    let (word, unit) = match event.kind {
        EventKind::Dip | EventKind::Interruption => ("least", "V"),
        EventKind::Swell => ("most", "V"),
        EventKind::Overload(_) => ("most", "A"),
    };
    format!("{name} ends after {} half cycles, {word} {extreme:.2} {unit}", event.half_cycles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_link::Notice;

    fn dip(ended: bool) -> Events {
        let event = Event {
            ended,
            kind: EventKind::Dip,
            begin_frame: 8_000,
            end_frame: 12_000,
            half_cycles: 50,
            extreme: 161 << 32,
        };
        Events { events: std::iter::once(event).collect(), lost: 0 }
    }

    #[test]
    fn an_event_is_on_until_the_board_says_that_it_ended() {
        let mut log = Log::default();
        log.events(&dip(false), 8_000.0);
        assert_eq!(log.active(), ["DIP"]);
        log.events(&dip(true), 8_000.0);
        assert_eq!(log.active(), Vec::<String>::new());
        let lines: Vec<_> = log.lines().map(|line| (line.at_s, line.text.as_str())).collect();
        let ended = "dip ends after 50 half cycles, least 161.00 V";
        assert_eq!(lines, [(Some(1.5), ended), (Some(1.0), "dip begins")]);
    }

    #[test]
    fn the_state_of_the_monitor_is_the_boards() {
        let mut log = Log::default();
        let notice = Notice { frame: 4_000, change: Change::Alarm(true) };
        let told = Notices { notices: std::iter::once(notice).collect(), lost: 3, state: 3 };
        log.notices(&told, 8_000.0);
        assert_eq!(log.active(), ["RESIDUAL ALARM", "residual pre-warning"]);
        let texts: Vec<_> = log.lines().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["3 notices found no room on the board", "residual current: ALARM"]);
        // The board counts both apart from each other.
        log.events(&Events { lost: 2, ..Events::default() }, 8_000.0);
        log.notices(&Notices { lost: 4, ..Notices::default() }, 8_000.0);
        let texts: Vec<_> = log.lines().take(2).map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["1 notices found no room on the board", "2 events found no room on the board"]);
        log.restart();
        assert!(log.active().is_empty());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut log = Log::default();
        (0..1_000).for_each(|n| log.note(n.to_string()));
        assert_eq!(log.lines().count(), MOST);
        assert_eq!(log.lines().next().unwrap().text, "999");
    }
}
