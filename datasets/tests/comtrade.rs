//! COMTRADE files of real recorders against an independent reader.
//!
//! The truth is `comtrade_oracle.csv`, which the package `comtrade` for Python made of the same files; its script tells how. The
//! files lie beside the checkout, or where `HIL_RECORDINGS` says, and without them the test says that it skips.

use datasets::comtrade;
use datasets::file;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/waveforms");
    let folder = std::env::var_os("HIL_RECORDINGS").map_or_else(beside, PathBuf::from).join("comtrade");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no folder {}; set HIL_RECORDINGS to a folder of recordings", folder.display());
    None
}

/// FNV-1a over the bits of all values.
fn hash(values: &[f64]) -> String {
    let mut fnv = 0xcbf2_9ce4_8422_2325_u64;
    for value in values {
        let bits = if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
        for byte in bits.to_le_bytes() {
            fnv = (fnv ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    format!("{fnv:016x}")
}

/// One row of the table.
struct Row<'a> {
    cells: Vec<&'a str>,
}

impl Row<'_> {
    fn name(&self) -> &str {
        self.cells[0]
    }

    fn number(&self, cell: usize) -> f64 {
        self.cells[cell].parse().unwrap()
    }

    /// Equal values to the last bit; times within a nanosecond, since they are counted in another order.
    fn check(&self, values: &[f64]) {
        let name = format!("{} {} {}", self.cells[0], self.cells[1], self.cells[2]);
        assert_eq!(values.len().to_string(), self.cells[3], "{name}: count");
        let numbers: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        assert_eq!((values.len() - numbers.len()).to_string(), self.cells[4], "{name}: missing");
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let near = if self.cells[1] == "time" { 1e-9 } else { 0.0 };
        for (cell, value) in [(5, values[0]), (6, values[values.len() - 1]), (7, low), (8, high)] {
            assert!((value - self.number(cell)).abs() <= near, "{name}: {value}, expected {}", self.cells[cell]);
        }
        let (sum, size) = (numbers.iter().sum::<f64>(), numbers.iter().map(|value| value.abs()).sum::<f64>());
        assert!((sum - self.number(9)).abs() <= 1e-12 * size, "{name}: sum {sum}, expected {}", self.cells[9]);
        if self.cells[1] != "time" {
            assert_eq!(hash(values), self.cells[10], "{name}: hash");
        }
    }
}

#[test]
fn every_file_reads_as_the_independent_reader_has_it() {
    let Some(folder) = folder() else { return };
    let table = include_str!("comtrade_oracle.csv");
    let rows: Vec<Row<'_>> = table.lines().skip(1).map(|line| Row { cells: line.split(',').collect() }).collect();
    let (mut analogs, mut samples) = (0, 0);
    for name in rows.iter().map(Row::name).collect::<BTreeSet<_>>() {
        let recording = comtrade::read(&folder.join(name)).unwrap();
        let told = |kind| rows.iter().filter(|row| row.cells[0] == name && row.cells[1] == kind).count();
        assert_eq!((recording.channels.len(), recording.status.len()), (told("analog"), told("status")), "{name}");
        for row in rows.iter().filter(|row| row.cells[0] == name) {
            let channel: usize = row.cells[2].parse().unwrap();
            match row.cells[1] {
                "analog" => row.check(&recording.channels[channel].values().collect::<Vec<_>>()),
                "status" => {
                    row.check(&recording.status[channel].states.iter().map(|&state| state.into()).collect::<Vec<_>>());
                }
                // That reader takes the rates where there are any.
                _ => row.check(&recording.counted_seconds().or_else(|| recording.seconds()).unwrap()),
            }
        }
        analogs += recording.channels.len();
        samples += recording.frames * recording.channels.len();
    }
    println!("{analogs} channels, {samples} samples are equal to the last bit");
    // A folder with more files than the table has would not be tested.
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_config = ["cfg", "cff"].iter().any(|end| name.to_ascii_lowercase().ends_with(&format!(".{end}")));
        assert!(!is_config || rows.iter().any(|row| row.cells[0] == name), "{name} is not in the table");
    }
}

#[test]
fn names_in_other_encodings_are_readable() {
    let Some(folder) = folder() else { return };
    let recording = comtrade::read(&folder.join("D51_RCD_2346_20150917_105253_065_F.cfg")).unwrap();
    assert!(recording.status.iter().any(|status| status.name == "远方跳闸保护"), "{:?}", recording.status[5].name);
    assert_eq!(recording.remarks, ["the names are not UTF-8 and were taken for GBK"]);
    assert_eq!(recording.details.start, "17/09/2015,10:52:52.987545", "month first in 1991");
    let recording = comtrade::read(&folder.join("wisp_1.cfg")).unwrap();
    assert!(recording.status[0].name.ends_with("пуск"), "{}", recording.status[0].name);
}

/// Each file in each form of COMTRADE and in CSV comes back with the same samples; what cannot be held is told.
#[test]
fn every_file_comes_back_from_what_it_is_converted_to() {
    let Some(folder) = folder() else { return };
    let out = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !matches!(file::Format::told(&path), Some(file::Format::Comtrade | file::Format::Cff))
            || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("dat"))
        {
            continue;
        }
        let recording = file::read(&path).unwrap();
        for name in ["again.cff", "again.cfg", "again.csv"] {
            let written = file::write(&recording, &out.path().join(name), None, true).unwrap();
            let again = file::read(&out.path().join(name)).unwrap();
            let place = format!("{} as {name}: {:?}", path.display(), written.lost);
            assert_eq!(again.sections, recording.sections, "{place}");
            assert_eq!(again.status, recording.status, "{place}");
            for (channel, expected) in again.channels.iter().zip(&recording.channels) {
                assert_eq!((&channel.name, &channel.unit), (&expected.name, &expected.unit), "{place}");
                let bits =
                    |channel: &datasets::recording::Channel| channel.values().map(f64::to_bits).collect::<Vec<_>>();
                assert_eq!(bits(channel), bits(expected), "{place} {}", expected.name);
                assert_eq!((channel.a.to_bits(), channel.skew_us), (expected.a.to_bits(), expected.skew_us), "{place}");
            }
            assert!(again.times == recording.times || !written.lost.is_empty(), "{place}");
            for file in written.files {
                std::fs::remove_file(file).unwrap();
            }
        }
    }
}
