//! The reference against an independent one: the table that came with the recordings.

use super::*;
use crate::recording::{Channel, Recording, Section};
use crate::reference::Quantity;
use crate::synthesis::Signal;
use std::collections::BTreeMap;
use std::fs;

/// The folder that `HIL_RECORDINGS` names, or the one beside the checkout.
fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/waveforms");
    let folder = std::env::var_os("HIL_RECORDINGS").map_or_else(beside, PathBuf::from);
    if folder.join(TABLE).is_file() {
        return Some(folder);
    }
    println!("SKIPPED: no {TABLE} in {}; set HIL_RECORDINGS to a folder of recordings", folder.display());
    None
}

/// Whole-cycle values to the table's own digits; the phase within 3 millidegrees and 20 more over the count of cycles,
/// because the frequencies of the two fits differ by what harmonics leak into them; the frequency within 5 thousandths of a cycle over the record.
#[test]
fn every_row_of_the_table_is_confirmed() {
    let Some(folder) = folder() else { return };
    let table = ::csv::Reader::from_path(folder.join(TABLE)).and_then(|mut table| table.deserialize().collect());
    let table: Vec<BTreeMap<String, String>> = table.unwrap();
    // The table has one file more, whose rate follows the mains: its row is told to be of another rate than its times.
    let rows = rows(&folder).unwrap();
    for (row, cells) in rows.iter().zip(table).filter(|(row, _)| !row.load.contains("frequency-tracked")) {
        let mut samples = row.samples(&folder).unwrap();
        if row.file.starts_with("comtrade/") {
            // Of these the table took fewer cycles than there are.
            let cut = |samples: &Vec<f64>| samples[..cells["n"].parse().unwrap()].to_vec();
            samples = samples.map(cut);
        }
        let measured = measure(&samples, row.fs_hz).unwrap();
        let name = row.name();
        assert_eq!(measured.frames.to_string(), cells["n"], "{name}");
        assert_eq!(measured.cycles.to_string(), cells["cycles"], "{name}");
        // Of what the table does not tell there is nothing to confirm.
        for quantity in Quantity::ALL {
            let Some(expected) = row.truth().value(quantity, 0) else { continue };
            let tolerance = match quantity {
                Quantity::ReactiveVar => 1e-4 * row.s,
                Quantity::PhaseDeg => 0.003 + 0.02 / measured.cycles as f64,
                Quantity::FrequencyHz => 0.005 / measured.cycles as f64 * expected,
                _ => 1e-6 * expected.abs(),
            };
            let value = measured.truth.value(quantity, 0).unwrap();
            assert!(quantity.error(value, expected).abs() <= tolerance, "{name} {quantity:?} {value} {expected}");
        }
    }
}

#[test]
fn every_row_is_judged_or_has_its_reason() {
    let Some(folder) = folder() else { return };
    let recorded = load(&folder).unwrap();
    assert_eq!(recorded.suite.points.len() + recorded.unjudged.len(), rows(&folder).unwrap().len());
    for point in &recorded.suite.points {
        let samples = point.samples();
        assert!(samples.currents[0].len() as f64 / point.rate_hz >= 0.4, "{}", point.name);
        assert!(!point.name.contains("turn_on"), "{}", point.name);
    }
    for (name, reason) in &recorded.unjudged {
        assert!(!matches!(reason, Unjudged::Faulty(_)), "{name}: {reason}");
    }
}

