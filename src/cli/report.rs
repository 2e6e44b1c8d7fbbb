//! `honkvast report`.

use super::command_line::command_line;
use super::output::print;
use super::upkeep::ReportArguments;
use crate::error::Result;
use crate::run::Setup;
use crate::run::report::ReportRequest;
use crate::stop::Stop;

pub(super) fn report(setup: &Setup, arguments: &ReportArguments, stop: &Stop) -> Result<u8> {
    let request = ReportRequest {
        release: arguments.key.clone(),
        wait: arguments.wait,
        command: command_line(),
    };
    let path = crate::run::report::report(setup, &request, stop)?;
    print(&format!("{}\n", path.display()))?;
    Ok(0)
}
