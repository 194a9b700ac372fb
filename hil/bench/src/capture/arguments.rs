//! The command line of `hil capture`.
//!
//! In come arguments, out go checked values. This file must not know what is done with them.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::signal::{self, Items};
use super::trigger::{self, Trigger};
use crate::cli::shared::{Alarms, Inputs, Link};
use crate::cli::value::{corner, duration, nominal};

/// What a board samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// Its own signal source, which waits until it is asked: no frame is missing.
    Signal,
    /// Its ADC, which does not wait: frames that the line is too slow for are missing, and the file tells which.
    Adc,
}

/// Arguments of `hil capture`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[command(
    after_help = "Times are those of the samples: a board that samples when it is asked may be faster or slower \
    than real time. What an ADC sampled and the board had no room for, as the line was too slow or away, is missing: its \
    samples are left empty, the notes of the file and the summary tell which they are, and `hil measure` tells the meter. \
    A capture that would end in a gap ends before it. `hil measure FILE` gives the readings that the board gave, if the capture began with the board's first \
    frame (no trigger); behind a trigger the metering restarts at the first sample of the file.\n\n\
    Ctrl-C ends the capture: what has come by then is a whole file.\n\n\
    Exit codes: 0 the file is written; 1 no trigger came; 2 the call, a file or the board is at fault (what a board gave \
    before it was lost is written)."
)]
pub struct Capture {
    /// What is written, in the format that its extension tells: .csv, .cff or .cfg (with .dat and .inf), which keep all;
    /// .wav, which keeps the codes alone.
    pub file: PathBuf,
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, default_value = "virtual", value_name = "BOARD")]
    pub board: String,
    /// Length of the file, pre-trigger included, such as 10m, 5s or 200ms.
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = duration)]
    pub length: Duration,
    /// What is waited for [default: begin at once].
    #[arg(long, value_name = "TRIGGER", long_help = trigger::GRAMMAR)]
    pub trigger: Option<Trigger>,
    /// How much before the trigger is kept.
    #[arg(long, default_value = "0s", value_name = "TIME", value_parser = duration, requires = "trigger")]
    pub pre_trigger: Duration,
    /// How long a trigger is waited for [default: for ever].
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "trigger")]
    pub timeout: Option<Duration>,
    /// Replace files that exist.
    #[arg(long)]
    pub force: bool,
    /// Print the readings as JSON Lines, as `hil measure --json` does.
    #[arg(long)]
    pub json: bool,
    /// How many currents are captured, from the first on, 1 to 8.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub currents: u8,
    /// Leave out the residual current.
    #[arg(long)]
    pub no_residual: bool,
    /// Rate, resolution and ranges.
    #[command(flatten)]
    pub inputs: Inputs,
    /// High-pass of the transformer that the residual current stands behind, 0.5 to 10 [default: it passes DC].
    #[arg(long, value_name = "HZ", value_parser = corner)]
    pub residual_corner: Option<f64>,
    /// Nominal frequency, 50 or 60 [default: 10 cycles below 55 Hz, 12 above].
    #[arg(long, value_name = "HZ", value_parser = nominal)]
    pub nominal: Option<hil_link::Nominal>,
    /// What events and alarms are told by.
    #[command(flatten)]
    pub alarms: Alarms,
    /// What the board samples.
    #[arg(long, value_name = "SOURCE", default_value = "signal")]
    pub source: Source,
    /// What the board's own signal source gives.
    #[arg(long, value_name = "SIGNAL", long_help = signal::GRAMMAR)]
    pub signal: Option<Items>,
    /// A change of the signal at a time since the board's first sample, such as 2s:residual=0.04; may be repeated.
    #[arg(long, value_name = "TIME:SIGNAL", value_parser = change)]
    pub change: Vec<(Duration, Items)>,
    /// Do not use the calibration that the board keeps.
    #[arg(long)]
    pub no_calibration: bool,
    /// File that keeps the EEPROM of a virtual or emulated board, made blank where there is none
    /// [default: a virtual board's is new, an emulated board has none].
    #[arg(long, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
}

fn change(text: &str) -> Result<(Duration, Items), String> {
    let (time, signal) = text.split_once(':').ok_or("TIME:SIGNAL is expected, such as 2s:residual=0.04")?;
    Ok((duration(time)?, signal.parse()?))
}
