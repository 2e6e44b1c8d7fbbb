//! Which slices of a former version of honkvast are as the present version
//! would make them, if its output did not change: all that went into their keys
//! is the same but the output version. Whether output changed is not for the
//! plan to say; `run` proves it.

use std::collections::{BTreeMap, BTreeSet};

use super::ingredients::{differ_in_output_version_only, own_fingerprint};
use super::{Facts, StoredSlice, UpstreamContent, WantedSlice, key};
use crate::pipeline::{SliceId, TableName};

/// What adoption can do for a slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The lake has it under its present key.
    UpToDate,
    /// Its table's output did not change: it gets the key beside its own.
    Adoptable {
        /// The key that it has.
        from: String,
        /// The key under which the present version looks for it.
        to: String,
    },
    /// Its table comes out differently.
    Refused,
    /// What it was made from is not known to be the same now.
    RestsOn(SliceId),
    /// It is not there, or more than the output version changed.
    ToBeMade,
}

/// Judges every slice that the definition asks for, each behind its upstreams;
/// `refused` are tables that come out differently.
pub fn fates(facts: &Facts, refused: &BTreeSet<TableName>) -> Vec<(SliceId, Fate)> {
    let mut contents: BTreeMap<&SliceId, &str> = BTreeMap::new();
    let mut fates = Vec::new();
    for wanted in &facts.wanted {
        let (fate, content) = fate(facts, wanted, refused, &contents);
        contents.extend(content.map(|content| (&wanted.id, content)));
        fates.push((wanted.id.clone(), fate));
    }
    fates
}

/// What becomes of one slice, and its content where that is known.
fn fate<'a>(
    facts: &'a Facts,
    wanted: &WantedSlice,
    refused: &BTreeSet<TableName>,
    contents: &BTreeMap<&SliceId, &str>,
) -> (Fate, Option<&'a str>) {
    let current = current(facts, wanted);
    let is_former = current.is_some_and(|current| {
        differ_in_output_version_only(&wanted.ingredients, &current.ingredients)
    });
    let mut seen = Vec::new();
    for upstream in &wanted.upstreams {
        match contents.get(upstream) {
            Some(content) => seen
                .push(UpstreamContent { slice: upstream.clone(), content: (*content).to_owned() }),
            None if is_former => return (Fate::RestsOn(upstream.clone()), None),
            None => return (Fate::ToBeMade, None),
        }
    }
    let to = key(&own_fingerprint(&wanted.ingredients), &seen);
    let stored = facts.stored.get(&wanted.id);
    if let Some(found) = stored.and_then(|all| all.iter().find(|one| one.key == to)) {
        return (Fate::UpToDate, Some(&found.content));
    }
    match current.filter(|current| is_former && current.upstreams == seen) {
        None => (Fate::ToBeMade, None),
        Some(_) if refused.contains(&wanted.id.table) => (Fate::Refused, None),
        Some(current) => {
            let from = current.key.clone();
            (Fate::Adoptable { from, to }, Some(&current.content))
        }
    }
}

fn current<'a>(facts: &'a Facts, wanted: &WantedSlice) -> Option<&'a StoredSlice> {
    let key = facts.current.get(&wanted.id)?;
    facts.stored.get(&wanted.id)?.iter().find(|stored| stored.key == *key)
}
