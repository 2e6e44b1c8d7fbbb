//! Turns the inner cells of an `out` table into the table as published: totals
//! added up, rates computed from published counts, inside columns left out.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Decimal128Type, Field, Int64Type, Schema};
use datafusion::common::DataFusionError;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{max, min, sum};
use datafusion::logical_expr::{Expr, cast as cast_expr, ident, lit, when};

use crate::error::{Error, Result};
use crate::pipeline::study::Published;
use crate::session::{Engine, TableView, failure_kind};

/// The code of a row that adds up a dimension.
pub const TOTAL: &str = "total";

/// Digits behind the point of a published rate.
const RATE_SCALE: i8 = 6;
const RATE_PRECISION: u8 = 9;

/// Computes one published table: dimensions, attributes, measures and rates, in
/// this order, sorted by the dimensions with nulls first.
///
/// # Errors
/// [`Error::Model`] where the engine fails on the table.
pub async fn published_table(
    engine: &Engine,
    view: TableView,
    published: &Published,
) -> Result<RecordBatch> {
    let table = view.table.clone();
    let failed = |error: DataFusionError| {
        engine.spill_failure(&error).unwrap_or_else(|| Error::Model {
            slice: table.to_string(),
            sql: "publication".to_owned(),
            message: failure_kind(&error),
            hint: None,
        })
    };
    let context = engine.context(std::slice::from_ref(&view), false)?;
    let reference =
        datafusion::common::TableReference::partial(table.layer.as_str(), table.name.as_str());
    let inner = context.table(reference).await.map_err(failed)?;
    let frame = with_totals(inner, &view.schema, published).map_err(failed)?;
    let order = published.dimensions.iter().map(|name| ident(name).sort(true, true)).collect();
    let frame = frame.sort(order).map_err(failed)?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await.map_err(failed)?;
    let cells = concat_batches(&schema, &batches)
        .map_err(|_| Error::internal(format!("{table}: batches do not fit together")))?;
    with_rates(&cells, published)
        .map_err(|_| Error::internal(format!("{table}: rates cannot be computed")))
}

/// The inner cells and, for every combination of the dimensions that have
/// totals, their sums.
fn with_totals(
    inner: DataFrame,
    schema: &Schema,
    published: &Published,
) -> Result<DataFrame, DataFusionError> {
    let columns = || {
        let parts = [&published.dimensions, &published.attributes, &published.measures];
        parts.into_iter().flatten().map(ident).collect::<Vec<Expr>>()
    };
    let mut all = inner.clone().select(columns())?;
    for subset in 1..1_u32 << published.totals.len() {
        let is_summed = |name: &String| {
            let position = published.totals.iter().position(|total| total == name);
            position.is_some_and(|position| subset & (1 << position) != 0)
        };
        let (summed, kept): (Vec<&String>, Vec<&String>) =
            published.dimensions.iter().partition(|name| is_summed(name));
        let measures = published.measures.iter().map(|name| sum(ident(name)).alias(name));
        let attributes = published.attributes.iter().map(|name| common(name));
        let aggregates = measures.chain(attributes.collect::<Result<Vec<_>, _>>()?).collect();
        let mut sums =
            inner.clone().aggregate(kept.into_iter().map(ident).collect(), aggregates)?;
        for name in summed {
            let total = cast_expr(lit(TOTAL), DataType::Utf8);
            sums = sums.with_column(name, total)?;
        }
        for name in &published.measures {
            let kind = schema.field_with_name(name)?.data_type().clone();
            sums = sums.with_column(name, cast_expr(ident(name), kind))?;
        }
        all = all.union(sums.select(columns())?)?;
    }
    Ok(all)
}

/// An attribute's value where all rows of a sum share it, else null.
fn common(name: &str) -> Result<Expr, DataFusionError> {
    let is_common = min(ident(name)).eq(max(ident(name)));
    Ok(when(is_common, min(ident(name))).end()?.alias(name))
}

fn with_rates(
    cells: &RecordBatch,
    published: &Published,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in cells.schema().fields().iter().zip(cells.columns()) {
        let kind = match field.data_type() {
            DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            other => other.clone(),
        };
        columns.push(cast(column, &kind)?);
        fields.push(Field::new(field.name(), kind, true));
    }
    for (name, (numerator, denominator)) in &published.rates {
        let rates = rates(column(cells, numerator)?, column(cells, denominator)?)?;
        fields.push(Field::new(name, rates.data_type().clone(), true));
        columns.push(Arc::new(rates));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn column<'a>(
    cells: &'a RecordBatch,
    name: &str,
) -> Result<&'a ArrayRef, arrow::error::ArrowError> {
    let missing = || arrow::error::ArrowError::SchemaError(format!("no column {name}"));
    cells.column_by_name(name).ok_or_else(missing)
}

/// Numerator by denominator, rounded half away from zero; null where either is
/// null or the denominator is zero.
fn rates(
    numerator: &ArrayRef,
    denominator: &ArrayRef,
) -> Result<Decimal128Array, arrow::error::ArrowError> {
    let (numerators, numerator_scale) = exact(numerator)?;
    let (denominators, denominator_scale) = exact(denominator)?;
    let rate = |(numerator, denominator): (Option<i128>, Option<i128>)| {
        rate(numerator?, numerator_scale, denominator?, denominator_scale)
    };
    let rates: Decimal128Array = numerators.into_iter().zip(denominators).map(rate).collect();
    rates.with_precision_and_scale(RATE_PRECISION, RATE_SCALE)
}

fn rate(
    numerator: i128,
    numerator_scale: u32,
    denominator: i128,
    denominator_scale: u32,
) -> Option<i128> {
    let shift = 10_i128.checked_pow(RATE_SCALE.unsigned_abs().into())?;
    let top = numerator.checked_mul(10_i128.checked_pow(denominator_scale)?)?.checked_mul(shift)?;
    let bottom = denominator.checked_mul(10_i128.checked_pow(numerator_scale)?)?;
    if bottom == 0 {
        return None;
    }
    let (quotient, rest) = (top / bottom, top % bottom);
    let away = if rest.unsigned_abs() * 2 >= bottom.unsigned_abs() { 1 } else { 0 };
    Some(quotient + away * top.signum() * bottom.signum())
}

/// Exact values with their scale, of a column of integers or decimals.
fn exact(column: &ArrayRef) -> Result<(Vec<Option<i128>>, u32), arrow::error::ArrowError> {
    match column.data_type() {
        DataType::Decimal128(_, scale) => {
            let values = column.as_primitive::<Decimal128Type>().iter().collect();
            Ok((values, u32::try_from(*scale).unwrap_or(0)))
        }
        _ => {
            let integers = cast(column, &DataType::Int64)?;
            let values = integers.as_primitive::<Int64Type>().iter();
            Ok((values.map(|value| value.map(i128::from)).collect(), 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_rounded_half_away_from_zero() {
        assert_eq!(rate(1, 0, 3, 0), Some(333_333));
        assert_eq!(rate(2, 0, 3, 0), Some(666_667));
        assert_eq!(rate(-2, 0, 3, 0), Some(-666_667));
        assert_eq!(rate(1, 0, 2_000_000, 0), Some(1));
        assert_eq!(rate(1, 0, 2_000_001, 0), Some(0));
        assert_eq!(rate(150, 2, 3, 0), Some(500_000));
        assert_eq!(rate(1, 0, 0, 0), None);
    }
}
