//! Writes a release: all tables together or none, read back before anyone sees
//! them. What the tables hold is left to the rest of the stage.
//!
//! ```text
//! <release>/releases/<key>/     <name>.csv, <name>.parquet, report.html,
//!                               release.json, b3sums.txt: the hashes of these
//!                               files
//! <release>/honkvast.json       whose the releases are
//! <release>/current             symbolic link to releases/<key>
//! <release>/.incoming-<key>-<pid>/, .current-<pid>
//!                               in the making; swept once their process is dead
//! ```
//! Files are 0644 and folders 0755: they are there to be read.

use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use super::clearance::Clearance;
use super::damage::{damage, former};
use super::folder::{Of, PUBLIC, write_files};
use crate::durable::files::PUBLIC_DIR;
use crate::durable::identity::{self, Holds};
use crate::durable::{crash, files};
use crate::error::{Error, IoContext, Result};

/// One published table.
#[derive(Debug, Clone)]
pub struct ReleaseTable {
    /// Its name, which is that of its files.
    pub name: String,
    /// Its rows.
    pub batch: RecordBatch,
}

/// The release to which `current` points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRelease {
    /// Its key.
    pub key: String,
    /// Its files that are not as they were written, each with what became of it.
    pub damage: Vec<String>,
}

/// A release whose files stand, and that is not current yet.
#[derive(Debug)]
pub struct PreparedRelease {
    /// A link to it, to be put in the place of `current`.
    fresh: PathBuf,
    current: PathBuf,
}

impl Drop for PreparedRelease {
    fn drop(&mut self) {
        // What stays is swept by the next release.
        let _ = files::remove(&self.fresh);
    }
}

impl PreparedRelease {
    /// Makes it current, in one step; earlier ones stay.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn make_current(self) -> Result<()> {
        crash::point("release-swapping");
        files::rename(&self.fresh, &self.current)?;
        crash::point("release-swapped");
        Ok(())
    }
}

/// Writes the release of a key, so that one more step makes it current; none
/// where it stands as that already. A release of this key that is there is
/// written again only where files of it were edited or deleted. One process at
/// a time, which the lock of the lake sees to.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] for the release of another study;
/// [`Error::Lake`] where a written table does not read back as it was computed,
/// or a folder stands in the place of `current`; [`Error::Protection`] for a
/// description that is none of public or invented data; [`Error::Internal`] for
/// names that cannot be those of files.
pub fn prepare_release(
    release_dir: &Path,
    study: &str,
    key: &str,
    tables: &[ReleaseTable],
    release_json: &serde_json::Value,
    clearance: &Clearance,
) -> Result<Option<PreparedRelease>> {
    clearance.covers(release_json)?;
    check_name(key)?;
    let release_dir = &files::open_top(release_dir, PUBLIC_DIR)?;
    identity::claim(release_dir, Holds::Release, study, || former(release_dir))?;
    sweep(release_dir)?;
    let current = current_release(release_dir)?;
    if current.is_some_and(|current| current.key == key && current.damage.is_empty()) {
        return Ok(None);
    }
    let all = release_dir.join("releases");
    files::create_dir(&all, PUBLIC_DIR)?;
    let place = all.join(key);
    let is_there = files::exists(&place)?;
    if !is_there || !damage(&place)?.is_empty() {
        let incoming = release_dir.join(format!(".incoming-{key}-{}", std::process::id()));
        if let Err(error) = write_files(&incoming, PUBLIC, Of::Release(key), tables, release_json) {
            // What stays takes room; the next release sweeps it at the latest.
            let _ = files::remove(&incoming);
            return Err(error);
        }
        crash::point("release-written");
        if is_there {
            files::exchange(&incoming, &place)?;
            files::remove(&incoming)?;
        } else {
            files::rename(&incoming, &place)?;
        }
    }
    let fresh = release_dir.join(format!(".current-{}", std::process::id()));
    symlink(Path::new("releases").join(key), &fresh).at("create", &fresh)?;
    Ok(Some(PreparedRelease { fresh, current: release_dir.join("current") }))
}

