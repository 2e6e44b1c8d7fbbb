//! Turns the inner cells of an `out` table into the table as published: totals
//! added up, rates computed from published counts, inside columns left out.
//! Every figure is exact, or the table is refused.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::row::{RowConverter, SortField};
use datafusion::common::DataFusionError;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, max, min, sum};
use datafusion::logical_expr::{Expr, cast as cast_expr, ident, lit, when};

use super::figures::{Figures, Unheld, WIDE_DIGITS, quotients, settled};
use crate::error::{Error, Result};
use crate::pipeline::TableName;
use crate::pipeline::published::{Family, Published};
use crate::session::{Engine, TableView};

/// Digits that a sum may have more than its summands, as in SQL.
const SUM_DIGITS: u8 = 10;

/// Computes one published table: dimensions, attributes, measures, the inside
/// columns that protection needs, and rates, in this order, sorted by the
/// dimensions with nulls first.
///
/// Integer measures are `Int64`; decimals have their scale, and ten digits more
/// than the SQL gives them where the table has totals; rates are
/// `decimal(38, decimals)`. A total adds the cells that are not null and is null
/// where none is; an attribute stands in it where all its rows have the same.
///
/// # Errors
/// [`Error::Publication`] for what cannot be published right: a cell that comes
/// twice, the code of totals among the data, a figure too large for its type, a
/// row of no known family. [`Error::Model`] where the engine fails on the table.
pub async fn published_table(
    engine: &Engine,
    view: TableView,
    published: &Published,
) -> Result<RecordBatch> {
    let table = view.table.clone();
    let name = table.to_string();
    let failed = |error: DataFusionError| engine.query_failure(&error, &name, "publication");
    let context = engine.context(std::slice::from_ref(&view), false)?;
    let inner = context.table(reference(&table)).await.map_err(failed)?;
    let inner = inner.select(columns(published)).map_err(failed)?;
    let cells = collected(inner, published).await.map_err(failed)?;
    let publication = Publication { table: &table, published };
    publication.refuse_total_code(&cells)?;
    publication.refuse_twice(&cells)?;
    let context = engine.memory_context(vec![(table.clone(), widened(&cells, published)?)])?;
    let inner = context.table(reference(&table)).await.map_err(failed)?;
    // Nothing adds up to nothing, not to a row of its own.
    let all = match cells.num_rows() {
        0 => inner,
        _ => with_totals(inner, published).map_err(failed)?,
    };
    let all = collected(all, published).await.map_err(failed)?;
    let all = publication.settle(&all, cells.schema().as_ref())?;
    publication.refuse_other_families(&all)?;
    Ok(all)
}

fn reference(table: &TableName) -> datafusion::common::TableReference {
    datafusion::common::TableReference::partial(table.layer.as_str(), table.name.as_str())
}

/// Dimensions, attributes, measures, and what protection needs.
fn columns(published: &Published) -> Vec<Expr> {
    let parts = [&published.dimensions, &published.attributes, &published.measures];
    let parts = parts.into_iter().flatten().chain(published.protection_columns());
    parts.map(ident).collect()
}

/// The rows in the order of the dimensions.
async fn collected(
    frame: DataFrame,
    published: &Published,
) -> Result<RecordBatch, DataFusionError> {
    let order = published.dimensions.iter().map(|name| ident(name).sort(true, true)).collect();
    let frame = frame.sort(order)?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await?;
    Ok(concat_batches(&schema, &batches)?)
}

/// The cells with measures in a type in which no sum of them overflows.
fn widened(cells: &RecordBatch, published: &Published) -> Result<RecordBatch> {
    let unwidened = || Error::internal("a measure has no wide type");
    let schema = cells.schema();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in schema.fields().iter().zip(cells.columns()) {
        let kind = match (published.measures.contains(field.name()), field.data_type()) {
            (false, kind) => kind.clone(),
            (true, DataType::Decimal128(_, scale)) => DataType::Decimal256(WIDE_DIGITS, *scale),
            (true, kind) if kind.is_integer() => DataType::Decimal256(WIDE_DIGITS, 0),
            (true, _) => return Err(unwidened()),
        };
        columns.push(cast(column, &kind).map_err(|_| unwidened())?);
        fields.push(Field::new(field.name(), kind, true));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|_| unwidened())
}

