//! Points at which a debug build can be made to die as by `kill -9`, so that
//! tests can show what a crash leaves. A release build has none.
//!
//! `HONKVAST_KILL_AT=slice-put` kills the process the first time it comes by
//! that point, `HONKVAST_KILL_AT=slice-put:3` the third time.
//!
//! `HONKVAST_STOP_AT` stops it there instead, until it is told to go on, so that
//! tests can change what is around it meanwhile.
//!
//! Each pass is logged at level `trace`, so that tests can kill at all of them.
//!
//! | point | the process dies when |
//! |---|---|
//! | `dir-created`, `file-created` | a folder or an empty file is there |
//! | `file-half-written` | half of a small file is written |
//! | `file-written` | all of it is, and not yet brought to disk |
//! | `renamed` | something has its place, and the folder is not yet on disk |
//! | `event-half-written`, `event-written` | a line of the ledger is |
//! | `table-block` | rows have been handed to the Parquet writer |
//! | `table-column` | a column of a row group is in the file, not yet the footer |
//! | `table-closed` | a Parquet file is whole, and not yet brought to disk |
//! | `ingest-batch` | a batch of raw records has been handed to the writer |
//! | `slice-written` | a slice's file is closed in the scratch folder |
//! | `slice-verified` | the file has been read back and hashed |
//! | `slice-putting` | data and record are on disk, the rename is next |
//! | `slice-put` | the slice has its place in the lake |
//! | `check-asked` | a check's rows are known, its result is not kept yet |
//! | `check-kept` | the result of a check has its place |
//! | `snapshot-linked` | a slice has its link in a snapshot |
//! | `snapshot-built` | all links of a snapshot stand in the scratch folder |
//! | `current-swapping` | the snapshot has its place, `current` is as before |
//! | `current-swapped` | `current` points at the new snapshot |
//! | `candidate-kept` | a candidate has its place |
//! | `table-adding-up` | a published table is to be collected |
//! | `table-added-up` | totals of a published table are computed |
//! | `release-written` | all files of a release are on disk, unpublished |
//! | `release-swapping` | the release has its place, `current` is as before |
//! | `release-swapped` | the release's `current` points at the new one |
//! | `slice-adopting`, `slice-adopted` | a slice gets its present key |
//! | `set-aside` | something damaged is out of the way, and nothing is in its place |
//! | `mended` | a damage is mended, others perhaps not yet |
//! | `gc-moving`, `gc-moved`, `gc-removed` | something leaves its place and goes |

use std::fs::File;
use std::io::{Result, Write};

/// Dies or stops here if the environment says so.
#[cfg(debug_assertions)]
pub fn point(name: &'static str) {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};

    use rustix::process::{Signal, getpid, kill_process};

    static PASSED: Mutex<BTreeMap<&str, u64>> = Mutex::new(BTreeMap::new());
    let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    let time = passed.entry(name).or_default();
    *time += 1;
    tracing::trace!(point = name, time = *time, "passed {name}");
    let is_asked = |variable: &str| {
        std::env::var(variable).is_ok_and(|wanted| {
            let (point, wanted_time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
            point == name && wanted_time.parse() == Ok(*time)
        })
    };
    // Nothing to do where the system refuses: the test will see a live process.
    if is_asked("HONKVAST_KILL_AT") {
        tracing::warn!(point = name, time = *time, "killed as HONKVAST_KILL_AT asks");
        let _ = kill_process(getpid(), Signal::KILL);
        std::thread::sleep(std::time::Duration::from_secs(10));
    }
    if is_asked("HONKVAST_STOP_AT") {
        let _ = kill_process(getpid(), Signal::STOP);
    }
}

/// Does nothing in a release build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &'static str) {}

/// Writes all of a content; a debug build may die half way.
pub fn write_all(file: &mut File, content: &[u8], half_way: &'static str) -> Result<()> {
    if cfg!(debug_assertions) {
        let (first, rest) = content.split_at(content.len() / 2);
        file.write_all(first)?;
        point(half_way);
        file.write_all(rest)
    } else {
        file.write_all(content)
    }
}
