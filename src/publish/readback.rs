//! Reads written tables back and compares them, cell by cell, with what was
//! computed. Nothing here is shared with the writers: CSV is taken apart by a
//! reader of its own, Parquet by the records of its library, not by columns.

use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};
use num_bigint::BigInt;
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use crate::error::{Error, IoContext, Result};

/// One cell, whatever file it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Null,
    Text(String),
    Truth(bool),
    /// Days since 1 January 1970.
    Day(i32),
    /// Units of the last decimal, and how many decimals there are.
    Number(BigInt, u32),
}

/// Compares a CSV file with the table that it was written from.
///
/// # Errors
/// [`Error::Lake`] where a cell differs; [`Error::Io`].
pub(super) fn csv(path: &Path, table: &RecordBatch) -> Result<()> {
    let text = std::fs::read_to_string(path).at("read", path)?;
    let misread = |message: &str| differs(path, message);
    let mut records = records(&text).ok_or_else(|| misread("its quotes do not close"))?.into_iter();
    let names: Vec<Option<String>> =
        table.schema().fields().iter().map(|field| Some(field.name().clone())).collect();
    if records.next() != Some(names) {
        return Err(misread("its header names other columns"));
    }
    let schema = table.schema();
    let kinds: Vec<&DataType> = schema.fields().iter().map(|field| field.data_type()).collect();
    let typed = |record: Vec<Option<String>>| -> Option<Vec<Cell>> {
        (record.len() == kinds.len()).then_some(())?;
        record.into_iter().zip(&kinds).map(|(field, kind)| csv_cell(field, kind)).collect()
    };
    compare(path, table, records.map(typed))
}

/// The header and the records of a CSV file of a release, as texts.
///
/// # Errors
/// [`Error::Lake`] for a file that is none; [`Error::Io`].
pub(super) fn texts(path: &Path) -> Result<Vec<Vec<Option<String>>>> {
    let text = std::fs::read_to_string(path).at("read", path)?;
    records(&text).ok_or_else(|| differs(path, "its quotes do not close"))
}

/// Compares a Parquet file with the table that it was written from.
///
/// # Errors
/// [`Error::Lake`] where a cell differs; [`Error::Io`].
pub(super) fn parquet(path: &Path, table: &RecordBatch) -> Result<()> {
    let file = std::fs::File::open(path).at("read", path)?;
    let unreadable = || differs(path, "cannot be read as Parquet");
    let reader = SerializedFileReader::new(file).map_err(|_| unreadable())?;
    let columns = reader.metadata().file_metadata().schema_descr();
    let names: Vec<&str> = columns.columns().iter().map(|column| column.name()).collect();
    let schema = table.schema();
    if !names.iter().eq(schema.fields().iter().map(|field| field.name())) {
        return Err(differs(path, "has other columns"));
    }
    let rows = reader.get_row_iter(None).map_err(|_| unreadable())?;
    let cells = rows.map(|row| {
        row.ok()?.into_columns().into_iter().map(|(_, field)| parquet_cell(field)).collect()
    });
    compare(path, table, cells)
}

fn compare(
    path: &Path,
    table: &RecordBatch,
    rows: impl Iterator<Item = Option<Vec<Cell>>>,
) -> Result<()> {
    let columns: Vec<Vec<Cell>> = table.columns().iter().map(computed).collect::<Result<_>>()?;
    let mut count = 0;
    for (row, cells) in rows.enumerate() {
        let fault = || differs(path, &format!("row {} is not one of the table", row + 1));
        let cells = cells.ok_or_else(fault)?;
        for ((column, cell), field) in columns.iter().zip(&cells).zip(table.schema().fields()) {
            if column.get(row) != Some(cell) {
                let name = field.name();
                let message = format!("row {}, column {name}: not as it was computed", row + 1);
                return Err(differs(path, &message));
            }
        }
        count += 1;
    }
    if count == table.num_rows() {
        return Ok(());
    }
    Err(differs(path, &format!("has {count} rows of {}", table.num_rows())))
}

fn differs(path: &Path, message: &str) -> Error {
    let message = format!("reads back otherwise than it was written: {message}");
    Error::Lake { path: path.to_path_buf(), message }
}

