//! The command line: arguments parsed once into values that cannot be wrong,
//! one file a command, and the only code that writes to stdout.

mod adopt;
mod argument_values;
mod arguments;
mod arrivals;
mod command_line;
mod completions;
mod demo;
mod describe;
mod findings;
mod gc;
mod history;
mod labels;
mod log_file;
mod logging;
mod output;
mod plan;
mod progress;
mod protect;
mod prove;
mod reading;
mod rejects;
mod report;
mod rows;
mod run;
mod settings;
mod show;
mod sql;
mod status;
mod synth;
mod tables;
mod upkeep;
mod validate;
mod verify;
mod vintages;

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

pub use arguments::Cli;
pub use logging::start_logging;

use crate::allocator;
use crate::error::{Error, Result};
use crate::run::Setup;
use crate::stop::Stop;
use arguments::Command;
use settings::read_settings;

/// Carries out a command line and gives the exit code.
///
/// # Errors
/// Whatever stopped it; `main` prints it and exits with its code.
pub fn carry_out(cli: &Cli) -> Result<u8> {
    let setup = match &cli.command {
        Command::Synth(arguments) => return synth::synth(arguments),
        Command::Describe(arguments) => return describe::describe(&cli.global, arguments),
        Command::Completions(arguments) => return completions::completions(arguments),
        Command::Demo(arguments) => read_settings(&demo::prepare(&cli.global, arguments)?)?,
        _ => read_settings(&cli.global)?,
    };
    // What is damaged in a release may be whose it is.
    if !matches!(cli.command, Command::Verify(_)) {
        setup.check_release()?;
    }
    start_threads(setup.threads)?.block_on(crate::stop::unwound(in_engine(&setup, &cli.command)))
}

/// Starts the threads of a command, so many that compute and others that read.
/// Threads that wait for work keep no memory that is short, and readers end soon: as
/// long as one waits, nobody gives back what others have freed of its memory.
///
/// # Errors
/// Where the system has no threads.
pub fn start_threads(count: usize) -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(count)
        .thread_keep_alive(Duration::from_millis(100))
        .on_thread_park(allocator::rest)
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("no threads: {error}")))
}

/// The commands over one study.
async fn in_engine(setup: &Setup, command: &Command) -> Result<u8> {
    let stop = Stop::listen(command.makes_something())?;
    match command {
        Command::Run(arguments) => run::run(setup, arguments, &stop).await,
        Command::Plan(arguments) => plan::plan(setup, arguments).await,
        Command::Validate(arguments) => validate::validate(setup, arguments).await,
        Command::Status(arguments) => status::status(setup, arguments).await,
        Command::History(arguments) => history::history(setup, arguments),
        Command::Show(arguments) => show::show(setup, arguments),
        Command::Vintages(arguments) => vintages::vintages(setup, arguments),
        Command::Labels(arguments) => labels::labels(setup, arguments),
        Command::Rejects(arguments) => rejects::rejects(setup, arguments).await,
        Command::Protect(arguments) => protect::protect(setup, arguments),
        Command::Findings(arguments) => findings::findings(setup, arguments).await,
        Command::Report(arguments) => report::report(setup, arguments, &stop).await,
        Command::Sql(arguments) => sql::sql(setup, arguments).await,
        Command::Adopt(arguments) => adopt::adopt(setup, arguments, &stop).await,
        Command::Prove(arguments) => prove::prove(setup, arguments, &stop).await,
        Command::Gc(arguments) => gc::gc(setup, arguments, &stop),
        Command::Verify(arguments) => verify::verify(setup, arguments, &stop),
        Command::Synth(arguments) => synth::synth(arguments),
        // Carried out above: it needs no study.
        Command::Describe(_) => Ok(0),
        Command::Completions(arguments) => completions::completions(arguments),
        Command::Demo(_) => demo::demo(setup, &stop).await,
    }
}
