//! The tables of a lake as commands read them: those that are current, or the
//! candidate of a run.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use arrow::array::RecordBatch;
use datafusion::common::DataFusionError;
use datafusion::dataframe::DataFrame;
use futures::StreamExt;

use crate::error::{Error, Result};
use crate::lake::{Event, Lake, Manifest, RunId, RunSummary, SliceRecord};
use crate::pipeline::query::refuse_too_many_operators;
use crate::pipeline::{Layer, TableName};
use crate::run::Setup;
use crate::run::context::{manifest_records, table_view};
use crate::session::{Engine, TableView, planning_text, query, reading_schema};

/// Opens the lake of a study, which must be there.
///
/// # Errors
/// [`Error::Usage`] where no run has made one.
pub(super) fn open_lake(setup: &Setup) -> Result<Lake> {
    Lake::open_existing(&setup.lake, &setup.study.name)?.ok_or_else(|| {
        let message = format!("there is no lake at {}", setup.lake.display());
        Error::usage(message).with_hint("`honkvast run` makes it")
    })
}

/// A run by its name; `last` is the newest that was no `gc`.
///
/// # Errors
/// [`Error::Usage`] for a run that is not in the ledger.
pub(super) fn find_run(lake: &Lake, name: &str) -> Result<RunSummary> {
    let is_it = |summary: &RunSummary| match name {
        "last" => !summary.is_gc,
        name => summary.run.as_str() == name,
    };
    lake.runs()?.into_iter().find(is_it).ok_or_else(|| {
        let error = Error::usage(format!("the ledger has no run `{name}`"));
        error.with_hint("`honkvast history` lists the runs")
    })
}

/// The tables that are current, or those of a run: its candidate, or what it
/// made current.
///
/// # Errors
/// [`Error::Usage`] where there are none.
pub(super) fn manifest(lake: &Lake, run: Option<&str>) -> Result<Manifest> {
    match run {
        None => lake.current()?.ok_or_else(|| {
            let error = Error::usage("nothing is current yet");
            error.with_hint("`honkvast run` makes it; `--run last` reads a candidate")
        }),
        Some(name) => {
            let summary = find_run(lake, name)?;
            let found = match lake.candidate(&summary.run)? {
                None => made_current(lake, &summary.run)?,
                found => found,
            };
            found.ok_or_else(|| {
                collected(&summary).unwrap_or_else(|| {
                    let error = Error::usage(format!("the run {} kept no candidate", summary.run));
                    error.with_hint("it made nothing that was not current already")
                })
            })
        }
    }
}

/// The tables that a run made current, while their snapshot stands.
fn made_current(lake: &Lake, run: &RunId) -> Result<Option<Manifest>> {
    for event in lake.events(run)? {
        if let Event::CurrentMoved { id } = event {
            return lake.snapshot(&id);
        }
    }
    Ok(None)
}

/// The error for something of a run that `gc` removed.
pub(super) fn collected(summary: &RunSummary) -> Option<Error> {
    let by = summary.collected_by.as_ref()?;
    let message = format!("what the run {} left was collected by the gc {by}", summary.run);
    Some(Error::usage(message).with_hint("`honkvast history` says which runs still stand"))
}

/// What became of rows that were handed on: whether more are wanted.
pub(super) type Taken = Result<ControlFlow<()>>;

/// Runs a query over the tables of a manifest and hands its rows on as they
/// come, the first time none, with the names of the columns.
///
/// # Errors
/// [`Error::Usage`] for a query that does not fit the tables; [`Error::Model`]
/// where the engine fails; [`Error::Memory`] at the limit; of `take`.
pub(super) async fn ask(
    setup: &Setup,
    lake: &Lake,
    manifest: &Manifest,
    sql: &str,
    take: impl FnMut(&RecordBatch) -> Taken,
) -> Result<()> {
    let records = manifest_records(lake, manifest)?;
    refuse_too_many_operators(sql)?;
    let handed_on = crate::stop::unwound(hand_on_rows(setup, lake, &records, sql, take)).await;
    handed_on.map_err(|error| match error {
        Error::Model { .. } | Error::Internal { .. } => {
            lake.damage_behind(&records).unwrap_or(error)
        }
        error => error,
    })
}

async fn hand_on_rows(
    setup: &Setup,
    lake: &Lake,
    records: &[SliceRecord],
    sql: &str,
    take: impl FnMut(&RecordBatch) -> Taken,
) -> Result<()> {
    let engine = Engine::new(setup.threads, setup.memory, None)?;
    let context = engine.context(&views(lake, records)?, false)?;
    let failed = |error: DataFusionError| match error.find_root() {
        DataFusionError::Plan(_) | DataFusionError::SchemaError(_, _) => {
            not_a_query(&error, records)
        }
        _ => engine.query_failure(&error, "query", "command line"),
    };
    let frame = query(&context, sql, &BTreeMap::new()).await;
    let frame = frame.map_err(|error| not_a_query(&error, records))?;
    hand_on(frame, take, failed).await
}

/// Hands the rows of a query on as they come, the first time none.
///
/// # Errors
/// Of the engine, as `failed` tells them; of `take`.
pub(super) async fn hand_on(
    frame: DataFrame,
    mut take: impl FnMut(&RecordBatch) -> Taken,
    failed: impl Fn(DataFusionError) -> Error,
) -> Result<()> {
    let mut batches = frame.execute_stream().await.map_err(&failed)?;
    if take(&RecordBatch::new_empty(batches.schema()))?.is_break() {
        return Ok(());
    }
    while let Some(batch) = batches.next().await {
        if take(&batch.map_err(&failed)?)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn views(lake: &Lake, records: &[SliceRecord]) -> Result<Vec<TableView>> {
    let slices: Vec<&SliceRecord> = records.iter().collect();
    let mut tables: Vec<&TableName> = slices.iter().map(|record| &record.slice.table).collect();
    tables.dedup();
    let view = |table: &TableName| {
        let first = slices.iter().find(|record| record.slice.table == *table);
        let first = first.ok_or_else(|| Error::internal(format!("{table} has no slice")))?;
        let schema = reading_schema(lake.slice_schema(first)?.as_ref());
        Ok(table_view(lake, table, schema, &slices))
    };
    tables.into_iter().map(view).collect()
}

/// Planning errors quote the query and names of columns, never data.
fn not_a_query(error: &DataFusionError, records: &[SliceRecord]) -> Error {
    let mut tables: Vec<String> =
        records.iter().map(|record| record.slice.table.to_string()).collect();
    tables.dedup();
    Error::usage(planning_text(error)).with_hint(format!("tables: {}", tables.join(", ")))
}

/// Says whether a manifest has a table.
pub(super) fn has_table(manifest: &Manifest, layer: Layer, name: &str) -> bool {
    let table = TableName::new(layer, name);
    manifest.slices.keys().any(|slice| slice.table == table)
}
