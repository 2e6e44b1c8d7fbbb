//! Audits of protection: which counts of a release are not shown, why, what hides
//! them and how far they stay open. Inside information, which stays in the lake;
//! tables and rules of the same key are not protected again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::names::Key;
use super::{Lake, Scratch};
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::{crash, seal};
use crate::error::Result;

/// What was found for the tables and rules of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Fingerprint of the tables and of the rules.
    pub key: Key,
    /// Fingerprint of the rules alone.
    pub rules: String,
    /// Counts that are shown, one in several tables once.
    pub shown: usize,
    /// Counts that are not.
    pub suppressed: usize,
    /// The narrowest interval that is left of a count that could be small.
    pub narrowest: Option<i64>,
    /// The counts that are not shown, in each table where they stand.
    pub cells: Vec<AuditCell>,
}

/// A count that is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCell {
    /// Its table.
    pub table: String,
    /// Its row, from 0 on.
    pub row: usize,
    /// Its measure.
    pub measure: String,
    /// The codes of its row, by dimension.
    pub codes: BTreeMap<String, Option<String>>,
    /// The rule by which it must not be known; `origin` for a figure that comes from
    /// counts of other rows; none for one that hides others.
    pub rule: Option<String>,
    /// The counts that hide it, or that it hides.
    pub with: Vec<String>,
    /// Values between which it is known to be open, to who has the release.
    pub interval: Option<[i64; 2]>,
}

impl AuditCell {
    /// Where it stands, in the order of an audit.
    pub fn place(&self) -> (&str, usize, &str) {
        (&self.table, self.row, &self.measure)
    }
}

impl Lake {
    /// The audit of a key.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] for a damaged one.
    pub fn audit(&self, key: &Key) -> Result<Option<Audit>> {
        files::read_json(&self.audit_path(key))
    }

    /// All audits that there are.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] for a damaged one.
    pub fn audits(&self) -> Result<Vec<Audit>> {
        let keys = super::gc::keys_in(&self.root().join("audits"))?;
        let audits = keys.iter().filter_map(|key| self.audit(key).transpose());
        audits.collect()
    }

    pub(super) fn audit_path(&self, key: &Key) -> PathBuf {
        self.root().join("audits").join(format!("{key}.json"))
    }
}

impl Scratch {
    /// Keeps an audit.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn put_audit(&self, audit: &Audit) -> Result<()> {
        let place = self.lake().audit_path(&audit.key);
        if let Some(parent) = place.parent() {
            files::create_dirs_below(self.lake().root(), parent)?;
        }
        let fresh = self.fresh_path("audit");
        files::write_file(&fresh, PRIVATE_FILE, &seal::to_json(audit)?)?;
        files::rename(&fresh, &place)?;
        crash::point("audit-kept");
        Ok(())
    }
}
