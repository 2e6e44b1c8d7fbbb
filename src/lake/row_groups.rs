//! Encodes the row groups of one Parquet file, columns side by side. Which
//! thread encodes a column does not show in the bytes.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::thread;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::{ParquetError, Result};
use parquet::file::writer::SerializedFileWriter;

use super::page_sums::PageSums;

/// Blocks that are encoded at one go, so that a start of threads pays.
const BLOCKS_AT_ONCE: usize = 8;

/// The row groups of a file in the making.
pub(super) struct RowGroups {
    schema: SchemaRef,
    file: SerializedFileWriter<File>,
    factory: ArrowRowGroupWriterFactory,
    /// Columns of the row group in the making; none before its first block.
    columns: Vec<ArrowColumnWriter>,
    sums: PageSums,
    waiting: Vec<RecordBatch>,
    /// Rows of a row group, a multiple of those of a block.
    group_rows: usize,
    rows_in_group: usize,
    groups: usize,
    threads: usize,
}

impl RowGroups {
    /// Takes over a writer that has not written yet, whose pages are stored by
    /// `sums`. Blocks are encoded on up to `threads` threads.
    pub(super) fn new(
        writer: ArrowWriter<File>,
        sums: PageSums,
        schema: SchemaRef,
        group_rows: usize,
        threads: usize,
    ) -> Result<Self> {
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(RowGroups {
            schema,
            file,
            factory,
            columns: Vec::new(),
            sums,
            waiting: Vec::with_capacity(BLOCKS_AT_ONCE),
            group_rows,
            rows_in_group: 0,
            groups: 0,
            threads,
        })
    }

    /// Takes the next block of rows.
    pub(super) fn write(&mut self, block: RecordBatch) -> Result<()> {
        self.rows_in_group += block.num_rows();
        self.waiting.push(block);
        if self.rows_in_group >= self.group_rows {
            self.close_group()
        } else if self.waiting.len() >= BLOCKS_AT_ONCE {
            self.encode_waiting()
        } else {
            Ok(())
        }
    }

    /// Writes what waits and the footer.
    pub(super) fn finish(mut self) -> Result<File> {
        if self.rows_in_group > 0 {
            self.close_group()?;
        }
        // `into_inner` would not tell why the last bytes found no room.
        self.file.finish()?;
        Ok(self.file.inner().try_clone()?)
    }

    fn close_group(&mut self) -> Result<()> {
        self.encode_waiting()?;
        let mut group = self.file.next_row_group()?;
        for (index, column) in self.columns.drain(..).enumerate() {
            let mut chunk = column.close()?;
            self.sums.settle(index, chunk.close_mut())?;
            chunk.append_to_row_group(&mut group)?;
            crate::durable::crash::point("table-column");
        }
        group.close()?;
        self.rows_in_group = 0;
        self.groups += 1;
        Ok(())
    }

    fn encode_waiting(&mut self) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.groups)?;
        }
        // The last blocks of a table are seldom worth a thread.
        let threads = if self.waiting.len() < BLOCKS_AT_ONCE { 1 } else { self.threads };
        let blocks = &self.waiting;
        let schema = &self.schema;
        let columns = Mutex::new(self.columns.iter_mut().enumerate());
        let encode_columns = || -> Result<()> {
            loop {
                let next = columns.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((index, column)) = next else { return Ok(()) };
                for block in blocks {
                    for leaf in compute_leaves(schema.field(index), block.column(index))? {
                        column.write(&leaf)?;
                    }
                }
            }
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(encode_columns)).collect();
            let own = encode_columns();
            let broken = || ParquetError::General("a thread that encodes broke off".to_owned());
            let ended = |other: thread::ScopedJoinHandle<'_, Result<()>>| {
                other.join().unwrap_or_else(|_| Err(broken()))
            };
            others.into_iter().map(ended).fold(own, Result::and)
        })?;
        self.waiting.clear();
        Ok(())
    }
}
