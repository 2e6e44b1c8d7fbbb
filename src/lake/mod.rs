//! The lake: everything that touches its files. What a slice means, what goes
//! into a key and when a run may move `current` is left to the plan and the run.
//!
//! ```text
//! <lake>/honkvast.json         whose the lake is
//! <lake>/lock                   held by the writer; says who that is
//! <lake>/files.json             fingerprints of raw files; a cache
//! <lake>/verified.json          when slices were last found whole; a cache
//! <lake>/slices/<layer.table>/<year|whole>/<own>-<key>/
//!                               data.parquet and slice.json; never changed.
//!                               Of a raw file also dictionary.json
//! <lake>/rejects/<layer.table>/<year|whole>/<key>.parquet
//!                               rejected records of a raw slice, failed or not
//! <lake>/checks/<name>/<key>.json, .parquet
//!                               result of a check, and the rows that fail it
//! <lake>/snapshots/<id>/        manifest.json and hard links to slices:
//!                               <layer>/<table>/[year=2016/]data.parquet
//!                               (`slice_year=` where the table has a year itself)
//! <lake>/current                symbolic link to snapshots/<id>
//! <lake>/candidates/<run>/      like a snapshot: what a run made that is not current
//! <lake>/ledger/<run>.jsonl     one event a line
//! <lake>/vintages/<source>.jsonl
//!                               which columns each raw file had; one file a
//!                               line, kept whatever becomes of its slice
//! <lake>/damaged/<run>/         what was damaged and set aside
//! <lake>/scratch/<run>/         what is being written, and spill/
//! ```
//!
//! Folders are 0700 and files 0600 whatever the umask. Whatever readers may see
//! is written in the run's scratch folder, brought to disk and renamed: a crash
//! leaves the old state or the new one, and scratch, which the next run sweeps.
//! No link is followed where something is written or removed. Readers write
//! nothing.

mod adopt;
pub mod audits;
pub mod checks;
mod dealt;
mod dictionary;
pub mod fingerprints;
pub mod gc;
pub mod history;
pub mod inspect;
pub mod keeping;
pub mod ledger;
pub mod lock;
pub mod manifest;
mod mend;
pub mod names;
mod page_sums;
mod privacy;
mod row_groups;
mod scratch;
pub mod slices;
mod snapshots;
pub mod trust;
pub mod types;
pub mod verify;
pub mod vintages;
pub mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use audits::{Audit, AuditCell};
pub use checks::CheckRecord;
pub use dealt::Dealt;
pub use dictionary::{CodeLabel, FileColumn, FileDictionary, UserMissing};
pub use history::{RunStatus, RunSummary};
pub use inspect::{Damage, Remedy};
pub use ledger::{Event, Ledger};
pub use lock::{Holder, LakeLock};
pub use manifest::{Manifest, ManifestEntry, OpenEnd};
pub use names::{Key, OwnKey, RunId, now_text};
pub use scratch::Scratch;
pub(crate) use scratch::ScratchFolder;
pub use slices::{FieldRecord, FinishedRows, RowsWriter, SliceRecord, Upstream};
pub use verify::KeyOrder;
pub use vintages::{Decision, Vintage, VintageFile, Volume};
pub use writer::{FinishedSlice, SliceWriter, TableWriter};

use crate::durable::files;
use crate::durable::identity::{self, Former, Holds};
use crate::error::{Error, IoContext, Result};
use crate::stop::Stop;
use fingerprints::Fingerprints;
use trust::Trust;

/// Name of the data in the folder of a slice and in snapshots.
pub const DATA_FILE: &str = "data.parquet";

/// One lake, open for reading; writing takes a [`Scratch`]. Clones are the
/// same lake and share what is known of raw files.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
    fingerprints: Arc<Mutex<Fingerprints>>,
    trust: Arc<Mutex<Trust>>,
    /// Looked at by all that reads long.
    stop: Stop,
}

impl Lake {
    /// Opens the lake of a study for a writer; creates its folder where there is
    /// none.
    ///
    /// # Errors
    /// [`Error::Usage`] for a folder of something else, or one that others may
    /// write to; [`Error::Lake`] where links stand in it; [`Error::Io`].
    pub fn open(root: &Path, study: &str) -> Result<Lake> {
        let lake = Lake::at(files::open_top(root, files::PRIVATE_DIR)?)?;
        identity::claim(&lake.root, Holds::Lake, study, || lake.former())?;
        Ok(lake)
    }

