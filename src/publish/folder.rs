//! The files of one release in their folder: tables, page, description, hashes.

use std::collections::BTreeMap;
use std::path::Path;

use super::csv::to_csv;
use super::readback;
use super::release::{ReleaseTable, check_name};
use super::report::page_of;
use crate::durable::files::{self, PRIVATE_DIR, PRIVATE_FILE, PUBLIC_DIR, PUBLIC_FILE};
use crate::error::{IoContext, Result};
use crate::lake::TableWriter;

/// Hashes of a release's files, as `b3sum --check` reads them.
pub(super) const SUMS_FILE: &str = "b3sums.txt";

/// What a release says of itself.
pub(super) const DESCRIPTION_FILE: &str = "release.json";

/// The page that shows a release.
pub const REPORT_FILE: &str = "report.html";

/// Who may read a folder and its files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Modes {
    pub(super) dir: u32,
    pub(super) file: u32,
}

/// Everybody, as what is published.
pub(super) const PUBLIC: Modes = Modes { dir: PUBLIC_DIR, file: PUBLIC_FILE };
/// The lake's user alone.
pub(super) const PRIVATE: Modes = Modes { dir: PRIVATE_DIR, file: PRIVATE_FILE };

/// What a folder has the tables of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    /// The release of a key.
    Release(&'a str),
    /// The candidate of a run, which nobody published.
    Candidate(&'a str),
}

/// Writes all files of a release, or of a candidate, into a new folder, and reads
/// them back.
///
/// # Errors
/// [`Error::Lake`](crate::Error::Lake) where a table does not read back as it was
/// computed; [`Error::Io`](crate::Error::Io).
pub(super) fn write_files(
    folder: &Path,
    modes: Modes,
    of: Of<'_>,
    tables: &[ReleaseTable],
    release_json: &serde_json::Value,
) -> Result<()> {
    files::create_dir(folder, modes.dir)?;
    for table in tables {
        check_name(&table.name)?;
        let csv = folder.join(format!("{}.csv", table.name));
        files::write_file(&csv, modes.file, &to_csv(&table.batch)?)?;
        let parquet = folder.join(format!("{}.parquet", table.name));
        let schema = table.batch.schema();
        let mut writer = TableWriter::create(&parquet, modes.file, &schema, &[], 1)?;
        writer.write(&table.batch)?;
        writer.finish()?;
        readback::csv(&csv, &table.batch)?;
        readback::parquet(&parquet, &table.batch)?;
    }
    let report = page_of(folder, of, release_json)?;
    files::write_file(&folder.join(REPORT_FILE), modes.file, report.as_bytes())?;
    seal_files(folder, modes, release_json.clone())
}

/// Writes what stands last in the folder of a release: its description with the
/// hashes of the files before it, and the hashes of all.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io).
pub(super) fn seal_files(
    folder: &Path,
    modes: Modes,
    mut description: serde_json::Value,
) -> Result<()> {
    if let Some(description) = description.as_object_mut() {
        description.remove("files");
    }
    description["files"] = serde_json::json!(sums_in(folder)?);
    let json = files::to_json(&description)?;
    files::write_file(&folder.join(DESCRIPTION_FILE), modes.file, &json)?;
    let lines = sums_in(folder)?.into_iter().map(|(name, sum)| format!("{sum}  {name}\n"));
    let lines: String = lines.collect();
    files::write_file(&folder.join(SUMS_FILE), modes.file, lines.as_bytes())?;
    files::sync_dir(folder)
}

/// The hashes of the files of a folder, by their names.
fn sums_in(folder: &Path) -> Result<BTreeMap<String, String>> {
    let entry = |name: String| {
        let path = folder.join(&name);
        let content = std::fs::read(&path).at("read", &path)?;
        Ok((name, sum(&content)))
    };
    files::names_in(folder)?.into_iter().map(entry).collect()
}

/// The hash of a file's content.
pub(super) fn sum(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}