/// The inner cells and, for every combination of the dimensions that have
/// totals, their sums.
fn with_totals(inner: DataFrame, published: &Published) -> Result<DataFrame, DataFusionError> {
    let mut all = inner.clone();
    for subset in 1..1_u32 << published.totals.len() {
        let is_summed = |name: &String| {
            let position = published.totals.iter().position(|total| total == name);
            position.is_some_and(|position| subset & (1 << position) != 0)
        };
        let (summed, kept): (Vec<&String>, Vec<&String>) =
            published.dimensions.iter().partition(|name| is_summed(name));
        let measures = published.measures.iter().map(|name| sum(ident(name)).alias(name));
        let attributes = published.attributes.iter().map(|name| common(name));
        let inside = published.protection_columns().map(|name| match published.is_distinct(name) {
            // Of distinct numbers only the greatest is certain.
            true => max(ident(name)).alias(name),
            false => sum(ident(name)).alias(name),
        });
        let attributes = attributes.collect::<Result<Vec<_>, _>>()?;
        let aggregates = measures.chain(attributes).chain(inside).collect();
        let mut sums =
            inner.clone().aggregate(kept.into_iter().map(ident).collect(), aggregates)?;
        for name in summed {
            let total = cast_expr(lit(published.total_code.as_str()), DataType::Utf8);
            sums = sums.with_column(name, total)?;
        }
        all = all.union(sums.select(columns(published))?)?;
    }
    Ok(all)
}

/// An attribute's value where all rows of a sum have it, else null.
fn common(name: &str) -> Result<Expr, DataFusionError> {
    let value = || ident(name);
    let is_everywhere = count(value()).eq(count(lit(1)));
    let is_common = is_everywhere.and(min(value()).eq(max(value())));
    Ok(when(is_common, min(value())).end()?.alias(name))
}

/// A declaration while its table is computed.
struct Publication<'a> {
    table: &'a TableName,
    published: &'a Published,
}

