//! Files that survive a crash: private modes, fsync before anything is called
//! published, renames that are on disk when they return. What the files mean
//! is left to the other modules.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::crash;
use super::seal::{self, Seal};
use crate::error::{Error, IoContext, Result};

/// Mode of folders of the lake.
pub const PRIVATE_DIR: u32 = 0o700;
/// Mode of files of the lake.
pub const PRIVATE_FILE: u32 = 0o600;
/// Mode of folders of a release.
pub const PUBLIC_DIR: u32 = 0o755;
/// Mode of files of a release.
pub const PUBLIC_FILE: u32 = 0o644;

/// Opens no file through a link in its place.
const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// The folder of a lake or of releases, by its real name; it and those above it
/// are created where they are missing. From there on no link is followed.
///
/// # Errors
/// [`Error::Io`].
pub fn open_top(path: &Path, mode: u32) -> Result<PathBuf> {
    if !exists(path)? {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).at("create", parent)?;
        }
        DirBuilder::new().mode(mode & PRIVATE_DIR).create(path).at("create", path)?;
        fs::set_permissions(path, Permissions::from_mode(mode)).at("set the mode of", path)?;
        crash::point("dir-created");
    }
    path.canonicalize().at("open", path)
}

/// Refuses a path that leads through a link: what would be written or removed
/// lies elsewhere. The paths of lakes and releases begin with a real name.
fn refuse_detour(path: &Path) -> Result<()> {
    let Some(parent) = path.parent() else { return Ok(()) };
    match parent.canonicalize().at("find", parent)? {
        real if real == parent => Ok(()),
        _ => Err(Error::Lake {
            path: parent.to_path_buf(),
            message: "a symbolic link leads elsewhere, and none is followed here; remove it"
                .to_owned(),
        }),
    }
}

/// Opens a file to add to its end; a link in its place is refused.
///
/// # Errors
/// [`Error::Io`]; [`Error::Lake`] for a link on the way.
pub fn open_to_append(path: &Path) -> Result<File> {
    refuse_detour(path)?;
    OpenOptions::new().append(true).custom_flags(NO_LINK).open(path).at("open", path)
}

/// Opens the file of a lock, or creates it; a link in its place is refused.
///
/// # Errors
/// [`Error::Io`]; [`Error::Lake`] for a link on the way.
pub fn open_to_lock(path: &Path) -> Result<File> {
    refuse_detour(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(PRIVATE_FILE).custom_flags(NO_LINK).open(path).at("open", path)
}

/// Creates a file that must not exist yet, with exactly this mode.
///
/// # Errors
/// [`Error::Io`]; [`Error::Lake`] for a link on the way.
pub fn create_file(path: &Path, mode: u32) -> Result<File> {
    refuse_detour(path)?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode & PRIVATE_FILE)
        .open(path)
        .at("create", path)?;
    file.set_permissions(Permissions::from_mode(mode)).at("set the mode of", path)?;
    crash::point("file-created");
    Ok(file)
}

/// Creates a folder with exactly this mode; one that exists stays as it is.
///
/// # Errors
/// [`Error::Io`], also where the parent is missing; [`Error::Lake`] for a link
/// in its place or on the way.
pub fn create_dir(path: &Path, mode: u32) -> Result<()> {
    refuse_detour(path)?;
    match DirBuilder::new().mode(mode & PRIVATE_DIR).create(path) {
        Ok(()) => {
            fs::set_permissions(path, Permissions::from_mode(mode)).at("set the mode of", path)?;
            crash::point("dir-created");
            path.parent().map_or(Ok(()), sync_dir)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists && is_dir(path) => Ok(()),
        Err(error) => Err(error).at("create", path),
    }
}

/// Creates the folders from `root`, which must exist, down to `dir`, each with
/// the mode of the lake.
///
/// # Errors
/// [`Error::Io`].
pub fn create_dirs_below(root: &Path, dir: &Path) -> Result<()> {
    if dir == root || is_dir(dir) {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        create_dirs_below(root, parent)?;
    }
    create_dir(dir, PRIVATE_DIR)
}

/// Says whether anything stands there, be it a link that leads nowhere.
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Says whether a folder stands there, and no link to one.
pub fn is_dir(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_dir())
}

