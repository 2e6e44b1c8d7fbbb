//! Makes one slice: by ingest or by its model, into scratch, verified, and
//! then into the lake under its key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::RecordBatch;

use super::context::RunContext;
use super::drift::keep_vintage;
use super::volume::refuse_few_records;
use crate::error::{Error, Result};
use crate::ingest::{self, RawFile, Request};
use crate::lake::{Dealt, FinishedSlice, OwnKey, SliceRecord, Upstream, crash};
use crate::plan::WantedSlice;
use crate::plan::ingredients::{self, own_fingerprint};
use crate::session::TableView;

/// One slice to make, with everything it is made from.
pub(super) struct SliceJob {
    /// What it is to be.
    pub wanted: WantedSlice,
    /// Its key.
    pub key: String,
    /// The records of the slices that it sees.
    pub upstreams: Vec<SliceRecord>,
    /// Threads; with one, and nothing beside it, a model may take all the memory.
    pub threads: usize,
    /// Rows of the batches in which a model is computed, where not the usual;
    /// what it reads is dealt out over several files then.
    pub batch_rows: Option<usize>,
    /// It is made to compare with: nothing of it goes into the lake.
    pub is_proof: bool,
}

/// Makes a slice and puts it into the lake.
///
/// # Errors
/// Of its stage; the lake stays as it was, but for the rejects of a raw slice.
pub(super) async fn make(context: Arc<RunContext>, job: SliceJob) -> Result<SliceRecord> {
    let (finished, record) = build(Arc::clone(&context), job).await?;
    tokio::task::block_in_place(|| put(&context, finished, record))
}

/// Makes a slice in the scratch folder, with the record that it is to have.
///
/// # Errors
/// Of its stage.
pub(super) async fn build(
    context: Arc<RunContext>,
    job: SliceJob,
) -> Result<(FinishedSlice, SliceRecord)> {
    let id = job.wanted.id.clone();
    let own: OwnKey = own_fingerprint(&job.wanted.ingredients).parse()?;
    let mut record = SliceRecord::new(id.clone(), own, job.key.parse()?, context.run.clone());
    record.ingredients = job.wanted.ingredients.clone();
    let upstream = |record: &SliceRecord| Upstream {
        slice: record.slice.clone(),
        content: record.content.clone(),
    };
    record.upstreams = job.upstreams.iter().map(upstream).collect();
    let study = &context.setup.study;
    if study.models.contains_key(&id.table) {
        let writer = transform(&context, &job).await?;
        return tokio::task::block_in_place(|| Ok((writer.finish()?, record)));
    }
    let shared = Arc::clone(&context);
    let made = tokio::task::spawn_blocking(move || {
        if let Some(text) = shared.setup.study.codelists.get(&id.table.name) {
            let list = ingest::codelist::read_codelist(text)?;
            let mut writer = shared.scratch.slice_writer(&list.schema(), &[])?;
            writer.write(&list)?;
            return Ok((writer.finish()?, record));
        }
        let finished = ingest_file(&shared, &job, &mut record)?;
        Ok((finished, record))
    });
    made.await.map_err(|_| Error::internal("a slice's thread ended by a fault"))?
}

async fn transform(context: &RunContext, job: &SliceJob) -> Result<crate::lake::SliceWriter> {
    let id = &job.wanted.id;
    let study = &context.setup.study;
    let model = study.models.get(&id.table);
    let model = model.ok_or_else(|| Error::internal(format!("{id} has no model")))?;
    let slices: Vec<&SliceRecord> = job.upstreams.iter().collect();
    let mut views = context.views(&model.query.tables, &slices)?;
    // Kept until the slice is made.
    let _dealt = match job.batch_rows {
        Some(_) => deal(context, &mut views)?,
        None => Vec::new(),
    };
    let open =
        |schema: arrow::datatypes::SchemaRef| context.scratch.slice_writer(&schema, &model.key);
    let flag = context.stop.flag();
    let engine = context.engine.divided(job.threads, job.batch_rows);
    crate::transform::transform(&engine, study, model, id, &views, open, flag).await
}

/// Shows the same rows from other files, in another order.
fn deal(context: &RunContext, views: &mut [TableView]) -> Result<Vec<Dealt>> {
    let mut all = Vec::new();
    for view in views.iter_mut().filter(|view| !view.files.is_empty()) {
        let dealt = context.scratch.deal(&view.files, &view.schema)?;
        view.files = dealt.files.clone();
        view.sort_key = Vec::new();
        all.push(dealt);
    }
    Ok(all)
}

