#![doc = include_str!("../README.md")]
#![no_std]

pub mod config;
pub mod quantity;
pub mod reading;

mod meter;
mod rotor;
mod sample;
mod scaled;
mod sums;
mod synchroniser;
mod trig;
mod window;

pub use meter::Meter;
pub use sample::{Block, Sample};
