//! The raw files that there are, held against the years of the study: which
//! file each raw slice is made from, which are missing, which nobody declared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::error::{Error, Result};
use crate::ingest::discover::{RawFile, discover, list_files};
use crate::pipeline::file_pattern::FilePattern;
use crate::pipeline::study::{Source, StudyYears};
use crate::pipeline::{Layer, SliceId, Study, TableName};

/// What the raw folder holds for a study.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The study's years, an open end resolved.
    pub years: BTreeSet<i32>,
    /// The file of each raw slice that has one.
    pub files: BTreeMap<SliceId, RawFile>,
    /// Years found among the raw files that the study does not declare.
    pub undeclared: BTreeMap<TableName, BTreeSet<i32>>,
}

impl Inventory {
    /// Looks at the raw folder.
    ///
    /// # Errors
    /// [`Error::RawInput`] for a folder that is missing, and for files of which
    /// none is the newest.
    pub fn take(study: &Study, raw: &Path) -> Result<Self> {
        let names = list_files(raw)?;
        let mut found = BTreeMap::new();
        for (name, source) in &study.sources {
            let provisional = source.codebook.provisional_versions;
            let files =
                discover(raw, &names, &source.files, provisional, source.takes_provisional)?;
            found.insert(TableName::new(Layer::Raw, name.clone()), files);
        }
        let years = resolve_years(study, &found);
        let mut inventory = Inventory { years, ..Inventory::default() };
        for (table, files) in found {
            for (year, file) in files {
                if year.is_none_or(|year| inventory.years.contains(&year)) {
                    inventory.files.insert(SliceId::new(table.clone(), year), file);
                } else if let Some(year) = year {
                    inventory.undeclared.entry(table.clone()).or_default().insert(year);
                }
            }
        }
        inventory.report_undeclared();
        Ok(inventory)
    }

    fn report_undeclared(&self) {
        for (table, years) in &self.undeclared {
            let years: Vec<String> = years.iter().map(ToString::to_string).collect();
            let years = years.join(", ");
            tracing::warn!("{table}: the study does not cover {years}, for which files exist");
        }
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
        Some(Error::RawInput {
            file: None,
            line: None,
            column: None,
            message: format!("no raw file for {}", names.join(", ")),
            hint: Some(format!("looked in {} for {wanted}", raw.display())),
        })
    }
}

/// Years of the study; those of an open one go as far as every yearly source
/// has a file.
fn resolve_years(
    study: &Study,
    found: &BTreeMap<TableName, BTreeMap<Option<i32>, RawFile>>,
) -> BTreeSet<i32> {
    let first = match &study.years {
        StudyYears::Listed(years) => return years.clone(),
        StudyYears::From(first) => *first,
    };
    let yearly = || found.iter().filter(|(table, _)| study.is_yearly(table));
    let is_complete = |year: &i32| yearly().all(|(_, files)| files.contains_key(&Some(*year)));
    let has_sources = yearly().next().is_some();
    (first..).take_while(|year| has_sources && is_complete(year)).collect()
}
