//! Slices: immutable, named by their key, each with a record of how it was
//! made. Also the rejected records of raw slices, which stand apart so that
//! those of a failed slice can be looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};

use super::dictionary;
use super::names::{Key, OwnKey, RunId, slice_text};
use super::trust::content_hash;
use super::writer::{FinishedSlice, SliceWriter, TableWriter};
use super::{DATA_FILE, Lake, Scratch, ScratchFolder};
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::{crash, seal};
use crate::error::{Error, IoContext, Result};
use crate::pipeline::names::SliceId;

pub(super) const RECORD_FILE: &str = "slice.json";

/// A column of a slice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRecord {
    /// Name.
    pub name: String,
    /// Type as the lake calls it: `text`, `int64`, `decimal(9,2)`, `date` ...
    #[serde(rename = "type")]
    pub data_type: String,
}

/// What a slice saw of another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// The slice it read.
    #[serde(with = "slice_text")]
    pub slice: SliceId,
    /// Its content hash at the time.
    pub content: String,
}

/// How a slice was made and what it holds; no value of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceRecord {
    /// Which slice.
    #[serde(with = "slice_text")]
    pub slice: SliceId,
    /// Fingerprint of what it was made from, upstreams apart.
    pub own: OwnKey,
    /// Fingerprint of all it was made from.
    pub key: Key,
    /// Content hash. [`Scratch::put`] fills it in, and the next four fields.
    pub content: String,
    /// Rows.
    pub rows: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Columns.
    pub schema: Vec<FieldRecord>,
    /// Columns of the sort key, ascending with nulls first.
    pub sort_key: Vec<String>,
    /// What it read of other slices.
    pub upstreams: Vec<Upstream>,
    /// What else went into the key, by name: hashes or short values, from
    /// which the plan tells why a slice is to be made.
    pub ingredients: BTreeMap<String, String>,
    /// Records read, of a raw slice.
    pub rows_read: Option<u64>,
    /// Records rejected, of a raw slice.
    pub rows_rejected: u64,
    /// Records rejected by column and rule, as `SDATUMAANVANGIKO: not a date`.
    pub reject_rules: BTreeMap<String, u64>,
    /// The run that made it.
    pub made_by: RunId,
    /// The key under which a former version of honkvast made it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<Key>,
    /// Raw files it was made from.
    pub files: Vec<String>,
    /// Hashes of what is kept beside its data, by what it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sums: BTreeMap<String, String>,
}

/// The rejects of a raw slice, in the sums of its record.
pub const REJECTS: &str = "rejects";

impl SliceRecord {
    /// A record of a slice that is still to be put into the lake.
    pub fn new(slice: SliceId, own: OwnKey, key: Key, made_by: RunId) -> Self {
        SliceRecord {
            slice,
            own,
            key,
            content: String::new(),
            rows: 0,
            bytes: 0,
            schema: Vec::new(),
            sort_key: Vec::new(),
            upstreams: Vec::new(),
            ingredients: BTreeMap::new(),
            rows_read: None,
            rows_rejected: 0,
            reject_rules: BTreeMap::new(),
            made_by,
            adopted_from: None,
            files: Vec::new(),
            sums: BTreeMap::new(),
        }
    }
}

/// Rows that were written beside the slices: rejects, rows that fail a check.
/// They go with this value unless they are put into the lake.
pub struct FinishedRows {
    pub(super) folder: ScratchFolder,
    /// Rows.
    pub rows: u64,
}

/// Rejects or failing rows in the making, in the run's scratch folder.
pub struct RowsWriter {
    folder: ScratchFolder,
    table: TableWriter,
}

impl RowsWriter {
    /// Takes the next rows.
    ///
    /// # Errors
    /// [`Error::Io`], as on a full disk; [`Error::Internal`] for a batch of
    /// another table.
    pub fn write(&mut self, batch: &arrow::array::RecordBatch) -> Result<()> {
        self.table.write(batch)
    }

