//! The span of a recording that a meter can take: frames at one rate.
//!
//! In come sections or times, out goes the longest span whose steps are even. This file must not know channels.
//!
//! Recorders that follow the mains change their rate by parts of a percent, and note a section for each rate. Sections
//! are therefore joined as long as their rates lie within 1 % of each other; the rate of the span is its count of frames
//! over its time. It is the same latitude that the times of a CSV file have. Where no section tells a rate, the times
//! must be even from the first frame to the last.

use super::{Recording, Times};
use crate::csv::{self, TimeColumn};

/// Frames at one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// First frame.
    pub begin: usize,
    /// First frame behind the span.
    pub end: usize,
    /// Mean rate in hertz.
    pub rate_hz: f64,
    /// Lowest rate of the sections joined, in hertz.
    pub low_hz: f64,
    /// Highest rate of the sections joined, in hertz.
    pub high_hz: f64,
}

/// Why a recording has no rate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpanError {
    /// Neither rate nor times.
    #[error("the sampling rate is not known: neither a rate nor times are told")]
    Untold,
    /// Stamps are missing and no rate is told.
    #[error("sample {sample}: the time stamp is missing and no rate is told")]
    Missing {
        /// Number of the first such sample, from 1.
        sample: usize,
    },
    /// The times are not even.
    #[error("sample {sample}: step of {step} s, but {mean} s on average: sampling is not uniform")]
    Uneven {
        /// Number of the sample after the step, from 1.
        sample: usize,
        /// That step in seconds.
        step: f64,
        /// Mean step in seconds.
        mean: f64,
    },
    /// Time stands still or runs back.
    #[error("sample {sample}: time does not increase")]
    NotIncreasing {
        /// Number of the first such sample, from 1.
        sample: usize,
    },
}

/// Widest ratio of two rates that are joined.
const LATITUDE: f64 = 1.01;

impl Recording {
    /// The longest span of (nearly) constant rate, the first of several as long.
    ///
    /// # Errors
    /// No rate is told, or the times are not even.
    pub fn span(&self) -> Result<Span, SpanError> {
        let mut best: Option<Span> = None;
        let end = self.sections.last().map_or(0, |last| last.end);
        for first in 0..self.sections.len() {
            // A section that would only shorten a span already seen begins no new one.
            let begin = if first == 0 { 0 } else { self.sections[first - 1].end };
            if best.is_some_and(|best| end.saturating_sub(begin) <= best.end - best.begin) {
                break;
            }
            let span = self.join(first, begin);
            if best.is_none_or(|best| span.end - span.begin > best.end - best.begin) {
                best = Some(span);
            }
        }
        best.map_or_else(|| self.span_by_time(), Ok)
    }

    fn join(&self, first: usize, begin: usize) -> Span {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        let (mut end, mut seconds) = (begin, 0.0);
        for section in &self.sections[first..] {
            if section.rate_hz.max(high) / section.rate_hz.min(low) > LATITUDE {
                break;
            }
            low = low.min(section.rate_hz);
            high = high.max(section.rate_hz);
            seconds += (section.end - end) as f64 / section.rate_hz;
            end = section.end;
        }
        // Not by way of the seconds where they would only add a rounding.
        let rate_hz = if low < high { (end - begin) as f64 / seconds } else { low };
        Span { begin, end, rate_hz, low_hz: low, high_hz: high }
    }

    fn span_by_time(&self) -> Result<Span, SpanError> {
        let (seconds, unit) = match &self.times {
            Times::Untold => return Err(SpanError::Untold),
            Times::Seconds(seconds) => (seconds.clone(), 0.0),
            Times::Ticks { per_second, multiplier, ticks } => {
                if let Some(missing) = ticks.iter().position(Option::is_none) {
                    return Err(SpanError::Missing { sample: missing + 1 });
                }
                let tick = multiplier / per_second;
                (ticks.iter().flatten().map(|&stamp| stamp as f64 * tick).collect(), tick)
            }
        };
        let mut column = TimeColumn::default();
        let even = seconds.iter().enumerate().try_for_each(|(n, &time)| column.push_time(unit, time, n as u64 + 1));
        match even.and_then(|()| column.rate()) {
            Ok(rate_hz) => Ok(Span { begin: 0, end: self.frames, rate_hz, low_hz: rate_hz, high_hz: rate_hz }),
            Err(csv::Fault::TimeNotUniform { line, step, mean }) => {
                Err(SpanError::Uneven { sample: line as usize, step, mean })
            }
            Err(csv::Fault::TimeNotIncreasing { line }) => Err(SpanError::NotIncreasing { sample: line as usize }),
            Err(_) => Err(SpanError::Untold),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Section;
    use super::*;

    fn sections(rates: &[(f64, usize)]) -> Recording {
        let sections: Vec<Section> = rates.iter().map(|&(rate_hz, end)| Section { rate_hz, end }).collect();
        Recording { frames: sections.last().map_or(0, |last| last.end), sections, ..Recording::default() }
    }

    #[test]
    fn equal_rates_are_one_span() {
        let span = sections(&[(1200.0, 10), (1200.0, 25)]).span().unwrap();
        assert_eq!((span.begin, span.end, span.rate_hz.to_bits()), (0, 25, 1200.0_f64.to_bits()));
    }

    #[test]
    fn the_longest_span_is_taken() {
        let span = sections(&[(8000.0, 100), (1000.0, 150), (4000.0, 400), (4020.0, 500)]).span().unwrap();
        assert_eq!((span.begin, span.end), (150, 500));
        let expected = 350.0 / (250.0 / 4000.0 + 100.0 / 4020.0);
        assert!((span.rate_hz - expected).abs() < 1e-9, "{}", span.rate_hz);
        assert_eq!((span.low_hz.to_bits(), span.high_hz.to_bits()), (4000.0_f64.to_bits(), 4020.0_f64.to_bits()));
    }

    #[test]
    fn a_drift_beyond_the_latitude_is_cut() {
        let span = sections(&[(1000.0, 10), (1006.0, 20), (1012.0, 40)]).span().unwrap();
        assert_eq!((span.begin, span.end), (10, 40));
    }

    /// A configuration is looked at before its samples are there.
    #[test]
    fn sections_are_enough() {
        let untold = Recording { frames: 0, ..sections(&[(8000.0, 10), (2000.0, 30)]) };
        assert_eq!(untold.span(), sections(&[(8000.0, 10), (2000.0, 30)]).span());
    }

    #[test]
    fn stamps_tell_the_rate() {
        let ticks = |ticks: Vec<Option<i64>>| Recording {
            frames: ticks.len(),
            times: Times::Ticks { per_second: 1e6, multiplier: 1.0, ticks },
            ..Recording::default()
        };
        let even = ticks((0..1000).map(|n| Some(n * 1000 / 16)).collect()).span().unwrap();
        assert!((even.rate_hz / 16_000.0 - 1.0).abs() < 1e-4, "{}", even.rate_hz);
        let missing = ticks(vec![Some(0), None, Some(2)]).span();
        assert_eq!(missing, Err(SpanError::Missing { sample: 2 }));
        let uneven = ticks(vec![Some(0), Some(100), Some(200), Some(400)]).span();
        assert!(matches!(uneven, Err(SpanError::Uneven { sample: 4, .. })), "{uneven:?}");
        assert_eq!(ticks(vec![Some(0), Some(0)]).span(), Err(SpanError::NotIncreasing { sample: 2 }));
        assert_eq!(Recording::default().span(), Err(SpanError::Untold));
    }
}
