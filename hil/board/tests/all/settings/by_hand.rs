//! Ranges and a reader written here anew, and settings of any kind.

use hil_board::device::settings::{Settings, line};
use proptest::prelude::*;

/// A setting by hand: its words with `N` for the number of a port, the least and the most of it, whether 0 switches off.
/// A label has no numbers.
pub const BY_HAND: [(&str, u32, u32, bool); 38] = [
    ("linesensor 1 label", 0, 0, false),
    ("linesensor 1 range", 1_000, 2_000_000, false),
    ("linesensor 1 overload", 1, 2_000_000, true),
    ("portsensor N label", 0, 0, false),
    ("portsensor N range", 1_000, 2_000_000, false),
    ("portsensor N overload", 1, 2_000_000, true),
    ("voltage range", 50, 2_000, false),
    ("voltage nominal", 10, 1_000, false),
    ("frequency nominal", 0, 2, false),
    ("events dip", 2_000, 9_800, true),
    ("events swell", 10_200, 20_000, true),
    ("events interruption", 1, 1_999, true),
    ("events hysteresis", 0, 200, false),
    ("overload hysteresis", 0, 5_000, false),
    ("overload delay", 0, 65_535, false),
    ("residual range", 15_000, 61_000, false),
    ("residual corner", 500, 10_000, true),
    ("residual alarm", 0, 1, false),
    ("residual rated", 60, 5_000, false),
    ("residual type", 0, 1, false),
    ("residual prewarning", 50, 100, false),
    ("residual hysteresis", 10, 25, false),
    ("residual characteristic", 0, 2, false),
    ("residual prewarningdelay", 0, 10_000, false),
    ("residual release", 0, 300_000, false),
    ("residual startup", 0, 10_000, false),
    ("residual latching", 0, 1, false),
    ("residual noise", 0, 6_000, false),
    ("noload power", 0, 1_000_000, false),
    ("noload current", 0, 1_000, false),
    ("noload hysteresis", 0, 100, false),
    ("display return", 1, 60, false),
    ("energy interval", 1, 3_600, false),
    ("energy step", 1, 10_000, false),
    ("energy interruption", 0, 1, false),
    ("modbus address", 1, 247, false),
    ("modbus baud", 1_200, 115_200, false),
    ("modbus parity", 0, 2, false),
];

/// All settings by their words, one per port.
pub fn by_hand() -> Vec<(String, u32, u32, bool)> {
    let all = BY_HAND.iter().flat_map(|&(words, least, most, zero)| {
        let ports = if words.contains('N') { 1..=7 } else { 1..=1 };
        ports.map(move |port| (words.replace('N', &port.to_string()), least, most, zero))
    });
    all.collect()
}

pub fn is_label(words: &str) -> bool {
    words.ends_with("label")
}

/// What a line does, read in a simple way: `None` where it must be ignored, else whether it changes anything.
pub fn judged_by_hand(line: &str, all: &[(String, u32, u32, bool)]) -> Option<bool> {
    if line.len() > 120 {
        return None;
    }
    // Words; one in quotes begins with a quote.
    let (mut words, mut word, mut in_quotes, mut closed) = (vec![], String::new(), false, false);
    for c in line.chars() {
        let is_blank = " \t\r\n".contains(c);
        if in_quotes {
            if c == '"' {
                (in_quotes, closed) = (false, true);
            } else {
                word.push(c);
            }
        } else if c == '#' || is_blank {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            closed = false;
            if c == '#' {
                break;
            }
        } else if closed || (c == '"' && !word.is_empty()) {
            return None;
        } else {
            in_quotes = c == '"';
            word.push(c);
        }
    }
    if in_quotes {
        return None;
    }
    if !word.is_empty() {
        words.push(word);
    }
    let plain: Vec<&str> = words.iter().map(|word| word.strip_prefix('"').unwrap_or(word)).collect();
    match plain[..] {
        [] => return Some(false),
        ["system", "fabsettings"] => return Some(true),
        _ => {}
    }
    let (value, path) = plain.split_last()?;
    let (set, path) = path.split_last()?;
    // A port may be written with zeros in front.
    let mut path: Vec<String> = path.iter().map(|word| (*word).to_owned()).collect();
    if path.len() == 3 {
        path[1] = path[1].bytes().all(|byte| byte.is_ascii_digit()).then(|| path[1].parse::<u32>().ok())??.to_string();
    }
    let path = path.join(" ");
    let (_, least, most, zero) = all.iter().find(|(words, ..)| *words == path && *set == "set")?;
    let quoted = words.last()?.starts_with('"');
    let fits = if is_label(&path) {
        quoted && value.len() <= 15 && value.chars().all(|c| (' '..='~').contains(&c))
    } else {
        let digits = !quoted && value.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = value.parse().ok().filter(|_| digits)?;
        (*least..=*most).contains(&number) || *zero && number == 0
    };
    fits.then_some(true)
}

pub fn export(settings: &Settings) -> Vec<String> {
    line::export(settings, 0).map(|line| line.to_string()).collect()
}

/// Reads lines into settings; the numbers, from 1, of those that were ignored.
pub fn import(settings: &mut Settings, lines: &[String]) -> Vec<usize> {
    let mut ignored = vec![];
    for (number, text) in lines.iter().enumerate() {
        match line::read(text) {
            Ok(change) => change.apply(settings),
            Err(why) => {
                assert!(!why.to_string().is_empty());
                ignored.push(number + 1);
            }
        }
    }
    ignored
}

/// Lines that set everything, by hand, from a source of numbers.
pub fn lines_of(mut next: impl FnMut() -> u32) -> Vec<String> {
    let label = |seed: u32| -> String {
        let text = (0..seed % 16).map(|n| char::from(b' ' + ((seed >> (n % 24)) % 95) as u8));
        text.map(|c| if c == '"' { '#' } else { c }).collect()
    };
    let value = |words: &str, least: u32, most: u32, zero: bool, seed: u32| match seed {
        _ if is_label(words) => format!("\"{}\"", label(seed)),
        _ if zero && seed.is_multiple_of(4) => "0".into(),
        _ if seed % 4 == 1 => least.to_string(),
        _ if seed % 4 == 2 => most.to_string(),
        _ => (least + seed % (most - least + 1)).to_string(),
    };
    by_hand()
        .iter()
        .map(|(words, least, most, zero)| format!("{words} set {}", value(words, *least, *most, *zero, next())))
        .collect()
}

/// Any settings, each of them.
pub fn any_lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any::<u32>(), by_hand().len()).prop_map(|seeds| {
        let mut seeds = seeds.into_iter();
        lines_of(|| seeds.next().unwrap_or_default())
    })
}

pub fn settings_of(lines: &[String]) -> Settings {
    let mut settings = Settings::default();
    assert_eq!(import(&mut settings, lines), [0; 0]);
    settings
}
