//! Firmware of the emulated Cortex-M4 board.
fn main() {}
