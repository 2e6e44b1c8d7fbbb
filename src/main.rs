//! The program: parses, starts logging, carries out, and turns the result into
//! an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use honkvast::Error;
use honkvast::allocator;
use honkvast::cli::{Cli, carry_out, start_logging};

// Batches of a run are made on one thread and dropped on another, by the
// hundred a second: a quarter of the time went into malloc and page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    allocator::keep_freed(allocator::LONG);
    leave_no_core_dump();
    let cli = Cli::parse();
    start_logging(&cli);
    match carry_out(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tell(&cli, &error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// One line with what is wrong and one with what to do; one JSON object where
/// the log is JSON.
fn tell(cli: &Cli, error: &Error) {
    let hint = error.hint().unwrap_or_default();
    if cli.logs_last_error() {
        tracing::error!(exit_code = error.exit_code(), hint, "{error}");
    }
    if !cli.prints_last_error() {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to tell where stderr itself is gone.
    let _ = writeln!(stderr, "error: {error}");
    if !hint.is_empty() {
        let _ = writeln!(stderr, "  hint: {hint}");
    }
}

/// No image of the process's memory, which holds microdata, is left on a disk
/// when it ends by a fault: not as a file, nor handed to a collector of them.
fn leave_no_core_dump() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    // Where the system refuses, the program does its work all the same.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
