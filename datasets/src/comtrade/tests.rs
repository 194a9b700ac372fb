//! Small files of every form and peculiarity, whose values are known by hand, and what is refused with its place.
#![allow(clippy::float_cmp, reason = "numbers of a file are read exactly")]

use super::*;
use crate::recording::{Section, Side, SpanError, Times};

/// A configuration of 1999 with two analogue and two status channels; `tail` begins at the number of rates.
fn cfg(revision: &str, data: &str, rates: &str) -> String {
    format!(
        "Station,Recorder{revision}\n4,2A,2D\n\
         1,Ua,A,Feeder,kV,0.5,1,0,-32767,32767,400,0.1,P\n2,Ia,A,Feeder,A,0.25,-2,12.5,-32767,32767,1000,5,S\n\
         1,Trip,,,0\n2,Closed,A,CB1,1\n\
         50\n{rates}\n17/09/2015,10:52:52.987545\n17/09/2015,10:52:53.0\n{data}\n1\n"
    )
}

const ONE_RATE: &str = "1\n1000,3";

fn values(recording: &Recording, channel: usize) -> Vec<f64> {
    recording.channels[channel].values().collect()
}

/// Rows of binary data: number, stamp, codes of so many bytes, states.
fn rows<const N: usize>(rows: &[(u32, [[u8; N]; 2], u16)]) -> Vec<u8> {
    let row = |(n, (stamp, codes, states)): (usize, &(u32, [[u8; N]; 2], u16))| {
        let number = (n as u32 + 1).to_le_bytes();
        [&number[..], &stamp.to_le_bytes(), &codes[0], &codes[1], &states.to_le_bytes()].concat()
    };
    rows.iter().enumerate().flat_map(row).collect()
}

#[test]
fn ascii_of_1999_with_missing_values() {
    let dat = "1,0,2,8,0,1\r\n2,1000,-4,99999,1,0\r\n3,2000,,12,0,0\r\n\x1a";
    let recording = parse(cfg(",1999", "ASCII", ONE_RATE).as_bytes(), dat.as_bytes()).unwrap();
    assert_eq!(values(&recording, 0)[..2], [2.0, -1.0]);
    assert!(values(&recording, 0)[2].is_nan() && values(&recording, 1)[1].is_nan());
    assert_eq!((values(&recording, 1)[0], values(&recording, 1)[2]), (0.0, 1.0));
    assert_eq!((&recording.status[0].states[..], &recording.status[1].states[..]), (&[0, 1, 0][..], &[1, 0, 0][..]));
    assert_eq!((recording.status[0].normal, recording.status[1].normal), (false, true));
    assert_eq!(recording.sections, [Section { rate_hz: 1000.0, end: 3 }]);
    let ticks = vec![Some(0), Some(1000), Some(2000)];
    assert_eq!(recording.times, Times::Ticks { per_second: 1e6, multiplier: 1.0, ticks });
    let channel = &recording.channels[1];
    assert_eq!((channel.name.as_str(), channel.unit.as_str(), channel.phase.as_str()), ("Ia", "A", "A"));
    assert_eq!(
        (channel.component.as_str(), channel.skew_us, channel.range),
        ("Feeder", 12.5, Some((-32767.0, 32767.0)))
    );
    assert_eq!(channel.factor(Side::Primary), Some(200.0));
    assert_eq!(channel.factor(Side::Secondary), Some(1.0));
    assert_eq!(recording.channels[0].factor(Side::Secondary), Some(0.1 / 400.0));
    assert_eq!((recording.details.station.as_str(), recording.details.line_hz), ("Station", Some(50.0)));
    assert_eq!(recording.details.trigger, "17/09/2015,10:52:53.0");
}

