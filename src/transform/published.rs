//! Holds the declaration of a published table against the columns that its SQL
//! makes: every column declared, every type one that can be added up, compared
//! and written without loss.

use arrow::datatypes::{DataType, Schema};

use super::schemas::need_column;
use crate::error::Result;
use crate::pipeline::published::{Family, Published};
use crate::pipeline::study::Model;

/// Checks a declaration.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake: at the SQL for columns that are
/// not made or not declared, at the declaration for all else.
pub(super) fn check_published(model: &Model, published: &Published, schema: &Schema) -> Result<()> {
    for column in published.columns() {
        need_column(model, schema, column, "its publication")?;
    }
    for field in schema.fields() {
        if !published.columns().any(|column| column == field.name()) {
            let message = format!("the publication does not declare the column `{}`", field.name());
            let mistake = model.query.source.mistake(0, message);
            return Err(mistake.with_hint("a dimension, measure, attribute, or `inside`"));
        }
    }
    let declaration = Declaration { table: model.table.to_string(), published, schema };
    declaration.check_types()?;
    declaration.check_cells(model)
}

struct Declaration<'a> {
    table: String,
    published: &'a Published,
    schema: &'a Schema,
}

impl Declaration<'_> {
    fn check_types(&self) -> Result<()> {
        let published = self.published;
        let wants_code = "a dimension is text, an integer, a boolean or a date: cast it in the SQL";
        for column in &published.dimensions {
            self.need(column, is_code, "dimension", wants_code)?;
        }
        let wants_number = "a measure is an integer or a decimal of at most 38 digits, for sums \
                            of other types are not exact: cast it in the SQL, as \
                            `cast(… as decimal(20, 6))`";
        for column in &published.measures {
            self.need(column, is_exact_number, "measure", wants_number)?;
        }
        let is_attribute = |kind: &DataType| is_code(kind) || is_exact_number(kind);
        let wants_attribute = "an attribute is text, an integer, a decimal, a boolean or a date: \
                               cast it in the SQL";
        for column in &published.attributes {
            self.need(column, is_attribute, "attribute", wants_attribute)?;
        }
        let is_text = |kind: &DataType| *kind == DataType::Utf8;
        if let Family::ByRow(column) = &published.family {
            let wants = "the column of the family holds `register`, `survey` or `public`";
            self.need(column, is_text, "family", wants)?;
        }
        for column in &published.totals {
            if self.kind(column).is_none_or(|kind| !is_text(kind)) {
                let message = format!(
                    "{}: the dimension `{column}` is {}, and only a text can have the code `{}`",
                    self.table,
                    self.words(column),
                    published.total_code
                );
                let hint = format!("cast it in the SQL: `cast({column} as varchar)`");
                return Err(published.mistake_at_total(column, message).with_hint(hint));
            }
        }
        Ok(())
    }

    /// A row of the table is one cell: what tells rows apart is published.
    fn check_cells(&self, model: &Model) -> Result<()> {
        let is_dimension = |column: &&String| self.published.dimensions.contains(column);
        let Some(apart) = model.key.iter().find(|column| !is_dimension(column)) else {
            return Ok(());
        };
        let message = format!(
            "{}: its key has the column `{apart}`, which is no dimension: two rows could be \
             published as one cell",
            self.table
        );
        Err(self.published.mistake(message).with_hint("make it a dimension, or sum over it"))
    }

    fn kind(&self, column: &str) -> Option<&DataType> {
        self.schema.field_with_name(column).ok().map(|field| field.data_type())
    }

    fn words(&self, column: &str) -> String {
        self.kind(column).map(type_words).unwrap_or_default()
    }

    fn need(
        &self,
        column: &str,
        fits: impl Fn(&DataType) -> bool,
        role: &str,
        hint: &str,
    ) -> Result<()> {
        if self.kind(column).is_some_and(fits) {
            return Ok(());
        }
        let (table, words) = (&self.table, self.words(column));
        let message = format!("{table}: the column `{column}` is {words}, which is no {role}");
        Err(self.published.mistake_at(column, message).with_hint(hint))
    }
}

fn is_code(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::Boolean | DataType::Date32) || kind.is_integer()
}

fn is_exact_number(kind: &DataType) -> bool {
    let is_decimal = matches!(kind, DataType::Decimal128(_, scale) if *scale >= 0);
    is_decimal || kind.is_integer()
}

fn type_words(kind: &DataType) -> String {
    match kind {
        DataType::Float32 | DataType::Float64 | DataType::Float16 => "a double".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        DataType::Boolean => "a boolean".to_owned(),
        DataType::Date32 | DataType::Date64 => "a date".to_owned(),
        DataType::Timestamp(..) => "a time".to_owned(),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            format!("a decimal({precision}, {scale})")
        }
        kind if kind.is_integer() => "an integer".to_owned(),
        other => format!("of the type {other}"),
    }
}
