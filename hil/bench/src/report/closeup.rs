//! The part of the page that shows where a point failed: the signal, its spectrum, and the orders as numbers.
//!
//! In: a closeup. Out: HTML. It must not transform samples: the orders are those of the model.

use super::{
    bars,
    format::{escape, rough, short},
    html::put,
    lines::{self, Times},
    model::{Closeup, Sight, Trace},
    svg,
};

/// An order below this share of the reference is no number worth reading, in percent.
const LEAST: f64 = 0.05;

/// A channel whose fundamental is a smaller part of its largest order has its orders told in parts of that one.
const FUNDAMENTAL: f64 = 0.01;

/// All channels.
pub fn section(out: &mut String, closeup: &Closeup) {
    put(out, format_args!("<h4>Signal at the {}</h4>\n", escape(&closeup.place)));
    if closeup.channels.iter().any(|channel| channel.meant.is_some()) {
        out.push_str("<p class=\"soft\">Blue: what the ADC saw. Ochre: what was meant.</p>\n");
    }
    for channel in &closeup.channels {
        out.push_str("<div class=\"panels close\">\n");
        let times = Times { rate_hz: closeup.rate_hz.max(1.0), begin_s: closeup.begin_s };
        let mut signals = vec![channel.seen.samples.as_slice()];
        signals.extend(channel.meant.iter().map(|meant| meant.samples.as_slice()));
        let title = format!("{}, {}", channel.name, channel.unit);
        put(out, format_args!("<figure>{}</figure>\n", svg::within_page(&lines::draw(&title, times, &signals))));
        spectrum(out, channel, closeup.fundamental_hz);
        out.push_str("</div>\n");
    }
}

fn spectrum(out: &mut String, channel: &Sight, hz: f64) {
    let orders = &channel.seen.orders;
    if orders.len() < 2 {
        out.push_str("<p class=\"soft\">There are fewer than ten cycles, too few for a spectrum.</p>\n");
        return;
    }
    let reference = reference(orders);
    let seen = shares(&channel.seen, reference);
    let meant = channel.meant.as_ref().map(|meant| shares(meant, reference)).unwrap_or_default();
    let of = if reference == 1 { "fundamental".to_owned() } else { format!("order {reference}") };
    let title = format!("{}, % of the {of}", channel.name);
    put(out, format_args!("<figure>{}</figure>\n", svg::within_page(&bars::draw(&title, &seen, &meant))));
    let mut head = format!("<th>order</th><th>Hz</th><th>{}</th><th>%</th>", escape(&channel.unit));
    if channel.meant.is_some() {
        put(&mut head, format_args!("<th>meant, {}</th><th>%</th>", escape(&channel.unit)));
    }
    put(out, format_args!("<table class=\"orders\">\n<tr>{head}</tr>\n"));
    let told = |shares: &[f64], order: usize| shares.get(order).is_some_and(|share| *share >= LEAST);
    for order in (0..orders.len()).filter(|&order| order == reference || told(&seen, order) || told(&meant, order)) {
        let name = if order == 0 { "DC".to_owned() } else { order.to_string() };
        put(out, format_args!("<tr><td>{name}</td><td>{}</td>", short(order as f64 * hz)));
        cells(out, &channel.seen, &seen, order);
        if let Some(other) = &channel.meant {
            cells(out, other, &meant, order);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

fn cells(out: &mut String, trace: &Trace, shares: &[f64], order: usize) {
    let (rms, share) = (trace.orders.get(order), shares.get(order));
    let text = |value: Option<&f64>, how: fn(f64) -> String| value.map_or_else(String::new, |value| how(*value));
    put(out, format_args!("<td>{}</td><td>{}</td>", text(rms, rough), text(share, |share| format!("{share:.2}"))));
}

/// The order that the others are told in parts of: the fundamental, where there is one to speak of.
fn reference(orders: &[f64]) -> usize {
    let largest = (1..orders.len()).max_by(|&a, &b| orders[a].total_cmp(&orders[b])).unwrap_or(1);
    if orders[1] < FUNDAMENTAL * orders[largest] { largest } else { 1 }
}

/// Each order in percent of the trace's own reference.
fn shares(trace: &Trace, reference: usize) -> Vec<f64> {
    let whole = trace.orders.get(reference).copied().unwrap_or(0.0);
    trace.orders.iter().map(|rms| if whole > 0.0 { rms / whole * 100.0 } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_told_in_parts_of_the_fundamental_where_there_is_one() {
        let trace = |orders: &[f64]| Trace { samples: vec![0.0, 1.0], orders: orders.to_vec() };
        let sight = |seen: &[f64], meant: Option<&[f64]>| Sight {
            name: "Current".into(),
            unit: "A".into(),
            seen: trace(seen),
            meant: meant.map(trace),
        };
        let page = |channel: Sight| {
            let closeup = Closeup {
                place: "<begin>".into(),
                rate_hz: 8000.0,
                begin_s: 0.0,
                fundamental_hz: 50.0,
                channels: vec![channel],
            };
            let mut out = String::new();
            section(&mut out, &closeup);
            out
        };
        let bent = page(sight(&[0.2, 10.0, 0.001, 4.0], Some(&[0.0, 8.0, 0.0, 0.0])));
        assert!(bent.contains("&lt;begin&gt;") && bent.contains("what was meant"), "{bent}");
        for row in [
            "<td>DC</td><td>0</td><td>0.2</td><td>2.00</td><td>0</td><td>0.00</td>",
            "<td>1</td><td>50</td><td>10</td><td>100.00</td><td>8</td><td>100.00</td>",
            "<td>3</td><td>150</td><td>4</td><td>40.00</td>",
        ] {
            assert!(bent.contains(row), "{row} is not in {bent}");
        }
        assert!(!bent.contains("<td>2</td>"), "0.01 % is not worth a row: {bent}");
        let other = page(sight(&[0.0, 0.001, 0.0, 4.0], None));
        assert!(other.contains("of the order 3") && other.contains("<td>3</td><td>150</td><td>4</td>"), "{other}");
        assert!(page(sight(&[], None)).contains("too few for a spectrum"));
    }
}
