//! The program: parses, starts logging, carries out, and turns the result into
//! an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use honkvast::Error;
use honkvast::cli::{Cli, carry_out, start_logging};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli);
    match carry_out(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            print_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn print_error(error: &Error) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to tell where stderr itself is gone.
    let _ = writeln!(stderr, "error: {error}");
    if let Some(hint) = error.hint() {
        let _ = writeln!(stderr, "  hint: {hint}");
    }
}
