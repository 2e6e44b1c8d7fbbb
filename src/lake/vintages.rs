//! The history of a source's raw files: which columns each had, and what was
//! new, lost or retyped in it. It outlives the slices that were made from the
//! files, and holds names and kinds of columns, no value.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Lake, RunId, Scratch};
use crate::durable::files::{self, PRIVATE_DIR, PRIVATE_FILE};
use crate::durable::seal::{self, Seal};
use crate::error::{Error, IoContext, Result};
use crate::pipeline::drift::Drift;
use crate::pipeline::file_pattern::YearPart;
use crate::pipeline::layout::Layout;

/// A raw file as the history names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VintageFile {
    /// Its name relative to the raw folder.
    pub name: String,
    /// The year in its name.
    pub year: Option<i32>,
    /// Which part of the year (or of all) it is, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The numbers of its version.
    pub version: Vec<u64>,
}

impl VintageFile {
    /// What the file is a version of.
    pub fn year_part(&self) -> YearPart {
        (self.year, self.part.clone())
    }
}

/// What a run made of the changes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// There was no vintage to compare with.
    First,
    /// Nothing changed.
    Same,
    /// The source is followed: the run went on.
    Followed,
    /// The source is frozen and somebody accepted the change.
    Accepted,
    /// The source is frozen: the run stopped.
    Refused,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Decision::First => "the first",
            Decision::Same => "as before",
            Decision::Followed => "followed",
            Decision::Accepted => "accepted",
            Decision::Refused => "refused",
        })
    }
}

/// One raw file of a source that a run ingested, or was told to accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vintage {
    /// The file.
    #[serde(flatten)]
    pub file: VintageFile,
    /// Its fingerprint.
    pub hash: String,
    /// The run.
    pub run: RunId,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// It was read to its end; otherwise a run accepted it and then failed.
    pub is_ingested: bool,
    /// The file of the vintage before it.
    pub compared_with: Option<VintageFile>,
    /// What changed since then.
    pub drift: Drift,
    /// What became of that.
    pub decision: Decision,
    /// Its columns.
    pub layout: Layout,
    /// How large it is.
    #[serde(flatten)]
    pub volume: Volume,
    /// Somebody accepted that it is smaller than the source allows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_accepted_volume: bool,
}

/// How large a raw file is, as far as that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Bytes of the file as it lies there, perhaps packed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Records behind its header, once it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
}

impl Lake {
    /// The vintages of a source, in the order in which runs met them.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Damaged`] for a damaged file.
    pub fn vintages(&self, source: &str) -> Result<Vec<Vintage>> {
        let path = self.vintages_path(source);
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.at("read", &path)?,
        };
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        let vintages = lines.enumerate().map(|(index, line)| {
            let is_whole = seal::check(line) != Seal::Broken;
            let vintage = is_whole.then(|| serde_json::from_slice(line).ok()).flatten();
            vintage.ok_or_else(|| {
                Error::damaged(&path, format!("line {} is not a vintage", index + 1))
            })
        });
        vintages.collect()
    }

    fn vintages_path(&self, source: &str) -> PathBuf {
        self.root().join("vintages").join(format!("{source}.jsonl"))
    }
}

impl Scratch {
    /// Adds a vintage to the history of a source, in one step. One that says
    /// what the newest of its year and part says already is left out.
    ///
    /// # Errors
    /// As of [`Lake::vintages`].
    pub fn add_vintage(&self, source: &str, vintage: &Vintage) -> Result<()> {
        let _alone = self.history.lock().map_err(|_| super::poisoned())?;
        let mut vintages = self.lake().vintages(source)?;
        let newest =
            vintages.iter().rfind(|known| known.file.year_part() == vintage.file.year_part());
        if newest.is_some_and(|newest| newest.says_the_same_as(vintage)) {
            return Ok(());
        }
        // What was accepted is ingested now.
        vintages.retain(|known| known.is_ingested || known.hash != vintage.hash);
        vintages.push(vintage.clone());
        let mut text = Vec::new();
        for vintage in &vintages {
            text.extend(seal::to_line(vintage)?);
        }
        let (fresh, place) = (self.fresh_path("vintages"), self.lake().vintages_path(source));
        files::create_dir(&self.lake().root().join("vintages"), PRIVATE_DIR)?;
        files::write_file(&fresh, PRIVATE_FILE, &text)?;
        files::rename(&fresh, &place)
    }
}

impl Vintage {
    fn says_the_same_as(&self, other: &Vintage) -> bool {
        let said = |vintage: &Vintage| {
            let Vintage { file, hash, is_ingested, layout, volume, .. } = vintage.clone();
            (file, hash, is_ingested, layout, volume, vintage.has_accepted_volume)
        };
        said(self) == said(other)
    }
}
