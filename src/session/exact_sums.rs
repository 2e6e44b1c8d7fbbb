//! Sums of integers that do not wrap around. DataFusion adds integers in 64 bits
//! and says nothing where they are too few; here they are added as decimals of
//! 38 digits, and a sum that its integer type does not hold is an error.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, DFSchemaRef, DataFusionError};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    Aggregate, Expr, ExprSchemable, LogicalPlan, Projection, Window, WindowFunctionDefinition, cast,
};
use datafusion::optimizer::AnalyzerRule;

/// The rule; it runs behind the engine's own, when the types of all arguments
/// are known.
#[derive(Debug, Default)]
pub(super) struct ExactSums;

impl AnalyzerRule for ExactSums {
    fn analyze(
        &self,
        plan: LogicalPlan,
        _config: &ConfigOptions,
    ) -> Result<LogicalPlan, DataFusionError> {
        Ok(plan.transform_up_with_subqueries(in_node)?.data)
    }

    fn name(&self) -> &str {
        "exact_sums"
    }
}

fn in_node(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>, DataFusionError> {
    let schema = merge_schema(&plan.inputs());
    match plan {
        LogicalPlan::Aggregate(node)
            if node.aggr_expr.iter().any(|e| is_of_integers(e, &schema)) =>
        {
            let sums = node.aggr_expr.into_iter().map(|expr| widened(expr, &schema)).collect();
            let wide = Aggregate::try_new(node.input, node.group_expr, sums)?;
            narrowed(LogicalPlan::Aggregate(wide), &node.schema)
        }
        LogicalPlan::Window(node)
            if node.window_expr.iter().any(|e| is_of_integers(e, &schema)) =>
        {
            let sums = node.window_expr.into_iter().map(|expr| widened(expr, &schema)).collect();
            let wide = Window::try_new(sums, node.input)?;
            narrowed(LogicalPlan::Window(wide), &node.schema)
        }
        other => Ok(Transformed::no(other)),
    }
}

/// Says whether an aggregate is a sum of integers.
fn is_of_integers(expr: &Expr, schema: &DFSchema) -> bool {
    let (is_sum, arguments) = match expr {
        Expr::Alias(alias) => return is_of_integers(&alias.expr, schema),
        Expr::AggregateFunction(sum) => (sum.func.name() == "sum", &sum.params.args),
        Expr::WindowFunction(sum) => {
            let is_sum = matches!(&sum.fun,
                WindowFunctionDefinition::AggregateUDF(function) if function.name() == "sum");
            (is_sum, &sum.params.args)
        }
        _ => return false,
    };
    let is_integer =
        |argument: &Expr| argument.get_type(schema).is_ok_and(|kind| kind.is_integer());
    is_sum && arguments.iter().all(is_integer)
}

/// The sum as one of decimals, under its name.
fn widened(mut expr: Expr, schema: &DFSchema) -> Expr {
    if !is_of_integers(&expr, schema) {
        return expr;
    }
    let (qualifier, name) = expr.qualified_name();
    let inner = match &mut expr {
        Expr::Alias(alias) => alias.expr.as_mut(),
        other => other,
    };
    let arguments = match inner {
        Expr::AggregateFunction(sum) => &mut sum.params.args,
        Expr::WindowFunction(sum) => &mut sum.params.args,
        _ => return expr,
    };
    for argument in arguments {
        let wide = DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);
        *argument = cast(std::mem::take(argument), wide);
    }
    expr.unalias().alias_qualified(qualifier, name)
}

/// Casts the columns back to the types that they had, or fails.
fn narrowed(
    wide: LogicalPlan,
    schema: &DFSchemaRef,
) -> Result<Transformed<LogicalPlan>, DataFusionError> {
    let column = |place: usize| {
        let (qualifier, field) = schema.qualified_field(place);
        let (wide_qualifier, wide_field) = wide.schema().qualified_field(place);
        let column = Expr::Column(Column::from((wide_qualifier, wide_field)));
        if wide_field.data_type() == field.data_type() {
            return column;
        }
        cast(column, field.data_type().clone()).alias_qualified(qualifier.cloned(), field.name())
    };
    let columns: Vec<Expr> = (0..schema.fields().len()).map(column).collect();
    let narrow = Projection::try_new(columns, Arc::new(wide))?;
    Ok(Transformed::yes(LogicalPlan::Projection(narrow)))
}
