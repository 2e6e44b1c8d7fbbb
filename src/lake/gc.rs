//! Looks at all that the lake holds and that can go, and removes what
//! [`keeping`](super::keeping) judges. Each thing leaves its place in one step
//! and is removed in the scratch folder: a kill leaves a lake that is whole, and
//! the next `gc` finishes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::keeping::{Holdings, Item, RunTraces};
use super::names::{Key, parse_slice};
use super::snapshots::MANIFEST_FILE;
use super::{Event, Lake, Manifest, Scratch};
use crate::durable::crash;
use crate::durable::files;
use crate::error::{Error, IoContext, Result};
use crate::pipeline::names::SliceId;

/// Name of a slice's folder that has no year.
const WHOLE: &str = "whole";

impl Lake {
    /// All that can go, and what the ledger says of it. What is not named as
    /// honkvast names it is not ours and is left out.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Lake`] for a damaged ledger or manifest.
    pub fn holdings(&self) -> Result<Holdings> {
        let mut holdings = Holdings::default();
        if let Some(id) = self.current_id()? {
            holdings.current = written(&self.root().join("current"))?.map(|since| (id, since));
        }
        for id in files::names_in(&self.root().join("snapshots"))? {
            self.hold_manifest(&mut holdings, Item::Snapshot(id))?;
        }
        for run in files::names_in(&self.root().join("candidates"))? {
            if let Ok(run) = run.parse() {
                self.hold_manifest(&mut holdings, Item::Candidate(run))?;
            }
        }
        for (slice, _) in self.parts("slices")? {
            for (own, key) in self.keys_of(&slice)? {
                self.hold(&mut holdings, Item::Slice(slice.clone(), own, key))?;
            }
        }
        for (slice, folder) in self.parts("rejects")? {
            for key in keys_in(&folder)? {
                self.hold(&mut holdings, Item::Rejects(slice.clone(), key))?;
            }
        }
        let checks = self.root().join("checks");
        for name in files::names_in(&checks)? {
            for key in keys_in(&checks.join(&name))? {
                self.hold(&mut holdings, Item::Check(name.clone(), key))?;
            }
        }
        for key in keys_in(&self.root().join("audits"))? {
            self.hold(&mut holdings, Item::Audit(key))?;
        }
        holdings.runs = self.traces()?;
        Ok(holdings)
    }

    fn hold(&self, holdings: &mut Holdings, item: Item) -> Result<()> {
        let times = self.files_of(&item).into_iter().map(|file| written(&file));
        // Whoever is gone by now needs no removal.
        let times: Vec<Timestamp> =
            times.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        if let Some(last) = times.into_iter().max() {
            holdings.items.insert(item, last);
        }
        Ok(())
    }

    fn hold_manifest(&self, holdings: &mut Holdings, item: Item) -> Result<()> {
        let folder = self.place_of(&item);
        let manifest: Option<Manifest> = files::read_json(&folder.join(MANIFEST_FILE))?;
        let Some(manifest) = manifest else { return Ok(()) };
        let versions = manifest.slices.into_values().map(|entry| (entry.slice, entry.key));
        holdings.contents.insert(item.clone(), versions.collect());
        self.hold(holdings, item)
    }

    /// Folders `<layer.table>/<year|whole>` below a folder of the lake.
    pub(super) fn parts(&self, below: &str) -> Result<Vec<(SliceId, PathBuf)>> {
        let mut parts = Vec::new();
        let root = self.root().join(below);
        for table in files::names_in(&root)? {
            for part in files::names_in(&root.join(&table))? {
                let name = if part == WHOLE { table.clone() } else { format!("{table} {part}") };
                parts
                    .extend(parse_slice(&name).map(|slice| (slice, root.join(&table).join(&part))));
            }
        }
        Ok(parts)
    }

    fn traces(&self) -> Result<Vec<RunTraces>> {
        let mut traces = Vec::new();
        for run in self.runs()? {
            let ended = run.ended.as_deref().and_then(|at| at.parse().ok());
            let mut trace = RunTraces {
                ended: ended.unwrap_or_else(|| run.run.started()),
                is_done: run.exit_code == Some(0),
                is_gc: run.is_gc,
                run: run.run,
                slices: BTreeSet::new(),
                snapshots: BTreeSet::new(),
                checks: BTreeSet::new(),
                audits: BTreeSet::new(),
            };
            for event in self.events(&trace.run)? {
                trace.take(event);
            }
            traces.push(trace);
        }
        Ok(traces)
    }

    /// Where a thing stands; of a check, where its rows stand without an ending.
    fn place_of(&self, item: &Item) -> PathBuf {
        match item {
            Item::Snapshot(id) => self.root().join("snapshots").join(id),
            Item::Candidate(run) => self.root().join("candidates").join(run.as_str()),
            Item::Slice(slice, own, key) => self.slice_dir(slice, own, key),
            Item::Rejects(slice, key) => self.rejects_path(slice, key),
            Item::Check(name, key) => self.root().join("checks").join(name).join(key.as_str()),
            Item::Audit(key) => self.audit_path(key),
        }
    }

