//! Orders of a spectrum as bars, in percent of one of them.
//!
//! In: shares by order, perhaps those of another signal to hold them against. Out: one SVG text with a logarithmic
//! vertical axis. It must not know what the signals are.

use super::panel::{GOOD, IN_MEMORY, LINES, SIZE, caption, mesh, room, tick};
use plotters::prelude::*;

/// What lies lower is not drawn, in percent; it is what a meter of class 0.1 could not tell from nothing.
pub const FLOOR: f64 = 0.001;

/// Half the width of a bar, in orders.
const HALF: f64 = 0.32;

/// Bars from order 0 on; marks where the other signal has its own.
pub fn draw(title: &str, shares: &[f64], others: &[f64]) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        caption(&area, title);
        let all = || shares.iter().chain(others).copied().filter(|share| share.is_finite());
        let top = all().fold(100.0, f64::max) * 1.6;
        let end = shares.len().max(others.len()).max(2) as f64 - 0.5;
        let mut chart = room(&area).build_cartesian_2d(-0.5..end, (FLOOR..top).log_scale()).expect(IN_MEMORY);
        mesh(&mut chart)
            .x_labels(11)
            .y_labels(6)
            .x_desc("order")
            .x_label_formatter(&|v| tick(*v))
            .y_label_formatter(&|v| format!("{} %", tick(*v)))
            .draw()
            .expect(IN_MEMORY);
        for (order, share) in (0..).map(f64::from).zip(shares).filter(|(_, share)| **share > FLOOR) {
            let bar = Rectangle::new([(order - HALF, FLOOR), (order + HALF, *share)], GOOD.filled());
            chart.draw_series([bar]).expect(IN_MEMORY);
        }
        for (order, share) in (0..).map(f64::from).zip(others).filter(|(_, share)| **share > FLOOR) {
            let mark = [(order - 0.5, *share), (order + 0.5, *share)];
            chart.draw_series(LineSeries::new(mark, LINES[1].stroke_width(2))).expect(IN_MEMORY);
        }
        area.present().expect(IN_MEMORY);
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heights of the bars in pixels: a tenth of a share is a decade lower, whatever the decade.
    #[test]
    fn a_decade_is_as_high_as_any_other() {
        let svg = draw("t", &[0.0, 100.0, 10.0, 1.0, 0.0005], &[]);
        let picture = roxmltree::Document::parse(&svg).unwrap();
        let bars: Vec<f64> = picture
            .descendants()
            .filter(|node| node.attribute("fill") == Some("#2A78D6"))
            .map(|node| node.attribute("height").unwrap().parse().unwrap())
            .collect();
        assert_eq!(bars.len(), 3, "{svg}");
        let decade = (bars[0] - bars[2]) / 2.0;
        assert!(decade > 15.0 && (bars[1] - bars[2] - decade).abs() < 1.5, "{bars:?}");
        assert!((bars[0] - 5.0 * decade).abs() < 3.0, "from 0.001 to 100 %: {bars:?}");
    }

    #[test]
    fn odd_input_still_draws() {
        assert!(draw("empty", &[], &[]).starts_with("<svg"));
        assert!(draw("odd", &[f64::NAN, f64::INFINITY], &[-1.0]).starts_with("<svg"));
    }
}
