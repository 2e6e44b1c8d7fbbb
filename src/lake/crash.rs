//! Points at which a debug build can be made to die as by `kill -9`, so that
//! tests can show what a crash leaves. A release build has none.
//!
//! `HONKVAST_KILL_AT=slice-put` kills the process the first time it comes by
//! that point, `HONKVAST_KILL_AT=slice-put:3` the third time.
//!
//! | point | the process dies when |
//! |---|---|
//! | `ingest-batch` | a batch of raw records has been handed to the writer |
//! | `slice-written` | a slice's file is closed in the scratch folder |
//! | `slice-verified` | the file has been read back and hashed |
//! | `slice-putting` | data and record are on disk, the rename is next |
//! | `slice-put` | the slice has its place in the lake |
//! | `check-kept` | the result of a check has its place |
//! | `snapshot-built` | all links of a snapshot stand in the scratch folder |
//! | `current-swapping` | the snapshot has its place, `current` is as before |
//! | `current-swapped` | `current` points at the new snapshot |
//! | `candidate-kept` | a candidate has its place |
//! | `release-written` | all files of a release are on disk, unpublished |
//! | `release-swapping` | the release has its place, `current` is as before |
//! | `release-swapped` | the release's `current` points at the new one |

/// Dies here if the environment says so.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};

    static PASSED: AtomicU64 = AtomicU64::new(0);
    let Ok(wanted) = std::env::var("HONKVAST_KILL_AT") else { return };
    let (point, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if point != name {
        return;
    }
    let passed = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    if time.parse() == Ok(passed) {
        tracing::warn!(point, time = passed, "killed as HONKVAST_KILL_AT asks");
        // Nothing to do where the system refuses: the test will see a live process.
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::thread::sleep(std::time::Duration::from_secs(10));
    }
}

/// Does nothing in a release build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &str) {}
