//! A chart: lines and marks between two axes, a legend above them.
//!
//! In come points with names, out goes one SVG text, the same for the same points on every machine. This file must not
//! know what is drawn.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const SIZE: (u32, u32) = (640, 390);
const LEFT: i32 = 70;
const RIGHT: i32 = 616;
const TOP: i32 = 110;
const BOTTOM: i32 = 336;
/// What a letter of the legend takes.
const LETTER: i32 = 7;
const INK: RGBColor = RGBColor(0x33, 0x32, 0x30);
const GRID: RGBColor = RGBColor(0xdd, 0xdc, 0xd8);
const COLOURS: [RGBColor; 5] = [
    RGBColor(0x2a, 0x78, 0xd6),
    RGBColor(0xc9, 0x85, 0x00),
    RGBColor(0x1b, 0x9a, 0x6a),
    RGBColor(0xd0, 0x3b, 0x3b),
    RGBColor(0x6a, 0x4a, 0xc7),
];
const IN_MEMORY: &str = "drawing into memory does not fail";

/// An axis: its name with the unit, and the values that stand on it, the first and the last at its ends.
#[derive(Clone, Debug)]
pub struct Axis {
    name: String,
    ticks: Vec<f64>,
    log: bool,
}

impl Axis {
    /// Equal steps are equal differences, from 0 to a round number that is not below `most`.
    pub fn linear(name: &str, most: f64) -> Self {
        let decade = 10f64.powf(most.max(f64::MIN_POSITIVE).log10().floor());
        let step = [0.2, 0.5, 1.0, 2.0].map(|part| part * decade).into_iter().find(|step| most / step <= 6.0);
        let step = step.unwrap_or(2.0 * decade);
        let ticks = (0..=(most / step).ceil() as u32).map(|n| f64::from(n) * step).collect();
        Self { name: name.to_owned(), ticks, log: false }
    }

    /// Equal steps are equal factors; 1, 2 and 5 of each decade stand on it, or the decades alone where they are many.
    pub fn log(name: &str, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .filter(|value| *value > 0.0)
            .fold((f64::INFINITY, 0f64), |(low, high), value| (low.min(value * 0.95), high.max(value * 1.05)));
        let (low, high) = if low < high { (low, high) } else { (1.0, 10.0) };
        let steps: &[f64] = if high / low < 300.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let decades = low.log10().floor() as i32..=high.log10().floor() as i32 + 1;
        let all: Vec<f64> = decades.flat_map(|e| steps.iter().map(move |step| step * 10f64.powi(e))).collect();
        let from = all.iter().rposition(|tick| *tick <= low).unwrap_or(0);
        let to = all.iter().position(|tick| *tick >= high).unwrap_or(all.len() - 1);
        Self { name: name.to_owned(), ticks: all[from..=to].to_vec(), log: true }
    }

    /// Equal steps are equal factors; these values stand on it.
    pub fn factors(name: &str, ticks: &[f64]) -> Self {
        Self { name: name.to_owned(), ticks: ticks.to_vec(), log: true }
    }

    /// Where along the axis a value lies, 0 to 1.
    fn along(&self, value: f64) -> f64 {
        let place = |value: f64| if self.log { value.max(f64::MIN_POSITIVE).log10() } else { value };
        let ends = self.ticks.first().zip(self.ticks.last()).map_or((0.0, 1.0), |(a, b)| (place(*a), place(*b)));
        (place(value) - ends.0) / (ends.1 - ends.0)
    }

    fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        self.ticks.iter().map(|&tick| (tick, label(tick)))
    }
}

/// A number without digits that say nothing.
fn label(value: f64) -> String {
    if value >= 10_000.0 { format!("{} 000", value / 1_000.0) } else { format!("{}", (value * 1e9).round() / 1e9) }
}

/// How points are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line through marks.
    Line,
    /// A broken line through marks.
    Broken,
    /// Full marks.
    Full,
    /// Rings.
    Ring,
}

