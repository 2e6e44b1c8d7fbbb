//! Writes tables as Parquet whose bytes depend on the rows and their order
//! alone: not on how they came in batches, nor on versions of the writer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, make_array};
use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use super::page_sums::PageSums;
use super::row_groups::RowGroups;
use super::types::{stored_batch, stored_schema, type_name};
use super::verify::{KeyOrder, verify};
use super::{FieldRecord, FileDictionary, ScratchFolder};
use crate::durable::crash;
use crate::durable::files;
use crate::error::{Error, IoContext, Result};
use crate::stop::Stop;

/// Rows handed to the Parquet writer at once: pages end by these blocks.
const BLOCK_ROWS: usize = 8192;
/// Rows of a row group.
const ROW_GROUP_ROWS: usize = 128 * BLOCK_ROWS;
/// Stands in every file; the version of the library would change the bytes.
const CREATED_BY: &str = "honkvast version 1";
const ZSTD_LEVEL: i32 = 3;

/// A Parquet file in the making, outside of what readers see.
pub struct TableWriter {
    path: PathBuf,
    schema: SchemaRef,
    /// What the next block is put together from, most often one part.
    parts: Vec<RecordBatch>,
    part_rows: usize,
    row_groups: RowGroups,
    rows: u64,
}

impl TableWriter {
    /// Starts a file that must not exist yet. `sort_key` holds positions of
    /// columns by which the rows will come, ascending with nulls first; the
    /// footer says so, and nothing here checks it. Columns are encoded on up to
    /// `threads` threads.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Lake`] for a column that cannot be stored.
    pub fn create(
        path: &Path,
        mode: u32,
        schema: &Schema,
        sort_key: &[usize],
        threads: usize,
    ) -> Result<Self> {
        let schema = stored_schema(schema, path)?;
        let sums = PageSums::default();
        let options = ArrowWriterOptions::new()
            .with_properties(properties(sort_key)?)
            .with_page_store_factory(Arc::new(sums.clone()))
            .with_skip_arrow_metadata(true);
        let file = files::create_file(path, mode)?;
        #[expect(clippy::disallowed_methods, reason = "the lake opens its own files")]
        let parquet = ArrowWriter::try_new_with_options(file, schema.clone(), options)
            .map_err(|error| write_error(error, path))?;
        let row_groups = RowGroups::new(parquet, sums, schema.clone(), ROW_GROUP_ROWS, threads)
            .map_err(|error| write_error(error, path))?;
        let (parts, part_rows, rows) = (Vec::new(), 0, 0);
        Ok(TableWriter { path: path.to_path_buf(), schema, parts, part_rows, row_groups, rows })
    }

    /// The schema of the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows handed in so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// [`Error::Io`], as on a full disk; [`Error::Internal`] for a batch of
    /// another table.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = stored_batch(batch, &self.schema)?;
        self.rows += batch.num_rows() as u64;
        let mut start = 0;
        while start < batch.num_rows() {
            let part = (BLOCK_ROWS - self.part_rows).min(batch.num_rows() - start);
            self.parts.push(batch.slice(start, part));
            self.part_rows += part;
            start += part;
            if self.part_rows == BLOCK_ROWS {
                self.write_block()?;
            }
        }
        Ok(())
    }

    /// Closes the file and brings it to disk; gives its size in bytes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<u64> {
        if self.part_rows > 0 {
            self.write_block()?;
        }
        let file = self.row_groups.finish().map_err(|error| write_error(error, &self.path))?;
        crash::point("table-closed");
        file.sync_all().at("sync", &self.path)?;
        Ok(file.metadata().at("read", &self.path)?.len())
    }

    /// Writes the rows of the block in the making.
    fn write_block(&mut self) -> Result<()> {
        let block = match self.parts.as_slice() {
            [whole] => whole.clone(),
            parts => concat_batches(&self.schema, parts)
                .map_err(|_| Error::internal("rows cannot be put together in blocks"))?,
        };
        self.parts.clear();
        self.part_rows = 0;
        let block = without_idle_nulls(&block)?;
        self.row_groups.write(block).map_err(|error| write_error(error, &self.path))?;
        crash::point("table-block");
        Ok(())
    }
}

