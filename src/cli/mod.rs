//! The command line: arguments parsed once into values that cannot be wrong,
//! one file a command, and the only code that writes to stdout.

mod arguments;
mod demo;
mod findings;
mod history;
mod logging;
mod output;
mod plan;
mod progress;
mod rejects;
mod run;
mod settings;
mod show;
mod sql;
mod status;
mod synth;
mod validate;

pub use arguments::Cli;
pub use logging::start_logging;

use crate::error::{Error, Result};
use crate::stop::Stop;
use arguments::Command;
use settings::Settings;

/// Carries out a command line.
///
/// # Errors
/// Whatever stopped it; `main` prints it and exits with its code.
pub fn carry_out(cli: &Cli) -> Result<u8> {
    let global = &cli.global;
    match &cli.command {
        Command::Run(arguments) => in_engine(global, |settings, stop| {
            Box::pin(run::run(settings, arguments, stop))
        }),
        Command::Plan(arguments) => in_engine(global, |settings, _| {
            Box::pin(plan::plan(settings, arguments))
        }),
        Command::Validate => in_engine(global, |settings, _| Box::pin(validate::validate(settings))),
        Command::Status(arguments) => {
            in_engine(global, |settings, _| Box::pin(status::status(settings, arguments)))
        }
        Command::History(arguments) => history::history(&Settings::read(global)?, arguments),
        Command::Show(arguments) => show::show(&Settings::read(global)?, arguments),
        Command::Rejects(arguments) => {
            in_engine(global, |settings, _| Box::pin(rejects::rejects(settings, arguments)))
        }
        Command::Findings(arguments) => {
            in_engine(global, |settings, _| Box::pin(findings::findings(settings, arguments)))
        }
        Command::Sql(arguments) => {
            in_engine(global, |settings, _| Box::pin(sql::sql(settings, arguments)))
        }
        Command::Synth(arguments) => synth::synth(arguments),
        Command::Demo(arguments) => demo::demo(global, arguments),
    }
}

type Work<'a> = std::pin::Pin<Box<dyn Future<Output = Result<u8>> + Send + 'a>>;

/// Runs a command on as many threads as asked for, with signals listened to.
fn in_engine(
    global: &arguments::Global,
    work: impl for<'a> FnOnce(&'a Settings, &'a Stop) -> Work<'a>,
) -> Result<u8> {
    let settings = Settings::read(global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.threads)
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("no threads: {error}")))?;
    runtime.block_on(async {
        let stop = Stop::listen()?;
        work(&settings, &stop).await
    })
}
