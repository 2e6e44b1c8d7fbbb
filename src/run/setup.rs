//! What one command works with: the study and where its files lie.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, printable};
use crate::pipeline::Study;
use crate::pipeline::files::Origin;

/// The study, its folders and the machine's share that a run may take.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The study.
    pub study: Study,
    /// The study as it was asked for, by name or by the path of its file.
    pub asked_for: String,
    /// Where its definition came from.
    pub definition: Origin,
    /// Folder of the raw files.
    pub raw: PathBuf,
    /// Folder of the lake.
    pub lake: PathBuf,
    /// Folder of the releases.
    pub release: PathBuf,
    /// Threads.
    pub threads: usize,
    /// Memory limit of the process in bytes.
    pub memory: u64,
    /// Bytes that the rejects of a run may take, before they are packed.
    pub reject_space: u64,
}

impl Setup {
    /// Refuses folders that lie in each other: microdata of the lake among what
    /// is published, tables of a release among the raw files.
    ///
    /// # Errors
    /// [`Error::Usage`] with both folders.
    pub fn check_folders(&self) -> Result<()> {
        let folders = [("raw", &self.raw), ("lake", &self.lake), ("release", &self.release)];
        let folders = folders.map(|(name, path)| (name, path, real(path)));
        for (inner, inner_path, inner_real) in &folders {
            for (outer, outer_path, outer_real) in &folders {
                if inner != outer && inner_real.starts_with(outer_real) {
                    let (inner_path, outer_path) = (printable(inner_path), printable(outer_path));
                    let message = format!("--{inner} {inner_path} lies in --{outer} {outer_path}");
                    return Err(Error::usage(message).with_hint("give each a folder of its own"));
                }
            }
        }
        Ok(())
    }

    /// Refuses releases of another study; the lake is looked at when it is opened.
    ///
    /// # Errors
    /// [`Error::Usage`] with both studies.
    pub fn check_release(&self) -> Result<()> {
        crate::publish::damage::check_owner(&self.release, &self.study.name)
    }
}

/// The real name of a folder, of which the last parts need not exist yet.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for above in path.ancestors() {
        if let (Ok(real), Ok(below)) = (above.canonicalize(), path.strip_prefix(above)) {
            return real.join(below);
        }
    }
    path
}