/// The same rows without the masks of columns in which nothing is null: beside
/// such a mask, which the engine leaves or not as its batches fall, the writer
/// encodes in other bytes.
fn without_idle_nulls(block: &RecordBatch) -> Result<RecordBatch> {
    let columns = block.columns().iter().map(|column| match column.nulls() {
        Some(nulls) if nulls.null_count() == 0 => {
            column.to_data().into_builder().nulls(None).build().map(make_array)
        }
        _ => Ok(Arc::clone(column)),
    });
    let columns = columns.collect::<Result<Vec<_>, _>>();
    columns
        .and_then(|columns| RecordBatch::try_new(block.schema(), columns))
        .map_err(|_| Error::internal("a block of rows cannot be written"))
}

fn properties(sort_key: &[usize]) -> Result<WriterProperties> {
    let zstd = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|_| Error::internal("no such zstd level"))?;
    let sorting = sort_key.iter().map(|index| SortingColumn {
        column_idx: *index as i32,
        descending: false,
        nulls_first: true,
    });
    let sorting: Vec<SortingColumn> = sorting.collect();
    // Least and greatest values of a page help no query of ours, and comparing
    // them takes as long as compressing. Microdata without dictionaries are
    // written a fifth faster and are no larger once compressed.
    Ok(WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_created_by(CREATED_BY.to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(zstd))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_sorting_columns((!sorting.is_empty()).then_some(sorting))
        .build())
}

/// A full disk is told as such; other text of the library stays out.
fn write_error(error: ParquetError, path: &Path) -> Error {
    let source = match error {
        ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
            Ok(cause) => *cause,
            Err(_) => std::io::Error::other("the Parquet writer failed"),
        },
        _ => std::io::Error::other("the Parquet writer failed"),
    };
    Error::Io { action: "write", path: path.to_path_buf(), source }
}

/// A slice in the making, in the run's scratch folder.
pub struct SliceWriter {
    folder: ScratchFolder,
    table: TableWriter,
    key_columns: Vec<String>,
    stop: Stop,
}

/// A slice that is written and read back, still in the scratch folder; it goes
/// with this value unless it is put into the lake.
pub struct FinishedSlice {
    pub(super) folder: ScratchFolder,
    /// Rows.
    pub rows: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Content hash, 32 hex digits.
    pub content: String,
    /// The columns.
    pub schema: Vec<FieldRecord>,
    /// The columns of the sort key; none for rows in the order of their source.
    pub sort_key: Vec<String>,
    /// What the rows say about the sort key.
    pub order: KeyOrder,
    /// What each of the raw files says of itself, to be kept beside the slice.
    pub dictionaries: Vec<FileDictionary>,
}

impl SliceWriter {
    pub(super) fn create(
        folder: ScratchFolder,
        schema: &Schema,
        key_columns: &[String],
        threads: usize,
        stop: &Stop,
    ) -> Result<Self> {
        let path = folder.path().join(super::DATA_FILE);
        let mut key = Vec::with_capacity(key_columns.len());
        for column in key_columns {
            key.push(schema.index_of(column).map_err(|_| Error::Lake {
                path: path.clone(),
                message: format!("the key names {column}, which is no column of the table"),
            })?);
        }
        let table = TableWriter::create(&path, files::PRIVATE_FILE, schema, &key, threads)?;
        let (key_columns, stop) = (key_columns.to_vec(), stop.clone());
        Ok(SliceWriter { folder, table, key_columns, stop })
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// [`Error::Io`], as on a full disk; [`Error::Internal`] for a batch of
    /// another table.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.table.write(batch)
    }

    /// Closes the file, brings it to disk and reads it back.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Interrupted`]; [`Error::Internal`] where the file
    /// does not hold what was handed in. A sort key that does not hold is no error here.
    pub fn finish(self) -> Result<FinishedSlice> {
        let (rows, schema) = (self.table.rows(), Arc::clone(self.table.schema()));
        let path = self.folder.path().join(super::DATA_FILE);
        let bytes = self.table.finish()?;
        crash::point("slice-written");
        let verified = verify(&path, &schema, &self.key_columns, rows, &self.stop)?;
        crash::point("slice-verified");
        let field = |field: &Arc<arrow::datatypes::Field>| FieldRecord {
            name: field.name().clone(),
            data_type: type_name(field.data_type()),
        };
        Ok(FinishedSlice {
            folder: self.folder,
            rows,
            bytes,
            content: verified.content,
            schema: schema.fields().iter().map(field).collect(),
            sort_key: self.key_columns,
            order: verified.order,
            dictionaries: Vec::new(),
        })
    }
}
