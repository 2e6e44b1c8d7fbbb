//! Chooses the raw files of a source among what lies in the raw folder: those
//! that its patterns and its format know, whole and settled, the newest version
//! of each year. What the files hold is left to the readers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::walk::{Entry, EntryKind};
use crate::error::{Error, Result, printable};
use crate::pipeline::file_pattern::{FileMatch, SourceFiles, YearPart};
use crate::pipeline::packed_names::{PACKED_ENDINGS, packed_ending, say_unread, unread_packing};

/// One raw file of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name relative to the raw folder, with `/` between folders, control
    /// characters escaped.
    pub name: String,
    /// The year in its name.
    pub year: Option<i32>,
    /// Which part of the year (or of all) it is, where there are several.
    pub part: Option<String>,
    /// The numbers of its version, from left to right.
    pub version: Vec<u64>,
}

/// Which files a source takes.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Where they lie.
    pub files: &'a SourceFiles,
    /// How the names of files of its format end, packing aside; a pattern may
    /// say another ending.
    pub endings: &'a [&'a str],
    /// Versions that are provisional, as an inclusive range of version numbers.
    pub provisional_versions: Option<(u64, u64)>,
    /// Takes provisional versions too.
    pub takes_provisional: bool,
    /// Files that changed later before `now` are left to the next run.
    pub settle: Duration,
    /// The time at which the raw folder was looked at.
    pub now: SystemTime,
}

/// What a source has in the raw folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest file of each part of each year (of all, for a pattern without a
    /// year), in the order of their names.
    pub newest: BTreeMap<Option<i32>, Vec<RawFile>>,
    /// What the pattern knows and is not taken.
    pub passed_over: Vec<PassedOver>,
}

/// Something in the raw folder that is not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassedOver {
    /// Its name, as of [`RawFile`].
    pub name: String,
    /// Why it is not taken, in words.
    pub reason: String,
}

/// Office programs write such a file beside one that is open.
const LOCK_FILE: &str = "~$";

