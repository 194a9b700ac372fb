//! The model of a run: what was played, what was judged, how it ended.
//!
//! In: plain values from the bench. Out: the few conclusions every output shares (does a point hold, which check is
//! the worst, what is the verdict), so that page, JSON, `JUnit` and table cannot disagree. It must not know any of
//! those formats.

use super::format::{reading, short, signed};
use serde::{Deserialize, Serialize};

/// One judgement: a quantity of one window against its limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Suite the point belongs to.
    pub suite: String,
    /// Name of the point within the suite.
    pub point: String,
    /// What was measured: `voltage`, `current`, `active`, `frequency` and so on.
    pub quantity: String,
    /// Unit of `expected` and `measured`.
    pub unit: String,
    /// Channel the quantity belongs to, where there are several.
    pub channel: Option<String>,
    /// Window counted from the start of the point, from 0.
    pub window: u32,
    /// The truth, in `unit`.
    pub expected: f64,
    /// What the board said, in `unit`.
    pub measured: f64,
    /// Signed error, in `limit_unit`.
    pub error: f64,
    /// Largest permitted size of the error, in `limit_unit`.
    pub limit: f64,
    /// Unit of `error` and `limit`: `ppm`, `%`, `mHz`, `deg`.
    pub limit_unit: String,
    /// What the limit is relative to: `value`, `S` or `absolute`.
    pub basis: String,
    /// Whether the quantity holds its limit.
    pub pass: bool,
}

impl Check {
    /// A judgement of expected and measured value whose error and limit have their unit, of no suite and point yet.
    pub fn absolute(quantity: &str, unit: &str, (expected, measured): (f64, f64), error: f64, limit: f64) -> Self {
        Self {
            suite: String::new(),
            point: String::new(),
            quantity: quantity.into(),
            unit: unit.into(),
            channel: None,
            window: 0,
            expected,
            measured,
            error,
            limit,
            limit_unit: unit.into(),
            basis: "absolute".into(),
            pass: Self::holds(error, limit),
        }
    }

    /// Whether an error holds a limit; an error that is not a number never does.
    pub fn holds(error: f64, limit: f64) -> bool {
        error.is_finite() && error.abs() <= limit
    }

    /// Signed error in percent of the limit; infinite if either is no finite number or the limit is zero and missed.
    pub fn used(&self) -> f64 {
        let used = self.error / self.limit * 100.0;
        if self.error == 0.0 {
            0.0
        } else if used.is_finite() {
            used
        } else {
            f64::INFINITY.copysign(self.error)
        }
    }

    /// Quantity with its channel, as shown to people.
    pub fn label(&self) -> String {
        match &self.channel {
            Some(channel) => format!("{} {channel}", self.quantity),
            None => self.quantity.clone(),
        }
    }
}

/// Under which conditions a point was played; what is not known stays empty and is left out of the plots.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Mains frequency in hertz.
    pub frequency_hz: Option<f64>,
    /// Power factor in words: `1`, `0.5 lagging`.
    pub power_factor: Option<String>,
    /// Current in percent of the range.
    pub current_percent: Option<f64>,
    /// Anything else a reader should know.
    pub note: String,
    /// Row of a norm that the point is one of, where they are shown as a table.
    pub row: Option<NormRow>,
}

/// A row of a norm, and which of its devices was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormRow {
    /// Name of the row.
    pub name: String,
    /// Rated residual operating current in milliampere.
    pub rated_ma: f64,
    /// Time characteristic.
    pub characteristic: String,
    /// Number of currents that were tried.
    pub trials: u64,
}

/// Lines that explain a suite.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figure {
    /// Suite it belongs to.
    pub suite: String,
    /// What is seen.
    pub title: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// Samples of each line.
    pub lines: Vec<Vec<f64>>,
}

/// The beginning of what was played, for the plot: about three cycles, in volts and amperes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Waveform {
    /// Samples per second.
    pub rate_hz: f64,
    /// Voltage in volts; empty without that channel.
    pub voltage: Vec<f64>,
    /// Currents in amperes, one list per channel.
    pub currents: Vec<Vec<f64>>,
    /// Residual current in amperes; empty without that channel.
    pub residual: Vec<f64>,
}

/// The signal where a point failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Closeup {
    /// Where, in words.
    pub place: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample in seconds since the start of the point.
    pub begin_s: f64,
    /// The frequency whose multiples the orders are, in hertz.
    pub fundamental_hz: f64,
    /// The channels.
    pub channels: Vec<Sight>,
}

/// One channel, seen closely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// Name of the channel.
    pub name: String,
    /// Unit of its samples and orders.
    pub unit: String,
    /// What the ADC saw.
    pub seen: Trace,
    /// What was meant, where errors of the front end or the end of the range made something else of it.
    pub meant: Option<Trace>,
}

/// Some cycles of a channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The samples.
    pub samples: Vec<f64>,
    /// RMS of each order from 0, the mean, on; empty where there were too few samples.
    pub orders: Vec<f64>,
}

/// All readings of a point, window by window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowTable {
    /// Heads of the columns, with unit.
    pub columns: Vec<String>,
    /// The windows in the order they came.
    pub rows: Vec<WindowRow>,
}

/// The readings of one window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowRow {
    /// One value per column; `None` where the board gave none.
    pub values: Vec<Option<f64>>,
    /// Flags of the window, such as `settling`.
    pub flags: Vec<String>,
    /// Whether the window counted for the verdict.
    pub judged: bool,
}

