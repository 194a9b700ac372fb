//! Readings are the core's, wherever the samples are cut.

use super::common::{Setup, codes, config, digest, directly, pack};
use proptest::prelude::*;

#[test]
fn readings_are_those_of_the_core() {
    for (bits, voltage, currents, residual) in
        [(16, true, 1, true), (24, true, 1, true), (24, true, 8, true), (12, false, 2, false), (20, false, 0, true)]
    {
        let config = config(bits, voltage, currents, residual);
        let codes = codes(config.channels(), 10_000, bits);
        let expected = directly(&config, &codes);
        assert!(expected.len() >= 11, "{} windows", expected.len());
        let mut setup = Setup::new();
        let data = pack(&codes, config.code_bytes());
        assert_eq!(setup.play(&config, &data, || usize::MAX), expected, "{bits} bits");
        let status = setup.status();
        assert_eq!((status.frames, status.windows), (10_000, expected.len() as u32));
        assert_eq!(status.digest, digest(&expected));
        assert_eq!(status.damaged_frames, 0);
        assert!(status.metering_instructions >= 100 && status.instructions > status.metering_instructions);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_cut_into_requests_does_not_matter(cuts in proptest::collection::vec(1usize..260, 1..50)) {
        let config = config(24, true, 1, true);
        let codes = codes(3, 6000, 24);
        let expected = directly(&config, &codes);
        let mut cuts = cuts.into_iter().cycle();
        let windows = Setup::new().play(&config, &pack(&codes, 3), || cuts.next().unwrap());
        prop_assert_eq!(windows, expected);
    }
}
