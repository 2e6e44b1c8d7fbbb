//! The pass over a finished file, before it may be called a slice: the rows
//! that were handed in are there, in the order of the key, and this is their
//! content hash. What to do about a key that is not unique is left to the stage.

use std::fs::File;
use std::path::Path;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::row::{OwnedRow, RowConverter, SortField};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::content::ContentHasher;
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
    pub(crate) content: String,
    pub(crate) order: KeyOrder,
}

/// Reads a finished Parquet file back.
///
/// # Errors
/// [`Error::Io`]; [`Error::Internal`] where it does not hold what was written.
pub(crate) fn verify(
    path: &Path,
    schema: &SchemaRef,
    key: &[usize],
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
    let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(|_| unreadable())?;
    let mut content = ContentHasher::new(schema.clone());
    let mut order = OrderCheck::new(schema, key)?;
    let mut rows_read = 0;
    for batch in reader {
        let batch = batch.map_err(|_| unreadable())?;
        rows_read += batch.num_rows() as u64;
        content.update(&batch)?;
        order.update(&batch)?;
    }
    if footer_rows != Some(rows_written) || rows_read != rows_written {
        return Err(Error::internal(format!(
            "{rows_written} rows were written to {}, {rows_read} are there",
            path.display()
        )));
    }
    Ok(Verified { content: content.finish(), order: order.order })
}

/// Compares each row's key with the one before.
struct OrderCheck<'a> {
    key: &'a [usize],
    converter: RowConverter,
    last: Option<OwnedRow>,
    rows: u64,
    order: KeyOrder,
}

impl<'a> OrderCheck<'a> {
    fn new(schema: &SchemaRef, key: &'a [usize]) -> Result<Self> {
        // The default order is ascending with nulls first.
        let fields =
            key.iter().map(|index| SortField::new(schema.field(*index).data_type().clone()));
        let converter = RowConverter::new(fields.collect())
            .map_err(|_| Error::internal("a sort key has a type that cannot be compared"))?;
        Ok(OrderCheck { key, converter, last: None, rows: 0, order: KeyOrder::default() })
    }

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.key.is_empty() || batch.num_rows() == 0 {
            return Ok(());
        }
        let columns: Vec<ArrayRef> =
            self.key.iter().map(|index| batch.column(*index).clone()).collect();
        let keys = self
            .converter
            .convert_columns(&columns)
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
