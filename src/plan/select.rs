//! Selections, the same in `plan` and `run`: a stage, a layer, a table,
//! `table+` (and what reads it), `+table` (and what it needs), years.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::pipeline::names::suggestion;
use crate::pipeline::study::Disclosure;
use crate::pipeline::years::YearRange;
use crate::pipeline::{Layer, SliceId, Study, TableName};

/// A stage that can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Raw files to raw tables.
    Ingest,
    /// Models.
    Transform,
    /// Queries that must return no rows.
    Check,
    /// Disclosure control.
    Protect,
    /// A release.
    Publish,
}

impl Stage {
    const NAMED: [(&'static str, Stage); 5] = [
        ("ingest", Stage::Ingest),
        ("transform", Stage::Transform),
        ("check", Stage::Check),
        ("protect", Stage::Protect),
        ("publish", Stage::Publish),
    ];
}

/// What a person asks for, before it is held against a study.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The words.
    pub words: Vec<String>,
    /// Only slices of these years.
    pub years: Option<YearRange>,
    /// Exactly the selected slices.
    pub is_exact: bool,
    /// Make them though they are up to date.
    pub is_forced: bool,
}

/// What is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The slices.
    pub slices: BTreeSet<SliceId>,
    /// Everything there is: a run as the scheduler starts it.
    pub is_everything: bool,
    /// Disclosure control is asked for, of what would be published.
    pub protects: bool,
    /// A release is asked for.
    pub publishes: bool,
}

/// Holds a request against a study.
///
/// # Errors
/// [`Error::Usage`] for a word that names nothing, with the nearest that does.
pub fn select(study: &Study, all: &[SliceId], request: &Request) -> Result<Selection> {
    let Asked { tables, named, protects, publishes } = asked(study, request)?;
    let in_years = |slice: &&SliceId| match (&request.years, slice.year) {
        (Some(years), Some(year)) => years.contains(year),
        (Some(_), None) => named.contains(&slice.table),
        (None, _) => true,
    };
    let slices: BTreeSet<SliceId> = all
        .iter()
        .filter(|slice| tables.contains(&slice.table))
        .filter(in_years)
        .cloned()
        .collect();
    if slices.is_empty() && !publishes && !protects {
        return Err(Error::usage("the selection names no slice of the study's years"));
    }
    let is_everything = request.words.is_empty() && request.years.is_none();
    Ok(Selection { slices, is_everything, protects, publishes })
}

/// Whether a request selects tables of raw files.
///
/// # Errors
/// [`Error::Usage`] as [`select`].
pub fn selects_raw(study: &Study, request: &Request) -> Result<bool> {
    Ok(asked(study, request)?.tables.iter().any(|table| table.layer == Layer::Raw))
}

/// What a request's words stand for.
struct Asked {
    tables: BTreeSet<TableName>,
    /// Those of them that are selected by their own names.
    named: BTreeSet<TableName>,
    protects: bool,
    publishes: bool,
}

fn asked(study: &Study, request: &Request) -> Result<Asked> {
    let mut tables: BTreeSet<TableName> = BTreeSet::new();
    let mut named: BTreeSet<TableName> = BTreeSet::new();
    let mut publishes = request.words.is_empty() && request.years.is_none();
    let mut protects = false;
    for word in &request.words {
        if let Some((_, stage)) = Stage::NAMED.iter().find(|(name, _)| name == word) {
            tables.extend(stage_tables(study, *stage));
            protects |= *stage == Stage::Protect && study.disclosure == Disclosure::Protected;
            publishes |= *stage == Stage::Publish;
        } else if let Ok(layer) = word.parse::<Layer>() {
            tables.extend(study.tables(layer));
        } else {
            let found = table_with_neighbours(study, word)?;
            named.extend(found.iter().cloned());
            tables.extend(found);
        }
    }
    if request.words.is_empty() {
        tables = Layer::ALL.into_iter().flat_map(|layer| study.tables(layer)).collect();
    }
    Ok(Asked { tables, named, protects, publishes })
}

fn stage_tables(study: &Study, stage: Stage) -> BTreeSet<TableName> {
    match stage {
        Stage::Ingest => study.tables(Layer::Raw).into_iter().collect(),
        Stage::Transform => study.models.keys().cloned().collect(),
        Stage::Check => {
            study.checks.values().flat_map(|check| check.query.tables.iter().cloned()).collect()
        }
        Stage::Protect | Stage::Publish => {
            study.published.keys().map(|name| TableName::new(Layer::Out, name.clone())).collect()
        }
    }
}

fn table_with_neighbours(study: &Study, word: &str) -> Result<BTreeSet<TableName>> {
    let bare = word.trim_start_matches('+').trim_end_matches('+');
    let table = table(study, bare)?;
    let mut needs = BTreeSet::from([table.clone()]);
    if word.starts_with('+') {
        for model in study.model_order.iter().rev().filter_map(|name| study.models.get(name)) {
            if needs.contains(&model.table) {
                needs.extend(model.query.tables.iter().cloned());
            }
        }
    }
    let mut readers = BTreeSet::from([table]);
    if word.ends_with('+') {
        for model in study.model_order.iter().filter_map(|name| study.models.get(name)) {
            if model.query.tables.iter().any(|upstream| readers.contains(upstream)) {
                readers.insert(model.table.clone());
            }
        }
    }
    Ok(needs.union(&readers).cloned().collect())
}

/// A table by `layer.name`, or by its name alone where only one has it.
fn table(study: &Study, word: &str) -> Result<TableName> {
    let all: Vec<TableName> =
        Layer::ALL.into_iter().flat_map(|layer| study.tables(layer)).collect();
    if let Some(table) = all.iter().find(|table| table.to_string() == word) {
        return Ok(table.clone());
    }
    let same: Vec<&TableName> = all.iter().filter(|table| table.name == word).collect();
    match same.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let error = Error::usage(format!("`{word}` names no stage, layer or table"));
            let names: Vec<String> = all.iter().map(ToString::to_string).collect();
            let short = all.iter().map(|table| table.name.as_str());
            let stages = Stage::NAMED.iter().map(|(name, _)| *name);
            let known = names.iter().map(String::as_str).chain(short).chain(stages);
            Err(match suggestion(word, known) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(
                    "stages: ingest, transform, check, protect, publish; layers: raw, staging, core, out",
                ),
            })
        }
        several => {
            let names: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(Error::usage(format!("`{word}` may be {}", names.join(" or "))))
        }
    }
}
