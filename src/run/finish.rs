//! What follows when the slices are made: the manifest, the checks, the move of
//! `current`, and the release.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::context::{RunContext, manifest_records};
use super::facts::Known;
use crate::check::check;
use crate::error::{Error, Result};
use crate::lake::{CheckRecord, Event, Manifest, ManifestEntry, SliceRecord};
use crate::pipeline::digest::{OUTPUT_VERSION, digest};
use crate::pipeline::study::{Check, CheckLevel};
use crate::pipeline::{SliceId, Study};
use crate::plan::{State, plan};

/// The tables as they would be current: what is current, with what this run
/// made or found in its place. A run of everything leaves nothing else in.
pub(super) fn candidate(context: &RunContext, known: &Known, is_everything: bool) -> Manifest {
    let mut records: BTreeMap<SliceId, &SliceRecord> = BTreeMap::new();
    if !is_everything {
        for (slice, key) in &known.facts.current {
            if let Some(record) = known.record(slice, key) {
                records.insert(slice.clone(), record);
            }
        }
    }
    for (slice, state) in plan(&known.facts).lines {
        if let State::UpToDate { key, .. } = state
            && let Some(record) = known.record(&slice, &key)
        {
            records.insert(slice, record);
        }
    }
    Manifest::new(&context.setup.study.name, records.into_values())
}

/// Refuses tables in which a slice of a year has no row, unless its model says
/// that it may be so.
///
/// # Errors
/// [`Error::Empty`] with the first slice in the order of the data.
pub(super) fn refuse_empty(study: &Study, manifest: &Manifest) -> Result<()> {
    let place = |slice: &SliceId| study.model_order.iter().position(|it| *it == slice.table);
    let is_fault = |entry: &&ManifestEntry| {
        let model = study.models.get(&entry.slice.table);
        entry.rows == 0 && model.is_some_and(|model| model.is_yearly && !model.may_be_empty)
    };
    let mut empty: Vec<&SliceId> =
        manifest.slices.values().filter(is_fault).map(|entry| &entry.slice).collect();
    empty.sort_by_key(|slice| (place(slice), slice.year));
    let Some(first) = empty.first() else { return Ok(()) };
    let more = match empty.len() - 1 {
        0 => String::new(),
        1 => ", nor has 1 other slice of a year".to_owned(),
        more => format!(", nor have {more} other slices of a year"),
    };
    Err(Error::Empty { slice: first.to_string(), more })
}

/// Runs the checks whose tables are all there; those that ran over the same
/// slices before are not run again.
///
/// # Errors
/// [`Error::Check`] where one that stops finds rows; failures of the engine.
pub(super) async fn run_checks(context: &Arc<RunContext>, manifest: &Manifest) -> Result<()> {
    let records = manifest_records(&context.lake, manifest)?;
    let study = &context.setup.study;
    let mut stopped = Vec::new();
    let mut all = 0;
    for query in study.checks.values() {
        let own: Vec<&SliceRecord> =
            records.iter().filter(|r| query.query.tables.contains(&r.slice.table)).collect();
        let is_there = |table: &crate::pipeline::TableName| {
            own.iter().any(|record| record.slice.table == *table)
        };
        if !query.query.tables.iter().all(is_there) {
            continue;
        }
        all += 1;
        context.stop.check()?;
        let rows = run_check(context, query, &own).await?;
        if rows == 0 {
            continue;
        }
        match query.level {
            CheckLevel::Stop => stopped.push(format!("{} ({rows} rows)", query.name)),
            CheckLevel::Warn => {
                tracing::warn!("check {}: {rows} rows; {}", query.name, query.sentence)
            }
        }
    }
    if stopped.is_empty() {
        return Ok(());
    }
    Err(Error::Check {
        failed: stopped.len(),
        all,
        names: stopped.join(", "),
        hint: Some(format!(
            "the rows are in {}; `honkvast sql --run {} \"…\"` reads the tables",
            context.lake.root().join("checks").display(),
            context.run
        )),
    })
}

