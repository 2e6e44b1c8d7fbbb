//! Who may come near a lake. It holds microdata, and honkvast removes what it
//! finds in its scratch folder: so a lake is its owner's, nobody else may write
//! to it, and nothing in it leads elsewhere.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{fingerprints, scratch, trust};
use crate::durable::identity::IDENTITY_FILE;
use crate::error::{Error, IoContext, Result, printable};

/// Folders at the top of a lake.
const FOLDERS: [&str; 10] = [
    "audits",
    "candidates",
    "checks",
    scratch::DAMAGED,
    "ledger",
    "rejects",
    "scratch",
    "slices",
    "snapshots",
    "vintages",
];
/// Files at the top of a lake.
const FILES: [&str; 4] = [IDENTITY_FILE, fingerprints::FILE, trust::FILE, "lock"];
/// Mode bits with which a group or all others may write.
const OTHERS_WRITE: u32 = 0o022;

/// Refuses a lake that others may write to, or in which links stand for its
/// own folders and files.
///
/// # Errors
/// [`Error::Usage`] with the command that mends the mode; [`Error::Damaged`] for
/// links; [`Error::Io`].
pub(super) fn refuse_open_doors(root: &Path) -> Result<()> {
    refuse_writable_by_others(root)?;
    match misfits(root)?.into_iter().next() {
        Some((path, message)) => Err(Error::Damaged { path, message }),
        None => Ok(()),
    }
}

/// Refuses a lake that others may write to.
///
/// # Errors
/// [`Error::Usage`] with the command that mends the mode; [`Error::Io`].
pub(super) fn refuse_writable_by_others(root: &Path) -> Result<()> {
    let found = root.metadata().at("open", root)?;
    if !found.is_dir() {
        return Err(Error::usage(format!("{} is no folder", printable(root))));
    }
    refuse_writable(root, &found)?;
    for path in FOLDERS.map(|name| root.join(name)) {
        if let Some(found) = entry(&path)?.filter(Metadata::is_dir) {
            refuse_writable(&path, &found)?;
        }
    }
    Ok(())
}

/// What stands at the top of a lake in place of its own folders and files, with
/// what it is.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn misfits(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut misfits = Vec::new();
    let folders = FOLDERS.map(|name| (name, "folder", Metadata::is_dir as fn(&Metadata) -> bool));
    let files = FILES.map(|name| (name, "file", Metadata::is_file as fn(&Metadata) -> bool));
    for (name, kind, is_kind) in folders.into_iter().chain(files) {
        let path = root.join(name);
        let Some(found) = entry(&path)?.filter(|found| !is_kind(found)) else { continue };
        misfits.push(match found.is_symlink() {
            true => (path, "a symbolic link, and none is followed in a lake".to_owned()),
            false => (path, format!("something else is in place of a {kind}")),
        });
    }
    Ok(misfits)
}

/// Refuses to write to the lake of another user: what one left there the other
/// could not read, and gc could not remove.
///
/// # Errors
/// [`Error::Usage`]; [`Error::Io`].
pub(super) fn refuse_another_owner(root: &Path) -> Result<()> {
    let owner = root.metadata().at("open", root)?.uid();
    let own = rustix::process::geteuid().as_raw();
    if owner == own {
        return Ok(());
    }
    let place = printable(root);
    let error = Error::usage(format!("{place} belongs to user {owner}, and this is user {own}"));
    Err(error.with_hint(format!(
        "run as that user, or give the lake away with `chown -R {own} {}`",
        quoted(&place)
    )))
}

/// What stands at a place; none where nothing does.
fn entry(path: &Path) -> Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found.at("look at", path).map(Some),
    }
}

fn refuse_writable(path: &Path, found: &Metadata) -> Result<()> {
    let mode = found.permissions().mode() & 0o7777;
    if mode & OTHERS_WRITE == 0 {
        return Ok(());
    }
    let place = printable(path);
    let error = Error::usage(format!("others may write to {place} (mode {mode:04o})"));
    Err(error.with_hint(format!("`chmod go-w {}` keeps them out", quoted(&place))))
}

fn quoted(path: &str) -> String {
    shlex::try_quote(path).map_or_else(|_| path.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::lake::Lake;

    /// A lake, and a folder outside it with a file.
    fn lake_and_bystander() -> (tempfile::TempDir, Lake, PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(&temp.path().join("lake"), "s").unwrap();
        let bystander = temp.path().join("bystander");
        std::fs::create_dir(&bystander).unwrap();
        std::fs::write(bystander.join("file"), "precious").unwrap();
        (temp, lake, bystander)
    }

    #[test]
    fn a_link_in_place_of_a_part_of_the_lake_is_refused_by_writers_and_readers() {
        for name in FOLDERS {
            let (_temp, lake, bystander) = lake_and_bystander();
            symlink(&bystander, lake.root().join(name)).unwrap();
            for opened in [Lake::open(lake.root(), "s").err(), reader(&lake).err()] {
                let said = opened.expect(name).to_string();
                assert!(said.contains(name) && said.contains("symbolic link"), "{said}");
            }
        }
        for name in FILES {
            let (_temp, lake, bystander) = lake_and_bystander();
            let _ = std::fs::remove_file(lake.root().join(name));
            symlink(bystander.join("file"), lake.root().join(name)).unwrap();
            assert!(Lake::open(lake.root(), "s").is_err() && reader(&lake).is_err(), "{name}");
            assert_eq!(std::fs::read_to_string(bystander.join("file")).unwrap(), "precious");
        }
    }

    fn reader(lake: &Lake) -> Result<Option<Lake>> {
        Lake::open_existing(lake.root(), "s")
    }

    #[test]
    fn a_lake_that_others_may_write_to_is_refused_with_the_command_that_mends_it() {
        let (_temp, lake, _) = lake_and_bystander();
        std::fs::create_dir(lake.root().join("slices")).unwrap();
        for (place, mode) in [("", 0o770), ("", 0o702), ("slices", 0o777)] {
            let path = lake.root().join(place);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = Lake::open(lake.root(), "s").unwrap_err();
            assert_eq!((error.exit_code(), reader(&lake).is_err()), (2, true));
            let command = error.hint().unwrap().split('`').nth(1).unwrap().to_owned();
            let mended = std::process::Command::new("sh").args(["-c", &command]).status();
            assert!(mended.unwrap().success(), "{command}");
            Lake::open(lake.root(), "s").unwrap();
            reader(&lake).unwrap();
        }
    }
}
