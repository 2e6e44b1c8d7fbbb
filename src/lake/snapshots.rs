//! Snapshots: a manifest with hard links to its slices, laid out so that other
//! tools can read it, and `current`, which points at the newest. Candidates
//! are the same for what a run made that is not current.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use super::slices::SliceRecord;
use super::{DATA_FILE, Lake, Manifest, RunId, Scratch, ScratchFolder};
use crate::durable::files::{self, PRIVATE_DIR, PRIVATE_FILE};
use crate::durable::{crash, seal};
use crate::error::{Error, IoContext, Result};
use crate::pipeline::names::SliceId;

pub(super) const MANIFEST_FILE: &str = "manifest.json";

impl Lake {
    /// The manifest that is current; none before the first one.
    ///
    /// # Errors
    /// [`Error::Damaged`] where `current` points at something else than a snapshot.
    pub fn current(&self) -> Result<Option<Manifest>> {
        let Some(id) = self.current_id()? else { return Ok(None) };
        let path = self.root().join("snapshots").join(id).join(MANIFEST_FILE);
        match files::read_json(&path)? {
            None => Err(Error::damaged(&path, "the current manifest is missing")),
            manifest => Ok(manifest),
        }
    }

    /// The name of the manifest that is current.
    ///
    /// # Errors
    /// [`Error::Damaged`] where `current` points at something else than a snapshot.
    pub fn current_id(&self) -> Result<Option<String>> {
        let link = self.root().join("current");
        let target = match fs::read_link(&link) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                return Err(Error::damaged(&link, "is no link"));
            }
            read => read.at("read", &link)?,
        };
        let id = target.strip_prefix("snapshots").ok().and_then(Path::to_str);
        match id {
            Some(id) if !id.is_empty() => Ok(Some(id.to_owned())),
            _ => Err(Error::damaged(&link, "does not point at a snapshot")),
        }
    }

    /// A manifest that was current, while its snapshot stands.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a damaged manifest.
    pub fn snapshot(&self, id: &str) -> Result<Option<Manifest>> {
        files::read_json(&self.root().join("snapshots").join(id).join(MANIFEST_FILE))
    }

    /// The candidate of a run, where it left one.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a damaged manifest.
    pub fn candidate(&self, run: &RunId) -> Result<Option<Manifest>> {
        files::read_json(&self.candidate_dir(run).join(MANIFEST_FILE))
    }

    /// Where the report of a run's candidate stands, beside its tables.
    pub fn candidate_report_dir(&self, run: &RunId) -> PathBuf {
        self.candidate_dir(run).join("report")
    }

    fn candidate_dir(&self, run: &RunId) -> PathBuf {
        self.root().join("candidates").join(run.as_str())
    }
}

/// A file of a snapshot that is no link to its slice.
pub(super) struct Stray {
    pub(super) path: PathBuf,
    pub(super) content: String,
    pub(super) is_there: bool,
}

impl Lake {
    /// The files of a snapshot or candidate that are not the very files of its
    /// slices, as long as those are there.
    pub(super) fn strays(&self, place: &Path, manifest: &Manifest) -> Result<Vec<Stray>> {
        let inode = |path: &Path| {
            let found = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((found.dev(), found.ino()))
        };
        let mut strays = Vec::new();
        for entry in manifest.slices.values() {
            let record = SliceRecord::new(
                entry.slice.clone(),
                entry.own.clone(),
                entry.key.clone(),
                RunId::now(),
            );
            let own = inode(&self.slice_path(&record));
            let path = link_of(place, &entry.slice);
            let there = inode(&path);
            if there.is_none() || (own.is_some() && own != there) {
                let (content, is_there) = (entry.content.clone(), there.is_some());
                strays.push(Stray { path, content, is_there });
            }
        }
        Ok(strays)
    }

    /// Says whether files of a snapshot are not the very files of its slices.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn is_unlinked(&self, manifest: &Manifest) -> Result<bool> {
        let place = self.root().join("snapshots").join(manifest.id()?);
        Ok(!self.strays(&place, manifest)?.is_empty())
    }
}

impl Scratch {
    /// Makes a manifest current, in one step, if the current one is still the
    /// `expected` one (none before the first). Gives the manifest's name.
    ///
    /// # Errors
    /// [`Error::Internal`] for a manifest that is not closed; [`Error::Lake`]
    /// where another one is current or a slice is missing; [`Error::Io`].
    pub fn commit(&self, manifest: &Manifest, expected: Option<&str>) -> Result<String> {
        if let Some(end) = manifest.open_ends().first() {
            return Err(Error::internal(format!("a mixed state cannot become current: {end}")));
        }
        let (root, id) = (self.lake().root(), manifest.id()?);
        let link = root.join("current");
        let current = self.lake().current_id()?;
        if current.as_deref() != expected {
            let message = "has moved since this run began; run again".to_owned();
            return Err(Error::Lake { path: link, message });
        }
        self.ensure_snapshot(manifest)?;
        if current.as_ref() == Some(&id) {
            return Ok(id);
        }
        self.link_current(&id)?;
        Ok(id)
    }

