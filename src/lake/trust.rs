//! Whether slices are still as they were put: what a run reads is held against
//! its recorded size each time, and against its hash where the file was written
//! to since that was done last, and once a day. A disk that lets bits flip
//! changes neither size nor time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::fingerprints::Stamp;
use super::{Lake, Scratch, SliceRecord, poisoned};
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::seal;
use crate::error::{Error, IoContext, Result};
use crate::stop::Stop;

/// Name of the file; a cache, and losing it costs reading.
pub(super) const FILE: &str = "verified.json";
/// For so long a slice that was read whole and found right is taken to be so.
pub const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Bytes read between two looks at the wish to stop.
const PIECE: usize = 1 << 20;

/// Which slices were read whole and found as they were put, by their keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Trust {
    verified: BTreeMap<String, Verified>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Verified {
    at: Timestamp,
    stamp: Stamp,
}

impl Trust {
    /// What an earlier process knew; nothing where that cannot be read.
    pub(super) fn load(root: &Path) -> Self {
        files::read_json(&root.join(FILE)).ok().flatten().unwrap_or_default()
    }

    fn has(&self, key: &str, stamp: &Stamp, age: Duration) -> bool {
        let found = self.verified.get(key).filter(|found| found.stamp == *stamp);
        found.is_some_and(|found| found.is_within(age, Timestamp::now()))
    }
}

impl Verified {
    fn is_within(&self, age: Duration, now: Timestamp) -> bool {
        let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::ZERO);
        let passed = now.duration_since(self.at);
        // A moment in the future is of a clock that was wrong.
        !passed.is_negative() && passed < age
    }
}

impl Lake {
    /// Reads a slice whole and holds it against its record, unless that was
    /// done and went well less than `age` ago.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it is not as it was put;
    /// [`Error::Interrupted`]; [`Error::Io`].
    pub fn ensure_whole(&self, record: &SliceRecord, age: Duration) -> Result<()> {
        let path = self.slice_path(record);
        let known = stamp(&path).is_some_and(|stamp| {
            self.trust.lock().is_ok_and(|trust| trust.has(record.key.as_str(), &stamp, age))
        });
        if known {
            return Ok(());
        }
        let wrong = |what: &str| Err(Error::damaged(&path, format!("{}: {what}", record.slice)));
        if files::size(&path)? != Some(record.bytes) {
            return wrong("its data have another size than its record says");
        }
        if content_hash(&path, &self.stop)? != record.content {
            return wrong("its data are not as they were written");
        }
        self.has_found_whole(record)
    }

    /// The first of some slices that is not as it was put, after something failed
    /// that read them: a damaged file may look like anything.
    pub fn damage_behind<'a>(
        &self,
        slices: impl IntoIterator<Item = &'a SliceRecord>,
    ) -> Option<Error> {
        let damage = |slice| match self.ensure_whole(slice, Duration::ZERO) {
            Err(error @ Error::Damaged { .. }) => Some(error),
            _ => None,
        };
        slices.into_iter().find_map(damage)
    }

    pub(super) fn has_found_whole(&self, record: &SliceRecord) -> Result<()> {
        let mut trust = self.trust.lock().map_err(|_| poisoned())?;
        if let Some(stamp) = stamp(&self.slice_path(record)) {
            trust.verified.insert(record.key.to_string(), Verified { at: Timestamp::now(), stamp });
        }
        Ok(())
    }

    /// Forgets what is known without reading: of slices, and of raw files where
    /// these are to be read anew.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn forget(&self, raw_files: bool) -> Result<()> {
        if raw_files {
            self.fingerprints.lock().map_err(|_| poisoned())?.forget();
        }
        self.trust.lock().map_err(|_| poisoned())?.verified.clear();
        Ok(())
    }
}

impl Scratch {
    /// Keeps for the next process which slices were found whole.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save_trust(&self) -> Result<()> {
        let mut trust = self.lake().trust.lock().map_err(|_| poisoned())?.clone();
        let now = Timestamp::now();
        trust.verified.retain(|_, found| found.is_within(A_DAY, now));
        let fresh = self.fresh_path("verified");
        files::write_file(&fresh, PRIVATE_FILE, &seal::to_json(&trust)?)?;
        files::rename(&fresh, &self.lake().root().join(FILE))
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    path.symlink_metadata().ok().filter(std::fs::Metadata::is_file).map(|found| Stamp::of(&found))
}

/// The hash of a content, as [`content_hash`] gives that of a file.
pub(super) fn sum(content: &[u8]) -> String {
    blake3::hash(content).to_hex().chars().take(32).collect()
}

/// The content hash of a file: 32 hex digits of blake3.
///
/// # Errors
/// [`Error::Interrupted`]; [`Error::Io`].
pub(super) fn content_hash(path: &Path, stop: &Stop) -> Result<String> {
    let mut file = File::open(path).at("open", path)?;
    Ok(hash(&mut file, stop)?.at("read", path)?.to_hex().chars().take(32).collect())
}

/// The hash of all that a file still has; the system's error inside.
///
/// # Errors
/// [`Error::Interrupted`].
pub(super) fn hash(file: &mut File, stop: &Stop) -> Result<std::io::Result<blake3::Hash>> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    loop {
        stop.check()?;
        match file.read(&mut piece) {
            Ok(0) => return Ok(Ok(hasher.finalize())),
            Ok(read) => {
                hasher.update(piece.get(..read).unwrap_or_default());
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}
