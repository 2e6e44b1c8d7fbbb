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
    std::fs::create_dir_all(release_dir).at("create", release_dir)?;
    sweep(release_dir)?;
    if current_release(release_dir)?.as_deref() == Some(key) {
        return Ok(false);
    }
    let all = release_dir.join("releases");
    files::create_dir(&all, PUBLIC_DIR)?;
    let place = all.join(key);
    if !place.exists() {
        let incoming = release_dir.join(format!(".incoming-{key}-{}", std::process::id()));
        write_files(&incoming, tables, release_json)?;
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
        let mut writer = TableWriter::create(&parquet, PUBLIC_FILE, &schema, &[])?;
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