/// Writes a whole new file and brings it to disk.
///
/// # Errors
/// [`Error::Io`].
pub fn write_file(path: &Path, mode: u32, content: &[u8]) -> Result<()> {
    let mut file = create_file(path, mode)?;
    crash::write_all(&mut file, content, "file-half-written").at("write", path)?;
    crash::point("file-written");
    file.sync_all().at("sync", path)
}

/// Brings the entries of a folder to disk.
///
/// # Errors
/// [`Error::Io`].
pub fn sync_dir(path: &Path) -> Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|dir| dir.sync_all()).at("sync", path)
}

/// Renames; the new name is on disk when this returns. The target is replaced
/// in one step where it is a file or a symbolic link.
///
/// # Errors
/// [`Error::Io`], also where the target is a folder that is not empty.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    refuse_detour(from)?;
    refuse_detour(to)?;
    fs::rename(from, to).at("rename a file to", to)?;
    crash::point("renamed");
    to.parent().map_or(Ok(()), sync_dir)
}

/// Puts one folder in the place of another in one step, and that one in its.
///
/// # Errors
/// [`Error::Io`], also where one of them is missing.
pub fn exchange(one: &Path, other: &Path) -> Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    refuse_detour(one)?;
    refuse_detour(other)?;
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
        .map_err(std::io::Error::from)
        .at("rename a folder to", other)?;
    crash::point("exchanged");
    for path in [one, other] {
        path.parent().map_or(Ok(()), sync_dir)?;
    }
    Ok(())
}

/// Says whether there is a file or folder of this name; a link counts as what
/// it points to.
///
/// # Errors
/// [`Error::Io`] where the system cannot tell.
pub fn exists(path: &Path) -> Result<bool> {
    match path.try_exists() {
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
        found => found.at("look for", path),
    }
}

/// Bytes of a file; none where there is no such file, or something else.
///
/// # Errors
/// [`Error::Io`] where the system cannot tell.
pub fn size(path: &Path) -> Result<Option<u64>> {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        found => {
            Ok(Some(found.at("read", path)?).filter(|found| found.is_file()).map(|is| is.len()))
        }
    }
}

/// Removes a file or a folder with all it holds; absent is fine.
///
/// # Errors
/// [`Error::Io`].
pub fn remove(path: &Path) -> Result<()> {
    let found = fs::symlink_metadata(path);
    if found.is_ok() {
        refuse_detour(path)?;
    }
    let removed = match found {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).at("remove", path),
        _ => Ok(()),
    }
}

/// Names of the entries of a folder, sorted; none where there is no folder. Names
/// that are not UTF-8 are not ours and are left out.
///
/// # Errors
/// [`Error::Io`].
pub fn names_in(dir: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        found => found.at("list", dir)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.at("list", dir)?.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
}

/// Reads a JSON file; none where it is absent.
///
/// # Errors
/// [`Error::Io`]; [`Error::Damaged`] for content of another form, or other
/// content than its seal is of.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let content = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::IsADirectory => {
            return Err(Error::damaged(path, "a folder is in place of the file"));
        }
        read => read.at("read", path)?,
    };
    if seal::check(&content) == Seal::Broken {
        return Err(Error::damaged(path, "it was changed after it was written"));
    }
    serde_json::from_slice(&content).map(Some).map_err(|error| {
        Error::damaged(path, format!("not as honkvast writes it (line {})", error.line()))
    })
}

/// JSON for people and machines: indented, with a line end.
///
/// # Errors
/// [`Error::Internal`] for values that JSON cannot hold.
pub fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::internal(format!("cannot write JSON: {error}")))?;
    json.push(b'\n');
    Ok(json)
}

/// Says whether a process of this machine is alive.
pub fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let Some(pid) = pid else { return false };
    // A process of another user may not be signalled, but it lives.
    !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_get_exactly_their_mode() {
        let temp = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        create_dirs_below(temp.path(), &temp.path().join("a/b")).unwrap();
        assert_eq!(mode(&temp.path().join("a")), 0o700);
        assert_eq!(mode(&temp.path().join("a/b")), 0o700);
        let file = temp.path().join("a/b/c");
        write_file(&file, PRIVATE_FILE, b"x").unwrap();
        assert_eq!(mode(&file), 0o600);
        let public = temp.path().join("public");
        write_file(&public, 0o644, b"x").unwrap();
        assert_eq!(mode(&public), 0o644);
    }

    #[test]
    fn a_dead_process_is_not_alive() {
        assert!(is_alive(std::process::id()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(!is_alive(pid));
        assert!(!is_alive(0) && !is_alive(u32::MAX));
    }
}
