//! Files of every kind of fault, each with the line and column that an editor would show.

use super::*;
use std::io::Write;
use tempfile::NamedTempFile;

fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_ref()).unwrap();
    file
}

fn read_text(content: impl AsRef<[u8]>, required: &[&str]) -> Result<Table, Fault> {
    read(file(content).path(), required, &["voltage_v", "current_a"], None).map_err(|error| error.fault)
}

fn fault(content: impl AsRef<[u8]>, required: &[&str]) -> Fault {
    read_text(content, required).unwrap_err()
}

#[test]
fn plain_file() {
    let recording = read_text("time_s,voltage_v,note\n0,1.5,a\n0.5,-2e1,b\n1.0,+3,c\n", &[]).unwrap();
    assert_eq!(recording.rate_hz, Some(2.0));
    assert_eq!(recording.columns, [("voltage_v".to_owned(), vec![1.5, -20.0, 3.0])]);
    assert_eq!(recording.column("voltage_v").unwrap().len(), 3);
    assert_eq!(recording.column("note"), None);
}

#[test]
fn a_given_rate_wins_and_time_is_not_looked_at() {
    let file = file("time_s,v\nx,1\nx,2\n");
    assert_eq!(read(file.path(), &["v"], &[], Some(8000.0)).unwrap().rate_hz, Some(8000.0));
    assert_eq!(head(file.path()).unwrap().columns, ["time_s", "v"]);
}

#[test]
fn without_rate_and_time_the_rate_is_unknown() {
    assert_eq!(read_text("v\n1\n2\n", &["v"]).unwrap().rate_hz, None);
}

#[test]
fn byte_order_mark_windows_ends_comments_spaces_quotes_and_a_missing_last_end() {
    let recording = read_text("\u{feff}# by hand\r\n\r\n# 8 kHz\r\nv, i\r\n1,\"2\"\r\n3 , 4", &["i", "v"]).unwrap();
    assert_eq!(recording.columns, [("i".to_owned(), vec![2.0, 4.0]), ("v".to_owned(), vec![1.0, 3.0])]);
}

#[test]
fn lines_are_those_of_the_editor() {
    let expected = |line| Fault::NotANumber { line, column: "v".into(), text: "\"x\"".into() };
    assert_eq!(fault("v\nx\n", &["v"]), expected(2));
    assert_eq!(fault("v\r\n1\r\nx\r\n", &["v"]), expected(3));
    assert_eq!(fault("# a\n# b\nv\n1\n2\nx\n", &["v"]), expected(6));
    assert_eq!(fault("# a\r\n\r\nv\r\n1\r\n2\r\nx", &["v"]), expected(6));
    assert_eq!(fault("v\n1\n\n\nx\n", &["v"]), expected(5));
    assert_eq!(fault("v\r\n1\r\n\r\nx\r\n", &["v"]), expected(4));
    assert_eq!(fault("v\r1\rx", &["v"]), expected(3));
}

#[test]
fn nothing_to_measure() {
    assert_eq!(fault("", &["v"]), Fault::Empty);
    assert_eq!(fault("\u{feff}", &["v"]), Fault::Empty);
    assert_eq!(fault("# only a comment\n\n", &["v"]), Fault::Empty);
    assert_eq!(fault("# comment\nv\n", &["v"]), Fault::NoSamples { line: 2 });
    assert_eq!(fault("v", &["v"]), Fault::NoSamples { line: 1 });
    assert_eq!(fault("v\n1\n", &["v"]), Fault::OneSample { line: 1 });
}

#[test]
fn missing_column_lists_those_that_exist() {
    let fault = fault("# c\nvolt,\"a\nb\"\n1,2\n3,4\n", &["v"]);
    assert_eq!(fault.to_string(), "line 2: no column \"v\"; the columns are \"volt\", \"a\\nb\"");
}

