//! The front door: which format, which channels, in which unit and at which rate.
#![allow(clippy::float_cmp, reason = "numbers of a file are read exactly")]

use super::*;
use crate::comtrade::DataType;
use crate::recording::{Kind, Side};
use std::path::PathBuf;
use tempfile::TempDir;

/// A pair with kilovolts of the primary side, amperes of the secondary side, and two rates of which one lasts longer.
fn pair(folder: &TempDir, dat: &str) -> PathBuf {
    let cfg = "S,D,1999\n3,3A,0D\n1,Ua,A,,kV,0.5,0,0,-9,9,400,100,P\n2,Ia,A,,A,2,0,0,-9,9,1000,5,S\n\
               3,Angle,A,,deg,1,0,0,-9,9,,,\n50\n2\n8000,1\n4000,4\n01/02/2003,04:05:06.0\n01/02/2003,04:05:06.0\nASCII\n1\n";
    std::fs::write(folder.path().join("a.cfg"), cfg).unwrap();
    std::fs::write(folder.path().join("a.dat"), dat).unwrap();
    folder.path().join("a.cfg")
}

const DAT: &str = "1,,1,1,1\n2,,2,2,2\n3,,3,3,3\n4,,4,4,99999\n";

#[test]
fn channels_are_listed_with_their_units() {
    let folder = tempfile::tempdir().unwrap();
    let listed: Vec<(String, String)> =
        head(&pair(&folder, DAT)).unwrap().channels.into_iter().map(|listed| (listed.name, listed.unit)).collect();
    let expected = [("Ua", "kV"), ("Ia", "A"), ("Angle", "deg")].map(|(name, unit)| (name.to_owned(), unit.to_owned()));
    assert_eq!(listed, expected);
}

#[test]
fn a_selection_is_the_longest_span_in_volt_and_ampere() {
    let folder = tempfile::tempdir().unwrap();
    let path = pair(&folder, DAT);
    let selection = select(&path, &["Ia"], &["Ua", "none"], None, None).unwrap();
    assert_eq!(selection.rate_hz, Some(4000.0));
    assert_eq!(selection.columns[0].samples, [4.0, 6.0, 8.0]);
    assert_eq!(selection.columns[1].samples, [1000.0, 1500.0, 2000.0]);
    assert_eq!(selection.columns[1].unit.unwrap().kind, Kind::Voltage);
    assert_eq!(selection.columns.len(), 2);
    assert_eq!(selection.remarks, ["samples 2 to 4 of 4 are taken: the longest span of constant rate"]);
    // A rate that is given is one for all.
    let selection = select(&path, &["Ua"], &[], Some(5000.0), Some(Side::Secondary)).unwrap();
    assert_eq!((selection.rate_hz, selection.columns[0].samples.len()), (Some(5000.0), 4));
    assert_eq!(selection.columns[0].samples[0], 125.0);
    let selection = select(&path, &["Ia"], &[], None, Some(Side::Primary)).unwrap();
    assert_eq!(selection.columns[0].samples[0], 800.0);
}

#[test]
fn what_cannot_be_selected_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = pair(&folder, DAT);
    let refused = |name: &str, side: Option<Side>| select(&path, &[name], &[], None, side).unwrap_err().to_string();
    let file = path.display();
    assert_eq!(refused("Ub", None), format!("{file}: no channel \"Ub\"; the channels are \"Ua\", \"Ia\", \"Angle\""));
    assert_eq!(refused("Angle", None), format!("{file}: sample 4, channel \"Angle\": the value is missing"));
    assert_eq!(
        refused("Angle", Some(Side::Primary)),
        format!("{file}: channel \"Angle\": no ratio of a transformer is told")
    );
    let short = pair(&folder, "1,,1,1,1\n2,,2,2,2\n").with_extension("dat");
    assert_eq!(
        refused("Ua", None),
        format!("{}: sample 3: the data end here, the configuration tells of 4 samples", short.display())
    );
}

/// Lines for programs stand above the samples in every format that has a place for them.
#[test]
fn lines_for_programs_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = read(&pair(&folder, DAT)).unwrap();
    let lines = ["[Public Record_Information]", "Source = a, b", "", "# inf: [x]"].map(str::to_owned);
    recording.details.information = lines.to_vec();
    // Notes for readers that look like lines for programs stay notes.
    recording.details.notes = vec!["inf: [hil]".to_owned(), "cfg: 1".to_owned()];
    for name in ["b.csv", "b.cff", "b.cfg"] {
        let path = folder.path().join(name);
        write(&recording, &path, None, false).unwrap();
        assert_eq!(head(&path).unwrap().information, lines, "{name}");
        let again = read(&path).unwrap().details;
        assert_eq!(
            (again.information.as_slice(), again.notes),
            (&lines[..], recording.details.notes.clone()),
            "{name}"
        );
        assert_eq!(select(&path, &["Ua"], &[], None, None).unwrap().information, lines, "{name}");
    }
}

