//! Units of voltage and current as recorders write them.
//!
//! In comes the text of a unit, out goes what it measures and its size in volt or ampere. This file must not know
//! channels.

/// What a channel measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A voltage.
    Voltage,
    /// A current.
    Current,
}

/// A unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// What it is a unit of.
    pub kind: Kind,
    /// Its size in volt or ampere.
    pub size: f64,
}

impl Unit {
    /// `V`, `A`, `volt`, `ampere` and `amp`, with the prefixes u, m, k and M (`micro` to `mega` before a word); a prefix
    /// keeps its case, the rest may be of either. `None` for other units.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let words =
            [("volts", Kind::Voltage), ("volt", Kind::Voltage), ("amperes", Kind::Current), ("ampere", Kind::Current)];
        let words = words.into_iter().chain([("amps", Kind::Current), ("amp", Kind::Current)]);
        for (word, kind) in words {
            let Some(prefix) = lower.strip_suffix(word) else { continue };
            let size = match prefix.trim_end() {
                "" => 1.0,
                "micro" => 1e-6,
                "milli" => 1e-3,
                "kilo" => 1e3,
                "mega" => 1e6,
                _ => return None,
            };
            return Some(Self { kind, size });
        }
        let kind = match lower.chars().next_back()? {
            'v' => Kind::Voltage,
            'a' => Kind::Current,
            _ => return None,
        };
        let size = match &text[..text.len() - 1] {
            "" => 1.0,
            "u" | "µ" | "μ" => 1e-6,
            "m" => 1e-3,
            "k" | "K" => 1e3,
            "M" => 1e6,
            _ => return None,
        };
        Some(Self { kind, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_recorders() {
        let volt = |size| Some(Unit { kind: Kind::Voltage, size });
        let ampere = |size| Some(Unit { kind: Kind::Current, size });
        for (text, expected) in [
            ("V", volt(1.0)),
            (" kV ", volt(1e3)),
            ("KV", volt(1e3)),
            ("mV", volt(1e-3)),
            ("MV", volt(1e6)),
            ("volt", volt(1.0)),
            ("Kilovolts", volt(1e3)),
            ("A", ampere(1.0)),
            ("a", ampere(1.0)),
            ("kA", ampere(1e3)),
            ("µA", ampere(1e-6)),
            ("ampere", ampere(1.0)),
            ("Amps", ampere(1.0)),
            ("deg", None),
            ("VA", None),
            ("kVA", None),
            ("", None),
            ("°", None),
            ("Hz", None),
        ] {
            assert_eq!(Unit::parse(text), expected, "{text}");
        }
    }
}
