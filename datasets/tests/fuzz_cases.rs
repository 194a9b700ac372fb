//! The fuzz targets in stable Rust without libFuzzer: what they found, and random cases.

#[path = "../fuzz/src/comtrade.rs"]
mod comtrade;
#[path = "../fuzz/src/csv.rs"]
mod csv;
#[path = "../fuzz/src/wav.rs"]
mod wav;

use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target);
    let cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!cases.is_empty());
    for case in cases {
        println!("{}", case.display());
        body(&fs::read(case).unwrap());
    }
}

#[test]
fn found_cases_of_comtrade() {
    replay("comtrade", comtrade::comtrade);
}

#[test]
fn found_cases_of_csv() {
    replay("csv", csv::csv);
}

#[test]
fn found_cases_of_wav() {
    replay("wav", wav::wav);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn random_cases(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        comtrade::comtrade(&bytes);
        csv::csv(&bytes);
        wav::wav(&bytes);
    }
}
