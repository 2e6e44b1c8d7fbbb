//! Queries that the engine would carry out and whose answer would be wrong, or
//! another one each time: refused while they are planned.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DataFusionError};
use datafusion::logical_expr::expr::{
    AggregateFunction, Between, Case, InList, InSubquery, ScalarFunction, WindowFunction,
};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, Distinct, Expr, ExprSchemable, LogicalPlan, Operator, Volatility,
    WindowFunctionDefinition,
};

use crate::error::{Error, Place, Result};
use crate::pipeline::query::Query;

/// Aggregates of doubles whose result does not depend on the order of the rows.
const ORDERLESS: [&str; 9] = [
    "count",
    "min",
    "max",
    "median",
    "percentile_cont",
    "first_value",
    "last_value",
    "nth_value",
    "array_agg",
];
/// Aggregates that give rows in their order.
const ORDERED: [&str; 5] = ["first_value", "last_value", "nth_value", "array_agg", "string_agg"];
/// Functions that compare their arguments.
const COMPARING: [&str; 3] = ["nullif", "greatest", "least"];

/// Refuses a query whose answer would be wrong or left to chance. `written` is
/// its plan as the SQL says it, `analyzed` the one with all casts.
///
/// # Errors
/// [`Error::Definition`] for the first fault, with its place in the SQL.
pub(super) fn refuse_faults(
    query: &Query,
    written: &LogicalPlan,
    analyzed: &LogicalPlan,
) -> Result<()> {
    let mut found = None;
    each_node(written, |node| found = found.take().or_else(|| miscompared(node)));
    each_node(analyzed, |node| found = found.take().or_else(|| left_to_chance(node)));
    let Some(Fault { place, message, hint }) = found else { return Ok(()) };
    let place = match place {
        At::Words(words) => words.iter().find_map(|word| query.place_of_word(word)),
        At::Column(column) => place_of_column(query, &column),
    };
    let place = place.unwrap_or_else(|| query.source.place(0));
    Err(Error::Definition { place, message, hint: Some(hint) })
}

/// What is wrong with a query.
struct Fault {
    place: At,
    message: String,
    hint: String,
}

/// Where a fault stands.
enum At {
    /// At the first place where one of these words stands.
    Words(Vec<String>),
    Column(Column),
}

fn place_of_column(query: &Query, column: &Column) -> Option<Place> {
    let Some(span) = column.spans.first() else { return query.place_of_word(&column.name) };
    Some(Place {
        file: query.source.file.clone(),
        line: usize::try_from(span.start.line).ok()?,
        column: usize::try_from(span.start.column).ok()?,
    })
}

fn each_node(plan: &LogicalPlan, mut look: impl FnMut(&LogicalPlan)) {
    let _: Result<TreeNodeRecursion, DataFusionError> = plan.apply_with_subqueries(|node| {
        look(node);
        Ok(TreeNodeRecursion::Continue)
    });
}

/// The first fault that `look` finds among the expressions of a node.
fn among_expressions(node: &LogicalPlan, look: impl Fn(&Expr) -> Option<Fault>) -> Option<Fault> {
    let mut found = None;
    let _: Result<TreeNodeRecursion, DataFusionError> = node.apply_expressions(|expr| {
        expr.apply(|expr| {
            found = found.take().or_else(|| look(expr));
            Ok(TreeNodeRecursion::Continue)
        })
    });
    found
}

/// A comparison of values of two kinds, as of a day and a number: the engine
/// casts one of them and compares something else.
fn miscompared(node: &LogicalPlan) -> Option<Fault> {
    let schema = merge_schema(&node.inputs());
    if let LogicalPlan::Join(join) = node {
        let fault = join.on.iter().find_map(|(left, right)| compared(&schema, left, right));
        if fault.is_some() {
            return fault;
        }
    }
    among_expressions(node, |expr| match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(op) => {
            compared(&schema, left, right)
        }
        Expr::Between(Between { expr, low, high, .. }) => {
            compared(&schema, expr, low).or_else(|| compared(&schema, expr, high))
        }
        Expr::InList(InList { expr, list, .. }) => {
            list.iter().find_map(|item| compared(&schema, expr, item))
        }
        Expr::InSubquery(InSubquery { expr, subquery, .. }) => {
            let kind = subquery.subquery.schema().fields().first()?.data_type().clone();
            fault_of_kinds(&expr.get_type(&schema).ok()?, &kind, &[expr])
        }
        Expr::Case(Case { expr: Some(expr), when_then_expr, .. }) => {
            when_then_expr.iter().find_map(|(when, _)| compared(&schema, expr, when))
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if COMPARING.contains(&func.name()) => {
            let (first, rest) = args.split_first()?;
            rest.iter().find_map(|other| compared(&schema, first, other))
        }
        _ => None,
    })
}

