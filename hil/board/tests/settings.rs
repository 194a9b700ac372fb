//! The settings as text and bytes: against ranges written here anew, by a reader written here anew.

use hil_board::device::settings::line::{self, Change};
use hil_board::device::settings::table::{Entry, TABLE, Value};
use hil_board::device::settings::{MAX_BYTES, Settings, VERSION};
use hil_link::MAX_CURRENTS;
use metering_core::config::Config;
use metering_core::events::Limits;
use proptest::prelude::*;

/// A setting by hand: its words with `N` for the number of a port, the least and the most of it, whether 0 switches off.
/// A label has no numbers.
const BY_HAND: [(&str, u32, u32, bool); 38] = [
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
fn by_hand() -> Vec<(String, u32, u32, bool)> {
    let all = BY_HAND.iter().flat_map(|&(words, least, most, zero)| {
        let ports = if words.contains('N') { 1..=7 } else { 1..=1 };
        ports.map(move |port| (words.replace('N', &port.to_string()), least, most, zero))
    });
    all.collect()
}

fn is_label(words: &str) -> bool {
    words.ends_with("label")
}

/// What a line does, read in a simple way: `None` where it must be ignored, else whether it changes anything.
fn judged_by_hand(line: &str, all: &[(String, u32, u32, bool)]) -> Option<bool> {
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

fn export(settings: &Settings) -> Vec<String> {
    line::export(settings, 0).map(|line| line.to_string()).collect()
}

/// Reads lines into settings; the numbers, from 1, of those that were ignored.
fn import(settings: &mut Settings, lines: &[String]) -> Vec<usize> {
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
fn lines_of(mut next: impl FnMut() -> u32) -> Vec<String> {
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
fn any_lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any::<u32>(), by_hand().len()).prop_map(|seeds| {
        let mut seeds = seeds.into_iter();
        lines_of(|| seeds.next().unwrap_or_default())
    })
}

fn settings_of(lines: &[String]) -> Settings {
    let mut settings = Settings::default();
    assert_eq!(import(&mut settings, lines), [0; 0]);
    settings
}

#[test]
fn each_setting_takes_its_range_and_nothing_else() {
    let all = by_hand();
    let names: Vec<String> = Entry::all().map(|entry| line::Path(entry).to_string()).collect();
    assert_eq!(names, all.iter().map(|(words, ..)| words.clone()).collect::<Vec<_>>());
    for (words, least, most, zero) in &all {
        let takes = |value: &str| matches!(line::read(&format!("{words} set {value}")), Ok(Change::Set(..)));
        if is_label(words) {
            for (value, fits) in [
                (r#""""#, true),
                (r#""123456789012345""#, true),
                (r##""#7 ~! 'x' <"##, false),
                (r##""#7 ~! 'x' <""##, true),
                (r#""1234567890123456""#, false),
                ("\"ä\"", false),
                ("\"a\tb\"", false),
                ("Rack", false),
                ("7", false),
            ] {
                assert_eq!(takes(value), fits, "{words} {value}");
            }
            continue;
        }
        let around = [0, 1, *least, *most, least.saturating_sub(1), most + 1, u32::MAX];
        for value in around {
            let fits = (*least..=*most).contains(&value) || *zero && value == 0;
            assert_eq!(takes(&value.to_string()), fits, "{words} {value}");
            if !fits {
                let why = line::read(&format!("{words} set {value}")).unwrap_err().to_string();
                let range = format!("{}{least}..{most}", if *zero { "0," } else { "" });
                assert!(why.contains(&range), "{why}");
            }
        }
        for value in ["", "-1", "+1", "1.5", "0x10", "1e3", "\"1\"", "4294967296", "99999999999999999999", "on"] {
            assert!(!takes(value), "{words} {value}");
        }
    }
}

#[test]
fn an_export_begins_with_the_factory_and_tells_every_range() {
    let lines = export(&Settings::default());
    assert_eq!(lines[0], "system fabsettings");
    assert_eq!(lines.len(), 1 + 3 * MAX_CURRENTS + TABLE.len() - 6);
    for (line, (words, least, most, zero)) in lines[1..].iter().zip(by_hand()) {
        let (command, comment) = line.split_once(" #").unwrap();
        assert!(command.starts_with(&words), "{line}");
        let range = match (is_label(&words), zero) {
            (true, _) => "len: 0..15".into(),
            (false, true) => format!("range: 0,{least}..{most}"),
            (false, false) => format!("range: {least}..{most}"),
        };
        assert!(comment.starts_with(&format!("{range} ")) && line.len() <= 120, "{line}");
    }
    // As it leaves the factory nothing alarms.
    for off in ["events dip set 0 ", "events swell set 0 ", "residual alarm set 0 ", "portsensor 7 overload set 0 "] {
        assert!(lines.iter().any(|line| line.starts_with(off)), "{off}");
    }
    let config = Settings::default().config(8_000 << 32, 24);
    assert!(config.events.is_none() && config.residual.unwrap().monitor.is_none() && config.no_load.is_none());
}

#[test]
fn a_line_that_is_ignored_says_what_is_allowed() {
    for (line, parts) in [
        ("residual colour set 3", &["no such setting of residual", "rated", "latching"][..]),
        ("portsensor 8 label set \"x\"", &["no such portsensor", "1..7"]),
        ("portsensor label set \"x\"", &["1..7"]),
        ("linesensor 2 range set 5000", &["no such linesensor", "1..1"]),
        ("reboot", &["no such setting", "system fabsettings", "linesensor", "energy"]),
        ("system", &["system fabsettings"]),
        ("system fabsettings now", &["system fabsettings"]),
        ("residual rated set", &["residual rated set VALUE"]),
        ("residual rated show", &["residual rated set VALUE"]),
        ("residual rated set 1 2", &["residual rated set VALUE"]),
        ("linesensor 1 label set \"x", &["quote"]),
        ("linesensor 1 label set \"x\"y", &["quote"]),
        ("linesensor 1 label set \"0123456789abcdef\"", &["len: 0..15", "ASCII"]),
    ] {
        let why = line::read(line).unwrap_err().to_string();
        for part in parts {
            assert!(why.contains(part), "{line}: {why}");
        }
        assert!(why.len() <= 160, "{} bytes: {why}", why.len());
    }
    let long = format!("{:121}", "voltage nominal set 230");
    assert!(line::read(&long).unwrap_err().to_string().contains("120"));
    for hidden in ["", "  \t", "#", "# voltage nominal set 230", "   # \"", "\r"] {
        assert!(matches!(line::read(hidden), Ok(Change::Nothing)), "{hidden:?}");
    }
    for taken in
        ["  voltage\tnominal  set 230\r", "voltage nominal set 230#x", "\"voltage\" nominal \"set\" 00230 # \""]
    {
        assert!(matches!(line::read(taken), Ok(Change::Set(_, Value::Number(230)))), "{taken:?}");
    }
}

proptest! {
    /// Whatever the settings: an exported file imports to the identical ones upon any others, and so do their bytes.
    #[test]
    fn what_is_exported_comes_back((these, others) in (any_lines(), any_lines())) {
        let (settings, mut upon) = (settings_of(&these), settings_of(&others));
        let lines = export(&settings);
        prop_assert_eq!(import(&mut upon, &lines), [0; 0]);
        prop_assert_eq!(&upon, &settings);
        // What is shown is what was set.
        for (shown, set) in lines[1..].iter().zip(&these) {
            prop_assert!(shown.starts_with(set), "{} {}", shown, set);
        }
        let bytes = settings.encode();
        prop_assert!(bytes.len() <= MAX_BYTES && bytes.len() > 50);
        prop_assert_eq!(Settings::decode(VERSION, &bytes), Some(settings));
    }

    /// Each setting can be judged alone: the meter takes any settings in their ranges.
    #[test]
    fn the_meter_takes_any_settings(lines in any_lines(), rate in 2_000_u64..=64_000, bits in 14_u8..=24) {
        let config = settings_of(&lines).config(rate << 32, bits);
        prop_assert!(Config::<i32, MAX_CURRENTS>::new(hil_board::settings(&config)).is_ok());
        if let Some(limits) = &config.events {
            prop_assert!(Limits::<MAX_CURRENTS>::new(&limits.into()).is_ok());
        }
    }
}

/// Each setting changes what the meter, the display, the store or the Modbus port does; labels are shown on the console.
#[test]
fn no_setting_is_dead() {
    // All on, or what belongs to it would be.
    let mut on = Settings::default();
    for line in ["events dip set 9000", "residual alarm set 1", "noload power set 5", "noload current set 5"] {
        line::read(line).unwrap().apply(&mut on);
    }
    (1..=7).for_each(|port| line::read(&format!("portsensor {port} overload set 100")).unwrap().apply(&mut on));
    let seen = |settings: &Settings| {
        let port = settings.modbus;
        (settings.config(8_000 << 32, 24), settings.display_return_s, settings.saving, port)
    };
    for (words, least, most, _) in by_hand().iter().filter(|(words, ..)| !is_label(words)) {
        let dead = [least, most].into_iter().all(|value| {
            let mut changed = on.clone();
            line::read(&format!("{words} set {value}")).unwrap().apply(&mut changed);
            seen(&changed) == seen(&on)
        });
        assert!(!dead, "{words} changes nothing");
    }
}

/// The configuration that the settings mean, in the units of the link, by hand.
#[test]
fn what_settings_mean_to_the_meter() {
    let mut settings = Settings::default();
    for line in [
        "voltage range set 450",
        "voltage nominal set 120",
        "frequency nominal set 2",
        "linesensor 1 range set 64000",
        "portsensor 7 range set 1500",
        "portsensor 7 overload set 750",
        "overload hysteresis set 250",
        "overload delay set 7",
        "events swell set 11000",
        "events hysteresis set 150",
        "residual range set 40000",
        "residual corner set 5000",
        "residual alarm set 1",
        "residual rated set 2500",
        "residual type set 0",
        "residual characteristic set 2",
        "residual noise set 2000",
        "residual release set 300000",
        "noload power set 500",
        "noload current set 250",
        "noload hysteresis set 10",
    ] {
        line::read(line).unwrap().apply(&mut settings);
    }
    let config = settings.config(2_000 << 32, 16);
    assert_eq!((config.sample_rate, config.adc_bits, config.channels()), (2_000 << 32, 16, 10));
    assert_eq!((config.nominal, config.voltage.unwrap().range), (hil_link::Nominal::Hz60, 450 << 32));
    let ranges: Vec<u64> = config.currents.iter().map(|channel| channel.range).collect();
    assert_eq!(ranges, [64 << 32, 25 << 32, 25 << 32, 25 << 32, 25 << 32, 25 << 32, 25 << 32, 3 << 31]);
    let events = config.events.unwrap();
    assert_eq!((events.nominal, events.dip, events.swell, events.interruption), (120 << 32, None, Some(11_000), None));
    assert_eq!((events.hysteresis, events.overloads[0]), (150, None));
    let overload = events.overloads[7].unwrap();
    assert_eq!((overload.threshold, overload.hysteresis, overload.delay), (3 << 30, 250, 7));
    let residual = config.residual.unwrap();
    assert_eq!((residual.channel.range, residual.corner_mhz), (4 << 32, Some(5_000)));
    let monitor = residual.monitor.unwrap();
    assert_eq!((monitor.rated, monitor.least_noise), (1 << 30, (1 << 32) / 500));
    assert_eq!(monitor.detects, hil_link::residual::Type::Ac);
    assert_eq!(monitor.characteristic, hil_link::residual::Characteristic::Selective);
    assert_eq!((monitor.response_delay_ms, monitor.release_delay_ms), (0, 300_000));
    let no_load = config.no_load.unwrap();
    assert_eq!((no_load.power, no_load.current, no_load.hysteresis), (1 << 23, 1 << 30, 10));
}

/// Postcard by hand: numbers in seven bits a byte, texts with their length in front.
#[test]
fn bytes_of_the_factory_and_of_the_longest_settings() {
    fn number(out: &mut Vec<u8>, mut value: u32) {
        while value >= 128 {
            out.push(value as u8 | 128);
            value >>= 7;
        }
        out.push(value as u8);
    }
    let bytes = |range: [u32; 8], overload: u32, label: &dyn Fn(usize) -> String, rest: &[u32]| {
        let mut out = vec![];
        for (n, range) in range.into_iter().enumerate() {
            let label = label(n);
            out.push(label.len() as u8);
            out.extend(label.bytes());
            number(&mut out, range);
            number(&mut out, overload);
        }
        for &value in rest {
            number(&mut out, value);
        }
        out
    };
    let name = |n| if n == 0 { "Line".to_owned() } else { format!("Port {n}") };
    let mut ranges = [25_000; 8];
    ranges[0] = 100_000;
    let rest = [
        400, 230, 0, 0, 0, 0, 200, 500, 0, 20_000, 0, 0, 300, 1, 50, 15, 0, 0, 1_000, 500, 0, 0, 0, 0, 20, 5, 300, 100,
        1,
    ];
    // Version 1 ends here; behind it address 1, 19 200 baud, no parity. The address is a plain byte.
    let first = bytes(ranges, 0, &name, &rest);
    assert_eq!(Settings::default().encode(), [&first[..], &[1, 0x80, 0x96, 0x01, 0]].concat()[..]);
    assert_eq!(Settings::decode(1, &first), Some(Settings::default()));
    let older = bytes(ranges, 0, &|n| if n == 3 { "Rack #7".to_owned() } else { name(n) }, &rest);
    assert_eq!(Settings::decode(1, &older), Some(settings_of(&[r#"portsensor 3 label set "Rack #7""#.to_owned()])));
    for version in [0, 2, 3, 255] {
        assert_eq!(Settings::decode(version, &first), None, "{version}");
    }
    assert_eq!(Settings::decode(1, &Settings::default().encode()), None);

    let longest: Vec<String> =
        by_hand()
            .iter()
            .map(|(words, _, most, _)| {
                if is_label(words) { format!("{words} set \"WWWWWWWWWWWWWWW\"") } else { format!("{words} set {most}") }
            })
            .collect();
    let rest = [
        2_000, 1_000, 2, 9_800, 20_000, 1_999, 200, 5_000, 65_535, 61_000, 10_000, 1, 5_000, 1, 100, 25, 2, 10_000,
        300_000, 10_000, 1, 6_000, 1_000_000, 1_000, 100, 60, 3_600, 10_000, 1,
    ];
    let mut expected = bytes([2_000_000; 8], 2_000_000, &|_| "W".repeat(15), &rest);
    expected.extend([247, 0x80, 0x84, 0x07, 2]);
    assert_eq!(settings_of(&longest).encode(), expected[..]);
    println!("{} bytes at the most, {} from the factory", expected.len(), Settings::default().encode().len());
    assert!(expected.len() <= MAX_BYTES);
}

/// Bytes that no board would have written are no settings.
#[test]
fn bytes_that_are_no_settings() {
    let good = Settings::default().encode();
    assert!(Settings::decode(VERSION, &good).is_some());
    assert!(Settings::decode(VERSION, &good[..good.len() - 1]).is_none());
    assert!(Settings::decode(VERSION, &[&good[..], &[0]].concat()).is_none());
    // Each byte as any other: never a setting out of its range, and the bytes of what is read are those that were read.
    let all = by_hand();
    for place in 0..good.len() {
        for value in 0..=u8::MAX {
            let mut bytes = good.to_vec();
            bytes[place] = value;
            if let Some(settings) = Settings::decode(VERSION, &bytes) {
                let lines = export(&settings);
                assert!(lines.iter().all(|line| judged_by_hand(line, &all) == Some(true)), "{place} {value}");
            }
        }
    }
}

/// Files that were tampered with: each line does what a simple reader says of it, and no setting leaves its range.
#[test]
fn a_hundred_thousand_mutated_files() {
    let all = by_hand();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    };
    let (mut ignored, mut taken, mut hidden) = (0_u64, 0_u64, 0_u64);
    let mut base = Settings::default();
    for file in 0..100_000_u32 {
        // A file of some lines that set something, as a user would keep it, and now and then a whole export.
        if file % 100 == 0 {
            base = settings_of(&lines_of(&mut next));
        }
        let mut settings = base.clone();
        let mut lines = export(&settings);
        if file % 100 != 0 {
            let from = next() as usize % lines.len();
            lines = lines.split_off(from);
            lines.truncate(1 + next() as usize % 6);
        }
        let mut text = lines.join("\n").into_bytes();
        for _ in 0..=next() % 6 {
            let at = next() as usize % text.len().max(1);
            let any = [b'"', b'#', b'\n', b' ', b'0', b'9', b'-', 0, 0xff, b'\r', next() as u8, next() as u8];
            let byte = any[next() as usize % any.len()];
            match next() % 6 {
                0 if at < text.len() => text[at] = byte,
                1 if at < text.len() => drop(text.remove(at)),
                2 => text.insert(at, byte),
                3 => text.truncate(at),
                4 => drop(text.splice(at..at, b"9999999999".iter().copied())),
                _ => {
                    let piece: Vec<u8> = text.iter().skip(at).take(next() as usize % 200).copied().collect();
                    text.extend(piece);
                }
            }
        }
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<String> = text.split('\n').map(ToOwned::to_owned).collect();
        let told = import(&mut settings, &lines);
        let mut expected = vec![];
        for (number, line) in lines.iter().enumerate() {
            match judged_by_hand(line, &all) {
                None => expected.push(number + 1),
                Some(changes) => *(if changes { &mut taken } else { &mut hidden }) += 1,
            }
        }
        assert_eq!(told, expected, "{text}");
        ignored += told.len() as u64;
        if file % 20 == 0 {
            assert!(export(&settings).iter().all(|line| judged_by_hand(line, &all) == Some(true)), "{text}");
        }
        assert!(Settings::decode(VERSION, &settings.encode()).is_some(), "{text}");
    }
    println!("{taken} lines taken, {hidden} hidden, {ignored} ignored");
    assert!(taken > 100_000 && hidden > 1_000 && ignored > 100_000);
}