#[test]
fn the_first_revision_has_short_lines_months_first_and_blanks_for_missing() {
    let cfg = "S,D\n3,2A,1D\n1,U,A,,V,0.1,0,0,-9,9\n2,I,A,,A,1,0.5,,,\n3,Trip,1\n60\n1\n1200,2\n09/17/95,10:52:52.98\n\
               9/17/95,10:52:53\nascii";
    let recording = parse(cfg.as_bytes(), b"1,-77500,+000025,99999,1\n2,-76666,,-000001,0").unwrap();
    assert_eq!(values(&recording, 0)[0], 2.5);
    assert!(values(&recording, 0)[1].is_nan());
    assert_eq!(values(&recording, 1), [99999.5, -0.5], "the marker came with 1999");
    assert_eq!((recording.details.start.as_str(), recording.channels[0].ratio), ("17/09/1995,10:52:52.98", None));
    assert!(recording.status[0].normal && recording.status[0].name == "Trip");
    let Times::Ticks { ticks, .. } = &recording.times else { panic!("{:?}", recording.times) };
    assert_eq!(ticks[..], [Some(-77500), Some(-76666)]);
    let binary = cfg.replace("ascii", "BINARY").replace("3,2A,1D", "2,2A,0D").replace("3,Trip,1\n", "");
    let dat = [[1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 128], [2, 0, 0, 0, 9, 0, 0, 0, 1, 0, 2, 0_u8]].concat();
    let recording = parse(binary.as_bytes(), &dat).unwrap();
    assert!(values(&recording, 0)[0].is_nan(), "0xFFFF was the marker");
    assert_eq!(values(&recording, 1), [-32767.5, 2.5]);
}

#[test]
fn binary_of_16_bits() {
    let code = i16::to_le_bytes;
    let dat = rows(&[
        (0, [code(2), code(8)], 0b10),
        (1000, [code(i16::MIN), code(i16::MAX)], 0b01),
        (u32::MAX, [code(-1), code(-32767)], 0b11),
    ]);
    let recording = parse(cfg(",1999", "BINARY", ONE_RATE).as_bytes(), &dat).unwrap();
    assert!(values(&recording, 0)[1].is_nan());
    assert_eq!((values(&recording, 0)[0], values(&recording, 0)[2]), (2.0, 0.5));
    assert_eq!(values(&recording, 1), [0.0, 8189.75, -8193.75]);
    assert_eq!((&recording.status[0].states[..], &recording.status[1].states[..]), (&[0, 1, 1][..], &[1, 0, 1][..]));
    let Times::Ticks { ticks, .. } = recording.times else { panic!("{:?}", recording.times) };
    assert_eq!(ticks, [Some(0), Some(1000), None]);
}

#[test]
fn binary_of_32_bits_and_floats() {
    let code = i32::to_le_bytes;
    let dat = rows(&[
        (0, [code(100_000), code(i32::MAX)], 0),
        (1, [code(i32::MIN), code(0)], 0),
        (2, [code(-7), code(4)], 0),
    ]);
    let recording = parse(cfg(",2013", "BINARY32", ONE_RATE).as_bytes(), &dat).unwrap();
    assert_eq!((values(&recording, 0)[0], values(&recording, 1)[0]), (50_001.0, 536_870_909.75));
    assert!(values(&recording, 0)[1].is_nan());
    let value = f32::to_le_bytes;
    let dat = rows(&[
        (0, [value(0.1), value(f32::MAX)], 0),
        (1, [value(f32::MIN), value(f32::NAN)], 0),
        (2, [value(-2.5), value(f32::INFINITY)], 0),
    ]);
    let recording = parse(cfg(",2013", "float32", ONE_RATE).as_bytes(), &dat).unwrap();
    assert_eq!((values(&recording, 0)[0], values(&recording, 0)[2]), (0.5 * f64::from(0.1_f32) + 1.0, -0.25));
    assert!(
        values(&recording, 0)[1].is_nan() && values(&recording, 1)[1].is_nan() && values(&recording, 1)[2].is_nan()
    );
}

#[test]
fn states_beyond_sixteen_take_another_word() {
    let states = (1..=17).map(|n| format!("{n},s{n},,,0\n")).collect::<Vec<_>>().concat();
    let cfg = format!("S,D,1999\n17,0A,17D\n{states}50\n1\n1000,1\n,\n,\nBINARY\n1\n");
    let recording = parse(cfg.as_bytes(), &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0]).unwrap();
    let set: Vec<usize> = (0..17).filter(|&n| recording.status[n].states[0] == 1).collect();
    assert_eq!(set, [15, 16]);
    assert_eq!(recording.details.start, "", "no date is told");
}