    /// Closes the file and brings it to disk.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<FinishedRows> {
        let rows = self.table.rows();
        self.table.finish()?;
        Ok(FinishedRows { folder: self.folder, rows })
    }
}

impl Lake {
    /// The slice of a key, where it is in the lake.
    ///
    /// # Errors
    /// [`Error::Damaged`] where its record or its data are not as they were put.
    pub fn find(&self, slice: &SliceId, key: &Key) -> Result<Option<SliceRecord>> {
        let found = self.keys_of(slice)?.into_iter().find(|(_, found)| found == key);
        found.map(|(own, key)| self.record(slice, &own, &key)).transpose()
    }

    /// The keys under which versions of a slice are in the lake, with the part
    /// of each that is the slice's own. Reads one folder and no file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn keys_of(&self, slice: &SliceId) -> Result<Vec<(OwnKey, Key)>> {
        let names = files::names_in(&self.versions_dir(slice))?;
        let keys = names.iter().filter_map(|name| {
            let (own, key) = name.split_once('-')?;
            Some((own.parse().ok()?, key.parse().ok()?))
        });
        Ok(keys.collect())
    }

    /// Says whether the lake has the folder of a slice.
    ///
    /// # Errors
    /// [`Error::Io`] where the system cannot tell.
    pub fn has(&self, slice: &SliceId, own: &OwnKey, key: &Key) -> Result<bool> {
        files::exists(&self.slice_dir(slice, own, key))
    }

    /// The record of a slice that must be in the lake.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it is not, or not as it was put.
    pub fn record(&self, slice: &SliceId, own: &OwnKey, key: &Key) -> Result<SliceRecord> {
        let folder = self.slice_dir(slice, own, key);
        let wrong = |file: &str, message: &str| {
            Error::damaged(&folder.join(file), format!("{slice}: {message}"))
        };
        let record = match files::size(&folder.join(RECORD_FILE))? {
            Some(_) => files::read_json::<SliceRecord>(&folder.join(RECORD_FILE))?,
            None => None,
        };
        let record = record.ok_or_else(|| wrong(RECORD_FILE, "it has no record"))?;
        if record.slice != *slice || record.key != *key {
            return Err(wrong(RECORD_FILE, "its record is of another slice"));
        }
        if files::size(&folder.join(DATA_FILE))? != Some(record.bytes) {
            return Err(wrong(DATA_FILE, "its data have another size than its record says"));
        }
        Ok(record)
    }

    /// The Parquet file of a slice.
    pub fn slice_path(&self, record: &SliceRecord) -> PathBuf {
        self.slice_dir(&record.slice, &record.own, &record.key).join(DATA_FILE)
    }

    /// The columns of a slice as Arrow types, from the footer of its file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Damaged`] for a file that is not Parquet.
    pub fn slice_schema(&self, record: &SliceRecord) -> Result<SchemaRef> {
        let path = self.slice_path(record);
        let file = std::fs::File::open(&path).at("open", &path)?;
        #[expect(clippy::disallowed_methods, reason = "the lake opens its own files")]
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)
            .map_err(|_| Error::damaged(&path, "not a Parquet file"))?;
        Ok(builder.schema().clone())
    }

    /// Where the rejected records of a raw slice stand, if it had any.
    pub fn rejects_path(&self, slice: &SliceId, key: &Key) -> PathBuf {
        let name = format!("{key}.parquet");
        self.root().join("rejects").join(slice.table.to_string()).join(part(slice)).join(name)
    }

    pub(super) fn versions_dir(&self, slice: &SliceId) -> PathBuf {
        self.root().join("slices").join(slice.table.to_string()).join(part(slice))
    }

    pub(super) fn slice_dir(&self, slice: &SliceId, own: &OwnKey, key: &Key) -> PathBuf {
        self.versions_dir(slice).join(format!("{own}-{key}"))
    }
}

fn part(slice: &SliceId) -> String {
    slice.year.map_or("whole".to_owned(), |year| year.to_string())
}

