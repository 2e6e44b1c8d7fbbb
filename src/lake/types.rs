//! The types that the lake stores, one for each kind of value: what the engine
//! happens to choose (views, dictionaries, 32-bit decimals) leaves no trace in
//! files or hashes.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::error::{Error, Result};

/// The type under which values of a type are stored; none where the lake does
/// not store them.
pub fn stored_type(data_type: &DataType) -> Option<DataType> {
    use DataType::*;
    match data_type {
        Boolean | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 | Float32
        | Float64 | Date32 => Some(data_type.clone()),
        Timestamp(TimeUnit::Second, None) => Some(Timestamp(TimeUnit::Millisecond, None)),
        Timestamp(_, None) => Some(data_type.clone()),
        Decimal32(precision, scale)
        | Decimal64(precision, scale)
        | Decimal128(precision, scale)
        | Decimal256(precision, scale)
            if *precision <= 38 && *scale >= 0 =>
        {
            Some(Decimal128(*precision, *scale))
        }
        Utf8 | LargeUtf8 | Utf8View => Some(Utf8),
        Binary | LargeBinary | BinaryView => Some(Binary),
        Dictionary(_, values) => stored_type(values),
        _ => None,
    }
}

/// The name of a stored type in records and hashes.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "text".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Timestamp(TimeUnit::Millisecond, _) => "timestamp(ms)".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, _) => "timestamp(us)".to_owned(),
        DataType::Timestamp(..) => "timestamp(ns)".to_owned(),
        other => other.to_string().to_ascii_lowercase(),
    }
}

/// The schema under which batches are stored: stored types, no metadata, every
/// column nullable (what an engine infers about nulls is not data).
///
/// # Errors
/// [`Error::Lake`] that names the column and `path` for a type that is not
/// stored, for two columns of one name and for a table without columns.
pub fn stored_schema(schema: &Schema, path: &Path) -> Result<SchemaRef> {
    let wrong = |message: String| Error::Lake { path: path.to_path_buf(), message };
    if schema.fields().is_empty() {
        return Err(wrong("a table without columns".to_owned()));
    }
    let mut fields: Vec<Field> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let (name, data_type) = (field.name(), field.data_type());
        let stored = stored_type(data_type).ok_or_else(|| {
            wrong(format!("column {name} is of type {data_type}, which is not stored; cast it"))
        })?;
        if fields.iter().any(|earlier| earlier.name() == name) {
            return Err(wrong(format!("two columns are named {name}")));
        }
        fields.push(Field::new(name, stored, true));
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// A batch in the types of its stored schema.
///
/// # Errors
/// [`Error::Internal`] where the batch is not of the table that `schema` is of.
pub fn stored_batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let given = batch.schema();
    let same_names =
        given.fields().iter().zip(schema.fields()).all(|(left, right)| left.name() == right.name());
    if given.fields().len() != schema.fields().len() || !same_names {
        return Err(Error::internal("a batch has other columns than its table"));
    }
    let columns = batch.columns().iter().zip(schema.fields());
    let columns: Result<Vec<ArrayRef>> =
        columns.map(|(column, field)| stored_array(column, field.data_type())).collect();
    RecordBatch::try_new(schema.clone(), columns?)
        .map_err(|_| Error::internal("a batch does not fit its table"))
}

fn stored_array(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    if column.data_type() == data_type {
        return Ok(column.clone());
    }
    if stored_type(column.data_type()).as_ref() != Some(data_type) {
        return Err(Error::internal(format!(
            "a batch has a column of type {} in place of {data_type}",
            column.data_type()
        )));
    }
    // The text of the error may quote a value.
    cast(column, data_type).map_err(|_| Error::internal(format!("cannot store as {data_type}")))
}