#[test]
fn several_rates_and_none() {
    let dat = b"1,0,1,1,0,0\n\n2,,2,2,0,0\n\n3,,3,3,0,0\n4,,4,4,0,0\n5,,5,5,0,0\n";
    let recording = parse(cfg(",1999", "ASCII", "3\n1000,1\n4000,3\n2000,4").as_bytes(), dat).unwrap();
    let sections = [(1000.0, 1), (4000.0, 3), (2000.0, 4)].map(|(rate_hz, end)| Section { rate_hz, end });
    assert_eq!(recording.sections, sections);
    assert_eq!(recording.frames, 4);
    assert_eq!(recording.remarks, ["samples behind the last section are left out: 1"]);
    assert_eq!(recording.seconds().unwrap(), [0.0, 0.00025, 0.0005, 0.001]);
    let stamped = b"1,0,1,1,0,0\n2,250,2,2,0,0\n4,500,3,3,0,0";
    for rates in ["0\n0,3", "0", "1\n0,3"] {
        let cfg = cfg(",1999", "ASCII", rates).replace("\nASCII\n1\n", "\nASCII\n2\n");
        let recording = parse(cfg.as_bytes(), stamped).unwrap();
        assert_eq!(recording.sections, []);
        let span = recording.span().unwrap();
        assert!((span.rate_hz - 2000.0).abs() < 1e-6, "the stamps count twice: {span:?}");
        assert_eq!(recording.remarks, ["the sample numbers jump at sample 3: samples may be lost"]);
    }
    let unstamped = parse(cfg(",1999", "ASCII", "0\n0,2").as_bytes(), b"1,,1,1,0,0\n2,,2,2,0,0").unwrap();
    assert_eq!(unstamped.span(), Err(SpanError::Untold));
}

#[test]
fn nanoseconds_where_the_times_have_them() {
    let cfg = cfg(",2013", "ASCII", "0\n0,2").replace(".987545", ".987545123") + "+2h00,+2h00\nB,3\n";
    let recording = parse(cfg.as_bytes(), b"1,0,1,1,0,0\n2,125000,2,2,0,0").unwrap();
    assert!((recording.span().unwrap().rate_hz - 8000.0).abs() < 1e-6);
    assert_eq!((recording.details.time_code.as_str(), recording.details.time_quality.as_str()), ("+2h00,+2h00", "B,3"));
}

#[test]
fn names_that_are_not_utf_8() {
    let text = cfg(",1999", "ASCII", ONE_RATE);
    let (before, after) = text.split_once("Trip").unwrap();
    // "Пуск защиты линии" in the code page 1251.
    let name = b"\xcf\xf3\xf1\xea \xe7\xe0\xf9\xe8\xf2\xfb \xeb\xe8\xed\xe8\xe8";
    let bytes = [before.as_bytes(), name, after.as_bytes()].concat();
    let recording = parse(&bytes, b"1,0,1,1,0,0\n2,,2,2,0,0\n3,,3,3,0,0").unwrap();
    assert_eq!(recording.status[0].name, "Пуск защиты линии");
    assert_eq!(recording.remarks, ["the names are not UTF-8 and were taken for windows-1251"]);
    let utf8 = format!("\u{feff}{}", text.replace("Trip", "Auslösung"));
    let recording = parse(utf8.as_bytes(), b"1,0,1,1,0,0\n2,,2,2,0,0\n3,,3,3,0,0").unwrap();
    assert_eq!((recording.status[0].name.as_str(), recording.remarks.len()), ("Auslösung", 0));
    assert_eq!(recording.details.station, "Station");
}