impl Scratch {
    /// Starts a slice. `key_columns` are the columns by which the rows will
    /// come, ascending with nulls first, each key once; none for rows in the
    /// order of their source.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Lake`] for a column that cannot be stored.
    pub fn slice_writer(&self, schema: &Schema, key_columns: &[String]) -> Result<SliceWriter> {
        let stop = &self.lake().stop;
        SliceWriter::create(self.folder("slice")?, schema, key_columns, self.encoders, stop)
    }

    /// Starts a file of rejects or of rows that fail a check.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Lake`] for a column that cannot be stored.
    pub fn rows_writer(&self, schema: &Schema) -> Result<RowsWriter> {
        let folder = self.folder("rows")?;
        let path = folder.path().join(DATA_FILE);
        let table = TableWriter::create(&path, PRIVATE_FILE, schema, &[], 1)?;
        Ok(RowsWriter { folder, table })
    }

    /// Puts a finished slice into the lake, in one step. The record's measured
    /// fields are filled in. A slice of the same key that is there already
    /// stays, and its record is given back; one that is damaged makes room.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Internal`] where the one there already has other
    /// content, or where the sort key does not hold.
    pub fn put(&self, finished: FinishedSlice, mut record: SliceRecord) -> Result<SliceRecord> {
        let slice = &record.slice;
        if !finished.order.is_strict() {
            return Err(Error::internal(format!("{slice}: the rows are not in order of the key")));
        }
        if let Some(there) = self.whole_slice(slice, &record.key)? {
            if there.content == finished.content {
                return Ok(there);
            }
            return Err(Error::internal(format!(
                "{slice} is not deterministic: one key, two contents"
            )));
        }
        record.content = finished.content;
        record.rows = finished.rows;
        record.bytes = finished.bytes;
        record.schema = finished.schema;
        record.sort_key = finished.sort_key;
        let folder = finished.folder.path();
        if let Some(sum) = dictionary::write(folder, finished.dictionaries)? {
            record.sums.insert(dictionary::DICTIONARY_FILE.to_owned(), sum);
        }
        files::write_file(&folder.join(RECORD_FILE), PRIVATE_FILE, &seal::to_json(&record)?)?;
        files::sync_dir(folder)?;
        let place = self.lake().slice_dir(&record.slice, &record.own, &record.key);
        files::create_dirs_below(self.lake().root(), &self.lake().versions_dir(&record.slice))?;
        crash::point("slice-putting");
        if files::is_there(&place) {
            self.set_aside(&place)?;
        }
        files::rename(folder, &place)?;
        crash::point("slice-put");
        self.lake().has_found_whole(&record)?;
        Ok(record)
    }

    /// The slice of a key, where it is in the lake and as it was put.
    fn whole_slice(&self, slice: &SliceId, key: &Key) -> Result<Option<SliceRecord>> {
        let found = self.lake().find(slice, key).and_then(|found| {
            if let Some(record) = &found {
                self.lake().ensure_whole(record, Duration::ZERO)?;
            }
            Ok(found)
        });
        match found {
            Err(error @ Error::Damaged { .. }) => {
                tracing::warn!("{error}; it is replaced");
                Ok(None)
            }
            found => found,
        }
    }

    /// Puts the rejected records of a raw slice into the lake, in place of
    /// those of an earlier try; gives their hash.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn put_rejects(&self, rows: FinishedRows, slice: &SliceId, key: &Key) -> Result<String> {
        self.put_rows(rows, &self.lake().rejects_path(slice, key))
    }

    /// Puts rows in their place; gives their hash.
    pub(super) fn put_rows(&self, rows: FinishedRows, place: &std::path::Path) -> Result<String> {
        if let Some(parent) = place.parent() {
            files::create_dirs_below(self.lake().root(), parent)?;
        }
        let written = rows.folder.path().join(DATA_FILE);
        let sum = content_hash(&written, &self.lake().stop)?;
        files::rename(&written, place)?;
        Ok(sum)
    }
}
