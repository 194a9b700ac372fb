//! The page of phasors: the fundamentals of voltage and currents as the board reads them, the voltage at 0 degrees.
//!
//! In comes the model, out go cells. This file must not compute a reading.

use datasets::reference::Quantity;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Text};
use ratatui::widgets::canvas::{Canvas, Circle, Context, Line as Stroke};

use super::super::model::{Model, Shown};
use super::super::number::number;
use super::super::scope::Kind;
use super::{bold, colour};

/// Columns of the numbers.
const NUMBERS: u16 = 34;

/// Length of the largest current; the voltage has 1.
const CURRENT: f64 = 0.75;

/// A fundamental.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::monitor) struct Phasor {
    /// What it is of.
    pub kind: Kind,
    /// RMS in volt or ampere.
    pub rms: f64,
    /// Against the voltage, positive ahead; `None` where the board tells none.
    pub degrees: Option<f64>,
    /// Length in the picture: the voltage has 1, the currents share a scale.
    pub length: f64,
}

impl Phasor {
    /// Place of its tip.
    pub fn tip(&self) -> Option<(f64, f64)> {
        let (sine, cosine) = self.degrees?.to_radians().sin_cos();
        Some((self.length * cosine, self.length * sine))
    }
}

/// The phasors of the newest window.
pub(in crate::monitor) fn phasors(shown: &Shown) -> Vec<Phasor> {
    let values = shown.values();
    let of = |n: usize| Some((n, values.get(Quantity::FundamentalA, n)?, values.currents.get(n)?.phase_deg));
    let currents: Vec<_> = (0..values.currents.len()).filter_map(of).collect();
    let largest = currents.iter().fold(0.0, |largest: f64, (_, rms, _)| largest.max(*rms));
    let scale = if largest > 0.0 { CURRENT / largest } else { 0.0 };
    let voltage = values.get(Quantity::FundamentalV, 0).map(|rms| Phasor {
        kind: Kind::Voltage,
        rms,
        degrees: Some(0.0),
        length: 1.0,
    });
    // A current that lags has a positive phase and a phasor behind the voltage.
    let currents = currents.into_iter().map(|(n, rms, phase)| Phasor {
        kind: Kind::Current(n),
        rms,
        degrees: phase.map(|phase| if phase == 0.0 { 0.0 } else { -phase }),
        length: rms * scale,
    });
    voltage.into_iter().chain(currents).collect()
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let all = phasors(model.shown());
    let [head, body] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let title =
        if all.is_empty() { "Phasors: no reading yet" } else { "Phasors of the fundamentals, read by the board" };
    frame.render_widget(Line::styled(title, bold()), head);
    // A cell is about twice as high as wide.
    let width = (body.height * 2).min(body.width.saturating_sub(NUMBERS + 1));
    let [picture, _, numbers] =
        Layout::horizontal([Constraint::Length(width), Constraint::Length(1), Constraint::Length(NUMBERS)]).areas(body);
    let canvas = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([-1.2, 1.2])
        .y_bounds([-1.2, 1.2])
        .paint(|context| paint(context, &all, model.channel()));
    frame.render_widget(canvas, picture);
    let mut lines = vec![Line::styled("         fundamental    angle, deg", bold())];
    lines.extend(all.iter().map(|phasor| row(phasor, model.channel())));
    frame.render_widget(Text::from(lines), numbers);
}

fn paint(context: &mut Context<'_>, all: &[Phasor], chosen: Option<Kind>) {
    context.draw(&Circle { x: 0.0, y: 0.0, radius: 1.0, color: Color::DarkGray });
    for phasor in all {
        if let Some((x, y)) = phasor.tip() {
            context.draw(&Stroke::new(0.0, 0.0, x, y, colour(phasor.kind)));
        }
    }
    context.layer();
    // One name each of voltage and current: more would lie upon each other.
    let current = all.iter().find(|phasor| phasor.kind != Kind::Voltage && Some(phasor.kind) == chosen);
    let current = current.or_else(|| all.iter().find(|phasor| phasor.kind != Kind::Voltage && phasor.length > 0.7));
    for phasor in all.iter().filter(|phasor| phasor.kind == Kind::Voltage).chain(current) {
        if let Some((x, y)) = phasor.tip() {
            context.print(x * 1.1, y * 1.1, Line::styled(phasor.kind.name(), bold().fg(colour(phasor.kind))));
        }
    }
}

fn row(phasor: &Phasor, chosen: Option<Kind>) -> Line<'static> {
    let is_chosen = chosen == Some(phasor.kind);
    let style = if is_chosen { bold() } else { Style::new() };
    let text = format!(
        "{}{:<4}{} {}{}",
        if is_chosen { '>' } else { ' ' },
        phasor.kind.name(),
        number(Some(phasor.rms), 4, 13),
        phasor.kind.unit(),
        number(phasor.degrees, 3, 14),
    );
    Line::styled(text, style.fg(colour(phasor.kind)))
}
