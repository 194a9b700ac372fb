//! The command line.
//!
//! In come arguments, out goes an exit code: 0 when all is well, 1 when a point fails, 2 when the call, a file or a
//! board is at fault, with one line on standard error. This file must not know how a command does its work.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::calibrate::arguments::Calibrate;
use crate::front_end::FrontEnd;
use crate::terminal::say;
use crate::{board_info, calibrate, compare, convert, energy, list, measure, monitor, run};

/// Plays waveforms to a metering board over a serial port and judges its readings.
#[derive(Debug, Parser)]
#[command(name = "hil", version, propagate_version = true)]
#[command(after_help = "Exit codes: 0 all is well, 1 a point fails, 2 the call, a file or the board is at fault.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reads a recording, meters it with the core on this machine and prints the readings.
    Measure(Measure),
    /// Turns a recording into another format, told by the extension: .csv, .cfg (with .dat), .cff or .wav.
    Convert(Convert),
    /// Plays the catalogue to a board, judges the readings and writes a report.
    Run(Run),
    /// Compares the reports of two runs: what is new, gone, judged otherwise, or further from the truth.
    Report(Report),
    /// Shows, resets or saves the energy registers of a board.
    Energy(Energy),
    /// Watches a board: live readings, scope, spectrum, phasors, energy, events and alarms on a terminal screen.
    Monitor(Monitor),
    /// Finds the corrections of a board's front end, keeps them on the board and proves them.
    Calibrate(Calibrate),
    /// Asks a board what it is.
    Board(BoardCommand),
    /// Names the suites and points of the catalogue.
    List(List),
    /// Lists the serial ports of this machine.
    Ports,
}

/// Arguments of `hil measure`.
#[derive(Debug, clap::Args)]
pub struct Measure {
    /// CSV (one header line, one sample per line, columns in volt and ampere; `#` lines before the header), COMTRADE
    /// (.cfg, .dat or .cff) or WAV (its full scale is the range given, else 1).
    pub file: PathBuf,
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
    /// Side of the instrument transformers [default: the one that the values of the file are of].
    #[arg(long, value_name = "SIDE")]
    pub side: Option<TransformerSide>,
    /// Resolution of the ADC the samples are quantised to, 8 to 24.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u8).range(8..=24))]
    pub adc_bits: u8,
    /// Full-scale peak of the voltage [default: from the data].
    #[arg(long, value_name = "V", value_parser = positive)]
    pub voltage_range: Option<f64>,
    /// Full-scale peak of the currents [default: from the data].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub current_range: Option<f64>,
    /// Full-scale peak of the residual current [default: from the data].
    #[arg(long, value_name = "A", value_parser = positive)]
    pub residual_range: Option<f64>,
    /// High-pass of the transformer that the residual current stands behind, 0.5 to 10 [default: it passes DC].
    #[arg(long, value_name = "HZ", value_parser = corner)]
    pub residual_corner: Option<f64>,
    /// Nominal frequency, 50 or 60 [default: 10 cycles below 55 Hz, 12 above; 50 without voltage].
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

/// Which points are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// A choice that takes minutes on the emulated board.
    Quick,
    /// All points.
    Full,
}

/// Arguments of `hil run`.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, default_value = "emulated", value_name = "BOARD")]
    pub board: String,
    /// Suite to play, may be repeated [default: all, as far as the profile goes].
    #[arg(long, value_name = "NAME")]
    pub suite: Vec<String>,
    /// How much of the catalogue [default: quick; full for suites that are named, on a board that is not emulated].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<Profile>,
    /// Folder for report.html, report.json and junit.xml.
    #[arg(long, default_value = "target/hil", value_name = "DIR")]
    pub out: PathBuf,
    /// Go on where a run of the same call was broken off: points that are finished, noted in DIR/unfinished.jsonl, are
    /// not played again.
    #[arg(long)]
    pub resume: bool,
    /// Folder with recordings and their reference.csv.
    #[arg(
        long,
        env = "HIL_RECORDINGS",
        hide_env_values = true,
        default_value = "../shared/waveforms",
        value_name = "DIR"
    )]
    pub recordings: PathBuf,
    /// Errors of a front end that the waves pass before they are codes, see `hil calibrate --help`; the board's
    /// calibration is then used.
    #[arg(long, value_name = "ERRORS", value_parser = errors)]
    pub errors: Option<FrontEnd>,
    /// File that keeps the EEPROM of a virtual or emulated board, made blank where there is none
    /// [default: with --errors target/hil/BOARD.eeprom; else a virtual board's is new, an emulated board has none].
    #[arg(long, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
    /// Speed of a real serial port.
    #[arg(long, default_value_t = 115_200, value_name = "BAUD", value_parser = clap::value_parser!(u32).range(300..=12_000_000))]
    pub baud: u32,
    /// Firmware of the emulated board: a file, or a name from the build's firmware folder.
    #[arg(long, default_value = "mps2-an386", value_name = "IMAGE")]
    pub image: PathBuf,
}