/// Points that belong together.
#[derive(Clone, Debug)]
pub struct Series {
    /// What the legend says; without one it is not in the legend.
    pub name: String,
    /// Number of its colour.
    pub colour: usize,
    /// How it is shown.
    pub style: Style,
    /// The points.
    pub points: Vec<(f64, f64)>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn text(area: &Area<'_>, words: &str, at: (i32, i32), pixels: f64, place: HPos) {
    // The backend divides by the constant again.
    let style = ("sans-serif", pixels * 1.24).into_font().color(&INK).pos(Pos::new(place, VPos::Center));
    area.draw(&Text::new(words.to_owned(), at, style)).expect(IN_MEMORY);
}

fn line(area: &Area<'_>, points: &[(i32, i32)], style: impl Into<ShapeStyle>) {
    area.draw(&PathElement::new(points.to_vec(), style)).expect(IN_MEMORY);
}

fn mark(area: &Area<'_>, at: (i32, i32), series: &Series) {
    let colour = COLOURS[series.colour % COLOURS.len()];
    match series.style {
        Style::Ring => area.draw(&Circle::new(at, 7, colour.stroke_width(2))).expect(IN_MEMORY),
        _ => area.draw(&Circle::new(at, 4, colour.filled())).expect(IN_MEMORY),
    }
}

fn path(area: &Area<'_>, points: &[(i32, i32)], series: &Series) {
    let colour = COLOURS[series.colour % COLOURS.len()];
    match series.style {
        Style::Line => line(area, points, colour.stroke_width(2)),
        Style::Broken => {
            for pair in points.windows(2) {
                dashes(area, pair[0], pair[1], colour);
            }
        }
        Style::Full | Style::Ring => {}
    }
}

/// A line of dashes of some 6 pixels.
fn dashes(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor) {
    let (across, down) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let count = (across.hypot(down) / 12.0).ceil().max(1.0);
    let at = |part: f64| (from.0 + (across * part).round() as i32, from.1 + (down * part).round() as i32);
    for n in 0..count as u32 {
        let n = f64::from(n);
        line(area, &[at(n / count), at((n + 0.5) / count)], colour.stroke_width(2));
    }
}

/// Names above the chart, as many in a row as fit.
fn legend(area: &Area<'_>, series: &[Series]) {
    let (mut x, mut y) = (LEFT, 46);
    for series in series.iter().filter(|series| !series.name.is_empty()) {
        let sample = if matches!(series.style, Style::Line | Style::Broken) { 36 } else { 12 };
        let width = sample + 8 + series.name.chars().count() as i32 * LETTER + 16;
        if x > LEFT && x + width > RIGHT + 16 {
            (x, y) = (LEFT, y + 18);
        }
        path(area, &[(x, y), (x + sample, y)], series);
        mark(area, (x + sample / 2, y), series);
        text(area, &series.name, (x + sample + 8, y), 13.0, HPos::Left);
        x += width;
    }
}

/// Draws it.
pub fn draw(title: &str, across: &Axis, up: &Axis, series: &[Series]) -> String {
    let x = |value: f64| LEFT + (across.along(value) * f64::from(RIGHT - LEFT)).round() as i32;
    let y = |value: f64| BOTTOM - (up.along(value) * f64::from(BOTTOM - TOP)).round() as i32;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE).expect(IN_MEMORY);
        text(&area, title, (12, 18), 15.0, HPos::Left);
        legend(&area, series);
        for (tick, label) in up.ticks() {
            line(&area, &[(LEFT, y(tick)), (RIGHT, y(tick))], GRID);
            text(&area, &label, (LEFT - 8, y(tick)), 12.0, HPos::Right);
        }
        for (tick, label) in across.ticks() {
            line(&area, &[(x(tick), TOP), (x(tick), BOTTOM)], GRID);
            text(&area, &label, (x(tick), BOTTOM + 14), 12.0, HPos::Center);
        }
        text(&area, &up.name, (12, TOP - 18), 12.0, HPos::Left);
        text(&area, &across.name, (i32::midpoint(LEFT, RIGHT), BOTTOM + 38), 12.0, HPos::Center);
        line(&area, &[(LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)], INK);
        for series in series {
            let points: Vec<_> = series.points.iter().map(|point| (x(point.0), y(point.1))).collect();
            path(&area, &points, series);
            for &point in &points {
                mark(&area, point, series);
            }
        }
        area.present().expect(IN_MEMORY);
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_where_their_values_say() {
        let series = |style, points| Series { name: "a".into(), colour: 0, style, points };
        let (across, up) = (Axis::linear("n", 8.0), Axis::log("m", [3.0, 40.0].into_iter()));
        assert_eq!((across.ticks, up.ticks), (vec![0.0, 2.0, 4.0, 6.0, 8.0], vec![2.0, 5.0, 10.0, 20.0, 50.0]));
        let (across, up) = (Axis::linear("n", 8.0), Axis::log("m", [3.0, 40.0].into_iter()));
        let svg = draw("t", &across, &up, &[series(Style::Full, vec![(8.0, 50.0), (4.0, 10.0)])]);
        for at in [(RIGHT, TOP), (i32::midpoint(LEFT, RIGHT), i32::midpoint(TOP, BOTTOM))] {
            assert!(svg.contains(&format!("<circle cx=\"{}\" cy=\"{}\"", at.0, at.1)), "{at:?}: {svg}");
        }
        let broken = draw("t", &across, &up, &[series(Style::Broken, vec![(0.0, 5.0), (8.0, 5.0)])]);
        assert!(broken.matches("<polyline").count() > 40);
    }

    #[test]
    fn numbers_are_written_plainly() {
        assert_eq!([0.001, 0.1 + 0.2, 800.0, 10_000.0].map(label), ["0.001", "0.3", "800", "10 000"]);
    }
}
