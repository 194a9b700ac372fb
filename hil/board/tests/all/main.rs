//! The tests of the board, in one program: each program would have a board made for its platform by the compiler anew.

mod adc;
mod agreement;
mod board;
mod calibration;
mod console;
mod device;
mod display;
mod energy;
mod fuzz_cases;
mod modbus;
mod panel;
mod ports;
mod settings;
mod setup;
mod signal;
mod snapshot;
mod store;
mod terminal;
mod wire;
