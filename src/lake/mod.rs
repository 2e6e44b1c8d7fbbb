//! The lake: everything that touches its files. What a slice means, what goes
//! into a key and when a run may move `current` is left to the plan and the run.
//!
//! ```text
//! <lake>/lock                   held by the writer; says who that is
//! <lake>/files.json             fingerprints of raw files; a cache
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
//! <lake>/scratch/<run>/         what is being written, and spill/
//! <lake>/queries/<pid>/         what a reader's query spills
//! ```
//!
//! Folders are 0700 and files 0600 whatever the umask. Whatever readers may see
//! is written in the run's scratch folder, brought to disk and renamed: a crash
//! leaves the old state or the new one, and scratch, which the next run sweeps.

mod adopt;
pub mod checks;
pub mod crash;
mod dealt;
mod dictionary;
pub mod files;
pub mod fingerprints;
pub mod gc;
pub mod history;
pub mod keeping;
pub mod ledger;
pub mod lock;
pub mod manifest;
pub mod names;
mod row_groups;
mod scratch;
pub mod slices;
mod snapshots;
pub mod types;
pub mod verify;
pub mod vintages;
pub mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use checks::CheckRecord;
pub use dealt::Dealt;
pub use dictionary::{CodeLabel, FileColumn, FileDictionary, UserMissing};
pub use history::{RunStatus, RunSummary};
pub use ledger::{Event, Ledger};
pub use lock::{Holder, LakeLock};
pub use manifest::{Manifest, ManifestEntry, OpenEnd};
pub use names::{Key, OwnKey, RunId, now_text};
pub(crate) use scratch::ScratchFolder;
pub use scratch::{QueryFolder, Scratch};
pub use slices::{FieldRecord, FinishedRows, RowsWriter, SliceRecord, Upstream};
pub use verify::KeyOrder;
pub use vintages::{Decision, Vintage, VintageFile, Volume};
pub use writer::{FinishedSlice, SliceWriter};

use crate::error::{Error, IoContext, Result};
use fingerprints::Fingerprints;

/// Name of the data in the folder of a slice and in snapshots.
pub const DATA_FILE: &str = "data.parquet";

/// One lake, open for reading; writing takes a [`Scratch`]. Clones are the
/// same lake and share what is known of raw files.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
    fingerprints: Arc<Mutex<Fingerprints>>,
}

impl Lake {
    /// Opens a lake; creates its folder where there is none.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(root: &Path) -> Result<Lake> {
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).at("create", parent)?;
        }
        files::create_dir(root, files::PRIVATE_DIR)?;
        // Links of snapshots and of `current` must not depend on where we stand.
        let root = root.canonicalize().at("open", root)?;
        let fingerprints = Arc::new(Mutex::new(Fingerprints::load(&root)));
        Ok(Lake { root, fingerprints })
    }

    /// Opens a lake; none where there is no such folder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open_existing(root: &Path) -> Result<Option<Lake>> {
        match root.try_exists().at("open", root)? {
            true => Lake::open(root).map(Some),
            false => Ok(None),
        }
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
    /// is read.
    pub fn fingerprint(&self, path: &Path) -> Result<String> {
        fingerprints::fingerprint(&self.fingerprints, path)
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
