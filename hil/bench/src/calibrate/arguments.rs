//! The command line of `hil calibrate`.
//!
//! In come arguments, out go checked values. This file must not know what is done with them.

use std::path::PathBuf;

use super::check::Limits;
use crate::cli::shared::{Inputs, Link};
use crate::cli::value::{errors, positive};
use crate::front_end::{FrontEnd, GRAMMAR};

/// Arguments of `hil calibrate`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[command(after_help = "Steps: the load of PF 1 (gains, sample clock), those of PF 0.5 (phase; with two frequencies \
    delay), no load (offset, noise); then all again with the new corrections. This program is the source: it plays each \
    load through the front end of --errors to the board.\n\n\
    Exit codes: 0 the board reads right; 1 it does not, a correction is out of range, or the writing was declined; 2 the \
    call, a file or the board is at fault. Nothing is written when anything is refused.")]
pub struct Calibrate {
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, default_value = "emulated", value_name = "BOARD")]
    pub board: String,
    /// Ask for nothing: everything is connected, and what is found is written.
    #[arg(long)]
    pub yes: bool,
    /// True values of the loads: `catalogue`, `typed`, or a file (.toml or .json) with the tables `gain` (`voltage_v`,
    /// `current_a`, `residual_a`, `frequency_hz`) and one or more `phase` (the same without `residual_a`, and `phase_deg`,
    /// or `power_factor` and `leading`) [default: typed; with --yes catalogue].
    #[arg(long, value_name = "REF")]
    pub reference: Option<String>,
    /// How many currents are calibrated, from the first on, 1 to 8; the others stay as they are.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub currents: u8,
    /// Leave the residual current as it is.
    #[arg(long)]
    pub no_residual: bool,
    /// Errors of the front end that stands before the board.
    #[arg(long, value_name = "ERRORS", long_help = GRAMMAR, default_value = "gain=0", hide_default_value = true, value_parser = errors)]
    pub errors: FrontEnd,
    /// File that keeps the EEPROM of a virtual or emulated board, made blank where there is none
    /// [default: target/hil/BOARD.eeprom].
    #[arg(long, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
    /// Show what the board keeps, and nothing else.
    #[arg(long, conflicts_with_all = ["clear", "reference"])]
    pub show: bool,
    /// Take away what the board keeps, and nothing else.
    #[arg(long, conflicts_with = "reference")]
    pub clear: bool,
    /// Rate, resolution and ranges.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How far off a reading may be afterwards: RMS values, powers as a part of the apparent power, at rest of the range.
    #[arg(long, value_name = "PPM", default_value_t = 50.0, value_parser = positive)]
    pub limit_ppm: f64,
    /// How far off a phase angle may be afterwards, in degrees.
    #[arg(long, value_name = "DEG", default_value_t = 0.002, value_parser = positive)]
    pub limit_deg: f64,
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
}

impl Calibrate {
    /// How far off readings may be afterwards.
    pub fn limits(&self) -> Limits {
        Limits { ppm: self.limit_ppm, degree: self.limit_deg }
    }
}
