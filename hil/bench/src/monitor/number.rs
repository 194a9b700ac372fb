//! A number in so many cells of the screen.
//!
//! In comes a value, out goes a text of exactly the width asked for, right-aligned. This file must not know units. A
//! number is never cut: digits behind the point go first, then a prefix (k, M, G, T) takes the place of digits.

/// A value in `width` cells with at most `decimals` digits behind the point; `-` where there is none.
pub fn number(value: Option<f64>, decimals: usize, width: usize) -> String {
    let text = match value.filter(|value| value.is_finite()) {
        None => "-".to_owned(),
        Some(value) => fitting(value, decimals, width),
    };
    format!("{text:>width$}")
}

fn fitting(value: f64, decimals: usize, width: usize) -> String {
    for (factor, prefix) in [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")] {
        for decimals in (0..=decimals).rev() {
            let text = format!("{:.decimals$}{prefix}", value / factor);
            // What rounds to nothing has no sign.
            let text = if text.trim_start_matches('-').chars().all(|c| "0.kMGT".contains(c)) {
                text.trim_start_matches('-').to_owned()
            } else {
                text
            };
            if text.len() <= width {
                return text;
            }
        }
    }
    "#".repeat(width)
}

/// A text in at most `width` cells; where it is longer the last one is an ellipsis.
pub fn shortened(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain("…".chars().take(width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_behind_the_point_go_before_those_in_front_of_it() {
        assert_eq!(number(Some(230.012_34), 3, 9), "  230.012");
        assert_eq!(number(Some(230.012_34), 3, 6), "230.01");
        assert_eq!(number(Some(-12_345.678), 3, 7), " -12346");
        assert_eq!(number(Some(-1_234_567.0), 3, 6), "-1235k");
        assert_eq!(number(Some(4.29e9), 3, 6), " 4290M");
        assert_eq!(number(Some(-0.000_01), 2, 6), "  0.00");
        assert_eq!(number(None, 2, 6), "     -");
        assert_eq!(number(Some(f64::NAN), 2, 4), "   -");
    }

    #[test]
    fn every_number_has_the_width_asked_for() {
        for power in -9..15 {
            for value in [1.0, -1.0, 9.999_999_9, -9.999_999_9] {
                let text = number(Some(value * 10f64.powi(power)), 4, 7);
                assert_eq!(text.chars().count(), 7, "{text:?}");
                assert!(!text.contains('#'), "{text:?}");
            }
        }
    }

    #[test]
    fn long_texts_end_in_an_ellipsis() {
        assert_eq!(shortened("voltage", 7), "voltage");
        assert_eq!(shortened("voltage", 5), "volt…");
        assert_eq!(shortened("voltage", 0), "");
    }
}