/// The cells of a computed column.
fn computed(column: &ArrayRef) -> Result<Vec<Cell>> {
    let unwritten = || Error::internal(format!("no release holds {}", column.data_type()));
    fn cells<T>(values: impl Iterator<Item = Option<T>>, cell: impl Fn(T) -> Cell) -> Vec<Cell> {
        values.map(|value| value.map_or(Cell::Null, &cell)).collect()
    }
    Ok(match column.data_type() {
        DataType::Utf8 => cells(column.as_string::<i32>().iter(), |v| Cell::Text(v.to_owned())),
        DataType::Boolean => cells(column.as_boolean().iter(), Cell::Truth),
        DataType::Date32 => cells(column.as_primitive::<Date32Type>().iter(), Cell::Day),
        DataType::Decimal128(_, scale) => {
            let scale = u32::try_from(*scale).map_err(|_| unwritten())?;
            let values = column.as_primitive::<Decimal128Type>().iter();
            cells(values, |value| Cell::Number(value.into(), scale))
        }
        kind if kind.is_integer() => {
            let integers = cast(column, &DataType::Int64).map_err(|_| unwritten())?;
            if integers.null_count() != column.null_count() {
                return Err(unwritten());
            }
            let values = integers.as_primitive::<Int64Type>().iter();
            cells(values, |value| Cell::Number(value.into(), 0))
        }
        _ => return Err(unwritten()),
    })
}

/// A field of CSV by its column's type; none where it cannot be one.
fn csv_cell(field: Option<String>, kind: &DataType) -> Option<Cell> {
    let Some(text) = field else { return Some(Cell::Null) };
    Some(match kind {
        DataType::Utf8 => Cell::Text(text),
        DataType::Boolean => Cell::Truth(text.parse().ok()?),
        DataType::Date32 => {
            let day: jiff::civil::Date = text.parse().ok()?;
            let epoch = jiff::civil::Date::constant(1970, 1, 1);
            Cell::Day(epoch.until(day).ok()?.get_days())
        }
        _ => {
            let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
            let scale = u32::try_from(decimals.len()).ok()?;
            Cell::Number(format!("{whole}{decimals}").parse().ok()?, scale)
        }
    })
}

fn parquet_cell(field: Field) -> Option<Cell> {
    let whole = |value: i64| Cell::Number(value.into(), 0);
    Some(match field {
        Field::Null => Cell::Null,
        Field::Str(text) => Cell::Text(text),
        Field::Bool(truth) => Cell::Truth(truth),
        Field::Date(day) => Cell::Day(day),
        Field::Byte(value) => whole(value.into()),
        Field::Short(value) => whole(value.into()),
        Field::Int(value) => whole(value.into()),
        Field::Long(value) => whole(value),
        Field::UByte(value) => whole(value.into()),
        Field::UShort(value) => whole(value.into()),
        Field::UInt(value) => whole(value.into()),
        Field::ULong(value) => Cell::Number(value.into(), 0),
        Field::Decimal(decimal) => decimal_cell(&decimal)?,
        _ => return None,
    })
}

fn decimal_cell(decimal: &Decimal) -> Option<Cell> {
    let scale = u32::try_from(decimal.scale()).ok()?;
    Some(Cell::Number(BigInt::from_signed_bytes_be(decimal.data()), scale))
}

/// The records of a CSV text, none where a quote stays open. A field without a
/// character is none, one of quotes alone is a text: no reader of CSV at hand
/// tells the two apart, and the release means different things by them.
fn records(text: &str) -> Option<Vec<Vec<Option<String>>>> {
    let mut records = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut record = Vec::new();
        loop {
            let (field, behind) = field(rest)?;
            record.push(field);
            match behind.strip_prefix(',') {
                Some(next) => rest = next,
                None => {
                    rest = behind.strip_prefix('\n')?;
                    break;
                }
            }
        }
        records.push(record);
    }
    Some(records)
}