/// A folder made here: a steady sine, one that grows, one that ends early, one too fast, one in another form.
#[test]
fn reasons_of_a_folder_with_known_waveforms() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "file,load,fs_hz,freq_hz,v_rms_ac,i_rms_ac,p_ac,s,pf,q1,phi1_deg\n".to_owned();
    let mut add = |file: &str, load: &str, rate: f64, frequency: f64, frames: usize, growth: f64| {
        let samples = Signal::sine(230.0, 0.0).sample(frequency, rate, frames);
        let lines = samples.iter().enumerate().map(|(n, v)| format!("0,{v},{}\n", v * (1.0 + growth * n as f64)));
        fs::write(folder.path().join(file), format!("a,u,i\n{}", lines.collect::<Vec<_>>().concat())).unwrap();
        let line = format!("{file},{load},{rate},{frequency},230,230,52900,52900,1,0,0\n");
        table.push_str(&line);
    };
    add("steady.csv", "sine [u|i]", 4000.0, 50.0, 4000, 0.0);
    add("grows.csv", "sine [u|i]", 4000.0, 50.0, 4000, 1e-4);
    add("short.csv", "sine [u|i]", 4000.0, 50.0, 1500, 0.0);
    add("fast.csv", "sine [u|i]", 100_000.0, 50.0, 50_000, 0.0);
    add("stray.csv", "sine [u|i]", 4000.0, 79.0, 4000, 0.0);
    add("other.dat", "sine [u|i]", 4000.0, 50.0, 4000, 0.0);
    add("column.csv", "sine [u|x]", 4000.0, 50.0, 4000, 0.0);
    fs::write(folder.path().join(TABLE), table).unwrap();
    let recorded = load(folder.path()).unwrap();
    let [point] = recorded.suite.points.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((point.name.as_str(), point.quick, point.nominal_hz), ("steady.csv u i", true, 50));
    assert!(point.samples().currents[0].len() == 4000 && point.ranges.count() == 2);
    let reasons = recorded.unjudged.iter().map(|(_, reason)| reason).collect::<Vec<_>>();
    assert!(
        matches!(
            reasons.as_slice(),
            [
                Unjudged::Unsteady { .. },
                Unjudged::Short { .. },
                Unjudged::Rate { .. },
                Unjudged::Frequency { .. },
                Unjudged::Faulty(FileError::Comtrade(_)),
                Unjudged::Faulty(_)
            ]
        ),
        "{reasons:?}"
    );
}

/// The same steady sine in other formats, its channels named by the table or the first two.
#[test]
fn recordings_in_other_formats_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Signal::sine(230.0, 0.0).sample(50.0, 4000.0, 4000);
    let channels = ["x", "u", "i"].map(|name| Channel::new(name, "", samples.clone()));
    let sections = vec![Section { rate_hz: 4000.0, end: 4000 }];
    let recording = Recording { channels: channels.to_vec(), frames: 4000, sections, ..Recording::default() };
    let mut table = "file,load,fs_hz,freq_hz,v_rms_ac,i_rms_ac,p_ac,s,pf,q1,phi1_deg\n".to_owned();
    for (file, load) in [("a.cff", "\"sine, ch u|i (made)\""), ("a.cfg", "sine [u|i]"), ("a.wav", "sine")] {
        file::write(&recording, &folder.path().join(file), None, false).unwrap();
        table += &[file, ",", load, ",4000,50,230,230,52900,52900,1,0,0\n"].concat();
    }
    fs::write(folder.path().join(TABLE), table).unwrap();
    let recorded = load(folder.path()).unwrap();
    let names: Vec<&str> = recorded.suite.points.iter().map(|point| point.name.as_str()).collect();
    assert_eq!(names, ["a.cff u i", "a.cfg u i", "a.wav"], "{:?}", recorded.unjudged);
    for point in &recorded.suite.points {
        let played = point.samples();
        for (value, expected) in played.currents[0].iter().zip(&samples) {
            assert!((value - expected).abs() < 3e-5, "{}: {value}, expected {expected}", point.name);
        }
    }
}

#[test]
fn no_folder_and_a_damaged_table() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(load(folder.path()), Err(LoadError::Absent(_))));
    fs::write(folder.path().join(TABLE), "file,fs_hz\na.csv,x\n").unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains(TABLE) && error.contains("line: 2"), "{error}");
}
