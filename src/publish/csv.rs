//! Published tables as CSV: UTF-8, comma, header, LF, quotes as RFC 4180 asks.
//! A null is empty and a text without characters is `""`; decimals have a point
//! and all digits of their scale.

use std::io::Write;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, Result};

/// The table as the text of a CSV file.
///
/// # Errors
/// [`Error::Internal`] for a type that has no form in CSV.
pub fn to_csv(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut csv = csv_header(&batch.schema());
    csv.extend(csv_rows(batch)?);
    Ok(csv)
}

/// The line with the names of the columns.
pub fn csv_header(schema: &Schema) -> Vec<u8> {
    let mut csv = Vec::new();
    for (index, field) in schema.fields().iter().enumerate() {
        separate(&mut csv, index);
        push_text(&mut csv, field.name());
    }
    csv.push(b'\n');
    csv
}

/// The lines of some rows.
///
/// # Errors
/// [`Error::Internal`] for a type that has no form in CSV.
pub fn csv_rows(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut csv = Vec::new();
    let schema = batch.schema();
    let options = FormatOptions::new();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() || field.data_type().is_binary() {
            return Err(unwritable(field.name()));
        }
        let formatter =
            ArrayFormatter::try_new(column, &options).map_err(|_| unwritable(field.name()))?;
        columns.push((column, is_text(field.data_type()), formatter));
    }
    for row in 0..batch.num_rows() {
        for (index, (column, is_text, formatter)) in columns.iter().enumerate() {
            separate(&mut csv, index);
            if column.is_null(row) {
                continue;
            }
            let value = formatter.value(row);
            if *is_text {
                push_text(&mut csv, &value.try_to_string().map_err(|_| unwritable("of text"))?);
            } else {
                write!(csv, "{value}").map_err(|_| unwritable("of numbers"))?;
            }
        }
        csv.push(b'\n');
    }
    Ok(csv)
}

fn unwritable(column: &str) -> Error {
    Error::internal(format!("column {column} cannot be written as CSV"))
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => other.is_string(),
    }
}

fn separate(csv: &mut Vec<u8>, index: usize) {
    if index > 0 {
        csv.push(b',');
    }
}

fn push_text(csv: &mut Vec<u8>, text: &str) {
    if !text.is_empty() && !text.contains(['"', ',', '\n', '\r']) {
        csv.extend_from_slice(text.as_bytes());
        return;
    }
    csv.push(b'"');
    csv.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    csv.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray,
    };

    use super::*;

    #[test]
    fn each_type_has_its_one_form() {
        let share = Decimal128Array::from(vec![Some(400_000), None, Some(-5)])
            .with_precision_and_scale(9, 6)
            .unwrap();
        let text = StringArray::from(vec![Some("a, \"b\"\nc"), Some(""), None]);
        let batch = RecordBatch::try_from_iter([
            ("text", Arc::new(text) as ArrayRef),
            ("share", Arc::new(share)),
            ("count", Arc::new(Int64Array::from(vec![Some(1), None, Some(-3)]))),
            ("known", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
            ("day", Arc::new(Date32Array::from(vec![Some(0), None, Some(17_440)]))),
        ])
        .unwrap();
        assert_eq!(
            String::from_utf8(to_csv(&batch).unwrap()).unwrap(),
            "text,share,count,known,day\n\
             \"a, \"\"b\"\"\nc\",0.400000,1,true,1970-01-01\n\
             \"\",,,false,\n\
             ,-0.000005,-3,,2017-10-01\n"
        );
    }
}
