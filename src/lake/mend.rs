//! Mends what an inspection found. Nothing is removed: what is damaged is set
//! aside, and what a ledger or a history lost is told in its place.

use std::path::{Path, PathBuf};

use super::inspect::{Damage, Remedy, is_event};
use super::{Event, Lake, RunId, Scratch, Vintage, privacy};
use crate::durable::crash;
use crate::durable::files::{self, PRIVATE_FILE};
use crate::durable::identity::{self, Former, Holds, IDENTITY_FILE};
use crate::durable::seal::{self, Seal};
use crate::error::{IoContext, Result};

impl Lake {
    /// Moves what stands at the top of the lake in place of its own folders and
    /// files out of the way; until then no run can begin. The paths that went.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn clear_top(&self, is_wanted: impl Fn(&Path) -> bool) -> Result<Vec<(PathBuf, String)>> {
        let misfits = privacy::misfits(self.root())?;
        let wanted: Vec<_> = misfits.into_iter().filter(|(path, _)| is_wanted(path)).collect();
        for (path, _) in &wanted {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let aside = format!("damaged-{name}-{}", RunId::now());
            files::rename(path, &self.root().join(aside))?;
        }
        Ok(wanted)
    }
}

impl Scratch {
    /// Mends a damage as its remedy says; each step leaves a state that another
    /// inspection understands.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn mend(&self, damage: &Damage, study: &str) -> Result<()> {
        match &damage.remedy {
            Remedy::SetAside(places) => {
                for place in places.iter().filter(|place| files::is_there(place)) {
                    self.set_aside(place)?;
                }
            }
            Remedy::KeepEvents => self.replace(&damage.path, told_events)?,
            Remedy::KeepVintages => {
                self.replace(&damage.path, |text| Ok(whole_vintages(text)))?;
            }
            Remedy::TellLost(run) => {
                let fresh = self.fresh_path("ledger");
                files::write_file(
                    &fresh,
                    PRIVATE_FILE,
                    &seal::to_line(&Event::Damaged { line: 0 })?,
                )?;
                files::rename(&fresh, &self.lake().ledger_path(run))?;
            }
            Remedy::Claim => {
                let root = self.lake().root();
                if files::is_there(&root.join(IDENTITY_FILE)) {
                    self.set_aside(&root.join(IDENTITY_FILE))?;
                }
                identity::claim(root, Holds::Lake, study, || Former::Nameless)?;
            }
            Remedy::NextRun | Remedy::None => {}
        }
        crash::point("mended");
        Ok(())
    }

    /// Puts what is kept of a file in its place, and sets the old one aside.
    fn replace(&self, path: &Path, kept: impl Fn(&[u8]) -> Result<Vec<u8>>) -> Result<()> {
        let text = std::fs::read(path).at("read", path)?;
        let fresh = self.fresh_path("replaced");
        files::write_file(&fresh, PRIVATE_FILE, &kept(&text)?)?;
        files::exchange(&fresh, path)?;
        self.set_aside(&fresh).map(drop)
    }
}

/// The events of a ledger; in place of each line that is damaged, that it is.
fn told_events(text: &[u8]) -> Result<Vec<u8>> {
    let mut kept = Vec::new();
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match is_event(line) {
            true => kept.extend_from_slice(line),
            false => kept.extend(seal::to_line(&Event::Damaged { line: index + 1 })?),
        }
    }
    if kept.is_empty() {
        kept = seal::to_line(&Event::Damaged { line: 0 })?;
    }
    Ok(kept)
}

fn whole_vintages(text: &[u8]) -> Vec<u8> {
    let is_whole = |line: &&[u8]| {
        line.ends_with(b"\n")
            && seal::check(line) != Seal::Broken
            && serde_json::from_slice::<Vintage>(line).is_ok()
    };
    text.split_inclusive(|byte| *byte == b'\n').filter(is_whole).flatten().copied().collect()
}