    /// The files that tell when a thing was written.
    fn files_of(&self, item: &Item) -> Vec<PathBuf> {
        let place = self.place_of(item);
        match item {
            Item::Snapshot(_) | Item::Candidate(_) => vec![place.join(MANIFEST_FILE)],
            Item::Slice(..) => vec![place],
            Item::Rejects(..) | Item::Audit(_) => vec![place],
            // A result goes before its rows: without them it would never be asked again.
            Item::Check(..) => vec![place.with_extension("json"), place.with_extension("parquet")],
        }
    }

    /// Bytes of a thing's own files, and of all things together what their
    /// removal sets free: a file goes with its last link.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn sizes(&self, items: &[Item]) -> Result<Sizes> {
        let mut sizes = Sizes::default();
        let mut links: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for item in items {
            let mut own = 0;
            let places = match item {
                Item::Check(..) => self.files_of(item),
                _ => vec![self.place_of(item)],
            };
            for place in places {
                for file in files_below(&place)? {
                    own += file.len();
                    let entry = links.entry(file.ino()).or_insert((0, file.nlink()));
                    entry.0 += 1;
                    if entry.0 == entry.1 {
                        sizes.freed += file.len();
                    }
                }
            }
            sizes.own.push(own);
        }
        Ok(sizes)
    }
}

/// What things weigh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of each thing's files.
    pub own: Vec<u64>,
    /// Bytes that the removal of all sets free.
    pub freed: u64,
}

impl RunTraces {
    fn take(&mut self, event: Event) {
        match event {
            Event::SliceMade { slice, key, .. }
            | Event::SliceUnchanged { slice, key }
            | Event::Adopted { slice, key, .. }
            | Event::SliceFailed { slice, key, .. } => {
                if let (Some(slice), Ok(key)) = (parse_slice(&slice), key.parse()) {
                    self.slices.insert((slice, key));
                }
            }
            Event::Checked { name, key: Some(key), .. } => {
                self.checks.extend(key.parse().ok().map(|key| (name, key)));
            }
            Event::Protected { key, .. } => self.audits.extend(key.parse().ok()),
            Event::CurrentMoved { id } => {
                self.snapshots.insert(id);
            }
            _ => {}
        }
    }
}

impl Scratch {
    /// Removes things from the lake, each in one step.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Interrupted`] between two of them.
    pub fn remove(&self, items: &[Item], stop: &std::sync::atomic::AtomicU8) -> Result<()> {
        for item in items {
            crate::stop::check(stop)?;
            let places = match item {
                Item::Check(..) => self.lake().files_of(item),
                _ => vec![self.lake().place_of(item)],
            };
            for place in &places {
                if !files::exists(place)? {
                    continue;
                }
                let aside = self.fresh_path("collected");
                crash::point("gc-moving");
                files::rename(place, &aside)?;
                crash::point("gc-moved");
                files::remove(&aside)?;
                crash::point("gc-removed");
            }
        }
        for below in ["slices", "rejects", "checks", "audits"] {
            self.remove_empty(&self.lake().root().join(below))?;
        }
        Ok(())
    }

    /// Removes the folders below a folder that hold nothing.
    fn remove_empty(&self, folder: &Path) -> Result<()> {
        for name in files::names_in(folder)? {
            let inner = folder.join(name);
            if files::is_dir(&inner) {
                self.remove_empty(&inner)?;
                // One that still holds something refuses.
                let _ = fs::remove_dir(&inner);
            }
        }
        Ok(())
    }
}

pub(super) fn keys_in(folder: &Path) -> Result<BTreeSet<Key>> {
    let names = files::names_in(folder)?;
    let key = |name: &String| name.split_once('.').and_then(|(key, _)| key.parse().ok());
    Ok(names.iter().filter_map(key).collect())
}

/// When a file, folder or link was last written; none where it is gone.
fn written(file: &Path) -> Result<Option<Timestamp>> {
    let metadata = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        found => found.at("look at", file)?,
    };
    let time = metadata.modified().at("look at", file)?;
    Timestamp::try_from(time).map(Some).map_err(|_| Error::Lake {
        path: file.to_path_buf(),
        message: "has no time that can be understood".to_owned(),
    })
}

/// The regular files of a thing: itself, or all below it.
fn files_below(place: &Path) -> Result<Vec<Metadata>> {
    let metadata = match fs::symlink_metadata(place) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.at("look at", place)?,
    };
    if !metadata.is_dir() {
        return Ok(vec![metadata]);
    }
    let mut found = Vec::new();
    for name in files::names_in(place)? {
        found.extend(files_below(&place.join(name))?);
    }
    Ok(found)
}
