//! Steps of a plan that look up at every batch: where the process holds too much
//! memory the query that began last fails, and tasks give way to each other, also
//! below an operator that takes all of its input before it gives a row.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::joins::SortMergeJoinExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::TryStreamExt;

use super::memory::Turn;

/// Puts a checkpoint behind every step of a finished plan.
#[derive(Debug)]
pub(super) struct Checkpoints(pub(super) Arc<Turn>);

impl PhysicalOptimizerRule for Checkpoints {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let behind = |step: Arc<dyn ExecutionPlan>| -> Result<Transformed<_>> {
            if step.is::<SortMergeJoinExec>() {
                // It has one behind the step that tells its order.
                return Ok(Transformed::no(step));
            }
            let step: Arc<dyn ExecutionPlan> =
                Arc::new(Checkpoint { step, turn: Arc::clone(&self.0) });
            Ok(Transformed::yes(step))
        };
        plan.transform_up(behind).data()
    }

    fn name(&self) -> &str {
        "checkpoints"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Hands on what a step gives, as long as it may go on.
#[derive(Debug)]
struct Checkpoint {
    step: Arc<dyn ExecutionPlan>,
    turn: Arc<Turn>,
}

impl DisplayAs for Checkpoint {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ExecutionPlan for Checkpoint {
    fn name(&self) -> &str {
        "Checkpoint"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.step.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.step]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let step = children.pop().unwrap_or_else(|| Arc::clone(&self.step));
        Ok(Arc::new(Checkpoint { step, turn: Arc::clone(&self.turn) }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let turn = Arc::clone(&self.turn);
        let batches = self.step.execute(partition, context)?;
        let schema = batches.schema();
        let checked = batches.and_then(move |batch| {
            let turn = Arc::clone(&turn);
            async move { turn.go_on().await.map(|()| batch) }
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(schema, checked))))
    }
}
