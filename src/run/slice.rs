//! Makes one slice: by ingest or by its model, into scratch, verified, and
//! then into the lake under its key.

use std::sync::Arc;

use tracing::{Instrument, Span};

use super::context::RunContext;
use super::raw_slice::ingest_files;
use super::spans;
use crate::error::{Error, Result};
use crate::ingest;
use crate::lake::{Dealt, FinishedSlice, OwnKey, SliceRecord, Upstream};
use crate::plan::WantedSlice;
use crate::plan::ingredients::own_fingerprint;
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
    let span = spans::of_slice(&job.wanted.id);
    build_in_span(context, job).instrument(span).await
}

async fn build_in_span(
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
        context.ensure_whole(&job.upstreams)?;
        let writer = transform(&context, &job).await?;
        return tokio::task::block_in_place(|| Ok((writer.finish()?, record)));
    }
    let shared = Arc::clone(&context);
    let span = Span::current();
    let made = tokio::task::spawn_blocking(move || {
        let _span = span.entered();
        if let Some(text) = shared.setup.study.codelists.get(&id.table.name) {
            let list = ingest::codelist::read_codelist(text)?;
            let mut writer = shared.scratch.slice_writer(&list.schema(), &[])?;
            writer.write(&list)?;
            return Ok((writer.finish()?, record));
        }
        let finished = ingest_files(&shared, &job, &mut record)?;
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
    let mut views = context.views(&model.query.tables, &slices).await?;
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
