//! The page of a release: made from its files as they stand, whether they were
//! written a moment ago or by an earlier run.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::damage::{check_owner, damage};
use super::folder::{
    DESCRIPTION_FILE, Of, PRIVATE, PUBLIC, REPORT_FILE, SUMS_FILE, seal_files, write_files,
};
use super::readback;
use super::release::{ReleaseTable, current_release};
use crate::durable::files;
use crate::error::{Error, IoContext, Result};
use crate::report::{Release, page};

/// The page of the tables whose CSV files stand in a folder.
///
/// # Errors
/// [`Error::Lake`] for a file that is none of such a table; [`Error::Io`].
pub(super) fn page_of(folder: &Path, of: Of<'_>, description: &Value) -> Result<String> {
    let names = description.get("tables").and_then(Value::as_object);
    let mut tables = Vec::new();
    for name in names.into_iter().flat_map(|names| names.keys()) {
        tables.push((name.clone(), readback::texts(&folder.join(format!("{name}.csv")))?));
    }
    page(&match of {
        Of::Release(key) => Release::new(key, description, tables)?,
        Of::Candidate(run) => Release::new(run, description, tables)?.of_a_candidate(),
    })
}

/// Writes the page of a release again, by this version of honkvast, and gives
/// its place. The release, the current one where none is named, stays what it is:
/// all its other files are as they were.
///
/// # Errors
/// [`Error::Usage`] where there is no such release, or one of another study;
/// [`Error::Lake`] where its tables are not as they were written; [`Error::Io`].
pub fn write_report(release_dir: &Path, study: &str, key: Option<&str>) -> Result<PathBuf> {
    check_owner(release_dir, study)?;
    let key = match key {
        Some(key) => key.to_owned(),
        None => current_release(release_dir)?.map(|current| current.key).ok_or_else(|| {
            Error::usage(format!("there is no release in {}", release_dir.display()))
                .with_hint("`honkvast run` makes it")
        })?,
    };
    let root = release_dir.canonicalize().at("open", release_dir)?;
    let place = root.join("releases").join(&key);
    if !super::release::is_plain(&key) || !files::is_dir(&place) {
        let error = Error::usage(format!("there is no release `{key}`"));
        return Err(error.with_hint(format!("they stand in {}", root.join("releases").display())));
    }
    let damage = damage(&place)?;
    if let Some(what) = damage.iter().find(|what| !what.starts_with(REPORT_FILE)) {
        let message = format!("{what}: a report would show other numbers than were published");
        return Err(Error::Lake { path: place, message });
    }
    let description: Option<Value> = files::read_json(&place.join(DESCRIPTION_FILE))?;
    let description = description
        .ok_or_else(|| Error::internal(format!("{DESCRIPTION_FILE} was there a moment ago")))?;
    let report = page_of(&place, Of::Release(&key), &description)?;
    let path = place.join(REPORT_FILE);
    let stands = std::fs::read(&path).is_ok_and(|found| found == report.as_bytes());
    if !stands || !damage.is_empty() {
        let incoming = root.join(format!(".incoming-{key}-{}", std::process::id()));
        if let Err(error) = write_beside(&incoming, &place, &report, description) {
            let _ = files::remove(&incoming);
            return Err(error);
        }
        files::exchange(&incoming, &place)?;
        files::remove(&incoming)?;
    }
    Ok(path)
}

/// Writes the tables of a candidate with their page into a folder of the lake, in
/// place of what stands there, and gives the place of the page. Nothing of it is
/// published, nor protected.
///
/// # Errors
/// [`Error::Lake`] where a table does not read back; [`Error::Io`].
pub fn write_candidate(
    folder: &Path,
    run: &str,
    tables: &[ReleaseTable],
    description: &Value,
) -> Result<PathBuf> {
    if files::exists(folder)? {
        files::remove(folder)?;
    }
    write_files(folder, PRIVATE, Of::Candidate(run), tables, description)?;
    Ok(folder.join(REPORT_FILE))
}

/// A release with another page, as a folder of its own.
fn write_beside(incoming: &Path, place: &Path, report: &str, description: Value) -> Result<()> {
    files::create_dir(incoming, PUBLIC.dir)?;
    for name in files::names_in(place)? {
        if ![REPORT_FILE, DESCRIPTION_FILE, SUMS_FILE].contains(&name.as_str()) {
            let content = std::fs::read(place.join(&name)).at("read", &place.join(&name))?;
            files::write_file(&incoming.join(&name), PUBLIC.file, &content)?;
        }
    }
    files::write_file(&incoming.join(REPORT_FILE), PUBLIC.file, report.as_bytes())?;
    seal_files(incoming, PUBLIC, description)
}
