//! The part of the page that shows one suite.
//!
//! In: the points of a suite. Out: HTML with one table, a head row per point and a row per quantity under it, the
//! plots, and per point the signal and all readings to unfold. It must not know the rest of the page.

use super::{
    format::{digest, escape, percent, reading, short, signed},
    html::put,
    model::{Check, Conditions, Figure, PointResult, WindowTable},
    norm, panel, plots,
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
            panel::lines(&figure.title, figure.rate_hz, &lines)
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
        "<h3>Points</h3>\n<p>Each quantity with its worst window.</p>\n<div class=\"scroll\"><table class=\"points\">\n\
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
        put(out, format_args!("<figure>{panel}</figure>\n"));
    }
    out.push_str("</div>\n");
}

fn rows(out: &mut String, point: &PointResult) {
    let (class, word) = if point.pass() { ("pass", "pass") } else { ("fail", "FAIL") };
    put(
        out,
        format_args!(
            "<tbody>\n<tr class=\"point {class}\"><th colspan=\"6\" scope=\"rowgroup\"><span class=\"mark\">{word}</span> \
         <b>{}</b>",
            escape(&point.point),
        ),
    );
    let conditions = conditions(&point.conditions);
    if !conditions.is_empty() {
        put(out, format_args!(" <span class=\"soft\">{}</span>", escape(&conditions)));
    }
    if let Some(value) = point.digest {
        put(out, format_args!(" <code title=\"digest over all integer readings\">{}</code>", digest(value)));
    }
    out.push_str("</th></tr>\n");
    for failure in &point.failures {
        put(out, format_args!("<tr class=\"fail\"><td colspan=\"6\">{}</td></tr>\n", escape(failure)));
    }
    for check in point.worst_checks() {
        row(out, check);
    }
    unfold(out, point);
    out.push_str("</tbody>\n");
}

fn row(out: &mut String, check: &Check) {
    let used = check.used().abs();
    put(
        out,
        format_args!(
            "<tr class=\"{}\"><td>{} <span class=\"soft\">{}</span></td><td>{}</td><td>{}</td>\
         <td>{} <span class=\"soft\">{unit}</span></td>\
         <td title=\"relative to: {}\">{} <span class=\"soft\">{unit}</span></td>\
         <td class=\"used\"><span class=\"bar\"><i style=\"width:{:.0}%\"></i></span> {}</td></tr>\n",
            if check.pass { "pass" } else { "fail" },
            escape(&check.label()),
            escape(&check.unit),
            reading(check.expected),
            reading(check.measured),
            signed(check.error),
            escape(&check.basis),
            short(check.limit),
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
        parts.push(format!("{percent} % of the current range"));
    }
    if !conditions.note.is_empty() {
        parts.push(conditions.note.clone());
    }
    parts.join(" · ")
}

fn unfold(out: &mut String, point: &PointResult) {
    if point.waveform.is_none() && point.windows.rows.is_empty() && point.figures.is_empty() {
        return;
    }
    out.push_str("<tr class=\"more\"><td colspan=\"6\"><details><summary>signal and readings</summary>\n");
    if let Some(waveform) = &point.waveform {
        panels(out, &plots::waveform(waveform));
    }
    if !point.figures.is_empty() {
        panels(out, &point.figures);
    }
    readings(out, &point.windows);
    out.push_str("</details></td></tr>\n");
}

fn readings(out: &mut String, windows: &WindowTable) {
    if windows.rows.is_empty() {
        return;
    }
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
