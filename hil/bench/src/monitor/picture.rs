//! Pictures of scope, spectrum and phasors as SVG.
//!
//! In comes the model, out goes a text, the same for the same model on every machine. This file must not know files or
//! terminals.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{FLOOR, phasors, reach};
use super::model::{Model, Page};
use super::scope::Kind;
use crate::report::panel::{GRID, INK, font, tick};

const SIZE: (u32, u32) = (900, 600);
const IN_MEMORY: &str = "drawing into memory does not fail";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The name and the text of the picture of a page; the scope where the page has no picture of its own. `None` where
/// there is nothing to draw.
pub fn draw(model: &Model) -> Option<(&'static str, String)> {
    let mut svg = String::new();
    let name = {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE).expect(IN_MEMORY);
        let name = match model.page {
            Page::Spectrum => spectrum(&area, model).map(|()| "spectrum")?,
            Page::Phasors => vectors(&area, model).map(|()| "phasors")?,
            _ => scope(&area, model).map(|()| "scope")?,
        };
        area.present().expect(IN_MEMORY);
        name
    };
    Some((name, svg))
}

fn colour(kind: Kind) -> RGBColor {
    match kind {
        Kind::Voltage => RGBColor(0xc9, 0x85, 0x00),
        Kind::Current(_) => RGBColor(0x2a, 0x78, 0xd6),
        Kind::Residual => RGBColor(0x9c, 0x3a, 0xa7),
    }
}

/// What was shown, above the picture.
fn title(area: &Area<'_>, model: &Model, what: &str) {
    let met = model.shown().met.as_ref();
    let of = met.map_or_else(String::new, |met| format!(", {} {}, {}", met.board, met.firmware, met.signal));
    let style = font(14.0).pos(Pos::new(HPos::Left, VPos::Top));
    area.draw(&Text::new(format!("{what}{of}"), (10, 8), style)).expect(IN_MEMORY);
}

fn lines(
    area: &Area<'_>,
    words: (&str, &str),
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
    series: impl IntoIterator<Item = Vec<(f64, f64)>>,
    ink: RGBColor,
) {
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .x_label_area_size(36)
        .y_label_area_size(60)
        .build_cartesian_2d(x, y)
        .expect(IN_MEMORY);
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .x_labels(9)
        .y_labels(5)
        .label_style(font(11.0))
        .x_desc(words.0)
        .y_desc(words.1)
        .x_label_formatter(&|value| tick(*value))
        .y_label_formatter(&|value| tick(*value))
        .draw()
        .expect(IN_MEMORY);
    for points in series {
        chart.draw_series(LineSeries::new(points, ink.stroke_width(1))).expect(IN_MEMORY);
    }
}

fn scope(area: &Area<'_>, model: &Model) -> Option<()> {
    let samples = &model.shown().samples;
    if samples.is_empty() {
        return None;
    }
    let hz = model.shown().hertz();
    title(area, model, &format!("Scope, {} cycles of {hz:.4} Hz", model.cycles));
    let cut = samples.cut(hz, model.cycles);
    let lanes = model.lanes();
    let (_, below) = area.split_vertically(28);
    for (kind, area) in lanes.iter().zip(below.split_evenly((lanes.len().max(1), 1))) {
        let kept = samples.channel(*kind)?;
        let points: Vec<(f64, f64)> =
            kept.part(cut, samples.rate_hz).into_iter().map(|(time, value)| (time * 1e3, value)).collect();
        let reach = reach(points.iter().fold(0.0, |peak: f64, (_, value)| peak.max(value.abs())));
        let end = (cut.length / samples.rate_hz * 1e3).max(1e-6);
        let name = format!("{}, {}", kind.name(), kind.unit());
        lines(&area, ("ms", &name), 0.0..end, -reach..reach, [points], colour(*kind));
    }
    Some(())
}

fn spectrum(area: &Area<'_>, model: &Model) -> Option<()> {
    let kind = model.channel()?;
    let spectrum = model.shown().spectrum(kind)?;
    title(area, model, &format!("Spectrum of {}, bins of {:.3} Hz", kind.name(), spectrum.bin_hz));
    let (_, below) = area.split_vertically(28);
    let bars = spectrum.bins.iter().enumerate().map(|(n, rms)| {
        let hz = n as f64 * spectrum.bin_hz;
        vec![(hz, FLOOR), (hz, spectrum.decibels(*rms, FLOOR).min(0.0))]
    });
    let bars: Vec<_> = bars.filter(|bar| bar[1].1 > FLOOR).collect();
    let end = spectrum.bin_hz * spectrum.bins.len().max(2) as f64;
    lines(&below, ("Hz", "dB below the largest"), 0.0..end, FLOOR..0.0, bars, colour(kind));
    Some(())
}

