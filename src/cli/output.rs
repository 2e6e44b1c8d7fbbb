//! Writes data to stdout: tables for people, CSV, JSON. A closed pipe ends the
//! output, not the program.

use std::io::{ErrorKind, Write};

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

use super::reading::TableForm;
use crate::error::{Error, Result};
use crate::publish::csv::to_csv;

/// Writes text to stdout as it is.
///
/// # Errors
/// [`Error::Output`] for anything but a closed pipe.
pub(super) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::Output { source }),
        _ => Ok(()),
    }
}

/// Writes a JSON value, indented.
///
/// # Errors
/// As [`print()`].
pub(super) fn print_json(value: &Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}

/// Writes rows in a form.
///
/// # Errors
/// As [`print()`]; [`Error::Internal`] for columns that cannot be shown.
pub(super) fn print_rows(batch: &RecordBatch, form: TableForm) -> Result<()> {
    match form {
        TableForm::Table => print(&aligned(&text_rows(batch)?)),
        TableForm::Csv => print(&String::from_utf8_lossy(&to_csv(batch)?)),
        TableForm::Json => {
            let rows = json_rows(batch)?;
            let lines = rows.iter().map(|row| format!("{row}\n"));
            print(&lines.collect::<String>())
        }
    }
}

/// Header and rows as text; a null is empty.
fn text_rows(batch: &RecordBatch) -> Result<Vec<Vec<String>>> {
    let options = FormatOptions::default().with_null("");
    let formatters = formatters(batch, &options)?;
    let header = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows: Vec<Vec<String>> = vec![header];
    for row in 0..batch.num_rows() {
        rows.push(formatters.iter().map(|column| column.value(row).to_string()).collect());
    }
    Ok(rows)
}

fn formatters<'a>(
    batch: &'a RecordBatch,
    options: &'a FormatOptions<'a>,
) -> Result<Vec<ArrayFormatter<'a>>> {
    let formatter = |column: &'a arrow::array::ArrayRef| {
        ArrayFormatter::try_new(column.as_ref(), options)
            .map_err(|_| Error::internal("a column of this type cannot be shown"))
    };
    batch.columns().iter().map(formatter).collect()
}

/// Rows as JSON objects: numbers and truth values as such, the rest as text.
pub(super) fn json_rows(batch: &RecordBatch) -> Result<Vec<Value>> {
    let options = FormatOptions::default().with_null("");
    let formatters = formatters(batch, &options)?;
    let schema = batch.schema();
    let row = |row: usize| {
        let entry = |(index, field): (usize, &std::sync::Arc<arrow::datatypes::Field>)| {
            let is_null = batch.column(index).is_null(row);
            let text = formatters.get(index).map(|f| f.value(row).to_string()).unwrap_or_default();
            let kind = field.data_type();
            let is_bare = kind.is_numeric() || *kind == arrow::datatypes::DataType::Boolean;
            let bare = || serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.clone()));
            let value = match (is_null, is_bare) {
                (true, _) => Value::Null,
                (false, true) => bare(),
                (false, false) => Value::from(text.clone()),
            };
            (field.name().clone(), value)
        };
        Value::Object(schema.fields().iter().enumerate().map(entry).collect::<Map<_, _>>())
    };
    Ok((0..batch.num_rows()).map(row).collect())
}

/// Lines up rows of text under their header: numbers to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let cell = |row: &'_ Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let width =
        |column| rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0);
    let is_number = |column| {
        let mut values = rows.iter().skip(1).map(|row| cell(row, column)).filter(|v| !v.is_empty());
        let looks = |value: String| value.parse::<f64>().is_ok();
        values.clone().next().is_some() && values.all(looks)
    };
    let shape: Vec<(usize, bool)> = (0..columns).map(|c| (width(c), is_number(c))).collect();
    let mut text = String::new();
    for row in rows {
        let cells = shape.iter().enumerate().map(|(column, (width, is_number))| {
            let value = cell(row, column);
            if *is_number { format!("{value:>width$}") } else { format!("{value:<width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_text_to_the_left() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = aligned(&[row(["sector", "n"]), row(["a", "5"]), row(["bcd", "123"])]);
        assert_eq!(text, "sector    n\na         5\nbcd     123\n");
    }
}
