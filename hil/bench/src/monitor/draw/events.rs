//! The page of events: board and link in numbers, then what happened, the newest first.
//!
//! In comes the model, out go cells. This file must not judge anything.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Paragraph, Wrap};

use super::super::log;
use super::super::model::Model;
use super::super::number::shortened;
use super::bold;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [upper, head, lower] =
        Layout::vertical([Constraint::Length(5), Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let width = usize::from(area.width);
    let counters = &model.counters;
    let status = &counters.status;
    let mut lines = Vec::new();
    if let Some(met) = &model.shown().met {
        lines.push(shortened(&format!("Board    {} {}", met.board, met.firmware), width));
        lines.push(shortened(&format!("Signal   {}", met.signal), width));
        let (rate_hz, bits, channels) = (model.shown().samples.rate_hz, met.config.adc_bits, met.config.channels());
        lines.push(format!(
            "Samples  {rate_hz} Hz, {bits} bits, {channels} channels, at a pace of {:.3} s per second",
            counters.pace
        ));
    }
    lines.push(format!("Metered  {} frames, {} windows, digest {:016x}", status.frames, status.windows, status.digest));
    lines.push(format!(
        "Link     {} damaged frames received, {} on the board, {} repeats, {} double",
        counters.damaged, status.damaged_frames, counters.resent, counters.stray
    ));
    frame.render_widget(lines.into_iter().collect::<Text<'_>>(), upper);
    frame.render_widget(Line::styled("Events and alarms, the newest first; times in seconds of samples", bold()), head);
    let lines: Vec<Line<'_>> =
        model.log.lines().take(usize::from(lower.height)).map(|entry| Line::raw(line(entry))).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), lower);
}

/// A line of the log as text.
pub(super) fn line(entry: &log::Line) -> String {
    match entry.at_s {
        Some(at_s) => format!("{at_s:>10.3} s  {}", entry.text),
        None => format!("{:>10}    {}", "bench", entry.text),
    }
}
