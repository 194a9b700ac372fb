//! What the fuzz targets do with their bytes: each takes any bytes, makes a file of them and panics when the file is not
//! survived as promised. `tests/fuzz_cases.rs` of the crate compiles the same files, so that found cases and random ones
//! are tried wherever the tests run.

mod comtrade;
mod csv;
mod wav;

pub use comtrade::comtrade;
pub use csv::csv;
pub use wav::wav;
