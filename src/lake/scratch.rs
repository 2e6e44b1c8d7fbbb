//! The scratch folder of a run: the right to write to the lake, and the place
//! where things are until they are whole.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::files::{self, PRIVATE_DIR};
use super::fingerprints;
use super::{Lake, LakeLock, RunId};
use crate::error::Result;

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
        self.sweep_queries()?;
        let dir = all.join(run.as_str());
        files::create_dir(&dir, PRIVATE_DIR)?;
        files::create_dir(&dir.join("spill"), PRIVATE_DIR)?;
        let (lake, run) = (self.clone(), run.clone());
        let (count, history) = (AtomicU64::new(0), Mutex::new(()));
        Ok(Scratch { lake, run, dir, count, encoders: 1, history, _lock: lock })
    }
}

/// The folder in which one query of a reader spills; removed with this value.
#[derive(Debug)]
pub struct QueryFolder(ScratchFolder);

impl QueryFolder {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Lake {
    /// A folder for what a query spills, in the lake because it is microdata.
    /// One that a killed reader left is swept by the next query or run.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn query_folder(&self) -> Result<QueryFolder> {
        let all = self.root().join("queries");
        files::create_dir(&all, PRIVATE_DIR)?;
        self.sweep_queries()?;
        let dir = all.join(std::process::id().to_string());
        files::create_dir(&dir, PRIVATE_DIR)?;
        Ok(QueryFolder(ScratchFolder(dir)))
    }

    fn sweep_queries(&self) -> Result<()> {
        let all = self.root().join("queries");
        for name in files::names_in(&all)? {
            if !name.parse().is_ok_and(files::is_alive) {
                files::remove(&all.join(name))?;
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_query_spilled_is_swept_and_what_a_live_one_spills_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path()).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let dead = temp.path().join("queries").join(child.id().to_string());
        child.wait().unwrap();
        std::fs::create_dir_all(dead.join("inner")).unwrap();
        let live = temp.path().join("queries/1");
        std::fs::create_dir_all(&live).unwrap();
        let own = lake.query_folder().unwrap();
        assert!(!dead.exists() && live.exists() && own.path().is_dir());
        let place = own.path().to_path_buf();
        drop(own);
        assert!(!place.exists());
    }
}
