//! Everything that runs on a board, whatever the board.
//!
//! In come bytes from a serial port, out go the answers of a meter. This crate must not know a register, a clock or an
//! operating system: those stand behind [`Platform`]. The same code runs in a board's main loop and in a thread on the
//! PC.
//!
//! - [`adc`]: an ADC that samples by itself.
//! - [`board`]: from bytes to requests and back.
//! - `calibration`: what corrects channels and clock, kept on the chip.
//! - [`device`]: what users of the device see and press.
//! - `energy`: the registers of the board and their store.
//! - [`firmware`]: the main loop of every firmware.
//! - `front`: the device's panel and its time, for the bench.
//! - `setup`: the device's settings, kept on the chip; `writer`: who writes there.
//! - `meter`: what a request does; [`listener`]: what happens to the meter's results.
//! - [`modbus`]: the slave on the port of that name; `outlet`: what waits on its way out of a port.
//! - `signal`: the board's own signal, in place of an ADC.
//! - [`store`]: energy registers that outlive a power cut.
//! - `unit`: the device as a whole, and what a request does to it.
//! - `unpack`: from packed codes to one slice per channel.
#![no_std]

pub mod adc;
pub mod board;
mod calibration;
pub mod device;
mod energy;
pub mod firmware;
mod front;
pub mod listener;
mod meter;
pub mod modbus;
mod outlet;
pub mod platform;
mod setup;
mod signal;
pub mod store;
mod unit;
mod unpack;
mod writer;

pub use adc::Adc;
pub use board::Board;
pub use listener::Listener;
pub use meter::{Unfit, settings};
pub use platform::{Platform, Port, Received};
