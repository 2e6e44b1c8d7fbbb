//! The raw files that there are, held against the years of the study: which
//! file each raw slice is made from, which are missing, which nobody declared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, Result, printable};
use crate::ingest::{Entry, EntryKind, PassedOver, RawFile, Search, discover, list_entries};
use crate::pipeline::file_pattern::FilePattern;
use crate::pipeline::study::{Source, StudyYears};
use crate::pipeline::{Layer, SliceId, Study, TableName};

/// What the raw folder holds for a study.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The study's years, an open end resolved.
    pub years: BTreeSet<i32>,
    /// The files of each raw slice that has some: one, or one a part, in the order
    /// of their names.
    pub files: BTreeMap<SliceId, Vec<RawFile>>,
    /// The year with which an open study ends, since these sources have no file
    /// of it.
    pub end: Option<(i32, Vec<TableName>)>,
    /// Years found among the raw files that the study does not declare.
    pub undeclared: BTreeMap<TableName, BTreeSet<i32>>,
    /// What goes by the name of a source's file and is not taken, and folders
    /// that nobody can look into and no source needs.
    pub passed_over: BTreeSet<PassedOver>,
}

impl Inventory {
    /// Looks at the raw folder.
    ///
    /// # Errors
    /// [`Error::RawInput`] for a folder that is missing, and for files of which
    /// none is the newest.
    pub fn take(study: &Study, raw: &Path) -> Result<Self> {
        let now = SystemTime::now();
        let entries = list_entries(raw)?;
        let mut passed_over: BTreeSet<PassedOver> = entries.iter().filter_map(unreadable).collect();
        let mut found = BTreeMap::new();
        for (name, source) in &study.sources {
            let files = discover(raw, &entries, &search(source, now))?;
            passed_over.extend(files.passed_over);
            found.insert(TableName::new(Layer::Raw, name.clone()), files.newest);
        }
        let (years, end) = resolve_years(study, &found);
        let mut inventory = Inventory { years, end, passed_over, ..Inventory::default() };
        for (table, files) in found {
            for (year, files) in files {
                if year.is_none_or(|year| inventory.years.contains(&year)) {
                    inventory.files.insert(SliceId::new(table.clone(), year), files);
                } else if let Some(year) = year {
                    inventory.undeclared.entry(table.clone()).or_default().insert(year);
                }
            }
        }
        inventory.report();
        Ok(inventory)
    }

    fn report(&self) {
        for PassedOver { name, reason } in &self.passed_over {
            tracing::info!("{name}: passed over: {reason}");
        }
        for (table, years) in &self.undeclared {
            let years: Vec<String> = years.iter().map(ToString::to_string).collect();
            let years = years.join(", ");
            tracing::warn!("{table}: the study does not cover {years}, for which files exist");
        }
    }

    /// The files of some slices, each with its slice, in the order of both.
    pub fn files_of<'a>(
        &'a self,
        slices: impl IntoIterator<Item = &'a SliceId>,
    ) -> impl Iterator<Item = (&'a SliceId, &'a RawFile)> {
        let files = |slice: &'a SliceId| {
            let files = self.files.get(slice).into_iter().flatten();
            files.map(move |file| (slice, file))
        };
        slices.into_iter().flat_map(files)
    }

    /// The error for raw slices that are needed and have no file.
    pub fn missing(&self, study: &Study, raw: &Path, needed: &BTreeSet<SliceId>) -> Option<Error> {
        let source = |slice: &SliceId| -> Option<&Source> { study.sources.get(&slice.table.name) };
        let is_missing = |slice: &&SliceId| {
            slice.table.layer == Layer::Raw
                && source(slice).is_some()
                && !self.files.contains_key(*slice)
        };
        let missing: Vec<&SliceId> = needed.iter().filter(is_missing).collect();
        let first = missing.first()?;
        let pattern = source(first).and_then(|source| source.files.pattern(first.year));
        let wanted = pattern.map(FilePattern::as_str).unwrap_or_default();
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let passed_over = self.passed_over.iter().take(SHOWN_PASSED_OVER);
        let passed_over: String = passed_over
            .map(|passed| format!("; {} was passed over: {}", passed.name, passed.reason))
            .collect();
        Some(Error::RawInput {
            file: None,
            line: None,
            column: None,
            message: format!("no raw file for {}", names.join(", ")),
            hint: Some(format!("looked in {} for {wanted}{passed_over}", raw.display())),
        })
    }
}

fn search(source: &Source, now: SystemTime) -> Search<'_> {
    Search {
        files: &source.files,
        endings: source.codebook.format.endings(),
        provisional_versions: source.codebook.provisional_versions,
        takes_provisional: source.takes_provisional,
        settle: source.settle,
        now,
    }
}

/// What nobody can look into. Where a source needs it, that is an error.
fn unreadable(entry: &Entry) -> Option<PassedOver> {
    match &entry.kind {
        EntryKind::Unreadable(reason) => {
            Some(PassedOver { name: printable(&entry.name), reason: reason.clone() })
        }
        _ => None,
    }
}

/// So many files that were passed over are named where one is missing.
const SHOWN_PASSED_OVER: usize = 3;

/// Years of the study; those of an open one go as far as every yearly source
/// has a file. The first year behind them, with the sources that lack it.
fn resolve_years(
    study: &Study,
    found: &BTreeMap<TableName, BTreeMap<Option<i32>, Vec<RawFile>>>,
) -> (BTreeSet<i32>, Option<(i32, Vec<TableName>)>) {
    let first = match &study.years {
        StudyYears::Listed(years) => return (years.clone(), None),
        StudyYears::From(first) => *first,
    };
    let absent = |year: i32| -> Vec<TableName> {
        let yearly = found.iter().filter(|(table, _)| study.is_yearly(table));
        let lacks = yearly.filter(|(_, files)| !files.contains_key(&Some(year)));
        lacks.map(|(table, _)| table.clone()).collect()
    };
    // Some source has files by year, as `validate` sees to, and they end.
    let end = (first..).find(|year| !absent(*year).is_empty());
    let years = (first..end.unwrap_or(first)).collect();
    (years, end.map(|end| (end, absent(end))))
}