    /// Makes the snapshot current again that was before this run; none where
    /// nothing was.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn move_back(&self, before: Option<&str>) -> Result<()> {
        match before {
            Some(id) => self.link_current(id),
            None => files::remove(&self.lake().root().join("current")),
        }
    }

    fn link_current(&self, id: &str) -> Result<()> {
        let fresh = self.fresh_path("current");
        symlink(Path::new("snapshots").join(id), &fresh).at("create", &fresh)?;
        crash::point("current-swapping");
        files::rename(&fresh, &self.lake().root().join("current"))?;
        crash::point("current-swapped");
        Ok(())
    }

    /// Builds the snapshot of a manifest, where it is not there or its files are
    /// not those of the slices; says whether it did.
    ///
    /// # Errors
    /// [`Error::Damaged`] where a slice is missing; [`Error::Io`].
    pub fn ensure_snapshot(&self, manifest: &Manifest) -> Result<bool> {
        let all = self.lake().root().join("snapshots");
        let place = all.join(manifest.id()?);
        let has_manifest = files::size(&place.join(MANIFEST_FILE))?.is_some();
        if has_manifest && self.lake().strays(&place, manifest)?.is_empty() {
            return Ok(false);
        }
        let built = self.build(manifest)?;
        crash::point("snapshot-built");
        files::create_dir(&all, PRIVATE_DIR)?;
        if files::is_there(&place) {
            files::exchange(built.path(), &place)?;
        } else {
            files::rename(built.path(), &place)?;
        }
        Ok(true)
    }

    /// Keeps what this run made, apart from what is current; in place of an
    /// earlier candidate of the same run.
    ///
    /// # Errors
    /// [`Error::Lake`] where a slice is missing; [`Error::Io`].
    pub fn save_candidate(&self, manifest: &Manifest) -> Result<()> {
        let place = self.lake().candidate_dir(self.run());
        let built = self.build(manifest)?;
        files::create_dir(&self.lake().root().join("candidates"), PRIVATE_DIR)?;
        if files::exists(&place)? {
            files::rename(&place, &self.fresh_path("earlier-candidate"))?;
        }
        files::rename(built.path(), &place)?;
        crash::point("candidate-kept");
        Ok(())
    }

    /// Builds the folder of a manifest in the scratch folder.
    fn build(&self, manifest: &Manifest) -> Result<ScratchFolder> {
        let folder = self.folder("snapshot")?;
        let mut dirs = std::collections::BTreeSet::new();
        for entry in manifest.slices.values() {
            let record = self.lake().record(&entry.slice, &entry.own, &entry.key)?;
            let columns: Vec<&str> =
                record.schema.iter().map(|field| field.name.as_str()).collect();
            let dir = folder.path().join(outside_dir(&entry.slice, &columns));
            files::create_dirs_below(folder.path(), &dir)?;
            let link = dir.join(DATA_FILE);
            fs::hard_link(self.lake().slice_path(&record), &link).at("create", &link)?;
            crash::point("snapshot-linked");
            dirs.insert(dir);
        }
        let path = folder.path().join(MANIFEST_FILE);
        files::write_file(&path, PRIVATE_FILE, &seal::to_json(manifest)?)?;
        for dir in &dirs {
            files::sync_dir(dir)?;
        }
        files::sync_dir(folder.path())?;
        Ok(folder)
    }
}

/// Where a slice stands within a snapshot: `core/jobs/year=2016`. A table that
/// has a column `year` itself is cut by `slice_year`: Arrow and pandas refuse a
/// file and a folder that both claim one column.
fn outside_dir(slice: &SliceId, columns: &[&str]) -> PathBuf {
    let table = Path::new(slice.table.layer.as_str()).join(&slice.table.name);
    let Some(year) = slice.year else { return table };
    let own_year = columns.iter().any(|column| ["year", "from_year"].contains(column));
    table.join(format!("{}={year}", if own_year { "slice_year" } else { "year" }))
}

/// Where a slice stands within the folder of a manifest, though its columns are
/// not known; where it would stand, where nothing does.
fn link_of(place: &Path, slice: &SliceId) -> PathBuf {
    let ways = [outside_dir(slice, &["year"]), outside_dir(slice, &[])];
    let [with_year, without] = ways.map(|dir| place.join(dir).join(DATA_FILE));
    if files::is_there(&with_year) { with_year } else { without }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::names::parse_slice;

    #[test]
    fn no_folder_claims_a_column_that_the_file_has() {
        let dir = |slice: &str, columns: &[&str]| {
            outside_dir(&parse_slice(slice).unwrap(), columns).display().to_string()
        };
        assert_eq!(dir("raw.jobs 2016", &["job_id"]), "raw/jobs/year=2016");
        assert_eq!(dir("core.person_years 2016", &["year"]), "core/person_years/slice_year=2016");
        assert_eq!(dir("core.pairs 2016", &["from_year"]), "core/pairs/slice_year=2016");
        assert_eq!(dir("raw.persons", &["year"]), "raw/persons");
    }
}