/// What became of one point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PointResult {
    /// Suite the point belongs to.
    pub suite: String,
    /// Name of the point within the suite.
    pub point: String,
    /// Digest over the integer readings.
    pub digest: Option<u64>,
    /// All judgements, in any order: the outputs pick the worst window of each quantity.
    pub checks: Vec<Check>,
    /// What is wrong besides a limit, such as a digest that differs; one sentence each.
    pub failures: Vec<String>,
    /// Beginning of the signal, if it is to be drawn.
    pub waveform: Option<Waveform>,
    /// The signal where the point failed, if it did and had one.
    pub closeup: Option<Closeup>,
    /// All readings.
    pub windows: WindowTable,
    /// How long the point took.
    pub seconds: f64,
    /// Under which conditions it was played.
    pub conditions: Conditions,
    /// Further plots of this point, as SVG texts.
    pub figures: Vec<String>,
    /// The table of all readings is shown on the terminal as well.
    pub is_listed: bool,
}

impl PointResult {
    /// Whether the point holds: something was judged, all of it within its limit, and nothing else is wrong.
    pub fn pass(&self) -> bool {
        !self.checks.is_empty() && self.failures.is_empty() && self.checks.iter().all(|check| check.pass)
    }

    /// The worst window of each quantity and channel, in the order the quantities first appear.
    pub fn worst_checks(&self) -> Vec<&Check> {
        let mut worst: Vec<&Check> = Vec::new();
        for check in &self.checks {
            match worst.iter_mut().find(|w| w.quantity == check.quantity && w.channel == check.channel) {
                Some(best) if worse(check, best) => *best = check,
                Some(_) => {}
                None => worst.push(check),
            }
        }
        worst
    }

    /// Why the point does not hold, one sentence per reason; empty if it does.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons = self.failures.clone();
        reasons.extend(self.worst_checks().into_iter().filter(|check| !check.pass).map(|check| {
            format!(
                "{}: measured {} {unit}, expected {} {unit}, error {} of at most {} {} ({}), window {}",
                check.label(),
                reading(check.measured),
                reading(check.expected),
                signed(check.error),
                short(check.limit),
                check.limit_unit,
                check.basis,
                check.window,
                unit = check.unit,
            )
        }));
        if self.checks.is_empty() && reasons.is_empty() {
            reasons.push("nothing was judged".to_owned());
        }
        reasons
    }
}

/// A failed check is worse than any that holds; among equals, the one that uses more of its limit.
fn worse(a: &Check, b: &Check) -> bool {
    if a.pass == b.pass { a.used().abs() > b.used().abs() } else { b.pass }
}

/// A point that was not judged, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Suite the point belongs to.
    pub suite: String,
    /// Name of the point, or of the whole suite.
    pub point: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every point that was played holds.
    Pass,
    /// At least one point does not hold.
    Fail,
    /// The board was lost or the user had enough; the points before that are kept.
    Broken,
    /// Not one point was judged.
    Empty,
}

/// One run of the bench.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// Which board: `virtual`, `emulated` or the port.
    pub board: String,
    /// What the board said it runs.
    pub firmware: String,
    /// When the run started, as text in UTC.
    pub started: String,
    /// The finished points, in the order they were played.
    pub points: Vec<PointResult>,
    /// Pictures beside the points.
    pub figures: Vec<Figure>,
    /// The points that were not judged.
    pub skipped: Vec<Skipped>,
    /// Set when the run was broken off: what happened, in one sentence.
    pub broken: Option<String>,
    /// Anything that helps to repeat the run: name and value.
    pub environment: Vec<(String, String)>,
    /// Requests that were sent again.
    pub resent: u32,
    /// Answers that came damaged.
    pub damaged: u32,
}

impl Run {
    /// How bad the line was, if it was.
    pub fn line(&self) -> Option<String> {
        (self.resent > 0 || self.damaged > 0).then(|| {
            format!(
                "the line is not good: {} requests were sent again, {} answers came damaged; nothing was lost",
                self.resent, self.damaged
            )
        })
    }

    /// How the run ended.
    pub fn verdict(&self) -> Verdict {
        if self.broken.is_some() {
            Verdict::Broken
        } else if self.points.is_empty() {
            Verdict::Empty
        } else if self.points.iter().all(PointResult::pass) {
            Verdict::Pass
        } else {
            Verdict::Fail
        }
    }

    /// Number of points that hold.
    pub fn passed(&self) -> usize {
        self.points.iter().filter(|point| point.pass()).count()
    }

    /// The check that comes closest to its limit or goes furthest beyond.
    pub fn worst(&self) -> Option<&Check> {
        self.points.iter().flat_map(|point| &point.checks).reduce(|a, b| if worse(b, a) { b } else { a })
    }

    /// Names of the suites that have points, in the order they first appear.
    pub fn suites(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for point in &self.points {
            if !names.contains(&point.suite.as_str()) {
                names.push(&point.suite);
            }
        }
        names
    }

    /// The points of one suite.
    pub fn points_of<'a>(&'a self, suite: &'a str) -> impl Iterator<Item = &'a PointResult> {
        self.points.iter().filter(move |point| point.suite == suite)
    }
}

/// Quantities (with channel) that occur in some points, in the order they first appear.
pub fn quantities<'a>(points: impl IntoIterator<Item = &'a PointResult>) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for check in points.into_iter().flat_map(PointResult::worst_checks) {
        let label = check.label();
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}