#[test]
fn a_single_file() {
    let cfg = cfg(",2013", "BINARY", ONE_RATE).replace('\n', "\r\n");
    let code = i16::to_le_bytes;
    // The first two bytes of a row look like the end of a line.
    let dat = rows(&[(0, [code(0x0a0d), code(8)], 2), (1, [code(3), code(4)], 0), (2, [code(5), code(6)], 0)]);
    let head =
        format!("--- file type: CFG ---\r\n{cfg}--- File Type: INF ---\r\n\r\n--- file type: HDR ---\r\nby hand\r\n");
    for kind in ["BINARY: 42", "binary", "BINARY:42"] {
        let file = [format!("{head}--- file type: DAT {kind} ---\r\n").as_bytes(), &dat].concat();
        let recording = parse_cff(&file).unwrap();
        assert_eq!(values(&recording, 0)[0], f64::from(0x0a0d) / 2.0 + 1.0, "{kind}");
        assert_eq!(recording.details.notes, ["by hand"]);
        assert_eq!(recording.details.information, [""; 0]);
    }
    // Parts may follow data of a told length.
    let tail = b"\r\n--- file type: HDR ---\r\nbehind\r\n";
    let file = [format!("{head}--- file type: DAT BINARY: 42 ---\r\n").as_bytes(), &dat, tail].concat();
    assert_eq!(parse_cff(&file).unwrap().details.notes, ["behind"]);
}

/// The fault of a configuration with a part replaced.
#[track_caller]
fn refused(from: &str, to: &str, dat: &str, expected: &str) {
    let text = cfg(",1999", "ASCII", ONE_RATE);
    assert!(text.contains(from), "{from}");
    let fault = parse(text.replacen(from, to, 1).as_bytes(), dat.as_bytes()).unwrap_err().to_string();
    assert_eq!(fault, expected);
    assert!(!fault.contains('\n'));
}

#[test]
fn faults_have_their_place() {
    let dat = "1,0,1,1,0,0\n2,1,2,2,0,0\n3,2,3,3,0,0\n";
    refused(",1999", ",abc", dat, "line 1, field \"rev_year\": \"abc\" is not a year");
    refused("2A", "xA", dat, "line 2, field \"##A\": \"x\" is not a number of channels");
    refused("2D", "99999D", dat, "line 2: more than 100000 channels");
    refused("0.5,1", "half,1", dat, "line 3, field \"a\": \"half\" is not a number");
    refused("0.5,1", "1e999,1", dat, "line 3, field \"a\": \"1e999\" is not a finite number");
    refused(",1000,5,S", ",1000,5,T", dat, "line 4, field \"PS\": \"T\" is not P or S");
    refused("Trip,,,0", "Trip,,,2", dat, "line 5, field \"y\": \"2\" is not 0 or 1");
    refused("1\n1000,3", "99999\n1000,3", dat, "line 8: more than 10000 rates");
    refused(
        "1\n1000,3",
        "2\n1000,3\n1000,2",
        dat,
        "line 10, field \"endsamp\": \"2\" is not behind the section before",
    );
    refused("1000,3", "-1,3", dat, "line 9, field \"samp\": \"-1\" is not a rate");
    refused("\nASCII", "\nWORDS", dat, "line 12, field \"ft\": \"WORDS\" is not ASCII, BINARY, BINARY32 or FLOAT32");
    refused("\nASCII\n1", "\nASCII\n0", dat, "line 13, field \"timemult\": \"0\" is not a number above 0");
    refused("1000,3", "1000,5", dat, "sample 4: the data end here, the configuration tells of 5 samples");
    refused("S", "S", "", "sample 1: the data end here, the configuration tells of 3 samples");
    refused("1000,3", "1000,0", dat, "sample 1: there is none");
    refused("S", "S", "1,0,1,1,0\n", "line 1: 5 cells, the configuration has 6");
    refused("S", "S", "\n1,0,x,1,0,0\n", "line 2, field \"Ua\": \"x\" is not a number");
    refused("S", "S", "1,0,NaN,1,0,0\n", "line 1, field \"Ua\": \"NaN\" is not a finite number");
    refused("S", "S", "1,0,1,inf,0,0\n", "line 1, field \"Ia\": \"inf\" is not a finite number");
    refused("S", "S", "1,soon,1,1,0,0\n", "line 1, field \"timestamp\": \"soon\" is not a number");
    refused("S", "S", "1,0,1,1,0,7\n", "line 1, field \"Closed\": \"7\" is not 0 or 1");
    refused("S", "S", "one,0,1,1,0,1\n", "line 1, field \"n\": \"one\" is not a sample number");
    let cut = cfg(",1999", "ASCII", ONE_RATE);
    let cut = cut.lines().take(6).collect::<Vec<_>>().join("\n");
    assert_eq!(
        parse(cut.as_bytes(), b"").unwrap_err().to_string(),
        "line 7: the file ends where the line frequency is expected"
    );
    assert_eq!(
        parse(b"", b"").unwrap_err().to_string(),
        "line 1: the file ends where the name of the station is expected"
    );
    assert_eq!(parse_cff(b"").unwrap_err().to_string(), "line 1: no section \"CFG\" in the file");
    let single = format!("--- file type: CFG ---\n{}", cfg(",2013", "ASCII", ONE_RATE));
    assert_eq!(parse_cff(single.as_bytes()).unwrap_err().to_string(), "line 14: no section \"DAT\" in the file");
    let other = format!("{single}--- file type: DAT FLOAT32: 9 ---\n");
    assert_eq!(
        parse_cff(other.as_bytes()).unwrap_err().to_string(),
        "line 15: data of type \"FLOAT32\", the configuration says ASCII"
    );
    let damaged = single.replace("2,2A", "2,x") + "--- file type: DAT ASCII ---\n";
    assert!(
        parse_cff(damaged.replace("4,2A", "4,?A").as_bytes()).unwrap_err().to_string().starts_with("line 3, field")
    );
    let late = format!("{single}--- file type: DAT ASCII ---\n1,0,1,1,0,0\n2,0,?,1,0,0\n");
    assert_eq!(parse_cff(late.as_bytes()).unwrap_err().to_string(), "line 17, field \"Ua\": \"?\" is not a number");
}

