//! The page of the spectrum: a picture in decibels, and the orders as numbers.
//!
//! In comes the model, out go cells. This file must not transform anything.

use datasets::reference::Quantity;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Text};
use ratatui::widgets::canvas::{Canvas, Line as Stroke};

use super::super::model::Model;
use super::super::number::number;
use super::super::scope::Kind;
use super::{bold, colour};
use crate::spectrum::Spectrum;

/// What lies deeper is not shown, in decibels.
pub(in crate::monitor) const FLOOR: f64 = -100.0;

/// Columns of the numbers.
const NUMBERS: u16 = 25;

/// Columns below which there are none.
const NARROW: u16 = 70;

/// Columns for the decibels at the left.
const GUTTER: u16 = 8;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let [head, body] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let shown = model.shown();
    let Some((kind, spectrum)) = model.channel().and_then(|kind| Some((kind, shown.spectrum(kind)?))) else {
        frame.render_widget(Line::raw("Spectrum: there are not yet ten cycles of samples"), head);
        return;
    };
    let text = format!("Spectrum of {}, bins of {:.3} Hz", kind.name(), spectrum.bin_hz);
    super::ends(frame, head, &text, &distortion(model, kind), bold().fg(colour(kind)));
    // Beside other things there is room for the picture alone.
    let columns = if body.width < NARROW { 0 } else { NUMBERS };
    let [picture, _, numbers] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(1), Constraint::Length(columns)]).areas(body);
    paint(frame, picture, kind, &spectrum);
    frame.render_widget(Text::from(orders(&spectrum, kind, usize::from(numbers.height))), numbers);
}

/// The board's own reading.
fn distortion(model: &Model, kind: Kind) -> String {
    let values = model.shown().values();
    let read = match kind {
        Kind::Voltage => values.get(Quantity::Thdv, 0),
        Kind::Current(n) => values.get(Quantity::Thdi, n),
        Kind::Residual => return String::new(),
    };
    format!("THD {} %", number(read.map(|share| share * 100.0), 2, 6).trim_start())
}

fn paint(frame: &mut Frame<'_>, area: Rect, kind: Kind, spectrum: &Spectrum) {
    let [upper, axis] = Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    let [gutter, picture] = Layout::horizontal([Constraint::Length(GUTTER), Constraint::Fill(1)]).areas(upper);
    let last = f64::from(gutter.height.saturating_sub(1)).max(1.0);
    let labels = (0..gutter.height).map(|row| {
        // Zero without a sign.
        let level = FLOOR * f64::from(row) / last + 0.0;
        // A label every four lines, and one at the floor.
        let shown = (row % 4 == 0 && row + 2 < gutter.height) || row + 1 == gutter.height;
        Line::raw(if shown { format!("{level:>4.0} dB") } else { String::new() })
    });
    frame.render_widget(labels.collect::<Text<'_>>(), gutter);
    let highest = spectrum.bin_hz * spectrum.bins.len().saturating_sub(1) as f64;
    let most = highest.min(50.5 * 10.0 * spectrum.bin_hz);
    let canvas = Canvas::default().marker(Marker::Braille).x_bounds([0.0, most.max(1.0)]).y_bounds([FLOOR, 0.0]).paint(
        |context| {
            for (n, rms) in spectrum.bins.iter().enumerate() {
                let (hz, level) = (n as f64 * spectrum.bin_hz, spectrum.decibels(*rms, FLOOR).min(0.0));
                if level > FLOOR {
                    context.draw(&Stroke::new(hz, FLOOR, hz, level, colour(kind)));
                }
            }
        },
    );
    frame.render_widget(canvas, picture);
    frame.render_widget(Line::raw(hertz(most, usize::from(axis.width))), axis);
}

/// The axis below the picture: 0, a quarter, a half, three quarters and all of the frequency, each under its place.
fn hertz(most: f64, width: usize) -> String {
    let gutter = usize::from(GUTTER);
    let room = width.saturating_sub(gutter);
    let mut axis = vec![' '; width];
    for quarter in 0..=4_usize {
        let text = format!("{:.0}{}", most * quarter as f64 / 4.0, if quarter == 4 { " Hz" } else { "" });
        // The first begins at its place, the last ends there, the others stand around it.
        let back = match quarter {
            0 => 0,
            4 => text.len(),
            _ => text.len() / 2,
        };
        let from = gutter + room * quarter / 4 - back;
        for (place, letter) in axis.iter_mut().skip(from).zip(text.chars()) {
            *place = letter;
        }
    }
    axis.into_iter().collect()
}

/// As many orders as there is room for.
fn orders(spectrum: &Spectrum, kind: Kind, room: usize) -> Vec<Line<'static>> {
    let head = Line::styled(format!("order    RMS, {}       %", kind.unit()), bold());
    let fundamental = spectrum.fundamental();
    let rows = spectrum.orders.iter().enumerate().skip(1).map(|(order, rms)| {
        let share = (fundamental > 0.0).then(|| rms / fundamental * 100.0);
        Line::raw(format!("{order:>5}{}{}", number(Some(*rms), 5, 11), number(share, 2, 8)))
    });
    std::iter::once(head).chain(rows).take(room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_its_numbers_under_their_places() {
        let axis = hertz(2_000.0, 52);
        // The picture takes the columns 8 to 51, a quarter of it 11.
        for (text, middle) in [("500", 8 + 11), ("1000", 8 + 22), ("1500", 8 + 33)] {
            assert_eq!(axis.find(text), Some(middle - text.len() / 2), "{axis}");
        }
        assert!(axis.starts_with("        0 ") && axis.ends_with(" 2000 Hz") && axis.len() == 52, "{axis}");
        assert_eq!(hertz(2_525.0, 52).len(), 52);
    }
}
