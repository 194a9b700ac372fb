//! Bench that plays waveforms to a metering board over a serial port and judges its readings.
//!
//! - [`cli`]: the command line; one module per command: [`measure`], [`run`], [`energy`], [`calibrate`],
//!   [`capture`], [`monitor`], [`settings`], [`list`].
//! - [`setup`]: what a board is set up for; [`place`]: a channel by its name.
//! - [`plan`]: from samples in volt and ampere to codes and a configuration; [`values`]: from a window's integers back.
//! - [`header`]: what a file of a board's codes carries of its meter.
//! - [`front_end`]: what stands between a source and a board's ADC, with errors of its own.
//! - [`host`]: the core on the PC; [`board`]: boards behind a serial port; [`session`]: the talk with one.
//! - [`own_signal`]: a power strip as the board's own signal; [`board_run`]: a board for other programs.
//! - [`cases`]: points that are no signals; [`suite_energy`]: those that pull the plug; [`suite_device`]: those that press
//!   the device's button.
//! - [`interruption`]: Ctrl-C; [`clock`]: dates.
//! - [`terminal`]: text for standard output and standard error.
//! - [`rcd`]: decisions on residual currents, swept in process.
//! - [`judge`], [`judge_events`]: readings and events against the truth; [`closeup`]: the signal where a point failed, with
//!   its [`spectrum`]; [`report`]: what is told about all of it.

pub mod board;
pub mod board_info;
pub mod board_run;
mod bounded;
pub mod calibrate;
pub mod capture;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod closeup;
pub mod compare;
pub mod convert;
pub mod energy;
pub mod front_end;
pub mod header;
pub mod host;
pub mod interruption;
pub mod journal;
pub mod judge;
pub mod judge_events;
pub mod list;
pub mod measure;
pub mod monitor;
pub mod own_signal;
pub mod place;
pub mod plan;
pub mod rcd;
pub mod report;
pub mod run;
pub mod session;
pub mod settings;
pub mod setup;
pub mod spectrum;
pub mod suite_device;
pub mod suite_energy;
pub mod terminal;
pub mod values;

/// The Rust in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
