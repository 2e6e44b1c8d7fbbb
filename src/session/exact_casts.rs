//! Keeps casts that lose digits where the SQL has them. DataFusion's simplifier
//! takes the cast off a column that is compared with a literal and casts the
//! literal instead: `cast(hours as integer) = 40` becomes `hours = 40.00`, which
//! is another question where hours are 39.75. No setting switches that off; a
//! function around the cast that gives back what it gets does.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, DataFusionError, plan_err};
use datafusion::logical_expr::expr::{Cast, ScalarFunction, TryCast};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;

/// The rule; it runs behind the engine's own, which adds the casts that types
/// ask for.
#[derive(Debug)]
pub(super) struct KeepLossyCasts {
    kept: Arc<ScalarUDF>,
}

impl Default for KeepLossyCasts {
    fn default() -> Self {
        let signature = Signature::any(1, Volatility::Immutable);
        KeepLossyCasts { kept: Arc::new(ScalarUDF::new_from_impl(Kept { signature })) }
    }
}

impl AnalyzerRule for KeepLossyCasts {
    fn analyze(
        &self,
        plan: LogicalPlan,
        _config: &ConfigOptions,
    ) -> Result<LogicalPlan, DataFusionError> {
        let kept = plan.transform_up_with_subqueries(|plan| self.in_node(plan))?;
        Ok(kept.data)
    }

    fn name(&self) -> &str {
        "keep_lossy_casts"
    }
}

impl KeepLossyCasts {
    fn in_node(&self, plan: LogicalPlan) -> Result<Transformed<LogicalPlan>, DataFusionError> {
        let schema = merge_schema(&plan.inputs());
        let names = NamePreserver::new(&plan);
        let rewritten = plan.map_expressions(|expr| {
            let name = names.save(&expr);
            let expr = expr.transform_up(|expr| Ok(self.in_expr(expr, &schema)))?;
            Ok(expr.update_data(|expr| name.restore(expr)))
        })?;
        rewritten.map_data(LogicalPlan::recompute_schema)
    }

    fn in_expr(&self, expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
        let (Expr::Cast(Cast { expr: inner, field })
        | Expr::TryCast(TryCast { expr: inner, field })) = &expr
        else {
            return Transformed::no(expr);
        };
        // A column of an outer query is not in this schema; it is left alone.
        let Ok(from) = inner.get_type(schema) else { return Transformed::no(expr) };
        if !loses(&from, field.data_type()) {
            return Transformed::no(expr);
        }
        let function = ScalarFunction::new_udf(Arc::clone(&self.kept), vec![expr]);
        Transformed::yes(Expr::ScalarFunction(function))
    }
}

/// Says whether two values of a type may become one, or none, of another.
fn loses(from: &DataType, to: &DataType) -> bool {
    match (digits(from), digits(to)) {
        (Some((whole, decimals)), Some((to_whole, to_decimals))) => {
            to_whole < whole || to_decimals < decimals
        }
        (None, Some(_)) => from.is_floating(),
        _ => false,
    }
}

/// Digits before and behind the point of an exact number.
fn digits(kind: &DataType) -> Option<(i16, i16)> {
    Some(match kind {
        DataType::Int8 | DataType::UInt8 => (3, 0),
        DataType::Int16 | DataType::UInt16 => (5, 0),
        DataType::Int32 | DataType::UInt32 => (10, 0),
        DataType::Int64 => (19, 0),
        DataType::UInt64 => (20, 0),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            let scale = i16::from(*scale);
            (i16::from(*precision) - scale, scale)
        }
        _ => return None,
    })
}

/// Gives back what it gets.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kept {
    signature: Signature,
}

impl ScalarUDFImpl for Kept {
    fn name(&self) -> &str {
        "kept"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType, DataFusionError> {
        match kinds {
            [kind] => Ok(kind.clone()),
            _ => plan_err!("kept takes one value"),
        }
    }

    fn invoke_with_args(
        &self,
        arguments: ScalarFunctionArgs,
    ) -> Result<ColumnarValue, DataFusionError> {
        match <[ColumnarValue; 1]>::try_from(arguments.args) {
            Ok([value]) => Ok(value),
            Err(_) => plan_err!("kept takes one value"),
        }
    }
}