#[test]
fn text_and_infinities() {
    for (cell, shown) in [("", "\"\""), ("1 2", "\"1 2\""), ("0x10", "\"0x10\""), ("\"1,5\"", "\"1,5\"")] {
        let text = shown.to_owned();
        assert_eq!(
            fault(format!("v,i\n1,1\n1,{cell}\n"), &["i"]),
            Fault::NotANumber { line: 3, column: "i".into(), text }
        );
    }
    for cell in ["NaN", "nan", "inf", "-inf", "infinity", "1e999"] {
        let text = format!("{cell:?}");
        assert_eq!(fault(format!("v\n1\n{cell}\n"), &["v"]), Fault::NotFinite { line: 3, column: "v".into(), text });
    }
    let long = fault([b"v\n1\n".as_slice(), &[b'z'; 5000], b"\xff\n"].concat(), &["v"]).to_string();
    assert!(long.contains(&"z".repeat(40)) && long.len() < 200, "{long}");
    assert!(matches!(fault(b"v\n\xff\xfe\n", &["v"]), Fault::NotANumber { line: 2, .. }));
}

#[test]
fn decimal_comma_is_a_ragged_line() {
    assert_eq!(fault("v\n1,5\n2,5\n", &["v"]), Fault::Ragged { line: 2, expected: 1, found: 2 });
    assert_eq!(fault("v,i\n1,5\n2\n", &["v"]), Fault::Ragged { line: 3, expected: 2, found: 1 });
}

#[test]
fn time_tells_the_rate_though_printed_coarsely() {
    let rows = (0..1000).map(|n| format!("{:.6},1\n", f64::from(n) / 19_200.0)).collect::<Vec<_>>().concat();
    let rate = read_text(format!("time_s,v\n{rows}"), &["v"]).unwrap().rate_hz.unwrap();
    assert!((rate / 19_200.0 - 1.0).abs() < 1e-4, "{rate}");
    let rows = (0..1000).map(|n| format!("{:e},1\n", 7.0 + f64::from(n) / 8000.0)).collect::<Vec<_>>().concat();
    let rate = read_text(format!("time_s,v\n{rows}"), &["v"]).unwrap().rate_hz.unwrap();
    assert!((rate / 8000.0 - 1.0).abs() < 1e-9, "{rate}");
}

#[test]
fn time_that_jumps_or_stands() {
    assert_eq!(fault("time_s,v\n0,1\n1,1\n1,1\n", &["v"]), Fault::TimeNotIncreasing { line: 4 });
    assert_eq!(fault("time_s,v\n0,1\n1,1\n0.5,1\n", &["v"]), Fault::TimeNotIncreasing { line: 4 });
    assert_eq!(fault("time_s,v\n-1e308,1\n1e308,1\n", &["v"]), Fault::TimeNotIncreasing { line: 3 });
    let lost =
        (0..50).filter(|n| *n != 20).map(|n| format!("{:.3},1\n", f64::from(n) / 1000.0)).collect::<Vec<_>>().concat();
    assert!(matches!(fault(format!("time_s,v\n{lost}"), &["v"]), Fault::TimeNotUniform { line: 22, .. }));
}

#[test]
fn files_that_cannot_be_read() {
    let missing = read(Path::new("/no/such.csv"), &[], &[], None).unwrap_err();
    assert!(missing.to_string().starts_with("/no/such.csv: cannot be read: "), "{missing}");
    let folder = tempfile::tempdir().unwrap();
    let fault = read(folder.path(), &[], &[], None).unwrap_err().fault;
    assert_eq!(fault, Fault::Unreadable("is a folder".to_owned()));
}

#[test]
fn files_too_large() {
    let sparse = file("v\n1\n");
    sparse.as_file().set_len(source::MAX_BYTES + 1).unwrap();
    assert_eq!(read(sparse.path(), &["v"], &[], None).unwrap_err().fault, Fault::TooLarge);
    let long = [b"v\n".to_vec(), vec![b'1'; source::MAX_LINE + 1]].concat();
    assert_eq!(fault(long, &["v"]), Fault::LineTooLong);
    assert_eq!(fault(vec![b'#'; source::MAX_LINE + 1], &["v"]), Fault::LineTooLong);
}

#[test]
fn every_fault_is_one_line() {
    for content in ["", "v", "v\n1", "v\n\"a\nb\"\n", "v\n1,2\n", "v\nnan\n", "i\n1\n"] {
        let error = read(file(content).path(), &["v"], &[], None).unwrap_err().to_string();
        assert!(!error.contains('\n') && error.contains("line "), "{error}");
    }
}