async fn run_check(
    context: &Arc<RunContext>,
    query: &Check,
    slices: &[&SliceRecord],
) -> Result<u64> {
    let start = Instant::now();
    let key = check_key(context, query, slices);
    let before = context.lake.check_result(&query.name, &key.parse()?)?;
    let is_cached = before.is_some();
    let rows = match before {
        Some(before) => before.rows,
        None => {
            context.ensure_whole(slices.iter().copied())?;
            let views = context.views(&query.query.tables, slices).await?;
            let open = |schema: arrow::datatypes::SchemaRef| context.scratch.rows_writer(&schema);
            let flag = context.stop.flag();
            let study = &context.setup.study;
            let found = check(&context.engine, study, query, &views, open, flag).await?.finish()?;
            let rows = found.rows;
            let (name, key) = (query.name.clone(), key.parse()?);
            let record = CheckRecord { name, key, rows, rows_sum: None };
            context.scratch.put_check(record, (rows > 0).then_some(found))?;
            rows
        }
    };
    context.record(&Event::Checked {
        name: query.name.clone(),
        key: Some(key),
        level: match query.level {
            CheckLevel::Stop => "stop".to_owned(),
            CheckLevel::Warn => "warn".to_owned(),
        },
        rows,
        seconds: start.elapsed().as_secs_f64(),
        cached: is_cached,
    })?;
    Ok(rows)
}

fn check_key(context: &RunContext, query: &Check, slices: &[&SliceRecord]) -> String {
    let mut text = format!("{OUTPUT_VERSION}\n{:?}\n{}", query.level, query.query.tokens);
    for name in &query.query.parameters {
        let parameter = context.setup.study.parameters.get(name);
        let value = parameter.map(|parameter| parameter.literal()).unwrap_or_default();
        text.push_str(&format!("\n{name}={value}"));
    }
    for slice in slices {
        text.push_str(&format!("\n{}={}", slice.slice, slice.content));
    }
    digest(&text)
}

/// What became of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Current {
    /// It was current before.
    AsBefore,
    /// It is current now.
    Moved,
    /// It is a candidate.
    KeptApart,
}

/// Makes a manifest current, or says why not.
///
/// # Errors
/// Of the lake.
pub(super) fn move_current(
    context: &RunContext,
    known: &Known,
    manifest: &Manifest,
) -> Result<Current> {
    let before = known.current.as_ref().map(Manifest::id).transpose()?;
    if before == Some(manifest.id()?) {
        if context.scratch.ensure_snapshot(manifest)? {
            tracing::warn!("the snapshot that is current was damaged; it is linked anew");
        }
        return Ok(Current::AsBefore);
    }
    let open_ends = manifest.open_ends();
    if let Some(first) = open_ends.first() {
        let more = open_ends.len() - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let why = format!("other slices still rest on what was there before: {first}{more}");
        keep_candidate(context, manifest, &why)?;
        return Ok(Current::KeptApart);
    }
    let id = context.scratch.commit(manifest, before.as_deref())?;
    tracing::info!("current: {} slices, snapshot {id}", manifest.slices.len());
    context.record(&Event::CurrentMoved { id })?;
    Ok(Current::Moved)
}

/// Makes current again what was so before a run whose release could not become
/// current, and keeps what it made. Its failure counts, whatever comes of this.
pub(super) fn move_back(context: &RunContext, known: &Known, manifest: &Manifest) {
    let move_back = || {
        let before = known.current.as_ref().map(Manifest::id).transpose()?;
        context.scratch.move_back(before.as_deref())?;
        context.record(&Event::CurrentMovedBack)?;
        keep_candidate(context, manifest, "the release could not become current")
    };
    if let Err(error) = move_back() {
        tracing::error!("`current` has moved and the release has not: {error}");
    }
}

/// Keeps what a run made beside what is current.
///
/// # Errors
/// Of the lake.
pub(super) fn keep_candidate(context: &RunContext, manifest: &Manifest, why: &str) -> Result<()> {
    context.scratch.save_candidate(manifest)?;
    context.record(&Event::CandidateKept { why: why.to_owned() })?;
    tracing::warn!(
        "current stays as it was: {why}; `honkvast sql --run {}` reads what was made",
        context.run
    );
    Ok(())
}