/// The release that is current, with what was done to its files since it was
/// written. All of them are read.
///
/// # Errors
/// [`Error::Io`]; [`Error::Lake`] where something else stands in its place.
pub fn current_release(release_dir: &Path) -> Result<Option<CurrentRelease>> {
    let link = release_dir.join("current");
    if link.symlink_metadata().is_ok_and(|found| !found.is_symlink()) {
        let message = "is no link to a release; move it away".to_owned();
        return Err(Error::Lake { path: link, message });
    }
    let target = match std::fs::read_link(&link) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.at("read", &link)?,
    };
    let Some(key) = target.strip_prefix("releases").ok().and_then(Path::to_str) else {
        return Ok(None);
    };
    let damage = damage(&release_dir.join(&target))?;
    Ok(Some(CurrentRelease { key: key.to_owned(), damage }))
}

/// Removes what processes left that died while they wrote a release.
fn sweep(release_dir: &Path) -> Result<()> {
    for name in files::names_in(release_dir)? {
        let is_ours = name.starts_with(".incoming-") || name.starts_with(".current-");
        let pid = name.rsplit('-').next().and_then(|pid| pid.parse().ok());
        if let Some(pid) = pid.filter(|_| is_ours)
            && (pid == std::process::id() || !files::is_alive(pid))
        {
            files::remove(&release_dir.join(name))?;
        }
    }
    Ok(())
}

pub(super) fn check_name(name: &str) -> Result<()> {
    if is_plain(name) && !name.contains('.') {
        Ok(())
    } else {
        Err(Error::internal(format!("`{name}` cannot be the name of a file of a release")))
    }
}

