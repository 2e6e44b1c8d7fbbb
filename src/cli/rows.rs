//! Prints rows as they come: as a table for people, CSV, or JSON.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

use super::output::{Alignment, print_bytes};
use super::reading::TableForm;
use crate::error::{Error, Result};
use crate::publish::csv::{csv_header, csv_rows};

/// Rows that are printed at one go.
const ROWS_AT_ONCE: usize = 1024;

/// Prints the rows of one table.
pub(super) struct RowPrinter {
    form: TableForm,
    has_begun: bool,
    /// How the columns of a table for people lie; of its first rows, that all
    /// after them keep to.
    alignment: Option<Alignment>,
    /// Rows of a table for people that wait for their alignment, with the header.
    held: Vec<Vec<String>>,
}

impl RowPrinter {
    pub(super) fn new(form: TableForm) -> Self {
        RowPrinter { form, has_begun: false, alignment: None, held: Vec::new() }
    }

    /// Prints the next rows, the first time with the names of the columns, also
    /// where there are no rows; breaks where nobody reads on.
    ///
    /// # Errors
    /// [`Error::Output`] for anything but a closed pipe; [`Error::Internal`] for
    /// columns that cannot be shown.
    pub(super) fn print(&mut self, batch: &RecordBatch) -> Result<ControlFlow<()>> {
        if !std::mem::replace(&mut self.has_begun, true) && self.begin(batch)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        for start in (0..batch.num_rows()).step_by(ROWS_AT_ONCE) {
            let rows = batch.slice(start, ROWS_AT_ONCE.min(batch.num_rows() - start));
            let printed = match self.form {
                TableForm::Table => self.print_aligned(&rows),
                TableForm::Csv => print_bytes(&csv_rows(&rows)?),
                TableForm::Json => print_bytes(json_lines(&rows)?.as_bytes()),
            };
            if printed?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Prints what waits.
    ///
    /// # Errors
    /// [`Error::Output`].
    pub(super) fn finish(mut self) -> Result<()> {
        self.print_held().map(|_| ())
    }

    fn begin(&mut self, batch: &RecordBatch) -> Result<ControlFlow<()>> {
        let schema = batch.schema();
        match self.form {
            TableForm::Table => {
                self.held.push(schema.fields().iter().map(|field| field.name().clone()).collect());
                Ok(ControlFlow::Continue(()))
            }
            TableForm::Csv => print_bytes(&csv_header(&schema)),
            TableForm::Json => Ok(ControlFlow::Continue(())),
        }
    }

    fn print_aligned(&mut self, rows: &RecordBatch) -> Result<ControlFlow<()>> {
        self.held.extend(text_rows(rows)?);
        match self.alignment.is_none() && self.held.len() <= ROWS_AT_ONCE {
            true => Ok(ControlFlow::Continue(())),
            false => self.print_held(),
        }
    }

    fn print_held(&mut self) -> Result<ControlFlow<()>> {
        let rows = std::mem::take(&mut self.held);
        let alignment = self.alignment.get_or_insert_with(|| Alignment::of(&rows));
        print_bytes(alignment.lines(&rows).as_bytes())
    }
}

/// Rows as text; a null is empty.
fn text_rows(batch: &RecordBatch) -> Result<Vec<Vec<String>>> {
    let options = FormatOptions::default().with_null("");
    let formatters = formatters(batch, &options)?;
    let row = |row| formatters.iter().map(|column| column.value(row).to_string()).collect();
    Ok((0..batch.num_rows()).map(row).collect())
}

fn formatters<'a>(
    batch: &'a RecordBatch,
    options: &'a FormatOptions<'a>,
) -> Result<Vec<ArrayFormatter<'a>>> {
    let formatter = |column: &'a ArrayRef| {
        ArrayFormatter::try_new(column.as_ref(), options)
            .map_err(|_| Error::internal("a column of this type cannot be shown"))
    };
    batch.columns().iter().map(formatter).collect()
}

/// Rows as JSON objects, one a line: numbers and truth values as such, the rest
/// as text.
fn json_lines(batch: &RecordBatch) -> Result<String> {
    let options = FormatOptions::default().with_null("");
    let formatters = formatters(batch, &options)?;
    let schema = batch.schema();
    let row = |row: usize| {
        let entry = |(index, field): (usize, &Arc<Field>)| {
            let is_null = batch.column(index).is_null(row);
            let text = formatters.get(index).map(|f| f.value(row).to_string()).unwrap_or_default();
            let kind = field.data_type();
            let is_bare = kind.is_numeric() || *kind == DataType::Boolean;
            let bare = || serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.clone()));
            let value = match (is_null, is_bare) {
                (true, _) => Value::Null,
                (false, true) => bare(),
                (false, false) => Value::from(text.clone()),
            };
            (field.name().clone(), value)
        };
        let object = schema.fields().iter().enumerate().map(entry).collect::<Map<_, _>>();
        format!("{}\n", Value::Object(object))
    };
    Ok((0..batch.num_rows()).map(row).collect())
}
