//! One small plot: the brick all plots of the report are built from.
//!
//! In: numbers, a title and the names of the axes. Out: one SVG text, the same for the same numbers on every machine,
//! narrow enough to stand on a phone without shrinking. It must not know suites, checks or readings.

use plotters::{
    chart::MeshStyle,
    coord::{
        Shift,
        ranged1d::{AsRangedCoord, Ranged, ValueFormatter},
    },
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x52, 0x51, 0x4e);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe4, 0xe3, 0xdf);
/// What holds, and the first line of a plot.
pub const GOOD: RGBColor = RGBColor(0x2a, 0x78, 0xd6);
/// Limits, and what does not hold.
pub const BAD: RGBColor = RGBColor(0xd0, 0x3b, 0x3b);
/// Lines of a plot in their order.
pub const LINES: [RGBColor; 4] =
    [GOOD, RGBColor(0xc9, 0x85, 0x00), RGBColor(0x1b, 0xaf, 0x7a), RGBColor(0x4a, 0x3a, 0xa7)];

/// Width and height in pixels.
pub const SIZE: (u32, u32) = (360, 190);
/// What an area of axes leaves of the width and of the height.
pub const INNER: (f64, f64) = (SIZE.0 as f64 - 60.0, SIZE.1 as f64 - 62.0);
const MARK: i32 = 3;

/// Where a plot is drawn.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One measured error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Position along the plot.
    pub x: f64,
    /// Error in percent of the limit; infinite ones land on the edge.
    pub y: f64,
    /// Whether it holds.
    pub good: bool,
}

/// The horizontal axis of a scatter plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis<'a> {
    /// Name with unit.
    pub name: &'a str,
    /// Left end.
    pub from: f64,
    /// Right end, above the left one.
    pub to: f64,
    /// Whether equal steps are equal factors; both ends are positive then.
    pub log: bool,
}

/// A font of so many pixels; the backend divides by the constant again.
pub fn font(pixels: f64) -> TextStyle<'static> {
    ("sans-serif", pixels * 1.24).into_font().color(&INK)
}

/// The look of all axes: their names, ticks and their numbers are left to who draws.
pub fn mesh<'a, 'b, X, Y, DB>(chart: &'b mut ChartContext<'a, DB, Cartesian2d<X, Y>>) -> MeshStyle<'a, 'b, X, Y, DB>
where
    X: Ranged + ValueFormatter<<X as Ranged>::ValueType>,
    Y: Ranged + ValueFormatter<<Y as Ranged>::ValueType>,
    DB: DrawingBackend,
{
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().bold_line_style(GRID).light_line_style(TRANSPARENT).axis_style(GRID).label_style(font(11.0));
    mesh
}

/// Errors in percent of the limit over anything, with the limits as lines where they are in sight.
pub fn scatter(title: &str, axis: Axis<'_>, reach: f64, dots: &[Dot]) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let range = axis.from..axis.to;
        if axis.log {
            draw_dots(&area, title, axis.name, range.log_scale(), (axis.from, axis.to), reach, dots);
        } else {
            draw_dots(&area, title, axis.name, range, (axis.from, axis.to), reach, dots);
        }
        area.present().expect(IN_MEMORY);
    }
    svg
}

/// Why nothing can go wrong.
pub const IN_MEMORY: &str = "drawing into memory does not fail";

fn draw_dots<X>(area: &Area<'_>, title: &str, name: &str, x: X, ends: (f64, f64), reach: f64, dots: &[Dot])
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    caption(area, title);
    let mut chart = room(area).build_cartesian_2d(x, -reach..reach).expect(IN_MEMORY);
    mesh(&mut chart)
        .x_labels(6)
        .y_labels(5)
        .x_desc(name)
        .x_label_formatter(&|v| tick(*v))
        .y_label_formatter(&|v| tick(*v))
        .draw()
        .expect(IN_MEMORY);
    for level in [-100.0, 100.0] {
        if reach >= 100.0 {
            chart.draw_series(LineSeries::new([(ends.0, level), (ends.1, level)], BAD)).expect(IN_MEMORY);
        }
    }
    for dot in dots {
        let at = (dot.x.clamp(ends.0, ends.1), dot.y.clamp(-reach, reach));
        if dot.good {
            chart.draw_series([Circle::new(at, MARK, GOOD.mix(0.75).filled())]).expect(IN_MEMORY);
        } else {
            chart.draw_series([Cross::new(at, MARK + 1, BAD.stroke_width(2))]).expect(IN_MEMORY);
        }
    }
}

/// A chart with room for its title and its axes.
pub fn room<'a, 'b>(area: &'a Area<'b>) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder.margin_top(24).margin_right(14).margin_bottom(2).x_label_area_size(36).y_label_area_size(46);
    builder
}

/// The title of a plot, in its upper left corner.
pub fn caption(area: &Area<'_>, title: &str) {
    let style = font(12.0).pos(Pos::new(HPos::Left, VPos::Top));
    area.draw(&Text::new(title.to_owned(), (8, 6), style)).expect(IN_MEMORY);
}

/// A number on an axis, without digits that say nothing.
pub fn tick(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_plain() {
        assert_eq!(tick(100.0), "100");
        assert_eq!(tick(-0.00001), "0");
        assert_eq!(tick(0.25), "0.25");
    }

    #[test]
    fn odd_input_still_draws() {
        let axis = Axis { name: "n", from: 1.0, to: 100.0, log: true };
        let dots = [Dot { x: 0.0, y: f64::INFINITY, good: false }];
        assert!(scatter("<t>", axis, 120.0, &dots).contains("&lt;t&gt;"));
    }
}