pub(super) fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array};

    use super::super::folder::sum;
    use super::*;
    use crate::durable::identity::IDENTITY_FILE;

    fn table(count: i64) -> Vec<ReleaseTable> {
        let counts = Arc::new(Int64Array::from(vec![count])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("person_count", counts)]).unwrap();
        vec![ReleaseTable { name: "stays".to_owned(), batch }]
    }

    fn write(dir: &Path, key: &str, count: i64) -> Result<bool> {
        let description = serde_json::json!({ "study": "s", "disclosure": "public" });
        let (tables, clearance) = (table(count), Clearance::for_tests());
        let prepared = prepare_release(dir, "s", key, &tables, &description, &clearance)?;
        let is_new = prepared.is_some();
        prepared.map_or(Ok(()), PreparedRelease::make_current)?;
        Ok(is_new)
    }

    /// The key of a current release of which no file was touched.
    fn current_key(dir: &Path) -> Option<String> {
        let current = current_release(dir).unwrap()?;
        assert_eq!(current.damage, Vec::<String>::new());
        Some(current.key)
    }

    #[test]
    fn a_release_stands_whole_and_the_earlier_one_stays() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("data/s/release");
        assert!(write(&dir, "a", 1).unwrap());
        assert!(write(&dir, "b", 2).unwrap());
        assert_eq!(current_key(&dir).as_deref(), Some("b"));
        let read = |path: &str| std::fs::read_to_string(dir.join(path)).unwrap();
        assert_eq!(read("current/stays.csv"), "person_count\n2\n");
        assert_eq!(read("releases/a/stays.csv"), "person_count\n1\n");
        let json: serde_json::Value = serde_json::from_str(&read("current/release.json")).unwrap();
        assert_eq!(json["study"], "s");
        let hashes = [
            ("stays.csv", &json["files"]["stays.csv"]),
            ("stays.parquet", &json["files"]["stays.parquet"]),
        ];
        for (name, hash) in hashes {
            let content = std::fs::read(dir.join("current").join(name)).unwrap();
            assert_eq!(*hash, sum(&content), "{name}");
        }
        assert_eq!(files::names_in(&dir).unwrap(), ["current", IDENTITY_FILE, "releases"]);
        for name in ["releases", "releases/b", "releases/b/stays.csv", "releases/b/stays.parquet"] {
            let path = dir.join(name);
            let mode = path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o755 } else { 0o644 }, "{name}");
        }
    }

    #[test]
    fn a_release_that_stands_is_not_written_again() {
        let temp = tempfile::tempdir().unwrap();
        write(temp.path(), "a", 1).unwrap();
        assert!(!write(temp.path(), "a", 1).unwrap());
        write(temp.path(), "b", 2).unwrap();
        assert!(write(temp.path(), "a", 1).unwrap());
        assert_eq!(current_key(temp.path()).as_deref(), Some("a"));
    }

    #[test]
    fn a_file_that_was_edited_or_deleted_is_told_and_written_again() {
        let temp = tempfile::tempdir().unwrap();
        let place = temp.path().join("releases/a");
        type Damage<'a> = (&'a str, &'a dyn Fn(&Path));
        let damages: [Damage<'_>; 6] = [
            ("stays.csv was edited", &|dir| std::fs::write(dir.join("stays.csv"), "x").unwrap()),
            ("stays.csv is gone", &|dir| std::fs::remove_file(dir.join("stays.csv")).unwrap()),
            ("stays.parquet was edited", &|dir| {
                std::fs::write(dir.join("stays.parquet"), "x").unwrap();
            }),
            ("release.json is gone", &|dir| {
                std::fs::remove_file(dir.join("release.json")).unwrap();
            }),
            ("b3sums.txt was edited", &|dir| std::fs::write(dir.join("b3sums.txt"), "").unwrap()),
            ("b3sums.txt is gone", &|dir| std::fs::remove_dir_all(dir).unwrap()),
        ];
        write(temp.path(), "a", 1).unwrap();
        for (told, damage) in damages {
            damage(&place);
            assert_eq!(current_release(temp.path()).unwrap().unwrap().damage, [told]);
            assert!(write(temp.path(), "a", 1).unwrap(), "{told}");
            assert_eq!(current_key(temp.path()).as_deref(), Some("a"));
            let csv = std::fs::read_to_string(place.join("stays.csv")).unwrap();
            assert_eq!(csv, "person_count\n1\n");
            assert_eq!(
                files::names_in(temp.path()).unwrap(),
                ["current", IDENTITY_FILE, "releases"]
            );
        }
    }

    #[test]
    fn nothing_protected_is_written_whoever_asks() {
        let temp = tempfile::tempdir().unwrap();
        for json in [serde_json::json!({ "disclosure": "protected" }), serde_json::json!({})] {
            let clearance = Clearance::for_tests();
            let written = prepare_release(temp.path(), "s", "a", &table(1), &json, &clearance);
            assert!(matches!(written, Err(Error::Protection { .. })));
            assert_eq!(files::names_in(temp.path()).unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn what_dead_processes_left_is_swept() {
        let temp = tempfile::tempdir().unwrap();
        // Above the highest process id that Linux gives.
        std::fs::create_dir(temp.path().join(".incoming-x-4194305")).unwrap();
        std::fs::write(temp.path().join(".incoming-x-4194305/stays.csv"), "half").unwrap();
        symlink("releases/x", temp.path().join(".current-4194305")).unwrap();
        std::fs::write(temp.path().join("README"), "not ours").unwrap();
        write(temp.path(), "a", 1).unwrap();
        assert_eq!(
            files::names_in(temp.path()).unwrap(),
            ["README", "current", IDENTITY_FILE, "releases"]
        );
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        let temp = tempfile::tempdir().unwrap();
        assert!(write(temp.path(), "../a", 1).is_err());
        let mut tables = table(1);
        tables[0].name = "../stays".to_owned();
        let json = serde_json::json!({ "disclosure": "public" });
        let clearance = Clearance::for_tests();
        assert!(prepare_release(temp.path(), "s", "a", &tables, &json, &clearance).is_err());
        assert_eq!(current_release(temp.path()).unwrap(), None);
        assert!(
            write(temp.path(), "a", 1).unwrap(),
            "what failed on the way stands in no one's way"
        );
    }
}
