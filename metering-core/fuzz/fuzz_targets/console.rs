//! Fuzz target `console`: see the function of that name in the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| metering_core_fuzz::console(bytes));
