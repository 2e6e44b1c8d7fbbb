//! Runs the models: one slice from the slices that its definition lets it see.

mod published;
mod refusals;
pub mod schemas;

use std::sync::Arc;
use std::sync::atomic::AtomicU8;

use datafusion::common::DataFusionError;
use datafusion::logical_expr::ident;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, execute_stream};
use futures::StreamExt;

use crate::error::Result;
use crate::lake::SliceWriter;
use crate::pipeline::study::Model;
use crate::pipeline::{SliceId, Study};
use crate::session::{Engine, TableView, query};

/// Computes one slice of a model and writes it, sorted by the model's key with
/// nulls first. `stop` holds the number of the signal that asks to stop.
///
/// # Errors
/// [`Error::Model`](crate::Error::Model) where the engine fails;
/// [`Error::Memory`](crate::Error::Memory) at the limit;
/// [`Error::Io`](crate::Error::Io) of the writer;
/// [`Error::Interrupted`](crate::Error::Interrupted).
pub async fn transform(
    engine: &Engine,
    study: &Study,
    model: &Model,
    slice: &SliceId,
    views: &[TableView],
    mut open: impl FnMut(arrow::datatypes::SchemaRef) -> Result<SliceWriter>,
    stop: &AtomicU8,
) -> Result<SliceWriter> {
    let (name, sql) = (slice.to_string(), model.query.file());
    let failed = |error: DataFusionError| engine.query_failure(&error, &name, &sql);
    let context = engine.context(views, model.prefers_merge_join)?;
    let parameters = study.bound(&model.query, slice.year);
    let frame = query(&context, &model.query.source.text, &parameters).await.map_err(failed)?;
    let order = model.key.iter().map(|column| ident(column).sort(true, true)).collect();
    let frame = frame.sort(order).map_err(failed)?;
    let plan = frame.create_physical_plan().await.map_err(failed)?;
    let (partitions, steps) = (widest(&plan), joins_and_sorts(&plan));
    tracing::debug!("{slice}: planned in {partitions} partitions; {steps}");
    let mut batches = execute_stream(plan, context.task_ctx()).map_err(failed)?;
    let mut writer = open(batches.schema())?;
    while let Some(batch) = batches.next().await {
        crate::stop::check(stop)?;
        writer.write(&batch.map_err(failed)?)?;
    }
    Ok(writer)
}

/// Partitions of the widest step of a plan.
fn widest(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = plan.output_partitioning().partition_count();
    plan.children().into_iter().map(widest).max().unwrap_or(0).max(own)
}

/// The joins and sorts of a plan in words.
fn joins_and_sorts(plan: &Arc<dyn ExecutionPlan>) -> String {
    let [merge, hash, loops, sorts] =
        ["SortMergeJoinExec", "HashJoinExec", "NestedLoopJoinExec", "SortExec"]
            .map(|name| steps(plan, name));
    format!("joins: {merge} merge, {hash} hash, {loops} nested; {sorts} sorts")
}

/// How many steps of a plan have a name.
fn steps(plan: &Arc<dyn ExecutionPlan>, name: &str) -> usize {
    let below: usize = plan.children().into_iter().map(|child| steps(child, name)).sum();
    below + usize::from(plan.name() == name)
}
