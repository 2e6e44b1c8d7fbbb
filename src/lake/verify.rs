//! The pass over a finished file, before it may be called a slice: its footer
//! counts the rows that were handed in, they lie in the order of the key, and
//! this is its content hash. What to do about a key that is not unique is left
//! to the stage.

use std::fs::File;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::row::{OwnedRow, RowConverter, SortField};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::trust::content_hash;
use crate::error::{Error, IoContext, Result};
use crate::stop::Stop;

/// Rows read at once.
const BATCH_ROWS: usize = 8192;

/// What the rows of a slice say about its sort key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyOrder {
    /// Rows with the same key as the row before.
    pub duplicate_keys: u64,
    /// The first row whose key is below that of the row before, counted from one.
    pub first_unsorted_row: Option<u64>,
}

impl KeyOrder {
    /// Each key is above the one before.
    pub fn is_strict(&self) -> bool {
        self.duplicate_keys == 0 && self.first_unsorted_row.is_none()
    }
}

/// What the pass over a file found.
pub(crate) struct Verified {
    /// blake3 of the file, 32 hex digits: its bytes depend on the rows and
    /// their order alone.
    pub(crate) content: String,
    pub(crate) order: KeyOrder,
}

/// Reads back of a finished Parquet file what tells that it is whole.
///
/// # Errors
/// [`Error::Io`]; [`Error::Internal`] where it does not hold what was written.
pub(crate) fn verify(
    path: &Path,
    schema: &SchemaRef,
    key: &[String],
    rows_written: u64,
    stop: &Stop,
) -> Result<Verified> {
    let file = File::open(path).at("open", path)?;
    let unreadable = || Error::internal(format!("{} cannot be read back", path.display()));
    #[expect(clippy::disallowed_methods, reason = "the lake opens its own files")]
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| unreadable())?;
    if builder.schema().fields() != schema.fields() {
        return Err(Error::internal(format!("{} has other columns than written", path.display())));
    }
    let footer_rows = u64::try_from(builder.metadata().file_metadata().num_rows()).ok();
    if footer_rows != Some(rows_written) {
        return Err(Error::internal(format!(
            "{rows_written} rows were written to {}, its footer says others",
            path.display()
        )));
    }
    let mut order = OrderCheck::new(schema, key)?;
    if !key.is_empty() {
        let columns =
            ProjectionMask::columns(builder.parquet_schema(), key.iter().map(String::as_str));
        let keys = builder.with_projection(columns).with_batch_size(BATCH_ROWS).build();
        for batch in keys.map_err(|_| unreadable())? {
            stop.check()?;
            order.update(&batch.map_err(|_| unreadable())?)?;
        }
    }
    let content = content_hash(path, stop)?;
    Ok(Verified { content, order: order.order })
}

/// Says whether a file is Parquet of which each page can be read.
pub(super) fn is_readable(path: &Path) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    let Some(file) = is_file.then(|| File::open(path).ok()).flatten() else { return false };
    #[expect(clippy::disallowed_methods, reason = "the lake opens its own files")]
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
    rows.is_ok_and(|mut rows| rows.all(|batch| batch.is_ok()))
}

/// Compares each row's key with the one before.
struct OrderCheck<'a> {
    key: &'a [String],
    converter: RowConverter,
    last: Option<OwnedRow>,
    rows: u64,
    order: KeyOrder,
}

