//! What the fuzz targets do with their bytes: each takes any bytes, makes a case of them and panics when the case is not
//! survived as promised. `fuzz_cases.rs` among the tests of the core and of the board compile the same files, so that found
//! cases and random ones are tried wherever the tests run.

mod chip;
mod console;
mod frames;
mod harmonics;
mod meter;
mod modbus;
mod settings;

pub use chip::chip;
pub use console::console;
pub use frames::frames;
pub use harmonics::harmonics;
pub use meter::meter;
pub use modbus::modbus;
