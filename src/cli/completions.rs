//! `honkvast completions SHELL`.

use clap::CommandFactory;

use super::Cli;
use super::output::print;
use super::upkeep::CompletionsArguments;
use crate::error::Result;

/// Prints the script. It is no data, so there is no JSON of it.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "honkvast", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
