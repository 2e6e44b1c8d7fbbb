//! Chooses the raw files of a source among what lies in the raw folder: those
//! that its patterns and its format know, whole and settled, the newest version
//! of each year. What the files hold is left to the readers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::walk::{Entry, EntryKind};
use crate::error::{Error, Result, printable};
use crate::pipeline::file_pattern::{
    PACKED_ENDINGS, SourceFiles, packed_ending, say_unread, unread_packing,
};

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
    /// The newest file of each year (of all, for a pattern without a year).
    pub newest: BTreeMap<Option<i32>, RawFile>,
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

/// Picks the newest file of each year among what lies in the raw folder.
///
/// # Errors
/// [`Error::RawInput`] where two files claim to be the newest, and where
/// something under the name of a file is none or cannot be read.
pub fn discover(raw_dir: &Path, entries: &[Entry], search: &Search<'_>) -> Result<Found> {
    let mut found = Found::default();
    let mut candidates: BTreeMap<Option<i32>, Vec<RawFile>> = BTreeMap::new();
    for Entry { name, kind } in entries {
        let Some(matched) = search.files.matches(name) else {
            search.refuse_hidden(raw_dir, name, kind)?;
            continue;
        };
        if search.is_left_out(&matched.version) {
            continue;
        }
        let path = raw_dir.join(name);
        match search.reason_to_pass_over(name, kind) {
            Some(_) if *kind == EntryKind::Folder => continue,
            Some(reason) => {
                found.passed_over.push(PassedOver { name: printable(name), reason });
                continue;
            }
            None => refuse_what_is_no_file(&path, kind)?,
        }
        let file =
            RawFile { path, name: printable(name), year: matched.year, version: matched.version };
        candidates.entry(file.year).or_default().push(file);
    }
    for (year, files) in candidates {
        found.newest.extend(newest(files)?.map(|file| (year, file)));
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

    fn reason_to_pass_over(&self, name: &str, kind: &EntryKind) -> Option<String> {
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
mod tests {
    use super::*;
    use crate::pipeline::file_pattern::FilePattern;
    use crate::pipeline::years::YearRange;

    fn files(pattern: &str) -> SourceFiles {
        SourceFiles::new(vec![(YearRange::ALL, FilePattern::parse(pattern).unwrap())]).unwrap()
    }

    fn search(files: &SourceFiles) -> Search<'_> {
        Search { takes_provisional: false, ..Search::of_all(files, &[".csv", ".txt"]) }
    }

    fn entries(names: &[&str]) -> Vec<Entry> {
        let kind = EntryKind::File(Some(SystemTime::UNIX_EPOCH));
        names.iter().map(|name| Entry { name: (*name).to_owned(), kind: kind.clone() }).collect()
    }

    fn found(pattern: &str, names: &[&str], provisional: Option<(u64, u64)>) -> Vec<String> {
        let files = files(pattern);
        let search = Search { provisional_versions: provisional, ..search(&files) };
        let found = discover(Path::new("raw"), &entries(names), &search).unwrap();
        found.newest.into_values().map(|file| file.name).collect()
    }

    #[test]
    fn the_newest_version_wins_as_a_number() {
        let names = ["BE2015TABV2.csv", "BE2015TABV125.csv", "BE2016TABV9.csv", "BE2016TABV10.csv"];
        assert_eq!(
            found("BE{year}TABV{version}*", &names, None),
            ["BE2015TABV125.csv", "BE2016TABV10.csv"]
        );
        let names = ["GBAPERSOON2019TABV3.csv", "GBAPERSOON2020TABV1.csv"];
        assert_eq!(
            found("GBAPERSOON{version}TABV{version}*", &names, None),
            ["GBAPERSOON2020TABV1.csv"]
        );
    }

    #[test]
    fn provisional_versions_are_left_out_unless_asked_for() {
        let names = ["S2016V3.csv", "S2016V011.csv", "S2017V12.csv"];
        assert_eq!(found("S{year}V{version}*", &names, Some((11, 123))), ["S2016V3.csv"]);
        let pattern = files("S{year}V{version}*");
        let search = search(&pattern);
        let search =
            Search { provisional_versions: Some((11, 123)), takes_provisional: true, ..search };
        let all = discover(Path::new("raw"), &entries(&names), &search).unwrap().newest;
        assert_eq!(all[&Some(2016)].name, "S2016V011.csv");
        assert_eq!(all[&Some(2017)].version, [12]);
    }

    #[test]
    fn two_files_that_claim_one_version_are_an_error_that_names_both() {
        for names in [["S2016V2.csv", "S2016V2.csv.gz"], ["S2016V2.csv", "s2016v02.CSV"]] {
            let pattern = files("S{year}V{version}*");
            let both = entries(&names);
            let error = discover(Path::new("raw"), &both, &search(&pattern)).unwrap_err();
            assert_eq!(error.exit_code(), 5);
            assert!(names.iter().all(|name| error.to_string().contains(name)), "{error}");
            assert!(error.hint().is_some());
        }
        // Older ones may be there as often as they like.
        let names = ["S2016V2.csv", "S2016V2.csv.gz", "S2016V3.csv"];
        assert_eq!(found("S{year}V{version}*", &names, None), ["S2016V3.csv"]);
    }

    #[test]
    fn what_is_still_being_delivered_is_passed_over_by_its_name() {
        let names = [
            "S2016V3.csv.filepart",
            "S2016V3.csv.part",
            "S2016V4.csv.tmp",
            "S2016V4.csv.crdownload",
            "S2016V4.csv.swp",
            "S2016V4.csv~",
            "S2016V4",
            "S2016V4.csv.gz.part",
            "S2016V4.csv.bz2",
            "S2016V4.gz",
            "S2016V4.sav",
            "S2016V2.CSV.Gz",
            "S2015V1.Txt",
            "~$S2016V5.csv",
        ];
        let pattern = files("*S{year}V{version}*");
        let found = discover(Path::new("raw"), &entries(&names), &search(&pattern)).unwrap();
        let taken: Vec<String> = found.newest.into_values().map(|file| file.name).collect();
        assert_eq!(taken, ["S2015V1.Txt", "S2016V2.CSV.Gz"]);
        assert_eq!(found.passed_over.len(), 12);
        let reason = |at: usize| found.passed_over[at].reason.as_str();
        assert_eq!(reason(0), "does not end in .csv, .txt, nor so with .gz or .zst");
        assert_eq!(reason(11), "is the lock of a program that has a file open");
        // A pattern that says its ending is taken at its word.
        let said = files("S{year}V{version}.tab");
        let found = discover(Path::new("raw"), &entries(&["S2016V1.tab"]), &search(&said)).unwrap();
        assert_eq!(found.newest.len(), 1);
    }

    #[test]
    fn young_files_are_left_to_the_next_run() {
        let pattern = files("S{year}V{version}*");
        let now = SystemTime::now();
        let aged = |name: &str, changed| {
            let kind = EntryKind::File(Some(changed));
            Entry { name: name.to_owned(), kind }
        };
        let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
        let all = [
            aged("S2016V1.csv", now - minute),
            aged("S2016V2.csv", now - minute + second),
            aged("S2016V3.csv", now + second),
        ];
        let search = Search { settle: minute, now, ..search(&pattern) };
        let found = discover(Path::new("raw"), &all, &search).unwrap();
        assert_eq!(found.newest[&Some(2016)].name, "S2016V1.csv");
        assert_eq!(found.passed_over.len(), 2);
        let all_settled = Search { settle: Duration::ZERO, ..search };
        let found = discover(Path::new("raw"), &all, &all_settled).unwrap();
        assert_eq!(found.newest[&Some(2016)].name, "S2016V3.csv");
    }

    #[test]
    fn what_is_no_file_under_the_name_of_one_is_an_error() {
        let pattern = files("spolis/S{year}V{version}*");
        let discover = |name: &str, kind: EntryKind| {
            let entry = Entry { name: name.to_owned(), kind };
            discover(Path::new("raw"), &[entry], &search(&pattern)).map(|found| found.passed_over)
        };
        let name = "spolis/S2016V1.csv";
        for (kind, said) in [
            (EntryKind::Folder, "raw/spolis/S2016V1.csv: is a folder, and its name that of a file"),
            (EntryKind::Other("a pipe"), "is a pipe, and its name that of a file"),
            (EntryKind::Unreadable("cannot be read: x".to_owned()), "csv: cannot be read: x"),
        ] {
            let error = discover(name, kind).unwrap_err();
            assert_eq!(error.exit_code(), 5);
            assert!(error.to_string().ends_with(said), "{error}");
        }
        let hidden = || EntryKind::Unreadable("cannot be read: x".to_owned());
        assert!(discover("spolis", hidden()).is_err(), "files may lie in it");
        for (name, kind) in [
            ("lost+found", hidden()),
            ("spolis/other", hidden()),
            ("spolis/pipe", EntryKind::Other("a pipe")),
            ("spolis/S2016V1", EntryKind::Folder),
        ] {
            assert_eq!(discover(name, kind).unwrap(), [], "{name}");
        }
    }
}
