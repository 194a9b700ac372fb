#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "aggregates")]
pub mod aggregate;
pub mod calibration;
pub mod config;
pub mod decimal;
pub mod derived;
pub mod energy;
pub mod events;
#[cfg(feature = "harmonics")]
pub mod harmonics;
pub mod quantity;
pub mod reading;
pub mod registers;
#[cfg_attr(not(feature = "residual"), expect(dead_code, reason = "what stands in its stage's place is `absent`"))]
pub mod residual;

#[cfg(feature = "harmonics")]
mod analysis;
mod cycle;
mod frames;
#[cfg(feature = "cost")]
#[doc(hidden)]
pub mod functions;
mod halves;
mod kernel;
mod mains;
mod mean_square;
mod meter;
mod reference;
mod sample;
mod scaled;
mod sink;
// Of the Arm processors those without exclusive access are also those without a multiplication to 64 bits.
#[cfg(any(test, all(target_arch = "arm", not(target_has_atomic = "32"))))]
mod small;
mod sums;
mod synchroniser;
mod totals;
mod trig;
mod window;

#[cfg(feature = "cost")]
#[doc(hidden)]
pub use kernel::check;
pub use mean_square::MeanSquare;
pub use meter::Meter;
pub use sample::{Block, Sample};
pub use sink::{HalfCycle, Sink};
