//! Results of checks, so that a check whose tables did not change is not asked
//! again, and the rows that fail it. Those rows stay in the lake.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::names::Key;
use super::slices::FinishedRows;
use super::{Lake, Scratch};
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::{crash, seal};
use crate::error::{Error, Result};
use crate::pipeline::names::is_identifier;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// The check: the name of its SQL file without the ending.
    pub name: String,
    /// Fingerprint of the check and of what it reads.
    pub key: Key,
    /// Rows that fail it.
    pub rows: u64,
    /// Hash of the file of these rows, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_sum: Option<String>,
}

impl Lake {
    /// What the check found when it was asked under this key.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a damaged record.
    pub fn check_result(&self, name: &str, key: &Key) -> Result<Option<CheckRecord>> {
        files::read_json(&self.check_file(name, key, "json")?)
    }

    fn check_file(&self, name: &str, key: &Key, ending: &str) -> Result<PathBuf> {
        if !is_identifier(name) {
            return Err(Error::internal(format!("`{name}` is no name of a check")));
        }
        Ok(self.root().join("checks").join(name).join(format!("{key}.{ending}")))
    }
}

impl Scratch {
    /// Keeps what a check found, with the rows that fail it; in place of an
    /// earlier result of the same key.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn put_check(&self, mut record: CheckRecord, rows: Option<FinishedRows>) -> Result<()> {
        let place = self.lake().check_file(&record.name, &record.key, "json")?;
        crash::point("check-asked");
        if let Some(parent) = place.parent() {
            files::create_dirs_below(self.lake().root(), parent)?;
        }
        // Rows first: a result without its rows would never be asked again.
        if let Some(rows) = rows {
            record.rows_sum = Some(self.put_rows(rows, &place.with_extension("parquet"))?);
        }
        let fresh = self.fresh_path("check");
        files::write_file(&fresh, PRIVATE_FILE, &seal::to_json(&record)?)?;
        files::rename(&fresh, &place)?;
        crash::point("check-kept");
        Ok(())
    }
}
