//! What stands beside each measure: whether its value is published, and if not,
//! why. A value that is not published is empty, never zero.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, Schema};

use crate::error::{Error, Result};
use crate::pipeline::published::Published;

/// The value stands there.
pub const PUBLISHED: &str = "published";
/// It would say too much, by itself or of another.
pub const SUPPRESSED: &str = "suppressed";
/// It stands there, and rests upon too few observations.
pub const UNRELIABLE: &str = "unreliable";
/// There is no such figure.
pub const NOT_APPLICABLE: &str = "not_applicable";

/// What each status means.
pub const LEGEND: [(&str, &str); 4] = [
    (PUBLISHED, "the value stands there"),
    (SUPPRESSED, "the value would say too much of somebody, by itself or of another"),
    (UNRELIABLE, "the value stands there, and rests upon too few observations"),
    (NOT_APPLICABLE, "there is no such figure"),
];

/// What is said of each measure of a table.
struct Measures<'a> {
    batch: &'a RecordBatch,
    published: &'a Published,
    /// Whether a measure of a row is shown: a count, or a figure by itself.
    is_shown: &'a dyn Fn(usize, &str) -> bool,
}

/// The table as it may leave: values that are not shown are empty, and a column
/// `<measure>_status` stands beside each measure and rate. Inside columns go.
///
/// # Errors
/// [`Error::Internal`] for a table without its columns.
pub fn with_statuses(
    batch: &RecordBatch,
    published: &Published,
    is_shown: &dyn Fn(usize, &str) -> bool,
) -> Result<RecordBatch> {
    let measures = Measures { batch, published, is_shown };
    let is_inside = |name: &String| published.protection_columns().any(|it| it == name);
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let schema = batch.schema();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let name = field.name();
        if is_inside(name) {
            continue;
        }
        let unfit = |_| Error::internal(format!("{name}: values and statuses do not fit"));
        let Some(rests_on) = measures.rests_on(name) else {
            let Some(is_hidden) = measures.hidden_attributes(name) else {
                fields.push(field.as_ref().clone());
                columns.push(Arc::clone(column));
                continue;
            };
            fields.push(field.as_ref().clone().with_nullable(true));
            columns.push(nullif(column, &is_hidden).map_err(unfit)?);
            continue;
        };
        let statuses = measures.statuses(name, column, &rests_on)?;
        let is_hidden: BooleanArray =
            statuses.iter().map(|status| Some(status == Some(SUPPRESSED))).collect();
        fields.push(field.as_ref().clone().with_nullable(true));
        columns.push(nullif(column, &is_hidden).map_err(unfit)?);
        fields.push(Field::new(format!("{name}_status"), DataType::Utf8, true));
        columns.push(Arc::new(statuses));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|_| Error::internal("a table and its statuses do not fit"))
}

/// The table without its inside columns.
///
/// # Errors
/// [`Error::Internal`] for a table without its columns.
pub fn without_inside(batch: &RecordBatch, published: &Published) -> Result<RecordBatch> {
    let schema = batch.schema();
    let is_inside = |name: &String| published.protection_columns().any(|it| it == name);
    let kept = (0..batch.num_columns()).filter(|it| !is_inside(schema.field(*it).name()));
    batch.project(&kept.collect::<Vec<_>>()).map_err(|_| Error::internal("columns do not fit"))
}

impl Measures<'_> {
    /// The counts that a measure or rate tells; none for another column.
    fn rests_on(&self, name: &str) -> Option<Vec<&str>> {
        if let Some(rate) = self.published.rates.iter().find(|rate| rate.name == name) {
            return Some(vec![&rate.numerator, &rate.denominator]);
        }
        let name = self.published.measures.iter().find(|measure| *measure == name)?;
        let Some(protection) = &self.published.protection else { return Some(Vec::new()) };
        if let Some(count) = protection.sums.get(name) {
            return Some(vec![count]);
        }
        let figures = protection.figures.get(name);
        Some(
            figures
                .map_or_else(|| vec![name.as_str()], |of| of.iter().map(String::as_str).collect()),
        )
    }

    /// Where an attribute would tell what is not shown; none for one that tells
    /// nothing of counts.
    fn hidden_attributes(&self, name: &str) -> Option<BooleanArray> {
        let of = self.published.protection.as_ref()?.attribute_of(name)?;
        let is_hidden = |row: usize| !of.iter().all(|count| (self.is_shown)(row, count));
        Some((0..self.batch.num_rows()).map(|row| Some(is_hidden(row))).collect())
    }

    fn statuses(&self, name: &str, column: &ArrayRef, of: &[&str]) -> Result<StringArray> {
        let protection = self.published.protection.as_ref();
        let is_count = protection.is_some_and(|it| it.counts.contains_key(name));
        let quality = protection.and_then(|it| it.quality.as_ref()).filter(|_| !is_count);
        let quality = quality.map(|it| {
            let column = self.batch.column_by_name(it).and_then(|it| it.as_boolean_opt());
            column.ok_or_else(|| Error::internal(format!("{it} says nothing of quality")))
        });
        let quality = quality.transpose()?;
        let status = |row: usize| {
            if column.is_null(row) {
                return NOT_APPLICABLE;
            }
            let is_shown = |measure: &&str| (self.is_shown)(row, measure);
            if !is_shown(&name) || !of.iter().all(is_shown) {
                return SUPPRESSED;
            }
            match quality.is_some_and(|it| it.is_valid(row) && !it.value(row)) {
                true => UNRELIABLE,
                false => PUBLISHED,
            }
        };
        Ok((0..self.batch.num_rows()).map(|row| Some(status(row))).collect())
    }
}
