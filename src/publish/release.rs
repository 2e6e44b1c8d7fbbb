//! Writes a release: all tables together or none. What the tables hold is left
//! to the rest of the stage.
//!
//! ```text
//! <release>/releases/<key>/     <name>.csv, <name>.parquet, release.json
//! <release>/current             symbolic link to releases/<key>
//! <release>/.incoming-<key>-<pid>/, .current-<pid>
//!                               in the making; swept once their process is dead
//! ```
//! Files are 0644 and folders 0755: they are there to be read.

use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;

use arrow::array::RecordBatch;

use super::csv::to_csv;
use crate::error::{Error, IoContext, Result};
use crate::lake::writer::TableWriter;
use crate::lake::{crash, files};

const PUBLIC_DIR: u32 = 0o755;
const PUBLIC_FILE: u32 = 0o644;

/// One published table.
#[derive(Debug, Clone)]
pub struct ReleaseTable {
    /// Its name, which is that of its files.
    pub name: String,
    /// Its rows.
    pub batch: RecordBatch,
}

/// Makes the release of a key stand as `current`, in one step; earlier ones
/// stay. Says whether that changed anything. A release of this key that is
/// there already is not written again. One process at a time, which the lock
/// of the lake sees to.
///
/// # Errors
/// [`Error::Io`]; [`Error::Internal`] for names that cannot be those of files.
pub fn write_release(
    release_dir: &Path,
    key: &str,
    tables: &[ReleaseTable],
    release_json: &serde_json::Value,
) -> Result<bool> {
    check_name(key)?;
    if let Some(parent) = release_dir.parent() {
        std::fs::create_dir_all(parent).at("create", parent)?;
    }
    files::create_dir(release_dir, PUBLIC_DIR)?;
    sweep(release_dir)?;
    if current_release(release_dir)?.as_deref() == Some(key) {
        return Ok(false);
    }
    let all = release_dir.join("releases");
    files::create_dir(&all, PUBLIC_DIR)?;
    let place = all.join(key);
    if !place.exists() {
        let incoming = release_dir.join(format!(".incoming-{key}-{}", std::process::id()));
        if let Err(error) = write_files(&incoming, tables, release_json) {
            // What stays takes room; the next release sweeps it at the latest.
            let _ = files::remove(&incoming);
            return Err(error);
        }
        crash::point("release-written");
        files::rename(&incoming, &place)?;
    }
    let fresh = release_dir.join(format!(".current-{}", std::process::id()));
    symlink(Path::new("releases").join(key), &fresh).at("create", &fresh)?;
    crash::point("release-swapping");
    files::rename(&fresh, &release_dir.join("current"))?;
    crash::point("release-swapped");
    Ok(true)
}

/// The key of the release that is current, if its folder stands.
///
/// # Errors
/// [`Error::Io`].
pub fn current_release(release_dir: &Path) -> Result<Option<String>> {
    let link = release_dir.join("current");
    let target = match std::fs::read_link(&link) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.at("read", &link)?,
    };
    if !link.join("release.json").exists() {
        return Ok(None);
    }
    let key = target.strip_prefix("releases").ok().and_then(Path::to_str);
    Ok(key.map(str::to_owned))
}

fn write_files(
    folder: &Path,
    tables: &[ReleaseTable],
    release_json: &serde_json::Value,
) -> Result<()> {
    files::create_dir(folder, PUBLIC_DIR)?;
    for table in tables {
        check_name(&table.name)?;
        let csv = folder.join(format!("{}.csv", table.name));
        files::write_file(&csv, PUBLIC_FILE, &to_csv(&table.batch)?)?;
        let parquet = folder.join(format!("{}.parquet", table.name));
        let schema = table.batch.schema();
        let mut writer = TableWriter::create(&parquet, PUBLIC_FILE, &schema, &[], 1)?;
        writer.write(&table.batch)?;
        writer.finish()?;
    }
    let json = files::to_json(release_json)?;
    files::write_file(&folder.join("release.json"), PUBLIC_FILE, &json)?;
    files::sync_dir(folder)
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

fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(fits) {
        Ok(())
    } else {
        Err(Error::internal(format!("`{name}` cannot be the name of a file of a release")))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array};

    use super::*;

    fn table(count: i64) -> Vec<ReleaseTable> {
        let counts = Arc::new(Int64Array::from(vec![count])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("person_count", counts)]).unwrap();
        vec![ReleaseTable { name: "stays".to_owned(), batch }]
    }

    fn write(dir: &Path, key: &str, count: i64) -> Result<bool> {
        write_release(dir, key, &table(count), &serde_json::json!({ "study": "s" }))
    }

    #[test]
    fn a_release_stands_whole_and_the_earlier_one_stays() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("data/s/release");
        assert!(write(&dir, "a", 1).unwrap());
        assert!(write(&dir, "b", 2).unwrap());
        assert_eq!(current_release(&dir).unwrap().as_deref(), Some("b"));
        let read = |path: &str| std::fs::read_to_string(dir.join(path)).unwrap();
        assert_eq!(read("current/stays.csv"), "person_count\n2\n");
        assert_eq!(read("releases/a/stays.csv"), "person_count\n1\n");
        assert_eq!(read("current/release.json"), "{\n  \"study\": \"s\"\n}\n");
        assert_eq!(files::names_in(&dir).unwrap(), ["current", "releases"]);
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
        assert_eq!(current_release(temp.path()).unwrap().as_deref(), Some("a"));
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
        assert_eq!(files::names_in(temp.path()).unwrap(), ["README", "current", "releases"]);
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        let temp = tempfile::tempdir().unwrap();
        assert!(write(temp.path(), "../a", 1).is_err());
        let mut tables = table(1);
        tables[0].name = "../stays".to_owned();
        let json = serde_json::json!({});
        assert!(write_release(temp.path(), "a", &tables, &json).is_err());
        assert_eq!(current_release(temp.path()).unwrap(), None);
        assert!(
            write(temp.path(), "a", 1).unwrap(),
            "what failed on the way stands in no one's way"
        );
    }
}