    /// Opens the lake of a study for a reader, who writes nothing; none where
    /// there is no such folder.
    ///
    /// # Errors
    /// As of [`Lake::open`].
    pub fn open_existing(root: &Path, study: &str) -> Result<Option<Lake>> {
        if !files::exists(root)? {
            return Ok(None);
        }
        // Links of snapshots and of `current` must not depend on where we stand.
        let lake = Lake::at(root.canonicalize().at("open", root)?)?;
        identity::check(&lake.root, Holds::Lake, study, || lake.former())?;
        Ok(Some(lake))
    }

    /// Opens a lake of which parts may be damaged, to say so or to mend it; none
    /// where there is no such folder.
    ///
    /// # Errors
    /// [`Error::Usage`] for one of another study, or that others may write to;
    /// [`Error::Io`].
    pub fn open_damaged(root: &Path, study: &str) -> Result<Option<Lake>> {
        if !files::exists(root)? {
            return Ok(None);
        }
        let root = root.canonicalize().at("open", root)?;
        privacy::refuse_writable_by_others(&root)?;
        let lake = Lake::with_root(root);
        identity::refuse_another(&lake.root, Holds::Lake, study, || lake.former())?;
        Ok(Some(lake))
    }

    /// Whose a lake is that an earlier version made, by what is current in it
    /// or else by its newest run.
    fn former(&self) -> Former {
        let current = self.current().ok().flatten().map(|manifest| manifest.study);
        let newest = || {
            let events = self.events(&self.newest_run().ok()??).ok()?;
            events.into_iter().find_map(|event| match event {
                Event::RunStarted { study, .. } => Some(study),
                _ => None,
            })
        };
        let is_begun = || ["lock", "scratch"].iter().all(|name| self.root.join(name).exists());
        match current.or_else(newest) {
            Some(study) => Former::Of(study),
            None if is_begun() => Former::Nameless,
            None => Former::None,
        }
    }

    fn at(root: PathBuf) -> Result<Lake> {
        privacy::refuse_open_doors(&root)?;
        Ok(Lake::with_root(root))
    }

    fn with_root(root: PathBuf) -> Lake {
        let fingerprints = Arc::new(Mutex::new(Fingerprints::load(&root)));
        let trust = Arc::new(Mutex::new(Trust::load(&root)));
        Lake { root, fingerprints, trust, stop: Stop::default() }
    }

    /// The same lake, where a signal ends all that reads long.
    #[must_use]
    pub fn heeding(self, stop: &Stop) -> Lake {
        Lake { stop: stop.clone(), ..self }
    }

    /// The folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Bytes free for us on the lake's disk.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn free_bytes(&self) -> Result<u64> {
        let disk = rustix::fs::statvfs(&self.root).map_err(std::io::Error::from);
        let disk = disk.at("look at the disk of", &self.root)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Fingerprint of a raw file: blake3 of its content in hex. The file is
    /// not read where its size, time and inode are as they were.
    ///
    /// # Errors
    /// [`Error::RawInput`] where the file cannot be read, or changes while it
    /// is read; [`Error::Interrupted`].
    pub fn fingerprint(&self, path: &Path) -> Result<String> {
        fingerprints::fingerprint(&self.fingerprints, path, &self.stop)
    }

    /// Learns the fingerprints of files on up to `threads` threads, so that
    /// [`Lake::fingerprint`] need not read them. What goes wrong is left to it.
    pub fn learn_fingerprints(&self, files: &[&Path], threads: usize) {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let learn = || {
            let take = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            while let Some(file) = files.get(take()) {
                // Asked again, it fails again, and is told then.
                let _ = self.fingerprint(file);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.min(files.len()) {
                scope.spawn(learn);
            }
            learn();
        });
    }

    /// Keeps what is known of raw files for the next process.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save_fingerprints(&self) -> Result<()> {
        let mut known = self.fingerprints.lock().map_err(|_| poisoned())?;
        known.save(&self.root)
    }
}

fn poisoned() -> Error {
    Error::internal("another thread failed while it held what this one needs")
}
