//! The rows of a norm as one table: a line per row and characteristic, a column per rated current.
//!
//! In: points that are rows of a norm. Out: HTML. It must not know other points, nor decide anything: the figures are
//! those of the checks.

use super::{
    format::{escape, short},
    html::put,
    model::{Check, NormRow, PointResult},
};

/// The table; nothing where there is no such point.
pub fn table(out: &mut String, points: &[&PointResult]) {
    let rows: Vec<(&NormRow, &PointResult)> =
        points.iter().filter_map(|point| point.conditions.row.as_ref().map(|row| (row, *point))).collect();
    if rows.is_empty() {
        return;
    }
    let mut rated: Vec<f64> = rows.iter().map(|(row, _)| row.rated_ma).collect();
    rated.sort_by(f64::total_cmp);
    rated.dedup();
    let trials: u64 = rows.iter().map(|(row, _)| row.trials).sum();
    let held = rows.iter().filter(|(_, point)| point.pass()).count();
    put(
        out,
        format_args!(
            "<h3>Rows of the norm</h3>\n<p>{held} of {} rows hold over {trials} currents, all decided on this machine: \
             frequencies, sensors, polarities, points on the wave, with and without smooth direct current. Times in ms \
             from the onset to the decision: the worst, and for devices that wait also the earliest. Trip currents in \
             multiples of the rated current. What must not trip has the number of currents tried.</p>\n\
             <div class=\"scroll\"><table class=\"norm\">\n<thead><tr><th>row</th><th>limit</th><th>margin</th>",
            rows.len(),
        ),
    );
    for rated in &rated {
        put(out, format_args!("<th>{rated} mA</th>"));
    }
    out.push_str("</tr></thead>\n");
    let mut characteristic = "";
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (row, _) in &rows {
        let key = (row.characteristic.as_str(), row.name.as_str());
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        if characteristic != row.characteristic {
            characteristic = &row.characteristic;
            let columns = rated.len() + 3;
            put(out, format_args!("<tr><th colspan=\"{columns}\">{}</th></tr>\n", escape(characteristic)));
        }
        let same: Vec<(&NormRow, &PointResult)> = rows
            .iter()
            .copied()
            .filter(|(other, _)| (other.characteristic.as_str(), other.name.as_str()) == key)
            .collect();
        line(out, &row.name, &rated, &same);
    }
    out.push_str("</table></div>\n");
}

fn line(out: &mut String, name: &str, rated: &[f64], same: &[(&NormRow, &PointResult)]) {
    // The least room of all rated currents, in percent of the limit.
    let used = same.iter().flat_map(|(_, point)| &point.checks).map(|check| check.used().abs()).fold(0.0, f64::max);
    // Small rated currents have limits of their own.
    let limits =
        [same.last(), same.first()].map(|same| same.map_or_else(String::new, |(row, point)| limit(row, point)));
    let limit = match limits {
        [most, least] if most == least => most,
        [most, least] => format!("{most}, small {least}"),
    };
    put(out, format_args!("<tr><td>{}</td><td>{limit}</td><td>{:.0} %</td>", escape(name), (100.0 - used).max(-999.0)));
    for rated in rated {
        match same.iter().find(|(row, _)| row.rated_ma.to_bits() == rated.to_bits()) {
            None => out.push_str("<td></td>"),
            Some((row, point)) => {
                let class = if point.pass() { "pass" } else { "bad" };
                put(out, format_args!("<td class=\"{class}\">{}</td>", cell(row, point)));
            }
        }
    }
    out.push_str("</tr>\n");
}

fn found<'a>(point: &'a PointResult, quantity: &'a str) -> impl Iterator<Item = &'a Check> {
    point.checks.iter().filter(move |check| check.quantity == quantity)
}

fn limit(row: &NormRow, point: &PointResult) -> String {
    let earliest = found(point, "earliest_ms").next().map(|check| format!("{} to ", short(check.expected)));
    if let Some(check) = found(point, "decision_ms").next() {
        return format!("{}{} ms", earliest.unwrap_or_default(), short(check.limit));
    }
    match found(point, "trip_ma").next() {
        Some(check) => {
            let end = |sign: f64| short((check.expected + sign * check.limit) / row.rated_ma);
            format!("{} to {}", end(-1.0), end(1.0))
        }
        None => "no trip".into(),
    }
}

fn cell(row: &NormRow, point: &PointResult) -> String {
    let wrong: f64 = ["misses", "false_trips"].iter().flat_map(|name| found(point, name)).map(|c| c.measured).sum();
    if wrong > 0.0 {
        return format!("{wrong} of {} wrong", row.trials);
    }
    if let Some(check) = found(point, "decision_ms").next() {
        let earliest = found(point, "earliest_ms").next().map(|check| format!("{:.1} to ", check.measured));
        return format!("{}{:.1}", earliest.unwrap_or_default(), check.measured);
    }
    let currents: Vec<f64> = found(point, "trip_ma").map(|check| check.measured / row.rated_ma).collect();
    match currents[..] {
        [least, most] => format!("{least:.2} to {most:.2}"),
        _ => row.trials.to_string(),
    }
}
