//! Reads all that a lake holds and says what is not as it was written. What
//! that means for a run, and what is done about it, is left to `mend` and `run`.

mod histories;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::gc::keys_in;
use super::slices::REJECTS;
use super::snapshots::MANIFEST_FILE;
use super::trust::{self, content_hash};
use super::{DATA_FILE, Lake, Manifest, RunId, dictionary, fingerprints, privacy};
use crate::durable::files;
use crate::durable::identity::{self, Holds, IDENTITY_FILE};
use crate::error::{Error, Result};
use crate::pipeline::Layer;
use crate::pipeline::names::SliceId;

pub(super) use histories::is_event;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub path: PathBuf,
    /// What does not fit.
    pub what: String,
    /// What mends it.
    pub remedy: Remedy,
}

/// What mends a damage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// These are set aside, and the next run makes again what it needs of them.
    SetAside(Vec<PathBuf>),
    /// The whole events of a ledger stay, and in place of each other line stands
    /// that it is lost.
    KeepEvents,
    /// The whole lines of a history of deliveries stay.
    KeepVintages,
    /// A run is told to be lost.
    TellLost(RunId),
    /// The folder gets its identity again.
    Claim,
    /// The next run does it.
    NextRun,
    /// Nothing that honkvast could do.
    None,
}

impl Damage {
    fn set_aside(path: &Path, what: impl Into<String>) -> Self {
        let remedy = Remedy::SetAside(vec![path.to_path_buf()]);
        Damage { path: path.to_path_buf(), what: what.into(), remedy }
    }
}

/// What an inspection goes through, with the damage that it found.
struct Inspection<'a> {
    lake: &'a Lake,
    found: Vec<Damage>,
}

impl Lake {
    /// All damage, in an order in which it can be mended.
    ///
    /// # Errors
    /// [`Error::Usage`] for the lake of another study; [`Error::Interrupted`];
    /// [`Error::Io`].
    pub fn inspect(&self, study: &str) -> Result<Vec<Damage>> {
        let mut inspection = Inspection { lake: self, found: Vec::new() };
        let top = privacy::misfits(self.root())?;
        inspection.found.extend(top.iter().map(|(path, what)| Damage::set_aside(path, what)));
        if !top.is_empty() {
            // What lies behind a link is not the lake's.
            return Ok(inspection.found);
        }
        inspection.identity(study)?;
        inspection.caches()?;
        inspection.slices()?;
        inspection.rejects()?;
        inspection.checks()?;
        inspection.audits()?;
        inspection.manifests()?;
        inspection.ledger()?;
        Ok(inspection.found)
    }
}

