//! What several commands take.
//!
//! In come arguments, out go plain values. This file must not know what a command does with them.

use std::path::PathBuf;

use super::value::rate;

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
