//! Signals over time: a plot with a line for each.
//!
//! In: samples, their rate and the time of the first. Out: one SVG text with as many corners as the eye can tell, spikes
//! among them. It must not know what the samples are.

use super::panel::{IN_MEMORY, INNER, LINES, SIZE, caption, mesh, room, tick};
use plotters::prelude::*;

/// How far a line may lie beside a sample, in pixels; corners are drawn at whole ones.
const NEAR: f64 = 0.4;

/// Samples per second, and the time of the first in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample in seconds.
    pub begin_s: f64,
}

/// Lines over time in milliseconds, sampled evenly.
pub fn draw(title: &str, times: Times, signals: &[&[f64]]) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        caption(&area, title);
        let longest = signals.iter().map(|signal| signal.len()).max().unwrap_or(0);
        let place = |sample: usize| (times.begin_s + sample as f64 / times.rate_hz) * 1000.0;
        let peak = peak(signals);
        let reach = if peak > 0.0 { peak * 1.1 } else { 1.0 };
        let mut chart =
            room(&area).build_cartesian_2d(place(0)..place(longest.max(2) - 1), -reach..reach).expect(IN_MEMORY);
        mesh(&mut chart)
            .x_labels(7)
            .y_labels(5)
            .x_desc("ms")
            .x_label_formatter(&|v| tick(*v))
            .y_label_formatter(&|v| tick(*v))
            .draw()
            .expect(IN_MEMORY);
        for (index, signal) in signals.iter().enumerate() {
            let line = simple(&thin(signal), NEAR * 2.0 * reach / INNER.1).into_iter().map(|(n, v)| (place(n), v));
            chart.draw_series(LineSeries::new(line, LINES[index % LINES.len()].stroke_width(1))).expect(IN_MEMORY);
        }
        area.present().expect(IN_MEMORY);
    }
    svg
}

/// Width and height of a thumbnail, and how far a line may lie beside a sample in it.
const SMALL: (u32, u32) = (132, 34);
const SMALL_NEAR: f64 = 0.8;

/// Height of the shapes in a thumbnail, so that equal ones do not hide each other.
const HEIGHTS: [f64; 3] = [1.0, 0.7, 0.45];

/// The shapes of up to three signals without axes, each with its own scale and in the colour of its place; an empty one has
/// none.
pub fn thumbnail(signals: &[&[f64]]) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SMALL).into_drawing_area();
        for ((signal, ink), height) in signals.iter().zip(LINES).zip(HEIGHTS) {
            let peak = peak(&[signal]);
            let last = signal.len().max(2) - 1;
            let mut chart = ChartBuilder::on(&area).build_cartesian_2d(0..last, -1.1..1.1).expect(IN_MEMORY);
            let scale = if peak > 0.0 { height / peak } else { 1.0 };
            let line = simple(&thin(signal), SMALL_NEAR * 2.2 / f64::from(SMALL.1) / scale);
            let line = line.into_iter().map(|(n, value)| (n, value * scale));
            chart.draw_series(LineSeries::new(line, ink.stroke_width(1))).expect(IN_MEMORY);
        }
        area.present().expect(IN_MEMORY);
    }
    svg
}

/// The largest magnitude of all samples that are numbers.
pub fn peak(signals: &[&[f64]]) -> f64 {
    signals
        .iter()
        .flat_map(|signal| signal.iter())
        .filter(|v| v.is_finite())
        .fold(0.0, |most: f64, v| most.max(v.abs()))
}

/// Few enough samples for the width of a plot; of each stretch the lowest and the highest, so that no spike is lost.
fn thin(signal: &[f64]) -> Vec<(usize, f64)> {
    let finite = || signal.iter().copied().enumerate().filter(|(_, v)| v.is_finite());
    let stretch = signal.len().div_ceil(SIZE.0 as usize);
    if stretch <= 1 {
        return finite().collect();
    }
    let all: Vec<(usize, f64)> = finite().collect();
    let mut kept = Vec::new();
    for part in all.chunks(stretch * 2) {
        let low = *part.iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("chunks are not empty");
        let high = *part.iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("chunks are not empty");
        kept.push(if low.0 < high.0 { low } else { high });
        if low.0 != high.0 {
            kept.push(if low.0 < high.0 { high } else { low });
        }
    }
    kept
}

/// Leaves out what lies within `near` of the line between samples that stay (Douglas and Peucker 1973).
fn simple(samples: &[(usize, f64)], near: f64) -> Vec<(usize, f64)> {
    let Some(last) = samples.len().checked_sub(1) else { return Vec::new() };
    let mut stays = vec![false; samples.len()];
    (stays[0], stays[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let (begin, end) = (samples[from], samples[to]);
        let slope = (end.1 - begin.1) / (end.0 - begin.0).max(1) as f64;
        let beside = |n: usize| (samples[n].1 - begin.1 - slope * (samples[n].0 - begin.0) as f64).abs();
        let farthest = (from + 1..to).max_by(|&a, &b| beside(a).total_cmp(&beside(b)));
        if let Some(at) = farthest.filter(|&at| beside(at) > near) {
            stays[at] = true;
            open.extend([(from, at), (at, to)]);
        }
    }
    samples.iter().zip(stays).filter(|(_, stays)| *stays).map(|(sample, _)| *sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_signals_keep_their_spikes() {
        let mut signal = vec![0.0; 100_000];
        signal[54_321] = 7.0;
        let kept = thin(&signal);
        assert!(kept.len() <= 2 * SIZE.0 as usize);
        assert!(kept.contains(&(54_321, 7.0)));
        assert!(kept.is_sorted_by_key(|(i, _)| *i));
        let kept = simple(&kept, 0.1);
        assert!(kept.len() < 8 && kept.contains(&(54_321, 7.0)), "{kept:?}");
    }

    /// A line through what is kept passes each sample of a sine of 60 pixels as near as was asked for.
    #[test]
    fn a_sine_keeps_its_shape_with_few_corners() {
        let sine: Vec<(usize, f64)> = (0..480).map(|n| (n, 60.0 * (n as f64 * 0.04).sin())).collect();
        let kept = simple(&sine, NEAR);
        assert!(kept.len() < 90, "{}", kept.len());
        for &(n, value) in &sine {
            let right = kept.iter().position(|(at, _)| *at >= n).unwrap().max(1);
            let [(x0, y0), (x1, y1)] = [kept[right - 1], kept[right]];
            let line = y0 + (y1 - y0) * (n - x0) as f64 / (x1 - x0) as f64;
            assert!((line - value).abs() <= NEAR, "{n}: {line} {value}");
        }
    }

    #[test]
    fn odd_input_still_draws() {
        let times = Times { rate_hz: 8000.0, begin_s: 0.0 };
        assert!(draw("empty", times, &[]).starts_with("<svg"));
        assert!(thumbnail(&[&[], &[1.0], &[f64::NAN, 0.0]]).starts_with("<svg"));
        assert!(draw("nan", times, &[&[f64::NAN, 1.0]]).starts_with("<svg"));
    }
}
