//! Plots as they stand within a page, whose style knows how they look.
//!
//! In: an SVG text that stands alone, as `plotters` writes it. Out: the same picture in about half the bytes: a look that
//! `style.css` has a class for is named instead of told, and what most texts share is said once. What is not known here
//! stays as it is, so that it is at worst longer. It must not draw.

use super::html::put;
use std::collections::HashSet;

/// What is written, and what stands for it; in this order.
const SHORTER: [(&str, &str); 23] = [
    // `plotters` breaks lines around each text, never within one.
    ("\n", ""),
    (" \"/>", "\"/>"),
    (" opacity=\"1\"", ""),
    (" xmlns=\"http://www.w3.org/2000/svg\">", " font-size=\"11\" text-anchor=\"middle\">"),
    (" font-family=\"sans-serif\"", ""),
    (" text-anchor=\"middle\" font-size=\"11\"", ""),
    (" text-anchor=\"middle\" font-size=\"13.000000000000002\"", " font-size=\"13\""),
    (" font-size=\"11\" fill=\"#52514E\">", ">"),
    (" font-size=\"13.000000000000002\"", " font-size=\"13\""),
    (" fill=\"#52514E\">", ">"),
    (" stroke=\"none\" stroke-width=\"1\"/>", "/>"),
    (" stroke=\"none\"/>", "/>"),
    ("<polyline fill=\"none\"", "<polyline"),
    (" stroke-width=\"1\"", ""),
    (" stroke=\"#E4E3DF\"", " class=\"grid\""),
    (" stroke=\"#52514E\"", " class=\"axis\""),
    (" stroke=\"#2A78D6\"", " class=\"one\""),
    (" stroke=\"#C98500\"", " class=\"two\""),
    (" stroke=\"#1BAF7A\"", " class=\"three\""),
    (" stroke=\"#4A3AA7\"", " class=\"four\""),
    (" stroke=\"#D03B3B\"", " class=\"limit\""),
    (" fill=\"#2A78D6\"", " class=\"dot\""),
    (" fill=\"#FFFFFF\"", " class=\"page\""),
];

/// Shortens a plot.
pub fn within_page(svg: &str) -> String {
    gathered(&SHORTER.iter().fold(svg.to_owned(), |svg, (from, to)| svg.replace(from, to)))
}

/// Marks that follow each other as one path, each place once.
fn gathered(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut open = "";
    let mut drawn = HashSet::new();
    for element in svg.split_inclusive('>') {
        let (class, piece) = piece(element).unwrap_or_default();
        if class != open {
            out.push_str(if open.is_empty() { "" } else { "\"/>" });
            if !class.is_empty() {
                put(&mut out, format_args!("<path class=\"{class}\" d=\""));
            }
            open = class;
            drawn.clear();
        }
        if class.is_empty() {
            out.push_str(element);
        } else if !drawn.contains(&piece) {
            out.push_str(&piece);
            drawn.insert(piece);
        }
    }
    out
}

/// A mark as a class and a piece of a path: a dot is a line of no length with round ends.
fn piece(element: &str) -> Option<(&'static str, String)> {
    if let Some(ends) = element.strip_prefix("<line class=\"limit\" stroke-width=\"2\" x1=\"") {
        let ends = ends.strip_suffix("\"/>")?.replace("\" y1=\"", ",").replace("\" x2=\"", "L");
        return Some(("crosses", format!("M{}", ends.replace("\" y2=\"", ","))));
    }
    let (x, rest) = element.strip_prefix("<circle cx=\"")?.split_once("\" cy=\"")?;
    let (y, rest) = rest.split_once("\" r=\"3\"")?;
    rest.ends_with(" class=\"dot\"/>").then(|| ("dots", format!("M{x},{y}h0")))
}

#[cfg(test)]
mod tests {
    use super::super::lines::{Times, draw};
    use super::super::panel::{Axis, Dot, scatter};
    use super::*;

    #[test]
    fn marks_become_one_path_and_each_place_stands_once() {
        let axis = Axis { name: "n", from: 0.0, to: 10.0, log: false };
        let dot = |x: f64, good: bool| Dot { x, y: 1.0, good };
        let dots = [dot(1.0, true), dot(5.0, true), dot(5.0, true), dot(7.0, false), dot(9.0, true)];
        let alone = scatter("t", axis, 120.0, &dots);
        let within = within_page(&alone);
        let picture = roxmltree::Document::parse(&within).unwrap();
        let paths: Vec<(&str, usize)> = picture
            .descendants()
            .filter(|node| node.has_tag_name("path"))
            .map(|node| (node.attribute("class").unwrap(), node.attribute("d").unwrap().matches('M').count()))
            .collect();
        assert_eq!(paths, [("dots", 2), ("crosses", 2), ("dots", 1)], "{within}");
        assert!(!within.contains("<circle"));
    }

    /// Every shape and every text is still there, at its place.
    #[test]
    fn nothing_is_lost() {
        let wave: Vec<f64> = (0..480).map(|n| (n as f64 / 25.0).sin()).collect();
        let alone = draw("a <title>, V", Times { rate_hz: 8000.0, begin_s: 1.0 }, &[&wave, &wave[..100]]);
        let within = within_page(&alone);
        assert!(within.len() * 10 < alone.len() * 6, "{} of {}", within.len(), alone.len());
        let (alone, within) =
            (roxmltree::Document::parse(&alone).unwrap(), roxmltree::Document::parse(&within).unwrap());
        let places = |document: &roxmltree::Document<'_>| -> Vec<String> {
            let place = |node: roxmltree::Node<'_, '_>| {
                let told = ["x", "y", "dy", "x1", "y2", "points"].map(|name| node.attribute(name).unwrap_or("").trim());
                format!("{} {told:?} {}", node.tag_name().name(), node.text().unwrap_or("").trim())
            };
            document.descendants().filter(roxmltree::Node::is_element).map(place).collect()
        };
        assert_eq!(places(&alone), places(&within));
        // What `style.css` has no class for must not be named, and each colour of a line must be.
        for class in within.descendants().filter_map(|node| node.attribute("class")) {
            assert!(include_str!("style.css").contains(&format!("svg .{class} ")), "{class}");
        }
        assert!(within.descendants().all(|node| node.attribute("stroke").is_none()));
    }
}
