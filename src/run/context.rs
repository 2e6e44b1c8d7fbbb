//! What all slices of one run share.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use arrow::datatypes::SchemaRef;

use super::columns::Columns;
use super::drift::Arrival;
use super::inventory::Inventory;
use super::setup::Setup;
use crate::error::{Error, Result};
use crate::ingest::RawFile;
use crate::lake::{Event, Lake, Ledger, Manifest, RunId, Scratch, SliceRecord};
use crate::pipeline::{SliceId, TableName};
use crate::session::{Engine, TableView};
use crate::stop::Stop;

/// What all slices of one run share.
pub struct RunContext {
    /// The study and its folders.
    pub setup: Setup,
    /// The raw files.
    pub inventory: Inventory,
    /// The raw files to ingest, held against the vintages before them.
    pub arrivals: Vec<Arrival>,
    /// Columns of every table.
    pub columns: Columns,
    /// The engine under the run's memory limit.
    pub engine: Engine,
    /// The lake.
    pub lake: Lake,
    /// The run's own folder in the lake.
    pub scratch: Scratch,
    /// The run.
    pub run: RunId,
    /// The run's record.
    pub ledger: Arc<Ledger>,
    /// The wish to stop.
    pub stop: Stop,
    /// Bytes of the rejects so far, before they are packed.
    pub reject_bytes: AtomicU64,
    /// For so long a slice that was found whole is read without a look at its
    /// hash.
    pub trusts_for: Duration,
}

impl RunContext {
    /// The file of a slice as it was held against the vintage before it; none
    /// that nobody could look at.
    pub fn arrival(&self, slice: &SliceId, file: &RawFile) -> Option<&Arrival> {
        let is_it = |arrival: &&Arrival| arrival.slice == *slice && arrival.path == file.path;
        self.arrivals.iter().find(is_it)
    }

    /// Holds slices that are about to be read against their records.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::Interrupted`].
    pub fn ensure_whole<'a>(
        &self,
        slices: impl IntoIterator<Item = &'a SliceRecord>,
    ) -> Result<()> {
        let check = |slice| self.lake.ensure_whole(slice, self.trusts_for);
        tokio::task::block_in_place(|| slices.into_iter().try_for_each(check))
    }

    /// Writes into the run's record.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn record(&self, event: &Event) -> Result<()> {
        self.ledger.append(event)
    }

    /// The views of a set of slices, one a table; `tables` that none of them is
    /// of are empty.
    ///
    /// # Errors
    /// [`Error::Internal`] for a table that the study does not know.
    pub async fn views<'a>(
        &self,
        tables: impl IntoIterator<Item = &'a TableName>,
        slices: &[&SliceRecord],
    ) -> Result<Vec<TableView>> {
        let columns = self.columns.by_table(&self.setup).await?;
        let view = |table: &'a TableName| {
            let schema = columns.get(table).cloned();
            let schema = schema.ok_or_else(|| Error::internal(format!("{table} has no schema")))?;
            Ok(table_view(&self.lake, table, schema, slices))
        };
        tables.into_iter().map(view).collect()
    }
}

/// The view of one table over the slices that are of it.
pub fn table_view(
    lake: &Lake,
    table: &TableName,
    schema: SchemaRef,
    slices: &[&SliceRecord],
) -> TableView {
    let own: Vec<&&SliceRecord> =
        slices.iter().filter(|slice| slice.slice.table == *table).collect();
    let sort_key = own.first().map(|slice| slice.sort_key.clone()).unwrap_or_default();
    TableView {
        table: table.clone(),
        schema,
        files: own.iter().map(|slice| lake.slice_path(slice)).collect(),
        sort_key,
    }
}

/// The records behind a manifest's slices.
///
/// # Errors
/// [`Error::Lake`] where one is gone.
pub fn manifest_records(lake: &Lake, manifest: &Manifest) -> Result<Vec<SliceRecord>> {
    let entries = manifest.slices.values();
    entries.map(|entry| lake.record(&entry.slice, &entry.own, &entry.key)).collect()
}

/// Slices by their names, for messages.
pub fn slice_names<'a>(slices: impl IntoIterator<Item = &'a SliceId>) -> String {
    slices.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
