//! The page of readings: voltage, residual current, a line per current, and a small scope below.
//!
//! In comes the model, out go cells. This file must not compute a reading.

use datasets::reference::Quantity;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Text};

use super::super::model::Model;
use super::super::number::number;
use super::super::scope::Kind;
use super::{bold, colour, lanes};
use crate::values::{CurrentValues, Values};

/// Above the lines of the currents.
const HEAD: &str = "            I, A       P, W    Q1, var      S, VA      PF phase, deg  THD I, %";

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let values = model.shown().values();
    let config = model.shown().met.as_ref().map(|met| &met.config);
    let configured = config.map_or(0, |config| config.currents.len());
    let mut lines = vec![Line::styled(voltage(&values), Style::new().fg(colour(Kind::Voltage)))];
    if config.is_none_or(|config| config.residual.is_some()) {
        lines.push(Line::styled(residual(&values), Style::new().fg(colour(Kind::Residual))));
    }
    if configured > 0 {
        lines.push(Line::styled(HEAD, bold()));
    }
    let loads = model.shown().window.as_ref();
    for n in 0..configured {
        let silent = CurrentValues::default();
        let current = values.currents.get(n).unwrap_or(&silent);
        let load = loads.and_then(|window| window.currents.get(n)?.as_ref());
        let idle = load.is_some_and(|current| current.no_load);
        let chosen = model.channel() == Some(Kind::Current(n));
        let style = if chosen { bold() } else { Style::new() };
        lines.push(Line::styled(row(n, current, &values, chosen, idle), style.fg(colour(Kind::Current(n)))));
    }
    let table = Constraint::Length(lines.len() as u16);
    let [upper, lower] = Layout::vertical([table, Constraint::Fill(1)]).areas(area);
    frame.render_widget(Text::from(lines), upper);
    lanes::draw(frame, lower, model, false);
}

fn voltage(values: &Values) -> String {
    format!(
        "Voltage  {} V    Frequency {} Hz    THD V {} %    crest {}",
        number(values.voltage_v, 4, 9),
        number(values.frequency_hz, 4, 8),
        number(values.get(Quantity::Thdv, 0).map(|share| share * 100.0), 2, 6),
        number(values.get(Quantity::VoltageCrest, 0), 3, 6),
    )
}

fn residual(values: &Values) -> String {
    let milli = |ampere: Option<f64>| number(ampere.map(|ampere| ampere * 1e3), 4, 9);
    let more = values.residual;
    format!(
        "Residual {} mA  {:<18}  AC {} mA  peak {} mA",
        milli(values.residual_a),
        more.map_or("-", |more| more.kind_name()),
        milli(more.map(|more| more.ac_a)),
        milli(more.map(|more| more.peak_a)),
    )
}

fn row(n: usize, current: &CurrentValues, values: &Values, chosen: bool, idle: bool) -> String {
    let thd = values.get(Quantity::Thdi, n).map(|share| share * 100.0);
    format!(
        "{}{:<3}{}{}{}{}{}{}  {}",
        if chosen { '>' } else { ' ' },
        Kind::Current(n).name(),
        number(current.current_a, 4, 12),
        number(current.active_w, 3, 11),
        number(current.reactive_var, 3, 11),
        number(current.apparent_va, 3, 11),
        number(current.power_factor, 4, 8),
        number(current.phase_deg, 3, 11),
        if idle { " no load".to_owned() } else { number(thd, 2, 8) },
    )
}
