//! The commands that talk to a board; those of `hil calibrate` and `hil capture` stand with their work.
//!
//! In come arguments, out go checked values. This file must not know what is done with them.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::shared::{Alarms, Columns, Link, Recordings};
use super::value::errors;
use crate::front_end::FrontEnd;

/// Which points are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// A choice that takes minutes on the emulated board.
    Quick,
    /// All points.
    Full,
}

/// Where the samples come from that a watched board meters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// This program plays them.
    Bench,
    /// The board's own signal source gives them, and the board sends back what it metered.
    Board,
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
    /// Folder for report.html, report.json, readings.jsonl and junit.xml.
    #[arg(long, default_value = "target/hil", value_name = "DIR")]
    pub out: PathBuf,
    /// Go on where a run of the same call was broken off: points that are finished, noted in DIR/unfinished.jsonl, are
    /// not played again.
    #[arg(long)]
    pub resume: bool,
    /// Where recordings are.
    #[command(flatten)]
    pub recordings: Recordings,
    /// Errors of a front end that the waves pass before they are codes, see `hil calibrate --help`; the board's
    /// calibration is then used.
    #[arg(long, value_name = "ERRORS", value_parser = errors)]
    pub errors: Option<FrontEnd>,
    /// File that keeps the EEPROM of a virtual or emulated board, made blank where there is none
    /// [default: with --errors target/hil/BOARD.eeprom; else a virtual board's is new, an emulated board has none].
    #[arg(long, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
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
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
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
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
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
    /// Starts a virtual or emulated board, prints the names of its serial ports (link, console, Modbus) and keeps it running
    /// until Ctrl-C. It meters a signal of its own in real time: a power strip with seven outlets at 230 V.
    Run(BoardRun),
}

/// Arguments of `hil board run`.
#[derive(Debug, clap::Args)]
pub struct BoardRun {
    /// Play no signal, and leave the link to another program.
    #[arg(long)]
    pub silent: bool,
    /// File that keeps the EEPROM, made blank where there is none
    /// [default: a virtual board's is new, an emulated board has none].
    #[arg(long, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
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
    /// Where the samples come from. The board's own source gives a power strip in pure sines, whatever the line carries.
    #[arg(long, default_value = "bench", value_name = "SOURCE")]
    pub source: Source,
    /// What is taken of a recording.
    #[command(flatten)]
    pub columns: Columns,
    /// What events and alarms are told by.
    #[command(flatten)]
    pub alarms: Alarms,
    /// Folder for pictures and samples that are saved.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub out: PathBuf,
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
}

const MONITOR_KEYS: &str = "Keys: 1 to 6, Tab, left and right: pages; up and down: channel; + and -: cycles of the \
scope; p: pause (the screen stands still, the board goes on); s: save the picture as SVG; w: save the samples as CSV; \
?: keys; q or Ctrl-C: leave. The screen needs 80 columns and 24 lines.";