/// Picks the newest files of each year among what lies in the raw folder.
///
/// # Errors
/// [`Error::RawInput`] where two files claim to be the newest, and where
/// something under the name of a file is none or cannot be read.
pub fn discover(raw_dir: &Path, entries: &[Entry], search: &Search<'_>) -> Result<Found> {
    let mut found = Found::default();
    let mut candidates: BTreeMap<YearPart, Vec<RawFile>> = BTreeMap::new();
    let mut without_file: BTreeMap<YearPart, Error> = BTreeMap::new();
    for Entry { name, kind } in entries {
        let Some(matched) = search.files.matches(name) else {
            search.refuse_hidden(raw_dir, name, kind)?;
            continue;
        };
        if search.is_left_out(&matched.version) {
            continue;
        }
        let path = raw_dir.join(name);
        match search.reason_to_pass_over(name, kind, &matched) {
            Some(_) if *kind == EntryKind::Folder => continue,
            Some(reason) => {
                if matched.part.is_some() && matched.has_plain_part() {
                    let error = lacks_part(&path, &reason);
                    without_file.insert((matched.year, matched.part), error);
                }
                found.passed_over.push(PassedOver { name: printable(name), reason });
                continue;
            }
            None => refuse_what_is_no_file(&path, kind)?,
        }
        let FileMatch { year, part, version } = matched;
        let file = RawFile { path, name: printable(name), year, part: part.clone(), version };
        candidates.entry((year, part)).or_default().push(file);
    }
    let has_year = |year: Option<i32>| candidates.keys().any(|(known, _)| *known == year);
    without_file.retain(|of, _| has_year(of.0) && !candidates.contains_key(of));
    if let Some((_, error)) = without_file.pop_first() {
        return Err(error);
    }
    for ((year, _), files) in candidates {
        found.newest.entry(year).or_default().extend(newest(files)?);
    }
    for files in found.newest.values_mut() {
        files.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Ok(found)
}

impl<'a> Search<'a> {
    /// Takes all files of these patterns and endings, provisional and young ones
    /// too.
    pub fn of_all(files: &'a SourceFiles, endings: &'a [&'a str]) -> Self {
        Search {
            files,
            endings,
            provisional_versions: None,
            takes_provisional: true,
            settle: Duration::ZERO,
            now: SystemTime::UNIX_EPOCH,
        }
    }

    fn is_left_out(&self, version: &[u64]) -> bool {
        let is_provisional = match (self.provisional_versions, version.last()) {
            (Some((first, last)), Some(number)) => (first..=last).contains(number),
            _ => false,
        };
        is_provisional && !self.takes_provisional
    }

    fn reason_to_pass_over(
        &self,
        name: &str,
        kind: &EntryKind,
        matched: &FileMatch,
    ) -> Option<String> {
        if !matched.has_plain_part() {
            let reason = "what stands at `{part}` is not of letters, digits and hyphens alone";
            return Some(reason.to_owned());
        }
        if name.rsplit('/').next().is_some_and(|name| name.starts_with(LOCK_FILE)) {
            return Some("is the lock of a program that has a file open".to_owned());
        }
        if !self.files.says_ending(name) && !self.has_ending(name) {
            if let Some((message, hint)) = unread_packing(name).map(say_unread) {
                return Some(format!("{message}: {hint}"));
            }
            let endings = self.endings.join(", ");
            return Some(format!(
                "does not end in {endings}, nor so with {}",
                PACKED_ENDINGS.join(" or ")
            ));
        }
        let EntryKind::File(changed) = kind else { return None };
        let is_young = !self.settle.is_zero()
            && changed.is_some_and(|changed| match self.now.duration_since(changed) {
                Ok(age) => age < self.settle,
                // It is dated in the future.
                Err(_) => true,
            });
        is_young.then(|| "changed a moment ago; it is left to the next run".to_owned())
    }

    fn has_ending(&self, name: &str) -> bool {
        let packed = packed_ending(name).map_or(0, str::len);
        let name = name.to_lowercase();
        let name = name.get(..name.len().saturating_sub(packed)).unwrap_or_default();
        self.endings.iter().any(|ending| name.ends_with(ending))
    }

    /// Refuses a folder that nobody can look into where files of the source may
    /// lie in it.
    fn refuse_hidden(&self, raw_dir: &Path, name: &str, kind: &EntryKind) -> Result<()> {
        match kind {
            EntryKind::Unreadable(why) if self.files.may_reach(name) => {
                Err(Error::raw_input(&raw_dir.join(name), why.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// A year of which a part is there under a name that is not taken.
fn lacks_part(path: &Path, reason: &str) -> Error {
    Error::raw_input(path, format!("{reason}, and no other file is this part of its year"))
        .with_hint("a year without one of its parts is none: deliver it, or take the file away")
}

fn refuse_what_is_no_file(path: &Path, kind: &EntryKind) -> Result<()> {
    let message = match kind {
        EntryKind::File(_) => return Ok(()),
        EntryKind::Folder => "is a folder, and its name that of a file".to_owned(),
        EntryKind::Other(what) => format!("is {what}, and its name that of a file"),
        EntryKind::Unreadable(why) => why.clone(),
    };
    Err(Error::raw_input(path, message).with_hint("take it away, or deliver the file again"))
}

fn newest(files: Vec<RawFile>) -> Result<Option<RawFile>> {
    let mut newest: Option<RawFile> = None;
    let mut rival: Option<RawFile> = None;
    for file in files {
        match &newest {
            Some(known) if file.version < known.version => {}
            Some(known) if file.version == known.version => rival = Some(file),
            _ => (newest, rival) = (Some(file), None),
        }
    }
    let (Some(first), Some(second)) = (&newest, &rival) else { return Ok(newest) };
    let message = format!("{} claims to be the same version", second.name);
    Err(Error::raw_input(&first.path, message)
        .with_hint("leave one of the two in the raw folder, or make the study's `files` narrower"))
}

#[cfg(test)]
mod tests;
