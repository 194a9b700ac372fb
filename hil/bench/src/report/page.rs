//! The part of the page that shows one suite.
//!
//! In: the points of a suite. Out: HTML with the plots and one table: a head row per point with the shape of its signal, a
//! row per quantity under it, and where a point fails its signal closely and all readings to unfold. It must not know the
//! rest of the page.

use super::{
    closeup,
    format::{anchor, digest, escape, percent, reading, short, signed},
    html::put,
    lines::{self, Times},
    model::{Check, Conditions, Figure, PointResult, WindowTable},
    norm, plots, svg,
};

/// One suite.
///
/// Rows of a norm that hold stand in their table alone.
pub fn suite(out: &mut String, name: &str, points: &[&PointResult], figures: &[&Figure]) {
    let passed = points.iter().filter(|point| point.pass()).count();
    put(out, format_args!("<section>\n<h2>Suite {}: {passed} of {} points hold</h2>\n", escape(name), points.len()));
    norm::table(out, points);
    if !figures.is_empty() {
        out.push_str(
            "<h3>Pulsating direct currents behind a transformer of 5 Hz</h3>\n<p>Blue: the current. Ochre: what the \
             transformer gives of it. Green: where the meter finds that no current flows.</p>\n",
        );
        let drawn = |figure: &&Figure| {
            let lines: Vec<&[f64]> = figure.lines.iter().map(Vec::as_slice).collect();
            lines::draw(&figure.title, Times { rate_hz: figure.rate_hz, begin_s: 0.0 }, &lines)
        };
        panels(out, &figures.iter().map(drawn).collect::<Vec<String>>());
    }
    let points: Vec<&PointResult> =
        points.iter().copied().filter(|point| point.conditions.row.is_none() || !point.pass()).collect();
    if points.is_empty() {
        out.push_str("</section>\n");
        return;
    }
    for group in plots::suite(&points) {
        put(out, format_args!("<h3>{}, in percent of the limit</h3>\n", group.heading));
        panels(out, &group.panels);
    }
    out.push_str(
        "<h3>Points</h3>\n<p>Each quantity with its worst window, error \
         and limit in the same unit; readings.jsonl has all windows. The number beside a point is the digest over them.</p>\n<div class=\"scroll\"><table class=\"points\">\n\
         <thead><tr><th>quantity</th><th>expected</th><th>measured</th><th>error</th><th>limit</th>\
         <th>of limit</th></tr></thead>\n",
    );
    for point in &points {
        rows(out, point);
    }
    out.push_str("</table></div>\n</section>\n");
}

fn panels(out: &mut String, panels: &[String]) {
    out.push_str("<div class=\"panels\">\n");
    for panel in panels {
        put(out, format_args!("<figure>{}</figure>\n", svg::within_page(panel)));
    }
    out.push_str("</div>\n");
}

fn rows(out: &mut String, point: &PointResult) {
    let (class, word) = if point.pass() { ("pass", "pass") } else { ("fail", "FAIL") };
    // The list at the head of the page leads to those that fail.
    let name = if point.pass() { String::new() } else { format!(" id=\"{}\"", anchor(&point.suite, &point.point)) };
    put(
        out,
        format_args!(
            "<tbody{name}>\n<tr class=\"point {class}\"><th colspan=\"6\" scope=\"rowgroup\"><span class=\"mark\">{word}</span> \
         <b>{}</b>",
            escape(&point.point),
        ),
    );
    let conditions = conditions(&point.conditions);
    if !conditions.is_empty() {
        put(out, format_args!(" <i>{}</i>", escape(&conditions)));
    }
    if let Some((shape, peaks)) = point.waveform.as_ref().map(plots::thumbnail) {
        let shape = svg::within_page(&shape);
        put(out, format_args!(" <span class=\"shape\">{shape}<i>peak {peaks}</i></span>"));
    }
    if let Some(value) = point.digest {
        put(out, format_args!(" <code>{}</code>", digest(value)));
    }
    out.push_str("</th></tr>\n");
    for failure in &point.failures {
        put(out, format_args!("<tr class=\"fail\"><td colspan=\"6\">{}</td></tr>\n", escape(failure)));
    }
    for check in point.worst_checks() {
        row(out, check);
    }
    more(out, point);
    out.push_str("</tbody>\n");
}

/// End tags that HTML lets out are left out: there are thousands of rows.
fn row(out: &mut String, check: &Check) {
    let used = check.used().abs();
    let basis = if ["value", "absolute"].contains(&check.basis.as_str()) { "" } else { " of " };
    put(
        out,
        format_args!(
            "<tr{}><td>{} <i>{}</i><td>{}<td>{}<td>{}<td>{} <i>{unit}{basis}{}</i>\
             <td><b style=--u:{:.0}%></b>{}\n",
            if check.pass { "" } else { " class=fail" },
            escape(&check.label()),
            escape(&check.unit),
            reading(check.expected),
            reading(check.measured),
            signed(check.error),
            short(check.limit),
            escape(if basis.is_empty() { "" } else { &check.basis }),
            used.clamp(0.0, 100.0),
            percent(used),
            unit = escape(&check.limit_unit),
        ),
    );
}

fn conditions(conditions: &Conditions) -> String {
    let mut parts = Vec::new();
    if let Some(frequency) = conditions.frequency_hz {
        parts.push(format!("{frequency} Hz"));
    }
    if let Some(power_factor) = &conditions.power_factor {
        parts.push(format!("PF {power_factor}"));
    }
    if let Some(percent) = conditions.current_percent {
        parts.push(format!("{} % of the current range", short(percent)));
    }
    if !conditions.note.is_empty() {
        parts.push(conditions.note.clone());
    }
    parts.join(" · ")
}

/// What is beside the quantities: where it failed and all readings of a point that does, else what was asked for.
fn more(out: &mut String, point: &PointResult) {
    let seen = point.closeup.as_ref();
    let has_readings = !point.windows.rows.is_empty() && (point.is_listed || !point.pass());
    if seen.is_none() && point.figures.is_empty() && !has_readings {
        return;
    }
    out.push_str("<tr class=\"more\"><td colspan=\"6\">\n");
    if let Some(seen) = seen {
        closeup::section(out, seen);
    }
    if !point.figures.is_empty() {
        panels(out, &point.figures);
    }
    if has_readings {
        out.push_str("<details><summary>all readings</summary>\n");
        readings(out, &point.windows);
        out.push_str("</details>\n");
    }
    out.push_str("</td></tr>\n");
}

fn readings(out: &mut String, windows: &WindowTable) {
    out.push_str("<div class=\"scroll\"><table class=\"readings\">\n<tr><th>window</th>");
    for column in &windows.columns {
        put(out, format_args!("<th>{}</th>", escape(column)));
    }
    out.push_str("<th>flags</th></tr>\n");
    for (index, row) in windows.rows.iter().enumerate() {
        let class = if row.judged { "judged" } else { "soft" };
        put(out, format_args!("<tr class=\"{class}\"><td>{index}</td>"));
        for value in &row.values {
            put(out, format_args!("<td>{}</td>", value.map_or_else(String::new, reading)));
        }
        put(out, format_args!("<td>{}</td></tr>\n", escape(&row.flags.join(", "))));
    }
    out.push_str("</table></div>\n");
}