/// Arguments of `hil energy`.
#[derive(Debug, clap::Args)]
pub struct Energy {
    /// What to do.
    #[command(subcommand)]
    pub action: EnergyAction,
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, global = true, default_value = "emulated", value_name = "BOARD")]
    pub board: String,
    /// File that keeps the EEPROM of a virtual or emulated board, made blank where there is none
    /// [default: a virtual board's is new, an emulated board has none].
    #[arg(long, global = true, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
    /// Speed of a real serial port.
    #[arg(long, global = true, default_value_t = 115_200, value_name = "BAUD", value_parser = clap::value_parser!(u32).range(300..=12_000_000))]
    pub baud: u32,
    /// Firmware of the emulated board: a file, or a name from the build's firmware folder.
    #[arg(long, global = true, default_value = "mps2-an386", value_name = "IMAGE")]
    pub image: PathBuf,
}

/// What `hil energy` does.
#[derive(Debug, Subcommand)]
pub enum EnergyAction {
    /// Shows the registers and what was found on the EEPROM.
    Show,
    /// Clears the resettable registers and their seconds since reset, nothing else, and saves.
    Reset {
        /// Only of this channel, from 0 [default: of all].
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..8))]
        channel: Option<u8>,
    },
    /// Saves now; takes over an EEPROM that holds something foreign.
    Save,
}

/// Arguments of `hil board`.
#[derive(Debug, clap::Args)]
pub struct BoardCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: BoardAction,
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, global = true, default_value = "emulated", value_name = "BOARD")]
    pub board: String,
    /// Speed of a real serial port.
    #[arg(long, global = true, default_value_t = 115_200, value_name = "BAUD", value_parser = clap::value_parser!(u32).range(300..=12_000_000))]
    pub baud: u32,
    /// Firmware of the emulated board: a file, or a name from the build's firmware folder.
    #[arg(long, global = true, default_value = "mps2-an386", value_name = "IMAGE")]
    pub image: PathBuf,
}

/// What `hil board` does.
#[derive(Debug, Subcommand)]
pub enum BoardAction {
    /// Prints versions, uptime, reset cause, digest of the settings, and what the front panel shows. Greeting the board
    /// ends a session that another program had.
    Info {
        /// One JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
}

/// Arguments of `hil monitor`.
#[derive(Debug, clap::Args)]
#[command(after_help = MONITOR_KEYS)]
pub struct Monitor {
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, default_value = "virtual", value_name = "BOARD")]
    pub board: String,
    /// What is played to the board, again and again: `strip` (a power strip with eight currents), a recording (CSV,
    /// COMTRADE or WAV), or a point of the catalogue as "SUITE: POINT" (`hil list`); SUITE alone is its first point.
    #[arg(long, default_value = crate::monitor::signal::STRIP, value_name = "SIGNAL")]
    pub signal: String,
    /// Column or channel of the recording's voltage [default: as of `hil measure`].
    #[arg(long, value_name = "COL")]
    pub voltage: Option<String>,
    /// Column or channel of a current of the recording, up to 8 times [default: as of `hil measure`].
    #[arg(long, value_name = "COL")]
    pub current: Vec<String>,
    /// Column or channel of the recording's residual current [default: as of `hil measure`].
    #[arg(long, value_name = "COL")]
    pub residual: Option<String>,
    /// Sampling rate of the recording, 2000 to 64000 [default: told by the file].
    #[arg(long, value_name = "HZ", value_parser = rate)]
    pub rate: Option<f64>,
    /// Nominal voltage that dips and swells are told by, where the signal has none of its own.
    #[arg(long, default_value_t = 230.0, value_name = "V", value_parser = udin)]
    pub udin: f64,
    /// Rated residual current that the alarm is told by, 0.006 to 10, where the signal has none of its own.
    #[arg(long, default_value_t = 0.03, value_name = "A", value_parser = rated)]
    pub rated: f64,
    /// Folder for pictures and samples that are saved.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub out: PathBuf,
    /// Speed of a real serial port.
    #[arg(long, default_value_t = 115_200, value_name = "BAUD", value_parser = clap::value_parser!(u32).range(300..=12_000_000))]
    pub baud: u32,
    /// Firmware of the emulated board: a file, or a name from the build's firmware folder.
    #[arg(long, default_value = "mps2-an386", value_name = "IMAGE")]
    pub image: PathBuf,
}

