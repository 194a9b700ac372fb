//! What a capture waits for.
//!
//! In comes the text of `--trigger`, then block after block; out goes the frame that it was waiting for. This file must not
//! know what is kept.

use std::str::FromStr;

use anyhow::{Result, ensure};
use hil_link::residual::Change;
use hil_link::{Config, EventKind};

use super::frames::Frames;
use crate::header::Header;
use crate::place::Place;
use crate::session::Session;

/// How a trigger is told, for `--help`.
pub const GRAMMAR: &str = "\
Waits for one of these before the capture begins:
  CHANNEL>LEVEL, CHANNEL<LEVEL   a sample rises above or falls below a level in V or A that the one before was not
                                 beyond; CHANNEL is voltage, current0 to current7 (current: the first) or residual
  dip, swell, interruption       an event of the voltage, with --udin
  overload                       a current above --overload
  event                          any of these
  pre-warning, alarm             of the residual current, with --rated
The frame of an event is that of the half cycle that began it.";

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A sample beyond a level after one that was not.
    Level { place: Place, level: f64, rises: bool },
    /// An event that begins.
    Event(Event),
    /// The alarm, or its pre-warning.
    Residual { alarm: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Any,
    Dip,
    Swell,
    Interruption,
    Overload,
}

impl core::fmt::Display for Trigger {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(&self.text)
    }
}

impl FromStr for Trigger {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kind = match text {
            "event" => Kind::Event(Event::Any),
            "dip" => Kind::Event(Event::Dip),
            "swell" => Kind::Event(Event::Swell),
            "interruption" => Kind::Event(Event::Interruption),
            "overload" => Kind::Event(Event::Overload),
            "alarm" => Kind::Residual { alarm: true },
            "pre-warning" => Kind::Residual { alarm: false },
            _ => level(text)?,
        };
        Ok(Self { text: text.into(), kind })
    }
}

fn level(text: &str) -> Result<Kind, String> {
    let told = text.split_once('>').map(|told| (told, true)).or(text.split_once('<').map(|told| (told, false)));
    let ((channel, level), rises) =
        told.ok_or("a level such as voltage>300, an event such as dip, alarm or pre-warning is expected")?;
    let place = channel.trim().parse()?;
    let level = level.trim().parse().ok().filter(|level: &f64| level.is_finite());
    let level = level.ok_or("a number of volt or ampere is expected behind > or <")?;
    Ok(Kind::Level { place, level, rises })
}

/// A trigger that looks at the channels of a configuration.
pub struct Watch {
    kind: Kind,
    /// Place of the channel in a frame, its step and the value of its code 0; of a level.
    channel: (usize, (f64, f64)),
    /// The next frame to look at.
    next: u64,
    /// The sample of the frame before it is there and was not beyond the level.
    is_armed: bool,
}

impl Watch {
    /// Looks from the frame `from` on.
    ///
    /// # Errors
    /// The channel that it is about is not configured.
    pub fn new(trigger: &Trigger, header: &Header, from: u64) -> Result<Self> {
        let Config { voltage, currents, residual, adc_bits, .. } = &header.config;
        let before = usize::from(voltage.is_some());
        let (number, needed) = match trigger.kind {
            Kind::Level { place: Place::Current(number), .. } => {
                (before + number.unwrap_or(0), number.unwrap_or(0) < currents.len())
            }
            Kind::Level { place: Place::Residual, .. } => (before + currents.len(), residual.is_some()),
            Kind::Residual { .. } => (0, residual.is_some()),
            Kind::Event(Event::Overload) => {
                let limits = header.config.events.as_ref().map_or(&[][..], |events| &events.overloads);
                ensure!(limits.iter().any(Option::is_some), "--trigger {trigger}: --overload tells what is too much");
                (0, true)
            }
            Kind::Level { place: Place::Voltage, .. } | Kind::Event(_) => (0, voltage.is_some()),
        };
        ensure!(needed, "--trigger {trigger}: the board has no such channel");
        let channels = header.channels();
        let scale = channels.iter().nth(number).map_or((1.0, 0.0), |channel| crate::header::scale(channel, *adc_bits));
        Ok(Self { kind: trigger.kind, channel: (number, scale), next: from, is_armed: false })
    }

    /// The frame waited for, if it is among those sampled so far.
    ///
    /// # Errors
    /// The board is lost.
    pub fn look(&mut self, session: &mut Session, frames: &Frames) -> Result<Option<u64>> {
        Ok(match self.kind {
            Kind::Level { level, rises, .. } => self.crossing(frames, level, rises),
            Kind::Event(wanted) => {
                let told = session.events()?.events;
                told.iter().find(|event| !event.ended && wanted.is(event.kind)).map(|event| event.begin_frame)
            }
            Kind::Residual { alarm } => {
                let wanted = if alarm { Change::Alarm(true) } else { Change::PreWarning(true) };
                let told = session.notices()?.notices;
                told.iter().find(|notice| notice.change == wanted).map(|notice| notice.frame)
            }
        })
    }

