//! Bench that plays waveforms to a metering board over a serial port and judges its readings.

pub mod report;
