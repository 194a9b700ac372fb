//! What several commands take.
//!
//! In come arguments, out go plain values. This file must not know what a command does with them.

use std::path::PathBuf;

use super::value::{positive, rate, rated, udin};

/// How a board is reached, beside its name.
#[derive(Clone, Debug, clap::Args)]
pub struct Link {
    /// Speed of a real serial port.
    #[arg(long, global = true, default_value_t = 115_200, value_name = "BAUD", value_parser = clap::value_parser!(u32).range(300..=12_000_000))]
    pub baud: u32,
    /// Firmware of the emulated board: a file, or a name from the build's firmware folder (mps2-an386, stm32f405).
    #[arg(long, global = true, default_value = "mps2-an386", value_name = "IMAGE")]
    pub image: PathBuf,
}

/// Where recordings are.
#[derive(Clone, Debug, clap::Args)]
pub struct Recordings {
    /// Folder with recordings and their reference.csv.
    #[arg(
        id = "recordings",
        long = "recordings",
        env = "HIL_RECORDINGS",
        hide_env_values = true,
        default_value = "../shared/waveforms",
        value_name = "DIR"
    )]
    pub folder: PathBuf,
}

/// What is taken of a recording.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub struct Columns {
    /// Sampling rate, 2000 to 64000 [default: told by the file, in CSV by the column `time_s`].
    #[arg(long, value_name = "HZ", value_parser = rate)]
    pub rate: Option<f64>,
    /// Column or channel of the voltage [default: `voltage_v` where it exists, else the first in V or kV].
    #[arg(long, value_name = "COL")]
    pub voltage: Option<String>,
    /// Column or channel of a current, up to 8 times [default: `current_a` where it exists, else the first in A or kA].
    #[arg(long, value_name = "COL")]
    pub current: Vec<String>,
    /// Column or channel of the residual current [default: `residual_a` where it exists].
    #[arg(long, value_name = "COL")]
    pub residual: Option<String>,
}

/// Rate, resolution and ranges of a board's inputs.
#[derive(Clone, Debug, clap::Args)]
pub struct Inputs {
    /// Sampling rate, 2000 to 64000 [default: that of the suite sine].
    #[arg(long, value_name = "HZ", value_parser = rate)]
    pub rate: Option<f64>,
    /// Resolution of the ADC, 8 to 24 [default: that of the suite sine].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(8..=24))]
    pub adc_bits: Option<u8>,
    /// Full-scale peak of the voltage [default: that of the suite sine].
    #[arg(long, value_name = "V", value_parser = positive)]
    pub voltage_range: Option<f64>,
    /// Full-scale peak of the currents [default: that of the suite sine].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub current_range: Option<f64>,
    /// Full-scale peak of the residual current [default: that of the suite sine].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub residual_range: Option<f64>,
}

/// What events and alarms are told by.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Alarms {
    /// Nominal voltage that dips, swells and interruptions are told by, where the signal has none of its own.
    #[arg(long, default_value_t = 230.0, value_name = "V", value_parser = udin)]
    pub udin: f64,
    /// Rated residual current that the alarm is told by, 0.006 to 10, where the signal has none of its own.
    #[arg(long, default_value_t = 0.03, value_name = "A", value_parser = rated)]
    pub rated: f64,
    /// Current above which each of the currents is an overload, where the signal tells nothing of it [default: none is].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub overload: Option<f64>,
}