/// A CSV file made of a COMTRADE file tells the same, rate included.
#[test]
fn a_selection_from_converted_csv_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = pair(&folder, DAT);
    let cfg = std::fs::read_to_string(&path).unwrap().replace("2\n8000,1\n4000,4", "1\n6789.0123,4");
    std::fs::write(&path, cfg).unwrap();
    let csv = folder.path().join("a.csv");
    let written = write(&read(&path).unwrap(), &csv, None, false).unwrap();
    assert_eq!((written.files, written.lost), (vec![csv.clone()], vec![]));
    assert_eq!(head(&csv).unwrap(), head(&path).unwrap());
    let expected = select(&path, &["Ua", "Ia"], &[], None, None).unwrap();
    assert_eq!(select(&csv, &["Ua", "Ia"], &[], None, None).unwrap(), expected);
    assert_eq!(expected.rate_hz, Some(6789.0123));
    let side = select(&csv, &["Ia"], &[], None, Some(Side::Primary)).unwrap();
    assert_eq!(side, select(&path, &["Ia"], &[], None, Some(Side::Primary)).unwrap());
}

#[test]
fn comments_that_do_not_fit_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("a.csv");
    write(&read(&pair(&folder, DAT)).unwrap(), &csv, None, false).unwrap();
    let text = std::fs::read_to_string(&csv).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        std::fs::write(&csv, text.replacen(from, to, 1)).unwrap();
        read(&csv).unwrap_err().to_string()
    };
    let fault = refused("# cfg: 1,Ua,A,,kV,0.5", "# cfg: 1,Ua,A,,kV,half");
    assert!(fault.ends_with("a.csv: line 3, field \"a\": \"half\" is not a number"), "{fault}");
    let fault = refused("time_s,Ua", "time_s,Ub");
    assert!(fault.contains("they name the columns \"Ua\", \"Ia\", \"Angle\""), "{fault}");
    let fault = refused("4000,4", "4000,5");
    assert!(fault.contains("they tell of 5 samples, there are 4"), "{fault}");
    let fault = refused("\n# cfg: 4000,4", "");
    assert!(fault.contains(": line ") && fault.contains("field \"samp\""), "{fault}");
}

#[test]
fn plain_csv_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("a.csv");
    std::fs::write(&csv, "# by hand\ntime_s,u,i\n0,1.5,\n0.5,-2,3\n").unwrap();
    let recording = read(&csv).unwrap();
    assert_eq!((recording.frames, recording.details.notes.as_slice()), (2, &["by hand".to_owned()][..]));
    assert!(recording.channels[1].raw[0].is_nan() && recording.channels[0].raw == [1.5, -2.0]);
    assert_eq!(recording.span().unwrap().rate_hz, 2.0);
    let again = folder.path().join("b.csv");
    write(&recording, &again, None, false).unwrap();
    assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(&csv).unwrap());
    std::fs::write(&csv, "u,i\n1,2\n").unwrap();
    let fault = write(&read(&csv).unwrap(), &folder.path().join("c.cff"), None, false).unwrap_err().to_string();
    assert!(fault.ends_with("c.cff: no sampling rate and no times are told"), "{fault}");
    std::fs::write(&csv, "u,i\n1,2\n3,x\n").unwrap();
    let fault = read(&csv).unwrap_err().to_string();
    assert!(fault.ends_with("line 3, column \"i\": \"x\" is not a number"), "{fault}");
}

#[test]
fn what_a_type_of_data_rounds_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("a.csv");
    std::fs::write(&csv, "time_s,u\n0,-327.67\n0.00025,100.005\n0.0005,0.1\n").unwrap();
    let recording = read(&csv).unwrap();
    let cff = folder.path().join("a.cff");
    let lost = write(&recording, &cff, Some(DataType::Binary), false).unwrap().lost;
    assert!(lost.iter().any(|lost| lost.starts_with("channel \"u\": rounded to steps of 1e-2")), "{lost:?}");
    let rounded: Vec<f64> = read(&cff).unwrap().channels[0].values().collect();
    for (value, expected) in rounded.iter().zip([-327.67, 100.005, 0.1]) {
        assert!((value - expected).abs() <= 0.005_001, "{value} {expected}");
    }
    let lost = write(&recording, &cff, Some(DataType::Float32), true).unwrap().lost;
    assert!(lost.iter().any(|lost| lost.contains("single precision")), "{lost:?}");
    let lost = write(&recording, &cff, None, true).unwrap().lost;
    assert!(lost.iter().all(|lost| lost.contains("no date")), "{lost:?}");
    assert_eq!(read(&cff).unwrap().channels[0].raw, [-327.67, 100.005, 0.1]);
    assert_eq!(read(&cff).unwrap().details.data, Some(DataType::Ascii));
}

#[test]
fn files_that_exist_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let recording = read(&pair(&folder, DAT)).unwrap();
    std::fs::write(folder.path().join("b.dat"), "mine").unwrap();
    let path = folder.path().join("b.cfg");
    let fault = write(&recording, &path, None, false).unwrap_err().to_string();
    assert!(fault.ends_with("b.dat: exists already; --force replaces it"), "{fault}");
    assert!(!path.exists() && std::fs::read(folder.path().join("b.dat")).unwrap() == b"mine");
    let written = write(&recording, &path, None, true).unwrap();
    assert_eq!(written.files, [path.clone(), folder.path().join("b.dat")]);
    assert_eq!(read(&path).unwrap().frames, 4);
    let fault = write(&recording, &folder.path().join("b.xls"), None, true).unwrap_err().to_string();
    assert!(fault.ends_with("the name must end in .csv, .cff, .cfg or .wav"), "{fault}");
}
