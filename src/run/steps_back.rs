//! Steps back: raw folders in which less lies than what is current was made
//! from. A year that is gone, an older version in place of a newer one, a part
//! of a year that is missing: nobody would see it in the tables.

use std::collections::BTreeSet;

use super::facts::Known;
use super::inventory::Inventory;
use super::setup::Setup;
use super::volume::refusal;
use crate::error::{Error, Result, printable};
use crate::ingest::RawFile;
use crate::lake::SliceRecord;
use crate::pipeline::study::Source;
use crate::pipeline::{SliceId, TableName};

/// Refuses raw folders that take a step back, unless somebody said to forget a
/// year, or accepted the files of a source as they lie there.
///
/// # Errors
/// [`Error::RawInput`] with what is missing.
pub(super) fn refuse_steps_back(
    setup: &Setup,
    inventory: &Inventory,
    known: &Known,
    forgotten: &BTreeSet<i32>,
    accepted: &[String],
) -> Result<()> {
    refuse_lost_years(setup, inventory, known, forgotten)?;
    let current = Current { setup, known };
    let (mut lines, mut sources) = (Vec::new(), Vec::new());
    for (slice, files) in &inventory.files {
        let Some(source) = setup.study.sources.get(&slice.table.name) else { continue };
        if accepted.contains(&slice.table.name) {
            continue;
        }
        lines.extend(current.older_versions(slice, source, files));
        lines.extend(current.lost_parts(slice, source, files));
        sources.resize(lines.len(), slice.table.name.clone());
    }
    match lines.is_empty() {
        true => Ok(()),
        false => Err(refusal(&lines.join("\n"), sources.iter().map(String::as_str))),
    }
}

/// What is current.
struct Current<'a> {
    setup: &'a Setup,
    known: &'a Known,
}

impl Current<'_> {
    fn record(&self, slice: &SliceId) -> Option<&SliceRecord> {
        let current = self.known.current.as_ref()?;
        let entry = current.slices.values().find(|entry| entry.slice == *slice)?;
        self.known.record(slice, &entry.key.to_string())
    }

    /// Files that are older than the current ones of their part.
    fn older_versions(&self, slice: &SliceId, source: &Source, files: &[RawFile]) -> Vec<String> {
        let names = self.record(slice).map(|record| record.files.as_slice()).unwrap_or_default();
        let mut lines = Vec::new();
        for name in names {
            let Some(newer) = source.files.matches(name) else { continue };
            let is_older =
                |file: &&RawFile| file.part == newer.part && newer.version > file.version;
            if let Some(file) = files.iter().find(is_older) {
                let path = printable(&file.path);
                lines.push(format!(
                    "{path}: is older than {name}, which is current and not taken any more"
                ));
            }
        }
        lines
    }

    /// Parts that the current slice of the year has, or of the nearest earlier
    /// year where there is none, and that have no file.
    fn lost_parts(&self, slice: &SliceId, source: &Source, files: &[RawFile]) -> Vec<String> {
        let earlier = |year: i32| -> Option<&SliceRecord> {
            let slices = self.known.current.as_ref()?.slices.values().map(|entry| &entry.slice);
            let is_earlier = |other: &&SliceId| {
                other.table == slice.table && other.year.is_some_and(|other| other < year)
            };
            self.record(slices.filter(is_earlier).max()?)
        };
        let before = self.record(slice).or_else(|| earlier(slice.year?));
        let names = before.map(|record| record.files.as_slice()).unwrap_or_default();
        let has = |part: &Option<String>| files.iter().any(|file| file.part == *part);
        let lost = |name: &&String| {
            let matched = source.files.matches(name);
            matched.is_some_and(|matched| matched.part.is_some() && !has(&matched.part))
        };
        let text = |name: &String| {
            let raw = printable(&self.setup.raw);
            format!("{slice}: no file in {raw} is the part that {name} was")
        };
        names.iter().filter(lost).map(text).collect()
    }
}

/// Refuses raw folders that have lost a year of an open study which is current
/// in the lake, and which nobody said to forget.
fn refuse_lost_years(
    setup: &Setup,
    inventory: &Inventory,
    known: &Known,
    forgotten: &BTreeSet<i32>,
) -> Result<()> {
    let (Some((end, absent)), Some(current)) = (&inventory.end, &known.current) else {
        return Ok(());
    };
    let years = current.slices.values().filter_map(|entry| entry.slice.year);
    let lost: BTreeSet<i32> =
        years.filter(|year| year >= end && !forgotten.contains(year)).collect();
    let Some(last) = lost.last() else { return Ok(()) };
    let study = &setup.study;
    let pattern = |table: &TableName| {
        let source = study.sources.get(&table.name)?;
        let pattern = source.files.pattern(Some(*end))?.as_str();
        Some(format!("{} ({table})", pattern.replace("{year}", &end.to_string())))
    };
    let patterns: Vec<String> = absent.iter().filter_map(pattern).collect();
    let years: Vec<String> = lost.iter().map(ToString::to_string).collect();
    let flags = years.iter().map(|year| format!(" --forget-year {year}")).collect::<String>();
    Err(Error::RawInput {
        file: None,
        line: None,
        column: None,
        message: format!(
            "the lake has years up to {last}, and there is no raw file any more for {end}: {}",
            patterns.join(", ")
        ),
        hint: Some(format!(
            "looked in {}; deliver it again, or let go of what is there with `run{flags}`",
            setup.raw.display()
        )),
    })
}
