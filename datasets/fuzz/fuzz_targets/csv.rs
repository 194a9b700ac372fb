//! Fuzz target `csv`: see the function of that name in the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| datasets_fuzz::csv(bytes));
