//! `report`: the page of a release once more, or that of a candidate, which is
//! not published and stays in the lake.

use std::path::PathBuf;
use std::time::Duration;

use super::setup::Setup;
use crate::error::Result;
use crate::lake::Lake;
use crate::publish::report::write_report;
use crate::stop::Stop;

/// How a report is asked for.
#[derive(Debug, Clone)]
pub struct ReportRequest {
    /// The key of a release; the current one where none is named.
    pub release: Option<String>,
    /// How long to wait for a run to end.
    pub wait: Option<Duration>,
    /// The command line, for who waits.
    pub command: String,
}

/// Writes the page of a release again, and gives its place.
///
/// # Errors
/// As [`write_report`]; [`crate::Error::Held`] while a run goes on.
pub fn report(setup: &Setup, request: &ReportRequest, stop: &Stop) -> Result<PathBuf> {
    // A release may lie where its lake does not.
    let lake = Lake::open_existing(&setup.lake, &setup.study.name)?;
    let lock = |lake: &Lake| lake.lock(&request.command, request.wait, stop.flag());
    let _lock = lake.as_ref().map(lock).transpose()?;
    write_report(&setup.release, &setup.study.name, request.release.as_deref())
}