/// What a file claims reserves no memory: were it otherwise, these would ask for terabytes.
#[test]
fn claims_are_not_believed() {
    let claim = cfg(",1999", "BINARY", "1\n1000,4000000000000");
    assert_eq!(
        parse(claim.as_bytes(), &[0; 140]).unwrap_err(),
        Fault::Short { found: 10, expected: 4_000_000_000_000 }
    );
    let claim = "S,D,2013\n100000,100000A,0D\n";
    assert_eq!(parse(claim.as_bytes(), b"").unwrap_err(), Fault::Ended { line: 3, expected: "an analogue channel" });
    let claim = "S,D,2013\n1,18446744073709551615A,18446744073709551615D\n";
    assert!(matches!(parse(claim.as_bytes(), b"").unwrap_err(), Fault::TooMany { .. }));
}

#[test]
fn a_pair_is_found_by_either_name_in_either_case() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("A.CFG"), cfg(",1999", "ASCII", "1\n1000,1")).unwrap();
    std::fs::write(folder.path().join("A.dat"), "1,0,1,1,0,0\n").unwrap();
    std::fs::write(folder.path().join("A.HDR"), "note\r\n").unwrap();
    for name in ["A.CFG", "A.dat"] {
        let recording = read(&folder.path().join(name)).unwrap();
        assert_eq!((recording.frames, recording.details.notes), (1, vec!["note".to_owned()]));
    }
    std::fs::remove_file(folder.path().join("A.dat")).unwrap();
    let error = read(&folder.path().join("A.CFG")).unwrap_err().to_string();
    assert!(error.contains("A.DAT: cannot be read: ") && error.contains("No such"), "{error}");
    let large = std::fs::File::create(folder.path().join("A.dat")).unwrap();
    large.set_len(MAX_DATA_BYTES + 1).unwrap();
    let error = read(&folder.path().join("A.CFG")).unwrap_err().to_string();
    assert!(error.ends_with("A.dat: larger than 1024 MiB"), "{error}");
}
