//! The ledger: each run's events, one JSON line each, written as they happen.
//! No event holds a value of the data. Reading runs back is `history`'s.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::{Decision, Lake, RunId, Scratch, Volume, poisoned};
use crate::durable::files::{self, PRIVATE_DIR, PRIVATE_FILE};
use crate::durable::{crash, seal};
use crate::error::{IoContext, Result};
use crate::pipeline::drift::Drift;
use crate::pipeline::files::Origin;

/// A slice of the plan that will be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSlice {
    /// The slice, as it prints.
    pub slice: String,
    /// Why, in a person's words.
    pub reason: String,
}

/// A slice of the plan that is made if another one changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitedSlice {
    /// The slice, as it prints.
    pub slice: String,
    /// The other one.
    pub upstream: String,
}

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event of each run.
    RunStarted {
        /// The run.
        run: RunId,
        /// When, RFC 3339 in UTC.
        at: String,
        /// What it was started as.
        command: String,
        /// The study.
        study: String,
        /// Version of honkvast.
        version: String,
        /// What honkvast was built from; runs of earlier versions do not say.
        #[serde(default)]
        build: Option<String>,
        /// The process.
        pid: u32,
        /// Where the definition came from; runs of earlier versions do not say.
        #[serde(default)]
        definition: Option<Origin>,
        /// Threads; runs of earlier versions do not say.
        #[serde(default)]
        threads: Option<usize>,
        /// Memory limit in bytes; runs of earlier versions do not say.
        #[serde(default)]
        memory_limit: Option<u64>,
    },
    /// What the run is going to do.
    Planned {
        /// Slices that will be made.
        will_make: Vec<PlannedSlice>,
        /// Slices that are made if another one changes.
        if_changed: Vec<AwaitedSlice>,
        /// Slices that stay as they are.
        up_to_date: usize,
    },
    /// A raw file has other columns than the vintage before it.
    Drifted {
        /// The slice, as it prints.
        slice: String,
        /// The file, relative to the raw folder.
        file: String,
        /// The file of the vintage before it.
        compared_with: Option<String>,
        /// What changed.
        drift: Drift,
        /// What became of it.
        decision: Decision,
    },
    /// A raw file is smaller than its source allows.
    Shrunk {
        /// The slice, as it prints.
        slice: String,
        /// The file, relative to the raw folder.
        file: String,
        /// The file of the vintage before it.
        compared_with: Option<String>,
        /// Its size.
        now: Volume,
        /// The size of the vintage before it.
        before: Volume,
        /// What became of it.
        decision: Decision,
    },
    /// A slice was made.
    SliceMade {
        /// The slice, as it prints.
        slice: String,
        /// Its key.
        key: String,
        /// Its content hash.
        content: String,
        /// Its rows.
        rows: u64,
        /// Records read, of a raw slice.
        rows_read: Option<u64>,
        /// Records rejected, of a raw slice.
        rows_rejected: u64,
        /// Size in bytes.
        bytes: u64,
        /// Time it took.
        seconds: f64,
        /// The content is another than before.
        changed: bool,
    },
    /// A slice of the plan needed no making once its upstreams were known.
    SliceUnchanged {
        /// The slice, as it prints.
        slice: String,
        /// Its key.
        key: String,
    },
    /// A slice could not be made.
    SliceFailed {
        /// The slice, as it prints.
        slice: String,
        /// Its key, under which rejects of a raw slice stand.
        key: String,
        /// Why.
        message: String,
    },
    /// Slices were not made, since what they need failed.
    Skipped {
        /// The slices, as they print.
        slices: Vec<String>,
    },
    /// A slice of a former version was taken over.
    Adopted {
        /// The slice, as it prints.
        slice: String,
        /// Its key.
        key: String,
        /// The key that it had.
        from: String,
        /// Its content hash.
        content: String,
        /// It was made anew and came out the same; else another one of its table.
        proven: bool,
    },
    /// A table's output is not that of a former version.
    AdoptionRefused {
        /// The table.
        table: String,
        /// What was found.
        why: String,
    },
    /// A check was asked.
    Checked {
        /// Its name.
        name: String,
        /// The key under which its result stands.
        #[serde(default)]
        key: Option<String>,
        /// `stop` or `warn`.
        level: String,
        /// Rows that fail it.
        rows: u64,
        /// Time it took.
        seconds: f64,
        /// The answer was known.
        cached: bool,
    },
    /// The tables went through protection.
    Protected {
        /// The key under which their audit stands.
        key: String,
        /// Counts that are shown.
        shown: usize,
        /// Counts that are not.
        suppressed: usize,
        /// The narrowest interval that is left of one that could be small.
        narrowest: Option<i64>,
        /// Time it took.
        seconds: f64,
        /// The audit was there.
        cached: bool,
    },
    /// What was made is current now.
    CurrentMoved {
        /// The manifest's name.
        id: String,
    },
    /// What was current before this run is so again: its release could not be.
    CurrentMovedBack,
    /// What was made is kept apart.
    CandidateKept {
        /// Why.
        why: String,
    },
    /// The tables stand in the release folder.
    Released {
        /// The release's key.
        id: String,
        /// It is another than before.
        changed: bool,
    },
    /// A `gc` is about to remove what runs left that are no longer kept.
    Collected {
        /// Runs that something goes of.
        runs: Vec<RunId>,
        /// Slices that go.
        slices: usize,
        /// Snapshots that go.
        snapshots: usize,
        /// Candidates that go.
        candidates: usize,
        /// Files of rejects that go.
        rejects: usize,
        /// Results of checks that go.
        checks: usize,
        /// Audits of protection that go.
        #[serde(default)]
        audits: usize,
        /// Bytes that come free.
        bytes: u64,
    },
    /// A damage was found and is about to be mended.
    Mended {
        /// What was damaged.
        path: PathBuf,
        /// What did not fit.
        what: String,
    },
    /// The last event of a run that was not killed.
    RunEnded {
        /// When, RFC 3339 in UTC.
        at: String,
        /// The process's exit code.
        exit_code: u8,
        /// The error, if it failed.
        message: Option<String>,
        /// Time it took.
        seconds: f64,
        /// Most memory it held, in bytes, where known.
        peak_rss: Option<u64>,
    },
    /// A line that is not as it was written; it stands in no ledger.
    Damaged {
        /// The line, counted from one.
        line: usize,
    },
    /// An event of a later version of honkvast.
    #[serde(other)]
    Unknown,
}

