//! Gathers what a plan depends on: ingredients of the slices that the study
//! asks for, what the lake holds, what is current.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::inventory::Inventory;
use super::prospect::Hashing;
use super::setup::Setup;
use crate::error::{Error, Result};
use crate::ingest::RawFile;
use crate::lake::{Lake, Manifest, SliceRecord};
use crate::pipeline::{Layer, SliceId, Study};
use crate::plan::ingredients::{Ingredients, RawFileFacts, of_codelist, of_model, of_raw_files};
use crate::plan::select::Selection;
use crate::plan::{Facts, StoredSlice, UpstreamContent, WantedSlice};

/// What is known, with the records behind it.
pub struct Known {
    /// The facts of the plan.
    pub facts: Facts,
    /// Records of the slices in the lake, by slice and key.
    pub records: BTreeMap<(SliceId, String), SliceRecord>,
    /// What is current.
    pub current: Option<Manifest>,
    /// Slices that are there and not as they were put, with what is wrong.
    pub damaged: Vec<(SliceId, Error)>,
}

/// Gathers the facts.
///
/// # Errors
/// Of the lake, and of raw files that cannot be read.
pub(super) fn gather(
    setup: &Setup,
    inventory: &Inventory,
    lake: Option<&Lake>,
    hashing: Hashing,
) -> Result<Known> {
    let study = &setup.study;
    let slices = study.slices(&inventory.years);
    let all: BTreeSet<SliceId> = slices.iter().cloned().collect();
    let current = lake.map(Lake::current).transpose()?.flatten();
    let (records, damaged) = (BTreeMap::new(), Vec::new());
    let reads_all = hashing == Hashing::Everything;
    let mut known = Known { facts: Facts::default(), records, current, damaged };
    if let Some(lake) = lake {
        for id in &slices {
            known.read_records(lake, id)?;
        }
        let is_compared = |id: &SliceId| reads_all || known.facts.stored.contains_key(id);
        let files = inventory.files.iter().filter(|(id, _)| is_compared(id));
        let files: Vec<&Path> =
            files.flat_map(|(_, files)| files).map(|file| file.path.as_path()).collect();
        lake.learn_fingerprints(&files, setup.threads);
    }
    for id in slices {
        let is_compared = reads_all || known.facts.stored.contains_key(&id);
        let ingredients = ingredients(study, inventory, &id, lake.filter(|_| is_compared))?;
        let upstreams = study.upstreams(&id, &all);
        known.facts.wanted.push(WantedSlice { id, ingredients, upstreams });
    }
    if let Some(manifest) = &known.current {
        let keys =
            manifest.slices.values().map(|entry| (entry.slice.clone(), entry.key.to_string()));
        known.facts.current = keys.collect();
        known.facts.is_unlinked =
            lake.map(|lake| lake.is_unlinked(manifest)).transpose()? == Some(true);
    }
    Ok(known)
}

impl Known {
    /// Takes a selection into the facts.
    pub fn select(&mut self, selection: &Selection, is_exact: bool, is_forced: bool) {
        self.facts.selected = selection.slices.clone();
        self.facts.is_exact = is_exact;
        if is_forced {
            self.facts.forced = selection.slices.clone();
        }
    }

    /// Refuses damage, but of slices that are to be made anew whatever there is.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn refuse_damage(&mut self) -> Result<()> {
        let forced = &self.facts.forced;
        match self.damaged.iter().position(|(slice, _)| !forced.contains(slice)) {
            Some(first) => Err(self.damaged.swap_remove(first).1),
            None => Ok(()),
        }
    }

    fn read_records(&mut self, lake: &Lake, id: &SliceId) -> Result<()> {
        for (own, key) in lake.keys_of(id)? {
            match lake.record(id, &own, &key) {
                Ok(record) => self.add(record),
                // A gc removed it since the folder was listed.
                Err(_) if !lake.has(id, &own, &key)? => {}
                Err(error @ Error::Damaged { .. }) => self.damaged.push((id.clone(), error)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Adds a slice that is in the lake now.
    pub fn add(&mut self, record: SliceRecord) {
        let upstream = |seen: &crate::lake::Upstream| UpstreamContent {
            slice: seen.slice.clone(),
            content: seen.content.clone(),
        };
        let stored = StoredSlice {
            own: record.own.to_string(),
            key: record.key.to_string(),
            content: record.content.clone(),
            ingredients: record.ingredients.clone(),
            upstreams: record.upstreams.iter().map(upstream).collect(),
        };
        let id = record.slice.clone();
        let slices = self.facts.stored.entry(id.clone()).or_default();
        slices.retain(|slice| slice.key != stored.key);
        slices.push(stored);
        self.records.insert((id, record.key.to_string()), record);
    }

    /// The record of a slice under a key.
    pub fn record(&self, id: &SliceId, key: &str) -> Option<&SliceRecord> {
        self.records.get(&(id.clone(), key.to_owned()))
    }
}

fn ingredients(
    study: &Study,
    inventory: &Inventory,
    id: &SliceId,
    lake: Option<&Lake>,
) -> Result<Ingredients> {
    if let Some(model) = study.models.get(&id.table) {
        return Ok(of_model(study, model));
    }
    if let Some(list) = study.codelists.get(&id.table.name) {
        return Ok(of_codelist(&list.text));
    }
    let source = study.sources.get(&id.table.name).filter(|_| id.table.layer == Layer::Raw);
    match (source, inventory.files.get(id)) {
        (Some(source), Some(files)) => {
            let facts = |file: &RawFile| {
                let hash = match lake {
                    Some(lake) => lake.fingerprint(&file.path)?,
                    None => "not read".to_owned(),
                };
                Ok(RawFileFacts { name: file.name.clone(), hash })
            };
            let files = files.iter().map(facts).collect::<Result<Vec<_>>>()?;
            Ok(of_raw_files(&source.codebook, id.year, files))
        }
        _ => Ok(BTreeMap::from([("no file".to_owned(), String::new())])),
    }
}
