//! The command line.
//!
//! In come arguments, out goes an exit code: 0 when all is well, 1 when a point fails, 2 when the call, a file or a
//! board is at fault, with one line on standard error. This file must not know how a command does its work. The arguments
//! stand in `boards` and `files`, what several commands take in [`shared`], the values of single ones in `value`.

mod boards;
mod files;
pub mod shared;
pub(crate) mod value;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use boards::{BoardAction, BoardCommand, BoardRun, Energy, EnergyAction, Monitor, Profile, Run, Source};
pub use files::{Convert, DataType, List, Measure, Report, TransformerSide};

use crate::calibrate::arguments::Calibrate;
use crate::capture::arguments::Capture;
use crate::settings::arguments::Settings;
use crate::terminal::say;
use crate::{
    board_info, board_run, calibrate, capture, compare, convert, energy, list, measure, monitor, run, settings,
};

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
    /// Writes the board's own sample stream to a file, with trigger and pre-trigger, so that it can be metered again.
    Capture(Capture),
    /// Finds the corrections of a board's front end, keeps them on the board and proves them.
    Calibrate(Calibrate),
    /// Exports, checks and imports the settings of a board, or makes those of the factory.
    Settings(Settings),
    /// Asks a board what it is, or keeps one running for other programs.
    Board(BoardCommand),
    /// Names the suites and points of the catalogue.
    List(List),
    /// Lists the serial ports of this machine.
    Ports,
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
        Command::Capture(arguments) => capture::command(&arguments),
        Command::Calibrate(arguments) => calibrate::command(&arguments),
        Command::Settings(arguments) => settings::command(&arguments),
        Command::Board(arguments) => match &arguments.action {
            BoardAction::Info { json } => board_info::command(&arguments, *json),
            BoardAction::Run(run) => board_run::command(&arguments, run),
        }
        .map(|()| true),
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