fn put(context: &RunContext, finished: FinishedSlice, record: SliceRecord) -> Result<SliceRecord> {
    if finished.order.duplicate_keys > 0 {
        return Err(Error::NotUnique {
            slice: record.slice.to_string(),
            key: finished.sort_key.join(", "),
            rows: finished.order.duplicate_keys,
        });
    }
    context.scratch.put(finished, record)
}

/// Reads a raw file; fills in what the record says of it.
fn ingest_file(
    context: &RunContext,
    job: &SliceJob,
    record: &mut SliceRecord,
) -> Result<FinishedSlice> {
    let id = &job.wanted.id;
    let source = context.setup.study.sources.get(&id.table.name);
    let file = context.inventory.files.get(id);
    let (Some(source), Some(file)) = (source, file) else {
        return Err(Error::internal(format!("{id} has no file")));
    };
    let mut kept = context.scratch.slice_writer(&ingest::raw_schema(&source.codebook), &[])?;
    let mut rejected = context.scratch.rows_writer(&ingest::rejects_schema())?;
    let request = Request {
        file,
        codebook: &source.codebook,
        threads: job.threads,
        stop: context.stop.flag(),
    };
    let mut keep = |batch| {
        crash::point("ingest-batch");
        kept.write(&batch)
    };
    let mut reject = |batch: RecordBatch| {
        rejected.write(&batch)?;
        let bytes = batch.get_array_memory_size() as u64;
        let limit_bytes = context.setup.reject_space;
        match context.reject_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > limit_bytes {
            true => Err(Error::RejectSpace { slice: format!("{id} ({})", file.name), limit_bytes }),
            false => Ok(()),
        }
    };
    let outcome = match ingest::read(&request, &mut keep, &mut reject) {
        Err(error @ Error::RejectSpace { .. }) if !job.is_proof => {
            context.scratch.put_rejects(rejected.finish()?, id, &record.key)?;
            return Err(error);
        }
        outcome => outcome?,
    };
    check_unchanged(context, file, record)?;
    for warning in &outcome.warnings {
        tracing::warn!("{}: {warning}", file.name);
    }
    record.rows_read = Some(outcome.counts.read);
    record.rows_rejected = outcome.counts.rejected;
    record.files = vec![file.name.clone()];
    record.reject_rules = reject_rules(&outcome.rules);
    if outcome.counts.rejected > 0 && !job.is_proof {
        context.scratch.put_rejects(rejected.finish()?, id, &record.key)?;
    }
    let counts = outcome.counts;
    let limit = u128::from(source.codebook.reject_limit_ppm);
    if u128::from(counts.rejected) * 1_000_000 > u128::from(counts.read) * limit {
        return Err(Error::Rejects {
            slice: format!("{id} ({})", file.name),
            rejected: counts.rejected,
            read: counts.read,
            is_cut: outcome.is_cut,
            limit_percent: format!("{}", f64::from(source.codebook.reject_limit_ppm) / 10_000.0),
            hint: outcome.reject_cause,
        });
    }
    refuse_few_records(context, id, counts.read)?;
    let mut finished = kept.finish()?;
    finished.dictionary = Some(outcome.dictionary);
    // Before the slice has its place: the history knows all that the lake has.
    if !job.is_proof {
        keep_vintage(context, id, counts.read)?;
    }
    Ok(finished)
}

/// The file is still the one that the slice's key speaks of: it may have been
/// replaced between its fingerprint and its reading.
fn check_unchanged(context: &RunContext, file: &RawFile, record: &SliceRecord) -> Result<()> {
    let planned = record.ingredients.get(&ingredients::file_name(&file.name));
    if planned == Some(&context.lake.fingerprint(&file.path)?) {
        return Ok(());
    }
    Err(Error::raw_input(&file.path, "the file changed since the run began")
        .with_hint("run again when the delivery is complete"))
}

fn reject_rules(rules: &BTreeMap<(String, Option<String>), u64>) -> BTreeMap<String, u64> {
    let name = |(rule, column): &(String, Option<String>)| match column {
        Some(column) => format!("{column}: {rule}"),
        None => rule.clone(),
    };
    rules.iter().map(|(rule, count)| (name(rule), *count)).collect()
}
