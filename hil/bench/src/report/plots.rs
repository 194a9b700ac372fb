//! The plots of a run.
//!
//! In: a run or the points of one suite. Out: SVG texts made of panels: all errors on one picture, the errors of a
//! suite over its points, over frequency and over current, the beginning of a signal. It must not know HTML.

use super::{
    format, lines,
    model::{self, PointResult, Run, Waveform},
    panel::{self, Axis, BAD, Dot, GOOD, GRID, INK},
};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// A row of panels under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the panels have in common.
    pub heading: &'static str,
    /// The panels as SVG texts.
    pub panels: Vec<String>,
}

const IN_MEMORY: &str = "drawing into memory does not fail";
const WIDTH: i32 = 600;
/// Room for short labels, and what a letter of a longer one takes.
const LEFT: i32 = 100;
const LETTER: i32 = 7;
const RIGHT: i32 = 74;
const TOP: i32 = 44;
const ROW: i32 = 22;

/// Every judged quantity of every point on one picture: a row per quantity, the error as a share of its limit on a
/// logarithmic scale, the limit as a line. Depends on the checks alone, so that it can stand in a document.
pub fn error_overview(run: &Run) -> String {
    let labels = model::quantities(&run.points);
    let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0) as i32;
    let left = LEFT.max(longest * LETTER + 14);
    let rows = labels.len().max(1) as i32;
    let (height, bottom) = (TOP + rows * ROW + 46, TOP + rows * ROW);
    let top_share = run.worst().map_or(0.0, |check| check.used().abs());
    let decades = (-2, if top_share > 100.0 { 3 } else { 2 });
    let x_of = |percent: f64| {
        let span = f64::from(decades.1 - decades.0);
        let along = (percent.max(1e-9).log10() - f64::from(decades.0)).clamp(0.0, span) / span;
        left + (along * f64::from(WIDTH - left - RIGHT)).round() as i32
    };
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        area.fill(&WHITE).expect(IN_MEMORY);
        let text = |words: String, at: (i32, i32), h: HPos| {
            area.draw(&Text::new(words, at, panel::font(13.0).pos(Pos::new(h, VPos::Center)))).expect(IN_MEMORY);
        };
        let line = |from: (i32, i32), to: (i32, i32), style: ShapeStyle| {
            area.draw(&PathElement::new(vec![from, to], style)).expect(IN_MEMORY);
        };
        let title = format!("Worst error of each of {} points, as a share of its limit", run.points.len());
        text(title, (12, 18), HPos::Left);
        for decade in decades.0..=decades.1 {
            let share = 10f64.powi(decade);
            let x = x_of(share);
            line((x, TOP), (x, bottom), if decade == 2 { BAD.stroke_width(2) } else { GRID.stroke_width(1) });
            let name = if decade == 2 { "100 % (limit)".to_owned() } else { format!("{} %", panel::tick(share)) };
            text(name, (x, bottom + 16), HPos::Center);
        }
        for (row, label) in labels.iter().enumerate() {
            let middle = TOP + row as i32 * ROW + ROW / 2;
            line((left, middle), (WIDTH - RIGHT, middle), GRID.stroke_width(1));
            text(label.clone(), (left - 10, middle), HPos::Right);
            let mut worst = 0.0f64;
            for (index, check) in checks(&run.points, label).enumerate() {
                let share = check.used().abs();
                worst = worst.max(share);
                // Spread by the order of the points, so that equal errors stay countable.
                let at = (x_of(share), middle + (index as i32 * 5) % 15 - 7);
                if check.pass {
                    area.draw(&Circle::new(at, 3, GOOD.mix(0.6).filled())).expect(IN_MEMORY);
                } else {
                    area.draw(&Cross::new(at, 4, BAD.stroke_width(2))).expect(IN_MEMORY);
                }
            }
            text(format::percent(worst), (WIDTH - 12, middle), HPos::Right);
        }
        text("worst".to_owned(), (WIDTH - 12, TOP - 10), HPos::Right);
        line((left, bottom), (WIDTH - RIGHT, bottom), INK.stroke_width(1));
        area.present().expect(IN_MEMORY);
    }
    svg
}

/// The errors of one suite: over its points, and over frequency and current where at least two values are known.
pub fn suite(points: &[&PointResult]) -> Vec<Group> {
    let mut groups = vec![group("Error over the points", points, "point", false, |index, _| Some(index as f64 + 1.0))];
    groups.push(group("Error over frequency", points, "Hz", false, |_, point| point.conditions.frequency_hz));
    groups.push(group("Error over current", points, "% of range", true, |_, point| {
        point.conditions.current_percent.filter(|percent| *percent > 0.0)
    }));
    groups.retain(|group| !group.panels.is_empty());
    groups
}

fn group(
    heading: &'static str,
    points: &[&PointResult],
    name: &str,
    log: bool,
    place: impl Fn(usize, &PointResult) -> Option<f64>,
) -> Group {
    let placed: Vec<(f64, &PointResult)> = points
        .iter()
        .enumerate()
        .filter_map(|(index, point)| place(index, point).filter(|x| x.is_finite()).map(|x| (x, *point)))
        .collect();
    let from = placed.iter().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let to = placed.iter().map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    if from >= to || placed.is_empty() {
        return Group { heading, panels: Vec::new() };
    }
    let margin = (to - from) * 0.05;
    let axis = if log {
        Axis { name, from: from / 1.2, to: to * 1.2, log }
    } else {
        Axis { name, from: from - margin, to: to + margin, log }
    };
    let worst = points.iter().flat_map(|point| &point.checks).map(|c| c.used().abs()).fold(0.0, f64::max);
    let panels = model::quantities(points.iter().copied())
        .iter()
        .map(|label| {
            let dots: Vec<Dot> = placed
                .iter()
                .flat_map(|(x, point)| {
                    checks([*point], label).map(|check| Dot { x: *x, y: check.used(), good: check.pass })
                })
                .collect();
            let peak = dots.iter().map(|dot| dot.y.abs()).fold(0.0, f64::max);
            panel::scatter(&format!("{label}: worst {} of the limit", format::percent(peak)), axis, reach(worst), &dots)
        })
        .collect();
    Group { heading, panels }
}

/// How far the axis of a group goes: a round number above the worst, at most three times the limit.
fn reach(worst: f64) -> f64 {
    [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 120.0, 300.0].into_iter().find(|r| *r >= worst * 1.05).unwrap_or(300.0)
}

/// The beginning of a signal as a thumbnail, and the largest values in words: blue voltage, ochre currents, green residual
/// current.
pub fn thumbnail(waveform: &Waveform) -> (String, String) {
    // One line for all currents: the one that goes furthest.
    let currents = waveform.currents.iter().map(Vec::as_slice);
    let current = currents.max_by(|a, b| lines::peak(&[a]).total_cmp(&lines::peak(&[b]))).unwrap_or_default();
    let signals = [waveform.voltage.as_slice(), current, waveform.residual.as_slice()];
    let words = signals.iter().zip([("V", 1.0), ("A", 1.0), ("mA", 1e3)]).filter(|(signal, _)| !signal.is_empty());
    let words =
        words.map(|(signal, (unit, scale))| format!("{} {unit}", format::short(lines::peak(&[signal]) * scale)));
    (lines::thumbnail(&signals), words.collect::<Vec<_>>().join(", "))
}

fn checks<'a>(
    points: impl IntoIterator<Item = &'a PointResult>,
    label: &str,
) -> impl Iterator<Item = &'a model::Check> {
    points.into_iter().flat_map(PointResult::worst_checks).filter(move |check| check.label() == label)
}
