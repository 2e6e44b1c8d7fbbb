//! Tests of drafts: each must be a codebook under which its file is read with
//! no record rejected, and nothing rare may stand in it.

mod codes;
mod formats;
mod layouts;

use std::path::Path;
use std::sync::atomic::AtomicU8;

use super::{Description, Options, describe, draft};
use crate::error::Result;
use crate::ingest::{RawFile, Request, read};
use crate::pipeline::codebook::Codebook;
use crate::pipeline::toml_reader::DefinitionText;

/// Stands in data that no draft may show.
const CANARY: &str = "KANARIE77";

fn options(stop: &AtomicU8) -> Options<'_> {
    Options { threshold: 10, records: None, has_header: false, layout: None, threads: 2, stop }
}

fn look(name: &str, bytes: &[u8]) -> Result<Description> {
    look_with(name, bytes, |_| {})
}

fn look_with(name: &str, bytes: &[u8], change: impl Fn(&mut Options<'_>)) -> Result<Description> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let stop = AtomicU8::new(0);
    let mut options = options(&stop);
    change(&mut options);
    let found = describe(&path, &options)?;
    assert!(!draft(&found).contains(CANARY), "{}", draft(&found));
    assert!(!serde_json::to_string(&found).unwrap().contains(CANARY));
    Ok(found)
}

/// Describes bytes as a file of this name, and ingests them by the draft: no
/// record may be rejected. Gives what was found.
fn drafted(name: &str, bytes: &[u8]) -> Description {
    let found = look(name, bytes).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let kept = kept_by(&path, &draft(&found));
    assert_eq!(kept, found.records, "{}", draft(&found));
    found
}

/// Records kept by a codebook that rejects none.
fn kept_by(path: &Path, codebook: &str) -> u64 {
    let text = DefinitionText { file: "draft.toml".into(), text: codebook.to_owned() };
    let codebook = Codebook::read(&text).unwrap_or_else(|error| panic!("{error}\n{codebook}"));
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let file =
        RawFile { path: path.to_path_buf(), name, year: None, part: None, version: Vec::new() };
    let stop = AtomicU8::new(0);
    let request = Request { file: &file, codebook: &codebook, threads: 2, stop: &stop };
    let outcome = read(&request, &mut |_| Ok(()), &mut |_| Ok(())).unwrap();
    assert_eq!(outcome.counts.rejected, 0, "{:?}\n{}", outcome.rules, text.text);
    outcome.counts.kept
}

/// Names and types of the columns.
fn types(found: &Description) -> Vec<String> {
    found.columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect()
}

/// What looks suspicious, by column.
fn suspicions(found: &Description) -> Vec<String> {
    let of = |column: &super::ColumnDescription| {
        let name = column.name.clone();
        let said = column.suspicious.iter().map(|what| (what.kind, what.count));
        said.map(|(kind, count)| format!("{name}: {kind}: {count}")).collect::<Vec<_>>()
    };
    found.columns.iter().flat_map(of).collect()
}