impl Inspection<'_> {
    fn identity(&mut self, study: &str) -> Result<()> {
        let path = self.lake.root().join(IDENTITY_FILE);
        let what =
            match identity::check(self.lake.root(), Holds::Lake, study, || self.lake.former()) {
                Err(Error::Damaged { message, .. }) => message,
                Err(error) => return Err(error),
                Ok(()) if files::is_there(&path) => return Ok(()),
                Ok(()) => "it is gone".to_owned(),
            };
        self.found.push(Damage { path, what, remedy: Remedy::Claim });
        Ok(())
    }

    fn caches(&mut self) -> Result<()> {
        for name in [fingerprints::FILE, trust::FILE] {
            let path = self.lake.root().join(name);
            if let Err(Error::Damaged { message, .. }) =
                files::read_json::<serde_json::Value>(&path)
            {
                self.found.push(Damage::set_aside(&path, message));
            }
        }
        Ok(())
    }

    fn slices(&mut self) -> Result<()> {
        let mut known_files = BTreeSet::new();
        self.folders("slices")?;
        for (slice, folder) in self.lake.parts("slices")? {
            for name in files::names_in(&folder)? {
                self.lake.stop.check()?;
                let place = folder.join(name);
                match self.slice(&slice, &place) {
                    Ok(record) if slice.table.layer == Layer::Raw => {
                        known_files.insert((place, record));
                    }
                    Ok(_) => {}
                    Err(Error::Damaged { path, message }) => {
                        self.spoilt(&slice, &place, &path, message)
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        self.vintages(&known_files)
    }

    /// Reads a slice whole, with all that is kept beside its data.
    fn slice(&self, slice: &SliceId, place: &Path) -> Result<SliceFiles> {
        let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let keys = name
            .split_once('-')
            .and_then(|(own, key)| Some((own.parse().ok()?, key.parse().ok()?)));
        let (own, key) = keys.ok_or_else(|| Error::damaged(place, "it has no name of a slice"))?;
        let record = self.lake.record(slice, &own, &key)?;
        self.holds(&place.join(DATA_FILE), Some(&record.content))?;
        let dictionary = place.join(dictionary::DICTIONARY_FILE);
        self.holds(&dictionary, record.sums.get(dictionary::DICTIONARY_FILE))?;
        self.holds(&self.lake.rejects_path(slice, &key), record.sums.get(REJECTS))?;
        Ok(SliceFiles { source: slice.table.name.clone(), files: record.files })
    }

    /// Holds a file against the hash that is known of it, if one is.
    fn holds(&self, path: &Path, sum: Option<&String>) -> Result<()> {
        let Some(sum) = sum else { return Ok(()) };
        match files::size(path)? {
            None => Err(Error::damaged(path, "it is gone, or something else is in its place")),
            Some(_) if content_hash(path, &self.lake.stop)? != *sum => {
                Err(Error::damaged(path, "it is not as it was written"))
            }
            Some(_) => Ok(()),
        }
    }

    /// A slice goes with its rejects: a run makes both again.
    fn spoilt(&mut self, slice: &SliceId, place: &Path, path: &Path, what: String) {
        let mut aside = vec![place.to_path_buf()];
        let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let key = name.split_once('-').and_then(|(_, key)| key.parse().ok());
        if let Some(rejects) = key.map(|key| self.lake.rejects_path(slice, &key))
            && files::is_there(&rejects)
        {
            aside.push(rejects);
        }
        let remedy = Remedy::SetAside(aside);
        self.found.push(Damage { path: path.to_path_buf(), what, remedy });
    }

    /// Folders `<layer.table>/<year|whole>`, which must be such.
    fn folders(&mut self, below: &str) -> Result<()> {
        let root = self.lake.root().join(below);
        for table in files::names_in(&root)? {
            let table = root.join(table);
            let parts = files::names_in(&table)?.into_iter().map(|part| table.join(part));
            for place in std::iter::once(table.clone()).chain(parts) {
                if !files::is_dir(&place) {
                    let what = "something else is in place of a folder";
                    self.found.push(Damage::set_aside(&place, what));
                }
            }
        }
        Ok(())
    }

    /// Rejects of runs that failed: those of slices were read with them.
    fn rejects(&mut self) -> Result<()> {
        self.folders("rejects")?;
        for (slice, folder) in self.lake.parts("rejects")? {
            let of_slices: BTreeSet<_> =
                self.lake.keys_of(&slice)?.into_iter().map(|(_, key)| key).collect();
            for key in keys_in(&folder)?.difference(&of_slices) {
                let path = self.lake.rejects_path(&slice, key);
                if !super::verify::is_readable(&path) {
                    self.found.push(Damage::set_aside(&path, "it cannot be read"));
                }
            }
        }
        Ok(())
    }

    fn checks(&mut self) -> Result<()> {
        let folder = self.lake.root().join("checks");
        for name in files::names_in(&folder)? {
            let results = folder.join(&name);
            if !files::is_dir(&results) {
                self.found
                    .push(Damage::set_aside(&results, "something else is in place of a folder"));
                continue;
            }
            for key in keys_in(&results)? {
                let (json, rows) =
                    (results.join(format!("{key}.json")), results.join(format!("{key}.parquet")));
                let whole = match files::size(&json)? {
                    None => Err(Error::damaged(&json, "it is gone, or no file")),
                    Some(_) => self.lake.check_result(&name, &key).and_then(|result| {
                        self.holds(&rows, result.and_then(|result| result.rows_sum).as_ref())
                    }),
                };
                let Err(error) = whole else { continue };
                let Error::Damaged { path, message: what } = error else { return Err(error) };
                let remedy = Remedy::SetAside(vec![json, rows]);
                self.found.push(Damage { path, what, remedy });
            }
        }
        Ok(())
    }

    fn audits(&mut self) -> Result<()> {
        for key in keys_in(&self.lake.root().join("audits"))? {
            match self.lake.audit(&key) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    let path = self.lake.audit_path(&key);
                    self.found.push(Damage::set_aside(&path, "it is no file"));
                }
                Err(Error::Damaged { path, message }) => {
                    self.found.push(Damage::set_aside(&path, message));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn manifests(&mut self) -> Result<()> {
        let link = self.lake.root().join("current");
        let has_snapshots = !files::names_in(&self.lake.root().join("snapshots"))?.is_empty();
        let current = match self.lake.current_id() {
            Err(Error::Damaged { message, .. }) => {
                self.found.push(Damage::set_aside(&link, message));
                None
            }
            current => current?,
        };
        let leads_nowhere = |id: &String| {
            let manifest = self.lake.root().join("snapshots").join(id).join(MANIFEST_FILE);
            !files::is_there(&manifest)
        };
        if current.as_ref().is_some_and(leads_nowhere) {
            self.found.push(Damage::set_aside(&link, "it leads to no snapshot"));
        }
        if !files::is_there(&link) && has_snapshots {
            let (path, what) = (link.clone(), "it is gone, or no run came to make it".to_owned());
            self.found.push(Damage { path, what, remedy: Remedy::NextRun });
        }
        for (below, has_ids) in [("snapshots", true), ("candidates", false)] {
            let all = self.lake.root().join(below);
            for name in files::names_in(&all)? {
                let place = all.join(&name);
                let is_current = has_ids && current.as_ref() == Some(&name);
                let id = has_ids.then_some(name.as_str());
                self.manifest(&place, id, is_current.then_some(&link))?;
            }
        }
        Ok(())
    }

    /// One folder of a manifest; `link` is `current`, where it leads there.
    fn manifest(&mut self, place: &Path, id: Option<&str>, link: Option<&PathBuf>) -> Result<()> {
        let path = place.join(MANIFEST_FILE);
        let read = match files::is_dir(place) && files::size(&path)?.is_some() {
            true => files::read_json::<Manifest>(&path),
            false => Err(Error::damaged(&path, "it is gone, or no file")),
        };
        let manifest = match read {
            Ok(Some(manifest)) if id.is_none_or(|id| manifest.id().is_ok_and(|own| own == id)) => {
                manifest
            }
            Ok(_) => return self.without_manifest(place, path, "it is of other slices", link),
            Err(Error::Damaged { message, .. }) => {
                return self.without_manifest(place, path, &message, link);
            }
            Err(error) => return Err(error),
        };
        if link.is_some() {
            self.lost_slices(&manifest)?;
        }
        for file in self.lake.strays(place, &manifest)? {
            let is_whole = file.is_there && self.is_content(&file.path, &file.content)?;
            if is_whole {
                continue;
            }
            let what = match file.is_there {
                true => "it is not the slice that it stands for",
                false => "it is gone, or something else is in its place",
            };
            let remedy = match link {
                Some(_) => Remedy::NextRun,
                None => Remedy::SetAside(vec![place.to_path_buf()]),
            };
            self.found.push(Damage { path: file.path, what: what.to_owned(), remedy });
        }
        Ok(())
    }

    /// Slices that are current, and of which the lake has nothing any more.
    fn lost_slices(&mut self, manifest: &Manifest) -> Result<()> {
        for entry in manifest.slices.values() {
            if !self.lake.has(&entry.slice, &entry.own, &entry.key)? {
                let path = self.lake.slice_dir(&entry.slice, &entry.own, &entry.key);
                let what = format!("{} is gone", entry.slice);
                self.found.push(Damage { path, what, remedy: Remedy::NextRun });
            }
        }
        Ok(())
    }

    fn is_content(&self, path: &Path, content: &str) -> Result<bool> {
        Ok(files::size(path)?.is_some() && content_hash(path, &self.lake.stop)? == content)
    }

    fn without_manifest(
        &mut self,
        place: &Path,
        path: PathBuf,
        what: &str,
        link: Option<&PathBuf>,
    ) -> Result<()> {
        let mut aside = vec![place.to_path_buf()];
        aside.extend(link.cloned());
        self.found.push(Damage { path, what: what.to_owned(), remedy: Remedy::SetAside(aside) });
        Ok(())
    }
}

/// The files that a raw slice was made from.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SliceFiles {
    source: String,
    files: Vec<String>,
}
