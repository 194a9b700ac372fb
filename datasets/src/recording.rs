//! A recording as a file holds it: channels with their scale, two-valued channels, and when each sample was taken.
//!
//! In comes what a reader found, out go values, spans of constant rate and everything a writer may keep. This file must
//! not know any file format; the words for a channel's description are those of COMTRADE (IEEE C37.111), the richest of
//! them.

mod span;
mod unit;

pub use span::{Span, SpanError};
pub use unit::{Kind, Unit};

/// Frames of samples and what is told of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The analogue channels, all of the same length.
    pub channels: Vec<Channel>,
    /// The two-valued channels, of that length as well.
    pub status: Vec<Status>,
    /// Frames in the recording.
    pub frames: usize,
    /// Sections of constant rate in their order, the last of which ends with the recording; empty where no rate is told.
    pub sections: Vec<Section>,
    /// Time of each frame.
    pub times: Times,
    /// What is told of the recording as a whole.
    pub details: Details,
    /// What a reader left out or guessed, one line each.
    pub remarks: Vec<String>,
}

/// An analogue channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Name, unique where the file's author was careful.
    pub name: String,
    /// Unit of the values, as written; empty where none is told.
    pub unit: String,
    /// Phase, as written.
    pub phase: String,
    /// Circuit or component, as written.
    pub component: String,
    /// Unit per step of `raw`.
    pub a: f64,
    /// Value that `raw` 0 stands for.
    pub b: f64,
    /// Time of the channel's sample after that of its frame, in microseconds.
    pub skew_us: f64,
    /// Least and greatest raw value the recorder can give, where told.
    pub range: Option<(f64, f64)>,
    /// Ratio of the transformer before the recorder, where told.
    pub ratio: Option<Ratio>,
    /// Numbers as the file holds them: codes of an ADC, or values themselves where `a` is 1 and `b` 0. NaN is a sample
    /// that the recorder missed.
    pub raw: Vec<f64>,
}

/// An instrument transformer and the side that the values tell of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Rated value on the primary side.
    pub primary: f64,
    /// Rated value on the secondary side.
    pub secondary: f64,
    /// Side of the values.
    pub side: Side,
}

/// Side of an instrument transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The mains.
    Primary,
    /// The recorder.
    Secondary,
}

/// A two-valued channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Name.
    pub name: String,
    /// Phase, as written.
    pub phase: String,
    /// Circuit or component, as written.
    pub component: String,
    /// State in normal operation.
    pub normal: bool,
    /// State in each frame, 0 or 1.
    pub states: Vec<u8>,
}

/// Frames that were sampled at one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Rate in hertz, above 0.
    pub rate_hz: f64,
    /// Number of the first frame behind the section.
    pub end: usize,
}

/// Time of each frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Times {
    /// Only what the sections tell.
    #[default]
    Untold,
    /// In seconds.
    Seconds(Vec<f64>),
    /// In steps of `multiplier / per_second` seconds; `None` is a stamp that is missing.
    Ticks {
        /// Ticks in a second, before the multiplier: 1e6 or 1e9.
        per_second: f64,
        /// Factor on each stamp.
        multiplier: f64,
        /// The stamps.
        ticks: Vec<Option<i64>>,
    },
}

/// What is told of a recording as a whole. Texts are empty where nothing is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// Name of the station.
    pub station: String,
    /// Identification of the recorder.
    pub device: String,
    /// Nominal frequency of the mains in hertz.
    pub line_hz: Option<f64>,
    /// Date and time of the first sample, `dd/mm/yyyy,hh:mm:ss.ssssss`.
    pub start: String,
    /// Date and time of the trigger, in the same form.
    pub trigger: String,
    /// Time zone of the times and of the station, `+2h00,+2h00`.
    pub time_code: String,
    /// Quality of the clock and leap second, `0,0`.
    pub time_quality: String,
    /// Form in which the numbers were stored, where it is one of COMTRADE's.
    pub data: Option<crate::comtrade::DataType>,
    /// Lines for readers: the header file of COMTRADE, the comments of CSV.
    pub notes: Vec<String>,
    /// Lines for programs: the information file of COMTRADE.
    pub information: Vec<String>,
}

impl Channel {
    /// A channel whose numbers are its values.
    pub fn new(name: impl Into<String>, unit: impl Into<String>, values: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            phase: String::new(),
            component: String::new(),
            a: 1.0,
            b: 0.0,
            skew_us: 0.0,
            range: None,
            ratio: None,
            raw: values,
        }
    }

    /// Values in the channel's unit, `a · raw + b`; NaN where a sample is missing.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.raw.iter().map(|raw| self.a * raw + self.b)
    }

    /// What values are multiplied by to be those of the other side of the transformer; 1 for the side they are of,
    /// `None` where no usable ratio is told.
    pub fn factor(&self, side: Side) -> Option<f64> {
        let Ratio { primary, secondary, side: own } = self.ratio?;
        let factor = match (own, side) {
            (Side::Secondary, Side::Primary) => primary / secondary,
            (Side::Primary, Side::Secondary) => secondary / primary,
            _ => return Some(1.0),
        };
        (factor.is_finite() && factor > 0.0).then_some(factor)
    }

    /// Whether `raw` are the values themselves.
    pub fn is_plain(&self) -> bool {
        self.a.to_bits() == 1.0_f64.to_bits() && self.b == 0.0
    }
}

impl Recording {
    /// The channel of this name: the first of them.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// Time of each frame in seconds: its stamp where every frame has one, else counted from 0 at the rates of the
    /// sections; `None` where neither is told.
    pub fn seconds(&self) -> Option<Vec<f64>> {
        match &self.times {
            Times::Seconds(seconds) => Some(seconds.clone()),
            Times::Ticks { per_second, multiplier, ticks } if ticks.iter().all(Option::is_some) => {
                Some(ticks.iter().flatten().map(|&ticks| ticks as f64 * multiplier / per_second).collect())
            }
            _ => self.counted_seconds(),
        }
    }

    /// Time of each frame in seconds, counted from 0 at the rates of the sections: a frame stands one step of its own
    /// section's rate after the one before it. `None` where no rate is told.
    pub fn counted_seconds(&self) -> Option<Vec<f64>> {
        let mut seconds = Vec::new();
        // Number and time of the frame that the section counts from.
        let (mut origin, mut time) = (0, 0.0);
        for section in &self.sections {
            let begin = seconds.len();
            seconds.extend((begin..section.end).map(|frame| time + (frame - origin) as f64 / section.rate_hz));
            (origin, time) = (section.end.saturating_sub(1), seconds.last().copied().unwrap_or(0.0));
        }
        (seconds.len() == self.frames && self.frames > 0).then_some(seconds)
    }
}
