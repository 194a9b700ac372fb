//! Curves over years: a truth as a line, what was read as marks on it.
//!
//! In come series of points, out goes an SVG text with a logarithmic vertical axis. It must not know what is drawn.

use super::panel::{self, GOOD, INK};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// What stands beside its end.
    pub name: String,
    /// The truth, as a line.
    pub truth: Vec<(f64, f64)>,
    /// What was read, as marks.
    pub read: Vec<(f64, f64)>,
}

const SIZE: (u32, u32) = (420, 260);
const IN_MEMORY: &str = "drawing into memory does not fail";

/// Draws curves; what is not above 0 has no place on the axis.
pub fn draw(title: &str, horizontal: &str, curves: &[Curve]) -> String {
    let points = || curves.iter().flat_map(|curve| curve.truth.iter().chain(&curve.read)).filter(|(_, y)| *y > 0.0);
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let (_, right) = ends(&mut points().map(|(x, _)| *x));
    let (low, high) = ends(&mut points().map(|(_, y)| *y));
    let (right, low, high) = if low <= high { (right, low, high) } else { (1.0, 1.0, 1.0) };
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let style = panel::font(12.0).pos(Pos::new(HPos::Left, VPos::Top));
        area.draw(&Text::new(title.to_owned(), (8, 6), style)).expect(IN_MEMORY);
        let mut chart = ChartBuilder::on(&area)
            .margin_top(24)
            .margin_right(70)
            .margin_bottom(2)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..right.max(1e-9) * 1.02, (low / 2.0..high * 2.0).log_scale())
            .expect(IN_MEMORY);
        panel::mesh(&mut chart)
            .x_labels(6)
            .y_labels(7)
            .x_desc(horizontal)
            .x_label_formatter(&|v| panel::tick(*v))
            .y_label_formatter(&|v| format!("{v:.0e}"))
            .draw()
            .expect(IN_MEMORY);
        for curve in curves {
            let shown = |points: &[(f64, f64)]| points.iter().copied().filter(|(_, y)| *y > 0.0).collect::<Vec<_>>();
            let (truth, read) = (shown(&curve.truth), shown(&curve.read));
            chart.draw_series(LineSeries::new(truth.iter().copied(), INK.stroke_width(1))).expect(IN_MEMORY);
            chart.draw_series(read.iter().map(|&at| Circle::new(at, 3, GOOD.mix(0.75).filled()))).expect(IN_MEMORY);
            if let Some(&end) = truth.last() {
                let (x, y) = chart.backend_coord(&end);
                let style = panel::font(11.0).pos(Pos::new(HPos::Left, VPos::Center));
                area.draw(&Text::new(curve.name.clone(), (x + 8, y), style)).expect(IN_MEMORY);
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
    fn lines_and_marks_are_drawn() {
        let points: Vec<(f64, f64)> = (1..=20).map(|year| (f64::from(year), f64::from(year) * 8_766.0)).collect();
        let curve = Curve { name: "1 W".into(), truth: points.clone(), read: points };
        let svg = draw("Energy, Wh", "years", &[curve]);
        assert_eq!(svg.matches("<circle").count(), 20);
        assert!(svg.contains("<polyline") && svg.contains("1 W"));
        assert!(draw("nothing", "years", &[]).starts_with("<svg"));
        let odd = Curve { truth: vec![(0.0, 0.0), (1.0, f64::NAN)], ..Curve::default() };
        assert!(draw("odd", "years", &[odd]).starts_with("<svg"));
    }
}
