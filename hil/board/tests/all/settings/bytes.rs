//! Settings as bytes.

use super::by_hand::{by_hand, export, is_label, judged_by_hand, settings_of};
use hil_board::device::settings::{MAX_BYTES, Settings, VERSION};

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