/// The first field of a text, and what stands behind it.
fn field(text: &str) -> Option<(Option<String>, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n'])?;
        let (field, behind) = text.split_at(end);
        return Some(((!field.is_empty()).then(|| field.to_owned()), behind));
    };
    let mut field = String::new();
    loop {
        let end = rest.find('"')?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((Some(field), rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};

    use super::*;
    use crate::lake::TableWriter;
    use crate::publish::csv::to_csv;

    fn table() -> RecordBatch {
        let share = Decimal128Array::from(vec![Some(520_002_500_000), None, Some(-5)])
            .with_precision_and_scale(38, 6)
            .unwrap();
        let text = StringArray::from(vec![Some("a, \"b\"\nc"), Some(""), None]);
        RecordBatch::try_from_iter([
            ("text", Arc::new(text) as ArrayRef),
            ("share", Arc::new(share)),
            ("count", Arc::new(Int64Array::from(vec![Some(1), None, Some(i64::MIN)]))),
            ("known", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
            ("day", Arc::new(Date32Array::from(vec![Some(0), None, Some(-17_440)]))),
        ])
        .unwrap()
    }

    fn written(text: &str, table: &RecordBatch) -> Result<()> {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        csv(&path, table)
    }

    fn parquet_of(stored: &RecordBatch, table: &RecordBatch) -> Result<()> {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("t.parquet");
        let mut writer = TableWriter::create(&path, 0o600, &stored.schema(), &[], 1).unwrap();
        writer.write(stored).unwrap();
        writer.finish().unwrap();
        parquet(&path, table)
    }

    #[test]
    fn what_is_written_reads_back() {
        let table = table();
        written(&String::from_utf8(to_csv(&table).unwrap()).unwrap(), &table).unwrap();
        parquet_of(&table, &table).unwrap();
        let none = table.slice(0, 0);
        written(&String::from_utf8(to_csv(&none).unwrap()).unwrap(), &none).unwrap();
        parquet_of(&none, &none).unwrap();
    }

    #[test]
    fn every_change_of_a_csv_file_is_found() {
        let table = table();
        let text = String::from_utf8(to_csv(&table).unwrap()).unwrap();
        let changes = [
            ("520002.500000", "520002.500001"),
            ("520002.500000", "520002.5"),
            ("520002.500000", "520.002500"),
            ("\"\"\nc\"", "\"\"c\""),
            // A text without characters is no null, nor the other way round.
            ("\n\"\",", "\n,"),
            ("\n,-0.000005", "\n\"\",-0.000005"),
            ("-0.000005", "0.000005"),
            ("true", "false"),
            ("false", ""),
            ("1970-01-01", "1970-01-02"),
            ("-9223372036854775808", "9223372036854775807"),
            ("text,share", "text,rate"),
            ("\"a, ", "a, "),
        ];
        for (old, new) in changes {
            assert_eq!(text.matches(old).count(), 1, "{old:?}");
            let error = written(&text.replace(old, new), &table).unwrap_err();
            assert!(error.to_string().contains("reads back otherwise"), "{old:?}: {error}");
        }
        let (short, _) = text.trim_end().rsplit_once('\n').unwrap();
        assert!(written(&format!("{short}\n"), &table).is_err(), "a row less");
        assert!(written(&format!("{text},,,,\n"), &table).is_err(), "a row more");
    }

    #[test]
    fn a_figure_that_a_parquet_file_cuts_is_found() {
        // Set unchecked into nine digits, which are stored in 32 bits.
        let wages = |value: i128| {
            let wage = Decimal128Array::from(vec![value]).with_precision_and_scale(9, 6).unwrap();
            RecordBatch::try_from_iter([("wage", Arc::new(wage) as ArrayRef)]).unwrap()
        };
        parquet_of(&wages(52_000_250), &wages(52_000_250)).unwrap();
        let error = parquet_of(&wages(52_000_250_000), &wages(52_000_250_000)).unwrap_err();
        assert!(error.to_string().contains("row 1, column wage: not as it was computed"));
        let table = table();
        assert!(parquet_of(&table.slice(0, 2), &table).is_err(), "a row less");
        assert!(parquet_of(&table, &table.slice(0, 2)).is_err(), "a row more");
        assert!(parquet_of(&table.project(&[0, 1, 2, 4]).unwrap(), &table).is_err());
    }
}
