//! Whose a folder is. A lake, a release and a folder of invented files carry a
//! file that says of which study they are, from their birth on, and nobody
//! writes to one of another study.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::{self, PRIVATE_FILE};
use super::seal;
use crate::error::{Error, Result, printable};

/// Name of the file in the folder.
pub const IDENTITY_FILE: &str = "honkvast.json";
/// The form of lakes and releases; one that honkvast cannot read gets a new number.
const FORMAT: u32 = 1;
/// A file system of its own has this at its top.
const LOST_AND_FOUND: &str = "lost+found";

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// A lake.
    Lake,
    /// Releases.
    Release,
    /// Invented raw files.
    InventedFiles,
    /// Raw files, lake and release of the demo.
    Demo,
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Holds::Lake => "lake",
            Holds::Release => "release",
            Holds::InventedFiles => "folder of invented files",
            Holds::Demo => "folder of the demo",
        })
    }
}

/// What the identity file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    holds: Holds,
    study: String,
    format: u32,
    created_by: String,
}

/// What tells whose a folder is that has no identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Former {
    /// Nothing.
    None,
    /// It was made by honkvast, and nothing tells for which study.
    Nameless,
    /// A version that knew no identities made it, for this study.
    Of(String),
}

impl Former {
    fn compare(&self, folder: &Path, holds: Holds, study: &str) -> Result<()> {
        match self {
            Former::Of(found) if found != study => {
                Err(of_another(folder, (holds, found), (holds, study)))
            }
            _ => Ok(()),
        }
    }
}

/// Holds the identity of a folder, or else what a former version left in it,
/// against what it is taken for.
///
/// # Errors
/// [`Error::Usage`] for a folder of something or somebody else, or of a later
/// form; [`Error::Damaged`] for a damaged identity.
pub fn check(
    folder: &Path,
    holds: Holds,
    study: &str,
    former: impl FnOnce() -> Former,
) -> Result<()> {
    match is_known(folder, holds, study)? {
        true => Ok(()),
        false => former().compare(folder, holds, study),
    }
}

/// The same for whoever comes to mend: where the identity is damaged, what else
/// tells whose the folder is counts.
///
/// # Errors
/// [`Error::Usage`] as of [`check`].
pub fn refuse_another(
    folder: &Path,
    holds: Holds,
    study: &str,
    former: impl FnOnce() -> Former,
) -> Result<()> {
    match is_known(folder, holds, study) {
        Ok(true) => Ok(()),
        Ok(false) | Err(Error::Damaged { .. }) => former().compare(folder, holds, study),
        Err(error) => Err(error),
    }
}

fn is_known(folder: &Path, holds: Holds, study: &str) -> Result<bool> {
    let Some(found) = files::read_json::<Identity>(&folder.join(IDENTITY_FILE))? else {
        return Ok(false);
    };
    if found.format > FORMAT {
        let message = format!(
            "{} has form {}, made by honkvast {}; this one, {}, knows forms up to {FORMAT}",
            printable(folder),
            found.format,
            found.created_by,
            env!("CARGO_PKG_VERSION")
        );
        return Err(Error::usage(message).with_hint("use that version, or another folder"));
    }
    if found.holds == holds && found.study == study {
        return Ok(true);
    }
    Err(of_another(folder, (found.holds, &found.study), (holds, study)))
}

/// Takes a folder for a study: it must be its own, or empty. Releases may stand
/// beside other things, since nothing is ever removed from where they are.
///
/// # Errors
/// As of [`check`]; [`Error::Usage`] for a folder with other things in it.
pub fn claim(
    folder: &Path,
    holds: Holds,
    study: &str,
    former: impl FnOnce() -> Former,
) -> Result<()> {
    if is_known(folder, holds, study)? {
        return Ok(());
    }
    let former = former();
    former.compare(folder, holds, study)?;
    if former == Former::None && holds != Holds::Release {
        refuse_occupied(folder, holds)?;
    }
    let identity = Identity {
        holds,
        study: study.to_owned(),
        format: FORMAT,
        created_by: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let fresh = folder.join(format!(".{IDENTITY_FILE}-{}", std::process::id()));
    files::remove(&fresh)?;
    let mode = if holds == Holds::Lake { PRIVATE_FILE } else { files::PUBLIC_FILE };
    files::write_file(&fresh, mode, &seal::to_json(&identity)?)?;
    files::rename(&fresh, &folder.join(IDENTITY_FILE))
}

/// Hidden names do not count: file systems, desktops and a process that died
/// here leave them.
fn refuse_occupied(folder: &Path, holds: Holds) -> Result<()> {
    let names = files::names_in(folder)?;
    let is_other = |name: &&String| !name.starts_with('.') && *name != LOST_AND_FOUND;
    match names.iter().find(is_other) {
        None => Ok(()),
        Some(name) => {
            let (folder, name) = (printable(folder), printable(name));
            let error = Error::usage(format!("{folder} is no {holds}, and is not empty: {name}"));
            Err(error.with_hint("give a folder that is empty or does not exist yet"))
        }
    }
}

fn of_another(folder: &Path, found: (Holds, &str), wanted: (Holds, &str)) -> Error {
    let message = format!(
        "{} is the {} of the study `{}`, not the {} of `{}`",
        printable(folder),
        found.0,
        found.1,
        wanted.0,
        wanted.1
    );
    Error::usage(message).with_hint("name the study with -p, or another folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(result: Result<impl fmt::Debug>) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        error.to_string()
    }

    #[test]
    fn a_folder_is_of_whoever_took_it_first() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        check(folder, Holds::Lake, "one", || Former::None).unwrap();
        std::fs::write(folder.join(".nfs0001"), "").unwrap();
        std::fs::create_dir(folder.join(LOST_AND_FOUND)).unwrap();
        claim(folder, Holds::Lake, "one", || Former::None).unwrap();
        check(folder, Holds::Lake, "one", || Former::Nameless).unwrap();
        claim(folder, Holds::Lake, "one", || Former::None).unwrap();
        let said = refused(claim(folder, Holds::Lake, "two", || Former::None));
        assert!(said.contains("is the lake of the study `one`, not the lake of `two`"), "{said}");
        let said = refused(check(folder, Holds::Release, "one", || Former::None));
        assert!(said.contains("`one`, not the release of `one`"), "{said}");
    }

    #[test]
    fn what_an_earlier_version_made_is_of_its_study() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("lock"), "").unwrap();
        refused(claim(temp.path(), Holds::Lake, "one", || Former::None));
        let said = refused(claim(temp.path(), Holds::Lake, "two", || Former::Of("one".to_owned())));
        assert!(said.contains("`one`, not the lake of `two`"), "{said}");
        claim(temp.path(), Holds::Lake, "one", || Former::Of("one".to_owned())).unwrap();
        refused(check(temp.path(), Holds::Lake, "two", || Former::None));
    }

    #[test]
    fn a_later_form_is_not_touched() {
        let temp = tempfile::tempdir().unwrap();
        let text = r#"{"holds":"lake","study":"s","format":2,"created_by":"9.0.0"}"#;
        std::fs::write(temp.path().join(IDENTITY_FILE), text).unwrap();
        let said = refused(claim(temp.path(), Holds::Lake, "s", || Former::None));
        assert!(said.contains("has form 2, made by honkvast 9.0.0"), "{said}");
    }
}
