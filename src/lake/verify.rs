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

use crate::error::{Error, IoContext, Result};

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
            order.update(&batch.map_err(|_| unreadable())?)?;
        }
    }
    Ok(Verified { content: content_hash(path)?, order: order.order })
}

fn content_hash(path: &Path) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let file = File::open(path).at("open", path)?;
    hasher.update_reader(file).at("read", path)?;
    Ok(hasher.finalize().to_hex().chars().take(32).collect())
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
