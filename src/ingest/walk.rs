//! Walks the raw folder: what lies there, by its relative name. Which of it is
//! a source's is left to `discover`.

use std::fs::{FileType, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Error, Result};

/// Something that lies in the raw folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name relative to the raw folder, with `/` between folders.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What something in the raw folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, last changed then.
    File(Option<SystemTime>),
    /// A folder.
    Folder,
    /// What cannot be read as a file, in words.
    Other(&'static str),
    /// What the system does not show, with its answer.
    Unreadable(String),
}

/// Lists what lies below the raw folder by relative names, sorted.
///
/// Hidden files and folders are passed over (copies in progress are written as
/// such), and so are names that are not UTF-8, which no pattern can match.
/// Links are followed, but never in a circle.
///
/// # Errors
/// [`Error::RawInput`] where the raw folder itself is missing or cannot be read.
pub fn list_entries(raw_dir: &Path) -> Result<Vec<Entry>> {
    let found = raw_dir.metadata();
    if let Err(error) = &found
        && error.kind() != ErrorKind::NotFound
    {
        return Err(Error::raw_input(raw_dir, cannot_be_read(error)));
    }
    if !found.is_ok_and(|found| found.is_dir()) {
        let message = "there is no such folder of raw files";
        return Err(Error::raw_input(raw_dir, message)
            .with_hint("give the folder of raw files with `--raw DIR`"));
    }
    let mut entries = Vec::new();
    walk(raw_dir, "", &mut Vec::new(), &mut entries)
        .map_err(|error| Error::raw_input(raw_dir, cannot_be_read(&error)))?;
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

fn cannot_be_read(error: &std::io::Error) -> String {
    format!("cannot be read: {error}")
}

/// Adds what lies in a folder; an error where the folder itself cannot be read.
fn walk(
    folder: &Path,
    prefix: &str,
    above: &mut Vec<PathBuf>,
    entries: &mut Vec<Entry>,
) -> std::io::Result<()> {
    let real = folder.canonicalize()?;
    if above.contains(&real) {
        return Ok(());
    }
    let listed = folder.read_dir()?.collect::<std::io::Result<Vec<_>>>()?;
    above.push(real);
    for entry in listed {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let name = format!("{prefix}{name}");
        let mut kind = kind_of(path.metadata());
        if kind == EntryKind::Folder
            && let Err(error) = walk(&path, &format!("{name}/"), above, entries)
        {
            kind = EntryKind::Unreadable(cannot_be_read(&error));
        }
        entries.push(Entry { name, kind });
    }
    above.pop();
    Ok(())
}

fn kind_of(metadata: std::io::Result<Metadata>) -> EntryKind {
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(error) if leads_nowhere(&error) => {
            return EntryKind::Other("a link that leads nowhere");
        }
        Err(error) => return EntryKind::Unreadable(cannot_be_read(&error)),
    };
    let is = |test: fn(&FileType) -> bool| test(&metadata.file_type());
    match () {
        () if metadata.is_file() => EntryKind::File(metadata.modified().ok()),
        () if metadata.is_dir() => EntryKind::Folder,
        () if is(FileTypeExt::is_fifo) => EntryKind::Other("a pipe"),
        () if is(FileTypeExt::is_socket) => EntryKind::Other("a socket"),
        () => EntryKind::Other("a device"),
    }
}

fn leads_nowhere(error: &std::io::Error) -> bool {
    let is_circle = rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP);
    is_circle || error.kind() == ErrorKind::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(raw: &Path) -> Vec<(String, bool)> {
        let is_file = |entry: &Entry| matches!(entry.kind, EntryKind::File(Some(_)));
        let entries = list_entries(raw).unwrap();
        entries.iter().map(|entry| (entry.name.clone(), is_file(entry))).collect()
    }

    #[test]
    fn the_walk_is_sorted_and_knows_no_hidden_files_and_no_circles() {
        let raw = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(raw.path().join("b/2016")).unwrap();
        for name in ["b/2016/x y.csv", "a.csv", ".a.csv.part", "b/z.csv"] {
            std::fs::write(raw.path().join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(raw.path(), raw.path().join("b/again")).unwrap();
        let entries = [
            ("a.csv", true),
            ("b", false),
            ("b/2016", false),
            ("b/2016/x y.csv", true),
            ("b/again", false),
            ("b/z.csv", true),
        ];
        assert_eq!(listed(raw.path()), entries.map(|(name, is_file)| (name.to_owned(), is_file)));
        let error = list_entries(&raw.path().join("nowhere")).unwrap_err();
        assert!(matches!(error, Error::RawInput { .. }) && error.to_string().contains("nowhere"));
    }

    #[test]
    fn what_is_no_file_is_told_by_its_kind() {
        let raw = tempfile::tempdir().unwrap();
        let path = |name: &str| raw.path().join(name);
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        std::os::unix::fs::symlink("/dev/null", path("device")).unwrap();
        std::os::unix::fs::symlink("nothing", path("dangling")).unwrap();
        std::os::unix::fs::symlink("circle", path("circle")).unwrap();
        let mode = rustix::fs::Mode::RUSR;
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), fifo, mode, 0).unwrap();
        let kinds: Vec<EntryKind> =
            list_entries(raw.path()).unwrap().into_iter().map(|entry| entry.kind).collect();
        let nowhere = "a link that leads nowhere";
        let expected = [nowhere, nowhere, "a device", "a pipe", "a socket"];
        assert_eq!(kinds, expected.map(EntryKind::Other));
    }
}
