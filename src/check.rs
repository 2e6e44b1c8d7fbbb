//! The stage `check`: queries that must return no rows, between building and
//! publication. Their rows stay in the lake; only their count leaves it.

use std::sync::atomic::AtomicU8;

use datafusion::common::DataFusionError;
use futures::StreamExt;

use crate::error::Result;
use crate::lake::RowsWriter;
use crate::pipeline::Study;
use crate::pipeline::study::Check;
use crate::session::{Engine, TableView, query};

/// Runs one check over the given slices; the writer gets the rows that it
/// finds.
///
/// # Errors
/// [`Error::Model`](crate::Error::Model) where the engine fails;
/// [`Error::Memory`](crate::Error::Memory) at the limit;
/// [`Error::Interrupted`](crate::Error::Interrupted).
pub async fn check(
    engine: &Engine,
    study: &Study,
    check: &Check,
    views: &[TableView],
    open: impl FnOnce(arrow::datatypes::SchemaRef) -> Result<RowsWriter>,
    stop: &AtomicU8,
) -> Result<RowsWriter> {
    let name = format!("check {}", check.name);
    let failed = |error: DataFusionError| engine.query_failure(&error, &name, &check.query.file());
    let context = engine.context(views, false)?;
    let parameters = study.bound(&check.query, None);
    let frame = query(&context, &check.query.source.text, &parameters).await.map_err(failed)?;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    let mut writer = open(batches.schema())?;
    while let Some(batch) = batches.next().await {
        crate::stop::check(stop)?;
        writer.write(&batch.map_err(failed)?)?;
    }
    Ok(writer)
}