/// The ledger of one run, open for writing.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
}

impl Lake {
    /// Opens the ledger of a run for writing.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn ledger(&self, run: &RunId) -> Result<Ledger> {
        files::create_dir(&self.root().join("ledger"), PRIVATE_DIR)?;
        Ledger::open(self.ledger_path(run))
    }

    /// The newest run of the ledger, by its place there.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn newest_run(&self) -> Result<Option<RunId>> {
        Ok(self.run_ids()?.pop())
    }

    /// The runs of the ledger, the oldest first.
    pub(super) fn run_ids(&self) -> Result<Vec<RunId>> {
        let names = files::names_in(&self.root().join("ledger"))?;
        let run = |name: &String| name.strip_suffix(".jsonl")?.parse().ok();
        Ok(names.iter().filter_map(run).collect())
    }

    /// The name of a run that starts now. Its place is behind all others, though
    /// the clock went back since they began.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn next_run(&self) -> Result<RunId> {
        let now = RunId::now();
        Ok(match self.newest_run()? {
            Some(newest) if newest >= now => newest.next(),
            _ => now,
        })
    }

    /// Takes off the newest ledger the line that a kill cut short, for the next
    /// run to begin behind it. What a run told stays: a cut line tells nothing.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn drop_cut_line(&self) -> Result<()> {
        let Some(run) = self.newest_run()? else { return Ok(()) };
        let path = self.ledger_path(&run);
        // What else may lie there is for `verify` to tell.
        if files::size(&path)?.is_none() {
            return Ok(());
        }
        let text = std::fs::read(&path).at("read", &path)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if whole == 0 {
            return files::remove(&path);
        }
        if whole < text.len() {
            let file = files::open_to_append(&path)?;
            file.set_len(whole as u64).at("write", &path)?;
        }
        Ok(())
    }

    pub(super) fn ledger_path(&self, run: &RunId) -> PathBuf {
        self.root().join("ledger").join(format!("{run}.jsonl"))
    }
}

impl Scratch {
    /// A ledger that goes with the scratch folder, for what changes nothing.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn draft_ledger(&self) -> Result<Ledger> {
        Ledger::open(self.fresh_path("ledger"))
    }
}

impl Ledger {
    fn open(path: PathBuf) -> Result<Self> {
        let file = if files::exists(&path)? {
            files::open_to_append(&path)?
        } else {
            files::create_file(&path, PRIVATE_FILE)?
        };
        Ok(Ledger { path, file: Mutex::new(file) })
    }

    /// Writes an event; it is with the system when this returns, and on disk
    /// after the event that ends the run.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn append(&self, event: &Event) -> Result<()> {
        let line = seal::to_line(event)?;
        let mut file = self.file.lock().map_err(|_| poisoned())?;
        let length = file.metadata().at("read", &self.path)?.len();
        let written = crash::write_all(&mut file, &line, "event-half-written");
        if written.is_err() {
            // Half a line would spoil the next one.
            file.set_len(length).at("write", &self.path)?;
            file.seek(SeekFrom::Start(length)).at("write", &self.path)?;
        }
        written.at("write", &self.path)?;
        crash::point("event-written");
        if matches!(event, Event::RunEnded { .. }) {
            file.sync_all().at("sync", &self.path)?;
        }
        Ok(())
    }
}
