//! The metering core for C firmware: header `metering_core.h` and a static library.
//!
//! In come pointers and plain integers, out go status codes and calls of the firmware's functions. Every pointer is
//! checked for null and alignment, every length and setting for its range; nothing panics. Here is only translated:
//! what is measured and what it means is told by `metering_core`.
//!
//! One voltage, 8 currents and one residual current, as the metered power strip has them: one size of state, one
//! layout of readings. A channel that is not used costs about 300 bytes of state and a comparison per stretch of frames.
//!
//! - `status`: what a call may return, and the names of settings; `config`: settings as C gives them;
//! - `state`: a meter in the caller's memory; `meter`: its functions; `sink`: calls of the firmware's functions;
//! - `reading`: readings as C sees them; `units`: the same in the 8311's register units; `energy`: the registers;
//! - `digest`: a number over readings; `memory`: the only file that follows a pointer to plain data.
#![no_std]

// A static library for a PC takes what a panic does from there.
#[cfg(not(target_os = "none"))]
extern crate std;

#[cfg(all(target_os = "none", feature = "panic-handler"))]
use panic_halt as _;

// In the order in which the header tells of them.
pub mod status;

pub mod config;

pub mod reading;

pub mod sink;

pub mod state;

pub mod meter;

pub mod units;

pub mod energy;

pub mod digest;

mod convert;
mod fault;
mod memory;

/// Version of this interface: grows by one whenever a structure or a function changes its meaning.
pub const METERING_VERSION: u32 = 1;

/// Current channels of a meter.
pub const METERING_CURRENTS: usize = 8;
