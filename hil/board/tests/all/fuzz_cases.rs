//! Random bytes for the bodies of the fuzz targets that need a board: so they are built and tried wherever the tests run.

#[path = "../../../../metering-core/fuzz/src/chip.rs"]
mod chip;
#[path = "../../../../metering-core/fuzz/src/console.rs"]
mod console;
#[path = "../../../../metering-core/fuzz/src/frames.rs"]
mod frames;

use crate::wire::master::fuzz as modbus;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn random_cases(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        chip::chip(&bytes);
        console::console(&bytes);
        frames::frames(&bytes);
        modbus::modbus(&bytes);
    }
}
