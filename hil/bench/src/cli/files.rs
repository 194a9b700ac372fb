//! The commands that work on files alone.
//!
//! In come arguments, out go checked values. This file must not know what is done with them.

use std::path::PathBuf;

use clap::ValueEnum;

use super::shared::{Columns, Recordings};
use super::value::{corner, nominal, not_negative, positive};

/// Arguments of `hil measure`.
#[derive(Debug, clap::Args)]
#[command(after_help = MEASURE_FILES)]
pub struct Measure {
    /// CSV (one header line, one sample per line, columns in volt and ampere; `#` lines before the header), COMTRADE
    /// (.cfg, .dat or .cff) or WAV (its full scale is the range given, else 1).
    pub file: PathBuf,
    /// What is taken of the file.
    #[command(flatten)]
    pub columns: Columns,
    /// Side of the instrument transformers [default: the one that the values of the file are of].
    #[arg(long, value_name = "SIDE")]
    pub side: Option<TransformerSide>,
    /// Resolution of the ADC the samples are quantised to, 8 to 24 [default: told by the file, else 24].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(8..=24))]
    pub adc_bits: Option<u8>,
    /// Full-scale peak of the voltage [default: told by the file, else from the data].
    #[arg(long, value_name = "V", value_parser = positive)]
    pub voltage_range: Option<f64>,
    /// Full-scale peak of the currents [default: told by the file, else from the data].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub current_range: Option<f64>,
    /// Full-scale peak of the residual current [default: told by the file, else from the data].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub residual_range: Option<f64>,
    /// High-pass of the transformer that the residual current stands behind, 0.5 to 10 [default: told by the file, else it
    /// passes DC].
    #[arg(long, value_name = "HZ", value_parser = corner)]
    pub residual_corner: Option<f64>,
    /// Nominal frequency, 50 or 60 [default: told by the file, else 10 cycles below 55 Hz, 12 above; 50 without voltage].
    #[arg(long, value_name = "HZ", value_parser = nominal)]
    pub nominal: Option<hil_link::Nominal>,
    /// The DC of voltage and currents is a signal: it counts in V, I, P and S; that of the residual current in
    /// its total [default: a sensor's offset, removed].
    #[arg(long)]
    pub dc_is_signal: bool,
    /// JSON Lines instead of a table: one object per window, then the summary.
    #[arg(long)]
    pub json: bool,
}

const MEASURE_FILES: &str = "What `hil capture` writes, and what `hil monitor` saves, tells of its meter: resolution, \
ranges, corner, corrections, events. All its channels are then metered with these settings, so that readings and digest \
are those that the board gave; what the command line tells takes their place.";

/// Side of an instrument transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TransformerSide {
    /// The mains.
    Primary,
    /// The recorder.
    Secondary,
}

impl From<TransformerSide> for datasets::recording::Side {
    fn from(side: TransformerSide) -> Self {
        match side {
            TransformerSide::Primary => Self::Primary,
            TransformerSide::Secondary => Self::Secondary,
        }
    }
}

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DataType {
    /// Decimal numbers (COMTRADE).
    Ascii,
    /// Codes of 16 bits (COMTRADE, WAV).
    Binary,
    /// Codes of 32 bits (COMTRADE, WAV).
    Binary32,
    /// Single precision (COMTRADE, WAV).
    Float32,
}

impl From<DataType> for datasets::comtrade::DataType {
    fn from(data: DataType) -> Self {
        match data {
            DataType::Ascii => Self::Ascii,
            DataType::Binary => Self::Binary,
            DataType::Binary32 => Self::Binary32,
            DataType::Float32 => Self::Float32,
        }
    }
}

/// Arguments of `hil convert`.
#[derive(Debug, clap::Args)]
pub struct Convert {
    /// The recording: .csv, .cfg or .dat (both are read), .cff or .wav.
    pub from: PathBuf,
    /// What is written, in the format that its extension tells; what it cannot hold is named.
    pub to: PathBuf,
    /// How samples are stored in COMTRADE and WAV [default: as they were, or the smallest type that holds them exactly].
    #[arg(long, value_name = "TYPE")]
    pub data: Option<DataType>,
    /// Sampling rate, instead of the rates and times of the recording.
    #[arg(long, value_name = "HZ", value_parser = positive)]
    pub rate: Option<f64>,
    /// Replace files that exist.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `hil report`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Worse is: a check that held and fails, one that is gone, a new one that fails, one whose error has \
grown by more than --grown.\n\nExit codes: 0 nothing is worse, 1 something is, 2 a file is at fault."
)]
pub struct Report {
    /// The earlier run: its report.json or the folder that holds it.
    pub before: PathBuf,
    /// The later run.
    pub after: PathBuf,
    /// By how much of its limit an error may grow before that is told, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = not_negative)]
    pub grown: f64,
}

/// Arguments of `hil list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Where recordings are.
    #[command(flatten)]
    pub recordings: Recordings,
}