const MONITOR_KEYS: &str = "Keys: 1 to 6, Tab, left and right: pages; up and down: channel; + and -: cycles of the \
scope; p: pause (the screen stands still, the board goes on); s: save the picture as SVG; w: save the samples as CSV; \
?: keys; q or Ctrl-C: leave. The screen needs 80 columns and 24 lines.";

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
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = positive)]
    pub grown: f64,
}

/// Arguments of `hil list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Folder with recordings and their reference.csv.
    #[arg(
        long,
        env = "HIL_RECORDINGS",
        hide_env_values = true,
        default_value = "../shared/waveforms",
        value_name = "DIR"
    )]
    pub recordings: PathBuf,
}

/// Range of sampling rates that the meter takes, in hertz.
pub const RATES: std::ops::RangeInclusive<f64> = 2_000.0..=64_000.0;

pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if RATES.contains(&value) => Ok(value),
        _ => Err("a number of hertz from 2000 to 64000 is expected".into()),
    }
}

fn corner(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.5..=10.0).contains(&value) => Ok(value),
        _ => Err("a number of hertz from 0.5 to 10 is expected".into()),
    }
}

pub(crate) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("a number above 0 is expected".into()),
    }
}

fn udin(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (10.0..=1_000.0).contains(&value) => Ok(value),
        _ => Err("a number of volt from 10 to 1000 is expected".into()),
    }
}

fn rated(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.006..=10.0).contains(&value) => Ok(value),
        _ => Err("a number of ampere from 0.006 to 10 is expected".into()),
    }
}

fn nominal(text: &str) -> Result<hil_link::Nominal, String> {
    match text.parse::<f64>() {
        Ok(50.0) => Ok(hil_link::Nominal::Hz50),
        Ok(60.0) => Ok(hil_link::Nominal::Hz60),
        _ => Err("50 or 60 is expected".into()),
    }
}

pub(crate) fn errors(text: &str) -> Result<FrontEnd, String> {
    text.parse()
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let done = match arguments.command {
        Command::Measure(arguments) => measure::command(&arguments).map(|()| true),
        Command::Convert(arguments) => convert::command(&arguments).map(|()| true),
        Command::Run(arguments) => run::command(&arguments),
        Command::Report(arguments) => compare::command(&arguments),
        Command::Energy(arguments) => energy::command(&arguments).map(|()| true),
        Command::Monitor(arguments) => monitor::command(&arguments).map(|()| true),
        Command::Calibrate(arguments) => calibrate::command(&arguments),
        Command::Board(arguments) => board_info::command(&arguments).map(|()| true),
        Command::List(arguments) => list::command(&arguments).map(|()| true),
        Command::Ports => list::ports().map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // One line, whatever the cause has to say.
            say(&format!("hil: {}", format!("{error:#}").replace('\n', " ")));
            ExitCode::from(2)
        }
    }
}

/// Help and version as `clap` writes them; a wrong call in one line like every other fault.
fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Fails only when the reader has left, and then there is nobody to tell.
        let _unread = error.print();
        return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
    }
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let said: Vec<&str> =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")).collect();
    let said = said.join("; ");
    say(&format!("hil: {}; see --help", said.strip_prefix("error: ").unwrap_or(&said)));
    ExitCode::from(2)
}
