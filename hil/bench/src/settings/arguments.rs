//! The command line of `hil settings`.
//!
//! In come arguments, out go checked values. This file must not know what is done with them.

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::shared::Link;

/// Arguments of `hil settings`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A file has a line per setting, in the commands of the board's console, each with its range as a \
    comment; # hides what is behind it. The line `system fabsettings` makes all settings those of the factory; without it \
    a file changes what it names. Export a board to have one.\n\n\
    Exit codes: 0 all is well; 1 the file is refused, or what was asked for was declined; 2 the call, a file or the board \
    is at fault. Energy registers are never touched."
)]
pub struct Settings {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
    /// `virtual` (a thread of this program), `emulated` (the firmware in QEMU) or the name of a serial port.
    #[arg(long, global = true, default_value = "emulated", value_name = "BOARD")]
    pub board: String,
    /// File that keeps the EEPROM of a virtual or emulated board, made blank where there is none
    /// [default: target/hil/BOARD.eeprom].
    #[arg(long, global = true, value_name = "FILE")]
    pub eeprom: Option<PathBuf>,
    /// How the board is reached.
    #[command(flatten)]
    pub link: Link,
}

/// What `hil settings` does.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Writes the settings that the board keeps.
    Export {
        /// File to write; `-`: standard output.
        #[arg(default_value = "-", value_name = "FILE")]
        file: PathBuf,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Tells which lines of a file a board would ignore, and what is allowed there; needs no board.
    Check {
        /// File to read; `-`: standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Refuse a file of which a line is ignored: exit code 1.
        #[arg(long)]
        strict: bool,
    },
    /// Sends a file to the board, shows what it changes and lets the board keep it, all or nothing.
    Import {
        /// File to read; `-`: standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Refuse a file of which a line is ignored: nothing is changed, exit code 1.
        #[arg(long)]
        strict: bool,
        /// Whether it is asked, and when it is used.
        #[command(flatten)]
        keeping: Keeping,
    },
    /// Makes all settings those of the factory.
    FactoryReset {
        /// Whether it is asked, and when it is used.
        #[command(flatten)]
        keeping: Keeping,
    },
}

/// How settings are kept.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Keeping {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Start the board anew, so that they are in use at once; without, they are from its next start on.
    #[arg(long)]
    pub restart: bool,
}
