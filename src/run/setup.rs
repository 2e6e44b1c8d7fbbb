//! What one command works with: the study and where its files lie.

use std::path::PathBuf;

use crate::pipeline::Study;

/// The study, its folders and the machine's share that a run may take.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The study.
    pub study: Study,
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