impl Publication<'_> {
    fn refused(&self, message: String) -> Error {
        Error::Publication { table: self.table.to_string(), message, hint: None }
    }

    fn refuse_total_code(&self, cells: &RecordBatch) -> Result<()> {
        let code = &self.published.total_code;
        for name in &self.published.totals {
            let column =
                cells.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
            let column = column.ok_or_else(|| Error::internal("a total over no text"))?;
            let count = column.iter().filter(|value| *value == Some(code)).count();
            if count > 0 {
                let message = format!(
                    "the code `{code}` of totals stands in the data of `{name}` ({count} rows): a \
                     total and a cell could not be told apart"
                );
                return Err(self.refused(message).with_hint(format!(
                    "give `total_code = \"…\"` under [publish.{}], or write another code in the SQL",
                    self.table.name
                )));
            }
        }
        Ok(())
    }

    /// One row a cell, over all years.
    fn refuse_twice(&self, cells: &RecordBatch) -> Result<()> {
        let fault = |_| Error::internal("rows cannot be compared");
        let dimensions: Vec<ArrayRef> = self.dimensions(cells).cloned().collect();
        if dimensions.is_empty() {
            return match cells.num_rows() {
                0 | 1 => Ok(()),
                rows => Err(self.refused(format!("has {rows} rows and no dimension"))),
            };
        }
        let fields = dimensions.iter().map(|column| SortField::new(column.data_type().clone()));
        let converter = RowConverter::new(fields.collect()).map_err(fault)?;
        let rows = converter.convert_columns(&dimensions).map_err(fault)?;
        let is_twice = |row: &usize| rows.row(*row) == rows.row(*row - 1);
        match (1..rows.num_rows()).find(is_twice) {
            None => Ok(()),
            Some(row) => Err(self
                .refused(format!("two rows are one cell: {}", self.row_words(cells, row)))
                .with_hint("a slice's year, too, must be a dimension where slices are published")),
        }
    }

    fn dimensions<'a>(&'a self, cells: &'a RecordBatch) -> impl Iterator<Item = &'a ArrayRef> {
        self.published.dimensions.iter().filter_map(|name| cells.column_by_name(name))
    }

    /// A row by its dimensions, which are published with it.
    fn row_words(&self, cells: &RecordBatch, row: usize) -> String {
        let value = |name: &String| {
            let column = cells.column_by_name(name)?;
            let value = arrow::util::display::array_value_to_string(column, row).ok()?;
            let value = if column.is_null(row) { "null" } else { value.as_str() };
            Some(format!("{name} {value}"))
        };
        let words: Vec<String> = self.published.dimensions.iter().filter_map(value).collect();
        words.join(", ")
    }

    /// The table in the types that are published, with its rates; `inner` has
    /// the types of the SQL.
    fn settle(&self, all: &RecordBatch, inner: &Schema) -> Result<RecordBatch> {
        let mut fields: Vec<Field> = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        let mut add = |name: &str, column: ArrayRef| {
            fields.push(Field::new(name, column.data_type().clone(), true));
            columns.push(column);
        };
        for field in inner.fields() {
            let name = field.name();
            let column = self.column(all, name)?;
            if !self.published.measures.contains(name) {
                add(name, Arc::clone(column));
                continue;
            }
            let kind = self.measure_type(field.data_type());
            let measure = settled(&self.figures(all, name)?, &kind);
            add(name, measure.map_err(|unheld| self.unheld(all, name, &unheld))?);
        }
        for rate in &self.published.rates {
            let (above, below) =
                (self.figures(all, &rate.numerator)?, self.figures(all, &rate.denominator)?);
            let rates = quotients(&above, &below, rate.decimals);
            add(&rate.name, rates.map_err(|unheld| self.unheld(all, &rate.name, &unheld))?);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|_| Error::internal(format!("{}: columns do not fit together", self.table)))
    }

    fn measure_type(&self, kind: &DataType) -> DataType {
        let more = if self.published.totals.is_empty() { 0 } else { SUM_DIGITS };
        match kind {
            DataType::Decimal128(precision, scale) => {
                let most = arrow::datatypes::DECIMAL128_MAX_PRECISION;
                DataType::Decimal128(precision.saturating_add(more).min(most), *scale)
            }
            _ => DataType::Int64,
        }
    }

    fn column<'a>(&self, cells: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
        let missing = || Error::internal(format!("{}: no column {name}", self.table));
        cells.column_by_name(name).ok_or_else(missing)
    }

    fn figures<'a>(&self, cells: &'a RecordBatch, name: &str) -> Result<Figures<'a>> {
        let unfit = || Error::internal(format!("{}: {name} is not wide", self.table));
        Figures::of(self.column(cells, name)?).ok_or_else(unfit)
    }

    fn unheld(&self, cells: &RecordBatch, column: &str, unheld: &Unheld) -> Error {
        let row = self.row_words(cells, unheld.row);
        let message = format!("the column `{column}` is too large for {} in: {row}", unheld.kind);
        self.refused(message).with_hint("publish it in a larger unit, or with fewer decimals")
    }

    fn refuse_other_families(&self, all: &RecordBatch) -> Result<()> {
        let Family::ByRow(column) = &self.published.family else { return Ok(()) };
        let families = self.column(all, column)?.as_string_opt::<i32>();
        let families = families.ok_or_else(|| Error::internal("a family that is no text"))?;
        let is_other = |family: Option<&str>| !family.is_some_and(|it| Family::ALL.contains(&it));
        match families.iter().position(is_other) {
            None => Ok(()),
            Some(row) => Err(self
                .refused(format!(
                    "the column `{column}` names no family in: {}",
                    self.row_words(all, row)
                ))
                .with_hint(
                    "each row is `register`, `survey` or `public`, and a total adds rows of one",
                )),
        }
    }
}