    fn crossing(&mut self, frames: &Frames, level: f64, rises: bool) -> Option<u64> {
        let (number, (step, zero)) = self.channel;
        for (frame, code) in frames.codes(number, self.next) {
            let value = step * f64::from(code) + zero;
            let beyond = if rises { value > level } else { value < level };
            let is_behind_a_gap = frame > std::mem::replace(&mut self.next, frame + 1);
            if beyond && self.is_armed && !is_behind_a_gap {
                return Some(frame);
            }
            self.is_armed = !beyond;
        }
        None
    }
}

impl Event {
    fn is(self, kind: EventKind) -> bool {
        match kind {
            _ if self == Self::Any => true,
            EventKind::Dip => self == Self::Dip,
            EventKind::Swell => self == Self::Swell,
            EventKind::Interruption => self == Self::Interruption,
            EventKind::Overload(_) => self == Self::Overload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::Origin;
    use crate::plan;
    use datasets::Channels;
    use hil_link::Nominal;

    fn header() -> Header {
        let ranges = Channels { voltage: Some(400.0), currents: vec![32.768, 32.768], residual: None };
        Header::new(plan::config(&ranges, 8000.0, 16, Nominal::Auto).unwrap(), Origin::default())
    }

    /// Current 1 counts up by 1 mA per frame, from -5 mA on.
    fn ramp(kept: &mut Frames, count: u8) {
        for frame in kept.end()..kept.end() + u64::from(count) {
            kept.push(frame, &[[0; 2], [0; 2], (frame as i16 - 5).to_le_bytes()].concat());
        }
    }

    fn crossing(text: &str, from: u64) -> Option<u64> {
        let trigger: Trigger = text.parse().unwrap();
        let header = header();
        let mut watch = Watch::new(&trigger, &header, from).unwrap();
        let Kind::Level { level, rises, .. } = trigger.kind else { panic!("{text} is no level") };
        let mut kept = Frames::new(&header.config);
        ramp(&mut kept, 10);
        let early = watch.crossing(&kept, level, rises);
        ramp(&mut kept, 10);
        early.or(watch.crossing(&kept, level, rises))
    }

    #[test]
    fn a_level_is_crossed() {
        assert_eq!(crossing("current1>0.0005", 0), Some(6));
        // The first sample above is in the second block.
        assert_eq!(crossing("current1>0.0045", 0), Some(10));
        // What is above from the begin has not risen.
        assert_eq!(crossing("current1>-0.0055", 0), None);
        assert_eq!(crossing("current1>0.0005", 7), None);
        assert_eq!(crossing("current1<0", 0), None);
        assert_eq!(crossing("voltage>0", 0), None);
        assert_eq!(crossing("current1>1", 0), None);
    }

    /// What happened in a gap was not seen: the level may have been crossed long before.
    #[test]
    fn a_gap_is_no_crossing() {
        let header = header();
        let watch = || Watch::new(&"current1>0.0005".parse().unwrap(), &header, 0).unwrap();
        let frame = |code: i16| [[0; 2], [0; 2], code.to_le_bytes()].concat();
        for (codes, found) in
            [(&[(0, 0), (1, 2)][..], Some(1)), (&[(0, 0), (2, 2)], None), (&[(0, 0), (5, 0), (6, 2)], Some(6))]
        {
            let (mut watch, mut kept) = (watch(), Frames::new(&header.config));
            for (number, code) in codes {
                kept.push(*number, &frame(*code));
            }
            assert_eq!(watch.crossing(&kept, 0.0005, true), found, "{codes:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, part) in [
            ("", "voltage>300"),
            ("dips", "voltage>300"),
            ("voltage>", "number"),
            ("voltage>nan", "number"),
            ("volts>3", "the channels are"),
        ] {
            let refused = text.parse::<Trigger>().unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
        for (text, part) in [
            ("residual>0.1", "no such channel"),
            ("alarm", "no such channel"),
            ("current2>1", "no such channel"),
            ("overload", "--overload"),
        ] {
            let refused = Watch::new(&text.parse().unwrap(), &header(), 0).err().map(|error| error.to_string());
            assert!(refused.as_ref().is_some_and(|refused| refused.contains(part)), "{text}: {refused:?}");
        }
    }
}
