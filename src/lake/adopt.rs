//! Puts a slice that is in the lake under another key: the same files by hard
//! links, a record of its own. Whether that may be is left to the run.

use std::fs;

use super::slices::RECORD_FILE;
use super::{Scratch, SliceRecord};
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::{crash, seal};
use crate::error::{Error, IoContext, Result};

impl Scratch {
    /// Puts the data of a slice under the key of a new record, in one step, with
    /// what else stands beside them and its rejects. A slice that has this key
    /// already stays.
    ///
    /// # Errors
    /// [`Error::Internal`] for a record of other data; [`Error::Io`].
    pub fn adopt(&self, former: &SliceRecord, record: SliceRecord) -> Result<SliceRecord> {
        let is_same = former.slice == record.slice
            && (&former.content, former.bytes) == (&record.content, record.bytes);
        if !is_same {
            return Err(Error::internal(format!("{} has other data", record.slice)));
        }
        if let Some(there) = self.lake().find(&record.slice, &record.key)? {
            return Ok(there);
        }
        let from = self.lake().slice_dir(&former.slice, &former.own, &former.key);
        let folder = self.folder("adopted")?;
        for name in files::names_in(&from)?.iter().filter(|name| *name != RECORD_FILE) {
            let link = folder.path().join(name);
            fs::hard_link(from.join(name), &link).at("create", &link)?;
        }
        let json = seal::to_json(&record)?;
        files::write_file(&folder.path().join(RECORD_FILE), PRIVATE_FILE, &json)?;
        files::sync_dir(folder.path())?;
        self.adopt_rejects(former, &record)?;
        let place = self.lake().slice_dir(&record.slice, &record.own, &record.key);
        crash::point("slice-adopting");
        files::rename(folder.path(), &place)?;
        crash::point("slice-adopted");
        Ok(record)
    }

    fn adopt_rejects(&self, former: &SliceRecord, record: &SliceRecord) -> Result<()> {
        let rejects = self.lake().rejects_path(&former.slice, &former.key);
        if !files::exists(&rejects)? {
            return Ok(());
        }
        let link = self.fresh_path("rejects");
        fs::hard_link(&rejects, &link).at("create", &link)?;
        files::rename(&link, &self.lake().rejects_path(&record.slice, &record.key))
    }
}
