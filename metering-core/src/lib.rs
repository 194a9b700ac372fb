//! Electricity metering from ADC sample blocks.
#![no_std]

pub mod quantity;
pub mod reading;
