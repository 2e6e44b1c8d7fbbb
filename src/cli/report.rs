//! `honkvast report`.

use super::command_line::command_line;
use super::output::print;
use super::tables::{find_run, open_lake};
use super::upkeep::ReportArguments;
use crate::error::Result;
use crate::run::Setup;
use crate::run::report::ReportRequest;
use crate::stop::Stop;

pub(super) async fn report(setup: &Setup, arguments: &ReportArguments, stop: &Stop) -> Result<u8> {
    let candidate = match &arguments.run {
        None => None,
        Some(name) => Some(find_run(&open_lake(setup)?, name)?.run),
    };
    let request = ReportRequest {
        release: arguments.key.clone(),
        candidate,
        wait: arguments.wait,
        command: command_line(),
    };
    let path = crate::run::report::report(setup, &request, stop).await?;
    print(&format!("{}\n", path.display()))?;
    Ok(0)
}
