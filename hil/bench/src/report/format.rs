//! Numbers and text as people read them.
//!
//! In: a value. Out: text of a steady width without exponents, and text that is safe in HTML. It must not know units
//! or quantities.

use std::borrow::Cow;

/// A reading with seven significant digits and at most seven decimals.
pub fn reading(value: f64) -> String {
    significant(value, 7)
}

/// A value read off a picture, where a ten-thousandth is all that is known.
pub fn rough(value: f64) -> String {
    significant(value, 5)
}

/// An error or a limit: three significant digits are all a reader needs.
pub fn short(value: f64) -> String {
    significant(value, 3)
}

/// An error with its sign.
pub fn signed(value: f64) -> String {
    let text = short(value);
    if value > 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) { format!("+{text}") } else { text }
}

/// A share of a limit in percent.
pub fn percent(value: f64) -> String {
    if !value.is_finite() {
        return "over".to_owned();
    }
    if value.abs() < 10.0 { format!("{value:.1} %") } else { format!("{value:.0} %") }
}

/// A digest as it stands in every output: 16 hex digits.
pub fn digest(value: u64) -> String {
    format!("{value:016x}")
}

fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return "none".to_owned();
    }
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    let decimals = (digits - 1 - magnitude).clamp(0, 7) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') && digits < 7 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let zero = !text.chars().any(|c| ('1'..='9').contains(&c));
    if zero { text.trim_start_matches('-').to_owned() } else { text.to_owned() }
}

/// Text that stands in HTML, in an element or in a quoted attribute.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The name of a place in the page: letters and digits as they are, each other byte as `-` and two hex digits.
pub fn anchor(suite: &str, point: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("-{byte:02x}") };
    format!("{suite}/{point}").bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_keep_seven_digits() {
        assert_eq!(reading(230.00123), "230.0012");
        assert_eq!(reading(0.05), "0.0500000");
        assert_eq!(reading(-3680.5), "-3680.500");
        assert_eq!(reading(-1e-12), "0.0000000");
        assert_eq!(reading(f64::NAN), "none");
    }

    #[test]
    fn errors_are_short_and_signed() {
        assert_eq!(signed(12.345), "+12.3");
        assert_eq!(signed(-0.5), "-0.5");
        assert_eq!(signed(1e-12), "0");
        assert_eq!(short(100.0), "100");
        assert_eq!((rough(236.9001), rough(0.00400001)), ("236.9".to_owned(), "0.004".to_owned()));
        assert_eq!(percent(3.12), "3.1 %");
        assert_eq!(percent(f64::INFINITY), "over");
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
        assert_eq!(escape("plain"), "plain");
        assert_eq!(anchor("sine", "45 Hz-"), "sine-2f45-20Hz-2d");
    }
}
