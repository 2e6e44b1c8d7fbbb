//! `honkvast rejects`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use datafusion::common::DataFusionError;

use super::output::print;
use super::reading::{RejectsArguments, TableForm};
use super::rows::RowPrinter;
use super::tables::{Taken, collected, find_run, hand_on, open_lake};
use crate::durable::files;
use crate::error::{Error, Result};
use crate::ingest::rejects_schema;
use crate::lake::names::parse_slice;
use crate::lake::{Event, Key, Lake};
use crate::pipeline::{Layer, SliceId, TableName};
use crate::run::Setup;
use crate::session::{Engine, TableView, query};

/// The rejects of one raw slice.
struct Rejects {
    slice: SliceId,
    path: PathBuf,
}

pub(super) async fn rejects(setup: &Setup, arguments: &RejectsArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    let mut found = match &arguments.run {
        None => of_current(&lake)?,
        Some(name) => of_run(&lake, name)?,
    };
    if let Some(source) = &arguments.source {
        let wanted = source.strip_prefix("raw.").unwrap_or(source);
        if !setup.study.sources.contains_key(wanted) {
            let sources: Vec<&str> = setup.study.sources.keys().map(String::as_str).collect();
            let error = Error::usage(format!("the study has no source `{source}`"));
            return Err(error.with_hint(format!("sources: {}", sources.join(", "))));
        }
        found.retain(|rejects| rejects.slice.table.name == wanted);
    }
    let form = if arguments.json { TableForm::Json } else { arguments.format };
    if arguments.rows {
        return print_records(setup, &found, form).await;
    }
    print_counts(setup, &found, form).await
}

fn of_current(lake: &Lake) -> Result<Vec<Rejects>> {
    let Some(current) = lake.current()? else { return Ok(Vec::new()) };
    let entries = current.slices.values().filter(|entry| entry.slice.table.layer == Layer::Raw);
    let rejects = entries.map(|entry| Rejects {
        slice: entry.slice.clone(),
        path: lake.rejects_path(&entry.slice, &entry.key),
    });
    there(rejects.collect())
}

/// Those whose file is there.
fn there(all: Vec<Rejects>) -> Result<Vec<Rejects>> {
    let mut found = Vec::new();
    for rejects in all {
        if files::exists(&rejects.path)? {
            found.push(rejects);
        }
    }
    Ok(found)
}

/// Rejects of the slices that a run made, or failed to make.
fn of_run(lake: &Lake, name: &str) -> Result<Vec<Rejects>> {
    let mut found = Vec::new();
    let summary = find_run(lake, name)?;
    for event in lake.events(&summary.run)? {
        let (slice, key) = match event {
            Event::SliceMade { slice, key, .. } => (slice, key),
            Event::SliceFailed { slice, key, .. } => (slice, key),
            _ => continue,
        };
        if let (Some(slice), Ok(key)) = (parse_slice(&slice), key.parse::<Key>()) {
            let path = lake.rejects_path(&slice, &key);
            found.push(Rejects { slice, path });
        }
    }
    let left = found.len();
    let found = there(found)?;
    match collected(&summary) {
        Some(error) if found.is_empty() && left > 0 => Err(error),
        _ => Ok(found),
    }
}

/// The table of the rejects, as SQL calls it here.
fn view(found: &[Rejects]) -> TableView {
    TableView {
        table: TableName::new(Layer::Raw, "rejects"),
        schema: rejects_schema(),
        files: found.iter().map(|rejects| rejects.path.clone()).collect(),
        sort_key: Vec::new(),
    }
}

/// Runs a query over rejects and hands its rows on as they come.
async fn ask(
    engine: &Engine,
    found: &[Rejects],
    sql: &str,
    take: impl FnMut(&RecordBatch) -> Taken,
) -> Result<()> {
    let failed = |error: DataFusionError| engine.query_failure(&error, "rejects", "raw.rejects");
    let context = engine.context(&[view(found)], false)?;
    let frame = query(&context, sql, &BTreeMap::new()).await.map_err(failed)?;
    hand_on(frame, take, failed).await
}

/// Prints the records in the order of their slices, files and lines: they lie
/// so, and need not be sorted, however many there are.
async fn print_records(setup: &Setup, found: &[Rejects], form: TableForm) -> Result<u8> {
    let engine = Engine::new(1, setup.memory, None)?;
    let mut printer = RowPrinter::new(form);
    if found.is_empty() {
        // Whether anybody reads on, `finish` sees too.
        let _ = printer.print(&RecordBatch::new_empty(rejects_schema()))?;
    }
    for rejects in found.chunks(1) {
        let take = |rows: &RecordBatch| printer.print(rows);
        ask(&engine, rejects, "select * from raw.rejects", take).await?;
    }
    printer.finish()?;
    Ok(0)
}

async fn print_counts(setup: &Setup, found: &[Rejects], form: TableForm) -> Result<u8> {
    if found.is_empty() && form == TableForm::Table {
        print("no rejects\n")?;
        return Ok(0);
    }
    let engine = Engine::new(setup.threads, setup.memory, None)?;
    let sql = "select file, rule, \"column\", count(*) as record_count, min(line) as first_line \
               from raw.rejects group by file, rule, \"column\" order by file, rule, \"column\"";
    let mut printer = RowPrinter::new(form);
    ask(&engine, found, sql, |rows| printer.print(rows)).await?;
    printer.finish()?;
    Ok(0)
}
