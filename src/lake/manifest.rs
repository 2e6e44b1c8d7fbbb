//! A manifest: which slice each table and year has. Where it stands, and when
//! it becomes current, is left to `snapshots`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::{Key, OwnKey, slice_text};
use super::slices::{SliceRecord, Upstream};
use crate::error::{Error, Result};
use crate::pipeline::names::SliceId;

/// Which slice each table and year of a study has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The study.
    pub study: String,
    /// The slices.
    #[serde(with = "as_list")]
    pub slices: BTreeMap<SliceId, ManifestEntry>,
}

/// One slice of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Which slice.
    #[serde(with = "slice_text")]
    pub slice: SliceId,
    /// The part of its key that is its own.
    pub own: OwnKey,
    /// Its key.
    pub key: Key,
    /// Its content hash.
    pub content: String,
    /// Its rows.
    pub rows: u64,
    /// What it read of other slices.
    pub upstreams: Vec<Upstream>,
}

/// A slice that was made from other content than the manifest has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEnd {
    /// The slice.
    pub slice: SliceId,
    /// What it read, and what is now missing or another.
    pub upstream: SliceId,
}

impl fmt::Display for OpenEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was made from another {}", self.slice, self.upstream)
    }
}

impl From<&SliceRecord> for ManifestEntry {
    fn from(record: &SliceRecord) -> Self {
        ManifestEntry {
            slice: record.slice.clone(),
            own: record.own.clone(),
            key: record.key.clone(),
            content: record.content.clone(),
            rows: record.rows,
            upstreams: record.upstreams.clone(),
        }
    }
}

impl Manifest {
    /// A manifest of these slices.
    pub fn new<'a>(
        study: impl Into<String>,
        records: impl IntoIterator<Item = &'a SliceRecord>,
    ) -> Self {
        let entries = records.into_iter().map(|record| (record.slice.clone(), record.into()));
        Manifest { study: study.into(), slices: entries.collect() }
    }

    /// The manifest's name: the first 32 hex digits of the hash of all it says.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn id(&self) -> Result<String> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::internal(format!("cannot write a manifest: {error}")))?;
        Ok(Key::of(&blake3::hash(&json)).to_string())
    }

    /// The slices whose upstreams are not the ones of this manifest; where there
    /// are none the manifest is closed and may become current.
    pub fn open_ends(&self) -> Vec<OpenEnd> {
        let entries = self.slices.values();
        let reads = entries.flat_map(|entry| entry.upstreams.iter().map(move |read| (entry, read)));
        let open = reads.filter(|(_, read)| {
            self.slices.get(&read.slice).is_none_or(|found| found.content != read.content)
        });
        open.map(|(entry, read)| OpenEnd {
            slice: entry.slice.clone(),
            upstream: read.slice.clone(),
        })
        .collect()
    }
}

/// The entries as a list: JSON has no keys but text.
mod as_list {
    use std::collections::BTreeMap;

    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;

    use super::{ManifestEntry, SliceId};

    pub(super) fn serialize<S: Serializer>(
        slices: &BTreeMap<SliceId, ManifestEntry>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(slices.values())
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        from: D,
    ) -> Result<BTreeMap<SliceId, ManifestEntry>, D::Error> {
        let entries = Vec::<ManifestEntry>::deserialize(from)?;
        Ok(entries.into_iter().map(|entry| (entry.slice.clone(), entry)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::names::parse_slice;

    fn entry(name: &str, content: &str, upstreams: &[(&str, &str)]) -> ManifestEntry {
        let upstreams = upstreams.iter().map(|(name, content)| Upstream {
            slice: parse_slice(name).unwrap(),
            content: (*content).to_owned(),
        });
        ManifestEntry {
            slice: parse_slice(name).unwrap(),
            own: OwnKey::of(&blake3::hash(name.as_bytes())),
            key: Key::of(&blake3::hash(content.as_bytes())),
            content: content.to_owned(),
            rows: 1,
            upstreams: upstreams.collect(),
        }
    }

    fn manifest(entries: Vec<ManifestEntry>) -> Manifest {
        let slices = entries.into_iter().map(|entry| (entry.slice.clone(), entry)).collect();
        Manifest { study: "s".to_owned(), slices }
    }

    #[test]
    fn a_manifest_is_closed_where_each_upstream_is_its_own() {
        let jobs = || entry("raw.jobs 2016", "a", &[]);
        let made = || entry("staging.jobs 2016", "b", &[("raw.jobs 2016", "a")]);
        assert_eq!(manifest(vec![jobs(), made()]).open_ends(), []);
        let other = entry("raw.jobs 2016", "c", &[]);
        let ends = manifest(vec![other, made()]).open_ends();
        assert_eq!(ends.len(), 1);
        assert_eq!(ends[0].to_string(), "staging.jobs 2016 was made from another raw.jobs 2016");
        assert_eq!(manifest(vec![made()]).open_ends().len(), 1);
    }

    #[test]
    fn the_id_is_of_the_content() {
        let one = manifest(vec![entry("raw.jobs 2016", "a", &[])]);
        let other = manifest(vec![entry("raw.jobs 2016", "b", &[])]);
        assert_ne!(one.id().unwrap(), other.id().unwrap());
        let json = serde_json::to_string(&one).unwrap();
        let back: Manifest = serde_json::from_str(&json).unwrap();
        assert_eq!(back, one);
        assert_eq!(back.id().unwrap(), one.id().unwrap());
    }
}
