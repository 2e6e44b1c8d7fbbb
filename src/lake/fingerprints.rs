//! Fingerprints of raw files: a file whose size, time and inode are as they
//! were is not read again. A cache; losing it costs reading.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::poisoned;
use super::trust::hash;
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::seal;
use crate::error::{Error, Result};
use crate::stop::Stop;

pub(super) const FILE: &str = "files.json";
/// A file that changed this short before it was read may change once more
/// within the resolution of its time; it is read again by the next process.
const SETTLED: Duration = Duration::from_secs(1);

/// What is known of raw files.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    known: BTreeMap<String, Known>,
    has_changed: bool,
}

/// What is kept for the next process.
#[derive(Serialize, Deserialize)]
struct Stored {
    files: BTreeMap<String, Known>,
}

/// What is known of one raw file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    #[serde(flatten)]
    stamp: Stamp,
    blake3: String,
    /// Was read too soon after its last change to be believed for long.
    #[serde(skip)]
    is_fresh: bool,
}

/// What tells that a file is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    modified_s: i64,
    modified_ns: i64,
    inode: u64,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Stamp {
            size: metadata.len(),
            modified_s: metadata.mtime(),
            modified_ns: metadata.mtime_nsec(),
            inode: metadata.ino(),
        }
    }
}

impl Fingerprints {
    /// What an earlier process knew; nothing where that cannot be read.
    pub(super) fn load(root: &Path) -> Self {
        let stored: Option<Stored> = files::read_json(&root.join(FILE)).ok().flatten();
        let known = stored.map(|stored| stored.files).unwrap_or_default();
        Fingerprints { known, has_changed: false }
    }

    /// Forgets all of it.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.has_changed = true;
    }

    /// Writes what is known, if it is more than was read.
    pub(super) fn save(&mut self, root: &Path) -> Result<()> {
        if !self.has_changed {
            return Ok(());
        }
        let settled = self.known.iter().filter(|(_, known)| !known.is_fresh);
        let settled = settled.map(|(name, known)| (name.clone(), known.clone())).collect();
        let fresh = root.join(format!(".{FILE}-{}", std::process::id()));
        files::remove(&fresh)?;
        files::write_file(&fresh, PRIVATE_FILE, &seal::to_json(&Stored { files: settled })?)?;
        files::rename(&fresh, &root.join(FILE))?;
        self.has_changed = false;
        Ok(())
    }
}

/// Removes what processes left that died while they saved.
pub(super) fn sweep(root: &Path) -> Result<()> {
    for name in files::names_in(root)? {
        let pid = name.strip_prefix(&format!(".{FILE}-")).map(str::parse);
        if let Some(Ok(pid)) = pid
            && (pid == std::process::id() || !files::is_alive(pid))
        {
            files::remove(&root.join(name))?;
        }
    }
    Ok(())
}

/// The fingerprint of a raw file; the lock is not held while it is read.
pub(super) fn fingerprint(
    fingerprints: &Mutex<Fingerprints>,
    path: &Path,
    stop: &Stop,
) -> Result<String> {
    let cannot = |error: std::io::Error| Error::raw_input(path, format!("cannot be read: {error}"));
    let path = path.canonicalize().map_err(cannot)?;
    let mut file = File::open(&path).map_err(cannot)?;
    let stamp = Stamp::of(&file.metadata().map_err(cannot)?);
    let name = path.to_string_lossy().into_owned();
    let known = fingerprints.lock().map_err(|_| poisoned())?.known.get(&name).cloned();
    if let Some(known) = known.filter(|known| known.stamp == stamp) {
        return Ok(known.blake3);
    }
    let begin = SystemTime::now();
    let blake3 = hash(&mut file, stop)?.map_err(cannot)?.to_hex().to_string();
    let after = file.metadata().map_err(cannot)?;
    if Stamp::of(&after) != stamp {
        return Err(Error::raw_input(&path, "changes while it is read")
            .with_hint("run again once its delivery is complete"));
    }
    let age = after.modified().ok().and_then(|modified| begin.duration_since(modified).ok());
    let is_fresh = age.is_none_or(|age| age < SETTLED);
    let mut fingerprints = fingerprints.lock().map_err(|_| poisoned())?;
    fingerprints.known.insert(name, Known { stamp, blake3: blake3.clone(), is_fresh });
    fingerprints.has_changed = true;
    Ok(blake3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::Lake;

    fn age(path: &Path, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }

    #[test]
    fn a_file_that_did_not_change_is_not_read_again() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
        let raw = temp.path().join("raw.csv");
        std::fs::write(&raw, "old").unwrap();
        age(&raw, 60);
        let modified = raw.metadata().unwrap().modified().unwrap();
        let hash = lake.fingerprint(&raw).unwrap();
        assert_eq!(hash, blake3::hash(b"old").to_hex().as_str());
        lake.save_fingerprints().unwrap();
        // The same size, time and inode: nothing tells that it is another.
        std::fs::write(&raw, "new").unwrap();
        File::options().write(true).open(&raw).unwrap().set_modified(modified).unwrap();
        let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
        assert_eq!(lake.fingerprint(&raw).unwrap(), hash);
        age(&raw, 50);
        assert_ne!(lake.fingerprint(&raw).unwrap(), hash);
    }

    #[test]
    fn a_file_that_just_changed_is_read_again_by_the_next_process() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
        let raw = temp.path().join("raw.csv");
        std::fs::write(&raw, "old").unwrap();
        lake.fingerprint(&raw).unwrap();
        lake.save_fingerprints().unwrap();
        let saved = std::fs::read_to_string(lake.root().join(FILE)).unwrap();
        assert!(!saved.contains("raw.csv"));
    }

    #[test]
    fn a_damaged_or_missing_cache_costs_reading_only() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
        std::fs::write(lake.root().join(FILE), "{ half").unwrap();
        let lake = Lake::open(lake.root(), "s").unwrap();
        let raw = temp.path().join("raw.csv");
        std::fs::write(&raw, "x").unwrap();
        assert_eq!(lake.fingerprint(&raw).unwrap().len(), 64);
        let missing = lake.fingerprint(&temp.path().join("none.csv")).unwrap_err();
        assert_eq!(missing.exit_code(), 5);
    }
}
