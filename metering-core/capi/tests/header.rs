//! Holds `metering_core.h` current.
//!
//! `HIL_UPDATE=1 cargo test -p metering-core-capi --test header` writes it anew.

use std::fs;
use std::path::Path;

use cbindgen::{Builder, Config};

fn written() -> String {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = Config::from_file(home.join("cbindgen.toml").to_str().unwrap()).unwrap();
    // The modules follow from there, in the order in which it names them.
    let builder = Builder::new().with_config(config).with_src(home.join("src/lib.rs"));
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    // What Rust asks of a caller is said in C's words by each function; the heading is Rust's.
    String::from_utf8(text).unwrap().replace("# Safety", "Asks of the caller:")
}

#[test]
fn the_header_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("metering_core.h");
    let written = written();
    if std::env::var_os("HIL_UPDATE").is_some() {
        fs::write(&path, &written).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let update = "metering_core.h is not current: HIL_UPDATE=1 cargo test -p metering-core-capi --test header";
    assert!(stored == written, "{update}");
}

/// A function that cbindgen passes over, as one in a private file would be, has no way to be called.
#[test]
fn every_exported_function_is_in_the_header() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let header = fs::read_to_string(home.join("metering_core.h")).unwrap();
    let mut count = 0;
    for file in fs::read_dir(home.join("src")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for part in text.split("#[unsafe(no_mangle)]").skip(1) {
            let name = part.split("fn ").nth(1).unwrap().split('(').next().unwrap();
            assert!(header.contains(&format!(" {name}(")) || header.contains(&format!("*{name}(")), "{name}");
            count += 1;
        }
    }
    assert!(count >= 20, "{count}");
}
