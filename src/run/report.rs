//! `report`: the page of a release once more, or that of a candidate, which is
//! not published and stays in the lake.

use std::path::PathBuf;
use std::time::Duration;

use super::columns::check_study;
use super::context::{manifest_records, table_view};
use super::release::input_of;
use super::setup::Setup;
use crate::error::{Error, Result};
use crate::lake::{Event, Lake, RunId, SliceRecord};
use crate::pipeline::published::RECORDS_TABLE;
use crate::pipeline::{Layer, TableName};
use crate::publish::records::records_table;
use crate::publish::release::ReleaseTable;
use crate::publish::report::{write_candidate, write_report};
use crate::publish::tables::published_table;
use crate::session::Engine;
use crate::stop::Stop;

/// How a report is asked for.
#[derive(Debug, Clone)]
pub struct ReportRequest {
    /// The key of a release; the current one where none is named.
    pub release: Option<String>,
    /// A run whose candidate is shown in place of a release.
    pub candidate: Option<RunId>,
    /// How long to wait for a run to end.
    pub wait: Option<Duration>,
    /// The command line, for who waits.
    pub command: String,
}

/// Writes the page that is asked for, and gives its place.
///
/// # Errors
/// [`Error::Held`] while a run goes on; for a release as [`write_report`]; for a
/// candidate [`Error::Usage`] where there is none, and of the engine.
pub async fn report(setup: &Setup, request: &ReportRequest, stop: &Stop) -> Result<PathBuf> {
    // A release may lie where its lake does not.
    let lake = Lake::open_existing(&setup.lake, &setup.study.name)?;
    let lock = |lake: &Lake| lake.lock(&request.command, request.wait, stop.flag());
    let _lock = lake.as_ref().map(lock).transpose()?;
    match (&request.candidate, &lake) {
        (None, _) => write_report(&setup.release, &setup.study.name, request.release.as_deref()),
        (Some(run), Some(lake)) => of_candidate(setup, lake, run, stop).await,
        (Some(_), None) => {
            Err(Error::usage(format!("there is no lake at {}", setup.lake.display())))
        }
    }
}

async fn of_candidate(setup: &Setup, lake: &Lake, run: &RunId, stop: &Stop) -> Result<PathBuf> {
    let none = || {
        let error = Error::usage(format!("the run {run} kept no candidate"));
        error.with_hint("what a run made current is shown by the report of its release")
    };
    let manifest = lake.candidate(run)?.ok_or_else(none)?;
    refuse_another_definition(setup, lake, run)?;
    let records = manifest_records(lake, &manifest)?;
    let schemas = check_study(&setup.study, setup.memory).await?;
    let engine = Engine::new(setup.threads, setup.memory, None)?;
    let mut tables = Vec::new();
    for (name, published) in &setup.study.published {
        stop.check()?;
        let table = TableName::new(Layer::Out, name.clone());
        let own: Vec<&SliceRecord> =
            records.iter().filter(|record| record.slice.table == table).collect();
        let Some(schema) = schemas.get(&table).filter(|_| !own.is_empty()) else { continue };
        own.iter().try_for_each(|slice| lake.ensure_whole(slice, Duration::ZERO))?;
        let view = table_view(lake, &table, schema.clone(), &own);
        tables.push((name.clone(), published_table(&engine, view, published).await?));
    }
    let input = input_of(&setup.study, &records);
    tables.push((RECORDS_TABLE.to_owned(), records_table(&input.records)?));
    let description = input.describe(&tables)?;
    let tables: Vec<ReleaseTable> =
        tables.into_iter().map(|(name, batch)| ReleaseTable { name, batch }).collect();
    write_candidate(&lake.candidate_report_dir(run), run.as_str(), &tables, &description)
}

/// Tables of one definition are not shown with the words and the SQL of another.
fn refuse_another_definition(setup: &Setup, lake: &Lake, run: &RunId) -> Result<()> {
    let is_it = |event: &Event| match event {
        Event::RunStarted { definition: Some(of), .. } => of.hash == setup.definition.hash,
        _ => false,
    };
    match lake.events(run)?.iter().any(is_it) {
        true => Ok(()),
        false => {
            let error =
                Error::usage(format!("the definition is another than that of the run {run}"));
            Err(error.with_hint("run it again, and show the candidate of that run"))
        }
    }
}