impl<'a> OrderCheck<'a> {
    fn new(schema: &SchemaRef, key: &'a [String]) -> Result<Self> {
        // The default order is ascending with nulls first.
        let field =
            |name: &String| Ok(SortField::new(schema.field_with_name(name)?.data_type().clone()));
        let fields: Result<_, ArrowError> = key.iter().map(field).collect();
        let converter = fields
            .and_then(RowConverter::new)
            .map_err(|_| Error::internal("a sort key has a type that cannot be compared"))?;
        Ok(OrderCheck { key, converter, last: None, rows: 0, order: KeyOrder::default() })
    }

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns = self.key.iter().filter_map(|name| batch.column_by_name(name).cloned());
        let keys = self
            .converter
            .convert_columns(&columns.collect::<Vec<_>>())
            .map_err(|_| Error::internal("a sort key cannot be compared"))?;
        let mut before = self.last.as_ref().map(OwnedRow::row);
        for key in keys.iter() {
            self.rows += 1;
            if let Some(before) = before {
                match before.cmp(&key) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => self.order.duplicate_keys += 1,
                    std::cmp::Ordering::Greater => {
                        self.order.first_unsorted_row.get_or_insert(self.rows);
                    }
                }
            }
            before = Some(key);
        }
        self.last = before.map(|row| row.owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray,
    };
    use arrow::compute::concat_batches;

    use super::super::writer::TableWriter;
    use super::*;
    use crate::durable::files::PRIVATE_FILE;

    /// Writes a file and reads it back.
    fn write(path: &Path, batches: &[RecordBatch], key: &[&str]) -> Verified {
        let mut writer =
            TableWriter::create(path, PRIVATE_FILE, &batches[0].schema(), &[], 2).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        let (schema, rows) = (writer.schema().clone(), writer.rows());
        writer.finish().unwrap();
        let key: Vec<String> = key.iter().map(|column| (*column).to_owned()).collect();
        assert!(
            verify(path, &schema, &key, rows + 1, &Stop::default()).is_err(),
            "rows are counted"
        );
        verify(path, &schema, &key, rows, &Stop::default()).unwrap()
    }

    #[test]
    fn what_is_read_back_is_what_was_written() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("t.parquet");
        // More than a row group, nulls, repeated and long texts, all stored types.
        let rows = 0..1_100_000_i64;
        let texts = rows.clone().map(|row| match row % 7 {
            0 => None,
            1 => Some("x".repeat(row as usize % 300)),
            _ => Some(format!("{}", row % 1_000)),
        });
        let decimals =
            Decimal128Array::from_iter(rows.clone().map(|row| (row % 3 > 0).then_some(row.into())));
        let columns = [
            ("text", Arc::new(StringArray::from_iter(texts)) as ArrayRef),
            (
                "integer",
                Arc::new(Int64Array::from_iter(
                    rows.clone().map(|row| (row % 5 > 0).then_some(-row)),
                )),
            ),
            ("decimal", Arc::new(decimals.with_precision_and_scale(12, 2).unwrap())),
            (
                "date",
                Arc::new(Date32Array::from_iter_values(
                    rows.clone().map(|row| row as i32 % 40_000),
                )),
            ),
            ("flag", Arc::new(BooleanArray::from_iter(rows.map(|row| Some(row % 2 > 0))))),
        ];
        let written = RecordBatch::try_from_iter_with_nullable(
            columns.map(|(name, column)| (name, column, true)),
        )
        .unwrap();
        let parts =
            [written.slice(0, 5), written.slice(5, 700_000), written.slice(700_005, 399_995)];
        write(&path, &parts, &[]);
        #[expect(clippy::disallowed_methods, reason = "reads the file as strangers do")]
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap());
        let read: Vec<RecordBatch> = reader.unwrap().build().unwrap().map(Result::unwrap).collect();
        let read = concat_batches(&read[0].schema(), &read).unwrap();
        assert!(read.columns() == written.columns());
    }

    #[test]
    fn an_order_is_that_of_the_key_whatever_the_place_of_its_columns() {
        let temp = tempfile::tempdir().unwrap();
        let column = |values: [i64; 3]| Arc::new(Int64Array::from(values.to_vec())) as ArrayRef;
        let columns =
            [("a", column([3, 1, 2])), ("b", column([9, 9, 9])), ("c", column([1, 2, 2]))];
        let batch = [RecordBatch::try_from_iter(columns).unwrap()];
        let order = |path: &str, key: &[&str]| write(&temp.path().join(path), &batch, key).order;
        assert!(order("ca", &["c", "a"]).is_strict());
        assert_eq!(order("ac", &["a", "c"]).first_unsorted_row, Some(2));
        assert_eq!(order("c", &["c"]).duplicate_keys, 1);
    }
}
