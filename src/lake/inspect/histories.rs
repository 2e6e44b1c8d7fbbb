//! The histories of a lake: the ledger of its runs and the vintages of its
//! sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Damage, Inspection, Remedy, SliceFiles};
use crate::durable::files;
use crate::durable::seal::{self, Seal};
use crate::error::{Error, IoContext, Result};
use crate::lake::{Event, Lake, RunId, Vintage};

impl Inspection<'_> {
    /// The history of each source, which knows all files of the slices.
    pub(super) fn vintages(&mut self, slices: &BTreeSet<(PathBuf, SliceFiles)>) -> Result<()> {
        let folder = self.lake.root().join("vintages");
        let mut sources: BTreeSet<String> = files::names_in(&folder)?
            .into_iter()
            .filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned))
            .collect();
        sources.extend(slices.iter().map(|(_, slice)| slice.source.clone()));
        for source in sources {
            let path = folder.join(format!("{source}.jsonl"));
            if files::is_there(&path) && files::size(&path)?.is_none() {
                self.found.push(Damage::set_aside(&path, "something else is in place of a file"));
                continue;
            }
            let known = match self.lake.vintages(&source) {
                Err(Error::Damaged { message, .. }) => {
                    let remedy = Remedy::KeepVintages;
                    self.found.push(Damage { path, what: message, remedy });
                    continue;
                }
                known => known?,
            };
            self.unknown_files(&path, &known, slices, &source);
        }
        Ok(())
    }

    fn unknown_files(
        &mut self,
        path: &Path,
        known: &[Vintage],
        slices: &BTreeSet<(PathBuf, SliceFiles)>,
        source: &str,
    ) {
        let names: BTreeSet<&str> = known.iter().map(|one| one.file.name.as_str()).collect();
        for (place, slice) in slices.iter().filter(|(_, slice)| slice.source == source) {
            if let Some(file) = slice.files.iter().find(|file| !names.contains(file.as_str())) {
                let what = format!("it does not know {file}, of which a slice was made");
                let remedy = Remedy::SetAside(vec![place.clone()]);
                self.found.push(Damage { path: path.to_path_buf(), what, remedy });
            }
        }
    }

    pub(super) fn ledger(&mut self) -> Result<()> {
        let folder = self.lake.root().join("ledger");
        let mut runs = BTreeSet::new();
        for name in files::names_in(&folder)? {
            let Some(run) = name.strip_suffix(".jsonl").and_then(|run| run.parse().ok()) else {
                continue;
            };
            let path = folder.join(&name);
            if files::size(&path)?.is_none() {
                self.found.push(Damage::set_aside(&path, "something else is in place of a file"));
                continue;
            }
            let text = std::fs::read(&path).at("read", &path)?;
            let mut lines = text.split_inclusive(|byte| *byte == b'\n');
            if text.is_empty() || !lines.all(is_event) {
                let what = "lines of it are not as they were written".to_owned();
                self.found.push(Damage { path, what, remedy: Remedy::KeepEvents });
            }
            runs.insert(run);
        }
        for run in self.lake.makers()?.difference(&runs) {
            let path = self.lake.ledger_path(run);
            let what = "it is gone; slices say that this run made them".to_owned();
            self.found.push(Damage { path, what, remedy: Remedy::TellLost(run.clone()) });
        }
        Ok(())
    }
}

/// Says whether a line of a ledger is an event as it was written.
pub(in crate::lake) fn is_event(line: &[u8]) -> bool {
    line.ends_with(b"\n")
        && seal::check(line) != Seal::Broken
        && serde_json::from_slice::<Event>(line).is_ok()
}

impl Lake {
    /// Runs that made slices which the lake has.
    fn makers(&self) -> Result<BTreeSet<RunId>> {
        let mut makers = BTreeSet::new();
        for (slice, _) in self.parts("slices")? {
            for (own, key) in self.keys_of(&slice)? {
                makers.extend(self.record(&slice, &own, &key).ok().map(|record| record.made_by));
            }
        }
        Ok(makers)
    }
}
