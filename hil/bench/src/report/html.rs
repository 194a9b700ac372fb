//! `report.html`: the run as one page that opens anywhere.
//!
//! In: a run. Out: HTML with its style and its plots inside, no script, nothing loaded from elsewhere; the verdict
//! first, then what it rests on. It must not compute: numbers come from the model, pictures from the plots.

use super::{
    format::{anchor, escape, percent},
    model::{Run, Verdict},
    page, plots, svg,
};
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub fn document(run: &Run) -> String {
    let mut out = String::with_capacity(1 << 16);
    let (class, word) = verdict(run);
    put(
        &mut out,
        format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{word}: metering bench, {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
            escape(&run.board),
        ),
    );
    head(&mut out, run, class, word);
    if !run.points.is_empty() {
        put(
            &mut out,
            format_args!(
                "<section>\n<h2>All errors</h2>\n<div class=\"wide\">{}</div>\n</section>\n",
                svg::within_page(&plots::error_overview(run)),
            ),
        );
    }
    for name in run.suites() {
        let points: Vec<_> = run.points_of(name).collect();
        let figures: Vec<_> = run.figures.iter().filter(|figure| figure.suite == name).collect();
        page::suite(&mut out, name, &points, &figures);
    }
    skipped(&mut out, run);
    environment(&mut out, run);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Appends formatted text; a string takes any.
pub(super) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes any text");
}

fn verdict(run: &Run) -> (&'static str, &'static str) {
    match run.verdict() {
        Verdict::Pass => ("pass", "PASS"),
        Verdict::Fail => ("fail", "FAIL"),
        Verdict::Broken => ("fail", "BROKEN OFF"),
        Verdict::Empty => ("none", "NOTHING JUDGED"),
    }
}

fn head(out: &mut String, run: &Run, class: &str, word: &str) {
    let seconds: f64 = run.points.iter().map(|point| point.seconds).sum();
    put(
        out,
        format_args!(
            "<header class=\"{class}\">\n<p class=\"verdict\">{word}</p>\n<h1>Metering bench: board {}</h1>\n<p>{} · {}</p>\n",
            escape(&run.board),
            escape(&run.firmware),
            escape(&run.started),
        ),
    );
    if let Some(reason) = &run.broken {
        put(out, format_args!("<p class=\"why\">{} The points finished before are below.</p>\n", escape(reason)));
    }
    out.push_str("<dl class=\"figures\">\n");
    figure(out, "points hold", &format!("{} of {}", run.passed(), run.points.len()));
    figure(out, "not judged", &run.skipped.len().to_string());
    figure(out, "playing", &format!("{seconds:.0} s"));
    if let Some(worst) = run.worst() {
        figure(out, "of a limit used at most", &percent(worst.used().abs()));
        put(
            out,
            format_args!(
                "</dl>\n<p>{}: {} of {} / {}, window {}.</p>\n",
                if worst.pass { "Closest to its limit" } else { "Furthest beyond its limit" },
                escape(&worst.label()),
                escape(&worst.suite),
                escape(&worst.point),
                worst.window,
            ),
        );
    } else {
        out.push_str("</dl>\n");
    }
    let failed: Vec<_> = run.points.iter().filter(|point| !point.pass()).collect();
    if !failed.is_empty() {
        out.push_str("<ul class=\"why\">\n");
        for point in failed {
            // The others stand with the point.
            let mut reasons = point.reasons().into_iter();
            let (first, more) = (reasons.next().unwrap_or_default(), reasons.count());
            let more = if more == 0 { String::new() } else { format!("; and {more} more") };
            put(
                out,
                format_args!(
                    "<li><a href=\"#{}\">{} / {}</a>: {}{more}</li>\n",
                    anchor(&point.suite, &point.point),
                    escape(&point.suite),
                    escape(&point.point),
                    escape(&first)
                ),
            );
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</header>\n");
}

fn figure(out: &mut String, name: &str, value: &str) {
    put(out, format_args!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value)));
}

fn skipped(out: &mut String, run: &Run) {
    if run.skipped.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Not judged</h2>\n<ul>\n");
    for skipped in &run.skipped {
        put(
            out,
            format_args!(
                "<li><b>{} / {}</b>: {}</li>\n",
                escape(&skipped.suite),
                escape(&skipped.point),
                escape(&skipped.reason),
            ),
        );
    }
    out.push_str("</ul>\n</section>\n");
}

fn environment(out: &mut String, run: &Run) {
    if run.environment.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Environment</h2>\n<table class=\"plain\">\n");
    for (name, value) in &run.environment {
        put(out, format_args!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name), escape(value)));
    }
    out.push_str("</table>\n</section>\n");
}
