//! Joins that say no more of the order of their rows than is true.
//!
//! DataFusion 55 says of a join that its rows have the order of the side that it
//! keeps, and within that of the other side. Where rows of the kept side are equal
//! by its order, the other side's rows come once for each of them, and the second
//! half is false: a sort is left out, or an aggregate gives a group twice
//! (<https://github.com/apache/datafusion/issues/25052>). And an outer merge join
//! with a condition beside its keys gives its last rows too early
//! (<https://github.com/apache/datafusion/pull/24573>).

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, Statistics};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::equivalence::join_equivalence_properties;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::execution_plan::{CardinalityEffect, replace_children_if_necessary};
use datafusion::physical_plan::filter_pushdown::{FilterDescription, FilterPushdownPhase};
use datafusion::physical_plan::joins::{HashJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};

/// A rule of the engine's planning.
type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The engine's own rules, with this one before the first that relies on an order.
///
/// # Errors
/// Where the engine has no such rule: then nobody knows where this one belongs.
pub(super) fn planning_rules() -> Result<Vec<Rule>> {
    let mut rules = PhysicalOptimizer::new().rules;
    let place = rules.iter().position(|rule| rule.name() == "EnsureRequirements");
    let missing = || DataFusionError::Internal("the engine ensures no requirements".to_owned());
    rules.insert(place.ok_or_else(missing)?, Arc::new(TrueOrders));
    Ok(rules)
}

/// Puts in plan what each join may say of its order.
#[derive(Debug)]
struct TrueOrders;

impl PhysicalOptimizerRule for TrueOrders {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|step| {
            if step.is::<SortMergeJoinExec>() {
                // Its other side has to stay sorted, so its rows get the true order.
                return Ok(Transformed::yes(TrueOrder::of(step)?));
            }
            let Some(join) = step.downcast_ref::<HashJoinExec>() else {
                return Ok(Transformed::no(step));
            };
            // No order is left that it could add to that of its probe side.
            let build = TrueOrder::of(Arc::clone(join.left()))?;
            let sides = vec![build, Arc::clone(join.right())];
            Ok(Transformed::yes(replace_children_if_necessary(step, sides)?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "true_orders"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Hands on the rows of a step: those of a merge join with the order that they
/// have, those of any other step as rows without an order.
#[derive(Debug)]
struct TrueOrder {
    step: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl TrueOrder {
    fn of(step: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let order = match step.downcast_ref::<SortMergeJoinExec>() {
            Some(join) => order_of_merge_join(join)?,
            None => unordered(&step),
        };
        let properties = PlanProperties::clone(step.properties()).with_eq_properties(order);
        Ok(Arc::new(TrueOrder { step, properties: Arc::new(properties) }))
    }
}

/// What holds for the rows of a step in any order.
fn unordered(step: &Arc<dyn ExecutionPlan>) -> EquivalenceProperties {
    let mut properties = step.equivalence_properties().clone();
    properties.clear_orderings();
    properties
}

/// What holds for the rows of a merge join: the order of the side that it keeps,
/// and none where a condition on an outer join makes it give rows too early.
fn order_of_merge_join(join: &SortMergeJoinExec) -> Result<EquivalenceProperties> {
    let outer = matches!(join.join_type(), JoinType::Left | JoinType::Right | JoinType::Full);
    let keeps = match join.filter() {
        Some(_) if outer => vec![false, false],
        _ => join.maintains_input_order(),
    };
    // Without a probe side nothing of the other side's order is added.
    let probe_side = None;
    join_equivalence_properties(
        join.left().equivalence_properties().clone(),
        join.right().equivalence_properties().clone(),
        &join.join_type(),
        join.schema(),
        &keeps,
        probe_side,
        join.on(),
    )
}

impl DisplayAs for TrueOrder {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ExecutionPlan for TrueOrder {
    fn name(&self) -> &str {
        "TrueOrder"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    /// No sort above is pushed below: there it would be lost, or believed.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
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
        TrueOrder::of(children.pop().unwrap_or_else(|| Arc::clone(&self.step)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.step.execute(partition, context)
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        Ok(inputs
            .first()
            .map_or_else(|| Statistics::new_unknown(&self.schema()).into(), Arc::clone))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }

    fn gather_filters_for_pushdown(
        &self,
        _phase: FilterPushdownPhase,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _config: &ConfigOptions,
    ) -> Result<FilterDescription> {
        FilterDescription::from_children(filters, &self.children())
    }
}

#[cfg(test)]
mod tests;