fn is_comparison(op: &Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

fn compared(schema: &DFSchema, left: &Expr, right: &Expr) -> Option<Fault> {
    let kinds = (left.get_type(schema).ok()?, right.get_type(schema).ok()?);
    fault_of_kinds(&kinds.0, &kinds.1, &[left, right])
}

fn fault_of_kinds(left: &DataType, right: &DataType, sides: &[&Expr]) -> Option<Fault> {
    let (left, right) = (kind(left)?, kind(right)?);
    let is_told_as_text = matches!((left, right), ("a day", "text") | ("text", "a day"));
    if left == right || is_told_as_text {
        return None;
    }
    let columns: Vec<Column> = sides.iter().flat_map(|side| columns_of(side)).collect();
    let place = columns.into_iter().next();
    let hint = match (left, right) {
        ("a day", "a number") | ("a number", "a day") => "write a day as `date '2016-02-01'`",
        _ => "cast one side to the type of the other",
    };
    Some(Fault {
        place: place.map_or_else(|| At::Words(Vec::new()), At::Column),
        message: format!("compares {left} with {right}, which the engine does in its own way"),
        hint: hint.to_owned(),
    })
}

fn columns_of(expr: &Expr) -> Vec<Column> {
    let mut columns = Vec::new();
    let _: Result<TreeNodeRecursion, DataFusionError> = expr.apply(|expr| {
        if let Expr::Column(column) = expr {
            columns.push(column.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    columns
}

/// What a value of a type is; none where anything goes.
fn kind(data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Null => None,
        DataType::Boolean => Some("a truth value"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some("text"),
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Some("a day"),
        kind if kind.is_numeric() => Some("a number"),
        _ => None,
    }
}

/// What gives another answer at another moment, with other threads, or for
/// another order of the rows.
fn left_to_chance(node: &LogicalPlan) -> Option<Fault> {
    of_node(node).or_else(|| {
        let schema = merge_schema(&node.inputs());
        among_expressions(node, |expr| match expr {
            Expr::ScalarFunction(function) => of_moment(function),
            Expr::AggregateFunction(function) => of_aggregate(function, &schema),
            Expr::WindowFunction(function) => of_window(function, &schema),
            _ => None,
        })
    })
}

fn of_node(node: &LogicalPlan) -> Option<Fault> {
    let (word, message) = match node {
        LogicalPlan::Limit(limit) if !is_sorted(&limit.input) => {
            ("limit", "takes some rows, and no `order by` says which")
        }
        LogicalPlan::Distinct(Distinct::On(on)) if on.sort_expr.is_none() => {
            ("distinct", "`distinct on` takes some rows, and no `order by` says which")
        }
        _ => return None,
    };
    Some(fault(&[word], message, "add an `order by` that leaves no ties"))
}

fn is_sorted(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) => true,
        LogicalPlan::Projection(projection) => is_sorted(&projection.input),
        _ => false,
    }
}

fn of_moment(function: &ScalarFunction) -> Option<Fault> {
    let func = &function.func;
    if func.signature().volatility == Volatility::Immutable {
        return None;
    }
    let names: Vec<&str> =
        std::iter::once(func.name()).chain(func.aliases().iter().map(String::as_str)).collect();
    let message = format!("`{}` gives another value each time", func.name());
    Some(fault(&names, &message, "give what it is to be as a parameter of the study"))
}

fn of_aggregate(function: &AggregateFunction, schema: &DFSchema) -> Option<Fault> {
    let is_ordered = !function.params.order_by.is_empty();
    of_aggregation(function.func.name(), &function.params.args, is_ordered, schema)
}

fn of_window(function: &WindowFunction, schema: &DFSchema) -> Option<Fault> {
    let params = &function.params;
    let is_ordered = !params.order_by.is_empty();
    match &function.fun {
        WindowFunctionDefinition::AggregateUDF(func) => {
            of_aggregation(func.name(), &params.args, is_ordered, schema)
        }
        WindowFunctionDefinition::WindowUDF(func) if !is_ordered => Some(fault(
            &[func.name()],
            &format!("`{}` goes by an order, and its window has none", func.name()),
            "add an `order by` that leaves no ties to its `over (…)`",
        )),
        WindowFunctionDefinition::WindowUDF(_) => None,
    }
}

fn of_aggregation(
    name: &str,
    arguments: &[Expr],
    is_ordered: bool,
    schema: &DFSchema,
) -> Option<Fault> {
    let is_double =
        |argument: &Expr| argument.get_type(schema).is_ok_and(|kind| kind.is_floating());
    if name.starts_with("approx_") {
        let message = format!("`{name}` is an estimate, another one with other threads");
        return Some(fault(&[name], &message, "use the exact function"));
    }
    if ORDERED.contains(&name) && !is_ordered {
        let message = format!("`{name}` goes by the order of the rows, and none is given");
        let hint = format!("write `{name}(… order by …)`, with an order that leaves no ties");
        return Some(fault(&[name], &message, &hint));
    }
    if !ORDERLESS.contains(&name) && arguments.iter().any(is_double) {
        let message =
            format!("`{name}` adds up doubles, and their sum depends on the order of the rows");
        return Some(fault(
            &[name, "mean"],
            &message,
            "sum integers or decimals, as `sum(cast(… as decimal(20, 6)))`, and publish a mean \
             as a rate of a sum and a count",
        ));
    }
    None
}

fn fault(words: &[&str], message: &str, hint: &str) -> Fault {
    Fault {
        place: At::Words(words.iter().map(|word| (*word).to_owned()).collect()),
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}
