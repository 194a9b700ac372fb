//! The program `hil`: reads the command line and turns what came of it into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    hil::cli::main()
}
