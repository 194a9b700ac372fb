//! Settings as lines of text.

use super::by_hand::{any_lines, by_hand, export, import, is_label, judged_by_hand, lines_of, settings_of};
use hil_board::device::settings::line::Change;
use hil_board::device::settings::table::{Entry, TABLE, Value};
use hil_board::device::settings::{MAX_BYTES, Settings, VERSION, line};
use hil_link::MAX_CURRENTS;
use proptest::prelude::*;

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
