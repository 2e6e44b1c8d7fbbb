//! A slice's rows dealt out over several files, for proofs: what rests on the
//! order in which rows come, or on where a file ends, comes out otherwise then.

use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::writer::TableWriter;
use super::{DATA_FILE, Scratch, ScratchFolder};
use crate::durable::files::PRIVATE_FILE;
use crate::error::{Error, IoContext, Result};

/// Files over which rows are dealt.
const HANDS: usize = 4;
/// Rows dealt at once.
const CARDS: usize = 64;

/// Files in the scratch folder; they go with this value.
pub struct Dealt {
    /// The files.
    pub files: Vec<PathBuf>,
    _folders: Vec<ScratchFolder>,
}

impl Scratch {
    /// Deals the rows of Parquet files of one table out over several files, the
    /// last rows first.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Lake`] for a file that cannot be read.
    pub fn deal(&self, sources: &[PathBuf], schema: &arrow::datatypes::Schema) -> Result<Dealt> {
        let mut folders = Vec::new();
        let mut writers = Vec::new();
        for _ in 0..HANDS {
            let folder = self.folder("dealt")?;
            let path = folder.path().join(DATA_FILE);
            writers.push(TableWriter::create(&path, PRIVATE_FILE, schema, &[], 1)?);
            folders.push(folder);
        }
        for path in sources {
            deal_file(path, &mut writers)?;
        }
        for writer in writers {
            writer.finish()?;
        }
        let files = folders.iter().map(|folder| folder.path().join(DATA_FILE)).collect();
        Ok(Dealt { files, _folders: folders })
    }
}

fn deal_file(path: &Path, writers: &mut [TableWriter]) -> Result<()> {
    let unreadable =
        || Error::Lake { path: path.to_path_buf(), message: "cannot be read".to_owned() };
    let file = std::fs::File::open(path).at("open", path)?;
    #[expect(clippy::disallowed_methods, reason = "the lake opens its own files")]
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| unreadable())?;
    let reader = builder.with_batch_size(CARDS * HANDS).build().map_err(|_| unreadable())?;
    for batch in reader {
        let batch = batch.map_err(|_| unreadable())?;
        // The last rows of a batch go to the first file.
        for (hand, writer) in writers.iter_mut().rev().enumerate() {
            let start = (hand * CARDS).min(batch.num_rows());
            let rows = CARDS.min(batch.num_rows() - start);
            writer.write(&batch.slice(start, rows))?;
        }
    }
    Ok(())
}
