//! The scratch folder of a run: the right to write to the lake, and the place
//! where things are until they are whole.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fingerprints;
use super::{Lake, LakeLock, RunId};
use crate::durable::crash;
use crate::durable::files::{self, PRIVATE_DIR};
use crate::error::Result;

/// Folder of the lake for what was damaged and set aside.
pub(super) const DAMAGED: &str = "damaged";

/// The one writer of a lake. Dropping it removes the scratch folder and lets
/// the lock go.
#[derive(Debug)]
pub struct Scratch {
    lake: Lake,
    run: RunId,
    dir: PathBuf,
    count: AtomicU64,
    /// Threads that encode one table.
    pub(super) encoders: usize,
    /// Held while a history of vintages is rewritten.
    pub(super) history: Mutex<()>,
    // Goes last: the lock outlives what it protects.
    _lock: LakeLock,
}

/// A folder of one thing in the making; it is removed with this value, unless
/// it has been renamed to its place.
#[derive(Debug)]
pub(crate) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What stays is swept at the start of the next run.
        let _ = files::remove(&self.0);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is swept at the start of the next run.
        let _ = files::remove(&self.dir);
    }
}

impl Lake {
    /// Begins the writing of a run: sweeps what dead runs left behind and
    /// creates the run's scratch folder. Whoever has the lock is the only
    /// writer, so all that is found there is dead.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn begin(&self, lock: LakeLock, run: &RunId) -> Result<Scratch> {
        let all = self.root().join("scratch");
        files::create_dir(&all, PRIVATE_DIR)?;
        for name in files::names_in(&all)? {
            files::remove(&all.join(name))?;
        }
        fingerprints::sweep(self.root())?;
        // Where readers of former versions spilled.
        files::remove(&self.root().join("queries"))?;
        let dir = all.join(run.as_str());
        files::create_dir(&dir, PRIVATE_DIR)?;
        files::create_dir(&dir.join("spill"), PRIVATE_DIR)?;
        let (lake, run) = (self.clone(), run.clone());
        let (count, history) = (AtomicU64::new(0), Mutex::new(()));
        Ok(Scratch { lake, run, dir, count, encoders: 1, history, _lock: lock })
    }
}

impl Scratch {
    /// Encodes each table on up to so many threads from here on; on one where
    /// nothing is said.
    #[must_use]
    pub fn with_encoders(mut self, threads: usize) -> Self {
        self.encoders = threads.max(1);
        self
    }

    /// The lake.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// The run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The folder for what the engine spills; only this run's.
    pub fn spill(&self) -> PathBuf {
        self.dir.join("spill")
    }

    /// Moves something damaged out of the way, to where people can look at it.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn set_aside(&self, path: &Path) -> Result<PathBuf> {
        let root = self.lake.root();
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('/', "_");
        let place = root.join(DAMAGED).join(self.run.as_str());
        files::create_dirs_below(root, &place)?;
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let place = place.join(format!("{number}-{name}"));
        files::rename(path, &place)?;
        crash::point("set-aside");
        Ok(place)
    }

    /// A path in the scratch folder that nothing has yet.
    pub(super) fn fresh_path(&self, what: &str) -> PathBuf {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        self.dir.join(format!("{what}-{number}"))
    }

    /// A new folder for one thing in the making.
    pub(super) fn folder(&self, what: &str) -> Result<ScratchFolder> {
        let path = self.fresh_path(what);
        files::create_dir(&path, PRIVATE_DIR)?;
        Ok(ScratchFolder(path))
    }
}
