//! The page of the energy registers.
//!
//! In comes the model, out go cells. This file must not count energy: the registers are the board's.

use hil_link::MAX_CURRENTS;
use metering_core::energy::{Energy, Registers};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Paragraph, Wrap};

use super::super::model::Model;
use super::super::number::number;
use super::super::scope::Kind;
use super::{bold, colour};
use crate::energy::{memory, watt_hours};

/// Above the registers.
const HEAD: &str = "                  forward Wh   reverse Wh forward varh reverse varh apparent VAh";

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let Some(state) = &model.shown().energy else {
        frame.render_widget(Line::raw("Energy: the board has not told its registers yet"), area);
        return;
    };
    let all: Option<Registers<MAX_CURRENTS>> = state.registers();
    let Some(all) = all else {
        frame.render_widget(Line::raw("Energy: the board's registers contradict themselves"), area);
        return;
    };
    let [upper, lower] = Layout::vertical([Constraint::Length(3), Constraint::Fill(1)]).areas(area);
    let words = format!("Operation {} s\nEEPROM: {}", all.operation_s(), memory(state));
    frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), upper);
    let configured = model.shown().met.as_ref().map_or(MAX_CURRENTS, |met| met.config.currents.len());
    let mut lines = vec![Line::styled(HEAD, bold())];
    for (n, account) in all.accounts().iter().enumerate().take(state.channels.len().min(configured)) {
        let style = Style::new().fg(colour(Kind::Current(n)));
        lines.push(Line::styled(row(&Kind::Current(n).name(), "continuous", &account.continuous), style));
        lines.push(Line::styled(row("", "resettable", &account.resettable()), style));
    }
    frame.render_widget(Text::from(lines), lower);
}

fn row(name: &str, which: &str, energy: &Energy) -> String {
    let values = [
        energy.forward_active,
        energy.reverse_active,
        energy.forward_reactive,
        energy.reverse_reactive,
        energy.apparent,
    ];
    let cells: String = values.iter().map(|value| number(Some(watt_hours(*value)), 4, 13)).collect();
    format!("{name:<3}{which:<12}{cells}")
}
