//! How the screen looks.
//!
//! In comes the model, out go cells. This file must not change anything or know terminals; it is drawn into a buffer by
//! the tests just as well. Nothing is told by colour alone.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::model::{Link, Model, Page};
use super::number::shortened;
use super::scope::Kind;
use crate::values::flags;

mod energy;
mod events;
mod help;
mod lanes;
mod phasors;
mod readings;
mod spectrum;
#[cfg(test)]
mod tests;

pub(super) use lanes::reach;
pub(super) use phasors::phasors;
pub(super) use spectrum::FLOOR;

/// Columns and lines that are needed.
pub const LEAST: (u16, u16) = (80, 24);

/// From here on the readings share the screen with spectrum and phasors.
const WIDE: u16 = 130;

/// After so many seconds without a word a board is told to be silent: the slowest request takes less.
const SILENT_S: u64 = 2;

/// What the keys are, in 80 cells.
const KEYS: &str = "1-6 page  ↑↓ channel  +- cycles  p pause  s picture  w samples  ? keys  q quit";

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!(
            "This terminal has {}x{} cells, hil monitor needs {}x{}: make it larger, or leave with q.",
            area.width, area.height, LEAST.0, LEAST.1
        );
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let one = Constraint::Length(1);
    let [tabs, link, page, alarms, keys] = Layout::vertical([one, one, Constraint::Fill(1), one, one]).areas(area);
    draw_tabs(frame, tabs, model);
    draw_link(frame, link, model);
    draw_alarms(frame, alarms, model);
    frame.render_widget(shortened(model.note.as_deref().unwrap_or(KEYS), usize::from(keys.width)), keys);
    match model.page {
        Page::Readings if page.width >= WIDE => {
            let [left, _, right] =
                Layout::horizontal([Constraint::Length(LEAST.0), Constraint::Length(1), Constraint::Fill(1)])
                    .areas(page);
            let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(right);
            readings::draw(frame, left, model);
            spectrum::draw(frame, upper, model);
            phasors::draw(frame, lower, model);
        }
        Page::Readings => readings::draw(frame, page, model),
        Page::Scope => lanes::draw(frame, page, model, true),
        Page::Spectrum => spectrum::draw(frame, page, model),
        Page::Phasors => phasors::draw(frame, page, model),
        Page::Energy => energy::draw(frame, page, model),
        Page::Events => events::draw(frame, page, model),
        Page::Help => help::draw(frame, page),
    }
}

/// Colour of a channel.
fn colour(kind: Kind) -> Color {
    match kind {
        Kind::Voltage => Color::Yellow,
        Kind::Current(_) => Color::Cyan,
        Kind::Residual => Color::Magenta,
    }
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn warning() -> Style {
    Style::new().fg(Color::Red).add_modifier(Modifier::REVERSED | Modifier::BOLD)
}

/// A text on the left and one on the right; the left one gives way.
fn ends(frame: &mut Frame<'_>, area: Rect, left: &str, right: &str, style: Style) {
    let room = usize::from(area.width).saturating_sub(right.chars().count() + 2);
    frame.render_widget(Line::styled(shortened(left, room), style), area);
    frame.render_widget(Paragraph::new(right).alignment(Alignment::Right), right_part(area, right));
}

/// The cells at the right end that a text takes.
fn right_part(area: Rect, text: &str) -> Rect {
    let width = (text.chars().count() as u16).min(area.width);
    Rect { x: area.right() - width, width, ..area }
}

fn draw_tabs(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let tabs = Page::NUMBERED.iter().zip(1..).map(|(page, number)| {
        let name = page.name();
        if *page == model.page {
            Span::styled(format!("[{number} {name}]"), bold())
        } else {
            Span::raw(format!(" {number} {name} "))
        }
    });
    frame.render_widget(tabs.collect::<Line<'_>>(), area);
    let (state, style) = match &model.link {
        Link::Lost(..) => ("NO BOARD", warning()),
        Link::Up if model.silent_s >= SILENT_S => ("NO ANSWER", warning()),
        Link::Up if model.is_paused() => ("PAUSED", warning()),
        Link::Up => ("LIVE", bold()),
    };
    frame.render_widget(Line::styled(state, style), right_part(area, state));
}

fn draw_link(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    if let Link::Lost(reason, tries) = &model.link {
        return ends(frame, area, reason, &format!("looked for it {}x", tries + 1), warning());
    }
    if model.silent_s >= SILENT_S {
        let text = "The board does not answer, the screen shows what it told last";
        return ends(frame, area, text, &format!("silent for {} s", model.silent_s), warning());
    }
    if model.is_paused() {
        let text = "The screen stands still, the board and its data go on; p goes on";
        return ends(frame, area, text, "", bold());
    }
    let Some(met) = &model.shown().met else { return };
    let left = format!("{} {}: {}", met.board, met.firmware, met.signal);
    ends(frame, area, &left, &link(model), Style::new());
}

fn link(model: &Model) -> String {
    let counters = &model.counters;
    let damaged = counters.damaged.saturating_add(counters.status.damaged_frames);
    format!("pace {:.2}, {damaged} damaged, {} repeats", counters.pace, counters.resent)
}

fn draw_alarms(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let active = model.log.active();
    let window = model.shown().window.as_ref().map(flags).unwrap_or_default();
    let all: Vec<String> = active.iter().cloned().chain(window).collect();
    let (text, style) = match (active.is_empty(), all.is_empty()) {
        _ if matches!(model.link, Link::Lost(..)) => ("alarms are not known".to_owned(), warning()),
        (true, true) => ("no alarms".to_owned(), Style::new()),
        (true, false) => (format!("no alarms; {}", all.join(", ")), Style::new()),
        (false, _) => (all.join(", "), warning()),
    };
    // The newest line has what the alarms leave.
    let newest = model.log.lines().next().map(events::line).unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(text.chars().count() + 3);
    let newest = if room < 20 { String::new() } else { shortened(newest.trim_start(), room) };
    ends(frame, area, &text, &newest, style);
}