fn vectors(area: &Area<'_>, model: &Model) -> Option<()> {
    let all = phasors(model.shown());
    if all.is_empty() {
        return None;
    }
    title(area, model, "Phasors of the fundamentals");
    let (centre, radius) = ((310, 320), 250.0);
    let place = |(x, y): (f64, f64)| (centre.0 + (x * radius).round() as i32, centre.1 - (y * radius).round() as i32);
    area.draw(&Circle::new(centre, radius as i32, GRID)).expect(IN_MEMORY);
    let mut row = 60;
    for phasor in &all {
        let ink = colour(phasor.kind);
        if let Some(tip) = phasor.tip() {
            area.draw(&PathElement::new([centre, place(tip)], ink.stroke_width(2))).expect(IN_MEMORY);
            area.draw(&Circle::new(place(tip), 3, ink.filled())).expect(IN_MEMORY);
            // The names of short ones would lie upon each other.
            if phasor.length > 0.05 {
                let (x, y) = place(tip);
                let style = font(13.0).color(&ink).pos(Pos::new(HPos::Left, VPos::Bottom));
                area.draw(&Text::new(phasor.kind.name(), (x + 5, y - 2), style)).expect(IN_MEMORY);
            }
        }
        let angle = phasor.degrees.map_or_else(|| "-".to_owned(), |degrees| format!("{degrees:.3} deg"));
        let text = format!("{}: {:.4} {}, {angle}", phasor.kind.name(), phasor.rms, phasor.kind.unit());
        let style = font(13.0).color(&INK).pos(Pos::new(HPos::Left, VPos::Top));
        area.draw(&Text::new(text, (620, row), style)).expect(IN_MEMORY);
        row += 24;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::model::Action;
    use super::super::sample;
    use super::*;

    /// Points of the first line of a picture with at least so many.
    fn line(svg: &str, least: usize) -> Vec<(f64, f64)> {
        let picture = roxmltree::Document::parse(svg).unwrap();
        let points = |text: &str| -> Vec<(f64, f64)> {
            let pair = |pair: &str| pair.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()));
            text.split_whitespace().filter_map(pair).collect()
        };
        let lines = picture.descendants().filter(|node| node.has_tag_name("polyline"));
        lines.filter_map(|node| node.attribute("points").map(points)).find(|line| line.len() >= least).unwrap()
    }

    #[test]
    fn the_scope_draws_the_voltage_as_it_is() {
        let model = sample::model().unwrap();
        let (name, svg) = draw(&model).unwrap();
        assert_eq!(name, "scope");
        let line = line(&svg, 100);
        // Two cycles of 80 samples; from 0 V up, down to the trough at three quarters of a cycle.
        assert!((160..=164).contains(&line.len()), "{}", line.len());
        // The truth in pixels: -400 to 400 V from the first sample's zero on, a quarter and three quarters at the crests,
        // which the fifth and seventh harmonics lower by 14 V.
        let middle = f64::midpoint(line[20].1, line[60].1);
        let per_volt = (line[60].1 - line[20].1) / 2.0 / (230.0 - 1.2 - 4.6 - 2.3) / std::f64::consts::SQRT_2;
        assert!((line[0].1 - middle).abs() < 27.0 * per_volt && (line[40].1 - middle).abs() < 27.0 * per_volt);
        assert!((line[81].0 - line[1].0 - 409.5).abs() < 2.0, "a cycle is half of the 819 pixels");
        assert!(line[20].1 < line[0].1 && line[60].1 > line[0].1, "up first");
    }

    #[test]
    fn each_page_has_its_picture_and_an_empty_model_none() {
        for (page, name, word) in [
            (Page::Spectrum, "spectrum", "Spectrum of V"),
            (Page::Phasors, "phasors", "I2: 1.5000 A, -40.000 deg"),
            (Page::Energy, "scope", "Scope, 2 cycles of 50.0000 Hz, virtual"),
        ] {
            let mut model = sample::model().unwrap();
            model.act(Action::Show(page));
            let (is, svg) = draw(&model).unwrap();
            assert_eq!(is, name);
            assert!(svg.contains(word), "{word}");
            roxmltree::Document::parse(&svg).unwrap();
            let mut empty = Model::default();
            empty.act(Action::Show(page));
            assert_eq!(draw(&empty), None);
        }
    }
}
