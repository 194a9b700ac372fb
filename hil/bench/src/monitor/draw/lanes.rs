//! The scope: a lane each for voltage, a current and the residual current, over the same time.
//!
//! In comes the model, out go cells. This file must not know where samples come from or decide where the picture begins.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::canvas::{Canvas, Line as Stroke};

use super::super::model::Model;
use super::super::scope::{Cut, Kept};
use super::{bold, colour};

/// Columns for name and scale at the left.
const GUTTER: u16 = 10;

/// Fewer lines than these show nothing.
const LEAST: u16 = 3;

/// Draws as many lanes as have room; `axis` gives a line to the time.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, axis: bool) {
    let shown = model.shown();
    let hz = shown.hertz();
    let cut = shown.samples.cut(hz, model.cycles);
    let [area, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(u16::from(axis))]).areas(area);
    let lanes = model.lanes();
    let count = lanes.len().min(usize::from(area.height / LEAST));
    let areas = Layout::vertical(vec![Constraint::Fill(1); count]).split(area);
    for (kind, area) in lanes.iter().zip(areas.iter()) {
        if let Some(kept) = shown.samples.channel(*kind) {
            lane(frame, *area, kept, cut, shown.samples.rate_hz);
        }
    }
    if axis {
        time(frame, below, cut, hz, shown.samples.rate_hz);
    }
}

fn lane(frame: &mut Frame<'_>, area: Rect, kept: &Kept, cut: Cut, rate_hz: f64) {
    let points = kept.part(cut, rate_hz);
    let reach = reach(points.iter().fold(0.0, |peak: f64, (_, value)| peak.max(value.abs())));
    let [gutter, picture] = Layout::horizontal([Constraint::Length(GUTTER), Constraint::Fill(1)]).areas(area);
    let (name, colour) = (kept.kind.name(), colour(kept.kind));
    let labels = vec![Line::styled(name, bold().fg(colour)), Line::raw(scale(reach, kept.kind.unit()))];
    frame.render_widget(ratatui::text::Text::from(labels), gutter);
    let canvas = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([0.0, (cut.length / rate_hz).max(1e-9)])
        .y_bounds([-reach, reach])
        .paint(|context| {
            for pair in points.windows(2) {
                let [(x1, y1), (x2, y2)] = [pair[0], pair[1]];
                context.draw(&Stroke::new(x1, y1, x2, y2, colour));
            }
        });
    frame.render_widget(canvas, picture);
}

fn time(frame: &mut Frame<'_>, area: Rect, cut: Cut, hz: f64, rate_hz: f64) {
    let from = format!("{}0 ms", " ".repeat(usize::from(GUTTER)));
    let length = cut.length / rate_hz;
    let trigger = if cut.triggered { "from its rising zero" } else { "not triggered" };
    let left = format!("{from}   {:.2} cycles of {hz:.4} Hz, {trigger}", length * hz);
    super::ends(frame, area, &left, &format!("{:.2} ms", length * 1e3), Style::new());
}

/// The scale of a lane in at most nine cells.
fn scale(reach: f64, unit: &str) -> String {
    let (factor, prefix) = if reach < 1e-3 {
        (1e6, "u")
    } else if reach < 1.0 {
        (1e3, "m")
    } else if reach < 1e3 {
        (1.0, "")
    } else if reach < 1e6 {
        (1e-3, "k")
    } else {
        (1e-6, "M")
    };
    let value = (reach * factor * 1e2).round() / 1e2;
    format!("±{value} {prefix}{unit}")
}

/// A round number at or above the peak; 1 where there is nothing.
pub(in crate::monitor) fn reach(peak: f64) -> f64 {
    if !(peak > 0.0 && peak.is_finite()) {
        return 1.0;
    }
    let decade = 10f64.powf(peak.log10().floor());
    let step = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0].into_iter().find(|step| step * decade >= peak);
    step.unwrap_or(10.0) * decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_hold_the_peak() {
        assert_eq!(scale(reach(325.3), "V"), "±400 V");
        assert_eq!(scale(reach(0.0051), "A"), "±6 mA");
        assert_eq!(scale(reach(8.1), "A"), "±10 A");
        assert_eq!(scale(reach(1.0), "A"), "±1 A");
        assert_eq!(scale(reach(1_400.0), "A"), "±1.5 kA");
        assert_eq!(scale(reach(2.2e-6), "A"), "±3 uA");
        assert_eq!(scale(reach(0.0), "V"), "±1 V");
        for power in -7..8 {
            for peak in [1.0, 1.01, 3.3, 9.99] {
                let peak = peak * 10f64.powi(power);
                assert!((peak * 0.999_999..=peak * 1.6).contains(&reach(peak)), "{peak} {}", reach(peak));
                assert!(scale(reach(peak), "A").chars().count() < usize::from(GUTTER));
            }
        }
    }
}
